"""Instrumental variables against R AER and fixest, linearmodels and transcriptions."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv import IV2SLS, IVGMM, IVGMMCUE, IVLIML
from scipy.stats import binom

from gvckit.errors import ModelError, SpecError
from gvckit.models.anderson_rubin import ConfidenceSet
from gvckit.models.fit import estimate, fit
from gvckit.models.result import Fit, NotEstimated
from gvckit.models.tf import tf_critical

CONTROLS = ["exper", "expersq", "black", "smsa", "south", "smsa66",
            *(f"reg66{i}" for i in range(2, 10))]
CARD: dict[str, Any] = {"y": "lwage", "x": ["educ"], "controls": CONTROLS}
ONE, TWO = {"educ": ["nearc4"]}, {"educ": ["nearc4", "nearc2"]}


@pytest.fixture(scope="module")
def card(estimation) -> pd.DataFrame:
    data = estimation("card_iv")[0]
    return data.assign(region=sum(i * data[f"reg66{i}"] for i in range(1, 10)))


@pytest.mark.data
@pytest.mark.parametrize(("row", "change"), [
    ("ols", {}),
    ("iv_nearc4", {"instruments": ONE}),
    ("iv_2inst", {"instruments": TWO}),
    ("iv_2inst_HC1", {"instruments": TWO, "se": "hc1"}),
    ("fx_iv_regionFE", {"instruments": TWO, "se": "hc1", "fe": ["region"],
                        "controls": CONTROLS[:6]}),
])
def test_card_is_aer_and_fixest(row, change, card, references):
    got = fit(card, {**CARD, **change}, unit="id")
    expected = references("card_iv", row).rename(index={"fit_educ": "educ"})
    for mine, theirs in (("coef", "estimate"), ("se", "se"), ("t", "stat")):
        np.testing.assert_allclose(getattr(got, mine)[expected.index], expected[theirs],
                                   rtol=1e-8, err_msg=mine)
    np.testing.assert_allclose(got.p[expected.index], expected["p"], rtol=1e-7)
    if row.startswith("fx"):
        assert got.stats["r2"] == pytest.approx(0.170202348322, rel=1e-9)
        assert got.stats["r2_within"] == pytest.approx(0.0929050992971, rel=1e-9)


@pytest.mark.data
@pytest.mark.parametrize(("row", "instruments"), [
    ("iv_nearc4_diag", ONE), ("iv_2inst_diag", TWO)])
def test_card_diagnostics_are_those_of_aer(row, instruments, card, references):
    stats = fit(card, {**CARD, "instruments": instruments}, unit="id").stats
    expected = references("card_iv", row)
    assert stats["first_f:educ"] == pytest.approx(expected["stat"]["Weak instruments"], rel=1e-8)
    assert stats["first_p:educ"] == pytest.approx(expected["p"]["Weak instruments"], rel=1e-7)
    assert stats["endogeneity_f"] == pytest.approx(expected["stat"]["Wu-Hausman"], rel=1e-8)
    assert stats["endogeneity_p"] == pytest.approx(expected["p"]["Wu-Hausman"], rel=1e-8)
    if row == "iv_2inst_diag":
        assert stats["sargan"] == stats["hansen_j"]
        assert stats["hansen_j"] == pytest.approx(expected["stat"]["Sargan"], rel=1e-8)
        assert stats["hansen_p"] == pytest.approx(expected["p"]["Sargan"], rel=1e-8)
    else:
        assert "hansen_j" not in stats


@pytest.mark.data
@pytest.mark.parametrize(("label", "instruments"), [("nearc4", ONE), ("nearc4+nearc2", TWO)])
def test_card_weak_instrument_statistics(label, instruments, card, references):
    """Rows made by an independent program, confirmed by two further tools (its README)."""
    expected = references("card_iv", "hand_weakiv")["estimate"]
    by_kind = {kind: fit(card, {**CARD, "instruments": instruments, "se": kind}, unit="id").stats
               for kind in ("iid", "hc0", "hc1")}
    for kind in ("hc0", "hc1"):
        for key, words in (("effective_f", "MOP effective F"),
                           ("kp_f", "Kleibergen-Paap rk Wald F")):
            assert by_kind[kind][key] == pytest.approx(
                expected[f"{words} {kind.upper()} | {label}"], rel=1e-8)
    assert by_kind["iid"]["cd_f"] == pytest.approx(
        expected[f"Cragg-Donald F (iid) | {label}"], rel=1e-8)
    assert by_kind["iid"]["ar_stat"] == pytest.approx(
        expected[f"AR F iid b0=0.0 | {label}"], rel=1e-8)
    assert by_kind["hc1"]["ar_stat"] == pytest.approx(
        expected[f"AR F HC1 b0=0.0 | {label}"], rel=1e-8)


def simulated(seed: int, n: int = 400, strength: float = 0.6) -> pd.DataFrame:
    """Return two endogenous regressors, four instruments, a control, groups, uneven errors."""
    rng = np.random.default_rng(seed)
    f = pd.DataFrame(rng.normal(size=(n, 5)), columns=["z1", "z2", "z3", "z4", "c"])
    g = rng.integers(0, 25, size=n)
    shock = rng.normal(size=(25, 3))[g] * 0.4
    e = rng.normal(size=(n, 3)) * (1 + 0.5 * np.abs(f[["z1"]].to_numpy())) + shock
    f["x1"] = strength * (f["z1"] + 0.5 * f["z2"]) + 0.3 * f["c"] + e[:, 0]
    f["x2"] = strength * (f["z3"] - 0.7 * f["z4"] + 0.2 * f["z1"]) + e[:, 1]
    f["y"] = 1 + 0.8 * f["x1"] - 0.4 * f["x2"] + 0.5 * f["c"] + 0.6 * e[:, 0] - 0.5 * e[:, 1] \
        + 0.3 * e[:, 2] + rng.normal(size=n)
    return f.assign(g=g, i=np.arange(n), w=rng.uniform(0.5, 2, size=n))


MODEL: dict[str, Any] = {"y": "y", "x": ["x1", "x2"], "controls": ["c"],
                         "instruments": {"x1": ["z1", "z2"], "x2": ["z3", "z4"]}}
TERMS = ["(Intercept)", "x1", "x2", "c"]


def linear_model(frame: pd.DataFrame, kind: type, **weights: Any) -> Any:
    X = frame[["c"]].assign(const=1.0)
    return kind(frame["y"], X, frame[["x1", "x2"]], frame[["z1", "z2", "z3", "z4"]], **weights)


@pytest.mark.parametrize(("estimator", "kind"), [("2sls", IV2SLS), ("liml", IVLIML)])
@pytest.mark.parametrize("cov", ["iid", "hc0", "cluster"])
@pytest.mark.parametrize("weighted", [False, True])
def test_k_class_is_linearmodels(estimator, kind, cov, weighted):
    frame = simulated(1)
    se = {"cluster": "g"} if cov == "cluster" else cov
    got = fit(frame, {**MODEL, "estimator": estimator, "se": se, "ssc": "none",
                      "weights": "w" if weighted else None}, unit="i")
    options = {"iid": {"cov_type": "unadjusted"}, "hc0": {"cov_type": "robust"},
               "cluster": {"cov_type": "clustered", "clusters": frame["g"]}}[cov]
    weights = {"weights": frame["w"] / frame["w"].mean()} if weighted else {}
    expected = linear_model(frame, kind, **weights).fit(**options)
    names = ["const", "x1", "x2", "c"]
    np.testing.assert_allclose(got.coef[TERMS], expected.params[names], rtol=1e-8)
    np.testing.assert_allclose(got.vcov.loc[TERMS, TERMS], expected.cov.loc[names, names],
                               rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("cov", ["hc0", "cluster"])
def test_two_step_gmm_is_linearmodels(cov):
    frame = simulated(2)
    se = {"cluster": "g"} if cov == "cluster" else cov
    got = fit(frame, {**MODEL, "estimator": "gmm", "se": se, "ssc": "none"}, unit="i")
    if cov == "cluster":
        model = linear_model(frame, IVGMM, weight_type="clustered", clusters=frame["g"])
        expected = model.fit(cov_type="clustered", clusters=frame["g"])
    else:
        expected = linear_model(frame, IVGMM, weight_type="robust").fit(cov_type="robust")
    names = ["const", "x1", "x2", "c"]
    np.testing.assert_allclose(got.coef[TERMS], expected.params[names], rtol=1e-7)
    np.testing.assert_allclose(got.se[TERMS], expected.std_errors[names], rtol=1e-6)
    assert got.stats["hansen_j"] == pytest.approx(expected.j_stat.stat, rel=1e-6)
    assert got.stats["hansen_df"] == 2


def test_continuously_updated_gmm_is_linearmodels():
    frame = simulated(3)
    got = fit(frame, {**MODEL, "estimator": "cue", "se": "hc0", "ssc": "none"}, unit="i")
    expected = linear_model(frame, IVGMMCUE, weight_type="robust").fit(
        cov_type="robust")
    names = ["const", "x1", "x2", "c"]
    np.testing.assert_allclose(got.coef[TERMS], expected.params[names], rtol=1e-5)
    np.testing.assert_allclose(got.se[TERMS], expected.std_errors[names], rtol=1e-4)
    assert got.stats["hansen_j"] <= expected.j_stat.stat * (1 + 1e-9)


def test_continuously_updated_gmm_with_equal_variances_is_liml():
    """Hansen, Heaton and Yaron (1996): an identity."""
    frame = simulated(4)
    cue = fit(frame, {**MODEL, "estimator": "cue", "se": "iid"}, unit="i")
    liml = fit(frame, {**MODEL, "estimator": "liml", "se": "iid"}, unit="i")
    np.testing.assert_allclose(cue.coef, liml.coef, rtol=1e-6)


def partialled(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    W = np.column_stack([np.ones(len(frame)), frame["c"]])
    out = frame[["y", "x1", "x2", "z1", "z2", "z3", "z4"]].to_numpy()
    out = out - W @ np.linalg.lstsq(W, out, rcond=None)[0]
    return out[:, 0], out[:, 1:3], out[:, 3:]


def root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(values)) @ vectors.T


@pytest.mark.parametrize("wald", [True, False])
def test_kleibergen_paap_by_its_equations(wald):
    """Transcription of Kleibergen and Paap (2006), equations 4-14: Γ = GΠF', q = m − 1.

    W is the covariance of vec(Π): from residuals (Wald) or from E itself (LM).
    """
    frame = simulated(5)
    _, E, Z = partialled(frame)
    n, L, m = len(frame), 4, 2
    inverse = np.linalg.inv(Z.T @ Z)
    pi = inverse @ Z.T @ E
    u = E - Z @ pi if wald else E
    moments = np.column_stack([(Z @ inverse) * u[:, [j]] for j in range(m)])
    V = moments.T @ moments
    G, F = root(Z.T @ Z / n), np.linalg.inv(root(E.T @ E / n))
    theta = G @ pi @ F.T
    W = np.kron(F, G) @ V @ np.kron(F, G).T
    U, _, Vt = np.linalg.svd(theta)
    q = m - 1
    U22, V22 = U[q:, q:], Vt.T[q:, q:]
    a = U[:, q:] @ np.linalg.inv(U22) @ root(U22 @ U22.T)
    b = root(V22 @ V22.T) @ np.linalg.inv(V22.T) @ Vt.T[:, q:].T
    left = np.kron(b, a.T) @ theta.flatten(order="F")
    omega = np.kron(b, a.T) @ W @ np.kron(b, a.T).T
    expected = left @ np.linalg.solve(omega, left)
    stats = fit(frame, {**MODEL, "se": "hc0"}, unit="i").stats
    got = stats["kp_f"] * L if wald else stats["kp_lm"]
    assert got == pytest.approx(expected, rel=1e-8)
    assert stats["kp_lm_df"] == L - m + 1


def test_kleibergen_paap_with_equal_variances_is_cragg_donald():
    stats = fit(simulated(6), {**MODEL, "se": "iid"}, unit="i").stats
    assert stats["kp_f"] == pytest.approx(stats["cd_f"], rel=1e-9)


def test_sanderson_windmeijer_by_its_two_steps():
    """Transcription of Sanderson and Windmeijer (2016), section 3, with White's covariance."""
    frame = simulated(7)
    _, E, Z = partialled(frame)
    stats = fit(frame, {**MODEL, "se": "hc0"}, unit="i").stats
    P = Z @ np.linalg.inv(Z.T @ Z) @ Z.T
    for j, term in enumerate(("x1", "x2")):
        own, other = E[:, j], E[:, 1 - j]
        delta = (other @ P @ own) / (other @ P @ other)
        left = own - delta * other
        pi = np.linalg.lstsq(Z, left, rcond=None)[0]
        scores = Z * (left - Z @ pi)[:, None] @ np.linalg.inv(Z.T @ Z)
        expected = pi @ np.linalg.solve(scores.T @ scores, pi) / 3
        assert stats[f"sw_f:{term}"] == pytest.approx(expected, rel=1e-8)


