"""The linear algebra that array kernels need: factor once, solve often.

Kernels use the namespace of the array standard (``backend.xp``) and these few functions, so that
another array library can run them: write one class with the methods of :class:`Backend`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

__all__ = ["NUMPY", "Backend", "LuFactors", "NumpyBackend", "StandardBackend"]

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

    def numpy(self, values: Any) -> Floats:
        """Return an array of the library as NumPy's, from wherever it lies."""

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


class LuFactors:
    """LU of Mᵀ by LAPACK, and its triangular inverses once something asked for them.

    A row-major matrix is its transpose in LAPACK's order, so Mᵀ is factored and nothing is copied.

    Parameters
    ----------
    matrix
        M, shape (n, n), row-major; overwritten.
    """

    def __init__(self, matrix: Floats) -> None:
        self.lu, self.pivots, _ = lapack.dgetrf(np.ascontiguousarray(matrix).T, overwrite_a=True)

    @cached_property
    def packed(self) -> Floats:
        """U⁻¹ and the unit-lower L⁻¹, packed like ``lu``: n³/3 work each."""
        packed: Floats = self.lu.copy(order="F")
        for lower in (0, 1):
            packed, _ = lapack.dtrtri(packed, lower=lower, unitdiag=lower, overwrite_c=True)
        return packed

    @cached_property
    def places(self) -> Rows:
        """Where each row goes when LAPACK's interchanges are applied."""
        order = np.arange(len(self.pivots))
        for row, other in enumerate(self.pivots):
            if other != row:
                order[[row, other]] = order[[other, row]]
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        return place

    def inverse(self) -> Floats:
        """Return M⁻¹ from the triangular inverses, in half the work once they are there."""
        product, still = _product(self.packed), np.arange(len(self.places))
        return product if (self.places == still).all() else product[self.places]

    def block(self, rows: Rows) -> Floats:
        """Return M⁻¹ on these rows and columns, from M⁻ᵀ = U⁻¹ L⁻¹ P."""
        low, columns = int(rows.min()), self.places[rows]
        inner = np.arange(low, len(self.packed))
        upper = np.where(inner >= rows[:, None], self.packed[rows, low:], 0.0)
        lower = self.packed[low:, columns]
        lower = np.where(inner[:, None] > columns, lower, inner[:, None] == columns)
        out: Floats = np.ascontiguousarray((upper @ lower).T)
        return out


def _product(packed: Floats, width: int = 128) -> Floats:
    """Return (U⁻¹ L⁻¹)' of packed triangles, block by block without their zeros: 2/3 n³ work.

    Right of and below a diagonal block the triangles fill their rectangles: two products a block,
    without copies of what they multiply.
    """
    n = len(packed)
    out = np.empty((n, n))
    for a in range(0, n, width):
        b = min(a + width, n)
        upper, lower = np.array(packed[a:b, a:]), np.array(packed[a:, a:b])
        upper[:, :b - a] = np.triu(upper[:, :b - a])
        lower[:b - a] = np.tril(lower[:b - a], -1) + np.eye(b - a)
        out[:a, a:b] = packed[a:, :a].T @ upper.T
        out[a:b, :a] = lower.T @ packed[:a, a:].T
        out[a:b, a:b] = lower.T @ upper.T
    return out


class NumpyBackend:
    """NumPy arrays with LAPACK: LU, and triangular inverses where only blocks are asked for."""

    xp: Any = np

    def asarray(self, values: Any) -> Floats:
        """Return ``values`` as float64."""
        return np.asarray(values, dtype=np.float64)

    def numpy(self, values: Any) -> Floats:
        """Return ``values``."""
        return np.asarray(values, dtype=np.float64)

    def factor(self, matrix: Floats) -> LuFactors:
        """Return LU and pivots of the transpose."""
        return LuFactors(matrix)

    def singular(self, factors: LuFactors) -> bool:
        """Return whether a pivot is nothing but rounding."""
        pivot = np.abs(np.diag(factors.lu))
        return not bool(pivot.min() > np.finfo(float).eps * pivot.max())

    def solve(self, factors: LuFactors, x: Floats, *, transposed: bool = False) -> Floats:
        """Return M⁻¹ x, or M⁻ᵀ x."""
        columns = x.reshape(x.shape[0], -1)
        solved, _ = lapack.dgetrs(factors.lu, factors.pivots, columns, trans=not transposed)
        out: Floats = np.ascontiguousarray(solved).reshape(x.shape)
        return out

    def inverse(self, factors: LuFactors) -> Floats:
        """Return the whole inverse."""
        return factors.inverse()

    def diagonal_blocks(self, factors: LuFactors, rows: Sequence[Rows]) -> list[Floats]:
        """Return blocks of the inverse without forming it."""
        return [factors.block(own) for own in rows]


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

    def numpy(self, values: Any) -> Floats:
        """Return ``values`` as NumPy's; from another device by DLPack."""
        if isinstance(values, np.ndarray):
            return values
        try:
            return np.asarray(values, dtype=np.float64)
        except (TypeError, RuntimeError, ValueError):
            # Libraries of devices do not move memory unless they are told to.
            moved: Floats = np.from_dlpack(values, device="cpu", copy=True).astype(np.float64)
            return moved

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
