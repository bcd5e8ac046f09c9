"""Ranks of an index and how far variants move them.

Ranks: 1 for the highest score, equal scores the smaller rank, within each group (time) of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.indices.structure import spearman

__all__ = ["Bands", "bands", "falling_ranks", "rank_shift", "spearman_to"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Codes = NDArray[np.int64]


def falling_ranks(scores: Vector, groups: Codes | None = None) -> Vector:
    """Return the rank of each row within its group, (n,): one more than how many score higher.

    Rows without a score have no rank.
    """
    out = np.full(len(scores), np.nan)
    codes = np.zeros(len(scores), dtype=np.int64) if groups is None else groups
    for code in np.unique(codes):
        own = np.flatnonzero((codes == code) & ~np.isnan(scores))
        ordered = np.sort(scores[own])
        out[own] = 1.0 + len(own) - np.searchsorted(ordered, scores[own], side="right")
    return out


@dataclass(frozen=True, slots=True)
class Bands:
    """Where rows rank over variants, (n,) each: mean, median, low and high quantile."""

    mean: Vector
    median: Vector
    low: Vector
    high: Vector


def bands(ranks: Matrix, low: float = 0.05, high: float = 0.95) -> Bands:
    """Return the bands of ranks (V, n); a row without a rank in every variant has none."""
    with np.errstate(invalid="ignore"):
        quantiles = np.quantile(ranks, [low, 0.5, high], axis=0)
    return Bands(ranks.mean(axis=0), quantiles[1], quantiles[0], quantiles[2])


def rank_shift(ranks: Matrix, nominal: Vector) -> Vector:
    """Return the mean of |rank - nominal| over the rows that have both, for each variant (V,)."""
    apart = np.abs(ranks - nominal)
    count = (~np.isnan(apart)).sum(axis=1)
    return np.asarray(np.nansum(apart, axis=1) / np.where(count > 0, count, np.nan))


def spearman_to(scores: Matrix, baseline: Vector) -> Vector:
    """Return Spearman's correlation of each variant (V, n) with the baseline (n,)."""
    out = np.full(len(scores), np.nan)
    for i, row in enumerate(scores):
        both = ~np.isnan(row) & ~np.isnan(baseline)
        if both.sum() > 2:
            out[i] = spearman(row[both], baseline[both])
    return out
