"""Economic complexity of countries and products: ECI and PCI, reflections, fitness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.sophistication import complexity_kernels as kernels
from gvckit.sophistication.conventions import Convention, resolve
from gvckit.sophistication.flows import Flows, check_choices, tidy
from gvckit.sophistication.presence import (
    Floors,
    Present,
    connected,
    population_of,
    present,
)
from gvckit.sophistication.sample import Income
from gvckit.sophistication.shapes import long_frame
from gvckit.sophistication.value_added import basis_flows

__all__ = ["Complexity", "Indices", "complexity", "indices_of"]

Floats = NDArray[np.float64]

# Two eigenvalues this close have no eigenvectors of their own: rounding would choose them.
GAP = 1e-10

DEFINITIONS = {
    "eigenvalue": "ECI: second eigenvector of D^-1 M U^-1 M' (Hausmann et al. 2014), PCI: of "
                  "U^-1 M' D^-1 M",
    "reflections": "k_c,n and k_p,n+1 of the method of reflections (Hidalgo & Hausmann 2009)",
    "fitness": "fitness F_c and complexity Q_p (Tacchella et al. 2012), each divided by its mean",
}


@dataclass(frozen=True)
class Complexity:
    """Complexity indices, the definition in each frame's ``attrs``.

    Attributes
    ----------
    country
        Columns country[, time], index, diversity; with fitness also rank.
    product
        Columns product[, time], index, ubiquity; with fitness also rank.
    """

    country: pd.DataFrame
    product: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Indices:
    """Indices of one period: as stated, and as computed (signed, not standardised).

    ``country`` and ``raw_country`` have shape (C',), ``product`` and ``raw_product`` (P',).
    """

    country: Floats
    product: Floats
    raw_country: Floats
    raw_product: Floats
    notes: dict[str, Any]


def complexity(
    exports: pd.DataFrame,
    method: Literal["eigenvalue", "reflections", "fitness"] = "eigenvalue", *,
    convention: Literal["economiccomplexity", "ecomplexity", "atlas"] = "economiccomplexity",
    presence: Literal["rca", "continuous"] = "rca", rca_threshold: float = 1.0,
    sign: Literal["diversity", "ubiquity"] | None = None, ddof: int | None = None,
    standardise: Literal["own", "eci", "none"] | None = None, iterations: int | None = None,
    population: Income | None = None, min_population: float | None = None,
    min_exports: float | None = None, min_product_exports: float | None = None,
    disconnected: Literal["error", "largest"] = "error",
    dva: str | pd.DataFrame | None = None, dvar: str | pd.DataFrame | None = None,
    na: str = "error", country: str = "country", product: str = "product", value: str = "value",
    time: str | None = None,
) -> Complexity:
    """Return the complexity of countries and of products.

    M_cp = 1 where RCA_cp is ``rca_threshold`` or more (or M = RCA); k_c = Σ_p M_cp is diversity,
    k_p = Σ_c M_cp ubiquity.

    Parameters
    ----------
    exports
        One row for each country and product (and period): value of exports, 0 or more.
    method
        ``"eigenvalue"``: ECI and PCI, from the symmetric form; ``"reflections"``: k_{c,n} and
        k_{p,n+1}; ``"fitness"``: a fixed number of iterations, with ranks, for the values of
        countries outside the belly of M tend to 0 (``attrs["convergence"]`` tells what the last
        iteration changed).
    convention
        Preset of sign, standardisation, ddof and iterations: R ``economiccomplexity`` (own mean
        and sd, ddof 1), Python ``ecomplexity`` (PCI with the mean and sd of ECI, ddof 0),
        ``atlas`` (the same, ddof 1).  The options below, where given, win.
    presence, rca_threshold
        ``"rca"``: M_cp = 1 where RCA_cp ≥ ``rca_threshold``; ``"continuous"``: M = RCA.
    sign, standardise, ddof
        See :class:`gvckit.sophistication.conventions.Convention`.
    iterations
        Order of reflections (even), or iterations of fitness.
    population, min_population, min_exports, min_product_exports
        Floors, applied before RCA is taken; what fails them is in ``attrs["dropped"]``.  A
        country without a population fails its floor.
    disconnected
        What to do where the eigenvector is not defined because countries share no product, even
        indirectly: ``"error"``, or keep the ``"largest"`` part.
    dva, dvar
        Domestic value added in exports, or its share of them, in place of gross exports: a column
        of ``exports`` or a frame.
    na
        Missing values of exports: ``"error"`` or ``"zero"``.
    country, product, value, time
        Names of the columns; with ``time`` None a column ``year``, where there is one, is the
        time, and there is one cross-section where there is none.

    Raises
    ------
    SpecError
        Where an option is not known or contradicts another.
    DataError
        With every problem of the exports, in every period: also where the index does not exist
        (one product, countries that all have the same products, a product space in parts).
    """
    check_choices(disconnected=(disconnected, ("error", "largest")))
    stated, steps = resolve(method, convention, sign, ddof, standardise, iterations)
    floors = Floors(min_population, min_exports, min_product_exports)
    exports, columns = long_frame(exports, country, product, value, time)
    flows, basis = basis_flows(exports, columns, dva=dva, dvar=dvar, na=na)
    people = population_of(flows, population, min_population)
    problems: list[Problem] = []
    parts: list[tuple[int, Present, Indices]] = []
    for t in range(flows.periods):
        here = present(flows, t, kind=presence, threshold=rca_threshold, floors=floors,
                       population=people)
        if isinstance(here, Present) and method == "eigenvalue":
            here = connected(flows, t, here, disconnected)
        if isinstance(here, Problem):
            problems.append(here)
            continue
        found = indices_of(here.M, method, stated, steps, flows.period_name(t) or None)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            parts.append((t, here, found))
    if problems:
        raise DataError(problems)
    attrs = {
        "definition": f"{DEFINITIONS[method]}; {_presence(presence, rca_threshold)}; "
                      f"{_stated(method, stated, steps)}; {basis}",
        "unit": "standard deviations" if stated.standardise != "none" else "none",
        "floors": floors.text(),
        **_notes(flows, parts),
    }
    return Complexity(_frame(flows, parts, "country", attrs, method),
                      _frame(flows, parts, "product", attrs, method))


def indices_of(
    M: Floats, method: str, stated: Convention, steps: int, where: str | None = None,
) -> Indices | Problem:
    """Return the indices of a presence matrix without empty rows or columns, or what is wrong."""
    notes: dict[str, Any] = {}
    if method == "fitness":
        result = kernels.fitness(M, steps)
        raw_country, raw_product = result.country, result.product
        notes["convergence"] = {"iterations": steps, "largest relative change": result.change,
                                "countries that changed rank": result.moves}
    elif method == "reflections":
        raw_country, raw_product = kernels.reflections(M, steps)
    else:
        found = kernels.spectrum(M)
        wrong = _undefined(found.values, M.shape, where)
        if wrong is not None:
            return wrong
        raw_country, raw_product = _signed(found, M, stated.sign)
        notes["eigenvalues"] = [float(v) for v in found.values]
        notes["identities"] = {"largest eigenvalue - 1": float(abs(found.values[0] - 1.0))}
    if stated.standardise == "none":
        return Indices(raw_country, raw_product, raw_country, raw_product, notes)
    if not np.ptp(raw_country) > 0 or not np.ptp(raw_product) > 0:
        return Problem("the index is the same for all countries or for all products: it has no "
                       "standard deviation", where, "standardise='none'")
    like = raw_country if stated.standardise == "eci" else raw_product
    return Indices(kernels.standardised(raw_country, raw_country, stated.ddof),
                   kernels.standardised(raw_product, like, stated.ddof),
                   raw_country, raw_product, notes)


def _undefined(values: Floats, shape: tuple[int, int], where: str | None) -> Problem | None:
    if min(shape) < 2:
        return Problem(f"{shape[0]} countries and {shape[1]} products with presence have no second "
                       "eigenvector", where, "2 or more of each, or method='fitness'")
    if values[1] < GAP:
        return Problem("all countries have the same products: the second eigenvalue is 0", where)
    if len(values) > 2 and values[1] - values[2] < GAP:
        return Problem(f"the second eigenvalue {values[1]:.6g} is there twice: its eigenvector is "
                       "not defined", where, "method='fitness' or 'reflections'")
    return None


def _signed(found: kernels.Spectrum, M: Floats, sign: str) -> tuple[Floats, Floats]:
    if sign == "diversity":
        against, by = M.sum(axis=1), found.country
    else:
        against, by = -M.sum(axis=0), found.product
    direction = float((against - against.mean()) @ (by - by.mean()))
    if abs(direction) <= GAP * np.linalg.norm(against - against.mean()) * np.linalg.norm(by):
        # Nothing tells up from down: the first label that differs from 0 does, and it is stable.
        direction = float(by[np.abs(by) > GAP * np.abs(by).max()][0])
    return (found.country, found.product) if direction > 0 else (-found.country, -found.product)


def _presence(presence: str, threshold: float) -> str:
    return f"M = 1 where RCA >= {threshold:g}" if presence == "rca" else "M = RCA (continuous)"


def _stated(method: str, stated: Convention, steps: int) -> str:
    spread = {"own": f"each to mean 0 and sd 1 (ddof {stated.ddof})",
              "eci": f"both by the mean and sd of ECI (ddof {stated.ddof})",
              "none": "not standardised"}[stated.standardise]
    if method == "fitness":
        return f"{steps} iterations; {spread}"
    if method == "reflections":
        return f"order n = {steps}; {spread}"
    rule = ("corr(ECI, diversity) > 0" if stated.sign == "diversity"
            else "corr(PCI, ubiquity) < 0")
    return f"sign: {rule}; {spread}"


def _notes(flows: Flows, parts: list[tuple[int, Present, Indices]]) -> dict[str, Any]:
    """Return what was dropped and what each period's computation tells."""
    each = [{"dropped": {k: v for k, v in here.dropped.items() if v}, **found.notes}
            for _, here, found in parts]
    if flows.times is None:
        return each[0]
    names = [flows.period_name(t) for t, _, _ in parts]
    return {key: {n: e[key] for n, e in zip(names, each, strict=True)} for key in each[0]}


