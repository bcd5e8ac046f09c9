"""Rows of R that need a factor, an option or dummies: covariances, mean groups, event studies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import ModelError
from gvckit.models import tests as gk_tests
from gvckit.models.fit import fit

pytestmark = pytest.mark.data

XV = ["value", "capital"]
GRUNFELD: dict[str, Any] = {"y": "inv", "x": XV}
FIRM: dict[str, Any] = {"unit": "firm", "time": "year"}
TWO_WAY: dict[str, Any] = {**GRUNFELD, "fe": ["firm", "year"]}


@pytest.mark.parametrize(("row", "change"), [
    ("pool_bk_pcse", {"se": "pcse"}),
    ("clubS_CR2", {"fe": ["firm"], "se": {"crv2": "firm"}}),
    ("pmg_mg", {"estimator": "mean-group"}),
    ("pmg_cmg", {"estimator": {"mean-group": "cce"}}),
    ("pcce_p", {"estimator": "cce-pooled"}),
])
def test_grunfeld_is_plm_and_clubsandwich(row, change, grunfeld, references):
    got = fit(grunfeld, {**GRUNFELD, **change}, **FIRM)
    expected = references("grunfeld", row)
    np.testing.assert_allclose(got.coef, expected["estimate"], rtol=1e-9)
    np.testing.assert_allclose(got.se, expected["se"], rtol=1e-9)


@pytest.mark.parametrize(("row", "factor"), [
    ("within_arellano_HC1", 200 / 198),  # n/(n − k), fixed effects not counted
    ("within_arellano_sss", 10 / 9 * 199 / 198),
    ("clubS_CR1S", 10 / 9 * 199 / 188),  # Stata's, all dummies counted
])
def test_factors_of_other_packages_on_the_plain_sandwich(row, factor, grunfeld, references):
    got = fit(grunfeld, {**GRUNFELD, "fe": ["firm"], "se": {"cluster": "firm"}, "ssc": "none"},
              **FIRM)
    np.testing.assert_allclose(got.se * np.sqrt(factor), references("grunfeld", row)["se"],
                               rtol=1e-8)


def test_two_way_clusters_with_one_factor_or_one_a_dimension(grunfeld, references):
    """fixest's cluster.df "min" is the default here and there; "conv" has G/(G − 1) for each."""
    got = fit(grunfeld, {**TWO_WAY, "se": {"cluster": ["firm", "year"]}}, **FIRM)
    np.testing.assert_allclose(got.se, references("grunfeld", "fx_tw_cl2_mindf")["se"], rtol=1e-8)
    grunfeld = grunfeld.assign(pair=range(200))
    plain = {by: fit(grunfeld, {**TWO_WAY, "se": {"cluster": by}, "ssc": "none"}, **FIRM).vcov
             for by in ("firm", "year", "pair")}
    own = plain["firm"] * 10 / 9 + plain["year"] * 20 / 19 - plain["pair"] * 200 / 199
    expected = references("grunfeld", "fx_tw_cl2_convdf")["se"]
    factor = 199 / (200 - got.se_kind["parameters"])
    np.testing.assert_allclose(np.sqrt(np.diag(own) * factor), expected, rtol=1e-8)


