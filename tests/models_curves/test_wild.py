"""The wild cluster bootstrap against a loop that estimates every draw with dummies."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from curve_panels import make_panel

from gvckit.errors import ModelError, SpecError
from gvckit.models.codes import encode, interact
from gvckit.models.draws import WEIGHTS, multipliers
from gvckit.models.fit import fit
from gvckit.models.seeds import seed_of
from gvckit.models.wild import DRAWS
from gvckit.models.wild_fit import wild_bootstrap


def few(units: int = 24, years: int = 5, seed: int = 2) -> pd.DataFrame:
    """Return an unbalanced panel of six countries."""
    return make_panel(units, years, seed).dropna().reset_index(drop=True)


def brute_force(panel: pd.DataFrame, model: dict[str, Any], vectors: np.ndarray, by: str,
                null: float = 0.0, restricted: bool = True) -> tuple[float, np.ndarray]:
    """Return t and every t* of the first regressor, each from a regression with all dummies."""
    panel = panel.sort_values(["unit", "year"])
    w = panel[model["weights"]].to_numpy() if "weights" in model else np.ones(len(panel))
    texts = [*model["x"], *model.get("controls", [])]
    effects = []
    for text in model.get("fe", []):
        groups, _, slope = text.rstrip("]").partition("[")
        labels = panel[groups.split("*")].astype(str).agg("-".join, axis=1)
        effects.append(pd.get_dummies(labels).to_numpy(float))
        if slope:
            effects.append(effects[-1] * (panel[[slope]].to_numpy() - 2002.0))
    X = np.column_stack([panel[texts].to_numpy(), np.ones(len(panel)), *effects])
    y = panel["y"].to_numpy()
    names = model["se"]["cluster"]
    codes = [encode(panel[c]) for c in ([names] if isinstance(names, str) else names)]
    codes = codes if len(codes) == 1 else [*codes, interact(codes)]
    signs = [1, 1, -1][:len(codes)]
    root = np.sqrt(w)[:, None]
    pinv = np.linalg.pinv(X * root)

    def solve(z: np.ndarray) -> tuple[float, float]:
        beta = pinv @ (z * root[:, 0])
        psi = (pinv[0] * root[:, 0]) * (z - X @ beta)
        return beta[0], sum(s * (np.bincount(c.codes, weights=psi) ** 2).sum()
                            for s, c in zip(signs, codes, strict=True))

    b, variance = solve(y)
    base = y - X[:, 0] * null if restricted else y
    Z = X[:, 1:] if restricted else X
    fitted = Z @ (np.linalg.pinv(Z * root) @ (base * root[:, 0]))
    groups = encode(panel[by]).codes
    center = null if restricted else b
    drawn = []
    for v in vectors:
        star = fitted + (X[:, 0] * null if restricted else 0) + (base - fitted) * v[groups]
        b_star, variance_star = solve(star)
        drawn.append((b_star - center) / np.sqrt(variance_star) if variance_star > 0 else np.nan)
    return (b - null) / np.sqrt(variance), np.array(drawn)


MODELS = {
    "unit and year": {"fe": ["unit", "year"]},
    "pooled": {"controls": ["a"]},
    "year": {"fe": ["year"], "controls": ["a", "c"]},
    "country and year": {"fe": ["country", "unit", "year"], "controls": ["a"]},
    "two across": {"fe": ["unit", "year", "part*year"]},
    "weighted": {"fe": ["unit", "year"], "weights": "w", "controls": ["a"]},
    "nested in two ways": {"fe": ["unit", "country*year"], "controls": ["a"]},
    "implied across": {"fe": ["unit", "part", "year"], "controls": ["a"]},
    "trends": {"fe": ["unit[year]", "year"], "controls": ["a"]},
    "coarse trends": {"fe": ["unit", "year", "country[year]"], "weights": "w"},
    "trends across": {"fe": ["unit", "part[year]"], "controls": ["a"]},
}


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("restricted", [True, False])
def test_every_vector_gives_the_t_of_a_regression_with_dummies(kind, restricted):
    panel = few()
    panel["part"] = panel["unit"] % 2
    model = {"y": "y", "x": ["x"], "se": {"cluster": "country"}, "ssc": "none", **MODELS[kind]}
    vectors = np.array(list(itertools.product([-1.0, 1.0], repeat=6)))
    null = 0.2 if restricted else 0.0
    test = wild_bootstrap(panel, model, unit="unit", time="year", weights="rademacher",
                          restricted=restricted, null=null)["x"]
    t, star = brute_force(panel, model, vectors, "country", null, restricted)
    assert test.enumerated
    assert test.draws == 64
    assert test.t == pytest.approx(t, rel=1e-9)
    assert test.p == np.mean(np.abs(star) >= abs(t) * (1 - 1e-8))
    tails = np.mean(star >= t - 1e-8), np.mean(star <= t + 1e-8)
    assert test.p_equal_tail == pytest.approx(min(1.0, 2 * min(tails)))


@pytest.mark.parametrize("by", ["country", "year"])
@pytest.mark.parametrize("effect", ["unit", "unit[year]"])
def test_two_way_clustering_multiplies_one_dimension(by, effect):
    panel = few(years=6)
    model = {"y": "y", "x": ["x"], "fe": [effect], "controls": ["a"], "ssc": "none",
             "se": {"cluster": ["country", "year"]}}
    vectors = np.array(list(itertools.product([-1.0, 1.0], repeat=panel[by].nunique())))
    test = wild_bootstrap(panel, model, unit="unit", time="year", weights="rademacher", by=by)["x"]
    t, star = brute_force(panel, model, vectors, by)
    good = star[np.isfinite(star)]
    assert test.t == pytest.approx(t, rel=1e-9)
    assert test.left_out == len(star) - len(good)
    assert test.p == np.mean(np.abs(good) >= abs(t) * (1 - 1e-8))


def test_webb_draws_and_their_p_value_are_those_of_the_loop():
    panel = few()
    model = {"y": "y", "x": ["x"], "fe": ["unit", "year"], "se": {"cluster": "country"}}
    test = wild_bootstrap(panel, model, unit="unit", time="year", draws=1_200, seed=4)["x"]
    seed = seed_of(4, "model", "wild", "x")
    vectors = np.concatenate(list(multipliers("webb", 6, 1_200, seed, enumerate_all=False)))
    t, star = brute_force(panel, model, vectors, "country")
    assert test.weights == "webb"
    assert test.p == (1 + np.sum(np.abs(star) >= abs(t))) / 1_201
    assert set(np.round(vectors.ravel() ** 2, 12)) == {0.5, 1.0, 1.5}


def test_the_general_and_the_structured_maps_agree_with_many_clusters():
    from gvckit.models import wild_forms
    from gvckit.models.residualise import residualise

    panel = make_panel(80, 6, gaps=False).sort_values(["unit", "year"])
    effects = tuple(encode(panel[c]) for c in ("unit", "year"))
    res = residualise(panel["y"].to_numpy(), panel[["x", "a"]].to_numpy(), ["x", "a"], effects,
                      panel["w"].to_numpy())
    bread = np.linalg.inv(res.X.T @ (res.X * res.weights[:, None]))
    regression = wild_forms.Regression(res.X, bread, 0, res.weights, effects)
    # residuals of the regression on the fixed effects alone: orthogonal to what is nested
    clusters = encode(panel["country"])
    one = res.y[:, None], regression.influence[:, None]
    structured = wild_forms._structured(regression, *one, clusters)[0][0]
    general = wild_forms._general(regression, *one, clusters, [clusters])[0][0][0]
    np.testing.assert_allclose(structured.apply(np.eye(20)), general.left, atol=1e-13)


def test_the_general_and_the_structured_maps_agree_with_trends():
    from gvckit.models import wild_forms
    from gvckit.models.design import build_design
    from gvckit.models.model import parse_model
    from gvckit.models.residualise import residualise

    model = parse_model({"y": "y", "x": ["x", "a"], "fe": ["unit", "country[year]", "year"],
                         "weights": "w", "se": {"cluster": "country"}})
    design = build_design(make_panel(40, 7), model, unit=("unit",), time="year", name="m")
    res = residualise(design.y, design.X, design.terms, design.effects, design.weights)
    bread = np.linalg.inv(res.X.T @ (res.X * res.weights[:, None]))
    regression = wild_forms.Regression(res.X, bread, 0, res.weights, design.effects)
    clusters = design.clusters[0]
    assert wild_forms.is_structured(regression, clusters)
    one = res.y[:, None], regression.influence[:, None]
    structured = wild_forms._structured(regression, *one, clusters)[0][0]
    general = wild_forms._general(regression, *one, clusters, [clusters])[0][0][0]
    np.testing.assert_allclose(structured.apply(np.eye(10)), general.left, atol=1e-12)


def test_a_model_with_unit_trends_has_a_wild_p_unasked():
    panel = make_panel(40, 7)
    model = {"y": "y", "x": ["x"], "fe": ["unit[year]", "year"], "se": {"cluster": "country"}}
    done = fit(panel, model, unit="unit", time="year")
    assert done.clusters == {"country": 10}
    assert 0 < done.stats["wild_p:x"] <= 1
    assert done.se_kind["wild"]["weights"] == "webb"


def test_the_interval_holds_the_values_that_are_not_rejected():
    panel = make_panel(60, 8)
    model = {"y": "y", "x": ["x"], "fe": ["unit", "year"], "controls": ["a"],
             "se": {"cluster": "country"}}

    def p(null: float) -> float:
        return wild_bootstrap(panel, model, unit="unit", time="year", null=null, draws=999,
                              level=None)["x"].p

    test = wild_bootstrap(panel, model, unit="unit", time="year", draws=999)["x"]
    assert test.low < test.estimate < test.high
    gap = 1e-6 * (test.high - test.low)
    assert p(test.low + gap) > 0.05 >= p(test.low - gap)
    assert p(test.high - gap) > 0.05 >= p(test.high + gap)


def test_a_fit_with_few_clusters_carries_the_wild_p_of_its_focal_terms():
    panel = make_panel(60, 8)
    model = {"y": "y", "x": ["x", "c"], "fe": ["unit", "year"], "controls": ["a"],
             "se": {"cluster": "country"}}
    done = fit(panel, model, unit="unit", time="year", name="m", seed=5)
    tests = wild_bootstrap(panel, model, unit="unit", time="year", name="m", seed=5, level=None)
    assert {k: v for k, v in done.stats.items() if k.startswith("wild_p:")} == {
        "wild_p:x": tests["x"].p, "wild_p:c": tests["c"].p}
    assert done.se_kind["wild"]["draws"] == DRAWS
    assert done.from_dict(done.to_dict()) == done
    many = fit(panel, {**model, "se": {"cluster": "unit"}}, unit="unit", time="year")
    assert not any(k.startswith("wild") for k in many.stats)
    off = fit(panel, {**model, "wild": False}, unit="unit", time="year")
    assert not any(k.startswith("wild") for k in off.stats)
    asked = fit(panel, {**model, "se": {"cluster": "unit"}, "wild": {"reps": 199}}, unit="unit",
                time="year")
    assert asked.se_kind["wild"]["draws"] == 199
    assert asked.se_kind["wild"]["clusters"] == 60


VECTORS = np.array(list(itertools.product([-1.0, 1.0], repeat=6)))


def changed(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the changes from a year to the next of the same unit, made by a merge."""
    before = panel.assign(year=panel["year"] + 1)
    both = panel.merge(before, on=["unit", "year"], suffixes=("", "_before"))
    return pd.DataFrame({
        "unit": both["unit"], "year": both["year"], "country": both["country"],
        **{v: both[v] - both[f"{v}_before"] for v in ("y", "x", "a")}})


