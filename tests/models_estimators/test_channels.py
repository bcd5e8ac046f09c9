"""Channels of an effect: R's three equations, an identity, resampled frames, planted paths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm

from gvckit.errors import ModelError, SpecError
from gvckit.models.codes import encode
from gvckit.models.fit import estimate, fit
from gvckit.models.mechanism import equations, sobel
from gvckit.models.mediation_draws import _by_demeaning, counts_of, indirect_draws
from gvckit.models.result import Fit, NotEstimated
from gvckit.models.seeds import generator

KEYS: dict[str, Any] = {"unit": "unit", "time": "year"}
BASE: dict[str, Any] = {"y": "y", "x": ["x"], "controls": ["z"], "fe": ["unit", "year"],
                        "se": {"cluster": "g"}, "wild": False}


def channelled(seed: int = 0, units: int = 40, years: int = 6, gaps: bool = True) -> pd.DataFrame:
    """Return a panel with paths x → m 0.8, m → y 0.5, x → y 0.3, x → k −0.4, k → y 0.7."""
    rng = np.random.default_rng(seed)
    n = units * years
    frame = pd.DataFrame({"unit": np.repeat(range(units), years),
                          "year": np.tile(range(2000, 2000 + years), units)})
    effect = rng.normal(size=units)[frame["unit"]] + rng.normal(size=years)[frame["year"] - 2000]
    frame["x"], frame["z"] = rng.normal(size=n) + effect, rng.normal(size=n)
    frame["m"] = 0.8 * frame["x"] + 0.2 * frame["z"] + effect + rng.normal(size=n)
    frame["k"] = -0.4 * frame["x"] + effect + rng.normal(size=n)
    frame["y"] = (0.3 * frame["x"] + 0.5 * frame["m"] + 0.7 * frame["k"] + frame["z"] + effect
                  + rng.normal(size=n))
    frame["g"] = frame["unit"] // 2
    return frame if not gaps else frame[rng.random(n) < 0.9].reset_index(drop=True)


@pytest.mark.data
def test_the_three_equations_of_wagepan_are_fixests(estimation):
    data, table = estimation("mediation_fe_wagepan")
    got = fit(data, {"y": "lwage", "x": ["union"], "fe": ["nr", "year"], "se": {"cluster": "nr"},
                     "mechanism": {"through": "hours", "style": "three-step", "reps": 0}},
              unit="nr", time="year")
    channel, direct = equations(got)
    for one, row in ((channel, "a"), (direct, "b"), (got, "c")):
        expected = table[table["id"] == row].set_index("term")
        order = list(expected.index)
        for mine, theirs in (("coef", "estimate"), ("se", "se"), ("t", "stat"), ("p", "p")):
            np.testing.assert_allclose(getattr(one, mine)[order], expected[theirs], rtol=1e-8)
    a, b = (table[(table["id"] == row) & (table["term"] == term)].iloc[0]
            for row, term in (("a", "union"), ("b", "hours")))
    error = np.hypot(a["estimate"] * b["se"], b["estimate"] * a["se"])
    assert got.stats["indirect:union:hours"] == pytest.approx(a["estimate"] * b["estimate"],
                                                              rel=1e-8)
    assert got.stats["sobel_se:union:hours"] == pytest.approx(error, rel=1e-8)
    assert got.stats["sobel_p:union:hours"] == pytest.approx(
        2 * norm.sf(abs(a["estimate"] * b["estimate"] / error)), rel=1e-7)


def test_the_effects_add_up_on_rows_that_all_equations_share():
    """Total = direct + Σ a b, an identity of least squares; a gap in m costs all equations."""
    frame = channelled()
    frame.loc[frame.index[::11], "m"] = np.nan
    got = fit(frame, {**BASE, "mechanism": {"through": ["m", "k"], "style": "three-step",
                                            "reps": 0}}, **KEYS)
    m, k, direct = equations(got)
    assert got.rows["missing m"] == m.rows["missing m"] == int(frame["m"].isna().sum())
    assert got.sample_hash == m.sample_hash == k.sample_hash == direct.sample_hash
    indirect = sum(got.stats[f"indirect:x:{c}"] for c in ("m", "k"))
    assert got.coef["x"] == pytest.approx(direct.coef["x"] + indirect, rel=1e-10)
    assert got.stats["direct:x"] == direct.coef["x"]
    by_hand = fit(frame, {**BASE, "controls": ["m", "k", "z"]}, **KEYS)
    assert direct.coef["m"] == pytest.approx(by_hand.coef["m"], rel=1e-9)
    alone = fit(frame.assign(m=frame["m"]), {**BASE, "y": "m"}, **KEYS)
    assert m.coef["x"] == pytest.approx(alone.coef["x"], rel=1e-9)
    assert m.se["x"] == pytest.approx(alone.se["x"], rel=1e-9)


def test_sobel_by_the_delta_method():
    """The gradient of ab is (b, a)."""
    se, z, p = sobel(0.4, 0.1, -2.0, 0.5)
    gradient, V = np.array([-2.0, 0.4]), np.diag([0.01, 0.25])
    assert se == pytest.approx(np.sqrt(gradient @ V @ gradient))
    assert z == pytest.approx(-0.8 / se)
    assert p == pytest.approx(2 * norm.cdf(z))


@pytest.mark.parametrize("se", [{"cluster": "g"}, "hc1"])
def test_draws_are_fits_of_resampled_frames(se):
    """A cluster that is drawn twice is in the frame twice, its units under new names."""
    frame = channelled(1)
    by = "g" if isinstance(se, dict) else "unit"
    groups = encode(frame[by])
    got = fit(frame, {**BASE, "se": se, "mechanism": {"through": ["m", "k"], "reps": 30}}, **KEYS,
              seed=5, name="mod")
    counts = counts_of(groups.levels, 30, generator(5, "mod", "mechanism"))
    paths = []
    for count in counts:
        copies = [frame[groups.codes == g].assign(unit=lambda f, c=c, g=g: f["unit"] + 1000 * c)
                  for g, times in enumerate(count) for c in range(times)]
        drawn = pd.concat(copies, ignore_index=True)
        full = fit(drawn, {**BASE, "se": "iid", "controls": ["m", "k", "z"]}, **KEYS)
        paths.append([fit(drawn, {**BASE, "se": "iid", "y": m}, **KEYS).coef["x"] * full.coef[m]
                      for m in ("m", "k")])
    low, high = np.quantile(paths, [0.025, 0.975], axis=0)
    assert got.further["mechanism"]["by"] == by
    for j, m in enumerate(("m", "k")):
        assert got.stats[f"indirect_low:x:{m}"] == pytest.approx(low[j], rel=1e-7)
        assert got.stats[f"indirect_high:x:{m}"] == pytest.approx(high[j], rel=1e-7)


def test_draws_with_many_levels_across_clusters_are_the_same():
    frame = channelled(2)
    effects = [encode(frame[c]) for c in ("unit", "year")]
    X, M = frame[["x", "z"]].to_numpy(), frame[["m", "k"]].to_numpy()
    counts = counts_of(20, 8, np.random.default_rng(0))
    groups = encode(frame["g"])
    fast = indirect_draws(frame["y"].to_numpy(), M, X, effects, groups, counts)
    slow = _by_demeaning(frame["y"].to_numpy(), M, X, effects, groups, counts)
    for a, b in zip(fast, slow, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-7)


def test_intervals_hold_planted_indirect_effects():
    """100 panels, true effects 0.4 and −0.28: binomial bound at 1 in 1,000 around 95 percent."""
    covered = np.zeros(2)
    for r in range(100):
        stats = fit(channelled(200 + r, 30, 5, gaps=False), {
            **BASE, "se": {"cluster": "unit"},
            "mechanism": {"through": ["m", "k"], "reps": 199}}, **KEYS).stats
        covered += [stats[f"indirect_low:x:{m}"] <= truth <= stats[f"indirect_high:x:{m}"]
                    for m, truth in (("m", 0.4), ("k", -0.28))]
    assert (covered >= binom.ppf(0.001, 100, 0.95)).all()


def test_the_interaction_style_is_the_model_key_interact():
    frame = channelled(3)
    got = fit(frame, {**BASE, "mechanism": {"through": "m", "style": "interaction"}}, **KEYS)
    channel, crossed = equations(got)
    expected = fit(frame, {**BASE, "interact": {"x": "m"}}, **KEYS)
    for term in ("x", "m", "x*m"):
        assert crossed.coef[term] == pytest.approx(expected.coef[term], rel=1e-9)
        assert crossed.se[term] == pytest.approx(expected.se[term], rel=1e-9)
    assert crossed.further["regions"][0]["share"] == pytest.approx(
        expected.further["regions"][0]["share"])
    assert channel.y == "m"
    assert "indirect:x:m" not in got.stats


def test_two_steps_show_no_third():
    got = fit(channelled(4), {**BASE, "mechanism": {"through": "m", "reps": 9}}, **KEYS)
    assert [one.y for one in equations(got)] == ["m"]
    assert got.further["mechanism"]["style"] == "two-step"
    assert Fit.from_dict(got.to_dict()) == got
    assert fit(channelled(4), got.model, **KEYS) == got


@pytest.mark.parametrize(("change", "through", "words"), [
    ({"weights": "w"}, "m", "channels take no weights"),
    ({"estimator": "ppml"}, "m", "channels are those of least squares, not 'ppml'"),
    ({}, "h", "channel 'h': the dependent variable 'h' has no variation within unit"),
    ({}, "v", "'v' cannot be told apart from the regressors beside them: 'z' is collinear"),
])
def test_what_cannot_be_a_channel(change, through, words):
    frame = channelled().assign(w=1.0, h=1.0)
    frame = frame.assign(v=2 * frame["x"] - frame["z"])
    model = {**BASE, **change, "mechanism": {"through": through, "reps": 0}}
    with pytest.raises(ModelError, match=words):
        fit(frame, model, **KEYS)
    assert isinstance(estimate(frame, model, **KEYS), NotEstimated)


@pytest.mark.parametrize(("mechanism", "words"), [
    ({"throgh": "m"}, "unknown option 'throgh'; did you mean 'through'"),
    ({"through": "x"}, "'x' is in the model already"),
    ({"through": ["m", "m"]}, "'m' is named twice"),
    ({"through": "m", "style": "four-step"}, "unknown style 'four-step'"),
    ({"through": "m", "reps": -1}, "reps is -1"),
    ({"through": "mm"}, "unknown variable 'mm'"),
    ("m", "expected options, not 'm'"),
])
def test_what_is_written_wrong(mechanism, words):
    with pytest.raises(SpecError, match=words):
        fit(channelled(), {**BASE, "mechanism": mechanism}, **KEYS)
