"""Chains of a table with scaled rows: by steps from the table's own factors, or factored anew."""

from __future__ import annotations

import numpy as np
import pytest

import gvckit as gk
from gvckit.errors import DataError
from gvckit.icio.leontief import Leontief
from gvckit.measures import scaled


def table(stocks: float, seed: int = 3, G: int = 4, N: int = 5) -> gk.IcioTable:
    rng = np.random.default_rng(seed)
    n = G * N
    A = rng.uniform(size=(n, n))
    A *= rng.uniform(0.3, 0.7, n) / A.sum(axis=0)
    F = np.stack([rng.uniform(1, 10, (n, G)), stocks * rng.uniform(-1, 1, (n, G))], axis=2)
    F = F.reshape(n, 2 * G)
    X = np.linalg.solve(np.eye(n) - A, F.sum(axis=1))
    return gk.IcioTable.from_arrays(
        A * X, F, countries=list("abcd"), sectors=[f"s{i}" for i in range(N)],
        categories=("use", "stocks"), policy={"output": "row-sums"})


def factor_of(io: Leontief) -> np.ndarray:
    held = io.table.F.reshape(io.n, io.G, 2)[..., 1].sum(axis=1)
    return np.asarray(io.X / (io.X - held))


@pytest.mark.parametrize(("stocks", "size", "factored"), [
    (0.05, 1, False), (0.05, 10**6, True), (8.0, 3, True)],
    ids=["small stocks take steps", "a small system is factored", "large stocks are factored"])
def test_both_ways_equal_the_explicit_inverse(monkeypatch, stocks, size, factored):
    io, made = Leontief(table(stocks)), []
    make = type(io.backend).factor
    monkeypatch.setattr(type(io.backend), "factor",
                        lambda self, matrix: made.append(1) or make(self, matrix))
    io.solve(io.X)  # the table's own factors
    made.clear()
    monkeypatch.setattr(scaled, "SIZE_PER_STEP", size)
    f = factor_of(io)
    forward, backward = scaled.scaled_ends(io, f)
    assert bool(made) is factored
    inverse = np.linalg.inv(np.eye(io.n) - f[:, None] * np.asarray(io.A))
    np.testing.assert_allclose(forward, inverse @ np.asarray(io.X), rtol=1e-13)
    np.testing.assert_allclose(backward, inverse.sum(axis=0), rtol=1e-13)


def test_a_scale_of_nothing_is_factored():
    io = Leontief(table(0.05))
    f = factor_of(io)
    f[2] = 0.0
    forward, _ = scaled.scaled_ends(io, f)
    inverse = np.linalg.inv(np.eye(io.n) - f[:, None] * np.asarray(io.A))
    np.testing.assert_allclose(forward, inverse @ np.asarray(io.X), rtol=1e-13)


def test_a_singular_system_is_refused():
    io = Leontief(gk.IcioTable.from_arrays(
        np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[2.0, 0.0], [0.0, 2.0]]),
        countries=["a", "b"], sectors=["s"]))
    with pytest.raises(DataError, match="corrected for inventories is singular"):
        scaled.scaled_ends(io, np.array([2.0, 2.0]))
