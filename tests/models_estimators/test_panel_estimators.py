"""Random effects, between, differences, Mundlak and Fama-MacBeth against plm and linearmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from linearmodels.panel import BetweenOLS, FamaMacBeth

from gvckit.errors import ModelError
from gvckit.models.codes import encode
from gvckit.models.fit import fit
from gvckit.models.result import Fit
from gvckit.models.variance_components import variance_components

XV = ["value", "capital"]
KEYS: dict[str, Any] = {"unit": "unit", "time": "year"}
BASE: dict[str, Any] = {"y": "y", "x": ["x", "z"]}

PLM: dict[str, dict[str, Any]] = {
    "plm_pooling": {"estimator": "pooled"},
    "plm_between": {"estimator": "between"},
    "plm_random": {"estimator": "re"},
    "plm_re_amemiya": {"estimator": {"re": "amemiya"}},
    "plm_re_walhus": {"estimator": {"re": "wallace-hussain"}},
    "plm_re_nerlove": {"estimator": {"re": "nerlove"}},
    "plm_fd": {"estimator": "first-difference"},
    "cre_mundlak": {"estimator": "mundlak"},
}


@pytest.mark.data
@pytest.mark.parametrize("row", list(PLM))
def test_grunfeld_is_plm(row, grunfeld, references):
    got = fit(grunfeld, {"y": "inv", "x": XV, **PLM[row]}, unit="firm", time="year")
    expected = references("grunfeld", row)
    for mine, theirs in (("coef", "estimate"), ("se", "se"), ("t", "stat"), ("p", "p")):
        np.testing.assert_allclose(getattr(got, mine), expected[theirs], rtol=1e-8, err_msg=mine)
    extra = str(expected["extra"].iloc[0])
    if extra.startswith("r2="):
        assert got.stats["r2"] == pytest.approx(float(extra[3:]), rel=1e-9)


@pytest.mark.data
def test_mundlak_pooled_is_least_squares_with_means(grunfeld, references):
    got = fit(grunfeld, {"y": "inv", "x": XV, "estimator": {"mundlak": "pooled"},
                         "se": {"cluster": "firm"}}, unit="firm", time="year")
    expected = references("grunfeld", "cre_pooled_cl")
    np.testing.assert_allclose(got.coef, expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(got.se, expected["se"], rtol=1e-8)
    wald = references("grunfeld", "mundlak_wald").iloc[0]
    assert got.stats["mundlak_chi2"] == pytest.approx(wald["stat"], rel=1e-8)
    assert got.stats["mundlak_p"] == pytest.approx(wald["p"], rel=1e-8)


@pytest.mark.data
@pytest.mark.parametrize("row", ["plm_pooling", "plm_random"])
def test_wagepan_is_plm(row, estimation, references):
    data, _ = estimation("wagepan")
    years = [f"d8{i}" for i in range(1, 8)]
    got = fit(data, {"y": "lwage", "x": ["educ", "black", "hisp", "exper", "expersq", "married",
                                         "union"], "controls": years, **PLM[row]},
              unit="nr", time="year")
    expected = references("wagepan", row)
    np.testing.assert_allclose(got.coef, expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(got.se, expected["se"], rtol=1e-8)
    np.testing.assert_allclose(got.p, expected["p"], rtol=1e-7)


@pytest.mark.data
def test_wagepan_first_differences_are_those_by_hand(estimation, references):
    data, _ = estimation("wagepan")
    got = fit(data, {"y": "lwage", "x": ["expersq", "married", "union"],
                     "estimator": "first-difference", "se": {"cluster": "nr"}},
              unit="nr", time="year")
    expected = references("wagepan", "fd")
    for mine, theirs in (("coef", "estimate"), ("se", "se"), ("t", "stat"), ("p", "p")):
        np.testing.assert_allclose(getattr(got, mine), expected[theirs], rtol=1e-8)
    assert got.n == 3815
    assert got.rows == {"panel": 4360, "outside the sample": 0, "singletons": 0,
                        "without a previous period": 545, "used": 3815}


def dense(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return every matrix of the error-components model, n × n where it is."""
    unit = pd.get_dummies(frame["unit"]).to_numpy(float)
    P = unit @ np.linalg.inv(unit.T @ unit) @ unit.T
    n = len(frame)
    return {"Z": unit, "P": P, "Q": np.eye(n) - P, "y": frame["y"].to_numpy(),
            "X": frame[["x", "z"]].to_numpy(), "one": np.ones((n, 1))}