def test_one_endogenous_regressor_ties_the_statistics_together():
    frame = simulated(8)
    model = {**MODEL, "x": ["x1"], "instruments": {"x1": ["z1"]}, "se": {"cluster": "g"}}
    got = fit(frame, model, unit="i")
    stats = got.stats
    assert stats["reduced:z1"] / stats["first:x1:z1"] == pytest.approx(got.coef["x1"], rel=1e-10)
    for key in ("kp_f", "sw_f:x1", "first_f:x1"):
        assert stats[key] == pytest.approx(stats["effective_f"], rel=1e-9)
    assert stats["first_t:x1:z1"] ** 2 == pytest.approx(stats["effective_f"], rel=1e-9)
    assert "hansen_j" not in stats


@pytest.mark.parametrize(("bias", "published"), [(5, 37.418), (10, 23.109), (20, 15.062),
                                                 (30, 12.039)])
def test_effective_f_critical_values_with_one_instrument(bias, published):
    """Montiel Olea and Pflueger (2013): 37.42, 23.11, 15.06 and 12.05 in Stata weakivtest."""
    model = {**MODEL, "x": ["x1"], "instruments": {"x1": ["z1"]}, "se": "hc1"}
    got = fit(simulated(9), model, unit="i").stats[f"effective_f_critical_{bias}"]
    assert got == pytest.approx(published, abs=0.011)


