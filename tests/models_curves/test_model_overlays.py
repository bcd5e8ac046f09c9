"""The model keys winsor, quadratic, interact and randomise, and detectable effects."""

from __future__ import annotations

import numpy as np
import pytest
from curve_panels import make_panel
from scipy.stats import nct
from scipy.stats import t as student

from gvckit.errors import ModelError, SpecError
from gvckit.models.curve import curve
from gvckit.models.fit import estimate, fit
from gvckit.models.model import parse_model
from gvckit.models.moderation import johnson_neyman, marginal_effects
from gvckit.models.quadratic import turning_point
from gvckit.models.randomise import randomisation_test
from gvckit.models.result import Fit, NotEstimated
from gvckit.models.shapes import minimum_detectable_effect
from gvckit.models.split import split_fit

KEYS = {"unit": "unit", "time": "year"}
MODEL = {"y": "y", "x": ["x"], "controls": ["a"], "fe": ["unit", "year"],
         "se": {"cluster": "country"}, "wild": {"reps": 0}}


@pytest.fixture
def panel():
    frame = make_panel()
    frame["rich"] = frame["country"].isin(["C01", "C05", "C07", "C09"]).astype(float)
    frame["y"] += -0.2 * frame["x"] ** 2 + 0.5 * frame["x"] * frame["rich"]
    return frame


def clipped(values, p):
    return np.clip(values, *np.quantile(values, [p, 1 - p]))


def test_winsor_cuts_y_and_the_focal_regressor_within_the_rows_used(panel):
    sample = panel["year"] >= 2003
    done = fit(panel, {**MODEL, "controls": ["a", "b"], "winsor": 0.05}, sample=sample, **KEYS)
    used = panel[sample & panel["b"].notna()].groupby("unit").filter(lambda g: len(g) > 1).copy()
    assert done.n == len(used)
    used["y"], used["x"] = clipped(used["y"], 0.05), clipped(used["x"], 0.05)
    by_hand = fit(used, {**MODEL, "controls": ["a", "b"]}, **KEYS)
    np.testing.assert_allclose(done.coef, by_hand.coef, rtol=1e-12)
    np.testing.assert_allclose(done.se, by_hand.se, rtol=1e-12)
    assert done.model["winsor"] == 0.05
    assert "y + x winsorised at 5 percent at each end of the rows used" in done.warnings


@pytest.mark.parametrize("share", ["a lot", 0.5, -0.1, True])
def test_a_winsor_that_is_no_share_is_told(share):
    with pytest.raises(SpecError, match="winsor is no share"):
        parse_model({**MODEL, "winsor": share})


@pytest.mark.parametrize("winsor", [0.0, 0.02])
def test_quadratic_is_the_square_in_the_model_with_its_turn_in_the_statistics(panel, winsor):
    done = fit(panel, {**MODEL, "quadratic": "x", "winsor": winsor}, **KEYS)
    frame = panel.copy()
    if winsor:
        frame["y"], frame["x"] = clipped(frame["y"], winsor), clipped(frame["x"], winsor)
    frame["square"] = frame["x"] ** 2
    by_hand = fit(frame, {**MODEL, "x": ["x", "square"]}, **KEYS)
    assert done.terms == ("x", "x^2", "a")
    np.testing.assert_allclose(done.coef, by_hand.coef, rtol=1e-10)
    np.testing.assert_allclose(done.vcov, by_hand.vcov, rtol=1e-9, atol=1e-14)
    turn = turning_point(by_hand, "x", "square", frame["x"].to_numpy())
    assert turn.shape == "inverse U"
    for stat, expected in (("turn", turn.point), ("turn_low", turn.low), ("turn_high", turn.high),
                           ("turn_p", turn.p), ("turn_beyond", turn.share_beyond)):
        assert done.stats[f"{stat}:x"] == pytest.approx(expected, rel=1e-8)
    assert done.further["turns"][0]["shape"] == "inverse U"
    assert Fit.from_dict(done.to_dict()) == done
    again = fit(panel, done.model, **KEYS)  # the resolved model is the model
    assert again.to_dict() == done.to_dict()


def test_interact_adds_the_product_and_the_moderator_with_marginal_effects(panel):
    done = fit(panel, {**MODEL, "interact": {"x": "b"}}, **KEYS)
    by_hand = fit(panel.assign(xb=panel["x"] * panel["b"]),
                  {**MODEL, "x": ["x", "xb"], "controls": ["a", "b"]}, **KEYS)
    assert done.terms == ("x", "x*b", "a", "b")
    np.testing.assert_allclose(done.coef, by_hand.coef, rtol=1e-10)
    used = panel["b"].dropna().to_numpy()
    region = johnson_neyman(by_hand, "x", "xb", used)
    told = done.further["regions"][0]
    assert told["bounds"] == pytest.approx(region.bounds, rel=1e-6)
    assert done.stats["jn_share:x*b"] == region.share
    at = np.quantile(used, [0.1, 0.5, 0.9])
    np.testing.assert_allclose([row[:3] for row in told["effects"]], marginal_effects(
        by_hand, "x", "xb", at)[["at", "effect", "se"]], rtol=1e-8)


