"""What normalisers are told besides the values: targets, goalposts, a reference, a range."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Rulers", "extremes", "is_constant"]

Vector = NDArray[np.float64]
Rows = NDArray[np.bool_]

# Below this share of the largest absolute value a range is rounding, not variation.
_DUST = 1e-13


def _unsaid() -> Vector:
    return np.full(1, np.nan)


@dataclass(frozen=True, slots=True)
class Rulers:
    """What normalisers measure with.

    Attributes
    ----------
    targets, lows, highs
        (J,) targets and goalposts in units of the indicators; NaN where not said.
    reference
        (n,) which rows are the reference unit's.
    first
        (n,) which rows are of the first time.
    cap
        Whether distances end at 1.
    moments
        Mean and standard deviation of z-scores.
    ties
        Rank of equal values: ``min``, ``average``, ``max``.
    """

    targets: Vector = field(default_factory=_unsaid)
    lows: Vector = field(default_factory=_unsaid)
    highs: Vector = field(default_factory=_unsaid)
    reference: Rows | None = None
    first: Rows | None = None
    cap: bool = False
    moments: tuple[float, float] = (0.0, 1.0)
    ties: str = "average"

    def within(self, rows: Rows) -> Rulers:
        """Return the rulers for some of the rows."""
        return replace(self, reference=None if self.reference is None else self.reference[rows],
                       first=None)


def extremes(X: NDArray[np.float64]) -> tuple[Vector, Vector]:
    """Return the least and the largest value of each column, (J,); NaN where it has none."""
    if not len(X):
        return np.full(X.shape[1], np.nan), np.full(X.shape[1], np.nan)
    low, high = X.min(axis=0), X.max(axis=0)
    if np.isnan(low).any():
        # Slower, so only where values are missing.
        low, high = np.fmin.reduce(X, axis=0), np.fmax.reduce(X, axis=0)
    return low, high


def is_constant(X: NDArray[np.float64], low: Vector | None = None,
                high: Vector | None = None) -> Rows:
    """Return for each column whether its values are all the same, (J,); all missing counts."""
    if low is None or high is None:
        low, high = extremes(X)
    size = np.fmax(np.abs(low), np.abs(high))
    varies: Rows = high - low > _DUST * size
    return ~varies
