"""The wild cluster bootstrap of differences between groups, against every draw with dummies."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from curve_panels import make_panel
from test_wild import brute_force
from test_wild_iv import brute_force as brute_force_iv
from test_wild_iv import few as few_iv
from test_wild_poisson import brute_force as brute_force_poisson
from test_wild_poisson import counts

from gvckit.errors import SpecError
from gvckit.models import wild_fit
from gvckit.models.fit import fit
from gvckit.models.split import Difference, SplitFit, split_fit
from gvckit.models.wild_fit import wild_bootstrap

KEYS = {"unit": "unit", "time": "year"}
VECTORS = np.array(list(itertools.product([-1.0, 1.0], repeat=6)))
BASE = {"y": "y", "x": ["x"], "fe": ["unit", "year"], "se": {"cluster": "country"},
        "wild": {"weights": "rademacher"}}


def grouped(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the panel with two groups of units in every country, and what is 0 outside one."""
    panel = panel.assign(rich=(panel["unit"] % 3 == 0).astype(int))
    return panel.assign(**{f"{c}1": panel[c] * panel["rich"] for c in panel
                           if c in ("x", "a", "c", "z1", "z2")})


def few(units: int = 24) -> pd.DataFrame:
    return grouped(make_panel(units, 5, 2).dropna().reset_index(drop=True))


def share(t: float, star: np.ndarray) -> float:
    return float(np.mean(np.abs(star) >= abs(t) * (1 - 1e-8)))


MODELS = {
    "alone": ({}, ["x"], ["x"]),
    "controls": ({"controls": ["a"]}, ["x", "a"], ["x", "a", "a1"]),
    "weights": ({"controls": ["a", "c"], "weights": "w"}, ["x", "a", "c"],
                ["x", "a", "c", "a1", "c1"]),
    "pooled": ({"controls": ["a"], "fe": []}, ["x", "a"], ["x", "a", "a1"]),
    "unit trends": ({"fe": ["unit[year]", "year"]}, ["x"], ["x"]),
}


@pytest.mark.parametrize("kind", ["interaction", "stacked"])
@pytest.mark.parametrize("case", MODELS)
def test_p_is_that_of_every_vector_with_dummies(case, kind):
    """The null on the interacted term, all 64 Rademacher vectors of six clusters."""
    panel = few()
    change, *controls = MODELS[case]
    model = {**BASE, **change}
    done = split_fit(panel, model, "rich", difference=kind, **KEYS)
    effects = {"unit": "unit", "year": "year*rich", "unit[year]": "unit[year]"}
    by_hand = {**model, "x": ["x1"], "controls": controls[kind == "stacked"],
               "fe": [effects[f] for f in model["fe"]] or ["rich"]}
    t, star = brute_force(panel, by_hand, VECTORS, "country")
    test, = done.differences
    assert test.wild_p == share(t, star)
    group = done.groups[1][1]
    assert group.stats["difference_wild_p:x"] == test.wild_p
    assert "difference_wild_p:x" not in done.groups[0][1].stats
    assert group.further["difference_wild"]["enumerated"]
    assert group.further["difference_wild"]["draws"] == 64
    assert f"; wild bootstrap p = {test.wild_p:.3f} (" in group.warnings[-1]


@pytest.mark.parametrize("kind", ["interaction", "stacked"])
def test_an_instrumented_regressor_has_its_interaction_instrumented(kind):
    panel = grouped(few_iv())
    model = {**BASE, "controls": ["a"], "instruments": {"x": ["z1", "z2"]}}
    done = split_fit(panel, model, "rich", difference=kind, **KEYS)
    test, = done.differences
    by_hand = {**model, "x": ["x", "x1"], "fe": ["unit", "year*rich"],
               "controls": ["a", *(["a1"] if kind == "stacked" else [])],
               "instruments": {"x": ["z1", "z2"], "x1": ["z11", "z21"]}}
    if kind == "stacked":  # two separate regressions, each by its own group's instruments
        b = [g.coef["x"] for _, g in done.groups]
        assert test.difference == pytest.approx(b[1] - b[0], rel=1e-8)
    t, star = brute_force_iv(panel, by_hand, "x1", VECTORS, "country")
    assert test.wild_p == share(t, star)
    assert done.groups[1][1].further["difference_wild"]["method"] == "efficient"


@pytest.mark.parametrize("kind", ["interaction", "stacked"])
def test_poisson_regression_has_the_score_bootstrap(kind):
    panel = grouped(counts())
    model = {**BASE, "estimator": "ppml", "controls": ["a"], "fe": ["country", "year"]}
    done = split_fit(panel, model, "rich", difference=kind, **KEYS)
    by_hand = {**model, "x": ["x1"], "fe": ["country*rich", "year*rich"],
               "controls": ["x", "a", *(["a1"] if kind == "stacked" else [])]}
    t, star = brute_force_poisson(panel, by_hand, VECTORS, "country")
    test, = done.differences
    assert test.wild_p == share(t, star)
    if kind == "stacked":
        b = [g.coef["x"] for _, g in done.groups]
        assert test.difference == pytest.approx(b[1] - b[0], rel=1e-6)


