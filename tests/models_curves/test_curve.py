"""Specification curves against one gk.fit a specification, and their faults."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from curve_panels import loop, make_panel

from gvckit.errors import SpecError
from gvckit.models.curve import curve

BASE = {"y": "y", "x": ["x"], "controls": ["a"], "fe": ["unit", "year"],
        "se": {"cluster": "country"}}


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return make_panel()


def against_loop(panel: pd.DataFrame, vary: dict[str, list[Any]], masks: Any = None,
                 base: Any = None) -> pd.DataFrame:
    """Assert that the curve equals the loop, and return the curve."""
    base = base or BASE
    found = curve(panel, base, vary=vary, unit="unit", time="year", samples=masks)
    changes = [dict(zip(vary, values, strict=True)) for values in itertools.product(*vary.values())]
    terms = [(c.get("x") or base["x"])[0] for c in changes]
    expected = loop(panel, base, changes, terms, masks)
    assert len(found) == len(expected)
    for column in ("estimate", "se", "p"):
        np.testing.assert_allclose(found[column], expected[column], rtol=1e-10, atol=1e-12)
    done = expected["n"].notna()
    assert (found["n"][done] == expected["n"][done]).all()
    assert ((found["reason"] == "") == done).all()
    return found


def test_every_key_that_varies_equals_a_loop_of_fits(panel):
    masks = {"all": np.ones(len(panel), bool), "late": (panel["year"] > 2002).to_numpy()}
    against_loop(panel, {
        "y": ["y", "y2"], "x": [["x"], ["x2", "x"], ["lag(x)"]],
        "controls": [[], ["a"], ["a", "b"]],
        "fe": [[], ["unit"], ["unit", "year"], ["country*year", "unit"]],
        "sample": ["all", "late"]}, masks)


@pytest.mark.parametrize("weights", [None, "w"])
def test_every_covariance_and_convention_equals_a_loop_of_fits(panel, weights):
    against_loop(panel, {
        "se": ["iid", "hc1", {"cluster": "country"}, {"cluster": "unit"},
               {"cluster": ["country", "year"]}],
        "ssc": ["fixest", "reghdfe", "plm", "none"], "controls": [["a"], ["a", "b", "c"]]},
        base={**BASE, "weights": weights} if weights else BASE)


def test_winsorised_variables_are_those_of_the_expression(panel):
    found = curve(panel, BASE, vary={"winsor": [0, 0.05]}, unit="unit", time="year")
    changes = [{}, {"y": "winsor(y, 0.05)", "x": ["winsor(x, 0.05)"]}]
    expected = loop(panel, BASE, changes, ["x", "winsor(x, 0.05)"])
    np.testing.assert_allclose(found["estimate"], expected["estimate"], rtol=1e-12)
    assert list(found["winsor"]) == ["none", "0.05"]
    assert list(found["coefficient"]) == ["x", "x"]


def test_collinear_and_absorbed_regressors_leave_as_in_a_fit(panel):
    panel = panel.assign(twin=panel["a"] * 2, near=panel["a"] + 1e-5 * panel["c"],
                         fixed=panel["country"].str[1:].astype(float), flat=0.1, flat2=3.0)
    panel["fixed2"] = panel["fixed"] ** 2
    found = against_loop(panel, {
        "x": [["x"], ["fixed2"], ["flat2"], ["c"]],
        "controls": [["a"], ["a", "twin"], ["a", "near"], ["fixed", "a", "flat"], ["x2", "b"]]})
    assert found["reason"].str.contains("no variation within unit").sum() == 10
    second = curve(panel, {**BASE, "x": ["a", "twin"]}, vary={"controls": [["c"], ["b"]]},
                   coefficient="twin", unit="unit", time="year")
    assert list(second["reason"]) == ["'twin' is collinear with earlier regressors"] * 2


def test_impossible_specifications_say_why_and_the_others_stand(panel):
    panel = panel.assign(one="only", empty=False)
    found = curve(panel, BASE, vary={"se": [{"cluster": "one"}, "iid"], "sample": ["none", "all"]},
                  samples={"none": panel["empty"], "all": ~panel["empty"]}, unit="unit",
                  time="year")
    assert found["estimate"].notna().tolist() == [False, False, False, True]
    assert "two clusters or more" in found["reason"][1]
    assert found["reason"][2] == "no observations left"
    assert found["reason"][3] == ""


def test_the_order_of_rows_changes_no_bit(panel):
    vary = {"controls": [[], ["a"], ["b"]], "se": ["hc1", {"cluster": "country"}]}
    first = curve(panel, BASE, vary=vary, unit="unit", time="year", draws=50, seed=3)
    mixed = panel.sample(frac=1.0, random_state=9).reset_index(drop=True)
    second = curve(mixed, BASE, vary=vary, unit="unit", time="year", draws=50, seed=3)
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert first.attrs == second.attrs


@pytest.mark.parametrize(("vary", "message"), [
    ({"control": [["a"]]}, "unknown varied key 'control'"),
    ({"controls": [["a"], ["a"]]}, "'a' is given twice"),
    ({"controls": "a"}, "expected a list of alternatives"),
    ({"sample": ["early"]}, "unknown sample 'early'"),
    ({"winsor": [0.7]}, "0.7 is no share"),
    ({}, "nothing is varied"),
    ({"y": ["z"]}, "unknown variable 'z'"),
])
def test_faults_are_told(panel, vary, message):
    with pytest.raises(SpecError, match=message):
        curve(panel, BASE, vary=vary, unit="unit", time="year")


def test_a_coefficient_that_a_specification_lacks_is_told(panel):
    with pytest.raises(SpecError, match="unknown coefficient 'x'"):
        curve(panel, BASE, vary={"x": [["x"], ["x2"]]}, coefficient="x", unit="unit", time="year")