def averaged(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.groupby(["unit", "country"])[["y", "x", "a"]].mean().reset_index().assign(year=0)


def beside_means(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(xm=panel.groupby("unit")["x"].transform("mean"),
                        am=panel.groupby("unit")["a"].transform("mean"))


TRANSFORMED = {
    "first-difference": ({"estimator": "first-difference"}, changed, {}),
    "first-difference, year": ({"estimator": "first-difference", "fe": ["year"]}, changed, {}),
    "between": ({"estimator": "between"}, averaged, {}),
    "pooled": ({"estimator": "pooled"}, lambda panel: panel, {}),
    "mundlak": ({"estimator": {"mundlak": "pooled"}}, beside_means,
                {"controls": ["a", "xm", "am"]}),
    "crv2": ({"fe": ["unit", "year"], "se": {"crv2": "country"}}, lambda panel: panel, {}),
    "crv3": ({"fe": ["unit", "year"], "se": {"crv3": "country"}}, lambda panel: panel, {}),
}


@pytest.mark.parametrize("kind", TRANSFORMED)
def test_transformed_rows_and_jackknives_have_the_bootstrap_of_their_least_squares(kind):
    panel = few()
    change, made, plainly = TRANSFORMED[kind]
    base = {"y": "y", "x": ["x"], "controls": ["a"], "se": {"cluster": "country"}}
    done = fit(panel, {**base, **change, "wild": {"weights": "rademacher"}}, unit="unit",
               time="year")
    t, star = brute_force(made(panel), {**base, "fe": change.get("fe", []), **plainly}, VECTORS,
                          "country")
    assert done.stats["wild_p:x"] == np.mean(np.abs(star) >= abs(t) * (1 - 1e-8))
    assert done.se_kind["wild"]["enumerated"]
    assert done.se_kind["wild"]["errors"] == ("crv1" if kind.startswith("crv") else "own")
    unasked = fit(panel, {**base, **change}, unit="unit", time="year")
    assert 0 < unasked.stats["wild_p:x"] <= 1


@pytest.mark.parametrize("estimator", ["re", "mundlak", {"re": "amemiya"}])
def test_random_effects_have_that_of_their_rows_the_variance_components_held(estimator):
    panel = few().sort_values(["unit", "year"])
    panel["x"] += 50.0  # far from zero, so that the constant matters
    assert panel.groupby("unit").size().nunique() > 1
    model = {"y": "y", "x": ["x"], "controls": ["a"], "estimator": estimator,
             "se": {"cluster": "country"}, "ssc": "none", "wild": {"weights": "rademacher"}}
    done = fit(panel, model, unit="unit", time="year")
    made = beside_means(panel) if estimator == "mundlak" else panel
    names = ["x", "a", *(["xm", "am"] if estimator == "mundlak" else [])]
    by_unit = made.groupby("unit")
    ratio = (done.stats["sigma_unit"] / done.stats["sigma_idiosyncratic"])**2
    theta = 1 - 1 / np.sqrt(1 + by_unit["y"].transform("size") * ratio)
    rows = made[["y", *names]] - by_unit[["y", *names]].transform("mean").mul(theta, axis=0)
    X = np.column_stack([rows[names], 1 - theta])
    y, groups = rows["y"].to_numpy(), encode(panel["country"]).codes
    pinv = np.linalg.pinv(X)

    def t_of(y: np.ndarray, null: float = 0.0) -> float:
        psi = pinv[0] * (y - X @ (pinv @ y))
        return (pinv[0] @ y - null) / np.sqrt((np.bincount(groups, weights=psi)**2).sum())

    under_null = X[:, 1:] @ (np.linalg.pinv(X[:, 1:]) @ y)
    star = np.array([t_of(under_null + v[groups] * (y - under_null)) for v in VECTORS])
    assert done.t["x"] == pytest.approx(t_of(y), rel=1e-9)
    assert done.stats["wild_p:x"] == np.mean(np.abs(star) >= abs(t_of(y)) * (1 - 1e-8))
    assert done.se_kind["wild"]["held"]
    free = wild_bootstrap(panel, {**model, "wild": False}, unit="unit", time="year",
                          weights="rademacher", restricted=False)["x"]
    fitted = X @ (pinv @ y)
    star = np.array([t_of(fitted + v[groups] * (y - fitted), done.coef["x"]) for v in VECTORS])
    assert (free.t, free.estimate) == pytest.approx((t_of(y), done.coef["x"]), rel=1e-9)
    assert free.p == np.mean(np.abs(star) >= abs(t_of(y)) * (1 - 1e-8))


def test_random_effects_reject_a_true_null_as_often_as_the_level_says():
    """12 clusters with shocks to country and year; the column's own p is too low."""
    rng = np.random.default_rng(7)
    groups, years, draws = 12, 6, 400
    rejected = naive = 0
    for i in range(draws):
        unit = np.repeat(np.arange(5 * groups), years)
        g, year = unit % groups, np.tile(np.arange(years), 5 * groups)
        x = rng.normal(size=(groups, years))[g, year] + 0.5 * rng.normal(size=len(g))
        shocks = rng.normal(size=(groups, years))[g, year] + rng.normal(size=len(g))
        frame = pd.DataFrame({"unit": unit, "year": year, "g": g, "x": x,
                              "y": shocks + rng.normal(size=5 * groups)[unit]})
        model = {"y": "y", "x": ["x"], "estimator": "re", "se": {"cluster": "g"}}
        rejected += wild_bootstrap(frame, model, unit="unit", time="year", draws=199, seed=i,
                                   level=None)["x"].p <= 0.05
        naive += fit(frame, {**model, "wild": False}, unit="unit", time="year").p["x"] <= 0.05
    # 1.1 points is the standard error of a share of 5 percent in 400 draws
    assert 0.028 <= rejected / draws <= 0.075
    assert naive / draws > rejected / draws + 0.02


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"wild": {"rep": 9}}, SpecError, "unknown option 'rep'"),
    ({"wild": {"reps": "many"}}, SpecError, "reps is not a number of draws"),
    ({"wild": {"weights": "mammen"}}, SpecError, "unknown wild bootstrap weights 'mammen'"),
    ({"wild": {"by": "sector"}}, SpecError, "unknown clustering variable of the bootstrap"),
    ({"wild": {"restricted": "perhaps"}}, SpecError, "restricted is not true or false"),
    ({"wild": 3}, SpecError, "expected true, false or options"),
    ({"wild": True, "se": "iid"}, ModelError, "needs se clustered"),
])
def test_faults_are_told(change, error, message):
    model = {"y": "y", "x": ["x"], "fe": ["unit"], "se": {"cluster": "country"}, **change}
    with pytest.raises(error, match=message):
        fit(few(), model, unit="unit", time="year")


