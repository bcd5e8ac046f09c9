"""Tests on panel models against plm, statsmodels and transcriptions of their equations."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import norm
from statsmodels.stats.outliers_influence import variance_inflation_factor
from statsmodels.tsa.adfvalues import mackinnoncrit, mackinnonp
from statsmodels.tsa.stattools import adfuller

from gvckit.errors import ModelError
from gvckit.models import tests as gk_tests
from gvckit.models.fit import fit
from gvckit.models.tests_unit_roots import dickey_fuller

XV = ["value", "capital"]
FIRM: dict[str, Any] = {"unit": "firm", "time": "year"}
KEYS: dict[str, Any] = {"unit": "unit", "time": "year"}
GRUNFELD: dict[str, Any] = {"y": "inv", "x": XV}
BASE: dict[str, Any] = {"y": "y", "x": ["x", "z"]}

PLM: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "hausman": ("hausman", {}, {}),
    "pFtest": ("f_effects", {"fe": ["firm"]}, {}),
    "bp_lm": ("breusch_pagan", {}, {}),
    "honda": ("honda", {}, {}),
    "pwar": ("wooldridge_ar", {}, {"on": "within"}),
    "pwfd": ("wooldridge_ar", {}, {"null": "differences"}),
    "pcd": ("pesaran_cd", {"fe": ["firm"]}, {"residuals": "model"}),
    "pcd_lm": ("breusch_pagan_dependence", {"fe": ["firm"]}, {"residuals": "model"}),
    "pcd_sclm": ("breusch_pagan_dependence", {"fe": ["firm"]},
                 {"residuals": "model", "scaled": True}),
}


@pytest.mark.data
@pytest.mark.parametrize("row", list(PLM))
def test_grunfeld_is_plm(row, grunfeld, references):
    function, change, options = PLM[row]
    got = getattr(gk_tests, function)(grunfeld, {**GRUNFELD, **change}, **FIRM, **options)
    expected = references("grunfeld", row).iloc[0]
    assert got.statistic == pytest.approx(expected["stat"], rel=1e-8)
    assert got.p == pytest.approx(expected["p"], rel=1e-6)
    if str(expected["extra"]) not in ("df=", "nan"):
        assert ",".join(f"{d:g}" for d in got.df) == str(expected["extra"]).removeprefix("df=")


@pytest.mark.data
def test_wagepan_hausman_is_plm(estimation, references):
    data, _ = estimation("wagepan")
    got = gk_tests.hausman(data, {"y": "lwage", "x": ["exper", "expersq", "married", "union"]},
                           unit="nr", time="year")
    expected = references("wagepan", "hausman").iloc[0]
    assert got.statistic == pytest.approx(expected["stat"], rel=1e-8)
    assert got.df == (4,)


@pytest.mark.data
def test_the_mundlak_wald_test_is_the_regression_form_of_hausman(grunfeld, references):
    stats = fit(grunfeld, {**GRUNFELD, "estimator": "mundlak"}, **FIRM).stats
    expected = references("grunfeld", "hausman_aux").iloc[0]
    assert stats["mundlak_chi2"] == pytest.approx(expected["stat"], rel=1e-8)
    assert stats["mundlak_p"] == pytest.approx(expected["p"], rel=1e-8)


def test_robust_hausman_is_the_auxiliary_regression(unbalanced):
    """Transcription of Wooldridge (2010), p. 332: quasi-demeaned y on quasi-demeaned and demeaned
    regressors, with the covariance clustered by unit.
    """
    got = gk_tests.hausman(unbalanced, BASE, **KEYS, robust=True)
    stats = fit(unbalanced, {**BASE, "estimator": "mundlak"}, **KEYS).stats
    nu, mu = stats["sigma_idiosyncratic"] ** 2, stats["sigma_unit"] ** 2
    groups = unbalanced.groupby("unit")[["y", "x", "z"]]
    mean, T = groups.transform("mean"), groups.transform("count")["y"]
    theta = 1 - np.sqrt(nu / (T * mu + nu))
    quasi = unbalanced[["y", "x", "z"]] - mean.mul(theta, axis=0)
    within = unbalanced[["x", "z"]] - mean[["x", "z"]]
    X = np.column_stack([1 - theta, quasi[["x", "z"]], within])
    result = sm.OLS(quasi["y"].to_numpy(), X).fit(
        cov_type="cluster", cov_kwds={"groups": unbalanced["unit"], "use_correction": False})
    b, V = result.params[3:], result.cov_params()[3:, 3:]
    assert got.statistic == pytest.approx(b @ np.linalg.solve(V, b), rel=1e-7)
    assert got.df == (2,)


def test_f_for_two_way_effects_is_the_anova_of_statsmodels(unbalanced):
    got = gk_tests.f_effects(unbalanced, {**BASE, "fe": ["unit", "year"]}, **KEYS)
    short = sm.OLS(unbalanced["y"], sm.add_constant(unbalanced[["x", "z"]])).fit()
    long = sm.OLS(unbalanced["y"], pd.concat([
        unbalanced[["x", "z"]], pd.get_dummies(unbalanced["unit"], dtype=float),
        pd.get_dummies(unbalanced["year"], dtype=float).iloc[:, 1:]], axis=1)).fit()
    statistic, p, df = long.compare_f_test(short)
    assert got.statistic == pytest.approx(statistic, rel=1e-9)
    assert got.p == pytest.approx(p, rel=1e-7)
    assert got.df == (df, long.df_resid)


def test_unbalanced_breusch_pagan_by_its_equation(unbalanced):
    """Transcription of Baltagi and Li (1990) with loops over units."""
    e = sm.OLS(unbalanced["y"], sm.add_constant(unbalanced[["x", "z"]])).fit().resid
    above = sum(e[unbalanced["unit"] == u].sum() ** 2 for u in range(15))
    M = sum((unbalanced["unit"] == u).sum() ** 2 for u in range(15))
    n = len(unbalanced)
    expected = n**2 / 2 * (above / (e @ e) - 1) ** 2 / (M - n)
    got = gk_tests.breusch_pagan(unbalanced, BASE, **KEYS)
    assert got.statistic == pytest.approx(expected, rel=1e-9)


def test_wooldridge_null_in_levels_moves_the_slope(grunfeld_like):
    """White noise in levels: differenced errors have slope −0.5; planted, 300 units."""
    levels = gk_tests.wooldridge_ar(grunfeld_like, BASE, **KEYS)
    differences = gk_tests.wooldridge_ar(grunfeld_like, BASE, **KEYS, null="differences")
    assert levels.p > 0.001
    assert differences.p < 1e-10
    assert gk_tests.wooldridge_ar(grunfeld_like, BASE, **KEYS, on="within").p > 0.001


@pytest.fixture
def grunfeld_like() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"unit": np.repeat(range(300), 6), "year": np.tile(range(6), 300)})
    frame[["x", "z"]] = rng.normal(size=(1800, 2))
    frame["y"] = frame["x"] + rng.normal(size=300)[frame["unit"]] + rng.normal(size=1800)
    return frame


def test_cross_sectional_dependence_by_loops_over_pairs(unbalanced):
    """Transcription of Pesaran (2004), equation 31, for an unbalanced panel."""
    got = gk_tests.pesaran_cd(unbalanced, BASE, **KEYS)
    residuals = {}
    for u, part in unbalanced.groupby("unit"):
        fitted = sm.OLS(part["y"], sm.add_constant(part[["x", "z"]])).fit()
        residuals[u] = pd.Series(fitted.resid.to_numpy(), index=part["year"])
    total, count = 0.0, 0
    for a in range(15):
        for b in range(a + 1, 15):
            both = pd.concat([residuals[a], residuals[b]], axis=1).dropna()
            if len(both) >= 3:
                total += np.sqrt(len(both)) * both.corr().iloc[0, 1]
                count += 1
    assert got.statistic == pytest.approx(total / np.sqrt(count), rel=1e-9)


def test_modified_wald_by_loops_over_units(unbalanced):
    """Transcription of Greene (2000), p. 598, as in Stata's xttest3."""
    e = fit_residuals(unbalanced)
    pooled, total = np.mean(e**2), 0.0
    for u in range(15):
        squared = e[(unbalanced["unit"] == u).to_numpy()] ** 2
        own, T = squared.mean(), len(squared)
        total += (own - pooled) ** 2 / (np.sum((squared - own) ** 2) / T / (T - 1))
    got = gk_tests.modified_wald(unbalanced, BASE, **KEYS)
    assert got.statistic == pytest.approx(total, rel=1e-9)
    assert got.df == (15,)


