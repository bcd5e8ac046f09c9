"""Least squares on very many rows: cross-products block by block, no copy of the columns.

An error of cross-products is that of QR times the inverse of the smallest pivot; where pivots are
small the callers take QR.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import solve_triangular

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PIVOT", "TALL", "Tall", "tall_influence", "tall_residuals", "tall_root"]

TALL = 200_000
"""Rows from which copies of the columns cost more than they are worth."""

PIVOT = 0.03
"""Least share of a column that earlier ones may leave; below it cross-products lose digits."""

BLOCK = 1 << 16


class Tall:
    """Columns of a regression that are read in blocks of rows.

    Parameters
    ----------
    X
        Shape (n, v).
    columns
        Which of them, k, are regressors.
    scale
        Shape (k,): their norms.
    weights
        Shape (n,), or None.
    """

    __slots__ = ("X", "columns", "scale", "weights")

    def __init__(self, X: NDArray[np.float64], columns: NDArray[np.int64],
                 scale: NDArray[np.float64], weights: NDArray[np.float64] | None) -> None:
        self.X, self.columns, self.scale, self.weights = X, columns, scale, weights

    def blocks(self) -> Iterator[tuple[slice, NDArray[np.float64], NDArray[np.float64]]]:
        """Yield rows, the scaled columns, shape (b, k), and the same times the weights."""
        for start in range(0, len(self.X), BLOCK):
            rows = slice(start, min(start + BLOCK, len(self.X)))
            Z = self.X[rows][:, self.columns] / self.scale
            yield rows, Z, Z if self.weights is None else Z * self.weights[rows, None]


def tall_root(tall: Tall) -> NDArray[np.float64] | None:
    """Return R with R'R = Z'WZ, shape (k, k); None where a pivot is below ``PIVOT``."""
    k = len(tall.columns)
    gram = np.zeros((k, k))
    for _, Z, weighted in tall.blocks():
        gram += Z.T @ weighted
    try:
        upper = np.linalg.cholesky((gram + gram.T) / 2).T
    except np.linalg.LinAlgError:
        return None
    return np.asarray(upper, dtype=np.float64) if np.diagonal(upper).min() > PIVOT else None


def tall_residuals(tall: Tall, y: NDArray[np.float64], root: NDArray[np.float64]
                   ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return R⁻¹, the coefficients of the unscaled columns, shape (k,), and residuals (n,)."""
    inverse = np.asarray(solve_triangular(root, np.eye(len(root))), dtype=np.float64)
    cross = np.zeros(len(root))
    for rows, _, weighted in tall.blocks():
        cross += weighted.T @ y[rows]
    coef = inverse @ (inverse.T @ cross)
    residuals = np.empty(len(y))
    for rows, Z, _ in tall.blocks():
        residuals[rows] = y[rows] - Z @ coef
    return inverse, coef / tall.scale, residuals


def tall_influence(tall: Tall, residuals: NDArray[np.float64], inverse: NDArray[np.float64]
                   ) -> NDArray[np.float64]:
    """Return ``w_i u_i x_i (X'WX)⁻¹``, shape (n, k), Fortran order."""
    bread = (inverse @ inverse.T) / tall.scale
    out = np.empty((len(tall.X), len(tall.columns)), order="F")
    for rows, _, weighted in tall.blocks():
        out[rows] = (weighted * residuals[rows, None]) @ bread
    return out
