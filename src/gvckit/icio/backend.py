"""The linear algebra that array kernels need: factor once, solve often.

Kernels use the namespace of the array standard (``backend.xp``) and these few functions, so that
another array library can run them: write one class with the methods of :class:`Backend`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gvckit.icio.lu import LuFactors

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
        return factors.singular

    def solve(self, factors: LuFactors, x: Floats, *, transposed: bool = False) -> Floats:
        """Return M⁻¹ x, or M⁻ᵀ x."""
        return factors.solve(x, transposed=transposed)

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
