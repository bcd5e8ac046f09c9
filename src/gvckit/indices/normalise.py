"""Put indicators on one scale, over all units and times together.

A panel must be normalised over all its years: a scale of each year's own takes the change over time
out of the index.  Kernels take the indicators X (n, J) with NaN for missing and their signs (J,).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["NORMALISERS", "Normaliser", "is_constant", "minmax_pooled", "zscore_pooled"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

# Below this share of the largest absolute value a range is rounding, not variation.
_DUST = 1e-13


def is_constant(X: Matrix) -> NDArray[np.bool_]:
    """Return for each column whether its values are all the same, (J,); all missing counts."""
    low = np.fmin.reduce(X, axis=0, initial=np.nan)
    high = np.fmax.reduce(X, axis=0, initial=np.nan)
    size = np.fmax(np.abs(low), np.abs(high))
    varies: NDArray[np.bool_] = high - low > _DUST * size
    return ~varies


def minmax_pooled(X: Matrix, signs: Vector) -> Matrix:
    """Return (x - min)/(max - min), for sign -1 (max - x)/(max - min); a constant column is NaN."""
    low, high = np.fmin.reduce(X, axis=0), np.fmax.reduce(X, axis=0)
    width = np.where(is_constant(X), np.nan, high - low)
    Z: Matrix = np.where(signs > 0, X - low, high - X) / width
    return Z


def zscore_pooled(X: Matrix, signs: Vector) -> Matrix:
    """Return sign·(x - mean)/sd, sd with n - 1; a constant column is NaN."""
    count = np.maximum((~np.isnan(X)).sum(axis=0), 2)
    mean = np.nansum(X, axis=0) / count
    sd = np.sqrt(np.nansum((X - mean) ** 2, axis=0) / (count - 1))
    Z: Matrix = signs * (X - mean) / np.where(is_constant(X), np.nan, sd)
    return Z


@dataclass(frozen=True, slots=True)
class Normaliser:
    """A normaliser: its kernel, whether its result lies in [0, 1], and what it is in words."""

    kernel: Callable[[Matrix, Vector], Matrix]
    unit_interval: bool
    words: str


NORMALISERS: dict[str, Normaliser] = {
    "minmax-pooled": Normaliser(minmax_pooled, True, "min-max over all units and times"),
    "zscore-pooled": Normaliser(zscore_pooled, False, "z-score over all units and times (sd n-1)"),
}
