"""Put the children of a node together.

Kernels take the children's scores Z (n, J), NaN for missing, and weights (J,) that are not
negative; weights are scaled to sum 1 over the children that a row has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["AGGREGATORS", "Aggregator", "arithmetic", "geometric"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


def _own_weights(Z: Matrix, weights: Vector) -> Matrix:
    """Return the weights of each row's children, (n, J), 0 for missing; NaN where it has none."""
    own = np.where(np.isnan(Z), 0.0, weights)
    total = own.sum(axis=1, keepdims=True)
    return own / np.where(total > 0, total, np.nan)


def arithmetic(Z: Matrix, weights: Vector) -> Vector:
    """Return Σ w z, (n,)."""
    scores: Vector = (np.where(np.isnan(Z), 0.0, Z) * _own_weights(Z, weights)).sum(axis=1)
    return scores


def geometric(Z: Matrix, weights: Vector) -> Vector:
    """Return Π z^w, (n,); every z with a weight must be above 0."""
    own = _own_weights(Z, weights)
    logs = np.log(np.where(np.isnan(Z) | (own == 0), 1.0, Z))
    scores: Vector = np.exp((logs * own).sum(axis=1))
    return scores


@dataclass(frozen=True, slots=True)
class Aggregator:
    """An aggregation: its kernel, whether it needs values above 0, and what it is in words."""

    kernel: Callable[[Matrix, Vector], Vector]
    positive: bool
    words: str


AGGREGATORS: dict[str, Aggregator] = {
    "arithmetic": Aggregator(arithmetic, False, "weighted arithmetic mean"),
    "geometric": Aggregator(geometric, True, "weighted geometric mean"),
}
