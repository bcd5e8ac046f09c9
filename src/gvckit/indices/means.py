"""Weighted means of a node's children.

Kernels take the children's scores Z (n, J), NaN for missing, and weights (J,) that are not
negative; weights are scaled to sum 1 over the children that a row has.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["arithmetic", "generalised", "geometric", "harmonic", "mazziotta_pareto", "own_weights"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


def own_weights(Z: Matrix, weights: Vector) -> Matrix:
    """Return the weights of each row's children, (n, J), 0 for missing; NaN where it has none."""
    own = np.where(np.isnan(Z), 0.0, weights)
    total = own.sum(axis=1, keepdims=True)
    return own / np.where(total > 0, total, np.nan)


def _full(Z: Matrix, weights: Vector) -> Vector | None:
    """Return the weights (J,), scaled, where no row lacks a child, which needs no (n, J)."""
    if np.isnan(Z).any() or not weights.sum() > 0:
        return None
    scaled: Vector = weights / weights.sum()
    return scaled


def arithmetic(Z: Matrix, weights: Vector) -> Vector:
    """Return Σ w z, (n,)."""
    same = _full(Z, weights)
    if same is not None:
        whole: Vector = Z @ same
        return whole
    scores: Vector = (np.where(np.isnan(Z), 0.0, Z) * own_weights(Z, weights)).sum(axis=1)
    return scores


def geometric(Z: Matrix, weights: Vector) -> Vector:
    """Return Π z^w, (n,); every z with a weight must be above 0."""
    own = own_weights(Z, weights)
    logs = np.log(np.where(np.isnan(Z) | (own == 0), 1.0, Z))
    scores: Vector = np.exp((logs * own).sum(axis=1))
    return scores


def harmonic(Z: Matrix, weights: Vector) -> Vector:
    """Return 1/Σ(w/z), (n,); every z with a weight must be above 0."""
    return generalised(Z, weights, -1.0)


def generalised(Z: Matrix, weights: Vector, power: float) -> Vector:
    """Return (Σ w z^p)^(1/p), (n,), for p = 0 the geometric mean; z must be above 0."""
    if power == 0.0:
        return geometric(Z, weights)
    own = own_weights(Z, weights)
    used = np.where(np.isnan(Z) | (own == 0), 1.0, Z)
    raised = 1.0 / used if power == -1.0 else used**power
    mean = (raised * own).sum(axis=1)
    scores: Vector = 1.0 / mean if power == -1.0 else mean ** (1.0 / power)
    return scores


def mazziotta_pareto(Z: Matrix, weights: Vector, sign: float = -1.0, ddof: int = 0) -> Vector:
    """Return M ± S²/M, (n,): the mean less (sign -1) or plus the penalty of imbalance.

    Mazziotta and Pareto (2013): M = Σ w z, S² = Σ w (z - M)² (× J/(J - 1) for ``ddof`` 1, as the R
    package Compind has it; the papers divide by J).
    """
    own = own_weights(Z, weights)
    mean = (np.where(np.isnan(Z), 0.0, Z) * own).sum(axis=1)
    apart = np.where(np.isnan(Z), 0.0, Z - mean[:, None])
    spread = (own * apart**2).sum(axis=1)
    if ddof:
        count = (own > 0).sum(axis=1)
        spread = spread * count / np.maximum(count - ddof, 1)
    scores: Vector = mean + sign * spread / mean
    return scores