def expected_forms(A: np.ndarray, d: dict[str, np.ndarray]) -> tuple[float, float]:
    """Solve E[e'Qe] and E[e'Pe] for residuals e = Ay of the error-components model."""
    e, ZZ = A @ d["y"], d["Z"] @ d["Z"].T
    system = [[np.trace(A.T @ F @ A), np.trace(A.T @ F @ A @ ZZ)] for F in (d["Q"], d["P"])]
    nu, mu = np.linalg.solve(system, [e @ d["Q"] @ e, e @ d["P"] @ e])
    return float(nu), float(mu)


def annihilator(X: np.ndarray) -> np.ndarray:
    return np.eye(len(X)) - X @ np.linalg.pinv(X)


@pytest.mark.parametrize("method", ["swamy-arora", "wallace-hussain", "amemiya", "nerlove"])
def test_unbalanced_variance_components_by_dense_matrices(unbalanced, method):
    """Transcription with n × n matrices: Baltagi and Chang (1994), equations 2.7-2.16."""
    d = dense(unbalanced)
    X, one, P, Q = d["X"], d["one"], d["P"], d["Q"]
    slope = np.linalg.inv(X.T @ Q @ X) @ X.T @ Q
    if method == "wallace-hussain":
        nu, mu = expected_forms(annihilator(np.column_stack([one, X])), d)
    elif method == "amemiya":
        nu, mu = expected_forms(annihilator(one) @ (np.eye(len(X)) - X @ slope), d)
    elif method == "swamy-arora":
        nu = d["y"] @ Q @ annihilator(Q @ X) @ Q @ d["y"] / (len(X) - 15 - 2)
        M = annihilator(np.column_stack([one, P @ X])) @ P
        ZZ = d["Z"] @ d["Z"].T
        mu = (d["y"] @ M.T @ M @ d["y"] - nu * np.trace(M.T @ M)) / np.trace(M.T @ M @ ZZ)
    else:
        e = Q @ d["y"] - Q @ X @ (slope @ d["y"])
        nu = e @ e / len(X)
        effects = np.linalg.pinv(d["Z"]) @ (d["y"] - X @ (slope @ d["y"]))
        share = d["Z"].sum(axis=0) / len(X)
        mu = share @ (effects - share @ effects) ** 2 * 15 / 14
    got = variance_components(d["y"], X, encode(unbalanced["unit"]), method)
    assert got.idiosyncratic == pytest.approx(nu, rel=1e-9)
    assert got.unit == pytest.approx(mu, rel=1e-9)
    assert not got.negative


@pytest.mark.parametrize("method", ["swamy-arora", "wallace-hussain", "amemiya"])
def test_unbalanced_random_effects_are_gls(unbalanced, method):
    """Least squares on quasi-demeaned data against (X'Ω⁻¹X)⁻¹X'Ω⁻¹y with Ω written out."""
    got = fit(unbalanced, {**BASE, "estimator": {"re": method}, "ssc": "none"}, **KEYS)
    d = dense(unbalanced)
    nu, mu = got.stats["sigma_idiosyncratic"] ** 2, got.stats["sigma_unit"] ** 2
    inverse = np.linalg.inv(nu * np.eye(len(unbalanced)) + mu * d["Z"] @ d["Z"].T)
    X = np.column_stack([d["one"], d["X"]])
    expected = np.linalg.solve(X.T @ inverse @ X, X.T @ inverse @ d["y"])
    np.testing.assert_allclose(got.coef, expected, rtol=1e-9)