def test_effects_at_the_values_of_a_binary_moderator_are_those_of_its_groups(panel):
    model = {**MODEL, "controls": [], "fe": ["unit", "year*rich"], "interact": {"x": "rich"}}
    done = fit(panel, model, **KEYS)
    effects = done.further["regions"][0]["effects"]
    assert [row[0] for row in effects] == [0.0, 1.0]
    for value, effect, *_ in effects:
        alone = fit(panel, {**MODEL, "controls": []}, sample=panel["rich"] == value, **KEYS)
        assert effect == pytest.approx(alone.coef["x"], rel=1e-8)
    assert ("rich", "no variation within unit + year*rich") in done.dropped


def test_squares_of_expressions_and_what_is_written_wrong():
    parsed = parse_model({**MODEL, "x": ["lag(x)", "a + b"], "quadratic": ["lag(x)", "a + b"],
                          "interact": {"lag(x)": ["c", "a"]}})
    assert parsed.x == ("lag(x)", "a + b", "lag(x)^2", "(a + b)^2", "lag(x)*c", "lag(x)*a")
    assert parsed.controls == ("a", "c")
    assert parse_model(parsed.resolved()) == parsed
    with pytest.raises(SpecError, match="unknown term in quadratic 'z'"):
        parse_model({**MODEL, "quadratic": "z"})
    with pytest.raises(SpecError, match="'x' with itself"):
        parse_model({**MODEL, "interact": {"x": "x"}})
    with pytest.raises(SpecError, match=r"interact must be \{regressor: moderator\}"):
        parse_model({**MODEL, "interact": ["x"]})
    with pytest.raises(SpecError, match="which has instruments"):
        parse_model({**MODEL, "quadratic": "x", "instruments": {"x": ["z"]}})


def test_randomise_is_the_randomisation_test_of_each_focal_regressor(panel):
    options = {"reps": 99, "within": ["year"]}
    model = {**MODEL, "x": ["x", "b"], "randomise": options}
    done = fit(panel, model, seed=4, **KEYS)
    for term in ("x", "b"):
        alone = randomisation_test(panel, {**MODEL, "x": ["x", "b"]}, term=term, within=["year"],
                                   draws=99, seed=4, **KEYS)
        assert done.stats[f"ri_p:{term}"] == alone.p_t
        assert done.stats[f"ri_p_coef:{term}"] == alone.p
    assert done.further["randomise"]["draws"] == 99
    assert Fit.from_dict(done.to_dict()) == done


def test_randomise_says_what_it_cannot_do(panel):
    with pytest.raises(SpecError, match="unknown option 'draws'"):
        fit(panel, {**MODEL, "randomise": {"draws": 9}}, **KEYS)
    with pytest.raises(SpecError, match="unknown column 'region'"):
        fit(panel, {**MODEL, "randomise": {"by": "region"}}, **KEYS)
    lost = estimate(panel, {**MODEL, "quadratic": "x", "randomise": {"reps": 9}}, **KEYS)
    assert isinstance(lost, NotEstimated)
    assert "no square or interaction" in lost.reason
    with pytest.raises(ModelError, match="changes within country"):
        fit(panel, {**MODEL, "randomise": {"reps": 9, "by": "country"}}, **KEYS)


@pytest.mark.parametrize("dof", [12.0, 60.0, np.inf])
def test_the_detectable_effect_is_found_with_the_power_that_it_says(panel, dof):
    effect = minimum_detectable_effect(1.0, dof)
    if np.isinf(dof):
        assert effect == pytest.approx(2.8016, abs=1e-4)
    else:
        power = nct.sf(student.ppf(0.975, dof), dof, effect)
        assert power == pytest.approx(0.8, abs=0.01)
    done = fit(panel, MODEL, **KEYS)
    assert done.stats["mde:x"] == pytest.approx(
        minimum_detectable_effect(done.se["x"], done.stats["dof"]))
    assert "mde:a" not in done.stats


def test_a_curve_of_quadratics_winsorises_before_it_squares(panel):
    model = {**MODEL, "quadratic": "x", "randomise": {"reps": 9}}
    found = curve(panel, model, vary={"winsor": [0, 0.05]}, **KEYS)
    for row, share in zip(found.to_dict("records"), (0, 0.05), strict=True):
        alone = fit(panel, {**MODEL, "quadratic": "x", "winsor": share}, **KEYS)
        assert row["estimate"] == pytest.approx(alone.coef["x"], rel=1e-10)


def test_groups_that_are_winsorised_on_their_own_have_no_test_of_their_difference(panel):
    for difference in ("permutation", "interaction", "stacked"):
        done = split_fit(panel, {**MODEL, "winsor": 0.05}, "rich", difference=difference, **KEYS)
        assert done.differences == ()
        for value, (_, group) in zip((0.0, 1.0), done.groups, strict=True):
            alone = fit(panel, {**MODEL, "winsor": 0.05}, sample=panel["rich"] == value, **KEYS)
            np.testing.assert_allclose(group.coef, alone.coef, rtol=1e-12)
            assert any("each group is winsorised on its own" in w for w in group.warnings)