def fit_residuals(frame: pd.DataFrame) -> np.ndarray:
    X = np.column_stack([frame[["x", "z"]], pd.get_dummies(frame["unit"]).to_numpy(float)])
    return sm.OLS(frame["y"].to_numpy(), X).fit().resid


def test_variance_inflation_is_statsmodels(unbalanced):
    frame = unbalanced.assign(v=unbalanced["x"] + 0.3 * unbalanced["z"] + unbalanced["w"])
    got = gk_tests.variance_inflation(frame, {"y": "y", "x": ["x", "z", "v"]}, **KEYS)
    X = sm.add_constant(frame[["x", "z", "v"]]).to_numpy()
    expected = [variance_inflation_factor(X, i) for i in (1, 2, 3)]
    np.testing.assert_allclose(got, expected, rtol=1e-8)
    within = gk_tests.variance_inflation(frame, {"y": "y", "x": ["x", "z", "v"], "fe": ["unit"]},
                                         **KEYS)
    X = np.column_stack([frame[["x", "z", "v"]], pd.get_dummies(frame["unit"]).to_numpy(float)])
    for i, term in enumerate(("x", "z", "v")):
        others = np.delete(X, i, axis=1)
        left = X[:, i] - others @ np.linalg.lstsq(others, X[:, i], rcond=None)[0]
        own = frame[term] - frame.groupby("unit")[term].transform("mean")
        assert within[term] == pytest.approx((own @ own) / (left @ left), rel=1e-8)


