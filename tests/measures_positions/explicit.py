"""Random tables with inventories, and the equations of positions with explicit inverses."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from gvckit.icio.table import IcioTable

CATEGORIES = ("households", "inventories")


def stocked_table(seed: int, G: int, N: int, empty: bool = False) -> IcioTable:
    """Return a balanced table whose inventories rise and fall; one sector may be empty."""
    rng = np.random.default_rng(seed)
    n = G * N
    A = rng.uniform(0, 1, (n, n)) * (rng.uniform(size=(n, n)) < 0.8) + 0.01
    A *= rng.uniform(0.2, 0.7, n) / A.sum(axis=0)
    F = rng.uniform(0.5, 10, (n, G, 2))
    F[:, :, 1] *= rng.uniform(-0.05, 0.05, (n, G))
    if empty:
        A[0], A[:, 0], F[0] = 0, 0, 0
    X = np.linalg.solve(np.eye(n) - A, F.sum(axis=(1, 2)))
    return IcioTable.from_arrays(
        A * X, F.reshape(n, -1), countries=[f"C{g}" for g in range(G)],
        sectors=[f"s{i}" for i in range(N)], categories=CATEGORIES, year=2000, unit="M USD")


tables = st.builds(stocked_table, st.integers(0, 10**6), st.integers(2, 9), st.integers(1, 8),
                   st.booleans())


class Explicit:
    """A table's matrices, all of them inverted; loops over countries where the equations sum."""

    def __init__(self, table: IcioTable) -> None:
        self.table, self.n = table, table.n
        self.Z, self.X, self.VA, self.Y = table.Z, table.X, table.VA, table.Y
        self.positive = self.X > 0
        self.per_unit = np.divide(1, self.X, out=np.zeros(self.n), where=self.positive)
        self.A = self.Z * self.per_unit
        self.v = self.VA * self.per_unit
        same = np.kron(np.eye(table.G), np.ones((table.N, table.N)))
        self.AF = self.A * (1 - same)
        self.B = np.linalg.inv(np.eye(self.n) - self.A)
        self.L = np.linalg.inv(np.eye(self.n) - self.A * same)
        home = np.kron(np.eye(table.G), np.ones((table.N, 1)))
        self.y = self.Y.sum(axis=1)
        self.yD = (self.Y * home).sum(axis=1)
        self.yF = self.y - self.yD

    def inventory(self) -> np.ndarray:
        return self.table.F.reshape(self.n, self.table.G, 2)[:, :, 1].sum(axis=1)

    def ends(self, net: bool) -> dict[str, np.ndarray]:
        """U by the Ghosh form (I − Δ)⁻¹1 with Δ_ij = Z_ij / X_i, D by (I − A')⁻¹1."""
        Z, final = self.Z, self.y
        if net:
            other = self.X - self.inventory()
            factor = np.divide(self.X, other, out=np.ones(self.n), where=other > 0)
            Z, final = Z * factor[:, None], (self.y - self.inventory()) * factor
        ones, one = np.ones(self.n), np.eye(self.n)
        delta, A = Z * self.per_unit[:, None], Z * self.per_unit
        found = {"U": np.linalg.inv(one - delta) @ ones, "D": np.linalg.inv(one - A.T) @ ones,
                 "F_GO": final * self.per_unit, "VA_GO": 1 - A.sum(axis=0)}
        return {name: self.blank(values) for name, values in found.items()}

    def blank(self, values: np.ndarray) -> np.ndarray:
        return np.where(self.positive, values, np.nan)

    def rows(self, s: int) -> slice:
        return slice(s * self.table.N, (s + 1) * self.table.N)

    def by_country(self, values: np.ndarray) -> np.ndarray:
        return values.reshape(self.table.G, self.table.N, *values.shape[1:]).sum(axis=1)

    def output_cells(self) -> dict[str, np.ndarray]:
        """Cells country by country, importer by importer, as the handbook writes them (2.7)."""
        G, N = self.table.G, self.table.N
        cells = {name: np.zeros(self.n) for name in ("D", "RT", "PF", "PB", "TS", "MH_1", "MH_2")}
        for s in range(G):
            at, others = self.rows(s), [r for r in range(G) if r != s]
            L = self.L[at, at]
            d = self.v[at] @ L
            m = np.where(self.positive[at], 1 - d, 0)
            home = L @ self.Y[at, s]
            direct, again, one = np.zeros(N), np.zeros(N), np.zeros(N)
            for r in others:
                to = self.rows(r)
                Asr, Lrr = self.A[at, to], self.L[to, to]
                exports = sum(self.A[to, self.rows(k)] @ self.X[self.rows(k)] + self.Y[to, k]
                              for k in range(G) if k != r)
                direct += L @ (self.Y[at, r] + Asr @ Lrr @ self.Y[to, r])
                again += L @ Asr @ Lrr @ exports
                one += self.v[to] @ Lrr @ self.A[to, at] @ L
            parts = (d * home, d * direct, d * again, m * direct, m * again, one * home,
                     (m - one) * home)
            for name, part in zip(cells, parts, strict=True):
                cells[name][at] = part
        return cells
