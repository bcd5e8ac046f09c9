"""Kinds of standard errors against R, statsmodels and brute-force transcriptions."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from gvckit.errors import ModelError, SpecError
from gvckit.models.fit import fit
from gvckit.models.vcov_conley import great_circle

XV = ["value", "capital"]
KEYS: dict[str, Any] = {"unit": "unit", "time": "year"}
BASE: dict[str, Any] = {"y": "y", "x": ["x", "z"]}

R_ROWS: dict[str, dict[str, Any]] = {
    **{f"within_SCC_L{lag}": {"se": {"driscoll-kraay": lag}, "ssc": "plm"} for lag in range(5)},
    "twoway_SCC_L2": {"fe": ["firm", "year"], "se": {"driscoll-kraay": 2}, "ssc": "plm"},
    "within_NW_L2": {"se": {"newey-west": 2}, "ssc": "plm"},
    **{f"fx_firm_DK{lag}": {"se": {"driscoll-kraay": lag}} for lag in (1, 2, 3)},
    **{f"fx_firm_NW{lag}": {"se": {"newey-west": lag}} for lag in (1, 2, 3)},
}


@pytest.mark.data
@pytest.mark.parametrize("row", list(R_ROWS))
def test_kernels_are_those_of_plm_and_fixest(row, grunfeld, references):
    got = fit(grunfeld, {"y": "inv", "x": XV, "fe": ["firm"], **R_ROWS[row]},
              unit="firm", time="year")
    expected = references("grunfeld", row)
    for mine, theirs in (("coef", "estimate"), ("se", "se"), ("t", "stat"), ("p", "p")):
        np.testing.assert_allclose(getattr(got, mine), expected[theirs], rtol=1e-8, err_msg=mine)
    assert "Bartlett kernel with lag" in got.convention


@pytest.mark.data
def test_cr1_of_clubsandwich_is_the_factor_of_the_clusters_alone(grunfeld, references):
    """clubSandwich CR0 is ssc none; CR1 multiplies by G/(G−1)."""
    got = fit(grunfeld, {"y": "inv", "x": XV, "fe": ["firm"], "se": {"cluster": "firm"},
                         "ssc": "none"}, unit="firm", time="year")
    np.testing.assert_allclose(got.se, references("grunfeld", "clubS_CR0")["se"], rtol=1e-8)
    np.testing.assert_allclose(got.se * np.sqrt(10 / 9),
                               references("grunfeld", "clubS_CR1")["se"], rtol=1e-8)


def dummies(frame: pd.DataFrame, *effects: str) -> np.ndarray:
    parts = [pd.get_dummies(frame[e]).to_numpy(float)[:, int(i > 0):]
             for i, e in enumerate(effects)]
    return np.column_stack([frame[["x", "z"]].to_numpy(), *parts])


@pytest.mark.parametrize("kind", ["hc0", "hc1", "hc2", "hc3"])
@pytest.mark.parametrize("effects", [["unit"], ["unit", "year"], ["unit", "year", "h"]])
def test_hc_with_fixed_effects_is_statsmodels_with_dummies(unbalanced, kind, effects):
    got = fit(unbalanced, {**BASE, "fe": effects, "se": kind, "ssc": "reghdfe"}, **KEYS)
    expected = sm.OLS(unbalanced["y"].to_numpy(), dummies(unbalanced, *effects)).fit(
        cov_type=kind.upper())
    np.testing.assert_allclose(got.coef, expected.params[:2], rtol=1e-9)
    np.testing.assert_allclose(got.se, expected.bse[:2], rtol=1e-9)


@pytest.mark.parametrize("kind", ["hc2", "hc3"])
def test_hc_with_an_intercept_and_weights_is_statsmodels(unbalanced, kind):
    got = fit(unbalanced, {**BASE, "se": kind, "weights": "w"}, **KEYS)
    X = sm.add_constant(unbalanced[["x", "z"]])
    expected = sm.WLS(unbalanced["y"], X, weights=unbalanced["w"]).fit(cov_type=kind.upper())
    np.testing.assert_allclose(got.se, expected.bse, rtol=1e-9)


def brute(frame: pd.DataFrame, effects: list[str], rows: np.ndarray) -> np.ndarray:
    part = frame[rows]
    X = dummies(part, *effects) if effects else sm.add_constant(part[["x", "z"]]).to_numpy()
    return np.linalg.lstsq(X, part["y"].to_numpy(), rcond=None)[0][:2 if effects else 3]


@pytest.mark.parametrize("effects", [[], ["unit"], ["unit", "year"]])
def test_crv3_is_the_jackknife_by_leaving_out_each_cluster(unbalanced, effects):
    """Transcription of MacKinnon, Nielsen and Webb (2023), equation 14, with dummies."""
    got = fit(unbalanced, {**BASE, "fe": effects, "se": {"crv3": "g"}}, **KEYS)
    whole = brute(unbalanced, effects, np.ones(len(unbalanced), dtype=bool))
    moved = [brute(unbalanced, effects, (unbalanced["g"] != g).to_numpy()) - whole
             for g in range(5)]
    expected = 4 / 5 * sum(np.outer(m, m) for m in moved)
    np.testing.assert_allclose(got.vcov, expected, rtol=1e-7)
    assert got.stats["dof"] == 4
    assert got.se_kind["factor"] == 1.0


def meat(frame: pd.DataFrame, weight) -> np.ndarray:
    """Return ``(X'X)⁻¹ Σ_ij K_ij u_i u_j x_i x_j' (X'X)⁻¹`` by the double sum."""
    X = dummies(frame, "unit")
    inverse = np.linalg.inv(X.T @ X)
    u = frame["y"].to_numpy() - X @ (inverse @ X.T @ frame["y"].to_numpy())
    middle = (X * u[:, None]).T @ weight(frame) @ (X * u[:, None])
    return (inverse @ middle @ inverse)[:2, :2]


def same(frame: pd.DataFrame, *columns: str) -> np.ndarray:
    parts = [frame[c].to_numpy()[:, None] == frame[c].to_numpy()[None, :] for c in columns]
    return np.logical_and.reduce(parts).astype(float)


def test_three_way_clusters_are_inclusion_and_exclusion(unbalanced):
    """Transcription of Cameron, Gelbach and Miller (2011), equation 2.10."""
    ways = ["unit", "year", "h"]
    got = fit(unbalanced, {**BASE, "fe": ["unit"], "se": {"cluster": ways}, "ssc": "none"}, **KEYS)
    expected = meat(unbalanced, lambda f: sum(
        (-1) ** (size + 1) * same(f, *subset)
        for size in (1, 2, 3) for subset in combinations(ways, size)))
    if got.se_kind["repaired"]:
        values, vectors = np.linalg.eigh(expected)
        expected = (vectors * np.maximum(values, 0)) @ vectors.T
    np.testing.assert_allclose(got.vcov, expected, rtol=1e-7)
    assert "V1 + V2 + V3 − V12 − V13 − V23 + V123" in got.convention
    assert got.clusters == {"unit": 15, "year": 9, "h": 4}


def test_newey_west_pairs_calendar_distances_in_an_unbalanced_panel(unbalanced):
    """Transcription of the double sum: a missing year pairs with nothing."""
    got = fit(unbalanced, {**BASE, "fe": ["unit"], "se": {"newey-west": 2}, "ssc": "none"}, **KEYS)
    apart = np.abs(np.subtract.outer(unbalanced["year"].to_numpy(), unbalanced["year"].to_numpy()))
    expected = meat(unbalanced, lambda f: same(f, "unit") * np.maximum(1 - apart / 3, 0))
    np.testing.assert_allclose(got.vcov, expected, rtol=1e-8)


@pytest.mark.parametrize("kernel", ["uniform", "bartlett"])
@pytest.mark.parametrize("periods", ["any", "same"])
def test_conley_is_the_double_sum(unbalanced, kernel, periods):
    """Transcription of Conley (1999), equation 3.2, with the distance by the cosine rule."""
    se = {"conley": {"lat": "lat", "lon": "lon", "cutoff": 3000, "kernel": kernel,
                     "periods": periods}}
    got = fit(unbalanced, {**BASE, "fe": ["unit"], "se": se, "ssc": "none"}, **KEYS)

    def weight(f: pd.DataFrame) -> np.ndarray:
        lat, lon = np.radians(f["lat"].to_numpy()), np.radians(f["lon"].to_numpy())
        cosine = (np.outer(np.sin(lat), np.sin(lat))
                  + np.outer(np.cos(lat), np.cos(lat)) * np.cos(np.subtract.outer(lon, lon)))
        far = 6371.01 * np.arccos(np.clip(cosine, -1, 1))
        near = (far <= 3000) * 1.0 if kernel == "uniform" else np.maximum(1 - far / 3000, 0)
        return near * (same(f, "year") if periods == "same" else 1)

    expected = meat(unbalanced, weight)
    if got.se_kind["repaired"]:
        values, vectors = np.linalg.eigh(expected)
        expected = (vectors * np.maximum(values, 0)) @ vectors.T
    np.testing.assert_allclose(got.vcov, expected, rtol=1e-6)
    assert "3000 km" in got.convention


def test_great_circle_of_a_quarter_of_the_globe():
    assert great_circle(*(np.array(v) for v in (0.0, 0.0, 0.0, 90.0))) == pytest.approx(
        np.pi / 2 * 6371.01)


def test_conley_with_no_reach_is_clustering_by_place(unbalanced):
    """Rows of one place over time are at distance 0."""
    se = {"conley": {"lat": "lat", "lon": "lon", "cutoff": 0.001}}
    by_place = fit(unbalanced, {**BASE, "se": {"cluster": "unit"}, "ssc": "none"}, **KEYS)
    got = fit(unbalanced, {**BASE, "se": se, "ssc": "none"}, **KEYS)
    np.testing.assert_allclose(got.vcov, by_place.vcov, rtol=1e-9)


@pytest.mark.parametrize(("se", "words"), [
    ({"driscoll-kraay": "two"}, "a whole number of 0 or more"),
    ({"newey-west": -1}, "a whole number of 0 or more"),
    ({"crv3": ["unit", "year"]}, "one variable, not 2"),
    ({"conley": {"lat": "lat", "lon": "lon"}}, "cutoff must be a number"),
    ({"conley": {"lat": "lat", "lon": "lon", "cutoff": 5, "kernel": "box"}}, "unknown kernel"),
    ({"conley": {"lat": "latt", "lon": "lon", "cutoff": 5}}, "did you mean 'lat'"),
    ({"conley": 3}, "needs lat, lon"),
])
def test_what_is_written_wrong(unbalanced, se, words):
    with pytest.raises(SpecError, match=words):
        fit(unbalanced, {**BASE, "se": se}, **KEYS)


@pytest.mark.parametrize(("change", "se", "words"), [
    ({}, {"driscoll-kraay": 9}, "has lag 9, and the used rows span 9 periods"),
    ({"lat": 91.0}, {"conley": {"lat": "lat", "lon": "lon", "cutoff": 5}}, "'lat' is not in deg"),
])
def test_what_the_data_do_not_allow(unbalanced, change, se, words):
    with pytest.raises(ModelError, match=words):
        fit(unbalanced.assign(**change), {**BASE, "se": se}, **KEYS)


def test_driscoll_kraay_needs_a_time_key(unbalanced):
    with pytest.raises(ModelError, match="needs a time key"):
        fit(unbalanced, {**BASE, "se": {"driscoll-kraay": 1}}, unit="unit")


def test_hc3_with_a_row_of_its_own(unbalanced):
    frame = unbalanced.assign(d=(np.arange(len(unbalanced)) == 0).astype(float))
    with pytest.raises(ModelError, match="1 rows have leverage 1"):
        fit(frame, {**BASE, "controls": ["d"], "se": "hc3"}, **KEYS)


def test_crv3_where_one_cluster_identifies_a_term(unbalanced):
    frame = unbalanced.assign(d=((unbalanced["g"] == 1) * unbalanced["z"]).astype(float))
    with pytest.raises(ModelError, match="a coefficient is not identified"):
        fit(frame, {**BASE, "controls": ["d"], "se": {"crv3": "g"}}, **KEYS)


def test_unit_trends_are_dummies_times_time(unbalanced):
    """country[year] against least squares with dummies and dummies × year."""
    got = fit(unbalanced, {**BASE, "fe": ["unit[year]", "h"], "se": {"cluster": "unit"},
                           "ssc": "none"}, **KEYS)
    units = pd.get_dummies(unbalanced["unit"]).to_numpy(float)
    others = pd.get_dummies(unbalanced["h"]).to_numpy(float)[:, 1:]
    X = np.column_stack([unbalanced[["x", "z"]], units, others,
                         units * (unbalanced["year"].to_numpy() - 2000.0)[:, None]])
    expected = sm.OLS(unbalanced["y"].to_numpy(), X).fit(
        cov_type="cluster", cov_kwds={"groups": unbalanced["unit"], "use_correction": False})
    np.testing.assert_allclose(got.coef, expected.params[:2], rtol=1e-9)
    np.testing.assert_allclose(got.se, expected.bse[:2], rtol=1e-8)
    assert got.fe == {"unit": 15, "h": 4, "unit[year]": 15}
    free = fit(unbalanced, {**BASE, "fe": ["unit[year]", "h"]}, **KEYS)
    assert free.stats["dof"] == len(unbalanced) - X.shape[1]


@pytest.mark.parametrize("effects", [[], ["unit"], ["unit", "year"], ["h", "year"]])
def test_crv2_by_the_whole_hat_matrix(unbalanced, effects):
    """Transcription of Bell and McCaffrey (2002) with n × n matrices and roots by eigenvalues."""
    got = fit(unbalanced, {**BASE, "fe": effects, "se": {"crv2": "g"}}, **KEYS)
    X = dummies(unbalanced, *effects) if effects else sm.add_constant(
        unbalanced[["x", "z"]]).to_numpy()
    P = X @ np.linalg.pinv(X.T @ X)
    left = np.eye(len(X)) - P @ X.T
    u = left @ unbalanced["y"].to_numpy()
    total = np.zeros((X.shape[1], X.shape[1]))
    for g in range(5):
        at = np.flatnonzero(unbalanced["g"] == g)
        values, vectors = np.linalg.eigh(left[np.ix_(at, at)])
        root = vectors[:, values > 1e-8] / np.sqrt(values[values > 1e-8]) @ vectors[
            :, values > 1e-8].T
        score = P[at].T @ root @ u[at]
        total += np.outer(score, score)
    k = 2 if effects else 3
    np.testing.assert_allclose(got.vcov, total[:k, :k], rtol=1e-7, atol=1e-14)
    assert got.stats["dof"] == 4


def test_crv2_is_unbiased_where_errors_are_independent(unbalanced):
    """E[V] = σ²(X'X)⁻¹, its definition: V is quadratic in u, so the mean is exact."""
    frame = unbalanced.reset_index(drop=True)
    n = len(frame)
    mean = np.zeros((2, 2))
    total = np.zeros((2, 2))
    rng = np.random.default_rng(0)
    for _ in range(400):
        one = fit(frame.assign(y=rng.normal(size=n)), {**BASE, "fe": ["unit"],
                                                       "se": {"crv2": "g"}}, **KEYS)
        mean += one.vcov.to_numpy() / 400
        total += np.diag(np.diag(one.vcov.to_numpy() ** 2)) / 400
    X = dummies(frame, "unit")
    exact = np.linalg.inv(X.T @ X)[:2, :2]
    for j in range(2):
        error = np.sqrt((total[j, j] - mean[j, j] ** 2) / 400)
        assert abs(mean[j, j] - exact[j, j]) < 4 * error


def test_panel_corrected_errors_by_loops_over_pairs(unbalanced):
    """Transcription of Beck and Katz (1995), pairs over the periods that they share."""
    got = fit(unbalanced, {**BASE, "fe": ["unit"], "se": "pcse"}, **KEYS)
    X = dummies(unbalanced, "unit")
    P = X @ np.linalg.inv(X.T @ X)
    u = unbalanced["y"].to_numpy() - X @ (P.T @ unbalanced["y"].to_numpy())
    unit, year = unbalanced["unit"].to_numpy(), unbalanced["year"].to_numpy()
    wide = pd.Series(u, index=[unit, year]).unstack()
    omega = np.zeros((len(u), len(u)))
    for a in range(len(u)):
        for b in range(len(u)):
            if year[a] == year[b]:
                both = (wide.loc[unit[a]] * wide.loc[unit[b]]).dropna()
                omega[a, b] = both.mean()
    expected = (P.T @ omega @ P)[:2, :2]
    if got.se_kind["repaired"]:
        values, vectors = np.linalg.eigh(expected)
        expected = (vectors * np.maximum(values, 0)) @ vectors.T
    np.testing.assert_allclose(got.vcov, expected, rtol=1e-7)
    twice = pd.concat([unbalanced, unbalanced.head(1)], ignore_index=True)
    with pytest.raises(ModelError, match="two rows in one period"):
        fit(twice, {**BASE, "se": "pcse"}, **KEYS)