def test_breusch_godfrey_is_plms_across_units_and_by_dummies_within(grunfeld, references):
    """plm's pbgtest takes the last row of a firm for the year before the first of the next."""
    model = {**GRUNFELD, "fe": ["firm"]}
    got = gk_tests.breusch_godfrey(grunfeld, model, **FIRM, across_units=True)
    expected = references("grunfeld", "pbg").iloc[0]
    assert got.statistic == pytest.approx(expected["stat"], rel=1e-9)
    assert got.p == pytest.approx(expected["p"], rel=1e-7)
    frame = grunfeld.sort_values(["firm", "year"]).reset_index(drop=True)
    Z = np.column_stack([frame[XV], pd.get_dummies(frame["firm"], dtype=float)])
    e = frame["inv"] - Z @ np.linalg.lstsq(Z, frame["inv"], rcond=None)[0]
    lags = np.column_stack([e.groupby(frame["firm"]).shift(k).fillna(0) for k in (1, 2)])
    within = lags  # Z holds the dummies, so the lags need not be demeaned
    A = np.column_stack([frame[XV] - frame.groupby("firm")[XV].transform("mean"), within])
    fitted = A @ np.linalg.lstsq(A, e, rcond=None)[0]
    own = gk_tests.breusch_godfrey(grunfeld, model, **FIRM, order=2)
    assert own.statistic == pytest.approx(200 * (fitted @ fitted) / (e @ e), rel=1e-9)
    assert own.df == (2,)


def test_the_robust_hausman_row_of_plm_has_one_variance_a_unit(grunfeld, references):
    """Its call is vcovHC(method = "white2", type = "HC3") in the auxiliary regression."""
    got = gk_tests.hausman(grunfeld, GRUNFELD, **FIRM, robust="unit-variance")
    expected = references("grunfeld", "hausman_aux_hc").iloc[0]
    assert got.statistic == pytest.approx(expected["stat"], rel=1e-9)
    assert got.p == pytest.approx(expected["p"], rel=1e-8)
    assert got.df == (2,)
    with pytest.raises(ValueError, match="robust must be"):
        gk_tests.hausman(grunfeld, GRUNFELD, **FIRM, robust="white")


def test_fixests_statistics_of_instruments(estimation, references):
    """fixest counts degrees of freedom without the fixed effects in two of them: 3,010 less 9 and
    less 4 parameters where all 17 count here; its Wald test is clustered by the fixed effect.
    """
    data = estimation("card_iv")[0]
    data = data.assign(region=sum(i * data[f"reg66{i}"] for i in range(1, 10)))
    model = {"y": "lwage", "x": ["educ"], "fe": ["region"],
             "controls": ["exper", "expersq", "black", "smsa", "south", "smsa66"],
             "instruments": {"educ": ["nearc4", "nearc2"]}}
    expected = references("card_iv", "fx_iv_fitstat")["stat"]
    stats = fit(data, model, unit="id").stats
    assert stats["first_f:educ"] * 3001 / 2993 == pytest.approx(expected["ivf1"], rel=1e-8)
    assert stats["cd_f"] * 3006 / 2993 == pytest.approx(expected["cd"], rel=1e-8)
    assert stats["endogeneity_f"] == pytest.approx(expected["wh"], rel=1e-8)
    assert stats["sargan"] == pytest.approx(expected["sargan"], rel=1e-8)
    clustered = fit(data, {**model, "se": {"cluster": "region"}}, unit="id").stats
    assert clustered["first_f:educ"] == pytest.approx(expected["ivwald1"], rel=1e-8)
    assert clustered["kp_f"] == pytest.approx(expected["ivwald1"], rel=1e-8)