UNIT_ROOTS = {"purtest_levinlin": "llc", "purtest_ips": "ips", "purtest_hadri": "hadri"}


@pytest.mark.data
@pytest.mark.parametrize("row", list(UNIT_ROOTS))
def test_unit_roots_are_plm(row, grunfeld, references):
    got = gk_tests.unit_root(grunfeld, "inv", **FIRM, test=UNIT_ROOTS[row])
    expected = references("grunfeld", row).iloc[0]
    assert got.statistic == pytest.approx(expected["stat"], rel=1e-9)
    assert got.p == pytest.approx(expected["p"], rel=1e-8)


@pytest.mark.data
def test_cips_is_plm(grunfeld, references):
    """plm takes the p value from a grid of 200 points between the tabulated ones: 0.001 apart."""
    got = gk_tests.unit_root(grunfeld, "inv", **FIRM, test="cips")
    expected = references("grunfeld", "cips").iloc[0]
    assert got.statistic == pytest.approx(expected["stat"], rel=1e-9)
    assert got.p == pytest.approx(expected["p"], abs=1e-3)


KINDS = {"none": "n", "intercept": "c", "trend": "ct"}


@pytest.mark.parametrize("exogenous", list(KINDS))
def test_the_dickey_fuller_distribution_has_mackinnons_critical_values(exogenous):
    """His asymptotic 1, 5 and 10 % values (2010), printed to five decimals; their own standard
    errors are some 1e-5 of a probability.  His formula for p values (1994) is good to 5e-3 in the
    middle.
    """
    critical = mackinnoncrit(N=1, regression=KINDS[exogenous], nobs=np.inf)
    for value, level in zip(critical, (0.01, 0.05, 0.10), strict=True):
        assert dickey_fuller(value, exogenous) == pytest.approx(level, abs=5e-5)
    for value in np.arange(-5.0, 1.5, 0.25):
        assert dickey_fuller(value, exogenous) == pytest.approx(
            mackinnonp(value, regression=KINDS[exogenous], N=1), abs=5e-3)


