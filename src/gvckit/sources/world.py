"""A made-up world of trade: dense, exactly balanced, deterministic, of any size.

Countries differ in size and lie on a map; industries differ in how they produce.  Buyers prefer
suppliers at home (home bias) and near by (gravity).  The use of digital inputs grows at a pace of
its own in every industry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.icio.table import IcioTable
from gvckit.sources.catalogue import Source
from gvckit.sources.codes import iso3_codes

__all__ = ["DIGITAL", "WORLD_SIZE", "income", "read", "sample_icio", "size_problems",
           "world_countries"]

Floats = NDArray[np.float64]

DIGITAL = ("s2", "s3")
"""The digital sectors of the made-up world: the set ``sample-digital``."""

CATEGORIES = ("households", "government", "investment", "inventories")

WORLD_SIZE = (20, 7)
"""Countries and sectors of ``sample_world`` and of the source ``sample``."""

BASE_YEAR = 2000

_FIRST = (
    "CHN USA DEU JPN KOR MEX IND GBR FRA ITA BRA CAN ESP RUS AUS NLD TUR POL SWE CHE IDN BEL THA "
    "VNM MYS AUT CZE HUN DNK FIN NOR PRT GRC IRL ROU SVK SVN EST LVA LTU BGR HRV LUX ISR CHL COL "
    "ARG ZAF PHL SGP NZL SAU EGY MAR PER KAZ PAK BGD LKA KHM CRI TUN UKR NGA"
)


@dataclass(frozen=True, slots=True)
class _Structure:
    """What does not change over the years.

    Attributes
    ----------
    size
        Size of each country's economy in the base year, shape (G,).
    growth
        Yearly growth, shape (G,).
    origin
        Share of each origin in what a destination buys of a sector, shape (G, N, G): origin,
        sector, destination; sums to 1 over origins.
    technology
        Inputs of each sector per unit of output, shape (G, N, N): buyer's country, input, buyer's
        sector; column sums well below 1.
    tastes
        Share of each sector in final demand, shape (G, N); sums to 1.
    pace
        Yearly growth of digital inputs, shape (G, N).
    """

    size: Floats
    growth: Floats
    origin: Floats
    technology: Floats
    tastes: Floats
    pace: Floats


def world_countries(number: int) -> tuple[str, ...]:
    """Return the first country codes of the made-up world, always in the same order."""
    first = _FIRST.split()
    others = [code for code in iso3_codes() if code not in first and code != "ROW"]
    return tuple([*first, *others][:number])


def sample_icio(
    countries: int = 8, sectors: int = 7, year: int = 2000, seed: int = 1
) -> IcioTable:
    """Return one table of the made-up world.

    Rows close exactly (X = Z1 + F1), value added is the residual and positive.  Same arguments,
    same bytes.

    Parameters
    ----------
    countries, sectors
        At least 2 and 1; sectors are ``s1``, ``s2``, …; s2 and s3 are digital.
    year
        The economy grows with the year; structure is that of the seed.
    seed
        Which world.

    Raises
    ------
    DataError
        Where a number is no whole number in its range.
    """
    problems = size_problems(countries, sectors, year, seed)
    if problems:
        raise DataError(problems)
    built = _structure(countries, sectors, seed)
    shocks = np.random.default_rng([seed, year, countries, sectors])
    technology = built.technology * _digital_growth(built, year, shocks)[:, None, :] ** (
        _is_digital(sectors)[None, :, None])
    demand = income(countries, sectors, year, seed)[:, None] * built.tastes
    n = countries * sectors
    A = np.einsum("sir,rij->sirj", built.origin, technology).reshape(n, n)
    F = _final_demand(built.origin, demand, shocks).reshape(n, -1)
    X = np.linalg.solve(np.eye(n) - A, F.sum(axis=1))
    return IcioTable.from_arrays(
        A * X, F, countries=world_countries(countries),
        sectors=[f"s{i + 1}" for i in range(sectors)], categories=CATEGORIES, year=year,
        unit="M USD", source="sample")


def income(countries: int, sectors: int, year: int, seed: int) -> Floats:
    """Return final expenditure of each country in a year, shape (G,)."""
    built = _structure(countries, sectors, seed)
    shocks = np.random.default_rng([seed, year, 7])
    total: Floats = built.size * np.exp(
        built.growth * (year - BASE_YEAR) + 0.03 * shocks.standard_normal(countries))
    return total


def read(
    path: Path | None = None, *, year: int | None = None, source: Source | None = None,
    policy: Mapping[str, Any] | None = None,
) -> IcioTable:
    """Return a year of the world of ``sample_world()``, as the catalogue's source ``sample``."""
    if path is not None or policy:
        raise DataError(Problem("the sample world is made up: it takes no file and no policy"))
    countries, sectors = WORLD_SIZE
    return sample_icio(countries, sectors, BASE_YEAR if year is None else year)


