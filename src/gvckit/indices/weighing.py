"""What weighting kernels take and return."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Parts", "Weighing", "complete", "plain", "usable"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Parts:
    """The columns to weigh.

    Attributes
    ----------
    Z
        (n, J) normalised, NaN for missing; all NaN: a column that gets weight 0.
    X
        (n, J) before normalisation; above the leaves the same as Z.
    units, times
        (n,) codes of each row's unit and its time.
    shift
        Added to z in entropy weights.
    signs
        (J,) 1 where more is better, -1 where less is; None: all 1.
    """

    Z: Matrix
    X: Matrix
    units: Codes
    times: Codes
    shift: float = 0.0
    signs: Vector | None = None


@dataclass(frozen=True, slots=True)
class Weighing:
    """Weights of J columns.

    Attributes
    ----------
    weights
        (J,), not negative, sum 1 (all 0 where no column can have a weight).
    entropy, divergence
        (J,) e and d = 1 - e for entropy weights; NaN for others and for columns without weight.
    """

    weights: Vector
    entropy: Vector
    divergence: Vector


def plain(raw: Vector) -> Weighing:
    """Return ``raw`` (J,) scaled to sum 1."""
    size = raw.sum()
    nothing = np.full(len(raw), np.nan)
    return Weighing(raw / size if size > 0 else raw, nothing, nothing)


def usable(Z: Matrix) -> NDArray[np.bool_]:
    """Return which columns have a value, (J,)."""
    return np.asarray((~np.isnan(Z)).any(axis=0), dtype=np.bool_)


def complete(Z: Matrix, columns: NDArray[np.bool_]) -> Matrix:
    """Return the chosen columns of the rows that have them all."""
    part = Z[:, columns]
    rows: Matrix = part[~np.isnan(part).any(axis=1)]
    return rows
