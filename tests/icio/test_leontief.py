"""The Leontief system against explicit inverses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvckit.errors import DataError
from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable


def random_table(seed: int, G: int, N: int, empty: bool = False) -> IcioTable:
    rng = np.random.default_rng(seed)
    n = G * N
    A = rng.uniform(0, 1, (n, n)) * (rng.uniform(size=(n, n)) < 0.7)
    A *= rng.uniform(0.2, 0.7, n) / np.maximum(A.sum(axis=0), 1e-9)
    F = rng.uniform(0.1, 10, (n, 2 * G))
    if empty:
        A[0], A[:, 0], F[0] = 0, 0, 0
    X = np.linalg.solve(np.eye(n) - A, F.sum(axis=1))
    return IcioTable.from_arrays(A * X, F, countries=[f"C{g}" for g in range(G)],
                                 sectors=[f"s{i}" for i in range(N)])


def block_diagonal(matrix, G, N):
    mask = np.kron(np.eye(G), np.ones((N, N)))
    return matrix * mask


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 4), st.booleans())
def test_products_equal_explicit_inverses(seed, G, N, empty):
    table = random_table(seed, G, N, empty)
    io, n = Leontief(table), table.n
    A = table.Z * np.where(table.X > 0, 1 / np.where(table.X > 0, table.X, 1), 0)
    B = np.linalg.inv(np.eye(n) - A)
    AD = block_diagonal(A, G, N)
    L = np.linalg.inv(np.eye(n) - AD)
    x = np.random.default_rng(seed + 1).normal(size=(n, 3))
    close = {"rtol": 1e-10, "atol": 1e-11}
    np.testing.assert_allclose(io.solve(x), B @ x, **close)
    np.testing.assert_allclose(io.solve_t(x[:, 0]), B.T @ x[:, 0], **close)
    np.testing.assert_allclose(io.local(x), L @ x, **close)
    np.testing.assert_allclose(io.local_t(x[:, 0]), L.T @ x[:, 0], **close)
    np.testing.assert_allclose(io.foreign(x), (A - AD) @ x, **close)
    np.testing.assert_allclose(io.foreign_t(x), (A - AD).T @ x, **close)
    np.testing.assert_allclose(io.B, B, **close)
    np.testing.assert_allclose(io.B_blocks[1], B[N:2 * N, N:2 * N], **close)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 4), st.booleans())
def test_identities_of_the_accounts(seed, G, N, empty):
    table = random_table(seed, G, N, empty)
    io = Leontief(table)
    np.testing.assert_allclose(io.solve(io.y), table.X, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(io.solve_t(io.v)[~io.zero], 1, rtol=1e-12)
    np.testing.assert_allclose(io.Y_D + io.Y_F, io.y, rtol=1e-12)
    # Output for exports and output for home use are output.
    np.testing.assert_allclose(io.local(io.E + io.Y_D), table.X, rtol=1e-12, atol=1e-12)
    # World value added is world final demand.
    assert table.VA.sum() == pytest.approx(table.Y.sum(), rel=1e-12)
    # B = L + L AF B = L + B AF L.
    x = np.random.default_rng(seed).normal(size=table.n)
    np.testing.assert_allclose(io.solve(x), io.local(x) + io.local(io.foreign(io.solve(x))),
                               rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(io.solve(x), io.local(x) + io.solve(io.foreign(io.local(x))),
                               rtol=1e-10, atol=1e-10)


def test_bilateral_exports_are_flows_across_borders():
    table = random_table(3, 3, 2)
    io = Leontief(table)
    flows = table.Z.reshape(6, 3, 2).sum(axis=2) + table.Y
    for row in range(6):
        for to in range(3):
            expected = 0 if to == row // 2 else flows[row, to]
            assert io.E_bilateral[row, to] == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(io.E, io.E_bilateral.sum(axis=1))


def test_a_table_without_value_added_is_singular():
    Z = np.array([[0.0, 4, 0, 0], [4, 0, 0, 0], [0, 0, 1, 2], [0, 0, 3, 1]])
    F = np.array([[1.0, -1], [-1, 1], [2, 3], [1, 4]])
    table = IcioTable.from_arrays(Z, F, countries=("A", "B"), sectors=("s", "t"), year=1999,
                                  source="toy")
    with pytest.raises(DataError, match=r"toy 1999: I - A is singular"):
        Leontief(table).solve(table.X)
    with pytest.raises(DataError, match="no local inverse"):
        Leontief(table).local(table.X)


def test_only_tables_have_a_leontief_system():
    table = random_table(1, 2, 2)
    io = Leontief(table)
    assert as_leontief(io) is io
    assert as_leontief(table).table is table
    with pytest.raises(DataError, match="expected an IcioTable, got list"):
        as_leontief([1, 2])
