"""Upstreamness and downstreamness of industries (Antràs and Chor 2018)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, unknown
from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import (
    LEVELS,
    by_country_sector,
    check_level,
    choose,
    level_is_by,
    ratio,
    summed_cube,
    tidy,
)
from gvckit.measures.identities import check, closed_accounts
from gvckit.measures.inventories import inventory_columns, net_inventories
from gvckit.measures.scaled import scaled_ends

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
    columns = (inventory_columns(io.table.categories, inventory) if inventories == "net"
               else None)
    return io.once(_chain_ends, columns)


def _chain_ends(
    io: Leontief, columns: tuple[str, ...] | None
) -> tuple[ChainEnds, dict[str, float]]:
    """Return the ends, sales to stocks in ``columns`` spread; None: they are final demand."""
    xp, ones = io.xp, io.backend.asarray(np.ones(io.n))
    if columns is None:
        final, factor, value_added = io.y, ones, io.v
        uncorrected = np.zeros(io.n, dtype=bool)
        forward, backward = io.solve(io.X), io.solve_t(ones)
    else:
        net = net_inventories(io, columns)
        final, factor, uncorrected = net.final, net.factor, net.uncorrected
        forward, backward = scaled_ends(io, factor)
        value_added = 1 - factor @ io.A
    alive, zeros = xp.asarray(~io.zero), io.backend.asarray(np.zeros(io.n))
    sold = factor[:, None] * (io.A @ xp.stack([io.X, forward], axis=1))
    name = "intermediate sales + final demand = X"
    closed = closed_accounts(io)
    closed[name] = check(io, name, xp.where(alive, sold[:, 0] + final, zeros), io.X)
    name = "X + Δ U X = U X"
    closed[name] = check(io, name, io.X + sold[:, 1], forward)
    name = "1 + A' D = D"
    closed[name] = check(io, name, 1 + io.A.T @ (factor * backward), backward)
    name = "world X U = world X D"
    closed[name] = check(io, name, xp.sum(forward, keepdims=True),
                         xp.sum(io.X * backward, keepdims=True))
    X = io.numpy(io.X)
    per_unit = io.backend.asarray(np.divide(1.0, X, out=np.full(io.n, np.nan), where=~io.zero))
    missing = io.backend.asarray(np.where(io.zero, np.nan, 1.0))
    return ChainEnds(
        U=forward * per_unit, D=backward * missing, F_GO=final * per_unit,
        VA_GO=value_added * missing, uncorrected=uncorrected), closed


@level_is_by
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
    weights = {"output": io.X, "exports": io.E, "value-added": io.VA}[weight]
    size = _cells(io, np.where(io.zero, 0.0, io.numpy(weights)))
    columns = {}
    for name in ("U", "D", "F_GO", "VA_GO"):
        values = _of_industry(io, _by_industry(io, io.numpy(getattr(ends, name))), industry)
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
    return by_country_sector(io, io.numpy(values))[:, :, 0]


def _by_industry(io: Leontief, values: Floats) -> Floats:
    """Return values by country and sector, shape (G, N).

    Parts of a split country weigh by output: of the whole, F/X is then its final demand over its
    output, and U X is the sum over its parts.
    """
    if io.n == io.G * io.N:
        return values.reshape(io.G, io.N)
    X = io.numpy(io.X)
    return ratio(_cells(io, np.nan_to_num(values) * X),
                 _cells(io, np.where(np.isnan(values), 0.0, X)))


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