@pytest.mark.parametrize("exogenous", list(KINDS))
def test_the_dickey_fuller_distribution_is_that_of_random_walks(exogenous):
    """20,000 walks of 400 steps; Kolmogorov's bound at 1 in 10,000, and 0.003 for their length."""
    rng = np.random.default_rng(6)
    walk = np.cumsum(rng.normal(size=(20_000, 401)), axis=1)
    X = np.column_stack([np.ones(400), np.arange(400.0)])[:, :{"none": 0, "intercept": 1,
                                                              "trend": 2}[exogenous]]
    level, change = walk[:, :-1], np.diff(walk, axis=1)
    if X.shape[1]:
        Q = np.linalg.qr(X)[0]
        level, change = level - (level @ Q) @ Q.T, change - (change @ Q) @ Q.T
    rho = (level * change).sum(axis=1) / (level**2).sum(axis=1)
    residual = change - rho[:, None] * level
    t = np.sort(rho * np.sqrt((level**2).sum(axis=1) / (residual**2).mean(axis=1)))
    p = np.array([dickey_fuller(v, exogenous) for v in t[::20]])
    gap = np.abs(p - np.arange(0, 20_000, 20) / 20_000).max()
    assert gap < np.sqrt(np.log(2 / 1e-4) / 2 / 20_000) + 0.003


@pytest.mark.parametrize("exogenous", ["none", "intercept"])
def test_the_table_is_what_its_quadrature_gives(repository, exogenous):
    spec = importlib.util.spec_from_file_location(
        "dickey_fuller_quadrature", repository / "benchmarks" / "dickey_fuller.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    coarse = {"none": module.Grid(0.2, 8_192, 0.02, 8.0),
              "intercept": module.Grid(0.5, 4_096, 0.15, 7.0)}[exogenous]
    x = np.array([-3.5, -2.55, -1.0, 0.75])
    table = [dickey_fuller(v, exogenous) for v in x]
    np.testing.assert_allclose(module.distribution(exogenous, x, coarse), table, atol=5e-6)


@pytest.mark.data
@pytest.mark.parametrize("exogenous", list(KINDS))
def test_fisher_type_tests_combine_the_p_values_of_statsmodels_regressions(grunfeld, exogenous):
    results = [adfuller(part["inv"].to_numpy(), maxlag=1, regression=KINDS[exogenous],
                        autolag=None, result_object=False) for _, part in grunfeld.groupby("firm")]
    # statsmodels divides by degrees of freedom, the panel tests by the number of rows.
    columns = {"none": 2, "intercept": 3, "trend": 4}[exogenous]
    p = np.array([dickey_fuller(r[0] * np.sqrt(18 / (18 - columns)), exogenous) for r in results])
    got = {test: gk_tests.unit_root(grunfeld, "inv", **FIRM, test=test, exogenous=exogenous)
           for test in ("fisher", "inverse-normal", "logit")}
    assert got["fisher"].statistic == pytest.approx(-2 * np.log(p).sum(), rel=1e-8)
    assert got["fisher"].df == (20,)
    assert got["inverse-normal"].statistic == pytest.approx(
        norm.ppf(p).sum() / np.sqrt(10), rel=1e-8)
    k = 3 * 54 / (np.pi**2 * 10 * 52)
    assert got["logit"].statistic == pytest.approx(
        np.sqrt(k) * np.log(p / (1 - p)).sum(), rel=1e-8)


