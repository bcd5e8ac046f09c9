"""The Leontief system of a table: one factorisation, everything else by solves.

Symbols follow the literature: A = Z X̂⁻¹, B = (I − A)⁻¹, Aᴰ and Aᶠ the domestic and foreign blocks
of A, L = (I − Aᴰ)⁻¹ the block-diagonal local inverse.  Industries without output have a zero
column in A.
"""

from __future__ import annotations

import warnings
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from gvckit.errors import DataError, Problem
from gvckit.icio.table import IcioTable

__all__ = ["Leontief", "as_leontief"]

Floats = NDArray[np.float64]


class Leontief:
    """The Leontief system of one table, made once and shared by every measure.

    Parameters
    ----------
    table
        A validated table.

    Attributes
    ----------
    table
        The table.
    G, N, n
        Numbers of countries, sectors and rows.
    zero
        Rows without output, shape (n,).
    A
        Input coefficients, shape (n, n); zero columns where there is no output.
    v
        Value added per unit of output, shape (n,): VA / X.  Where there is no output: 0, or 1 in
        a row that sells out of stocks (its sales are then its own value added, so that every
        decomposition still adds up).

    Raises
    ------
    DataError
        Where I − A is singular, on construction of the first solve.
    """

    def __init__(self, table: IcioTable) -> None:
        if not isinstance(table, IcioTable):
            raise DataError(Problem(f"expected an IcioTable, got {type(table).__name__}",
                                    allowed="gvckit.read_icio(...) or IcioTable.from_arrays(...)"))
        self.table = table
        self.G, self.N, self.n = table.G, table.N, table.n
        X = table.X
        self.zero: NDArray[np.bool_] = X <= 0
        per_unit = np.divide(1.0, X, out=np.zeros_like(X), where=~self.zero)
        self.A: Floats = table.Z * per_unit
        sells = self.zero & (table.Z.any(axis=1) | table.F.any(axis=1))
        self.v: Floats = np.where(sells, 1.0, table.VA * per_unit)
        self.A.flags.writeable = self.v.flags.writeable = False

    @property
    def X(self) -> Floats:  # noqa: N802 - the field's own symbol
        """Gross output, shape (n,)."""
        return self.table.X

    @property
    def VA(self) -> Floats:  # noqa: N802
        """Value added, shape (n,)."""
        return self.table.VA

    @property
    def Y(self) -> Floats:  # noqa: N802
        """Final demand by destination country, shape (n, G)."""
        return self.table.Y

    @cached_property
    def y(self) -> Floats:
        """Final sales of each row, shape (n,)."""
        total: Floats = self.Y.sum(axis=1)
        return total

    @cached_property
    def Y_D(self) -> Floats:  # noqa: N802
        """Final sales absorbed at home, shape (n,)."""
        return self.Y[np.arange(self.n), self.table.country_of_row]

    @cached_property
    def Y_F(self) -> Floats:  # noqa: N802
        """Final sales absorbed abroad, shape (n,)."""
        total: Floats = self.exports_of(self.Y).sum(axis=1)
        return total

    @cached_property
    def E_bilateral(self) -> Floats:  # noqa: N802
        """Gross exports by importer, shape (n, G); zero towards the own country.

        E_sr = A_sr X_r + Y_sr.
        """
        return self.exports_of(self.sales @ self._membership + self.Y)

    @cached_property
    def E(self) -> Floats:  # noqa: N802
        """Gross exports of each row, shape (n,)."""
        total: Floats = self.E_bilateral.sum(axis=1)
        return total

    @cached_property
    def sales(self) -> Floats:
        """A X̂, shape (n, n): Z, with nothing sold to industries without output."""
        return np.where(self.zero, 0.0, self.table.Z) if self.zero.any() else self.table.Z

    @cached_property
    def _membership(self) -> Floats:
        return self.stacked(np.ones(self.n))

    def exports_of(self, flows: Floats) -> Floats:
        """Return flows by destination, shape (n, G), with the own country's cells set to zero."""
        abroad = flows.copy()
        abroad[np.arange(self.n), self.table.country_of_row] = 0.0
        return abroad

    def stacked(self, x: Floats) -> Floats:
        """Return shape (n, G): country s's part of ``x`` (n,) in column s, zero elsewhere."""
        out = np.zeros((self.n, self.G))
        out[np.arange(self.n), self.table.country_of_row] = x
        return out

    def own(self, matrix: Floats) -> Floats:
        """Return shape (n,): of ``matrix`` (n, G), each row's cell in its own country's column."""
        return matrix[np.arange(self.n), self.table.country_of_row]

    @cached_property
    def _factors(self) -> tuple[Floats, NDArray[np.int32]]:
        with warnings.catch_warnings():
            # A zero pivot is told below, with the table's name.
            warnings.simplefilter("ignore", linalg.LinAlgWarning)
            lu, pivots = linalg.lu_factor(np.eye(self.n) - self.A, overwrite_a=True,
                                          check_finite=False)
        diagonal = np.abs(np.diag(lu))
        if not diagonal.min() > np.finfo(float).eps * diagonal.max():
            raise DataError(Problem(
                "I - A is singular: the table has no Leontief inverse",
                f"{self.table.source} {self.table.year or ''}".strip() or None,
                "a table where some value added lies behind every output"))
        return lu, pivots

    def solve(self, x: Floats) -> Floats:
        """Return B x for x of shape (n,) or (n, k)."""
        solved: Floats = linalg.lu_solve(self._factors, x, check_finite=False)
        return solved

    def solve_t(self, x: Floats) -> Floats:
        """Return B' x for x of shape (n,) or (n, k)."""
        solved: Floats = linalg.lu_solve(self._factors, x, trans=1, check_finite=False)
        return solved

    @cached_property
    def A_blocks(self) -> Floats:  # noqa: N802
        """Domestic blocks A_ss, shape (G, N, N)."""
        return self.blocks(self.A)

    @cached_property
    def L(self) -> Floats:  # noqa: N802
        """Local inverses L_ss = (I − A_ss)⁻¹, shape (G, N, N)."""
        try:
            inverse = np.asarray(np.linalg.inv(np.eye(self.N) - self.A_blocks), np.float64)
        except np.linalg.LinAlgError:
            raise DataError(Problem(
                "I - A_ss is singular for a country: it has no local inverse",
                f"{self.table.source} {self.table.year or ''}".strip() or None)) from None
        return inverse

    def blocks(self, matrix: Floats) -> Floats:
        """Return the diagonal blocks (G, N, N) of an (n, n) matrix, as a copy."""
        four = matrix.reshape(self.G, self.N, self.G, self.N)
        return np.ascontiguousarray(np.einsum("sisj->sij", four))

    def local(self, x: Floats) -> Floats:
        """Return L x for x of shape (n,) or (n, k)."""
        return self._by_block(self.L, x)

    def local_t(self, x: Floats) -> Floats:
        """Return L' x for x of shape (n,) or (n, k)."""
        return self._by_block(self.L.transpose(0, 2, 1), x)

    def foreign(self, x: Floats) -> Floats:
        """Return Aᶠ x for x of shape (n,) or (n, k)."""
        return self.A @ x - self._by_block(self.A_blocks, x)

    def foreign_t(self, x: Floats) -> Floats:
        """Return Aᶠ' x for x of shape (n,) or (n, k)."""
        return self.A.T @ x - self._by_block(self.A_blocks.transpose(0, 2, 1), x)

    def _by_block(self, blocks: Floats, x: Floats) -> Floats:
        columns = x.reshape(self.G, self.N, -1)
        product: Floats = np.matmul(blocks, columns).reshape(x.shape)
        return product

    @cached_property
    def B(self) -> Floats:  # noqa: N802
        """The whole inverse, shape (n, n): n³ work, 8 n² bytes; only where no solve will do."""
        return self.solve(np.eye(self.n))

    @cached_property
    def B_blocks(self) -> Floats:  # noqa: N802
        """Diagonal blocks B_ss, shape (G, N, N)."""
        return self.blocks(self.B)


def as_leontief(table: IcioTable | Leontief) -> Leontief:
    """Return the Leontief system of a table, or the system itself."""
    return table if isinstance(table, Leontief) else Leontief(table)
