"""The within transformation against least squares on dummies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvckit.models.codes import Codes, encode
from gvckit.models.demean import centre, demean


def by_dummies(
    columns: np.ndarray, effects: list[Codes], weights: np.ndarray | None
) -> np.ndarray:
    root = np.ones(len(columns)) if weights is None else np.sqrt(weights)
    D = np.column_stack([np.eye(e.levels)[e.codes] for e in effects])
    found = np.linalg.lstsq(D * root[:, None], columns * root[:, None], rcond=None)[0]
    return columns - D @ found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.booleans(), st.sampled_from([1000, 1]))
def test_both_solvers_are_least_squares_on_dummies(seed, q, weighted, sweeps):
    """With a single sweep of alternating projections, conjugate gradients do the work."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(8, 80))
    effects = [encode(pd.Series(rng.integers(0, rng.integers(1, n), n), name=str(i)))
               for i in range(q)]
    weights = rng.lognormal(0, 1, n) if weighted else None
    columns = np.column_stack([rng.normal(size=n), 1e4 * rng.normal(size=n) + 1e5, np.full(n, 0.1)])
    got = demean(columns, effects, weights, sweeps=sweeps)
    expected = by_dummies(columns, effects, weights)
    np.testing.assert_allclose(got / [1, 1e4, 1], expected / [1, 1e4, 1], rtol=0, atol=1e-9)


def test_a_weakly_connected_chain_is_solved():
    """1,000 links in a row: alternating projections alone stop far from the solution."""
    n = 1000
    a = encode(pd.Series(np.arange(n) // 2, name="a"))
    b = encode(pd.Series((np.arange(n) + 1) // 2, name="b"))
    weights = np.random.default_rng(0).lognormal(0, 1, n)
    columns = np.random.default_rng(1).normal(size=(n, 2))
    got = demean(columns, [a, b], weights)
    np.testing.assert_allclose(got, by_dummies(columns, [a, b], weights), atol=1e-8)


def test_without_effects_columns_are_centred():
    columns = np.array([[1.0, 0.1], [2.0, 0.1], [6.0, 0.1]])
    np.testing.assert_array_equal(demean(columns, [])[:, 0], [-2.0, -1.0, 3.0])
    mean, centred = centre(columns, np.array([1.0, 1.0, 2.0]))
    assert mean[0] == pytest.approx(15 / 4)
    assert np.abs(centred[:, 1]).max() < 1e-16
