"""Fits against linearmodels, statsmodels and pyfixest on an unbalanced panel."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gvckit.models.fit import fit

KEYS = {"unit": ["country", "sector"], "time": "year"}
BASE = {"y": "y", "x": ["x"], "controls": ["z"]}


def dummies(panel: pd.DataFrame, *columns: str) -> np.ndarray:
    blocks = [np.ones((len(panel), 1))]
    blocks += [pd.get_dummies(panel[c], drop_first=True).to_numpy(float) for c in columns]
    return np.column_stack(blocks)


@pytest.mark.parametrize("weights", [None, "w"])
def test_two_way_effects_are_panelols(panel, weights):
    from linearmodels.panel import PanelOLS

    unit = panel["country"] + panel["sector"]
    indexed = panel.assign(unit=unit).set_index(["unit", "year"])
    theirs = PanelOLS(indexed["y"], indexed[["x", "z"]], entity_effects=True, time_effects=True,
                      weights=None if weights is None else indexed["w"], singletons=False)
    model = {**BASE, "fe": ["country*sector", "year"], "weights": weights}
    got = fit(panel, {**model, "ssc": "reghdfe"}, **KEYS)
    expected = theirs.fit(cov_type="unadjusted")
    np.testing.assert_allclose(got.coef, expected.params, rtol=1e-9)
    np.testing.assert_allclose(got.se, expected.std_errors, rtol=1e-9)
    assert got.stats["r2_within"] == pytest.approx(expected.rsquared, rel=1e-9)
    clustered = theirs.fit(cov_type="clustered", cluster_entity=True, debiased=False,
                           group_debias=False, auto_df=False, count_effects=False)
    none = fit(panel, {**model, "ssc": "none", "se": {"cluster": "country*sector"}}, **KEYS)
    # debiased = False still multiplies by n/(n − 0); the sandwich itself is the same.
    np.testing.assert_allclose(none.se, clustered.std_errors, rtol=1e-9)


@pytest.mark.parametrize("weights", [None, "w"])
def test_robust_and_clustered_are_statsmodels_with_dummies(panel, weights):
    import statsmodels.api as sm

    X = np.column_stack([panel[["x", "z"]], dummies(panel, "country", "year")])
    theirs = (sm.OLS(panel["y"].to_numpy(), X) if weights is None
              else sm.WLS(panel["y"].to_numpy(), X, weights=panel["w"].to_numpy()))
    model = {**BASE, "fe": ["country", "year"], "weights": weights}
    hc1 = theirs.fit(cov_type="HC1", use_t=True)
    got = fit(panel, {**model, "se": "hc1"}, **KEYS)
    np.testing.assert_allclose(got.coef, hc1.params[:2], rtol=1e-9)
    np.testing.assert_allclose(got.se, hc1.bse[:2], rtol=1e-9)
    np.testing.assert_allclose(got.p, hc1.pvalues[:2], rtol=1e-6)
    np.testing.assert_allclose(got.ci(), hc1.conf_int()[:2], rtol=1e-8)
    assert got.stats["r2"] == pytest.approx(hc1.rsquared, rel=1e-10)
    assert got.stats["r2_adj"] == pytest.approx(hc1.rsquared_adj, rel=1e-10)
    assert got.stats["log_lik"] == pytest.approx(hc1.llf, rel=1e-10)
    codes = pd.factorize(panel["sector"])[0]
    clustered = theirs.fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    got = fit(panel, {**model, "se": {"cluster": "sector"}}, **KEYS)
    # Not nested: every dummy counts in K, as statsmodels counts its columns.
    np.testing.assert_allclose(got.se, clustered.bse[:2], rtol=1e-9)
    np.testing.assert_allclose(got.p, clustered.pvalues[:2], rtol=1e-6)


@pytest.mark.parametrize("weights", [None, "w"])
def test_pooled_is_statsmodels(panel, weights):
    import statsmodels.api as sm

    X = sm.add_constant(panel[["x", "z"]])
    theirs = sm.OLS(panel["y"], X) if weights is None else sm.WLS(panel["y"], X, panel["w"])
    for se, kind in (("iid", "nonrobust"), ("hc1", "HC1")):
        expected = theirs.fit(cov_type=kind, use_t=True)
        got = fit(panel, {**BASE, "se": se, "weights": weights}, **KEYS)
        assert got.terms == ("(Intercept)", "x", "z")
        np.testing.assert_allclose(got.coef, expected.params, rtol=1e-10)
        np.testing.assert_allclose(got.vcov, expected.cov_params(), rtol=1e-9)


@pytest.mark.filterwarnings("ignore")  # pyfixest's own
@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("by", [["country"], ["year"], ["country", "year"], ["sector", "year"]])
def test_sandwich_is_pyfixest_without_its_small_sample_factor(panel, weights, by):
    import pyfixest as pf

    panel = panel.assign(pair=panel["country"] + panel["sector"])
    theirs = pf.feols(
        "y ~ x + z | pair + year", panel, vcov={"CRV1": "+".join(by)}, weights=weights,
        ssc=pf.ssc(k_adj=False, G_adj=False), fixef_rm="singleton",
        demeaner=pf.demeaners.MapDemeaner(fixef_tol=1e-12))
    got = fit(panel, {**BASE, "fe": ["country*sector", "year"], "weights": weights, "ssc": "none",
                      "se": {"cluster": by}}, **KEYS)
    np.testing.assert_allclose(got.coef, theirs.coef(), rtol=1e-9)
    expected = theirs._vcov
    if got.se_kind["repaired"]:  # pyfixest leaves negative variances as they are
        values, vectors = np.linalg.eigh(expected)
        assert values[0] < 0
        expected = (vectors * np.maximum(values, 0)) @ vectors.T
    np.testing.assert_allclose(got.vcov, expected, rtol=1e-8, atol=1e-15)
    assert got.stats["r2_within"] == pytest.approx(theirs._r2_within, rel=1e-8)


def test_lag_is_taken_before_the_sample(panel):
    """A lag reaches outside the sample, and a missing year gives a missing lag."""
    inside = panel["year"] >= 2003
    got = fit(panel, {**BASE, "x": ["lag(x)"], "fe": ["country*sector"]}, **KEYS, sample=inside)
    by_key = panel.set_index(["country", "sector", "year"])["x"]
    keys = pd.MultiIndex.from_arrays([panel["country"], panel["sector"], panel["year"] - 1])
    lagged = panel.assign(l=by_key.reindex(keys).to_numpy())
    expected = fit(lagged[inside], {**BASE, "x": ["l"], "fe": ["country*sector"]}, **KEYS)
    np.testing.assert_array_equal(got.coef, expected.coef)
    assert got.sample_hash == expected.sample_hash
    assert got.rows["missing lag(x)"] == expected.rows["missing l"] > 0
    assert got.rows["panel"] == len(panel)