@pytest.mark.parametrize("estimator", ["re", "mundlak", "pooled"])
def test_estimators_without_fixed_effects_have_dummies_of_groups(estimator):
    panel = few(48)  # twelve countries, 4,096 vectors
    model = {**BASE, "estimator": estimator, "controls": ["a"], "fe": []}
    done = split_fit(panel, model, "rich", difference="stacked", **KEYS)
    test, = done.differences
    by_hand = {**model, "x": ["x1"], "controls": ["x", "a", "rich", "a1"]}
    assert test.difference == pytest.approx(fit(panel, by_hand, **KEYS).coef["x1"], rel=1e-8)
    expected = wild_bootstrap(panel, by_hand, **KEYS, weights="rademacher")["x1"]
    assert test.wild_p == expected.p
    words = "t with 11 df" if estimator == "pooled" else "normal distribution"
    assert test.words == f"all terms and the constant interacted, {words}"


def test_the_bootstrap_rejects_as_often_as_the_level_says_and_t_more_often():
    """12 clusters, 4 of them the second group; slow regressors of unequal size, random walks."""
    rng = np.random.default_rng(8)
    panels, groups, units, years = 300, 12, 6, 6
    rejected = {kind: np.zeros(2) for kind in ("interaction", "stacked")}
    unit = np.repeat(np.arange(units * groups), years)
    g, year = unit % groups, np.tile(np.arange(years), units * groups)
    for i in range(panels):
        trend = (rng.normal(size=groups) * np.exp(0.5 * rng.normal(size=groups)))[g]
        x = trend * (year - 2.5) / 2 + 0.3 * rng.normal(size=len(g))
        walk = rng.normal(size=(groups, years)).cumsum(axis=1)[g, year]
        y = 0.3 * x + walk + rng.normal(size=len(g))
        frame = pd.DataFrame({"unit": unit, "year": year, "g": g, "x": x, "y": y,
                              "rich": (g >= 8).astype(int)})
        model = {"y": "y", "x": ["x"], "fe": ["unit", "year"], "se": {"cluster": "g"},
                 "wild": {"reps": 199}}
        for kind, counted in rejected.items():
            test, = split_fit(frame, model, "rich", difference=kind, seed=i, **KEYS).differences
            counted += [test.p <= 0.05, test.wild_p <= 0.05]
    for t, wild in rejected.values():
        # 1.3 points is the standard error of a share of 5 percent in 300 panels
        assert 0.02 <= wild / panels <= 0.085
        assert t / panels > wild / panels + 0.05


def test_few_clusters_bring_it_unasked_and_a_model_can_do_without():
    panel = few(60)  # fifteen countries
    model = {k: v for k, v in BASE.items() if k != "wild"}

    def tested(difference: str = "interaction", **change: object) -> tuple[float, dict, tuple]:
        done = split_fit(panel, {**model, **change}, "rich", difference=difference, seed=3, **KEYS)
        test, = done.differences
        group = done.groups[1][1]
        assert ("difference_wild_p:x" in group.stats) == math.isfinite(test.wild_p)
        assert ("wild bootstrap" in test.sentence()) == math.isfinite(test.wild_p)
        assert ("difference_wild" in group.further) == math.isfinite(test.wild_p)
        notes = tuple(w for w in group.warnings if w.startswith("no wild bootstrap p of the diff"))
        return test.wild_p, dict(group.further.get("difference_wild", {})), notes

    p, how, notes = tested()
    assert 0 < p <= 1
    assert (how["draws"], how["weights"], how["clusters"], how["by"], notes) == (
        9_999, "rademacher", 15, "country", ())
    assert tested()[0] == p
    for off in (False, {"reps": 0}):
        assert math.isnan(tested(wild=off)[0])
        assert tested(wild=off)[1:] == ({}, ())
    asked = tested(wild={"reps": 199, "weights": "webb", "restricted": False})[1]
    assert (asked["draws"], asked["weights"], asked["restricted"]) == (199, "webb", False)
    two = tested(se={"cluster": ["country", "year"]}, wild={"reps": 199, "by": "country"})
    assert two[0] > 0
    assert two[1]["by"] == "country"
    # sixty clusters: not unasked
    assert math.isnan(tested(se={"cluster": "unit"})[0])
    assert tested(se={"cluster": "unit"}, wild={"reps": 199})[1]["clusters"] == 60
    for se in ("iid", "hc1"):
        assert tested(se=se)[1:] == ({}, ())
    assert tested(se={"crv3": "country"})[1]["errors"] == "crv1"
    assert math.isnan(tested("permutation")[0])
    assert tested("permutation")[1:] == ({}, ())