def brute_ar(frame: pd.DataFrame, beta: float) -> float:
    """Return the Anderson-Rubin F with White's covariance by a regression of y − βx."""
    _, _, Z = partialled(frame)
    W = np.column_stack([np.ones(len(frame)), frame["c"]])
    v = (frame["y"] - beta * frame["x1"]).to_numpy()
    v = v - W @ np.linalg.lstsq(W, v, rcond=None)[0]
    d = np.linalg.lstsq(Z, v, rcond=None)[0]
    scores = Z * (v - Z @ d)[:, None] @ np.linalg.inv(Z.T @ Z)
    return float(d @ np.linalg.solve(scores.T @ scores, d)) / 4


@pytest.mark.parametrize(("seed", "strength"), [(10, 0.6), (11, 0.1), (12, 0.02), (13, 0.05),
                                                (14, 0.0), (15, 0.03), (16, 0.08), (17, 0.01)])
def test_anderson_rubin_set_is_the_grid_of_tests(seed, strength):
    """Sets at every strength against the test itself on a grid: bounded, unbounded, disjoint."""
    from scipy.stats import f as fisher

    frame = simulated(seed, n=150, strength=strength)
    model = {**MODEL, "x": ["x1"], "se": "hc0",
             "instruments": {"x1": ["z1", "z2", "z3", "z4"]}}
    got = fit(frame, model, unit="i")
    count = int(got.stats["ar_sets"])
    sets = ConfidenceSet(tuple((got.stats[f"ar_low_{i}"], got.stats[f"ar_high_{i}"])
                               for i in range(1, count + 1)), 0.95)
    critical = fisher.isf(0.05, 4, 150 - 6)  # six columns: instruments, control, constant
    for beta in np.tan(np.linspace(-1.55, 1.55, 301)):
        assert (brute_ar(frame, beta) <= critical) == (beta in sets), (beta, str(sets))
    for low, high in sets.intervals:
        for end in (low, high):
            if math.isfinite(end):
                assert brute_ar(frame, end) == pytest.approx(critical, rel=1e-6)


