"""Closeness to the ideal (TOPSIS), ordered weights, and coupling coordination."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.indices.means import own_weights

__all__ = ["Coordination", "coordination", "ordered", "topsis", "topsis_vector"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


def topsis(Z: Matrix, weights: Vector) -> Vector:
    """Return D⁻/(D⁺ + D⁻), (n,), distances of w·z from the best and worst of each column.

    Weights enter the distances squared.  A missing child has no distance; weights of the others
    take over.  Where all rows are the same, every row is as close to both: 0.5.
    """
    own = own_weights(Z, weights)
    best, worst = np.fmax.reduce(Z, axis=0), np.fmin.reduce(Z, axis=0)
    far = np.sqrt((np.where(np.isnan(Z), 0.0, own * (best - Z)) ** 2).sum(axis=1))
    near = np.sqrt((np.where(np.isnan(Z), 0.0, own * (Z - worst)) ** 2).sum(axis=1))
    total = far + near
    closeness = np.where(total == 0, 0.5, near / np.where(total == 0, 1.0, total))
    return np.where(np.isnan(own).any(axis=1), np.nan, closeness)


def topsis_vector(Z: Matrix, weights: Vector) -> Vector:
    """Return :func:`topsis` of z/√Σz², the columns put on vector norm first."""
    size = np.sqrt(np.nansum(Z**2, axis=0))
    return topsis(Z / np.where(size > 0, size, np.nan), weights)


def ordered(Z: Matrix, weights: Vector, orness: float) -> Vector:
    """Return the ordered weighted mean, (n,): 1 the best child, 0.5 the mean, 0 the worst.

    Yager (1988), with importances (Torra 1997): the children from the best down, the k-th weighed
    Q(Sₖ) - Q(Sₖ₋₁) with Q(r) = r^((1-orness)/orness) and S the weights so far.
    """
    own = own_weights(Z, weights)
    order = np.argsort(-np.where(np.isnan(Z), -np.inf, Z), axis=1, kind="stable")
    falling = np.take_along_axis(np.where(np.isnan(Z), 0.0, Z), order, axis=1)
    so_far = np.cumsum(np.take_along_axis(own, order, axis=1), axis=1)
    so_far = np.minimum(so_far, 1.0)
    if orness >= 1.0:
        q = (so_far > 0).astype(np.float64)
    elif orness <= 0.0:
        q = (so_far >= 1.0 - 1e-12).astype(np.float64)
    else:
        q = so_far ** ((1.0 - orness) / orness)
    steps = np.diff(q, axis=1, prepend=0.0)
    scores: Vector = np.where(np.isnan(own).any(axis=1), np.nan, (steps * falling).sum(axis=1))
    return scores


@dataclass(frozen=True, slots=True)
class Coordination:
    """Coupling C, development T and coordination D = √(C·T), each (n,)."""

    coupling: Vector
    development: Vector
    degree: Vector


def coordination(U: Matrix, weights: Vector | None = None) -> Coordination:
    """Return the coupling coordination of K systems U (n, K) in [0, 1].

    C = K (ΠU)^(1/K)/ΣU, in [0, 1]; T = Σ w U, weights equal where None; D = √(C·T).  Where all
    systems are 0, C is 0.  A missing system makes the row missing.
    """
    count = U.shape[1]
    share = np.full(count, 1.0 / count) if weights is None else weights / weights.sum()
    total = U.sum(axis=1)
    centre = np.prod(np.maximum(U, 0.0) ** (1.0 / count), axis=1)
    C = np.where(total > 0, count * centre / np.where(total > 0, total, 1.0), 0.0)
    C = np.where(np.isnan(total), np.nan, np.minimum(C, 1.0))
    T = U @ share
    return Coordination(C, T, np.sqrt(C * np.maximum(T, 0.0)))
