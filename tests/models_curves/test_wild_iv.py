"""The wild bootstrap of 2SLS against a loop that makes y* and x* row by row, with dummies."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from curve_panels import make_panel

from gvckit.errors import ModelError, SpecError
from gvckit.models.codes import encode, interact
from gvckit.models.design import build_design
from gvckit.models.draws import multipliers
from gvckit.models.fit import fit
from gvckit.models.instrumented import instrumented
from gvckit.models.model import parse_model
from gvckit.models.seeds import seed_of
from gvckit.models.wild import groups_of
from gvckit.models.wild_fit import wild_bootstrap
from gvckit.models.wild_iv import drawn_iv

KEYS = {"unit": "unit", "time": "year"}


def few(units: int = 24, years: int = 5, seed: int = 2) -> pd.DataFrame:
    """Return an unbalanced panel of six countries with endogenous x and c and three instruments."""
    panel = make_panel(units, years, seed).dropna().reset_index(drop=True)
    rng = np.random.default_rng(seed + 100)
    n = len(panel)
    z = rng.normal(size=(n, 3))
    common = rng.normal(size=n)
    panel["part"] = panel["unit"] % 2
    panel[["z1", "z2", "z3"]] = z
    panel["x"] += z @ [0.8, 0.3, 0.1] + common
    panel["c"] += z @ [-0.2, 0.7, 0.4] - 0.5 * common
    panel["y"] += 0.3 * panel["c"] + common
    return panel


def dummies(panel: pd.DataFrame, effects: list[str]) -> np.ndarray:
    columns = [np.ones((len(panel), 1))]
    for text in effects:
        groups, _, slope = text.rstrip("]").partition("[")
        labels = panel[groups.split("*")].astype(str).agg("-".join, axis=1)
        columns.append(pd.get_dummies(labels).to_numpy(float))
        if slope:
            columns.append(columns[-1] * (panel[[slope]].to_numpy() - 2002.0))
    return np.column_stack(columns)


def brute_force(panel: pd.DataFrame, model: dict[str, Any], term: str, vectors: np.ndarray,
                by: str, null: float = 0.0) -> tuple[float, np.ndarray]:
    """Return t and every t* of ``term``, dummies written out, a regression a draw."""
    panel = panel.sort_values(["unit", "year"])
    root = np.sqrt(panel[model["weights"]].to_numpy()) if "weights" in model else np.ones(
        len(panel))
    texts = [*model["x"], *model.get("controls", [])]
    inner = [t for t in texts if t in model["instruments"]]
    names = [term, *(t for t in texts if t != term)]
    outer = list(dict.fromkeys(z for own in model["instruments"].values() for z in own))
    D = dummies(panel, model.get("fe", []))
    X = np.column_stack([panel[names].to_numpy(), D])
    A = np.column_stack([panel[[t for t in texts if t not in inner] + outer].to_numpy(), D])
    y = panel["y"].to_numpy() - null * panel[term].to_numpy()
    clusters = model["se"]["cluster"]
    codes = [encode(panel[c]) for c in ([clusters] if isinstance(clusters, str) else clusters)]
    codes = codes if len(codes) == 1 else [*codes, interact(codes)]
    signs = [1, 1, -1][:len(codes)]
    X, A, y = X * root[:, None], A * root[:, None], y * root
    to_fit = A @ np.linalg.pinv(A)

    def two_stage(y: np.ndarray, X: np.ndarray) -> tuple[np.ndarray, float, float]:
        pinv = np.linalg.pinv(to_fit @ X)
        beta = pinv @ y
        psi = pinv[0] * (y - X @ beta)
        return beta, beta[0], sum(s * (np.bincount(c.codes, weights=psi) ** 2).sum()
                                  for s, c in zip(signs, codes, strict=True))

    _, b, variance = two_stage(y, X)
    rest = X[:, 1:]
    gamma = np.linalg.pinv(to_fit @ rest) @ y
    u = y - rest @ gamma
    wider = np.column_stack([A, u])
    at = [names.index(t) for t in inner]
    pi = (np.linalg.pinv(wider) @ X[:, at])[:-1]
    v = X[:, at] - A @ pi
    groups = encode(panel[by]).codes
    drawn = []
    for vector in vectors:
        w = vector[groups]
        made = X.copy()
        made[:, at] = A @ pi + v * w[:, None]
        star = made[:, 1:] @ gamma + u * w
        _, b_star, variance_star = two_stage(star, made)
        drawn.append(b_star / np.sqrt(variance_star) if variance_star > 0 else np.nan)
    return b / np.sqrt(variance), np.array(drawn)


def ours(panel: pd.DataFrame, raw: dict[str, Any], term: str, vectors: np.ndarray, by: str | None,
         null: float = 0.0) -> tuple[float, np.ndarray]:
    model = parse_model(raw, "m")
    design = build_design(panel, model, unit=("unit",), time="year", name="m")
    iv = instrumented(design, model, "m")
    groups = groups_of(design.clusters, by)
    _, t, star = drawn_iv(iv, design, term, null, groups, 1.0, [vectors[:20], vectors[20:]])
    return t, star


ONE = {"x": ["z1"]}
MORE = {"x": ["z1", "z2", "z3"]}
TWO = {"x": ["z1", "z2"], "c": ["z3"]}
MODELS = {
    "exactly identified": {"x": ["x"], "fe": ["unit", "year"], "instruments": ONE},
    "over-identified": {"x": ["x"], "fe": ["unit", "year"], "instruments": MORE,
                        "controls": ["a"]},
    "two endogenous": {"x": ["x", "c"], "fe": ["unit", "year"], "instruments": TWO},
    "another endogenous": {"x": ["c"], "controls": ["x", "a"], "fe": ["unit"],
                           "instruments": TWO},
    "exogenous focal": {"x": ["a"], "controls": ["x"], "fe": ["unit", "year"],
                        "instruments": ONE},
    "exogenous focal, over": {"x": ["a"], "controls": ["x", "c", "b"], "fe": ["unit", "year"],
                              "instruments": {"x": ["z1", "z2"], "c": ["z3"]}, "weights": "w"},
    "weighted": {"x": ["x"], "controls": ["a", "c"], "fe": ["unit", "year"], "weights": "w",
                 "instruments": MORE},
    "pooled": {"x": ["x"], "controls": ["a"], "instruments": MORE, "weights": "w"},
    "nested in two ways": {"x": ["x"], "fe": ["unit", "country*year", "year"],
                           "controls": ["a"], "instruments": ONE},
    "two across": {"x": ["x"], "fe": ["unit", "year", "part*year"], "instruments": MORE},
    "trends": {"x": ["x"], "fe": ["unit[year]", "year"], "instruments": ONE, "weights": "w"},
    "trends across": {"x": ["x"], "fe": ["unit", "part[year]"], "instruments": ONE,
                      "controls": ["a"]},
}


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("null", [0.0, 0.3])
def test_every_draw_is_the_2sls_of_variables_made_row_by_row(kind, null):
    panel = few()
    model = {"y": "y", "se": {"cluster": "country"}, "ssc": "none", **MODELS[kind]}
    vectors = np.array([*itertools.product([-1.0, 1.0], repeat=6)])
    webb = np.concatenate(list(multipliers("webb", 6, 40, (1,), enumerate_all=False)))
    vectors = np.concatenate([vectors, webb])
    term = model["x"][0]
    t, star = brute_force(panel, model, term, vectors, "country", null)
    mine, drawn = ours(panel, model, term, vectors, None, null)
    assert mine == pytest.approx(t, rel=1e-9)
    np.testing.assert_allclose(drawn, star, rtol=1e-9, atol=1e-9)
    if null == 0.0:
        assert fit(panel, model, **KEYS).t[term] == pytest.approx(t, rel=1e-9)


@pytest.mark.parametrize("by", ["country", "year"])
@pytest.mark.parametrize("effect", ["unit", "unit[year]"])
def test_two_way_clustering_multiplies_one_dimension(by, effect):
    panel = few(years=6)
    model = {"y": "y", "x": ["x"], "fe": [effect], "controls": ["a"], "ssc": "none",
             "instruments": MORE, "se": {"cluster": ["country", "year"]}}
    vectors = np.array([*itertools.product([-1.0, 1.0], repeat=panel[by].nunique())])
    t, star = brute_force(panel, model, "x", vectors, by)
    mine, drawn = ours(panel, model, "x", vectors, by)
    assert mine == pytest.approx(t, rel=1e-9)
    np.testing.assert_allclose(drawn, star, rtol=1e-9, atol=1e-9)


def test_a_fit_carries_the_p_of_its_focal_terms_by_the_rules_of_least_squares():
    panel = few()
    model = {"y": "y", "x": ["x", "a"], "fe": ["unit", "year"], "instruments": MORE,
             "se": {"cluster": "country"}}
    done = fit(panel, model, **KEYS, name="m", seed=5)
    for term in ("x", "a"):
        vectors = np.concatenate(list(multipliers(
            "webb", 6, 9_999, seed_of(5, "m", "wild", term), enumerate_all=False)))[:400]
        t, star = brute_force(panel, {**model, "wild": {"reps": 400}}, term, vectors, "country")
        # 400 of the same draws: what is counted is the share of them beyond t
        short = wild_bootstrap(panel, model, **KEYS, name="m", seed=5, draws=400, terms=[term])
        assert short[term].p == (1 + np.sum(np.abs(star) >= abs(t) * (1 - 1e-8))) / 401
    assert {k for k in done.stats if k.startswith("wild_p")} == {"wild_p:x", "wild_p:a"}
    wild = done.se_kind["wild"]
    assert (wild["method"], wild["weights"], wild["draws"]) == ("efficient", "webb", 9_999)
    every = fit(panel, {**model, "wild": {"weights": "rademacher"}}, **KEYS)
    assert every.se_kind["wild"]["enumerated"]
    test = wild_bootstrap(panel, model, **KEYS)["x"]
    assert "restricted efficient" in test.words()
    assert np.isnan(test.low)


def test_a_true_null_is_rejected_as_often_as_the_level_says():
    """20 clusters, an endogenous regressor, one planted slope; the t test rejects too often."""
    rng = np.random.default_rng(20)
    groups, size, draws = 20, 10, 400
    rejected = naive = 0
    for i in range(draws):
        g = np.repeat(np.arange(groups), size)
        heavy = np.exp(0.8 * rng.normal(size=groups))[g]
        z = rng.normal(size=groups)[g] * heavy + 0.3 * rng.normal(size=g.size)
        u = rng.normal(size=groups)[g] * heavy + rng.normal(size=g.size)
        x = z + 0.7 * u + rng.normal(size=groups)[g] + rng.normal(size=g.size)
        frame = pd.DataFrame({"unit": np.arange(g.size), "g": g, "z": z, "x": x,
                              "y": 0.5 * x + u})
        model = {"y": "y", "x": ["x"], "instruments": {"x": ["z"]}, "se": {"cluster": "g"}}
        test = wild_bootstrap(frame, model, unit="unit", null=0.5, draws=199, seed=i)["x"]
        rejected += test.p <= 0.05
        done = fit(frame.assign(y=frame["y"] - 0.5 * frame["x"]), {**model, "wild": False},
                   unit="unit")
        naive += done.p["x"] <= 0.05
    # 1.1 points is the standard error of a share of 5 percent in 400 draws
    assert 0.028 <= rejected / draws <= 0.075
    assert naive / draws > rejected / draws


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"wild": {"restricted": False}}, ModelError, "2SLS imposes the null"),
    ({"wild": True, "estimator": "liml"}, ModelError, "2SLS and Poisson regression, not of 'liml'"),
    ({"wild": {"by": "sector"}}, SpecError, "unknown clustering variable of the bootstrap"),
    ({"wild": {"weights": "mammen"}}, SpecError, "unknown wild bootstrap weights 'mammen'"),
])
def test_faults_are_told(change, error, message):
    model = {"y": "y", "x": ["x"], "fe": ["unit"], "instruments": MORE,
             "se": {"cluster": "country"}, **change}
    with pytest.raises(error, match=message):
        fit(few(), model, **KEYS)