def test_weak_instruments_give_every_shape_of_set():
    shapes = set()
    for seed in range(60):
        frame = simulated(seed, n=60, strength=0.05)
        model = {**MODEL, "x": ["x1"], "se": "hc1", "instruments": {"x1": ["z1"]}}
        stats = fit(frame, model, unit="i").stats
        lows = [stats[f"ar_low_{i}"] for i in range(1, int(stats["ar_sets"]) + 1)]
        shapes.add((len(lows), bool(lows) and math.isinf(lows[0])))
    assert shapes == {(1, False), (1, True), (2, True)}  # bounded, the line, two rays


def test_anderson_rubin_covers_at_a_first_stage_f_of_two():
    """200 draws of a planted coefficient, binomial bounds at 1 in 10,000; 2SLS itself fails."""
    draws, covered, strengths = 200, 0, []
    for seed in range(draws):
        rng = np.random.default_rng(1000 + seed)
        n = 200
        z, e = rng.normal(size=(n, 2)), rng.normal(size=n)
        x = z @ [0.08, 0.08] + e
        frame = pd.DataFrame({"z1": z[:, 0], "z2": z[:, 1], "x": x, "i": range(n),
                              "y": 2.0 * x + 0.9 * e + rng.normal(size=n)})
        got = fit(frame, {"y": "y", "x": ["x"], "instruments": {"x": ["z1", "z2"]}, "se": "hc1"},
                  unit="i")
        count = int(got.stats["ar_sets"])
        covered += any(got.stats[f"ar_low_{i}"] <= 2.0 <= got.stats[f"ar_high_{i}"]
                       for i in range(1, count + 1))
        strengths.append(got.stats["effective_f"])
    assert 1.5 < np.mean(strengths) < 3
    low, high = binom.ppf([5e-5, 1 - 5e-5], draws, 0.95)
    assert low <= covered <= high


