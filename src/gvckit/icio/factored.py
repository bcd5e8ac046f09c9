"""I − A of a table in its own row order, factored once for every view of the table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.icio.backend import Backend
from gvckit.icio.table import IcioTable

__all__ = ["Factored", "per_unit", "submatrix"]

Floats = NDArray[np.float64]


class Factored:
    """The factors of I − A, and what was asked of its inverse, each made once.

    Parameters
    ----------
    table
        A validated table.
    backend
        The array library.
    """

    def __init__(self, table: IcioTable, backend: Backend) -> None:
        self.backend, self.table = backend, table

    @cached_property
    def factors(self) -> Any:
        """The backend's factors of I − A."""
        matrix = self.table.Z * -per_unit(self.table.X)
        matrix[np.diag_indices_from(matrix)] += 1.0
        factors = self.backend.factor(self.backend.asarray(matrix))
        if self.backend.singular(factors):
            raise DataError(Problem(
                "I - A is singular: the table has no Leontief inverse",
                f"{self.table.source} {self.table.year or ''}".strip() or None,
                "a table where some value added lies behind every output"))
        return factors

    @cached_property
    def inverse(self) -> Any:
        """The whole inverse, shape (n, n)."""
        return self.backend.inverse(self.factors)

    @cached_property
    def diagonal(self) -> dict[tuple[int, ...], Any]:
        """Diagonal blocks of the inverse by the table's blocks that they cover."""
        return {}

    def diagonal_blocks(self, countries: Sequence[tuple[int, ...]]) -> list[Any]:
        """Return the inverse's block of each country, given as blocks of the table.

        One way for all, whatever was asked before: to the last bit, a result may not hang on what
        else was measured.
        """
        N = self.table.N
        rows = {own: np.concatenate([np.arange(k * N, k * N + N) for k in own])
                for own in countries if own not in self.diagonal}
        if rows:
            found = self.backend.diagonal_blocks(self.factors, list(rows.values()))
            self.diagonal.update(zip(rows, found, strict=True))
        return [self.diagonal[own] for own in countries]


def submatrix(
    xp: Any, matrix: Any, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> Any:
    """Return the cells of a matrix in these rows and columns."""
    return xp.take(xp.take(matrix, xp.asarray(rows), axis=0), xp.asarray(columns), axis=1)


def per_unit(X: Floats) -> Floats:
    """Return 1 / X, and 0 where there is no output."""
    return np.divide(1.0, X, out=np.zeros_like(X), where=X > 0)
