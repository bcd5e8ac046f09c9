"""Within transformation by conjugate gradients, for fixed effects that are weakly connected.

Alternating projections need very many sweeps there, all the more with uneven weights.  The
symmetric sweep S = M_1 … M_Q … M_1 is self-adjoint in the weighted inner product, so the residual
of a column on all the dummies is found by conjugate gradients on I − S (Hernández-Ramos, Escalante
and Raydan 2011; Correia 2017).  Sums run in row order: the bytes do not depend on the
number of threads, which those of pyfixest's own second solver do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.codes import Codes
from gvckit.models.slopes import project_slope

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["conjugate_gradients"]


class _Means:
    """The means of one fixed effect, taken off columns in place.

    Groups that lie one after another in the rows are summed without looking up their codes.
    """

    __slots__ = ("buffer", "counts", "effect", "mass", "starts", "weights")

    def __init__(self, effect: Codes, weights: NDArray[np.float64] | None,
                 buffer: NDArray[np.float64]) -> None:
        self.effect, self.weights, self.buffer = effect, weights, buffer
        self.mass = np.bincount(effect.codes, weights=weights, minlength=effect.levels)
        ordered = effect.slope is None and bool((effect.codes[1:] >= effect.codes[:-1]).all())
        self.counts = np.bincount(effect.codes, minlength=effect.levels) if ordered else None
        self.starts = None if self.counts is None else np.cumsum(self.counts) - self.counts

    def take_off(self, column: NDArray[np.float64]) -> None:
        """Subtract the means of the groups from ``column`` (n,), or the fit on the slope."""
        if self.effect.slope is not None:
            column -= project_slope(column, self.effect, self.weights)
            return
        weighted = column if self.weights is None else np.multiply(
            column, self.weights, out=self.buffer)
        if self.starts is not None and self.counts is not None:
            means = np.add.reduceat(weighted, self.starts) / self.mass
            column -= np.repeat(means, self.counts)
            return
        means = np.bincount(self.effect.codes, weights=weighted,
                            minlength=self.effect.levels) / self.mass
        column -= np.take(means, self.effect.codes, out=self.buffer, mode="clip")


def conjugate_gradients(
    columns: NDArray[np.float64],
    effects: Sequence[Codes],
    weights: NDArray[np.float64] | None,
    tolerance: float,
    max_iterations: int,
) -> tuple[NDArray[np.float64], bool]:
    """Return the residuals of ``columns`` (n, m) on the dummies of ``effects``, and convergence.

    The residuals take the place of ``columns``, which are in Fortran order.  Stops where one
    symmetric sweep moves a column by less than ``tolerance`` of its norm.
    """
    buffer = np.empty(len(columns))
    means = [_Means(e, weights, buffer) for e in effects]
    order = [*range(len(effects)), *reversed(range(len(effects) - 1))]

    def moved(column: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (I − S) column."""
        swept = column.copy()
        for q in order:
            means[q].take_off(swept)
        return np.subtract(column, swept, out=swept)

    def inner(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        np.multiply(a, b, out=buffer)
        if weights is not None:
            np.multiply(buffer, weights, out=buffer)
        return float(buffer.sum())

    converged = True
    for column in columns.T:
        small = tolerance**2 * inner(column, column)
        residual = moved(column)
        direction, left = residual.copy(), inner(residual, residual)
        for _ in range(max_iterations):
            if left <= small:
                break
            image = moved(direction)
            step = left / inner(direction, image)
            np.multiply(direction, step, out=buffer)
            column -= buffer
            np.multiply(image, step, out=buffer)
            residual -= buffer
            now = inner(residual, residual)
            direction *= now / left
            direction += residual
            left = now
        converged &= left <= small
    return columns, converged