@pytest.mark.parametrize(("root_f", "rounded"), [
    (2.0, 18.66), (2.1, 9.74), (2.2, 7.37), (2.5, 4.92), (3.0, 3.65), (4.0, 2.80), (5.0, 2.46),
    (6.0, 2.27), (7.5, 2.11), (10.3, 1.96)])
def test_tf_critical_values(root_f, rounded):
    """The coarser grid over √F that the R packages carry, rounded up to two digits."""
    assert -0.005 <= rounded - tf_critical(root_f**2) <= 0.01


def test_tf_at_its_ends():
    assert tf_critical(3.99) == math.inf
    assert tf_critical(1e6) == 1.96


def test_fixed_effects_are_dummies_in_two_stage_least_squares():
    frame = simulated(20)
    got = fit(frame, {**MODEL, "fe": ["g"], "se": {"cluster": "g"}, "ssc": "none"}, unit="i")
    X = pd.get_dummies(frame["g"], prefix="g").astype(float).assign(c=frame["c"])
    expected = IV2SLS(frame["y"], X, frame[["x1", "x2"]], frame[["z1", "z2", "z3", "z4"]]).fit(
        cov_type="clustered", clusters=frame["g"])
    names = ["x1", "x2", "c"]
    np.testing.assert_allclose(got.coef[names], expected.params[names], rtol=1e-8)
    np.testing.assert_allclose(got.se[names], expected.std_errors[names], rtol=1e-7)


