"""Panel thresholds: an independent program's on Hansen's data, dummies, planted ones."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from gvckit.errors import ModelError, SpecError
from gvckit.models.fit import estimate, fit
from gvckit.models.result import Fit, NotEstimated
from gvckit.models.seeds import generator

HANSEN: dict[str, Any] = {"y": "i", "x": ["c1"], "controls": ["q1", "q2", "q3", "d1", "qd1"],
                          "fe": ["id"]}
KEYS: dict[str, Any] = {"unit": "unit", "time": "year"}
SINGLE = 3e-7  # the reference was computed from the float32 numbers that the csv has in decimals


def hansen(data: pd.DataFrame, **options: Any) -> Fit:
    threshold = {"variable": "d1", "regime_of": "c1", "trim": 0.01, "grid": 393, "reps": 0,
                 **options}
    return fit(data, {**HANSEN, "threshold": threshold}, unit="id", time="year")


@pytest.fixture(scope="module")
def investment(estimation) -> tuple[pd.DataFrame, pd.Series]:
    data, table = estimation("hansen1999_threshold")
    return data, table[table["id"] == "threshold"].set_index("term")["estimate"].astype(float)


@pytest.mark.data
def test_the_search_on_hansens_data(investment):
    """Sums of squares, thresholds, intervals and F of one, two and three thresholds."""
    data, expected = investment
    one, two = hansen(data, max=1), hansen(data, max=2)
    three = hansen(data, max=3).further["threshold"]["tested"]
    first, second, third = three
    assert one.further["threshold"]["dof"] == 565 * 13
    assert first["ssr_before"] == pytest.approx(expected["S0"], rel=SINGLE)
    for found, ssr, F in ((first, "S1", "F1"), (second, "S2", "F2"), (third, "S3", "F3")):
        assert found["ssr"] == pytest.approx(expected[ssr], rel=SINGLE)
        assert found["F"] == pytest.approx(expected[F], rel=1e-6)
    alone = one.further["threshold"]["tested"][0]
    with_two = two.further["threshold"]["tested"]
    for found, label, after in ((alone, "r1", "_{}"), (with_two[0], "r1", "r_{}"),
                                (with_two[1], "r2", "_{}")):
        assert found["gamma"] == pytest.approx(expected[label], rel=SINGLE)
        for end in ("low", "high"):
            name = label + after.format({"low": "lo", "high": "hi"}[end])
            assert found[end] == pytest.approx(expected[name], rel=SINGLE)
    assert third["gamma"] == pytest.approx(expected["r3"], rel=SINGLE)
    assert one.stats["threshold_1"] == alone["gamma"]
    assert one.stats["threshold_1_f"] == alone["F"]


@pytest.mark.data
def test_every_value_as_a_candidate_on_hansens_data(investment):
    """The rows "full_grid", printed to four or five digits."""
    found = hansen(investment[0], grid=10**6).further["threshold"]["tested"][0]
    assert round(found["gamma"], 4) == 0.0157
    assert round(found["ssr"], 5) == 17.78165
    assert round(found["F"], 3) == 32.817
    assert round(found["F"] * 14 / 13, 2) == 35.34  # its other divisor, S1/(N T)
    assert (round(found["low"], 4), round(found["high"], 4)) == (0.0125, 0.0181)


@pytest.mark.data
@pytest.mark.parametrize(("row", "most"), [("single", 1), ("double", 2)])
@pytest.mark.parametrize("se", ["iid", "hc0"])
def test_slopes_by_regime_on_hansens_data(investment, estimation, row, most, se):
    table = estimation("hansen1999_threshold")[1]
    expected = table[table["id"] == f"{row}_threshold_coef"].set_index("term")
    model = {**HANSEN, "se": se, "ssc": "plm" if se == "iid" else "none", "threshold": {
        "variable": "d1", "regime_of": "c1", "trim": 0.01, "grid": 393, "reps": 0, "max": most}}
    got = fit(investment[0], model, unit="id", time="year")
    regimes = got.further["threshold"]["terms"]
    assert regimes[0] == "c1*(d1<=0.016)"
    assert len(regimes) == most + 1
    order = [*HANSEN["controls"], *regimes]
    np.testing.assert_allclose(got.coef[order], expected["estimate"], rtol=SINGLE)
    errors = expected["se"].astype(float) if se == "iid" else (
        expected["extra"].str.removeprefix("white_se=").astype(float))
    np.testing.assert_allclose(got.se[order], errors, rtol=SINGLE)
    assert sum(got.further["threshold"]["rows"]) == 7910


def kinked(seed: int, units: int = 24, years: int = 8, jumps: tuple[float, ...] = (0.9,),
           gaps: bool = False) -> pd.DataFrame:
    """Return a panel whose slope of x moves by ``jumps`` at thresholds −0.4 and 0.6 of q."""
    rng = np.random.default_rng(seed)
    n = units * years
    frame = pd.DataFrame({"unit": np.repeat(range(units), years),
                          "year": np.tile(range(2000, 2000 + years), units)})
    effect = rng.normal(size=units)[frame["unit"]] + rng.normal(size=years)[frame["year"] - 2000]
    frame["q"], frame["z"] = rng.normal(size=n), rng.normal(size=n)
    frame["x"] = rng.normal(size=n) + 0.5 * effect
    slope = 0.3 + sum(jump * (frame["q"] > at) for jump, at in zip(jumps, (-0.4, 0.6),
                                                                   strict=False))
    frame["y"] = slope * frame["x"] + 0.4 * frame["z"] + effect + 0.6 * rng.normal(size=n)
    frame["g"] = frame["unit"] % 8
    return frame if not gaps else frame[rng.random(n) < 0.85].reset_index(drop=True)


def squares(frame: pd.DataFrame, y: np.ndarray, gammas: list[float]) -> float:
    """Return the sum of squared residuals with dummies and slopes by regime."""
    ends = [-np.inf, *sorted(gammas), np.inf]
    inside = [(frame["q"] > a) & (frame["q"] <= b) for a, b in pairwise(ends)]
    X = np.column_stack([*(frame["x"] * i for i in inside), frame["z"],
                         pd.get_dummies(frame["unit"], dtype=float),
                         pd.get_dummies(frame["year"], dtype=float).iloc[:, 1:]])
    left = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    return float(left @ left)


MODEL: dict[str, Any] = {"y": "y", "x": ["x"], "controls": ["z"], "fe": ["unit", "year"]}


def candidates(frame: pd.DataFrame, found: list[float], trim: float = 0.1) -> list[float]:
    values = np.unique(frame["q"])
    low, high = np.quantile(frame["q"], [trim, 1 - trim], method="inverted_cdf")
    least = np.ceil(trim * len(frame))
    out = []
    for v in values[(values >= low) & (values <= high)]:
        sizes = np.histogram(frame["q"], [-np.inf, *np.nextafter(sorted([*found, v]), np.inf),
                                          np.inf])[0]
        if sizes.min() >= least:
            out.append(float(v))
    return out


@pytest.mark.parametrize("gaps", [False, True])
def test_one_and_two_thresholds_by_regressions_with_dummies(gaps):
    """Every candidate's sum of squares by least squares; the refinement of the first as well."""
    frame = kinked(3, 12, 6, (0.5, -1.2), gaps)
    got = fit(frame, {**MODEL, "threshold": {"variable": "q", "regime_of": "x", "trim": 0.1,
                                             "max": 2, "reps": 0}}, **KEYS)
    first, second = got.further["threshold"]["tested"]
    y = frame["y"].to_numpy()
    dof = len(frame) - 12 - 5
    S0 = squares(frame, y, [])
    S1 = {v: squares(frame, y, [v]) for v in candidates(frame, [])}
    start = min(S1, key=S1.__getitem__)
    assert first["F"] == pytest.approx((S0 - S1[start]) / (S1[start] / dof), rel=1e-8)
    S2 = {v: squares(frame, y, [start, v]) for v in candidates(frame, [start])}
    later = min(S2, key=S2.__getitem__)
    assert second["gamma"] == later
    assert second["F"] == pytest.approx((S1[start] - S2[later]) / (S2[later] / dof), rel=1e-8)
    again = {v: squares(frame, y, [later, v]) for v in candidates(frame, [later])}
    assert first["gamma"] == min(again, key=again.__getitem__)
    for found, profile in ((second, S2), (first, again)):
        best = min(profile.values())
        inside = [v for v, s in profile.items() if (s - best) / (best / dof) <= 7.352276694155739]
        assert (found["low"], found["high"]) == (min(inside), max(inside))


