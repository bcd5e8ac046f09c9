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


def conjugate_gradients(
    columns: NDArray[np.float64],
    effects: Sequence[Codes],
    weights: NDArray[np.float64] | None,
    tolerance: float,
    max_iterations: int,
) -> tuple[NDArray[np.float64], bool]:
    """Return the residuals of ``columns`` (n, m) on the dummies of ``effects``, and convergence.

    Stops where one symmetric sweep moves a column by less than ``tolerance`` of its norm.
    """
    out = np.empty(columns.shape, order="F")
    mass = [np.bincount(e.codes, weights=weights, minlength=e.levels) for e in effects]
    order = [*range(len(effects)), *reversed(range(len(effects) - 1))]

    def moved(column: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (I − S) column."""
        swept = column
        for q in order:
            if effects[q].slope is not None:
                swept = swept - project_slope(swept, effects[q], weights)
                continue
            weighted = swept if weights is None else swept * weights
            sums = np.bincount(effects[q].codes, weights=weighted, minlength=effects[q].levels)
            swept = swept - (sums / mass[q])[effects[q].codes]
        return column - swept

    def inner(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        return float(np.sum(a * b if weights is None else a * b * weights))

    converged = True
    for j in range(columns.shape[1]):
        column = columns[:, j].copy()
        small = tolerance**2 * inner(column, column)
        residual = moved(column)
        direction, left = residual, inner(residual, residual)
        for _ in range(max_iterations):
            if left <= small:
                break
            image = moved(direction)
            step = left / inner(direction, image)
            column = column - step * direction
            residual = residual - step * image
            now = inner(residual, residual)
            direction, left = residual + (now / left) * direction, now
        converged &= left <= small
        out[:, j] = column
    return out, converged