def test_two_way_effects_and_an_event_study_of_cohorts(estimation):
    """mpdta: treatment with two-way effects; Sun and Abraham's study is least squares on dummies
    of cohort times period, averaged with the cohorts' shares of rows.
    """
    data, table = estimation("mpdta_did")
    keys: dict[str, Any] = {"unit": "countyreal", "time": "year"}
    base: dict[str, Any] = {"y": "lemp", "fe": ["countyreal", "year"],
                            "se": {"cluster": "countyreal"}}
    data = data.assign(tp=((data["first.treat"] > 0)
                           & (data["year"] >= data["first.treat"])).astype(float))
    got = fit(data, {**base, "x": ["tp"]}, **keys)
    expected = table[table["id"] == "twfe"].iloc[0]
    for mine, theirs in (("coef", "estimate"), ("se", "se"), ("t", "stat"), ("p", "p")):
        assert getattr(got, mine)["tp"] == pytest.approx(expected[theirs], rel=1e-8)
    assert got.stats["r2_within"] == pytest.approx(0.00416920516061, rel=1e-9)
    treated = data[data["first.treat"] > 0]
    cells = sorted({(int(g), int(y - g)) for g, y in zip(treated["first.treat"], treated["year"],
                                                        strict=True) if y - g != -1})
    for g, e in cells:
        data[f"c{g}e{e + 9}"] = ((data["first.treat"] == g)
                                 & (data["year"] - g == e)).astype(float)
    study = fit(data, {**base, "x": [f"c{g}e{e + 9}" for g, e in cells]}, **keys)
    size = np.array([float(data[term].sum()) for term in study.terms])

    def mean(chosen: list[bool]) -> tuple[float, float]:
        w = np.where(chosen, size, 0.0) / size[chosen].sum()
        return float(w @ study.coef), float(np.sqrt(w @ study.vcov.to_numpy() @ w))

    groups = {f"year::{e}": [c[1] == e for c in cells] for e in (-4, -3, -2, 0, 1, 2, 3)}
    groups |= {f"cohort::{g}": [c[0] == g and c[1] >= 0 for c in cells]
               for g in (2004, 2006, 2007)}
    groups |= {"ATT": [c[1] >= 0 for c in cells]}
    rows = table[table["id"].str.startswith("sunab")].set_index("term")
    assert set(rows.index) == set(groups)
    for name, chosen in groups.items():
        b, se = mean(chosen)
        assert b == pytest.approx(rows.loc[name, "estimate"], rel=1e-8)
        assert se == pytest.approx(rows.loc[name, "se"], rel=1e-6)


def test_the_least_squares_behind_oster_and_behind_quantiles(estimation):
    data, table = estimation("oster_mtcars")
    rows = table[table["id"] == "o_beta_d1_0.9"].set_index("term")["estimate"]
    data = data.assign(i=range(len(data)))
    for label, controls in (("Uncontrolled", []), ("Controlled", ["hp", "qsec"])):
        got = fit(data, {"y": "mpg", "x": ["wt"], "controls": controls}, unit="i")
        assert got.coef["wt"] == pytest.approx(rows[f"{label} Coefficient"], rel=1e-9)
        assert got.stats["r2"] == pytest.approx(rows[f"{label} R-square"], rel=1e-9)
    data, table = estimation("mmqr_wagepan")
    model = {"y": "lwage", "x": ["union", "married"], "fe": ["nr", "year"]}
    got = fit(data, model, unit="nr", time="year")
    for term in ("union", "married"):
        extra = table[(table["id"] == "mmqr_0.5") & (table["term"] == term)]["extra"].iloc[0]
        printed = extra.partition("loc=")[2].partition(";")[0]
        assert f"{got.coef[term]:.8f}" == printed


@pytest.mark.parametrize(("change", "words"), [
    ({"estimator": "mean-group", "se": "hc1"}, "has no se 'hc1'"),
    ({"estimator": "cce-pooled", "fe": ["firm"]}, "takes no fixed effects"),
    ({"estimator": {"mean-group": "cce"}, "sample": 5}, "needs more than 6 rows: 10 of 10"),
    ({"estimator": "mean-group", "x": ["value", "firm"]}, "does not vary, or is collinear"),
    ({"estimator": "ppml", "se": {"crv2": "firm"}}, "'crv2' needs least squares without weights"),
    ({"se": {"crv2": "firm"}, "weights": "value"}, "'crv2' needs least squares without weights"),
    ({"estimator": "ppml", "se": "pcse"}, "'pcse' needs least squares"),
])
def test_what_they_cannot_do(change, words, grunfeld):
    change = dict(change)
    rows = grunfeld["year"] < 1935 + change.pop("sample", 99)
    with pytest.raises(ModelError, match=words):
        fit(grunfeld, {**GRUNFELD, **change}, **FIRM, sample=rows)
