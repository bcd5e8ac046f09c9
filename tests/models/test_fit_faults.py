"""What a user can get wrong: every message names the model, the variable and the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError, ModelError, SpecError
from gvckit.models.codes import encode
from gvckit.models.demean import ConvergenceError, demean
from gvckit.models.fit import estimate, fit
from gvckit.models.model import parse_model
from gvckit.models.result import NotEstimated

KEYS: dict[str, Any] = {"unit": ["country", "sector"], "time": "year", "name": "m1"}
BASE = {"y": "y", "x": ["x"], "controls": ["z"]}


def problems(error: pytest.ExceptionInfo[Any]) -> list[str]:
    return [str(p) for p in error.value.problems]


@pytest.mark.parametrize(("change", "words"), [
    ({"contols": ["z"]}, ["unknown key 'contols'", "did you mean 'controls'"]),
    ({"y": None}, ["y is missing"]),
    ({"y": ["y"]}, ["y must be one name", "['y']"]),
    ({"x": [], "controls": []}, ["x is empty"]),
    ({"x": 3}, ["x must be a list", "3"]),
    ({"controls": ["z", "z"]}, ["'z' is named twice"]),
    ({"controls": ["x"]}, ["'x' is named twice"]),
    ({"fe": ["year", "year"]}, ["fixed effect 'year' is named twice"]),
    ({"se": "hc7"}, ["unknown se 'hc7'", "hc1"]),
    ({"se": {"clutser": "country"}}, ["unknown se 'clutser'", "did you mean 'cluster'"]),
    ({"se": {"cluster": ["country", "year", "sector", "x"]}}, ["one to three variables, not 4"]),
    ({"se": {"cluster": []}}, ["one to three variables, not 0"]),
    ({"se": {"iid": 3}}, ["takes no value"]),
    ({"se": 5}, ["unknown se '5'"]),
    ({"ssc": "fixset"}, ["unknown ssc 'fixset'", "did you mean 'fixest'"]),
    ({"estimator": "olz"}, ["unknown estimator 'olz'", "did you mean 'ols'"]),
    ({"like": "base"}, ["'like' belongs to a spec file"]),
    ({"x": ["xx"]}, ["unknown variable 'xx'", "did you mean 'x'"]),
    ({"x": ["lag(xx)"]}, ["xx"]),
    ({"x": ["lag(x"]}, ["lag(x"]),
    ({"fe": ["contry*sector"]}, ["unknown fixed effect variable 'contry'", "'country'"]),
    ({"fe": ["country*"]}, ["'country*' is not a column"]),
    ({"fe": ["country*country"]}, ["is not a column or different columns"]),
    ({"se": {"cluster": "contry"}}, ["unknown clustering variable 'contry'", "'country'"]),
    ({"weights": "ww"}, ["unknown variable 'ww'"]),
])
def test_what_is_written_wrong(panel, change, words):
    with pytest.raises(SpecError) as error:
        fit(panel, {**BASE, **change}, **KEYS)
    assert error.value.exit_code == 2
    for word in words:
        assert word in str(error.value)
    assert all("'m1'" in line for line in problems(error))


def test_everything_wrong_is_told_at_once():
    with pytest.raises(SpecError) as error:
        parse_model({"y": 1, "x": ["a", "a"], "se": "hc9", "ssc": "x", "wieghts": "w"}, "m")
    assert len(error.value.problems) == 5


def test_all_unknown_variables_are_told_at_once(panel):
    with pytest.raises(SpecError) as error:
        fit(panel, {"y": "yy", "x": ["xx"], "controls": ["zz"]}, **KEYS)
    assert len(error.value.problems) == 3


@pytest.mark.parametrize(("change", "words"), [
    ({"split": "rich"}, "'split' asks for several fits.*gk.split_fit"),
    ({"vary": {"y": ["y"]}}, "'vary' asks for several fits.*gk.curve"),
    ({"spatial": {"w": "z"}}, "'spatial' is not available in this version"),
    ({"se": "wild-bootstrap"}, "'wild-bootstrap' is not available in this version"),
])
def test_what_one_fit_does_not_estimate(panel, change, words):
    with pytest.raises(ModelError, match=words):
        fit(panel, {**BASE, **change}, **KEYS)
    got = estimate(panel, {**BASE, **change}, **KEYS)
    assert isinstance(got, NotEstimated)
    assert got.name == "m1"
    assert NotEstimated.from_dict(got.to_dict()) == got


def test_empty_later_keys_are_no_request(panel):
    got = fit(panel, {**BASE, "instruments": {}, "split": None, "report": [], "like": None}, **KEYS)
    assert got.n == len(panel)


def spoiled(panel: pd.DataFrame) -> dict[str, tuple[pd.DataFrame, dict[str, Any], list[str]]]:
    by_country = panel["country"].str[1:].astype(float)
    few = panel.head(2)
    return {
        "text": (panel.assign(x="n/a"), {}, ["'x' is not numeric", "n/a", "dtype"]),
        "categorical": (panel.assign(x=panel["x"].astype("category")), {}, ["dtype category"]),
        "all missing": (panel.assign(z=np.nan), {}, ["'z' is missing in all"]),
        "none left": (panel.assign(x=panel["x"].where(panel["year"] > 2003),
                                   z=panel["z"].where(panel["year"] <= 2003)), {},
                      ["no observations left", "missing x", "missing z", str(len(panel))]),
        "no within variation": (panel.assign(x=by_country, z=by_country**2),
                                {"fe": ["country"]}, ["'x' has no variation within country",
                                                      "'z' has no variation within country"]),
        "constant x": (panel.assign(x=0.1, z=0.3), {}, ["'x' has no variation in"]),
        "constant y": (panel.assign(y=0.1), {}, ["dependent variable 'y' has no variation"]),
        "absorbed y": (panel.assign(y=by_country), {"fe": ["country"]},
                       ["dependent variable 'y' has no variation within country"]),
        "few": (few, {}, ["fewer observations than parameters", "2 observations, 3 coef"]),
        "saturated": (panel, {"fe": ["country*sector*year"]}, ["no observations left",
                                                               "singletons"]),
        "one cluster": (panel.assign(g=1), {"se": {"cluster": "g"}}, ["'g' needs two clusters"]),
        "missing cluster": (panel.assign(g=None), {"se": {"cluster": "g"}},
                            ["'g' is missing in all"]),
        "missing effect": (panel.assign(g=np.nan), {"fe": ["g"]}, ["'g' is missing in all"]),
        "negative weights": (panel.assign(w=panel["w"] - 1), {"weights": "w"},
                             ["'w' are negative in", "lowest -0."]),
        "no freedom": (panel.head(40), {"fe": ["country*sector", "year"]},
                       ["no degrees of freedom left"]),
        "empty": (panel.head(0), {}, ["no observations left", "of 0 rows"]),
    }


@pytest.mark.parametrize("case", [
    "text", "categorical", "all missing", "none left", "no within variation", "constant x",
    "constant y", "absorbed y", "few", "saturated", "one cluster", "missing cluster",
    "missing effect", "negative weights", "no freedom", "empty"])
def test_data_that_do_not_allow_the_model(panel, case):
    frame, change, words = spoiled(panel)[case]
    with pytest.raises(ModelError) as error:
        fit(frame, {**BASE, **change}, **KEYS)
    assert error.value.exit_code == 2
    for word in words:
        assert word in str(error.value)
    assert all("model 'm1'" in line for line in problems(error))
    got = estimate(frame, {**BASE, **change}, **KEYS)
    assert isinstance(got, NotEstimated)
    assert got.reason == "; ".join(problems(error))
    assert got.model["y"] == "y"


def test_wrong_spec_is_raised_by_estimate_too(panel):
    with pytest.raises(SpecError):
        estimate(panel, {**BASE, "x": ["nope"]}, **KEYS)


@pytest.mark.parametrize(("mask", "words"), [
    (np.ones(3, dtype=bool), "3 rows"),
    (pd.Series(True, index=range(5, 413)), "another index"),
    (pd.Series(1.0, index=range(408)), "true or false"),
])
def test_sample_masks_that_do_not_fit(panel, mask, words):
    assert len(panel) == 408
    with pytest.raises(DataError, match=words):
        fit(panel, BASE, **KEYS, sample=mask)


def test_columns_that_occur_twice(panel):
    with pytest.raises(DataError, match="column 'x' occurs more than once"):
        fit(pd.concat([panel, panel[["x"]]], axis=1), BASE, **KEYS)


def test_lags_need_a_panel(panel):
    with pytest.raises(DataError, match="repeat the keys"):
        fit(pd.concat([panel, panel.head(1)]), {**BASE, "x": ["lag(x)"]}, **KEYS)


def test_unknown_key_columns(panel):
    with pytest.raises(SpecError, match="unknown unit or time key 'yeer'") as error:
        fit(panel, BASE, unit="country", time="yeer")
    assert error.value.problems[0].nearest == "year"


def test_no_convergence_is_not_the_users_fault():
    """A chain of effects converges slowly: a few sweeps cannot be enough."""
    n = 200
    a = encode(pd.Series(np.arange(n) // 2, name="a"))
    b = encode(pd.Series((np.arange(n) + 1) // 2, name="b"))
    columns = np.arange(n, dtype=float)[:, None] ** 2
    with pytest.raises(ConvergenceError, match=r"a \+ b did not converge in 3 sweeps") as error:
        demean(columns, [a, b], sweeps=3, max_iterations=3)
    assert error.value.exit_code == 1


def test_convergence_failures_are_raised_by_estimate(panel, monkeypatch):
    for solver in ("_alternating_projections", "conjugate_gradients"):
        monkeypatch.setattr(f"gvckit.models.demean.{solver}", lambda columns, *_: (columns, False))
    with pytest.raises(ConvergenceError):
        estimate(panel, {**BASE, "fe": ["country", "year"]}, **KEYS)
