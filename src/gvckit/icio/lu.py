"""LU factors of a matrix: solves, blocks of its inverse, and the whole of it.

SciPy's BLAS and NumPy's are two libraries, and the threads of each go on spinning for a while
after it was called: to change between them costs more than a solve.  SciPy has the LU, so all that
is large goes to SciPy.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, lapack

__all__ = ["LuFactors"]

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

class LuFactors:
    """LU of Mᵀ by LAPACK, and its triangular inverses once something asked for them.

    A row-major matrix is its transpose in LAPACK's order, so Mᵀ = P'L U is factored in place.

    Parameters
    ----------
    matrix
        M, shape (n, n), row-major; overwritten.
    """

    def __init__(self, matrix: Floats) -> None:
        self.lu, self._pivots, _ = lapack.dgetrf(np.ascontiguousarray(matrix).T, overwrite_a=True)

    @property
    def singular(self) -> bool:
        """Whether a pivot is nothing but rounding."""
        pivot = np.abs(np.diag(self.lu))
        return not bool(pivot.min() > np.finfo(float).eps * pivot.max())

    def solve(self, x: Floats, *, transposed: bool = False) -> Floats:
        """Return M⁻¹ x, or M⁻ᵀ x, for x of shape (n,) or (n, k)."""
        columns = x.reshape(x.shape[0], -1)
        solved, _ = lapack.dgetrs(self.lu, self._pivots, columns, trans=not transposed)
        out: Floats = np.ascontiguousarray(solved).reshape(x.shape)
        return out

    @cached_property
    def _places(self) -> Rows:
        """Where each row goes when LAPACK's interchanges are applied."""
        order = np.arange(len(self._pivots))
        for row, other in enumerate(self._pivots):
            if other != row:
                order[[row, other]] = order[[other, row]]
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        return place

    @cached_property
    def _packed(self) -> Floats:
        """U⁻¹ and the unit-lower L⁻¹, packed like ``lu``: n³/3 work each."""
        packed: Floats = self.lu.copy(order="F")
        for lower in (0, 1):
            packed, _ = lapack.dtrtri(packed, lower=lower, unitdiag=lower, overwrite_c=True)
        return packed

    def inverse(self) -> Floats:
        """Return M⁻¹ from the triangular inverses, in half the work once they are there."""
        product, still = _product(self._packed), np.arange(len(self._places))
        return product if (self._places == still).all() else product[self._places]

    def block(self, rows: Rows) -> Floats:
        """Return M⁻¹ on these rows and columns, from M⁻ᵀ = U⁻¹ L⁻¹ P."""
        columns, low, high = self._places[rows], int(rows[0]), int(rows[-1]) + 1
        if _run(rows) and (columns == rows).all():
            # A corner of triangles, and the full rectangles right of it and below.
            packed = self._packed
            upper, lower = _triangles(packed[low:high, low:high])
            inside = blas.dgemm(1.0, packed[low:high, high:], packed[high:, low:high],
                                beta=1.0, c=upper @ lower)
            return np.ascontiguousarray(inside.T)
        return self._scattered(rows, columns)

    def _scattered(self, rows: Rows, columns: Rows) -> Floats:
        low = int(rows.min())
        inner = np.arange(low, len(self._packed))
        upper = np.where(inner >= rows[:, None], self._packed[rows, low:], 0.0)
        lower = self._packed[low:, columns]
        lower = np.where(inner[:, None] > columns, lower, inner[:, None] == columns)
        out: Floats = np.ascontiguousarray((upper @ lower).T)
        return out


def _run(rows: Rows) -> bool:
    """Return whether each row is the next of the one before."""
    return bool((np.diff(rows) == 1).all())


def _triangles(block: Floats) -> tuple[Floats, Floats]:
    """Return a packed block's upper triangle and its unit-lower one."""
    lower = np.tril(block, -1)
    lower[np.diag_indices_from(lower)] = 1.0
    return np.triu(block), lower


def _product(packed: Floats, width: int = 128) -> Floats:
    """Return (U⁻¹ L⁻¹)' of packed triangles, block by block without their zeros: 2/3 n³ work.

    Right of and below a diagonal block the triangles fill their rectangles: two products a block,
    without copies of what they multiply.
    """
    n = len(packed)
    out = np.empty((n, n))
    for a in range(0, n, width):
        b = min(a + width, n)
        own = slice(a, b)
        upper, lower = np.array(packed[own, a:]), np.array(packed[a:, own])
        upper[:, :b - a], lower[:b - a] = _triangles(packed[own, own])
        out[:a, own] = packed[a:, :a].T @ upper.T
        out[own, :a] = lower.T @ packed[:a, a:].T
        out[own, own] = lower.T @ upper.T
    return out