def size_problems(countries: object, sectors: object, year: object, seed: object) -> list[Problem]:
    """Return what is wrong with the arguments of ``sample_icio``."""
    problems = []
    most = len(iso3_codes()) - 1
    for name, value, low, high in (("countries", countries, 2, most), ("sectors", sectors, 1, 1000),
                                   ("year", year, 1, 9999), ("seed", seed, 0, 2**32 - 1)):
        if (isinstance(value, bool) or not isinstance(value, int | np.integer)
                or not low <= value <= high):
            problems.append(Problem(f"{name} is {value!r}",
                                    allowed=f"a whole number from {low} to {high}"))
    return problems


def _is_digital(sectors: int) -> Floats:
    return np.array([float(f"s{i + 1}" in DIGITAL) for i in range(sectors)])


def _structure(G: int, N: int, seed: int) -> _Structure:
    rng = np.random.default_rng([seed, G, N])
    size = 1e5 * np.exp(rng.normal(0, 1, G))
    place = rng.uniform(0, 1, (G, 2))
    distance = np.hypot(*(place[:, None, :] - place[None, :, :]).transpose(2, 0, 1)) + 0.1
    strength = np.exp(rng.normal(0, 0.5, (G, N)))
    pull = size[:, None, None] * strength[:, :, None] * distance[:, None, :] ** -1.2
    # Between 55 and 85 % of what a country buys is its own.
    home = rng.uniform(0.55, 0.85, (N, G))
    abroad = pull * (1 - np.eye(G))[:, None, :]
    origin = abroad / abroad.sum(axis=0) * (1 - home)
    origin[np.arange(G), :, np.arange(G)] = home.T
    mix = rng.gamma(1.0, 1.0, (G, N, N)) + 0.05
    technology = mix / mix.sum(axis=1, keepdims=True) * rng.uniform(0.3, 0.6, (G, 1, N))
    tastes = rng.gamma(2.0, 1.0, (G, N)) + 0.1
    return _Structure(
        size=size, growth=rng.uniform(0.01, 0.07, G), origin=origin, technology=technology,
        tastes=tastes / tastes.sum(axis=1, keepdims=True), pace=rng.normal(0.01, 0.02, (G, N)))


def _digital_growth(built: _Structure, year: int, shocks: np.random.Generator) -> Floats:
    """Return the factor on digital inputs of each buying industry, shape (G, N).

    Bounded, so that inputs never exceed output in any year.
    """
    trend = built.pace * (year - BASE_YEAR) + 0.06 * shocks.standard_normal(built.pace.shape)
    return np.exp(0.45 * np.tanh(trend / 0.45))


def _final_demand(origin: Floats, demand: Floats, shocks: np.random.Generator) -> Floats:
    """Return final demand, shape (G, N, G·K): origin, sector, destination and category."""
    G, N = demand.shape
    sales = origin * demand.T[None, :, :]
    inventories = 0.01 * shocks.uniform(-1, 1, (G, N, G))
    weights = np.stack([np.full_like(inventories, w) for w in (0.6, 0.2, 0.2)], axis=-1)
    return np.concatenate(
        [weights, inventories[..., None]], axis=-1) * sales[..., None]
