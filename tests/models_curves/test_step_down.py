"""Romano and Wolf's p values across models: against the wild bootstrap and a loop over draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from curve_panels import make_panel
from test_wild import brute_force as ols_draws
from test_wild_iv import brute_force as iv_draws
from test_wild_poisson import brute_force as poisson_draws
from test_wild_poisson import counts

from gvckit.errors import ModelError
from gvckit.models.draws import multipliers
from gvckit.models.fit import fit
from gvckit.models.seeds import seed_of
from gvckit.models.stepdown import Hypotheses, romano_wolf_across
from gvckit.models.wild_fit import wild_bootstrap

KEYS = {"unit": "unit", "time": "year"}
MODEL = {"y": "y", "x": ["x"], "controls": ["a"], "fe": ["unit", "year"],
         "se": {"cluster": "country"}, "wild": {"reps": 0}}


@pytest.fixture
def panel():
    return make_panel(60, 6)


def test_one_test_has_the_p_value_of_the_wild_bootstrap(panel):
    found = romano_wolf_across([Hypotheses("m", panel, MODEL, ("x",))], draws=4_999, seed=1, **KEYS)
    alone = wild_bootstrap(panel, MODEL, draws=49_999, level=None, **KEYS)["x"]
    # two Monte Carlo errors of 4,999 draws
    assert abs(found.p["m"]["x"] - alone.p) < 4 * np.sqrt(alone.p * (1 - alone.p) / 4_999) + 4e-4
    assert (found.draws, found.by, found.clusters) == (4_999, "country", 15)


def test_the_same_model_twice_costs_nothing_and_order_plays_no_part(panel):
    one = Hypotheses("one", panel, MODEL, ("x",))
    two = Hypotheses("two", panel.sample(frac=1, random_state=3), MODEL, ("x",))
    alone = romano_wolf_across([one], draws=999, **KEYS).p["one"]["x"]
    both = romano_wolf_across([two, one], draws=999, **KEYS)
    assert both.p["one"]["x"] == both.p["two"]["x"] == alone


def test_the_draws_are_regressions_with_the_multipliers_of_each_cluster(panel):
    """Everything by hand with dummies: samples that lack clusters keep the others' multipliers."""
    late = (panel["year"] >= 2002) & (panel["country"] != "C03")
    models = {"a": (MODEL, np.ones(len(panel), dtype=bool)),
              "b": ({**MODEL, "y": "y2"}, late.to_numpy()),
              "c": ({**MODEL, "x": ["b"]}, late.to_numpy())}
    draws = 49
    found = romano_wolf_across([
        Hypotheses(name, panel, model, tuple(model["x"]), sample)
        for name, (model, sample) in models.items()], draws=draws, seed=2, **KEYS)
    countries = sorted(panel["country"].unique())
    v = np.concatenate(list(multipliers("rademacher", len(countries), draws,
                                        seed_of(2, "romano-wolf"), enumerate_all=False)))
    t, stars = [], []
    for model, sample in models.values():
        x = model["x"][0]
        rows = panel[sample].dropna(subset=[model["y"], x]).groupby("unit").filter(
            lambda g: len(g) > 1)
        dummies = pd.get_dummies(rows[["unit", "year"]].astype(str), dtype=float).to_numpy()
        others = np.column_stack([rows["a"], dummies])
        hat = others @ np.linalg.pinv(others)
        null = rows[model["y"]] - hat @ rows[model["y"]]  # residuals where the slope is zero
        at = [countries.index(c) for c in rows["country"]]
        done = fit(rows, model, **KEYS)
        t.append(abs(done.t[x]))
        stars.append([abs(fit(rows.assign(**{model["y"]: null * draw[at]}), model, **KEYS).t[x])
                      for draw in v])
    stars, left, last = np.array(stars).T, [0, 1, 2], 0.0
    expected = {}
    while left:
        i = max(left, key=lambda j: t[j])
        last = max(last, (1 + (stars[:, left].max(axis=1) >= t[i]).sum()) / (1 + draws))
        expected[list(models)[i]] = last
        left.remove(i)
    assert {name: next(iter(p.values())) for name, p in found.p.items()} == pytest.approx(expected)