def test_where_it_is_impossible_a_note_says_why(monkeypatch):
    panel = grouped(few_iv(60))
    head = "no wild bootstrap p of the difference between groups: "
    model = {k: v for k, v in BASE.items() if k != "wild"}

    def note(**change: object) -> str:
        done = split_fit(panel, {**model, **change}, "rich", difference="stacked", **KEYS)
        test, = done.differences
        assert 0 <= test.p <= 1
        assert math.isnan(test.wild_p)
        told = [w for w in done.groups[1][1].warnings if w.startswith(head)]
        return told[0].removeprefix(head) if told else ""

    assert "least squares, 2SLS and Poisson regression, not of 'liml'" in note(
        estimator="liml", instruments={"x": ["z1"]})
    assert "needs se clustered by one or two variables" in note(
        se={"cluster": ["country", "year", "part"]})
    monkeypatch.setattr(wild_fit, "COLUMNS", 1)
    assert note(se={"cluster": ["country", "year"]}) == "too large to be drawn unasked"


def test_three_groups_have_three_draws_and_json_has_no_nan():
    panel = few(60)
    panel["kind"] = panel["unit"] % 3
    model = {**BASE, "x": ["x", "c"], "wild": {"reps": 99}}
    for wild in ({"reps": 99}, False):
        done = split_fit(panel, {**model, "wild": wild}, "kind", difference="stacked", **KEYS)
        assert [(d.term, d.group) for d in done.differences] == [
            ("x", "kind = 1"), ("x", "kind = 2"), ("c", "kind = 1"), ("c", "kind = 2")]
        assert all(math.isfinite(d.wild_p) == bool(wild) for d in done.differences)
        text = json.dumps(done.to_dict(), allow_nan=False)
        assert SplitFit.from_dict(json.loads(text)) == done
    before = json.loads(json.dumps(done.to_dict()))
    before["differences"] = [values[:6] for values in before["differences"]]  # as once written
    assert SplitFit.from_dict(before).differences == done.differences


def test_p_values_are_told_in_words():
    one = Difference("x", "g = 1", "g = 0", 0.5, 0.028, "t with 37 df", 0.041)
    assert one.sentence() == ("x in g = 1 less g = 0: 0.5, p = 0.028; wild bootstrap p = 0.041 "
                              "(t with 37 df)")
    two = Difference("x", "g = 1", "g = 0", 0.5, 1e-5, "t with 37 df", 1e-4)
    assert "p < 0.001; wild bootstrap p < 0.001" in two.sentence()
    assert "wild" not in Difference("x", "g = 1", "g = 0", 0.5, 0.028, "t").sentence()


def test_options_that_do_not_exist_are_told():
    with pytest.raises(SpecError, match="unknown option 'rep'"):
        split_fit(few(), {**BASE, "wild": {"rep": 9}}, "rich", difference="stacked", **KEYS)


def test_what_is_collinear_in_one_group_leaves_there_alone():
    """The control is the regressor in the first group: the difference is that of the own fits."""
    panel = make_panel(60, 6).dropna()
    rich = np.array([int(c[1:]) for c in panel["country"]]) % 2
    panel = panel.assign(rich=rich, q=np.where(rich == 0, 2 * panel["x"] + 1, panel["a"]))
    model = {"y": "y", "x": ["x"], "controls": ["q"], "fe": ["unit", "year"],
             "se": {"cluster": "country"}}
    keys = {"unit": "unit", "time": "year"}
    done = split_fit(panel, model, "rich", difference="stacked", **keys)
    own = [fit(panel[panel["rich"] == g], model, **keys).coef["x"] for g in (0, 1)]
    (test,) = done.differences
    assert test.difference == pytest.approx(own[1] - own[0], rel=1e-8)
    both = split_fit(panel, {**model, "x": ["x", "q"], "controls": []}, "rich",
                     difference="stacked", **keys)
    assert not both.differences
    notes = [w for _, one in both.groups for w in one.warnings]
    assert any("collinear in one group only" in note for note in notes)


def test_a_group_without_estimate_is_told():
    panel = make_panel(60, 6).dropna()
    group = np.array([int(c[1:]) for c in panel["country"]]) % 3
    panel = panel.assign(g=group, x=np.where(group == 2, 1.0, panel["x"]))
    model = {"y": "y", "x": ["x"], "fe": ["unit"], "se": {"cluster": "country"}}
    done = split_fit(panel, model, "g", difference="stacked", unit="unit", time="year")
    assert not done.differences
    for _, one in done.groups[:2]:
        assert "no test of the difference between groups: a group is not estimated" in one.warnings
