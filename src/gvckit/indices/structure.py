"""Do the indicators of an index belong together: correlations, their p values, Cronbach's α.

Kernels take columns X (n, J), NaN for missing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gvckit.indices.ranks import rank_columns

__all__ = ["CORRELATIONS", "correlate", "cronbach", "kendall", "p_values", "pearson", "spearman"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


def pearson(x: Vector, y: Vector) -> float:
    """Return the correlation of two complete columns; NaN where one is constant."""
    a, b = x - x.mean(), y - y.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else float("nan")


def spearman(x: Vector, y: Vector) -> float:
    """Return the correlation of the average ranks of two complete columns."""
    ranks = rank_columns(np.stack([x, y], axis=1))
    return pearson(ranks[:, 0], ranks[:, 1])


def kendall(x: Vector, y: Vector) -> float:
    """Return Kendall's τ_b of two complete columns; NaN where one is constant."""
    concordant, free_x, free_y = 0.0, 0.0, 0.0
    for i in range(len(x) - 1):
        a, b = np.sign(x[i + 1:] - x[i]), np.sign(y[i + 1:] - y[i])
        concordant += float(a @ b)
        free_x += float(np.abs(a).sum())
        free_y += float(np.abs(b).sum())
    size = float(np.sqrt(free_x * free_y))
    return concordant / size if size > 0 else float("nan")


CORRELATIONS: dict[str, Callable[[Vector, Vector], float]] = {
    "pearson": pearson, "spearman": spearman, "kendall": kendall}


def correlate(X: Matrix, Y: Matrix | None = None, kind: str = "pearson") -> Matrix:
    """Return the correlations of the columns of X with those of Y (X where None), (J, K).

    Each over the rows that both columns have; NaN with fewer than 3 of them.
    """
    function = CORRELATIONS[kind]
    other = X if Y is None else Y
    out = np.full((X.shape[1], other.shape[1]), np.nan)
    for i in range(X.shape[1]):
        for j in range(other.shape[1]):
            if Y is None and j < i:
                out[i, j] = out[j, i]
                continue
            both = ~np.isnan(X[:, i]) & ~np.isnan(other[:, j])
            if both.sum() > 2:
                out[i, j] = function(X[both, i], other[both, j])
        if Y is None and not np.isnan(out[i, i]):
            out[i, i] = 1.0
    return out


def p_values(X: Matrix) -> Matrix:
    """Return the two-sided p values of the Pearson correlations of columns, (J, J), by t test."""
    from scipy.stats import t

    r = correlate(X)
    there = (~np.isnan(X)).astype(np.float64)
    dof = there.T @ there - 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.sqrt(dof) * np.abs(r) / np.sqrt(np.maximum(1.0 - r**2, 0.0))
    p: Matrix = 2.0 * t.sf(statistic, dof)
    np.fill_diagonal(p, 0.0)
    return p


def cronbach(X: Matrix, *, pairwise: bool = False) -> float:
    """Return Cronbach's raw α = k/(k - 1)·(1 - tr S/ΣS) of covariances S, n - 1.

    Over complete rows, or each covariance over the rows that its two columns have.  NaN for one
    column, for fewer than 2 rows, and where the sum does not vary.
    """
    k = X.shape[1]
    if not pairwise:
        X = X[~np.isnan(X).any(axis=1)]
    if k < 2 or len(X) < 2:
        return float("nan")
    S = np.empty((k, k))
    for i in range(k):
        for j in range(i, k):
            both = ~np.isnan(X[:, i]) & ~np.isnan(X[:, j])
            a, b = X[both, i], X[both, j]
            S[i, j] = S[j, i] = ((a - a.mean()) @ (b - b.mean())) / (len(a) - 1) \
                if len(a) > 1 else np.nan
    total = S.sum()
    return float(k / (k - 1) * (1.0 - np.trace(S) / total)) if total > 0 else float("nan")
