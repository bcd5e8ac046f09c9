"""Skewness and kurtosis of columns, and the rule that calls a column an outlier's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["KURTOSIS", "SKEWNESS", "kurtosis", "passes", "skewness"]

Vector = NDArray[np.float64]

# A column fails where both are reached.
SKEWNESS, KURTOSIS = 2.0, 3.5


def _moments(x: Vector) -> tuple[int, float, float, float]:
    values = x[~np.isnan(x)]
    n = len(values)
    apart = values - values.mean() if n else values
    m2 = float((apart**2).mean()) if n else np.nan
    return n, m2, float((apart**3).mean()) if n else np.nan, \
        float((apart**4).mean()) if n else np.nan


def skewness(x: Vector) -> float:
    """Return the bias-corrected skewness g₁ √(n(n-1))/(n-2); NaN for n < 3 or a constant."""
    n, m2, m3, _ = _moments(x)
    if n < 3 or not m2 > 0:
        return float("nan")
    return float(m3 / m2**1.5 * np.sqrt(n * (n - 1)) / (n - 2))


def kurtosis(x: Vector) -> float:
    """Return the bias-corrected excess kurtosis; NaN for n < 4 or a constant."""
    n, m2, _, m4 = _moments(x)
    if n < 4 or not m2 > 0:
        return float("nan")
    return ((n + 1) * (m4 / m2**2 - 3.0) + 6.0) * (n - 1) / ((n - 2) * (n - 3))


def passes(x: Vector) -> bool:
    """Return whether |skewness| < 2 or kurtosis < 3.5; a column without either passes."""
    skew, kurt = abs(skewness(x)), kurtosis(x)
    return not (skew >= SKEWNESS and kurt >= KURTOSIS)
