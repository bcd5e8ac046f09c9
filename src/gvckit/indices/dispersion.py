"""Weights from how much columns vary, and how little they repeat each other.

Kernels take Z (n, J), NaN for missing; a column that is all NaN gets weight 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.indices.weighing import Parts, Weighing, complete, plain, usable

__all__ = ["correlations", "critic", "gini", "merec", "standard_deviation", "variance",
           "variation"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


def correlations(part: Matrix) -> Matrix:
    """Return the Pearson correlations of complete columns, exactly 1 on the diagonal."""
    apart = part - part.mean(axis=0)
    size = np.sqrt((apart**2).sum(axis=0))
    both = np.outer(size, size)
    r: Matrix = (apart.T @ apart) / np.where(both > 0, both, np.nan)
    # The diagonal is 1 but for rounding, which one column alone must not live on.
    np.fill_diagonal(r, 1.0)
    return r


def critic(Z: Matrix, shift: float = 0.0) -> Weighing:
    """Return CRITIC weights: C = σ Σ (1 - r), w = C/ΣC, σ with n - 1, over complete rows.

    Diakoulaki, Mavrotas and Papayannakis (1995).  One column alone has no contrast: weight 1.
    """
    able = usable(Z)
    part = complete(Z, able)
    raw = np.zeros(Z.shape[1])
    if able.sum() == 1:
        return plain(able.astype(np.float64))
    if part.shape[0] > 1 and part.shape[1] > 0:
        sd = part.std(axis=0, ddof=1)
        r = correlations(part)
        # Columns that repeat each other conflict by rounding only.
        apart = np.where(1.0 - r > 1e-12, 1.0 - r, 0.0)
        raw[able] = np.nan_to_num(sd * apart.sum(axis=1))
    return plain(raw)


def _spread(Z: Matrix, power: float) -> Weighing:
    count = (~np.isnan(Z)).sum(axis=0)
    mean = np.nansum(Z, axis=0) / np.maximum(count, 1)
    apart = np.nansum((Z - mean) ** 2, axis=0) / np.maximum(count - 1, 1)
    return plain(np.where(usable(Z) & (count > 1), apart**power, 0.0))


def standard_deviation(Z: Matrix) -> Weighing:
    """Return weights in proportion to the standard deviation."""
    return _spread(Z, 0.5)


def variance(Z: Matrix) -> Weighing:
    """Return weights in proportion to the variance."""
    return _spread(Z, 1.0)


def variation(parts: Parts) -> Weighing:
    """Return weights in proportion to σ/μ of the values before normalisation.

    Only a ratio scale has it: values must be positive in the mean.
    """
    able = usable(parts.Z)
    X = np.where(able, parts.X, np.nan)
    count = (~np.isnan(X)).sum(axis=0)
    mean = np.nansum(X, axis=0) / np.maximum(count, 1)
    if (np.nan_to_num(X) < 0).any() or (able & ~(mean > 0)).any():
        raise DataError(Problem("the coefficient of variation needs values that are not negative, "
                                "on a scale with a true zero",
                                allowed="weights: standard-deviation, critic or entropy"))
    sd = np.sqrt(np.nansum((X - mean) ** 2, axis=0) / np.maximum(count - 1, 1))
    return plain(np.where(able & (count > 1), sd / np.where(able, mean, 1.0), 0.0))


def gini(parts: Parts) -> Weighing:
    """Return weights in proportion to the Gini coefficient of values before normalisation."""
    raw = np.zeros(parts.Z.shape[1])
    for j in np.flatnonzero(usable(parts.Z)):
        x = np.sort(parts.X[~np.isnan(parts.X[:, j]), j])
        if (x < 0).any() or not x.sum() > 0:
            raise DataError(Problem("Gini weights need values that are not negative",
                                    allowed="weights: standard-deviation or entropy"))
        n = len(x)
        raw[j] = ((2.0 * np.arange(1, n + 1) - n - 1) * x).sum() / (n * x.sum())
    return plain(np.maximum(raw, 0.0))


def merec(parts: Parts) -> Weighing:
    """Return MEREC weights: how much the mean log score moves without the column.

    Keshavarz-Ghorabaee et al. (2021), of values above 0: u = min/x where more is better and x/max
    where less is, S = ln(1 + Σ|ln u|/m), S₋ⱼ the same without j (divisor still m),
    E = Σ|S₋ⱼ - S|.
    """
    able = usable(parts.Z)
    X = complete(parts.X, able)
    if (X <= 0).any():
        raise DataError(Problem("MEREC weights need values above 0", allowed="weights: critic"))
    raw = np.zeros(len(able))
    if not X.size:
        return plain(raw)
    way = np.ones(len(able)) if parts.signs is None else parts.signs
    u = np.where(way[able] > 0, X.min(axis=0) / X, X / X.max(axis=0))
    logs = np.abs(np.log(u))
    m = logs.shape[1]
    whole = np.log1p(logs.sum(axis=1) / m)
    without = np.log1p((logs.sum(axis=1)[:, None] - logs) / m)
    raw[able] = np.abs(without - whole[:, None]).sum(axis=0)
    return plain(raw)