@pytest.mark.parametrize("asked", [{}, {"wild": {"reps": 99}}])
def test_data_that_allow_no_bootstrap_leave_a_warning(asked):
    """Two years by two groups: the two-way variance of x is below zero."""
    rng = np.random.default_rng(1)
    panel = pd.DataFrame({"unit": np.repeat(np.arange(8), 2), "year": np.tile([0, 1], 8)})
    panel["g"] = panel["unit"] % 2
    panel["x"], panel["y"] = rng.normal(size=(2, 16))
    model = {"y": "y", "x": ["x"], "se": {"cluster": ["g", "year"]}, **asked}
    done = fit(panel, model, unit="unit", time="year")
    assert not any(k.startswith("wild") for k in done.stats)
    assert any(w.startswith("no wild cluster bootstrap: the clustered variance is not positive")
               for w in done.warnings)


def test_draws_are_counted_over_all_focal_terms():
    """Draws with a two-way variance below zero are left out, of each term its own."""
    panel = few(years=6)
    panel["late"] = (panel["year"] >= 2003) * 1.0
    model = {"y": "y", "x": ["x", "late"], "se": {"cluster": ["country", "year"]}}
    tests = wild_bootstrap(panel, model, unit="unit", time="year", level=None, seed=3, name="m")
    out = {term: test.left_out for term, test in tests.items()}
    assert out["x"] != out["late"]
    wild = fit(panel, model, unit="unit", time="year", seed=3, name="m").se_kind["wild"]
    assert (wild["draws"], wild["left_out"]) == (DRAWS, max(out.values()))


def test_small_groups_enumerate_every_vector_once():
    found = np.concatenate(list(multipliers("webb", 4, 9_999, (0,), enumerate_all=True)))
    assert found.shape == (6**4, 4)
    assert len(np.unique(found, axis=0)) == 6**4
    assert np.isclose((np.array(WEIGHTS["webb"]) ** 2).mean(), 1.0)