def test_variance_components_find_what_was_planted():
    """σ_ν = 1, σ_μ = 2, 600 units of 3 to 8 rows; standard errors of the two are below 0.06."""
    rng = np.random.default_rng(3)
    count = rng.integers(3, 9, size=600)
    unit = np.repeat(np.arange(600), count)
    x = rng.normal(size=(len(unit), 2)) + rng.normal(size=(600, 2))[unit]
    y = x @ [1.0, -1.0] + 2 * rng.normal(size=600)[unit] + rng.normal(size=len(unit))
    for method in ("swamy-arora", "wallace-hussain", "amemiya"):
        got = variance_components(y, x, encode(pd.Series(unit)), method)
        assert got.idiosyncratic**0.5 == pytest.approx(1, abs=0.06)
        assert got.unit**0.5 == pytest.approx(2, abs=0.25)


def test_random_effects_without_unit_effects_are_pooled_and_say_so():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"unit": np.repeat(range(20), 6), "year": np.tile(range(6), 20)})
    frame["x"], noise = rng.normal(size=120), rng.normal(size=120)
    frame["y"] = frame["x"] + noise - pd.Series(noise).groupby(frame["unit"]).transform("mean")
    got = fit(frame, {"y": "y", "x": ["x"], "estimator": "re"}, **KEYS)
    pooled = fit(frame, {"y": "y", "x": ["x"]}, **KEYS)
    assert got.stats["sigma_unit"] == 0
    assert any("pooled least squares" in w for w in got.warnings)
    np.testing.assert_allclose(got.coef, pooled.coef, rtol=1e-10)
    np.testing.assert_allclose(got.se, pooled.se, rtol=1e-10)


def test_mundlak_slopes_are_within_slopes_in_unbalanced_panels_too(unbalanced):
    """Wooldridge (2019): an identity, for random effects and pooled least squares."""
    within = fit(unbalanced, {**BASE, "fe": ["unit"]}, **KEYS)
    for method in ("random", "pooled"):
        got = fit(unbalanced, {**BASE, "estimator": {"mundlak": method}}, **KEYS)
        np.testing.assert_allclose(got.coef[["x", "z"]], within.coef, rtol=1e-8)
        assert got.stats["mundlak_df"] == 2


def test_regressors_that_do_not_vary_inside_units_get_no_mean(unbalanced):
    frame = unbalanced.assign(fixed=unbalanced["lat"])
    got = fit(frame, {**BASE, "controls": ["fixed"], "estimator": "mundlak"}, **KEYS)
    assert got.terms == ("(Intercept)", "x", "z", "fixed", "mean(x)", "mean(z)")


def test_between_is_linearmodels(unbalanced):
    panel = unbalanced.set_index(["unit", "year"]).sort_index().assign(const=1.0)
    expected = BetweenOLS(panel["y"], panel[["const", "x", "z"]]).fit(debiased=True)
    got = fit(unbalanced, {**BASE, "estimator": "between"}, **KEYS)
    np.testing.assert_allclose(got.coef, expected.params, rtol=1e-9)
    np.testing.assert_allclose(got.se, expected.std_errors, rtol=1e-9)
    assert got.rows["used"] == got.n == 15


def test_fama_macbeth_is_linearmodels(unbalanced):
    panel = unbalanced.set_index(["unit", "year"]).sort_index().assign(const=1.0)
    expected = FamaMacBeth(panel["y"], panel[["const", "x", "z"]])
    got = fit(unbalanced, {**BASE, "estimator": "fama-macbeth"}, **KEYS)
    plain = expected.fit(cov_type="unadjusted", debiased=True)
    np.testing.assert_allclose(got.coef, plain.params, rtol=1e-9)
    # linearmodels divides the sum of squares by T(T − 1) as here.
    np.testing.assert_allclose(got.se, plain.std_errors, rtol=1e-9)
    lagged = fit(unbalanced, {**BASE, "estimator": "fama-macbeth", "se": {"newey-west": 2}}, **KEYS)
    kernel = expected.fit(cov_type="kernel", kernel="bartlett", bandwidth=2, debiased=True)
    np.testing.assert_allclose(lagged.se, kernel.std_errors, rtol=1e-9)
    assert got.stats["dof"] == 8


