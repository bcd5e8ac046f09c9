"""Ranks of columns: 1 for the worst, n for the best; missing values have none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gvckit.indices.rulers import Rulers, is_constant

__all__ = ["borda", "percentile", "rank", "rank_columns"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


def _rank_one(x: Vector, ties: str) -> Vector:
    out = np.full(len(x), np.nan)
    there = np.flatnonzero(~np.isnan(x))
    order = there[np.argsort(x[there], kind="stable")]
    if not len(order):
        return out
    ordered = x[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]]
    group = np.cumsum(first) - 1
    low = np.flatnonzero(first) + 1.0
    high = np.r_[low[1:] - 1, len(order)]
    value = {"min": low, "max": high, "average": (low + high) / 2}[ties]
    out[order] = value[group]
    return out


def rank_columns(X: Matrix, ties: str = "average") -> Matrix:
    """Return the ascending ranks of each column, ties as ``min``, ``average`` or ``max``."""
    out = np.empty_like(X, dtype=np.float64)
    for j in range(X.shape[1]):
        out[:, j] = _rank_one(X[:, j], ties)
    return out


def rank(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return the rank of sign·x, n for the best; a constant column is NaN."""
    ranks = rank_columns(signs * X, (rulers or Rulers()).ties)
    return np.where(is_constant(X), np.nan, ranks)


def borda(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return rank - 1: with ties ``min``, how many are worse."""
    return rank(X, signs, rulers) - 1.0


def percentile(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return (rank - 1)/(n - 1), n the values that the column has."""
    count = (~np.isnan(X)).sum(axis=0)
    return borda(X, signs, rulers) / np.where(count > 1, count - 1, np.nan)