def test_every_estimator_with_a_bootstrap_may_be_of_the_family():
    """Poisson, 2SLS, random effects and least squares with CRV3 draw the same multipliers."""
    panel = counts()
    panel["z1"] = panel["x"] + np.random.default_rng(3).normal(size=len(panel))
    base = {"y": "y", "x": ["x"], "se": {"cluster": "country"}, "ssc": "none",
            "wild": {"reps": 0}}
    poisson = {**base, "estimator": "ppml", "fe": ["country", "year"]}
    two_stage = {**base, "fe": ["unit", "year"], "instruments": {"x": ["z1"]}}
    jack = {**base, "fe": ["unit"], "se": {"crv3": "country"}}
    models = {"poisson": poisson, "iv": two_stage, "jack": jack, "re": {**base, "estimator": "re"}}
    found = romano_wolf_across([Hypotheses(name, panel, model, ("x",))
                                for name, model in models.items()], draws=199, seed=4, **KEYS)
    v = np.concatenate(list(multipliers("webb", 6, 199, seed_of(4, "romano-wolf"),
                                        enumerate_all=False)))
    plain = {**jack, "se": {"cluster": "country"}}
    by_hand = [
        poisson_draws(panel, poisson, v, "country"), iv_draws(panel, two_stage, "x", v, "country"),
        ols_draws(panel, plain, v, "country"), re_draws(panel, v)]
    t, stars = np.array([abs(t) for t, _ in by_hand]), np.abs(np.column_stack(
        [star for _, star in by_hand]))
    expected, left, last = {}, [0, 1, 2, 3], 0.0
    while left:
        i = max(left, key=lambda j: t[j])
        last = max(last, (1 + (stars[:, left].max(axis=1) >= t[i]).sum()) / 200)
        expected[list(models)[i]] = last
        left.remove(i)
    assert {name: p["x"] for name, p in found.p.items()} == pytest.approx(expected)


def re_draws(panel, vectors):
    """Return t and t* of random effects by hand, the variance components those of the fit."""
    done = fit(panel, {"y": "y", "x": ["x"], "estimator": "re", "se": {"cluster": "country"},
                       "ssc": "none", "wild": {"reps": 0}}, **KEYS)
    by_unit = panel.groupby("unit")
    ratio = (done.stats["sigma_unit"] / done.stats["sigma_idiosyncratic"])**2
    left = 1 / np.sqrt(1 + by_unit["y"].transform("size") * ratio)
    y, x = (panel[c] - by_unit[c].transform("mean") * (1 - left) for c in ("y", "x"))
    x = x - left * (x @ left) / (left @ left)
    y = y - left * (y @ left) / (left @ left)
    groups = panel["country"].rank(method="dense").astype(int).to_numpy() - 1

    def t_of(y):
        y = y - left * (y @ left) / (left @ left)
        b = x @ y / (x @ x)
        score = np.bincount(groups, weights=x * (y - b * x))
        return b / np.sqrt((score**2).sum()) * (x @ x)

    return t_of(y), np.array([t_of(y * draw[groups]) for draw in vectors])


def test_the_family_wise_error_is_held_and_a_planted_effect_found():
    """40 panels with nine outcomes of no effect: at most one in ten rejects any at 10 percent,
    binomial bound at 1 in 10,000; where every test stands alone, most do."""
    rejected = alone = 0
    for r in range(40):
        rng = np.random.default_rng(r)
        frame = pd.DataFrame({"unit": np.repeat(np.arange(30), 4), "year": np.tile(range(4), 30)})
        frame["x"] = rng.normal(size=120)
        for j in range(9):
            frame[f"y{j}"] = rng.normal(size=120)
        models = [{"y": f"y{j}", "x": ["x"], "fe": ["unit"], "se": {"cluster": "unit"},
                   "wild": {"reps": 0}} for j in range(9)]
        found = romano_wolf_across([Hypotheses(m["y"], frame, m, ("x",)) for m in models],
                                   draws=199, seed=r, **KEYS)
        rejected += min(p["x"] for p in found.p.values()) <= 0.1
        alone += min(fit(frame, m, **KEYS).p["x"] for m in models) <= 0.1
    assert rejected <= 12
    assert alone >= 15
    frame["y0"] += frame["x"]
    found = romano_wolf_across([Hypotheses(m["y"], frame, m, ("x",)) for m in models], draws=199,
                               **KEYS)
    assert found.p["y0"]["x"] == pytest.approx(1 / 200)
    assert min(p["x"] for name, p in found.p.items() if name != "y0") > 0.05


def test_clusters_joined_by_a_star_are_matched_by_their_labels(panel):
    model = {**MODEL, "se": {"cluster": "country*year"}}
    some = panel["country"] != "C00"
    found = romano_wolf_across([Hypotheses("a", panel, model, ("x",)),
                                Hypotheses("b", panel, model, ("x",), some)], draws=199, **KEYS)
    assert found.clusters == panel[["country", "year"]].drop_duplicates().shape[0]


def test_models_that_are_not_clustered_alike_are_refused(panel):
    plain = Hypotheses("plain", panel, {**MODEL, "se": "iid"}, ("x",))
    with pytest.raises(ModelError, match=r"plain.: Romano and Wolf.s p values need clustered"):
        romano_wolf_across([plain, Hypotheses("m", panel, MODEL, ("x",))], **KEYS)
    liml = Hypotheses("liml", panel, {**MODEL, "estimator": "liml", "instruments": {"x": ["a"]},
                                      "controls": []}, ("x",))
    with pytest.raises(ModelError, match="not of 'liml'") as told:
        romano_wolf_across([plain, liml], **KEYS)
    assert [p.where for p in told.value.problems] == ["model 'plain'", "model 'liml'"]
    other = Hypotheses("other", panel, {**MODEL, "se": {"cluster": "unit"}}, ("x",))
    with pytest.raises(ModelError, match="one kind of cluster for all models, not unit, country"):
        romano_wolf_across([other, Hypotheses("m", panel, MODEL, ("x",))], **KEYS)
