"""Very many rows: cross-products and conjugate gradients give what QR and sweeps give."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gvckit.models import demean as demeaning
from gvckit.models import ols, tall
from gvckit.models.codes import encode
from gvckit.models.demean import demean
from gvckit.models.fit import fit

KEYS: dict[str, Any] = {"unit": ["country", "sector"], "time": "year"}


@pytest.fixture
def as_tall(monkeypatch: pytest.MonkeyPatch):
    """Treat every design as one of very many rows, in small blocks."""

    def switch() -> None:
        monkeypatch.setattr(ols, "TALL", 0)
        monkeypatch.setattr(tall, "BLOCK", 50)
        monkeypatch.setattr(demeaning, "TALL", 0)

    return switch


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("effects", [[], ["country*sector"], ["country*sector", "year"]])
@pytest.mark.parametrize("se", ["hc1", {"cluster": ["country", "year"]}])
def test_a_tall_fit_is_the_fit(panel, as_tall, weights, effects, se):
    model = {"y": "y", "x": ["x", "z"], "fe": effects, "weights": weights, "se": se}
    expected = fit(panel, model, **KEYS)
    as_tall()
    got = fit(panel, model, **KEYS)
    np.testing.assert_allclose(got.coef, expected.coef, rtol=1e-11)
    np.testing.assert_allclose(got.vcov, expected.vcov, rtol=1e-10)
    for key, value in expected.stats.items():
        assert got.stats[key] == pytest.approx(value, rel=1e-9), key


def test_near_collinear_columns_are_left_to_qr(panel, as_tall):
    """Cross-products would keep six digits of 1e-5; the exact coefficient of z is planted."""
    rng = np.random.default_rng(0)
    panel = panel.assign(near=panel["x"] + 1e-5 * rng.normal(size=len(panel)), copy=panel["x"] * 2)
    model = {"y": "y", "x": ["x", "near", "copy"], "fe": ["country*sector", "year"]}
    expected = fit(panel, model, **KEYS)
    as_tall()
    got = fit(panel, model, **KEYS)
    assert got.dropped == expected.dropped == (("copy", "collinear with earlier regressors"),)
    np.testing.assert_allclose(got.coef, expected.coef, rtol=1e-9)


def test_conjugate_gradients_are_the_projections(monkeypatch):
    """Unbalanced, three effects, weights, groups in and out of order; dummies by hand."""
    rng = np.random.default_rng(1)
    n = 500
    labels = pd.DataFrame({"a": np.sort(rng.integers(0, 60, n)), "b": rng.integers(0, 9, n),
                           "c": rng.integers(0, 5, n)})
    w, columns = rng.uniform(0.5, 2, n), rng.normal(size=(n, 3))
    effects = [encode(labels[c]) for c in labels]
    D = np.column_stack([pd.get_dummies(labels[c], dtype=float) for c in labels])
    before = columns.copy()
    monkeypatch.setattr(demeaning, "TALL", 0)
    for weights in (None, w):
        root = np.ones(n) if weights is None else np.sqrt(weights)
        fitted = D @ np.linalg.lstsq(D * root[:, None], columns * root[:, None], rcond=None)[0]
        np.testing.assert_allclose(demean(columns, effects, weights), columns - fitted, atol=1e-10)
    np.testing.assert_array_equal(columns, before)


PROGRAM = """
import hashlib, json
import numpy as np, pandas as pd
from gvckit.models.fit import fit
rng = np.random.default_rng(0)
n = 60_000
f = pd.DataFrame({"u": np.arange(n) // 10, "t": np.arange(n) % 10, "g": np.arange(n) // 1000})
f[["x", "z", "y"]] = rng.normal(size=(n, 3))
done = fit(f, {"y": "y", "x": ["x", "z"], "fe": ["u", "t"], "se": {"cluster": "g"}}, unit="u",
           time="t")
print(hashlib.sha256(json.dumps(done.to_dict()).encode()).hexdigest())
"""


def test_the_threads_of_linear_algebra_play_no_part():
    outputs = {subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True,
        env={**os.environ, "OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n}).stdout
        for n in ("1", "2", "4")}
    assert len(outputs) == 1