@pytest.mark.parametrize(("change", "words"), [
    ({"instruments": {"x1": ["flat"], "x2": ["z3"]}}, "instrument 'flat' has no variation"),
    ({"instruments": {"x1": ["z1"], "x2": ["z1"]}}, "not identified: 1 instrument for 2"),
    ({"instruments": {"x1": ["z1"], "x2": ["twice"]}},
     "'twice' is collinear with earlier regressors"),
    ({"x": ["x1", "flat"], "instruments": {"flat": ["z1"]}}, "endogenous regressor 'flat'"),
    ({"fe": ["g"], "instruments": {"x1": ["byg"], "x2": ["z3"]}},
     "instrument 'byg' has no variation within g"),
])
def test_impossible_models_name_the_variable(change, words):
    frame = simulated(21)
    frame = frame.assign(flat=1.0, twice=2 * frame["z1"] + 1, byg=frame["g"] ** 2.0)
    got = estimate(frame, {**MODEL, **change}, unit="i")
    assert isinstance(got, NotEstimated)
    assert words in got.reason


@pytest.mark.parametrize(("change", "words"), [
    ({"instruments": {"x3": ["z1"]}}, "unknown endogenous regressor 'x3'"),
    ({"instruments": {"x1": ["c"]}}, "'c' is a regressor of the model"),
    ({"instruments": ["z1"]}, "must map regressors to lists"),
    ({"report": ["kpf"]}, "unknown report 'kpf'"),
    ({"estimator": "ols"}, "takes no instruments"),
    ({"estimator": "liml", "instruments": None}, "needs instruments"),
])
def test_what_is_written_wrong(change, words):
    with pytest.raises(SpecError, match=words):
        fit(simulated(22), {**MODEL, **change}, unit="i")


def test_missing_instruments_are_accounted_for_and_the_result_is_kept():
    frame = simulated(23)
    frame.loc[:9, "z4"] = np.nan
    got = fit(frame, {**MODEL, "report": ["first-stage", "reduced-form"]}, unit="i")
    assert got.rows == {"panel": 400, "outside the sample": 0, "missing z4": 10, "singletons": 0,
                        "used": 390}
    assert Fit.from_dict(got.to_dict()) == got
    assert got.convention.startswith("Two-stage least squares for x1, x2, instruments z1, z2, z3")
    assert any(w.startswith("first stage of x1: ") and "positive" in w for w in got.warnings)
    assert any(w.startswith("reduced form: ") for w in got.warnings)


def test_too_few_clusters_for_the_moments():
    """Five clusters cannot tell seven moments apart: GMM does not exist, 2SLS keeps its fit."""
    frame = simulated(25)
    frame = frame.assign(five=frame["g"] % 5)
    got = estimate(frame, {**MODEL, "estimator": "gmm", "se": {"cluster": "five"}}, unit="i")
    assert isinstance(got, NotEstimated)
    assert "the covariance of the 6 moments is singular" in got.reason
    plain = fit(frame, {**MODEL, "se": {"cluster": "five"}}, unit="i")
    assert "hansen_j" not in plain.stats
    assert any(w.startswith("Hansen J left out") for w in plain.warnings)
    two = frame.assign(two=frame["g"] % 3)
    few = fit(two, {**MODEL, "controls": [], "se": {"cluster": "two"}}, unit="i")
    assert any("too few clusters or periods for 4 instruments" in w for w in few.warnings)
    assert "kp_f" not in few.stats


def test_robust_covariances_that_need_least_squares_say_so():
    with pytest.raises(ModelError, match="needs the leverage"):
        fit(simulated(24), {**MODEL, "se": "hc3"}, unit="i")


PROGRAM = """
import json, sys
import pandas as pd
from gvckit.models.fit import fit
data = pd.read_csv(sys.argv[1])
model = {"y": "lwage", "x": ["educ"], "controls": ["exper", "expersq", "black", "smsa", "south"],
         "instruments": {"educ": ["nearc4", "nearc2"]}}
out = [fit(data, {**model, "estimator": e, "se": se}, unit="id").to_dict()
       for e in ("2sls", "liml", "gmm") for se in ("hc1", {"cluster": "age"})]
print(json.dumps(out, sort_keys=True))
"""


@pytest.mark.data
def test_hash_seed_plays_no_part(golden: Path):
    data = golden / "estimation" / "card_iv" / "data.csv"
    outputs = [
        subprocess.run([sys.executable, "-c", PROGRAM, str(data)], check=True, text=True,
                       capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("0", "1", "2")]
    assert outputs[0] == outputs[1] == outputs[2]
