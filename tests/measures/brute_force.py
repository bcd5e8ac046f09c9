"""The handbook's equations with explicit inverses and loops: slow, and independent of solves."""

from __future__ import annotations

import numpy as np

from gvckit.icio.table import IcioTable


class Brute:
    """All matrices of a table, inverted."""

    def __init__(self, table: IcioTable) -> None:
        self.table = table
        self.G, self.N, self.n = table.G, table.N, table.n
        self.X, self.Y, self.VA = table.X, table.Y, table.VA
        inverse = np.divide(1, self.X, out=np.zeros(self.n), where=self.X > 0)
        self.A = table.Z * inverse
        self.v = self.VA * inverse
        same = np.kron(np.eye(self.G), np.ones((self.N, self.N)))
        self.AD, self.AF = self.A * same, self.A * (1 - same)
        self.B = np.linalg.inv(np.eye(self.n) - self.A)
        self.L = np.linalg.inv(np.eye(self.n) - self.AD)
        home = np.kron(np.eye(self.G), np.ones((self.N, 1)))
        self.y = self.Y.sum(axis=1)
        self.yD = (self.Y * home).sum(axis=1)
        self.yF = self.y - self.yD

    def rows(self, s):
        return slice(s * self.N, (s + 1) * self.N)

    def block(self, M, s, r):
        return M[self.rows(s), self.rows(r)]

    def vs(self, s):
        return self.v[self.rows(s)]

    def Ysr(self, s, r):
        return self.Y[self.rows(s), r]

    def Esr(self, s, r):
        return self.block(self.A, s, r) @ self.X[self.rows(r)] + self.Ysr(s, r)

    def E(self, s):
        return sum(self.Esr(s, r) for r in self.others(s))

    def others(self, *out):
        return [c for c in range(self.G) if c not in out]

    # Production: four (n, n) matrices whose sum is V B Y.
    def production(self):
        V, YD, YF, Y = (np.diag(x) for x in (self.v, self.yD, self.yF, self.y))
        B, L, AF = self.B, self.L, self.AF
        return {
            "D": V @ L @ YD, "RT": V @ L @ YF, "GVC_S": V @ L @ AF @ L @ YD,
            "GVC_C": V @ L @ AF @ (B @ Y - L @ YD), "total": V @ B @ Y,
        }

    def lengths(self):
        V, YD, YF, Y = (np.diag(x) for x in (self.v, self.yD, self.yF, self.y))
        B, L, AF = self.B, self.L, self.AF
        return {
            "PL": V @ B @ B @ Y, "PL_D": V @ L @ L @ YD, "PL_RT": V @ L @ L @ YF,
            "PL_GVC_S_dom": V @ L @ L @ AF @ L @ YD, "PL_GVC_S_intl": V @ L @ AF @ L @ L @ YD,
            "PL_GVC_C_dom": V @ L @ L @ AF @ (B @ Y - L @ YD),
            "PL_GVC_C_intl": V @ L @ AF @ (B @ B @ Y - L @ L @ YD),
            "PL_GVC": V @ L @ L @ AF @ B @ Y + V @ L @ AF @ B @ B @ Y,
            "CB": V @ B @ AF @ B @ Y,
        }

    def kww(self, s):
        """Nine terms, VS1 and exports of country s, term by term as the handbook writes them."""
        b, v, o = self.block, self.vs(s), self.others(s)
        A, B, L = self.A, self.B, self.L
        Lss = b(L, s, s)
        terms = {
            "T1": v @ sum(b(B, s, s) @ self.Ysr(s, r) for r in o),
            "T2": v @ sum(b(B, s, r) @ self.Ysr(r, r) for r in o),
            "T3": v @ sum((b(B, s, r) @ self.Ysr(r, t) for r in o for t in self.others(s, r)),
                          start=np.zeros(self.N)),
            "T4": v @ sum(b(B, s, r) @ self.Ysr(r, s) for r in o),
            "T5": v @ sum(b(B, s, r) @ b(A, r, s) @ Lss @ self.Ysr(s, s) for r in o),
            "T6": v @ sum(b(B, s, r) @ b(A, r, s) @ Lss @ self.E(s) for r in o),
        }
        m = sum(self.vs(t) @ b(B, t, s) for t in o)
        terms["T7"] = m @ sum(self.Ysr(s, r) for r in o)
        terms["T8"] = m @ sum(b(A, s, r) @ b(L, r, r) @ self.Ysr(r, r) for r in o)
        terms["T9"] = m @ sum(b(A, s, r) @ b(L, r, r) @ self.E(r) for r in o)
        terms["VS1"] = v @ sum(b(B, s, r) @ self.E(r) for r in o)
        terms["exports"] = self.E(s).sum()
        return terms

    def wwz(self, s, r):
        """Terms 1-5, 11, 12, 14, 15 of exports from s to r, each of shape (N,)."""
        b, A, B, L, o = self.block, self.A, self.B, self.L, self.others(s, r)
        VL = self.vs(s) @ b(L, s, s)
        VB = self.vs(s) @ b(B, s, s)
        M = self.vs(r) @ b(B, r, s)
        O = sum((self.vs(t) @ b(B, t, s) for t in o), start=np.zeros(self.N))  # noqa: E741
        Asr, zero = b(A, s, r), np.zeros(self.N)
        used = Asr @ b(L, r, r) @ self.Ysr(r, r)
        return {
            1: VB * self.Ysr(s, r),
            2: VL * (Asr @ b(B, r, r) @ self.Ysr(r, r)),
            3: VL * (Asr @ sum((b(B, r, t) @ self.Ysr(t, t) for t in o), start=zero)),
            4: VL * (Asr @ b(B, r, r) @ sum((self.Ysr(r, t) for t in o), start=zero)),
            5: VL * (Asr @ sum((b(B, r, t) @ self.Ysr(t, k)
                                for t in o for k in self.others(s, t)), start=zero)),
            11: M * self.Ysr(s, r), 12: M * used, 14: O * self.Ysr(s, r), 15: O * used,
        }

    def tripartite(self, s, r):
        b = self.block
        VL = self.vs(s) @ b(self.L, s, s)
        used = self.Ysr(s, r) + b(self.A, s, r) @ b(self.L, r, r) @ self.Ysr(r, r)
        onward = b(self.A, s, r) @ b(self.L, r, r) @ self.E(r)
        return {"exports": self.Esr(s, r), "DAVAX": VL * used, "PF": VL * onward,
                "PB": (1 - VL) * used, "TS": (1 - VL) * onward}
