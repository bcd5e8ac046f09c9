"""Which country has which product: floors, the presence matrix, connectedness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError, listing
from gvckit.sophistication import advantage_kernels as advantage
from gvckit.sophistication import complexity_kernels as kernels
from gvckit.sophistication.flows import Flows, check_choices, some
from gvckit.sophistication.keyed import by_country
from gvckit.sophistication.sample import Income

__all__ = ["Floors", "Present", "connected", "largest_component", "population_of", "present",
           "split_problem"]

Floats = NDArray[np.float64]
PRESENCE = ("rca", "continuous")


@dataclass(frozen=True, slots=True)
class Floors:
    """Smallest population and exports of a country, smallest world exports of a product."""

    population: float | None = None
    exports: float | None = None
    product: float | None = None

    def text(self) -> str:
        """Return the floors in words."""
        parts = [f"{name} >= {floor:g}" for name, floor in (
            ("population", self.population), ("exports", self.exports),
            ("world exports of a product", self.product)) if floor is not None]
        return ", ".join(parts) or "none"


@dataclass(frozen=True, slots=True)
class Present:
    """Presence of the countries and products that are left.

    Attributes
    ----------
    M
        Shape (C', P'), no empty row or column.
    R
        Balassa's RCA of the same cells, shape (C', P').
    countries, products
        Their numbers among all labels, shapes (C',) and (P',).
    dropped
        Names left out, by reason.
    """

    M: Floats
    R: Floats
    countries: NDArray[np.intp]
    products: NDArray[np.intp]
    dropped: dict[str, list[Any]]


def population_of(flows: Flows, population: Income | None, floor: float | None) -> Floats | None:
    """Return population by country and period, shape (C, T), or None where there is no floor.

    Raises
    ------
    SpecError
        Where there is a floor without a population.
    DataError
        Where a population is negative.
    """
    if floor is None:
        return None
    if population is None:
        raise SpecError(Problem("min_population without a population", allowed="population="))
    people = by_country(flows, population, "population")
    below: NDArray[np.bool_] = np.asarray((people < 0).any(axis=1))
    if below.any():
        raise DataError(Problem(
            f"population is negative: {listing(map(str, flows.countries[below]))}",
            allowed="0 or more"))
    return people


def present(
    flows: Flows, period: int, *, kind: str, threshold: float, floors: Floors,
    population: Floats | None,
) -> Present | Problem:
    """Return the presence matrix of one period, or what is wrong with it.

    Floors come first, so that RCA is taken among the countries and products that pass them; then
    rows and columns without presence go.
    """
    check_choices(presence=(kind, PRESENCE))
    x = flows.matrix(period)
    dropped: dict[str, NDArray[np.bool_]] = {}
    exports = x.sum(axis=1)
    dropped["no exports"] = exports == 0
    small = np.zeros(len(x), dtype=bool)
    if population is not None and floors.population is not None:
        dropped["no population"] = np.isnan(population[:, period])
        dropped["population below the floor"] = population[:, period] < floors.population
    if floors.exports is not None:
        dropped["exports below the floor"] = exports < floors.exports
    for each in dropped.values():
        small |= each
    c = np.flatnonzero(~small)
    world = x[c].sum(axis=0)
    unsold = world < (floors.product or 0.0)
    p = np.flatnonzero((world > 0) & ~unsold)
    x = x[np.ix_(c, p)]
    where = flows.period_name(period) or None
    # A floor on products can leave a country without exports.
    some_exports = x.sum(axis=1) > 0
    c, x = c[some_exports], x[some_exports]
    if not x.size:
        some_floor = " that pass the floors" if floors != Floors() else ""
        return Problem(f"no country has exports{some_floor}", where)
    R = advantage.balassa(x)
    M = (threshold <= R).astype(np.float64) if kind == "rca" else R
    rows, columns = M.sum(axis=1) > 0, M.sum(axis=0) > 0
    if not rows.any():
        return Problem(f"no country has an RCA of {threshold:g} or more", where)
    names = {reason: list(flows.countries[mask]) for reason, mask in dropped.items()}
    names["no product with presence"] = list(flows.countries[c[~rows]])
    names["products without exports"] = list(flows.products[(world == 0)])
    names["products below the floor"] = list(flows.products[unsold & (world > 0)])
    names["products without presence"] = list(flows.products[p[~columns]])
    keep = np.ix_(rows, columns)
    return Present(M[keep], R[keep], c[rows], p[columns], names)


def connected(flows: Flows, period: int, here: Present, disconnected: str) -> Present | Problem:
    """Return what is connected: all of it, its ``"largest"`` part, or what is wrong."""
    apart = split_problem(flows, period, here)
    if apart is None:
        return here
    return largest_component(flows, here) if disconnected == "largest" else apart


def split_problem(flows: Flows, period: int, here: Present) -> Problem | None:
    """Return the problem that the product space falls apart, or None."""
    labels = kernels.components(here.M)
    parts = int(labels.max()) + 1
    if parts == 1:
        return None
    country = labels[:len(here.countries)]
    sizes = np.bincount(country, minlength=parts)
    apart = [str(flows.countries[here.countries[i]])
             for i in np.flatnonzero(country != sizes.argmax())]
    return Problem(
        f"the product space falls into {parts} parts without a common product; apart from the "
        f"largest: {some(apart[:12], len(apart))}", flows.period_name(period) or None,
        "a connected product space, disconnected='largest', or method='fitness' or 'reflections'")


def largest_component(flows: Flows, here: Present) -> Present:
    """Return the part with most countries, and name the others as dropped."""
    labels = kernels.components(here.M)
    country, product = labels[:len(here.countries)], labels[len(here.countries):]
    largest = np.bincount(country, minlength=int(labels.max()) + 1).argmax()
    rows, columns = country == largest, product == largest
    keep = np.ix_(rows, columns)
    dropped = {**here.dropped,
               "apart from the largest part": list(flows.countries[here.countries[~rows]]),
               "products apart from it": list(flows.products[here.products[~columns]])}
    return Present(here.M[keep], here.R[keep], here.countries[rows], here.products[columns],
                   dropped)