@pytest.mark.parametrize(("gaps", "se", "by"), [
    (False, "iid", "unit"), (True, "iid", "unit"), (False, {"cluster": "g"}, "g")])
def test_bootstrap_draws_are_searches_in_drawn_residuals(gaps, se, by):
    """Residuals of whole units where periods are equal, signs of units or clusters otherwise."""
    frame = kinked(5, 12, 6, (0.4,), gaps).sort_values(["unit", "year"]).reset_index(drop=True)
    options = {"variable": "q", "regime_of": "x", "trim": 0.2, "reps": 12}
    got = fit(frame, {**MODEL, "se": se, "wild": False, "threshold": options}, **KEYS, seed=3,
              name="m")
    found = got.further["threshold"]
    one = found["tested"][0]
    assert found["by"] == by
    assert found["bootstrap"] == ("units" if not gaps and by == "unit" else "signs")
    y = frame["y"].to_numpy()
    S1 = {v: squares(frame, y, [v]) for v in candidates(frame, [], 0.2)}
    dof = len(frame) - 12 - 5
    inside = frame["q"] <= one["gamma"]
    X = np.column_stack([frame["x"] * inside, frame["x"] * ~inside, frame["z"],
                         pd.get_dummies(frame["unit"], dtype=float),
                         pd.get_dummies(frame["year"], dtype=float).iloc[:, 1:]])
    errors = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    rng = generator(3, "m", "threshold", "1")
    if found["bootstrap"] == "units":
        drawn = errors.reshape(12, 6)[rng.integers(0, 12, size=(12, 12))].reshape(12, -1)
    else:
        groups = pd.factorize(frame[by], sort=True)[0]
        drawn = (1 - 2 * rng.integers(0, 2, size=(12, groups.max() + 1)))[:, groups] * errors
    larger = 0
    for sample in drawn:
        best = min(squares(frame, sample, [v]) for v in S1)
        larger += (squares(frame, sample, []) - best) / (best / dof) >= one["F"]
    assert one["p"] == (1 + larger) / 13
    assert one["draws"] == 12