@pytest.mark.data
@pytest.mark.parametrize(("row", "test", "tolerance"), [
    ("purtest_madwu", "fisher", 2e-4), ("purtest_invnormal", "inverse-normal", 1e-4),
    ("purtest_logit", "logit", 5e-4)])
def test_fisher_type_tests_are_near_plm(row, test, tolerance, grunfeld, references):
    """plm takes p values from MacKinnon's tables (1996), simulated to three or four digits."""
    got = gk_tests.unit_root(grunfeld, "inv", **FIRM, test=test)
    expected = references("grunfeld", row).iloc[0]
    assert got.statistic == pytest.approx(expected["stat"], rel=tolerance)
    assert got.p == pytest.approx(expected["p"], rel=1e-3)


def walks(stationary: bool, seed: int, units: int = 20, periods: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    shocks = rng.normal(size=(units, periods))
    y = np.zeros_like(shocks)
    for s in range(1, periods):
        y[:, s] = (0.3 if stationary else 1.0) * y[:, s - 1] + shocks[:, s]
    return pd.DataFrame({"unit": np.repeat(range(units), periods),
                         "year": np.tile(range(periods), units), "y": y.ravel()})


@pytest.mark.parametrize("test", ["llc", "ips", "fisher", "inverse-normal", "logit", "cips"])
@pytest.mark.parametrize("exogenous", ["intercept", "trend"])
def test_planted_roots_are_told_apart(test, exogenous):
    options: dict[str, Any] = {**KEYS, "test": test, "exogenous": exogenous}
    assert gk_tests.unit_root(walks(True, 1), "y", **options).p <= 0.01
    assert gk_tests.unit_root(walks(False, 2), "y", **options).p > 0.01


def test_hadri_has_the_other_null():
    assert gk_tests.unit_root(walks(False, 3), "y", **KEYS, test="hadri").p < 1e-6


def test_sizes_under_the_null_are_near_five_percent():
    """200 panels of random walks, N = 10, T = 50; binomial bounds at 1 in 10,000 around 5 %.

    Levin, Lin and Chu's test is known to reject too often at this size (here 16 %): shown.
    """
    from scipy.stats import binom

    rejected = dict.fromkeys(("llc", "ips", "fisher"), 0)
    for seed in range(200):
        frame = walks(False, 100 + seed, units=10, periods=50)
        for test in rejected:
            rejected[test] += gk_tests.unit_root(frame, "y", **KEYS, test=test, lags=0).p < 0.05
    high = binom.ppf(1 - 1e-4, 200, 0.05)
    assert 0 < rejected["ips"] <= high
    assert 0 < rejected["fisher"] <= high
    assert high < rejected["llc"] < 50


@pytest.mark.parametrize(("change", "options", "words"), [
    (lambda f: f[f["year"] != 5], {}, "has gaps or repeated periods in unit 0"),
    (lambda f: f[(f["unit"] > 0) | (f["year"] > 5)], {"test": "llc"}, "needs a balanced panel"),
    (lambda f: f[f["unit"] == 0], {}, "two units or more"),
    (lambda f: f[f["year"] < 4], {"lags": 2}, "is too short for 2 lags"),
    (lambda f: f.assign(y=1.0), {}, "does not vary"),
])
def test_what_unit_root_tests_cannot_use(change, options, words):
    frame = change(walks(True, 4)).reset_index(drop=True)
    with pytest.raises(ModelError, match=words):
        gk_tests.unit_root(frame, "y", **KEYS, **options)


def test_tests_say_what_they_are(unbalanced):
    text = str(gk_tests.breusch_pagan(unbalanced, BASE, **KEYS))
    assert text.startswith("Breusch-Pagan LM test: chi2(1) = ")
    assert "null: unit effects have variance zero" in text
    with pytest.raises(ModelError, match="no fixed effects to test"):
        gk_tests.f_effects(unbalanced, BASE, **KEYS)
    with pytest.raises(ValueError, match="test must be one of"):
        gk_tests.unit_root(unbalanced, "y", **KEYS, test="adf")
