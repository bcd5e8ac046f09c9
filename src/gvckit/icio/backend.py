"""The linear algebra that array kernels need: factor once, solve often.

Kernels use the namespace of the array standard (``backend.xp``) and these few functions, so that
another array library can run them: write one class with the methods of :class:`Backend`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

__all__ = ["NUMPY", "Backend", "NumpyBackend", "StandardBackend"]

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


class Backend(Protocol):
    """What a library must offer beside the array standard.

    Attributes
    ----------
    xp
        The library's namespace.
    """

    xp: Any

    def asarray(self, values: Any) -> Any:
        """Return ``values`` as a float64 array of the library."""

    def factor(self, matrix: Any) -> Any:
        """Return the factors of a square matrix (n, n), which may be overwritten."""

    def singular(self, factors: Any) -> bool:
        """Return whether the factors are those of a singular matrix."""

    def solve(self, factors: Any, x: Any, *, transposed: bool = False) -> Any:
        """Return M⁻¹ x, or M⁻ᵀ x, for x of shape (n,) or (n, k)."""

    def inverse(self, factors: Any) -> Any:
        """Return M⁻¹, shape (n, n)."""

    def diagonal_blocks(self, factors: Any, rows: Sequence[Rows]) -> list[Any]:
        """Return the submatrix of M⁻¹ on each set of rows (and the same columns)."""


class NumpyBackend:
    """NumPy arrays with LAPACK: LU, and triangular inverses where only diagonal blocks are asked.

    A row-major matrix is its transpose in LAPACK's order, so Mᵀ is factored and nothing is copied.
    """

    xp: Any = np

    def asarray(self, values: Any) -> Floats:
        """Return ``values`` as float64."""
        return np.asarray(values, dtype=np.float64)

    def factor(self, matrix: Floats) -> tuple[Floats, Rows]:
        """Return LU and pivots of the transpose."""
        lu, pivots, _ = lapack.dgetrf(np.ascontiguousarray(matrix).T, overwrite_a=True)
        return lu, pivots

    def singular(self, factors: tuple[Floats, Rows]) -> bool:
        """Return whether a pivot is nothing but rounding."""
        pivot = np.abs(np.diag(factors[0]))
        return not bool(pivot.min() > np.finfo(float).eps * pivot.max())

    def solve(self, factors: tuple[Floats, Rows], x: Floats, *, transposed: bool = False
              ) -> Floats:
        """Return M⁻¹ x, or M⁻ᵀ x."""
        solved, _ = lapack.dgetrs(*factors, x.reshape(x.shape[0], -1), trans=not transposed)
        out: Floats = np.ascontiguousarray(solved).reshape(x.shape)
        return out

    def inverse(self, factors: tuple[Floats, Rows]) -> Floats:
        """Return the whole inverse."""
        lu, pivots = factors
        inverse, _ = lapack.dgetri(lu, pivots, lwork=int(lapack.dgetri_lwork(len(lu))[0]))
        out: Floats = inverse.T
        return out

    def triangular_inverse(self, lu: Floats) -> Floats:
        """Return U⁻¹ and the unit-lower L⁻¹, packed like ``lu``: n³/3 work each."""
        packed = lu.copy(order="F")
        for lower in (0, 1):
            packed, _ = lapack.dtrtri(packed, lower=lower, unitdiag=lower, overwrite_c=True)
        return packed

    def diagonal_blocks(self, factors: tuple[Floats, Rows], rows: Sequence[Rows]) -> list[Floats]:
        """Return blocks of M⁻¹ from M⁻ᵀ = U⁻¹ L⁻¹ P, without forming M⁻¹."""
        lu, pivots = factors
        packed, place = self.triangular_inverse(lu), _places(pivots)
        return [_block(packed, own, place[own]) for own in rows]


def _places(pivots: Rows) -> Rows:
    """Return where each row goes when LAPACK's interchanges are applied."""
    order = np.arange(len(pivots))
    for row, other in enumerate(pivots):
        if other != row:
            order[[row, other]] = order[[other, row]]
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return place


def _block(packed: Floats, rows: Rows, columns: Rows) -> Floats:
    """Return ((U⁻¹)[rows, :] (L⁻¹)[:, columns])' from packed triangles."""
    low = int(rows.min())
    inner = np.arange(low, len(packed))
    upper = np.where(inner >= rows[:, None], packed[rows, low:], 0.0)
    lower = packed[low:, columns]
    lower = np.where(inner[:, None] > columns, lower, inner[:, None] == columns)
    out: Floats = np.ascontiguousarray((upper @ lower).T)
    return out


class StandardBackend:
    """Any library that follows the array standard with its ``linalg`` extension.

    The standard has no LU: every solve factors anew.  Right, and slow; a library with LU deserves
    its own class.

    Parameters
    ----------
    xp
        A namespace of the array standard.
    """

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def asarray(self, values: Any) -> Any:
        """Return ``values`` as float64."""
        return self.xp.asarray(values, dtype=self.xp.float64)

    def factor(self, matrix: Any) -> Any:
        """Return the matrix itself."""
        return matrix

    def singular(self, factors: Any) -> bool:
        """Return False: ``linalg.solve`` tells."""
        return False

    def solve(self, factors: Any, x: Any, *, transposed: bool = False) -> Any:
        """Return M⁻¹ x, or M⁻ᵀ x."""
        return self.xp.linalg.solve(factors.T if transposed else factors, x)

    def inverse(self, factors: Any) -> Any:
        """Return the whole inverse."""
        return self.xp.linalg.inv(factors)

    def diagonal_blocks(self, factors: Any, rows: Sequence[Rows]) -> list[Any]:
        """Return blocks of the whole inverse."""
        xp, inverse = self.xp, self.inverse(factors)
        index = [xp.asarray([int(row) for row in own]) for own in rows]
        return [xp.take(xp.take(inverse, own, axis=0), own, axis=1) for own in index]


NUMPY = NumpyBackend()
"""The backend that is used where none is named."""