def _frame(
    flows: Flows, parts: list[tuple[int, Present, Indices]], side: str, attrs: dict[str, Any],
    method: str,
) -> pd.DataFrame:
    of_country = side == "country"
    labels = flows.countries if of_country else flows.products
    codes = [here.countries if of_country else here.products for _, here, _ in parts]
    index = [found.country if of_country else found.product for *_, found in parts]
    count = [_count(here.M, axis=1 if of_country else 0) for _, here, _ in parts]
    columns = flows.columns
    period = np.repeat([t for t, *_ in parts], [len(c) for c in codes])
    keys = flows.over_time(
        {columns.country if of_country else columns.product: (np.concatenate(codes), labels)},
        period)
    values: dict[str, NDArray[Any]] = {
        "index": np.concatenate(index),
        "diversity" if of_country else "ubiquity": np.concatenate(count)}
    if method == "fitness":
        values["rank"] = np.concatenate([_rank(i) for i in index])
    return tidy(keys, values, **attrs)


def _count(M: Floats, axis: int) -> NDArray[Any]:
    """Return sums of M, whole numbers where M says only yes or no."""
    total: NDArray[Any] = M.sum(axis=axis)
    return total.astype(np.int64) if ((M == 0) | (M == 1)).all() else total


def _rank(x: Floats) -> NDArray[np.int64]:
    """Return ranks from 1 (largest), ties at the best rank."""
    ordered = np.sort(-x)
    return np.searchsorted(ordered, -x, side="left").astype(np.int64) + 1
