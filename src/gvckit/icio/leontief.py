"""The Leontief system of a table: one factorisation, everything else by solves.

Symbols follow the literature: A = Z X̂⁻¹, B = (I − A)⁻¹, Aᴰ and Aᶠ the domestic and foreign blocks
of A, L = (I − Aᴰ)⁻¹ the block-diagonal local inverse.  Industries without output have a zero
column in A.  A country may hold several blocks of the table (split countries, groups); rows then
run country after country.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.icio.backend import NUMPY, Backend
from gvckit.icio.factored import Factored, per_unit, submatrix
from gvckit.icio.layout import Layout
from gvckit.icio.partition import Partition
from gvckit.icio.table import IcioTable

__all__ = ["Leontief", "as_leontief"]

# Arrays of the backend's library; NumPy's in every ordinary use.
Floats = NDArray[np.float64]
Found = TypeVar("Found")


class Leontief(Layout):
    """The Leontief system of one table, made once and shared by every measure.

    Parameters
    ----------
    table
        A validated table.
    backend
        The array library; NumPy where not given.

    Attributes
    ----------
    zero
        Rows without output, shape (n,).
    v
        Value added per unit of output, shape (n,): VA / X.  Where there is no output: 0, or 1 in
        a row that sells out of stocks (its sales are then its own value added, so that every
        decomposition still adds up).
    account
        What ``v`` counts: ``"value added"``, or the name of a satellite account.

    Raises
    ------
    DataError
        Where I − A is singular, on construction of the first solve.
    """

    def __init__(self, table: IcioTable, *, backend: Backend | None = None) -> None:
        if not isinstance(table, IcioTable):
            raise DataError(Problem(f"expected an IcioTable, got {type(table).__name__}",
                                    allowed="gvckit.read_icio(...) or IcioTable.from_arrays(...)"))
        self._set_up(table, Partition.of(table.whole), Factored(table, backend or NUMPY))

    def _set_up(self, table: IcioTable, partition: Partition, shared: Factored) -> None:
        super().__init__(table, partition, shared.backend)
        self._shared = shared
        X, unit = table.X, per_unit(table.X)
        self.zero: NDArray[np.bool_] = (X <= 0)[self.order]
        sells = (X <= 0) & (table.Z.any(axis=1) | table.F.any(axis=1))
        v = np.where(sells, 1.0, table.VA * unit)[self.order]
        v.flags.writeable = False
        self.v: Floats = self.backend.asarray(v)
        self.account = "value added"
        self._kept: dict[tuple[object, ...], Any] = {}

    def once(self, kernel: Callable[..., Found], *arguments: object) -> Found:
        """Return ``kernel(self, *arguments)``, computed the first time that it is asked for.

        For what several measures start from.  What it returns is shared: nobody writes to it.

        Parameters
        ----------
        kernel
            A function of this system.
        arguments
            Its other arguments, hashable.
        """
        key = (kernel, *arguments)
        if key not in self._kept:
            self._kept[key] = kernel(self, *arguments)
        found: Found = self._kept[key]
        return found

    def joined(self, groups: Mapping[str, Sequence[str]]) -> Leontief:
        """Return the system in which each group of countries is one country; same factors.

        Not the sum of its members: flows among them become domestic.
        """
        view = object.__new__(type(self))
        view._set_up(self.table, self.partition.joined(groups), self._shared)
        if self.account != "value added":
            base = np.empty(self.n)
            base[self.order] = self.numpy(self.v)
            return view.counting(base[view.order], self.account)
        return view

    def counting(self, per_output: Floats, account: str) -> Leontief:
        """Return the same system with another account in place of value added.

        Parameters
        ----------
        per_output
            Units of the account per unit of output, shape (n,).
        account
            Its name.
        """
        view = object.__new__(type(self))
        view.__dict__.update({name: value for name, value in self.__dict__.items()
                              if name not in _OF_VALUE_ADDED})
        view.v, view.account, view._kept = self.backend.asarray(per_output), account, {}
        return view

    @cached_property
    def A(self) -> Floats:  # noqa: N802 - the field's own symbol
        """Input coefficients Z X̂⁻¹, shape (n, n); zero columns where there is no output."""
        A = self.table.Z * per_unit(self.table.X)
        if self.moved:
            A = A[np.ix_(self.order, self.order)]
        A.flags.writeable = False
        out: Floats = self.backend.asarray(A)
        return out

    @cached_property
    def _inputs(self) -> tuple[Floats, Floats]:
        """A matrix (n, n) and a row (n,) that make A: the table's own Z, which need not be copied.

        Memory that is touched for the first time costs as much as what is computed in it.
        """
        if self.moved:
            return self.A, self.backend.asarray(np.ones(self.n))
        asarray = self.backend.asarray
        return asarray(self.table.Z), asarray(per_unit(self.table.X))

    @cached_property
    def X(self) -> Floats:  # noqa: N802 - the field's own symbol
        """Gross output, shape (n,)."""
        return self.rows_of(self.table.X)

    @cached_property
    def VA(self) -> Floats:  # noqa: N802
        """Value added (or the account) of each row, shape (n,)."""
        if self.account != "value added":
            return self.v * self.X
        return self.rows_of(self.table.VA)

    @cached_property
    def Y(self) -> Floats:  # noqa: N802
        """Final demand by destination country, shape (n, G)."""
        Y = self.table.Y
        if self.G != self.table.G:
            Y = np.stack([Y[:, list(own)].sum(axis=1) for own in self.partition.members], axis=1)
        elif self.moved:
            Y = Y[:, list(self.partition.blocks)]
        return self.rows_of(Y)

    @cached_property
    def y(self) -> Floats:
        """Final sales of each row, shape (n,)."""
        total: Floats = self.xp.sum(self.Y, axis=1)
        return total

    @cached_property
    def Y_D(self) -> Floats:  # noqa: N802
        """Final sales absorbed at home, shape (n,)."""
        return self.own(self.Y)

    @cached_property
    def Y_F(self) -> Floats:  # noqa: N802
        """Final sales absorbed abroad, shape (n,)."""
        total: Floats = self.xp.sum(self.exports_of(self.Y), axis=1)
        return total

    @cached_property
    def E_bilateral(self) -> Floats:  # noqa: N802
        """Gross exports by importer, shape (n, G); zero towards the own country.

        E_sr = A_sr X_r + Y_sr.
        """
        return self.exports_of(self.shipped(self.X) + self.Y)

    @cached_property
    def E(self) -> Floats:  # noqa: N802
        """Gross exports of each row, shape (n,)."""
        total: Floats = self.xp.sum(self.E_bilateral, axis=1)
        return total

    def shipped(self, x: Floats) -> Floats:
        """Return A_·r x_r for every country r: (n, G) for x of shape (n,), (n, G, k) for (n, k)."""
        xp, N, k = self.xp, self.N, x.shape[1:]
        matrix, unit = self._inputs
        x = xp.reshape(unit, (-1, *(1 for _ in k))) * x
        if not self.even:
            each: Floats = xp.stack([matrix[:, a:b] @ x[a:b, ...] for a, b in self.bounds], axis=1)
            return each
        # Products too small for threads: theirs would wait for those of the solves before.
        columns = xp.reshape(x, (self.G, N, -1))
        sent = [xp.permute_dims(self._cells(a, b) @ columns, (1, 0, 2)) for a, b in self.bounds]
        out: Floats = xp.reshape(xp.concat(sent), (self.n, self.G, *k))
        return out

    def _cells(self, a: int, b: int) -> Floats:
        """Return inputs from these rows by buying country, shape (G, b − a, N)."""
        cells = self.xp.reshape(self._inputs[0][a:b, :], (b - a, self.G, self.N))
        swapped: Floats = self.xp.permute_dims(cells, (1, 0, 2))
        return swapped

    def shipped_by(self, x: Floats) -> Floats:
        """Return A_sr x_rs for every pair of countries, shape (n, G, k); zero where s is r.

        Parameters
        ----------
        x
            Shape (n, G, k): rows of the importer r, one vector for each exporter s.
        """
        xp, N, k = self.xp, self.N, x.shape[2]
        matrix, unit = self._inputs
        x = unit[:, None, None] * x
        out: Floats = xp.zeros((self.n, self.G, k), dtype=xp.float64)
        for s, (a, b) in enumerate(self.bounds):
            if self.even:
                sent = self._cells(a, b) @ xp.reshape(x[:, s, :], (self.G, N, k))
                out[a:b, ...] = xp.permute_dims(sent, (1, 0, 2))
            else:
                for r, (c, d) in enumerate(self.bounds):
                    out[a:b, r, :] = matrix[a:b, c:d] @ x[c:d, s, :]
            out[a:b, s, :] = 0.0
        return out

    def solve(self, x: Floats) -> Floats:
        """Return B x for x of shape (n,) or (n, k)."""
        return self._solved(x, transposed=False)

    def solve_t(self, x: Floats) -> Floats:
        """Return B' x for x of shape (n,) or (n, k)."""
        return self._solved(x, transposed=True)

    def _solved(self, x: Floats, *, transposed: bool) -> Floats:
        solve: Callable[..., Floats] = self.backend.solve
        if not self.moved:
            return solve(self._shared.factors, x, transposed=transposed)
        back = self.xp.asarray(np.argsort(self.order))
        solved = solve(self._shared.factors, self.xp.take(x, back, axis=0), transposed=transposed)
        out: Floats = self.xp.take(solved, self.xp.asarray(self.order), axis=0)
        return out

    @cached_property
    def A_blocks(self) -> list[Floats]:  # noqa: N802
        """Domestic blocks A_ss, each (N, N) unless the country holds several blocks."""
        matrix, unit = self._inputs
        return [matrix[a:b, a:b] * unit[a:b] for a, b in self.bounds]

    @cached_property
    def L(self) -> list[Floats]:  # noqa: N802
        """Local inverses L_ss = (I − A_ss)⁻¹."""
        xp = self.xp
        try:
            return [xp.linalg.inv(xp.eye(own.shape[0], dtype=xp.float64) - own)
                    for own in self.A_blocks]
        except np.linalg.LinAlgError:
            raise DataError(Problem(
                "I - A_ss is singular for a country: it has no local inverse",
                f"{self.table.source} {self.table.year or ''}".strip() or None)) from None

    def local(self, x: Floats) -> Floats:
        """Return L x for x of shape (n, …)."""
        return self.by_block(self.L, x)

    def local_t(self, x: Floats) -> Floats:
        """Return L' x for x of shape (n, …)."""
        return self.by_block([own.T for own in self.L], x)

    def foreign(self, x: Floats) -> Floats:
        """Return Aᶠ x for x of shape (n,) or (n, k)."""
        return self.A @ x - self.by_block(self.A_blocks, x)

    def foreign_t(self, x: Floats) -> Floats:
        """Return Aᶠ' x for x of shape (n,) or (n, k)."""
        return self.A.T @ x - self.by_block([own.T for own in self.A_blocks], x)

    @cached_property
    def home(self) -> Floats:
        """L Y_D, shape (n,): output for final sales at home that never left the country."""
        return self.local(self.Y_D)

    @cached_property
    def outward(self) -> Floats:
        """L E, shape (n,): output for exports."""
        return self.local(self.E)

    @cached_property
    def BY(self) -> Floats:  # noqa: N802
        """B Y, shape (n, G): output of each row by the country that absorbs it."""
        return self.solve(self.Y)

    @cached_property
    def By(self) -> Floats:  # noqa: N802
        """B y, shape (n,): gross output, where the table balances."""
        total: Floats = self.xp.sum(self.BY, axis=1)
        return total

    @cached_property
    def _final_by_seller(self) -> Floats:
        """B·blockdiag(Y_ss) beside B·blockdiag(Σ_{t≠s} Y_st), shape (n, 2G)."""
        return self.solve(self.xp.concat([self.stacked(self.Y_D), self.stacked(self.Y_F)], axis=1))

    @property
    def BY_D(self) -> Floats:  # noqa: N802
        """B_·s Y_ss in column s, shape (n, G): output by whose final sales at home it ends in."""
        return self._final_by_seller[:, :self.G]

    @property
    def BY_F(self) -> Floats:  # noqa: N802
        """B_·s Σ_{t≠s} Y_st in column s, shape (n, G): by whose final exports it ends in."""
        return self._final_by_seller[:, self.G:]

    @cached_property
    def BE(self) -> Floats:  # noqa: N802
        """B E, shape (n, G): output behind what each country imports."""
        return self.solve(self.E_bilateral)

    @cached_property
    def BE_own(self) -> Floats:  # noqa: N802
        """B_·s E_s in column s, shape (n, G): output behind what each country exports."""
        return self.solve(self.stacked(self.E))

    @cached_property
    def by_origin(self) -> Floats:
        """v_g B for every country g, shape (n, G): whose value added a unit of the row holds."""
        return self.solve_t(self.stacked(self.v))

    @cached_property
    def vB(self) -> Floats:  # noqa: N802
        """Return v B, shape (n,): 1 for value added where the table balances."""
        total: Floats = self.xp.sum(self.by_origin, axis=1)
        return total

    @cached_property
    def VB(self) -> Floats:  # noqa: N802
        """v_s B_ss, shape (n,): domestic content of a unit."""
        return self.own(self.by_origin)

    @cached_property
    def VL(self) -> Floats:  # noqa: N802
        """v_s L_ss, shape (n,): domestic value added of a unit before anything leaves."""
        return self.local_t(self.v)

    @cached_property
    def B(self) -> Floats:  # noqa: N802
        """The whole inverse, shape (n, n): n³ work, 8 n² bytes; only where no solve will do."""
        inverse: Floats = self._shared.inverse
        return submatrix(self.xp, inverse, self.order, self.order) if self.moved else inverse

    @property
    def B_blocks(self) -> list[Floats]:  # noqa: N802
        """Diagonal blocks B_ss, without forming B."""
        return self._shared.diagonal_blocks(self.partition.members)


_OF_VALUE_ADDED = ("VA", "v", "account", "vB", "VB", "VL", "by_origin")


def as_leontief(table: IcioTable | Leontief) -> Leontief:
    """Return the Leontief system of a table, or the system itself."""
    return table if isinstance(table, Leontief) else Leontief(table)
