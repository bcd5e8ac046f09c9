"""Regulation between countries: barriers faced abroad, bilateral means, heterogeneity.

Kernels take arrays, NaN for missing; the tidy functions take and give long frames.  Weights are
those of years before the sample: trade of the sample itself answers to the barriers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError, listing, unknown

__all__ = ["DISTANCES", "Faced", "bilateral_mean", "bilateral_means", "faced", "faced_abroad",
           "heterogeneity", "regulatory_heterogeneity", "trade_weights"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

DISTANCES = ("differs", "absolute")
EXPORTER, IMPORTER = "exporter", "importer"


@dataclass(frozen=True, slots=True)
class Faced:
    """Barriers that exporters face: ``barrier`` (G,), and ``covered`` (G,), the weight behind it.

    ``covered`` is the share of the exporter's weights whose destinations have a barrier.
    """

    barrier: Vector
    covered: Vector


def faced(weights: Matrix, barriers: Vector) -> Faced:
    """Return the destination-weighted barrier D_i = Σ_j w_ij D_j / Σ_j w_ij.

    Parameters
    ----------
    weights
        (G, G): exports of row i to column j, not negative; the diagonal and NaN count as none.
    barriers
        (G,): barrier of each destination; sums go over the destinations that have one.
    """
    own = np.where(np.isnan(weights), 0.0, weights)
    np.fill_diagonal(own, 0.0)
    known = ~np.isnan(barriers)
    total, covered = own.sum(axis=1), own[:, known].sum(axis=1)
    weighted = own[:, known] @ barriers[known]
    return Faced(weighted / np.where(covered > 0, covered, np.nan),
                 covered / np.where(total > 0, total, np.nan))


def bilateral_mean(barriers: Vector) -> Matrix:
    """Return (D_i + D_j)/2, (G, G); NaN where either is missing."""
    mean: Matrix = (barriers[:, None] + barriers[None, :]) / 2.0
    return mean


def heterogeneity(answers: Matrix, weights: Vector, distance: str = "differs") -> Matrix:
    """Return how far countries' regulation lies apart, (G, G), symmetric with a zero diagonal.

    Parameters
    ----------
    answers
        (G, M): the answer or score of each country in each measure.
    weights
        (M,), not negative; scaled to sum 1 over the measures that both countries have.
    distance
        ``differs``: Σ_m w_m 1[a_im ≠ a_jm] (Nordås 2016); ``absolute``: Σ_m w_m |a_im − a_jm|,
        which is the same for answers of 0 and 1.
    """
    count, measures = answers.shape
    apart, behind = np.zeros((count, count)), np.zeros((count, count))
    for m in range(measures):
        gap = np.abs(answers[:, None, m] - answers[None, :, m])
        both = ~np.isnan(gap)
        value = (gap > 0).astype(np.float64) if distance == "differs" else gap
        apart += np.where(both, weights[m] * value, 0.0)
        behind += np.where(both, weights[m], 0.0)
    return apart / np.where(behind > 0, behind, np.nan)


def trade_weights(trade: pd.DataFrame, value: str, years: Sequence[int] | None = None, *,
                  time: str = "year") -> pd.DataFrame:
    """Return exporter, importer and the mean trade of ``years`` (None: all), without own trade.

    A year in which a pair is not listed counts as no trade, so that pairs listed rarely do not
    weigh like those listed always.

    Raises
    ------
    DataError
        Where a column is absent, trade is negative, or no row is of these years.
    """
    _columns(trade, [EXPORTER, IMPORTER, value, *([time] if years is not None else [])], "trade")
    part = trade if years is None else trade[trade[time].isin(list(years))]
    part = part[(part[EXPORTER] != part[IMPORTER]).to_numpy() & part[value].notna().to_numpy()]
    if part.empty:
        raise DataError(Problem("no trade in the years of the weights",
                                allowed=_span(trade, time)))
    if bool((part[value] < 0).any()):
        raise DataError(f"{int((part[value] < 0).sum())} values of trade are negative")
    periods = part[time].nunique() if time in part.columns else 1
    grouped = part.groupby([EXPORTER, IMPORTER], sort=True, observed=True)[value].sum() / periods
    return grouped.rename("weight").reset_index()


def faced_abroad(barriers: pd.DataFrame, value: str, weights: pd.DataFrame, *, time: str = "year",
                 least: float = 0.5) -> pd.DataFrame:
    """Return the barrier that each country faces abroad, weighted by its destinations.

    Parameters
    ----------
    barriers, value, time
        A frame with the columns country, ``time`` and ``value``.
    weights
        exporter, importer, weight: see :func:`trade_weights`.
    least
        Below this share of its weights with a known barrier a country has none: the barrier of
        the few destinations that are known is not the one that it faces.

    Returns
    -------
    pandas.DataFrame
        country, ``time``, faced, covered; one row an exporter of ``weights`` and time.
    """
    _columns(barriers, ["country", time, value], "barriers")
    _columns(weights, [EXPORTER, IMPORTER, "weight"], "weights")
    _once(barriers, ["country", time])
    names = sorted({*weights[EXPORTER], *weights[IMPORTER]})
    place = {name: i for i, name in enumerate(names)}
    W = np.zeros((len(names), len(names)))
    W[weights[EXPORTER].map(place), weights[IMPORTER].map(place)] = weights["weight"]
    exporters = sorted(set(weights[EXPORTER]))
    rows = [place[name] for name in exporters]
    parts = []
    for year, part in barriers.groupby(time, sort=True):
        D = part.set_index("country")[value].reindex(names).to_numpy(dtype=np.float64)
        found = faced(W, D)
        enough = found.covered[rows] >= least
        parts.append(pd.DataFrame({
            "country": exporters, time: year,
            "faced": np.where(enough, found.barrier[rows], np.nan),
            "covered": found.covered[rows]}))
    out = pd.concat(parts, ignore_index=True)
    out = out.sort_values(["country", time], kind="stable", ignore_index=True)
    out.attrs = {"definition": "barrier faced abroad: mean of the destinations' barriers weighted "
                               "by exports to them, without own trade; missing where destinations "
                               f"with a barrier take under {least:g} of the exports"}
    return out


def bilateral_means(barriers: pd.DataFrame, value: str, *, time: str = "year") -> pd.DataFrame:
    """Return exporter, importer, ``time`` and ``mean`` = (D_i + D_j)/2 of pairs of two countries.

    ``barriers`` has country, ``time`` and ``value``.
    """
    _columns(barriers, ["country", time, value], "barriers")
    return _pairs(barriers, [value], time, "mean", lambda a: bilateral_mean(a[:, 0]),
                  "mean of the two countries' barriers")


def regulatory_heterogeneity(answers: pd.DataFrame, measures: Sequence[str], *,
                             weights: Sequence[float] | None = None, distance: str = "differs",
                             time: str = "year") -> pd.DataFrame:
    """Return exporter, importer, ``time`` and ``heterogeneity`` of pairs of two countries.

    Parameters
    ----------
    answers, time
        A frame with the columns country, ``time`` and one a measure.
    measures
        The columns.
    weights
        Of the measures; None: equal.
    distance
        ``differs`` or ``absolute``: see :func:`heterogeneity`.

    Raises
    ------
    SpecError
        Where the distance is unknown or the weights do not fit.
    DataError
        Where columns are absent or keys stand twice.
    """
    if distance not in DISTANCES:
        raise SpecError(unknown("distance", distance, DISTANCES))
    given = np.ones(len(measures)) if weights is None else np.asarray(weights, dtype=np.float64)
    if len(given) != len(measures) or not (given >= 0).all() or not given.sum() > 0:
        raise SpecError(Problem(f"{len(given)} weights for {len(measures)} measures",
                                allowed="one weight a measure, not negative, not all 0"))
    _columns(answers, ["country", time, *measures], "answers")
    return _pairs(answers, list(measures), time, "heterogeneity",
                  lambda a: heterogeneity(a, given, distance),
                  "weighted share of measures that differ" if distance == "differs"
                  else "weighted mean of absolute differences between measures")


def _pairs(frame: pd.DataFrame, columns: list[str], time: str, name: str,
           kernel: object, words: str) -> pd.DataFrame:
    assert callable(kernel)
    _once(frame, ["country", time])
    parts = []
    for year, part in frame.sort_values("country", kind="stable").groupby(time, sort=True):
        names = part["country"].to_numpy()
        matrix = kernel(part[columns].to_numpy(dtype=np.float64))
        i, j = np.nonzero(~np.eye(len(names), dtype=bool))
        parts.append(pd.DataFrame({EXPORTER: names[i], IMPORTER: names[j], time: year,
                                   name: matrix[i, j]}))
    out = pd.concat(parts, ignore_index=True)
    out = out.sort_values([EXPORTER, IMPORTER, time], kind="stable", ignore_index=True)
    out.attrs = {"definition": words}
    return out


def _columns(frame: pd.DataFrame, names: Sequence[str], what: str) -> None:
    wrong = [unknown(f"column of the {what}", n, map(str, frame.columns)) for n in names
             if n not in frame.columns]
    if wrong:
        raise DataError(wrong)


def _once(frame: pd.DataFrame, keys: list[str]) -> None:
    twice = frame[frame.duplicated(keys)]
    if len(twice):
        shown = [" ".join(map(str, r)) for r in twice[keys].head(5).itertuples(index=False)]
        raise DataError(f"{len(twice)} rows repeat the keys {', '.join(keys)}: {listing(shown)}")


def _span(frame: pd.DataFrame, time: str) -> str | None:
    if time not in frame.columns or frame.empty:
        return None
    return listing([str(v) for v in sorted(frame[time].dropna().unique())], 20)
