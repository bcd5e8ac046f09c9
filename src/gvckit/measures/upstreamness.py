"""Upstreamness and downstreamness of industries (Antràs and Chor 2018)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg

from gvckit.errors import DataError, Problem, unknown
from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import (
    LEVELS,
    by_country_sector,
    check_level,
    choose,
    ratio,
    summed_cube,
    tidy,
)
from gvckit.measures.identities import check
from gvckit.measures.inventories import inventory_columns, net_inventories

__all__ = ["INVENTORIES", "WEIGHTS", "ChainEnds", "chain_ends", "upstreamness"]

Floats = NDArray[np.float64]

INVENTORIES: Mapping[str, str] = {
    "net": "sales to stocks spread over all other uses (net-inventory correction)",
    "raw": "sales to stocks are final demand",
}
"""What is done about changes in inventories."""

WEIGHTS: Mapping[str, str] = {
    "output": "gross output", "exports": "gross exports", "value-added": "value added",
}
"""What industries weigh in the mean of a country or of the world."""


@dataclass(frozen=True, slots=True)
class ChainEnds:
    """How far each industry is from the two ends of its chains; every array has shape (n,).

    Attributes
    ----------
    U
        Upstreamness: mean number of stages to final demand.  Missing where there is no output.
    D
        Downstreamness: mean number of stages from primary inputs.
    F_GO, VA_GO
        Final demand and value added per unit of output.
    uncorrected
        Rows that the net-inventory correction had to leave as they are.
    """

    U: Floats
    D: Floats
    F_GO: Floats
    VA_GO: Floats
    uncorrected: NDArray[np.bool_]


def chain_ends(
    io: Leontief, inventories: str, inventory: str | Sequence[str] | None = None
) -> tuple[ChainEnds, dict[str, float]]:
    """Return the ends of the chains, and the identities that they close.

    With A' = f̂A, f = X / (X − INV) (``net``) or 1 (``raw``): U = X̂⁻¹(I − A')⁻¹X, the row sums of
    the Ghosh inverse, and D = (I − A'ᵀ)⁻¹1.

    Raises
    ------
    DataError
        No known category of inventories, a singular system, or an identity that fails.
    """
    if inventories == "net":
        net = net_inventories(io, inventory_columns(io.table.categories, inventory))
        final, uncorrected = net.final, net.uncorrected
        factor = net.factor
        forward, backward = _scaled(io, factor)
        value_added = 1 - factor @ io.A
    else:
        final, uncorrected = io.y, np.zeros(io.n, dtype=bool)
        factor, value_added = np.ones(io.n), io.v
        forward, backward = io.solve(io.X), io.solve_t(np.ones(io.n))
    missing = np.where(io.zero, np.nan, 1.0)
    per_unit = np.divide(missing, io.X, out=missing.copy(), where=~io.zero)
    sold = factor * (io.A @ io.X)
    name = "intermediate sales + final demand = X"
    closed = {name: check(io, name, np.where(io.zero, 0.0, sold + final), io.X)}
    name = "X + Δ U X = U X"
    closed[name] = check(io, name, io.X + factor * (io.A @ forward), forward)
    name = "1 + A' D = D"
    closed[name] = check(io, name, 1 + io.A.T @ (factor * backward), backward)
    name = "world X U = world X D"
    closed[name] = check(io, name, np.array([forward.sum()]), np.array([io.X @ backward]))
    return ChainEnds(
        U=forward * per_unit, D=backward * missing, F_GO=final * per_unit,
        VA_GO=value_added * missing, uncorrected=uncorrected), closed


def _scaled(io: Leontief, factor: Floats) -> tuple[Floats, Floats]:
    """Return (I − f̂A)⁻¹X and (I − f̂A)⁻ᵀ1."""
    # The transpose is in LAPACK's order, so that it is factorised in place.
    system = np.multiply(io.A.T, -factor, order="F")
    system[np.diag_indices(io.n)] += 1
    with warnings.catch_warnings():
        # A zero pivot is told below, with the table's name.
        warnings.simplefilter("ignore", linalg.LinAlgWarning)
        factors = linalg.lu_factor(system, overwrite_a=True, check_finite=False)
    pivots = np.abs(np.diag(factors[0]))
    if not pivots.min() > np.finfo(float).eps * pivots.max():
        raise DataError(Problem(
            "the system corrected for inventories is singular",
            f"{io.table.source} {io.table.year or ''}".strip() or None, "inventories='raw'"))
    return (linalg.lu_solve(factors, io.X, trans=1, check_finite=False),
            linalg.lu_solve(factors, np.ones(io.n), check_finite=False))


def upstreamness(
    io: IcioTable | Leontief, *, inventories: str = "net",
    inventory: str | Sequence[str] | None = None, weight: str = "output", industry: str = "own",
    by: str | Sequence[str] = "country-sector",
) -> pd.DataFrame:
    """Return upstreamness and downstreamness of industries, countries or the world.

    U counts the stages to final demand, D the stages from primary inputs (Antràs, Chor, Fally and
    Hillberry 2012; Miller and Temurshoev 2017; Antràs and Chor 2018).  Raw U and D equal output
    upstreamness and input downstreamness.

    Parameters
    ----------
    io
        A table or its Leontief system.
    inventories
        ``net``: rows of Z and of final demand are scaled by X / (X − INV), as Antràs and Chor
        (2018) do.  ``raw``: sales to stocks are final demand.
    inventory
        The final-demand category or categories that hold changes in inventories; default: those
        with a known name (:data:`gvckit.measures.inventories.NAMES`).
    weight
        What industries weigh at coarser levels: ``output``, ``exports`` or ``value-added``.
    industry
        Whose industries are averaged: ``own``; ``world`` (output-weighted mean of each industry
        over countries); or a country of the table.  Industries without output there are left out.
    by
        ``country-sector``, ``country`` or ``world``.

    Returns
    -------
    DataFrame
        Keys country, sector; columns U, D, F_GO, VA_GO; missing where there is no output.
        ``.attrs["uncorrected"]`` names producers that sell to stocks only: left as they are.

    Raises
    ------
    DataError
        Unknown choice or level; no category of inventories; an identity that fails by more than
        1e-9.
    """
    io = as_leontief(io)
    choose("inventories", inventories, INVENTORIES)
    choose("weight", weight, WEIGHTS)
    if industry not in ("own", "world", *io.countries):
        raise DataError(unknown("industry", str(industry), ("own", "world", *io.countries)))
    if inventories == "raw" and inventory is not None:
        raise DataError(Problem("inventory belongs to inventories='net', not to 'raw'"))
    keys = LEVELS[check_level(by)]
    ends, closed = chain_ends(io, inventories, inventory)
    size = _cells(io, np.where(
        io.zero, 0.0, {"output": io.X, "exports": io.E, "value-added": io.VA}[weight]))
    columns = {}
    for name in ("U", "D", "F_GO", "VA_GO"):
        values = _of_industry(io, _by_industry(io, getattr(ends, name)), industry)
        columns[name] = (values.ravel() if keys == LEVELS["country-sector"]
                         else _mean(values, size, keys))
    whose = {"own": "of the own industries", "world": "of the world's industries"}.get(
        industry, f"of the industries of {industry}")
    frame = tidy(
        io, columns, keys, ratios=list(columns),
        definition=f"U upstreamness (stages to final demand), D downstreamness (stages from "
                   f"primary inputs), {whose} (Antràs-Chor 2018); inventories {inventories}: "
                   f"{INVENTORIES[inventories]}; coarser levels weighted by {WEIGHTS[weight]}",
        unit="stages", identities=closed)
    frame.attrs["uncorrected"] = [
        io.place(int(row)) for row in np.flatnonzero(ends.uncorrected)]
    return frame


def _cells(io: Leontief, values: Floats) -> Floats:
    """Return sums by country and sector, shape (G, N)."""
    return by_country_sector(io, np.asarray(values))[:, :, 0]


def _by_industry(io: Leontief, values: Floats) -> Floats:
    """Return values by country and sector, shape (G, N).

    Parts of a split country weigh by output: of the whole, F/X is then its final demand over its
    output, and U X is the sum over its parts.
    """
    if io.n == io.G * io.N:
        return values.reshape(io.G, io.N)
    return ratio(_cells(io, np.nan_to_num(values) * io.X),
                 _cells(io, np.where(np.isnan(values), 0.0, io.X)))


def _of_industry(io: Leontief, values: Floats, industry: str) -> Floats:
    """Return the value of each industry, (G, N): its own, the world's, or a country's."""
    if industry == "own":
        return values
    if industry == "world":
        X = _cells(io, io.X)
        chosen = ratio(np.where(X > 0, np.nan_to_num(values) * X, 0.0).sum(axis=0), X.sum(axis=0))
    else:
        chosen = values[io.countries.index(industry)]
    return np.broadcast_to(chosen, values.shape)


def _mean(values: Floats, size: Floats, keys: tuple[str, ...]) -> Floats:
    weight = np.where(np.isnan(values), 0.0, size)
    return ratio(summed_cube((weight * np.nan_to_num(values))[:, :, None], keys),
                 summed_cube(weight[:, :, None], keys))