def test_small_periods_leave_fama_macbeth_with_a_note(unbalanced):
    frame = unbalanced[(unbalanced["year"] < 2008) | (unbalanced["unit"] < 2)]
    got = fit(frame.reset_index(drop=True), {**BASE, "estimator": "fama-macbeth"}, **KEYS)
    assert got.stats["periods"] == 8
    assert any(w.startswith("1 periods left out") for w in got.warnings)
    assert sum(v for k, v in got.rows.items() if k not in ("panel",)) == got.rows["panel"]


def test_differences_span_no_gap(unbalanced):
    got = fit(unbalanced, {**BASE, "estimator": "first-difference"}, **KEYS)
    ordered = unbalanced.sort_values(["unit", "year"])
    change = ordered.groupby("unit")[["y", "x", "z", "year"]].diff()
    change = change[change["year"] == 1]
    X = np.column_stack([np.ones(len(change)), change[["x", "z"]]])
    np.testing.assert_allclose(got.coef, np.linalg.lstsq(X, change["y"], rcond=None)[0], rtol=1e-9)
    assert got.n == len(change) < len(unbalanced) - 15


@pytest.mark.parametrize(("change", "words"), [
    ({"estimator": "re", "fe": ["year"]}, "takes no fixed effects, not year"),
    ({"estimator": "between", "weights": "w"}, "takes no weights, not 'w'"),
    ({"estimator": "between", "se": {"cluster": "year"}}, "'year' changes inside units"),
    ({"estimator": "fama-macbeth", "se": "hc1"}, "has no se 'hc1'"),
    ({"estimator": "fama-macbeth", "x": ["lat"], "se": {"newey-west": 9}}, "has lag 9"),
])
def test_impossible_models_say_so(unbalanced, change, words):
    with pytest.raises(ModelError, match=words):
        fit(unbalanced, {**BASE, **change}, **KEYS)


def test_estimators_that_need_keys_say_so(unbalanced):
    with pytest.raises(ModelError, match="need a time key"):
        fit(unbalanced, {**BASE, "estimator": "first-difference"}, unit="unit")
    with pytest.raises(ModelError, match="needs two units or more"):
        fit(unbalanced.assign(unit=1), {**BASE, "estimator": "re"}, **KEYS)
    twice = pd.concat([unbalanced, unbalanced.head(1)], ignore_index=True)
    with pytest.raises(ModelError, match="two rows in one period"):
        fit(twice, {**BASE, "estimator": "first-difference"}, **KEYS)


@pytest.mark.parametrize("estimator", ["pooled", "re", {"re": "nerlove"}, "between", "mundlak",
                                       "first-difference", "fama-macbeth"])
def test_results_are_kept_exactly_and_row_order_plays_no_part(unbalanced, estimator):
    got = fit(unbalanced, {**BASE, "estimator": estimator}, **KEYS)
    assert Fit.from_dict(got.to_dict()) == got
    again = fit(unbalanced.sample(frac=1, random_state=1).reset_index(drop=True),
                {**BASE, "estimator": estimator}, **KEYS)
    assert again == got
    assert got.convention.endswith(".")


def test_clustered_random_effects_by_hand(unbalanced):
    """Transcription of the sandwich on quasi-demeaned data."""
    got = fit(unbalanced, {**BASE, "estimator": "re", "se": {"cluster": "unit"}, "ssc": "none"},
              **KEYS)
    d = dense(unbalanced)
    nu, mu = got.stats["sigma_idiosyncratic"] ** 2, got.stats["sigma_unit"] ** 2
    inverse = np.linalg.inv(nu * np.eye(len(unbalanced)) + mu * d["Z"] @ d["Z"].T)
    X = np.column_stack([d["one"], d["X"]])
    bread = np.linalg.inv(X.T @ inverse @ X)
    u = d["y"] - X @ got.coef.to_numpy()
    # Σ_g X_g'Ω_g⁻¹u_g u_g'Ω_g⁻¹X_g: the sums over a unit of Ω⁻¹X and u are taken together.
    blocks = np.array([X[g].T @ inverse[np.ix_(g, g)] @ u[g]
                       for g in (np.flatnonzero(c) for c in d["Z"].T)]).T
    np.testing.assert_allclose(got.vcov, bread @ blocks @ blocks.T @ bread, rtol=1e-8)
