"""Commitments of agreements: depth, scope and extent, then by country or by pair of countries.

An agreement has a score in each item: 0 none, up to ``most`` (1 for present or not, 3 where soft,
mixed and hard commitments are told apart).  Editions with other scales are never spliced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError, listing, unknown

__all__ = ["GATHERED", "MEASURES", "Commitments", "agreement_commitments", "commitments",
           "country_commitments", "gather", "over_partners", "pair_commitments"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

MEASURES = ("depth", "scope", "extent")
GATHERED = ("count", "max", "sum", "mean")


@dataclass(frozen=True, slots=True)
class Commitments:
    """What agreements commit to, each (A,).

    Attributes
    ----------
    depth
        Σ_k s_k / (K·most): the share of what could be committed.
    scope
        Share of the K items with any commitment.
    extent
        Mean of s_k / most over the items with a commitment, 0 where there is none:
        depth = scope · extent.
    """

    depth: Vector
    scope: Vector
    extent: Vector


def commitments(scores: Matrix, most: float = 1.0) -> Commitments:
    """Return depth, scope and extent of A agreements from their scores (A, K) from 0 to ``most``.

    A missing item makes all three missing: none and unknown are not the same.
    """
    unknown_item = np.isnan(scores).any(axis=1)
    items = scores.shape[1]
    present = (scores > 0).sum(axis=1)
    total = scores.sum(axis=1) / most
    depth = total / items
    scope = np.where(unknown_item, np.nan, present / items)
    extent = np.where(present > 0, total / np.maximum(present, 1), 0.0)
    return Commitments(depth, scope, np.where(unknown_item, np.nan, extent))


def gather(values: Vector, groups: NDArray[np.int64], size: int, how: str) -> Vector:
    """Return the values (m,) of agreements in force gathered by group, (size,).

    ``count`` of values above 0, ``max``, ``sum``, ``mean``; a group without agreement has 0, one
    with a missing value is missing.
    """
    out: Vector = np.zeros(size)
    known = np.where(np.isnan(values), 0.0, values)
    if how == "max":
        np.maximum.at(out, groups, known)
    else:
        weights = (known > 0).astype(np.float64) if how == "count" else known
        out += np.bincount(groups, weights=weights, minlength=size)
    if how == "mean":
        out = out / np.maximum(np.bincount(groups, minlength=size), 1)
    lacking = np.bincount(groups, weights=np.isnan(values).astype(np.float64), minlength=size) > 0
    return np.where(lacking, np.nan, out)


def agreement_commitments(items: pd.DataFrame, columns: Sequence[str], *, most: float = 1.0
                          ) -> pd.DataFrame:
    """Return ``items`` without its ``columns`` and with depth, scope and extent of each row.

    Raises
    ------
    DataError
        Where a column is absent or a score lies outside 0 … ``most``.
    """
    problems = [unknown("item of the agreements", c, map(str, items.columns)) for c in columns
                if c not in items.columns]
    if not columns:
        problems.append(Problem("the agreements have no items"))
    if problems:
        raise DataError(problems)
    scores = items[list(columns)].to_numpy(dtype=np.float64)
    wrong = [c for c, column in zip(columns, scores.T, strict=True)
             if ((column < 0) | (column > most)).any()]
    if wrong:
        raise DataError(Problem(f"scores outside 0 to {most:g} in {listing(wrong)}",
                                allowed="most: the highest score of the coding"))
    found = commitments(scores, most)
    out = items.drop(columns=list(columns))
    return out.assign(depth=found.depth, scope=found.scope, extent=found.extent)


def country_commitments(agreements: pd.DataFrame, members: pd.DataFrame, years: Sequence[int], *,
                        value: str = "depth", how: str = "max") -> pd.DataFrame:
    """Return country, year and ``value`` gathered over the agreements in force.

    Parameters
    ----------
    agreements
        agreement and ``value``, one row an agreement.
    members
        agreement, country, start and, where someone left, end: years in force, both included.
    years
        Years of the result; every country in ``members`` has a row in each.
    value, how
        A column of ``agreements``; a word in :data:`GATHERED`.

    Raises
    ------
    SpecError
        Where ``how`` is unknown.
    DataError
        Where columns are absent, an agreement stands twice, or members are of an unknown agreement.
    """
    spells = _spells(agreements, members, value, how)
    countries = sorted(set(spells["country"]))
    place = {c: i for i, c in enumerate(countries)}
    parts = []
    for year in sorted(years):
        now = spells[((spells["start"] <= year) & (spells["end"] >= year)).to_numpy()]
        now = now.drop_duplicates(["agreement", "country"])
        parts.append(pd.DataFrame({"country": countries, "year": year, value: gather(
            now[value].to_numpy(dtype=np.float64),
            now["country"].map(place).to_numpy(dtype=np.int64), len(countries), how)}))
    return _sorted(parts, ["country", "year"], f"{how} of {value} over agreements in force")


def pair_commitments(agreements: pd.DataFrame, members: pd.DataFrame, years: Sequence[int], *,
                     value: str = "depth", how: str = "max") -> pd.DataFrame:
    """Return exporter, importer, year and ``value`` over the agreements that both are in.

    Parameters as in :func:`country_commitments`; pairs without a common agreement have 0, and the
    result is symmetric.
    """
    spells = _spells(agreements, members, value, how)
    countries = sorted(set(spells["country"]))
    place, size = {c: i for i, c in enumerate(countries)}, len(countries)
    first, second = np.nonzero(~np.eye(size, dtype=bool))
    parts = []
    for year in sorted(years):
        now = spells[((spells["start"] <= year) & (spells["end"] >= year)).to_numpy()]
        now = now.drop_duplicates(["agreement", "country"])
        both = now.merge(now[["agreement", "country"]], on="agreement", suffixes=("", "_other"))
        both = both[(both["country"] != both["country_other"]).to_numpy()]
        cell = both["country"].map(place).to_numpy(dtype=np.int64) * size + both[
            "country_other"].map(place).to_numpy(dtype=np.int64)
        found = gather(both[value].to_numpy(dtype=np.float64), cell, size * size, how)
        names = np.array(countries, dtype=object)
        parts.append(pd.DataFrame({"exporter": names[first], "importer": names[second],
                                   "year": year, value: found[first * size + second]}))
    return _sorted(parts, ["exporter", "importer", "year"],
                   f"{how} of {value} over agreements in force between the two")


def over_partners(pairs: pd.DataFrame, value: str, *, how: str = "mean", time: str = "year"
                  ) -> pd.DataFrame:
    """Return country, ``time`` and ``value`` gathered over a country's partners.

    Parameters
    ----------
    pairs, value, time
        A frame with the columns exporter, importer, ``time`` and ``value``; a country's pair with
        itself is left out.
    how
        A word in :data:`GATHERED`: ``mean`` of a dummy is the share of partners, ``count`` their
        number.

    Raises
    ------
    SpecError
        Where ``how`` is unknown.
    DataError
        Where a column is absent or pairs stand twice.
    """
    if how not in GATHERED:
        raise SpecError(unknown("way to gather partners", how, GATHERED))
    keys = ["exporter", "importer", time]
    problems = [unknown("column of the pairs", c, map(str, pairs.columns))
                for c in (*keys, value) if c not in pairs.columns]
    if not problems and pairs.duplicated(keys).any():
        problems.append(Problem(f"{int(pairs.duplicated(keys).sum())} rows repeat the keys "
                                f"{', '.join(keys)}"))
    if problems:
        raise DataError(problems)
    part = pairs[(pairs["exporter"] != pairs["importer"]).to_numpy()]
    grouped = part.groupby(["exporter", time], sort=True, observed=True)
    found = gather(part[value].to_numpy(dtype=np.float64),
                   grouped.ngroup().to_numpy().astype(np.int64), grouped.ngroups, how)
    out = grouped.size().index.to_frame(index=False).rename(columns={"exporter": "country"})
    return _sorted([out.assign(**{value: found})], ["country", time],
                   f"{how} of {value} over the partners in the data")


def _spells(agreements: pd.DataFrame, members: pd.DataFrame, value: str, how: str) -> pd.DataFrame:
    if how not in GATHERED:
        raise SpecError(unknown("way to gather agreements", how, GATHERED))
    problems = [unknown("column of the agreements", c, map(str, agreements.columns))
                for c in ("agreement", value) if c not in agreements.columns]
    problems += [unknown("column of the members", c, map(str, members.columns))
                 for c in ("agreement", "country", "start") if c not in members.columns]
    if problems:
        raise DataError(problems)
    twice = agreements.loc[agreements.duplicated("agreement"), "agreement"]
    strange = sorted(set(map(str, members["agreement"])) - set(map(str, agreements["agreement"])))
    if len(twice):
        problems.append(Problem(f"agreements that stand twice: {listing(map(str, twice))}"))
    if strange:
        problems.append(Problem(f"members of unknown agreements: {listing(strange)}"))
    if problems:
        raise DataError(problems)
    spells = members.merge(agreements[["agreement", value]], on="agreement", how="left")
    end = spells["end"] if "end" in spells.columns else pd.Series(np.nan, index=spells.index)
    return spells.assign(end=end.fillna(np.inf))


def _sorted(parts: list[pd.DataFrame], keys: list[str], words: str) -> pd.DataFrame:
    out = pd.concat(parts, ignore_index=True).sort_values(keys, kind="stable", ignore_index=True)
    out.attrs = {"definition": words}
    return out