def test_planted_thresholds_are_found():
    got = fit(kinked(8, 60, 10, (1.0, -0.8)), {**MODEL, "threshold": {
        "variable": "q", "regime_of": "x", "max": 3, "reps": 99}}, **KEYS)
    told = got.further["threshold"]
    assert told["used"] == 2
    gammas = sorted(f["gamma"] for f in told["tested"][:2])
    assert gammas == pytest.approx([-0.4, 0.6], abs=0.1)
    for found, truth in zip(sorted(told["tested"][:2], key=lambda f: f["gamma"]), (-0.4, 0.6),
                            strict=True):
        assert found["low"] <= truth + 0.02
        assert truth - 0.02 <= found["high"]
        assert found["p"] == 0.01
    assert told["tested"][2]["p"] > 0.05
    slopes = got.coef[list(told["terms"])].to_numpy()
    np.testing.assert_allclose(slopes, [0.3, 1.3, 0.5], atol=4 * float(got.se.max()))
    assert got.coef["z"] == pytest.approx(0.4, abs=0.15)


def test_without_a_threshold_five_percent_are_rejected():
    """80 panels without one: binomial bounds at 1 in 1,000 around 5 percent."""
    rejected = sum(
        fit(kinked(100 + r, 20, 5, ()), {**MODEL, "threshold": {
            "variable": "q", "regime_of": "x", "grid": 30, "reps": 59}}, **KEYS)
        .stats["threshold_1_p"] <= 0.05 for r in range(80))
    assert rejected <= binom.ppf(0.999, 80, 0.05)
    power = sum(
        fit(kinked(100 + r, 20, 5, (0.8,)), {**MODEL, "threshold": {
            "variable": "q", "regime_of": "x", "grid": 30, "reps": 59}}, **KEYS)
        .stats["threshold_1_p"] <= 0.05 for r in range(20))
    assert power >= 17


def test_a_threshold_fit_is_kept_exactly_and_can_be_fitted_again():
    model = {**MODEL, "threshold": {"variable": "q", "regime_of": "x", "reps": 9}}
    got = fit(kinked(1), model, **KEYS)
    assert Fit.from_dict(got.to_dict()) == got
    again = fit(kinked(1).sample(frac=1, random_state=1).reset_index(drop=True), got.model, **KEYS)
    assert again == got


@pytest.mark.parametrize(("change", "threshold", "words"), [
    ({"weights": "w"}, {}, "takes no weights"),
    ({"estimator": "ppml"}, {}, "those of least squares, not 'ppml'"),
    ({"quadratic": "x"}, {}, r"'x' is divided and cannot be a factor of 'x\^2'"),
    ({}, {"variable": "h"}, "'h' has no value that leaves 5 percent of the 192 rows"),
])
def test_what_cannot_be_divided(change, threshold, words):
    frame = kinked(1).assign(w=1.0, h=1.0)
    model = {**MODEL, **change, "threshold": {"variable": "q", "regime_of": "x", **threshold}}
    with pytest.raises(ModelError, match=words):
        fit(frame, model, **KEYS)
    assert isinstance(estimate(frame, model, **KEYS), NotEstimated)


@pytest.mark.parametrize(("threshold", "words"), [
    ({"variabel": "q"}, "unknown option 'variabel'; did you mean 'variable'"),
    ({"regime_of": "xx"}, "unknown term in regime_of 'xx'; did you mean 'x'"),
    ({"max": 9}, "max is 9.*whole number from 1 to 3"),
    ({"trim": 0.6}, "trim is no share: 0.6"),
    ({"variable": None}, "variable must be one name"),
    ({"variable": "qq"}, "unknown variable 'qq'"),
])
def test_what_is_written_wrong(threshold, words):
    model = {**MODEL, "threshold": {"variable": "q", "regime_of": "x", **threshold}}
    with pytest.raises(SpecError, match=words):
        fit(kinked(1), model, **KEYS)


def test_groups_have_thresholds_of_their_own_and_no_joint_test():
    from gvckit.models.split import split_fit

    frame = kinked(2, 40, 8).assign(rich=lambda f: f["unit"] % 2)
    model = {**MODEL, "threshold": {"variable": "q", "regime_of": "x", "reps": 0}}
    done = split_fit(frame, model, "rich", **KEYS, difference="interaction")
    assert not done.differences
    for _, one in done.groups:
        assert isinstance(one, Fit)
        assert one.stats["threshold_1"] == pytest.approx(-0.4, abs=0.3)
    last = done.groups[1][1]
    assert isinstance(last, Fit)
    assert ("no test of the difference between groups: each group has thresholds of its own"
            in last.warnings)
