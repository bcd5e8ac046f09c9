"""The made-up world over the years, with a panel whose coefficients are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.sources.world import (
    BASE_YEAR,
    DIGITAL,
    WORLD_SIZE,
    income,
    sample_icio,
    size_problems,
)

__all__ = ["TRUTH", "World", "country_frame", "digital_share", "panel_frame", "sample_world"]

Floats = NDArray[np.float64]

TRUTH: Mapping[str, float] = {
    "dig": 1.5, "ln_gdp": 0.3, "dig_eco": 0.8, "ln_gdp_country": 0.25,
}
"""Planted coefficients: ``y`` on dig and ln_gdp, ``y_country`` on dig_eco and ln_gdp."""


@dataclass(frozen=True, slots=True)
class World:
    """Tables and panel of the made-up world.

    Attributes
    ----------
    tables
        Table by year.
    panel
        One row a country, sector and year.  ``y`` = 1.5·dig + 0.3·ln_gdp + country × sector effect
        + year effect + noise; ``y_country`` = 0.8·dig_eco + 0.25·ln_gdp + country effect + year
        effect + noise (the same in all sectors of a country).  ``dig`` is the complete share of
        digital inputs, ``dig_eco`` the mean of internet, mobile and broadband after pooled min-max.
        Also gdp_pc, and patents with gaps inside the spell.
    truth
        Planted coefficient by term.
    """

    tables: Mapping[int, IcioTable]
    panel: pd.DataFrame
    truth: Mapping[str, float]


def sample_world(
    years: Iterable[int] = range(2000, 2012), seed: int = 1, *,
    countries: int = WORLD_SIZE[0], sectors: int = WORLD_SIZE[1],
) -> World:
    """Return the made-up world: a table a year, and a panel with planted coefficients.

    Parameters
    ----------
    years
        The years, each once.
    seed
        Which world.
    countries, sectors
        Its size; at least 3 sectors, because s2 and s3 are the digital ones.

    Raises
    ------
    DataError
        No years, repeated years, fewer than 3 sectors, or what ``sample_icio`` refuses.
    """
    listed = list(years)
    problems = [problem for year in listed or [BASE_YEAR]
                for problem in size_problems(countries, sectors, year, seed)]
    if not listed or len(set(listed)) < len(listed):
        problems.append(Problem(f"years is {listed!r}", allowed="at least one year, each once"))
    if not problems and sectors <= len(DIGITAL):
        problems.append(Problem(f"sectors is {sectors}", allowed="at least 3"))
    if problems:
        raise DataError(dict.fromkeys(problems))
    tables = {int(year): sample_icio(countries, sectors, year, seed) for year in sorted(listed)}
    return World(tables, _panel(tables, seed), dict(TRUTH))


def panel_frame(years: Iterable[int], seed: int = 1) -> pd.DataFrame:
    """Return the panel of ``sample_world(years, seed)``: one row a country, sector and year."""
    return sample_world(years, seed).panel


def country_frame(years: Iterable[int], seed: int = 1) -> pd.DataFrame:
    """Return the country series of ``sample_world(years, seed)``: one row a country and year."""
    panel = sample_world(years, seed).panel
    names = ["country", "year", "gdp_pc", "internet", "mobile", "broadband", "patents",
             "y_country"]
    return panel[names].drop_duplicates(["country", "year"]).reset_index(drop=True)


def digital_share(table: IcioTable) -> Floats:
    """Return the complete share of digital inputs, Σ_D (B − I)_dj / Σ (B − I)_ij, shape (n,)."""
    marked = np.tile(np.isin(np.asarray(table.sectors), np.asarray(DIGITAL)).astype(float), table.G)
    both = np.column_stack([marked, np.ones(table.n)])
    complete = Leontief(table).solve_t(both) - both
    share: Floats = complete[:, 0] / complete[:, 1]
    return share


def _panel(tables: Mapping[int, IcioTable], seed: int) -> pd.DataFrame:
    first = next(iter(tables.values()))
    G, N, T = first.G, first.N, len(tables)
    country = _country_frame(tables, seed)
    frame = pd.DataFrame({
        "country": np.tile(np.repeat(first.countries, N), T),
        "sector": np.tile(np.tile(first.sectors, G), T),
        "year": np.repeat(list(tables), G * N),
        "dig": np.concatenate([digital_share(table) for table in tables.values()]),
    }).merge(country, on=["country", "year"], how="left", validate="many_to_one")
    rng = np.random.default_rng([seed, 11])
    unit, when = rng.normal(0, 0.3, G * N), 0.02 * _since(tables)
    # Units with much digital input have a high level: without unit effects the estimate is biased.
    unit += 2.0 * (frame["dig"].to_numpy().reshape(T, -1).mean(axis=0))
    shock = np.stack([np.random.default_rng([seed, year, 13]).normal(0, 0.01, G)
                      for year in tables])
    noise = np.stack([np.random.default_rng([seed, year, 17]).normal(0, 0.01, G * N)
                      for year in tables])
    frame["y"] = (
        TRUTH["dig"] * frame["dig"] + TRUTH["ln_gdp"] * frame["ln_gdp"]
        + np.tile(unit, T) + np.repeat(when, G * N)
        + (np.repeat(shock, N, axis=1) + noise).ravel())
    order = ["country", "sector", "year", "y", "dig", "ln_gdp", "gdp_pc", "internet", "mobile",
             "broadband", "patents", "y_country", "dig_eco"]
    return frame[order].sort_values(["country", "sector", "year"], ignore_index=True)


def _country_frame(tables: Mapping[int, IcioTable], seed: int) -> pd.DataFrame:
    first = next(iter(tables.values()))
    G, T = first.G, len(tables)
    rng = np.random.default_rng([seed, 19])
    people = np.exp(rng.normal(1.5, 0.8, G))
    gdp_pc = np.stack([income(G, first.N, year, seed) / people for year in tables])
    # Diffusion: an S-curve a country, with its own start, pace and ceiling.
    series = {}
    for name, ceiling in (("internet", 95.0), ("mobile", 140.0), ("broadband", 45.0)):
        middle, pace = rng.uniform(-2, 12, G), rng.uniform(0.15, 0.5, G)
        top = ceiling * rng.uniform(0.5, 1.0, G)
        steps = _since(tables)[:, None] - middle
        series[name] = top / (1 + np.exp(-pace * steps))
    index = np.mean([(s - s.min()) / _spread(s) for s in series.values()], axis=0)
    noise = np.stack([np.random.default_rng([seed, year, 23]).normal(0, 0.01, G)
                      for year in tables])
    patents = np.exp(rng.normal(5, 1, G) + 0.05 * _since(tables)[:, None])
    patents[1:-1][rng.uniform(size=(max(T - 2, 0), G)) < 0.1] = np.nan
    outcome = (TRUTH["dig_eco"] * index + TRUTH["ln_gdp_country"] * np.log(gdp_pc)
               + rng.normal(0, 0.3, G) + 0.01 * _since(tables)[:, None] + noise)
    columns = {"gdp_pc": gdp_pc, "ln_gdp": np.log(gdp_pc), **series, "patents": patents,
               "dig_eco": index, "y_country": outcome}
    return pd.DataFrame({
        "country": np.tile(first.countries, T), "year": np.repeat(list(tables), G),
        **{name: values.ravel() for name, values in columns.items()}})


def _since(tables: Mapping[int, IcioTable]) -> Floats:
    return np.array(list(tables), dtype=np.float64) - BASE_YEAR


def _spread(values: Floats) -> float:
    width = float(values.max() - values.min())
    return width if width > 0 else 1.0
