"""The score bootstrap of Poisson regression against statsmodels and a regression a draw."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from curve_panels import make_panel
from test_wild_iv import dummies as every_dummy

from gvckit.errors import ModelError, SpecError
from gvckit.models.codes import encode, interact
from gvckit.models.draws import multipliers
from gvckit.models.fit import fit
from gvckit.models.seeds import seed_of
from gvckit.models.wild_fit import wild_bootstrap

KEYS = {"unit": "unit", "time": "year"}


def counts(units: int = 24, years: int = 5, seed: int = 2) -> pd.DataFrame:
    """Return an unbalanced panel of six countries with a count, one in five of them zero."""
    panel = make_panel(units, years, seed).dropna().sort_values(["unit", "year"])
    rng = np.random.default_rng(seed)
    panel["part"] = panel["unit"] % 2
    panel["y"] = rng.poisson(np.exp(0.4 * panel["y"])).astype(float)
    return panel.reset_index(drop=True)


def dummies(panel: pd.DataFrame, effects: list[str]) -> np.ndarray:
    """Return independent columns: statsmodels wants full rank."""
    whole = every_dummy(panel, effects)
    keep: list[int] = []
    for j in range(whole.shape[1]):
        if np.linalg.matrix_rank(whole[:, [*keep, j]], tol=1e-8) > len(keep):
            keep.append(j)
    return whole[:, keep]


def brute_force(panel: pd.DataFrame, model: dict[str, Any], vectors: np.ndarray, by: str,
                null: float = 0.0, restricted: bool = True) -> tuple[float, np.ndarray]:
    """Return t and every t* of the first regressor: statsmodels, then dummies and a draw each."""
    w = panel[model["weights"]].to_numpy() if "weights" in model else np.ones(len(panel))
    texts = [*model["x"], *model.get("controls", [])]
    X = np.column_stack([panel[texts].to_numpy(), dummies(panel, model.get("fe", []))])
    y = panel["y"].to_numpy()

    def means(Z: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        done = sm.GLM(y, Z, family=sm.families.Poisson(), var_weights=w, offset=offset).fit(
            tol=1e-14, maxiter=200)
        return done.params, done.mu

    if restricted:
        _, mu = means(X[:, 1:], null * X[:, 0])
        tested = 0.0
    else:
        coef, mu = means(X, np.zeros(len(y)))
        tested = coef[0] - null
    names = model["se"]["cluster"]
    codes = [encode(panel[c]) for c in ([names] if isinstance(names, str) else names)]
    codes = codes if len(codes) == 1 else [*codes, interact(codes)]
    signs = [1, 1, -1][:len(codes)]
    root = np.sqrt(mu * w)
    pinv = np.linalg.pinv(X * root[:, None])

    def step(z: np.ndarray) -> tuple[float, float]:
        moved = pinv @ (z * root)
        psi = pinv[0] * root * (z - X @ moved)
        return moved[0], sum(s * (np.bincount(c.codes, weights=psi)**2).sum()
                             for s, c in zip(signs, codes, strict=True))

    z = (y - mu) / mu
    b, variance = step(z)
    groups = encode(panel[by]).codes
    star = []
    for v in vectors:
        b_star, variance_star = step(z * v[groups])
        star.append(b_star / np.sqrt(variance_star) if variance_star > 0 else np.nan)
    return (b + tested) / np.sqrt(variance), np.array(star)


MODELS = {
    "unit and year": {"fe": ["unit", "year"]},
    "pooled": {"controls": ["a"]},
    "alone": {},
    "year": {"fe": ["year"], "controls": ["a", "c"]},
    "two across": {"fe": ["country", "year", "part*year"], "controls": ["a"]},
    "weighted": {"fe": ["unit", "year"], "weights": "w", "controls": ["a"]},
    "nested in two ways": {"fe": ["unit", "country*year"], "controls": ["a"]},
    "trends": {"fe": ["country", "country[year]", "year"], "controls": ["a"]},
}


def seen(panel: pd.DataFrame, model: dict[str, Any]) -> pd.DataFrame:
    """Return the rows that the model uses: not separated, no singletons."""
    used = panel
    while True:
        keep = np.ones(len(used), dtype=bool)
        for text in model.get("fe", []):
            keys = text.partition("[")[0].split("*")
            of_group = used.groupby(keys)["y"]
            keep &= ((of_group.transform("sum") > 0) & (of_group.transform("size") > 1)).to_numpy()
        if keep.all():
            return used.reset_index(drop=True)
        used = used[keep]


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("null", [0.0, 0.2])
def test_every_vector_is_a_newton_step_from_the_fit_of_statsmodels(kind, restricted, null):
    panel = counts()
    model = {"y": "y", "x": ["x"], "se": {"cluster": "country"}, "estimator": "ppml",
             "ssc": "none", **MODELS[kind]}
    used = seen(panel, model)
    vectors = np.array(list(itertools.product([-1.0, 1.0], repeat=6)))
    test = wild_bootstrap(panel, model, **KEYS, weights="rademacher", restricted=restricted,
                          null=null)["x"]
    t, star = brute_force(used, model, vectors, "country", null, restricted)
    done = fit(panel, {**model, "estimator": {"ppml": "converged"}}, **KEYS)
    assert done.n == len(used)
    assert (test.enumerated, test.draws) == (True, 64)
    assert test.t == pytest.approx(t, rel=1e-8)
    assert test.p == np.mean(np.abs(star) >= abs(t) * (1 - 1e-8))
    tails = np.mean(star >= t - 1e-8), np.mean(star <= t + 1e-8)
    assert test.p_equal_tail == pytest.approx(min(1.0, 2 * min(tails)))
    assert test.estimate == pytest.approx(done.coef["x"], rel=1e-8)
    if not restricted and null == 0.0:
        assert test.t == pytest.approx(done.t["x"], rel=1e-8)


@pytest.mark.parametrize("by", ["country", "year"])
def test_two_way_clustering_multiplies_one_dimension(by):
    panel = counts(years=6)
    model = {"y": "y", "x": ["x"], "fe": ["country"], "controls": ["a"], "ssc": "none",
             "estimator": "ppml", "se": {"cluster": ["country", "year"]}}
    vectors = np.array([*itertools.product([-1.0, 1.0], repeat=panel[by].nunique())])
    t, star = brute_force(panel, model, vectors, by)
    good = star[~np.isnan(star)]
    test = wild_bootstrap(panel, model, **KEYS, weights="rademacher", by=by)["x"]
    assert test.t == pytest.approx(t, rel=1e-8)
    assert test.draws == len(good)
    assert test.p == np.mean(np.abs(good) >= abs(t) * (1 - 1e-8))


def test_a_fit_carries_the_p_of_its_focal_terms_by_the_rules_of_least_squares():
    panel = counts()
    model = {"y": "y", "x": ["x", "c"], "fe": ["country", "year"], "estimator": "ppml",
             "se": {"cluster": "country"}}
    done = fit(panel, model, **KEYS, name="m", seed=5)
    assert {k for k in done.stats if k.startswith("wild_p")} == {"wild_p:x", "wild_p:c"}
    for term, other in (("x", "c"), ("c", "x")):
        vectors = np.concatenate(list(multipliers(
            "webb", 6, 9_999, seed_of(5, "m", "wild", term), enumerate_all=False)))
        t, star = brute_force(panel, {**model, "x": [term, other]}, vectors[:400], "country")
        short = wild_bootstrap(panel, model, **KEYS, name="m", seed=5, draws=400, terms=[term])
        assert short[term].p == (1 + np.sum(np.abs(star) >= abs(t) * (1 - 1e-8))) / 401
        whole = wild_bootstrap(panel, model, **KEYS, name="m", seed=5, terms=[term])
        assert whole[term].p == done.stats[f"wild_p:{term}"]
    wild = done.se_kind["wild"]
    assert (wild["method"], wild["weights"], wild["draws"]) == ("score", "webb", 9_999)
    assert "score wild cluster bootstrap by country" in short["c"].words()
    assert np.isnan(short["c"].low)
    many = fit(panel, {**model, "se": {"cluster": "unit"}}, **KEYS)
    assert ("wild" in many.se_kind) == (many.clusters["unit"] < 50)
    assert "wild" not in fit(panel, {**model, "wild": False}, **KEYS).se_kind
    assert fit(panel, {**model, "estimator": {"ppml": "converged"}}, **KEYS, name="m",
               seed=5).stats["wild_p:x"] == done.stats["wild_p:x"]


def test_a_true_null_is_rejected_as_often_as_the_level_says():
    """12 clusters of unlike size, shocks to country and year; the column's own p is too low."""
    rng = np.random.default_rng(12)
    groups, years, draws = 12, 6, 400
    rejected = naive = 0
    for i in range(draws):
        size = rng.integers(2, 9, groups)
        unit = np.repeat(np.arange(size.sum()), years)
        g = np.repeat(np.repeat(np.arange(groups), size), years)
        year = np.tile(np.arange(years), size.sum())
        cell = g * years + year
        x = rng.normal(size=groups * years)[cell] + 0.5 * rng.normal(size=len(g))
        index = 0.2 * x + 0.5 * rng.normal(size=groups * years)[cell] + 1.0
        frame = pd.DataFrame({"unit": unit, "year": year, "g": g, "x": x,
                              "y": rng.poisson(np.exp(index)).astype(float)})
        model = {"y": "y", "x": ["x"], "fe": ["unit", "year"], "estimator": "ppml",
                 "se": {"cluster": "g"}}
        test = wild_bootstrap(frame, model, unit="unit", time="year", null=0.2, draws=199,
                              seed=i)["x"]
        done = fit(frame, {**model, "wild": False}, unit="unit", time="year")
        rejected += test.p <= 0.05
        naive += abs(done.coef["x"] - 0.2) / done.se["x"] > 1.96
    # 1.1 points is the standard error of a share of 5 percent in 400 draws
    assert 0.028 <= rejected / draws <= 0.085
    assert naive / draws > rejected / draws + 0.02


