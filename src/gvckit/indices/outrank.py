"""Pairwise contests between rows: outranking matrices and Copeland scores, ties exact."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

__all__ = ["copeland", "outranking", "whole_weights"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

_MOST_CELLS = 2_000_000
_LARGEST = 2**52


def whole_weights(weights: Vector) -> NDArray[np.int64]:
    """Return whole numbers in the proportions of ``weights`` (J,), so that sums have no rounding.

    Weights that are fractions with denominators up to 10 000 (0.2, 1/3) are taken to be these;
    others are rounded at 2⁻⁵⁰ of the largest.
    """
    top = float(weights.max(initial=0.0))
    if not top > 0:
        return np.zeros(len(weights), dtype=np.int64)
    near = [Fraction(float(w) / top).limit_denominator(10_000) for w in weights]
    if all(abs(float(f) - w / top) <= 1e-13 for f, w in zip(near, weights, strict=True)):
        common = math.lcm(*(f.denominator for f in near))
        if common * len(near) < _LARGEST:
            return np.array([int(f * common) for f in near], dtype=np.int64)
    return np.rint(weights / top * 2**50).astype(np.int64)


def _contest(Z: Matrix, rows: slice, whole: NDArray[np.int64]
             ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the weights with which rows beat, and are beaten by, every row: (r, n) each."""
    wins = np.zeros((len(Z[rows]), len(Z)), dtype=np.int64)
    losses = np.zeros_like(wins)
    for j, w in enumerate(whole):
        # A missing value beats nothing and is beaten by nothing.
        wins += w * (Z[rows, j, None] > Z[None, :, j])
        losses += w * (Z[rows, j, None] < Z[None, :, j])
    return wins, losses


def _blocks(n: int) -> list[slice]:
    size = max(1, _MOST_CELLS // max(n, 1))
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def outranking(Z: Matrix, weights: Vector) -> Matrix:
    """Return the share of weight with which the row's unit beats the column's, (n, n).

    Half of the weight of ties; over the children that both have, so that a pair and its reverse
    sum to 1.  The diagonal is 0; pairs without a common child are NaN.
    """
    whole = whole_weights(weights)
    out = np.empty((len(Z), len(Z)))
    there = (~np.isnan(Z)).astype(np.float64)
    both = (there * whole) @ there.T
    for rows in _blocks(len(Z)):
        wins, losses = _contest(Z, rows, whole)
        total = both[rows]
        out[rows] = 0.5 + 0.5 * (wins - losses) / np.where(total > 0, total, np.nan)
    np.fill_diagonal(out, 0.0)
    return out


def copeland(Z: Matrix, weights: Vector) -> Vector:
    """Return for each row how many rows it beats less how many beat it, (n,).

    A row beats another where the weight of the children in which it is ahead exceeds that of those
    in which it is behind, compared in whole numbers.
    """
    whole = whole_weights(weights)
    scores = np.empty(len(Z))
    for rows in _blocks(len(Z)):
        wins, losses = _contest(Z, rows, whole)
        scores[rows] = np.sign(wins - losses).sum(axis=1)
    # No value, or no child with a weight: no contest.
    scores[np.isnan(Z[:, whole > 0]).all(axis=1)] = np.nan
    return scores
