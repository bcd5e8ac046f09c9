"""Models by group: fits of subsamples, and tests of differences against loops of fits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from curve_panels import make_panel

from gvckit.errors import ModelError, SpecError
from gvckit.models.codes import encode
from gvckit.models.design import build_design
from gvckit.models.fit import fit
from gvckit.models.model import parse_model
from gvckit.models.permute import group_coefficients, unit_moments
from gvckit.models.seeds import generator
from gvckit.models.split import SplitFit, split_fit

MODEL = {"y": "y", "x": ["x"], "controls": ["a"], "fe": ["unit", "year"],
         "se": {"cluster": "country"}, "wild": {"reps": 0}}
KEYS = {"unit": "unit", "time": "year"}


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    panel = make_panel(60, 6)
    panel["rich"] = (panel["unit"] % 3 == 0).astype(int)
    panel["y"] += 0.5 * panel["x"] * panel["rich"]
    return panel


def test_the_groups_are_fits_of_their_rows(panel):
    done = split_fit(panel, MODEL, "rich", **KEYS)
    assert [label for label, _ in done.groups] == ["rich = 0", "rich = 1"]
    for g, (_, group) in enumerate(done.groups):
        own = fit(panel, MODEL, **KEYS, sample=panel["rich"] == g)
        pd.testing.assert_series_equal(group.coef, own.coef)
        pd.testing.assert_series_equal(group.se, own.se)
    assert SplitFit.from_dict(done.to_dict()) == done


def test_a_permutation_is_a_loop_of_two_fits_a_draw(panel):
    done = split_fit(panel, MODEL, "rich", difference="permutation", draws=25, seed=3, **KEYS)
    complete = panel.dropna(subset=["y", "x", "a"])
    units = sorted(complete["unit"].unique())
    first = complete.groupby("unit")["rich"].first()[units].to_numpy()
    rng = generator(3, "model", "permutation")
    gaps = []
    for _ in range(25):
        drawn = panel["unit"].map(dict(zip(units, rng.permutation(first), strict=True)))
        b = [fit(panel, MODEL, **KEYS, sample=drawn == g).coef["x"] for g in (0, 1)]
        gaps.append(b[1] - b[0])
    test, = done.differences
    seen = done.groups[1][1].coef["x"] - done.groups[0][1].coef["x"]
    assert test.difference == pytest.approx(seen)
    assert test.p == (1 + np.sum(np.abs(gaps) >= abs(seen))) / 26
    assert done.groups[1][1].stats["difference_p:x"] == test.p
    assert "25 permutations of 60 unit" in done.groups[1][1].warnings[-1]


@pytest.mark.parametrize("fe", [[], ["unit"], ["year"], ["unit", "year"], ["unit", "sub*year"]])
@pytest.mark.parametrize("weights", [None, "w"])
def test_coefficients_from_unit_moments_are_those_of_fits(panel, fe, weights):
    panel = panel.assign(sub=panel["unit"] % 2)
    model = {**MODEL, "fe": fe, "weights": weights}
    design = build_design(panel, parse_model(model), unit=("unit",), time="year", name="m")
    units = encode(panel["unit"].iloc[design.positions])
    moments = unit_moments(design.y, design.X, design.effects, units, design.weights)
    member = np.arange(units.levels) % 4 == 1
    chosen = panel["unit"].isin([int(units.labels[i]) for i in np.flatnonzero(member)])
    own = fit(panel, model, **KEYS, sample=chosen).coef[["x", "a"]]
    np.testing.assert_allclose(group_coefficients(moments, member[None, :])[0], own, rtol=1e-9)


@pytest.mark.parametrize("kind", ["interaction", "stacked"])
def test_one_regression_tests_the_difference(panel, kind):
    done = split_fit(panel, MODEL, "rich", difference=kind, **KEYS)
    test, = done.differences
    frame = panel.assign(x1=panel["x"] * panel["rich"], a1=panel["a"] * panel["rich"])
    controls = ["a", "x1"] + (["a1"] if kind == "stacked" else [])
    by_hand = fit(frame, {**MODEL, "controls": controls, "fe": ["unit", "year*rich"]}, **KEYS)
    assert test.difference == pytest.approx(by_hand.coef["x1"], rel=1e-9)
    if kind == "stacked":
        b = [g.coef["x"] for _, g in done.groups]
        assert test.difference == pytest.approx(b[1] - b[0], rel=1e-9)
    assert test.p < 0.01
    assert "df" in test.sentence()


@pytest.mark.parametrize("kind", ["permutation", "interaction", "stacked"])
def test_groups_are_compared_under_unit_trends_too(panel, kind):
    model = {**MODEL, "fe": ["unit[year]", "year"]}
    done = split_fit(panel, model, "rich", difference=kind, draws=5, **KEYS)
    test, = done.differences
    b = [fit(panel, model, **KEYS, sample=panel["rich"] == g).coef["x"] for g in (0, 1)]
    if kind == "interaction":  # controls have one slope for both groups
        frame = panel.assign(x1=panel["x"] * panel["rich"])
        trends = {**model, "controls": ["a", "x1"], "fe": ["unit[year]", "year*rich"]}
        assert test.difference == pytest.approx(fit(frame, trends, **KEYS).coef["x1"], rel=1e-8)
    else:
        assert test.difference == pytest.approx(b[1] - b[0], rel=1e-8)


def test_a_group_that_changes_within_units_permutes_rows_and_more_groups_have_more_tests(panel):
    panel = panel.assign(period=np.where(panel["year"] < 2002, "a", np.where(
        panel["year"] < 2004, "b", "c")))
    pooled = {**MODEL, "fe": []}
    done = split_fit(panel, pooled, "period", difference="permutation", draws=99, **KEYS)
    assert [d.group for d in done.differences] == ["period = b", "period = c"]
    assert "rows" in done.differences[0].words
    expression = split_fit(panel, MODEL, "where(x > mean(x, by=year), 1, 0)", **KEYS)
    assert expression.groups[0][0] == "where(x > mean(x, by=year), 1, 0) = 0"


def test_faults_are_told(panel):
    with pytest.raises(SpecError, match="unknown difference 'chow'"):
        split_fit(panel, MODEL, "rich", difference="chow", **KEYS)
    with pytest.raises(ModelError, match="has 1 groups"):
        split_fit(panel.assign(rich=1), MODEL, "rich", **KEYS)
    with pytest.raises(SpecError, match="unknown variable 'poor'"):
        split_fit(panel, MODEL, "poor", **KEYS)
    with pytest.raises(ModelError, match="at most 150 dummies across units"):
        unit_moments(panel["y"].to_numpy(), panel[["x"]].to_numpy(),
                     [encode(panel["unit"] * 10 + panel["year"] % 3)], encode(panel["year"]), None)