@pytest.mark.parametrize("scale", [1e-15, 1e-6, 1e9])
def test_the_unit_of_y_and_of_the_weights_plays_no_part(scale):
    panel = counts()
    model = {"y": "y", "x": ["x"], "fe": ["unit", "year"], "estimator": "ppml", "weights": "w",
             "se": {"cluster": "country"}}
    plain = fit(panel, model, **KEYS)
    for change in ({"y": panel["y"] * scale}, {"w": panel["w"] * scale}):
        other = fit(panel.assign(**change), model, **KEYS)
        assert other.coef["x"] == pytest.approx(plain.coef["x"], rel=1e-6)
        assert other.se["x"] == pytest.approx(plain.se["x"], rel=1e-4)
        assert other.stats["wild_p:x"] == plain.stats["wild_p:x"]


@pytest.mark.parametrize("fe", [[], ["unit", "year"]])
def test_a_null_on_a_regressor_far_from_zero_converges(fe):
    panel = counts()
    model = {"y": "y", "x": ["x"], "fe": fe, "estimator": "ppml", "se": {"cluster": "country"}}
    near, far = (wild_bootstrap(panel.assign(x=panel["x"] + shift), model, **KEYS, null=0.2)["x"]
                 for shift in (0.0, 1e6))
    assert far.t == pytest.approx(near.t, rel=1e-6)
    assert far.p == near.p


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"wild": {"by": "sector"}}, SpecError, "unknown clustering variable of the bootstrap"),
    ({"wild": True, "se": "hc1"}, ModelError, "needs se clustered"),
])
def test_faults_are_told(change, error, message):
    model = {"y": "y", "x": ["x"], "fe": ["country"], "estimator": "ppml",
             "se": {"cluster": "country"}, **change}
    with pytest.raises(error, match=message):
        fit(counts(), model, **KEYS)


def test_terms_that_are_not_estimated_are_named():
    model = {"y": "y", "x": ["x"], "fe": ["country"], "estimator": "ppml",
             "se": {"cluster": "country"}}
    with pytest.raises(SpecError, match="unknown estimated term 'b'"):
        wild_bootstrap(counts(), model, **KEYS, terms=["b"])
