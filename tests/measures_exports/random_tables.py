"""Random balanced tables, with what real tables have: empty industries, falls in stocks."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from gvckit.icio.table import IcioTable


def random_table(seed: int, G: int, N: int, *, empty: int = 0, stocks: bool = False,
                 year: int | None = None) -> IcioTable:
    """Return a table; ``empty`` industries have no output, ``stocks`` adds negative inventories."""
    rng = np.random.default_rng(seed)
    n = G * N
    A = rng.uniform(0, 1, (n, n)) * (rng.uniform(size=(n, n)) < 0.8)
    A *= rng.uniform(0.2, 0.7, n) / np.maximum(A.sum(axis=0), 1e-9)
    F = rng.uniform(1, 10, (n, G, 2))
    if stocks:
        F[..., 1] = rng.uniform(-6, 3, (n, G))
        # Single cells of final demand are negative, what an industry sells in all is not.
        F[F.sum(axis=(1, 2)) < 1, :, 1] /= 20
    idle = rng.choice(n, size=min(empty, n - 1), replace=False)
    A[idle], A[:, idle], F[idle] = 0.0, 0.0, 0.0
    F = F.reshape(n, 2 * G)
    X = np.linalg.solve(np.eye(n) - A, F.sum(axis=1))
    X[idle] = 0.0
    return IcioTable.from_arrays(
        A * X, F, countries=[f"C{g}" for g in range(G)], sectors=[f"s{i}" for i in range(N)],
        categories=("use", "stocks"), year=year, unit="M USD")


def tables(max_G: int = 9, max_N: int = 8):
    """Return a strategy of tables of 2–9 countries and 1–8 sectors."""
    return st.builds(
        random_table, st.integers(0, 10**6), st.integers(2, max_G), st.integers(1, max_N),
        empty=st.integers(0, 3), stocks=st.booleans())
