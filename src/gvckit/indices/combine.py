"""One set of weights out of several."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["COMBINERS", "average", "game", "multiplicative"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


def average(W: Matrix) -> Vector:
    """Return the mean of the sets W (S, J), (J,)."""
    mean: Vector = W.mean(axis=0)
    return mean


def multiplicative(W: Matrix) -> Vector:
    """Return Πₛ wₛⱼ / Σⱼ Πₛ wₛⱼ of the sets W (S, J); their mean where all products are 0."""
    product = W.prod(axis=0)
    return np.asarray(product / product.sum()) if product.sum() > 0 else average(W)


def game(W: Matrix) -> Vector:
    """Return the Nash compromise of the sets W (S, J).

    w* = Σ aₛ wₛ with a that minimises ‖w* - wₛ‖ for each set: W Wᵀ a = diag(W Wᵀ), a taken
    absolute and scaled to sum 1.  Sets that coincide get the least-norm a.
    """
    G = W @ W.T
    a = np.abs(np.linalg.lstsq(G, np.diag(G), rcond=1e-12)[0])
    mixed: Vector = (a / a.sum()) @ W
    return np.asarray(mixed / mixed.sum())


COMBINERS: dict[str, Callable[[Matrix], Vector]] = {
    "mean": average,
    "multiplicative": multiplicative,
    "game-theory": game,
}
