"""Kernels against pymcdm, scikit-criteria, pyDecision, Compind, an independent LP, and SALib."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit.indices.aggregate import AGGREGATORS, Mixing
from gvckit.indices.composite import composite
from gvckit.indices.dispersion import critic, gini, merec, standard_deviation, variance, variation
from gvckit.indices.doubt import benefit_of_the_doubt
from gvckit.indices.entropy import entropy_raw
from gvckit.indices.ideal import topsis, topsis_vector
from gvckit.indices.means import arithmetic, mazziotta_pareto
from gvckit.indices.normalise import NORMALISERS, ampi_centred, minmax_pooled, vector
from gvckit.indices.rulers import Rulers
from gvckit.indices.sobol import design, sobol
from gvckit.indices.weighing import Parts

pytestmark = pytest.mark.data
RTOL = 1e-12


def matrix(golden: Path, name: str) -> np.ndarray:
    return pd.read_csv(golden / f"index/{name}.csv", index_col=0).to_numpy(dtype=np.float64)


def columns(golden: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(golden / f"index/{name}.csv", index_col=0)


TOY_SIGNS = np.array([1.0, 1.0, -1.0])


def parts(X: np.ndarray, way: np.ndarray | None = None) -> Parts:
    rows = np.zeros(len(X), dtype=np.int64)
    return Parts(X, X, rows, rows, 0.0, way)


# --- weights and TOPSIS: pymcdm, scikit-criteria, pyDecision --------------------------------------

def test_weights(golden: Path) -> None:
    X = matrix(golden, "mcdm/toy_input")
    way = TOY_SIGNS
    frame = pd.read_csv(golden / "index/mcdm/toy_weights.csv").set_index(["method", "source"])
    close = {"rtol": RTOL, "atol": 0}

    def theirs(method: str, source: str) -> np.ndarray:
        return frame.loc[(method, source)].to_numpy(dtype=np.float64)

    np.testing.assert_allclose(entropy_raw(parts(X)).weights, theirs("entropy", "pymcdm"), **close)
    np.testing.assert_allclose(entropy_raw(parts(X)).weights,
                               theirs("entropy", "pydecision_allmax"), rtol=1e-5)
    signed = critic(minmax_pooled(X, way)).weights
    np.testing.assert_allclose(signed, theirs("critic", "skcriteria_directions"), **close)
    np.testing.assert_allclose(signed, theirs("critic", "pydecision_directions"), rtol=1e-9)
    np.testing.assert_allclose(variance(minmax_pooled(X, np.ones(3))).weights,
                               theirs("variance", "pymcdm_minmax_ddof1"), **close)
    np.testing.assert_allclose(standard_deviation(X).weights, theirs("std", "pymcdm_raw_ddof1"),
                               **close)
    np.testing.assert_allclose(gini(parts(X)).weights, theirs("gini", "pymcdm"), rtol=1e-11)
    np.testing.assert_allclose(merec(parts(X, way)).weights, theirs("merec", "pymcdm"), rtol=1e-11)
    np.testing.assert_allclose(variation(parts(X)).weights, theirs("cv", "independent_ddof1"),
                               **close)


@pytest.mark.parametrize(("scheme", "normalise", "method", "sources", "rtol"), [
    ("entropy-raw", "minmax", "entropy", ["pymcdm", "skcriteria"], RTOL),
    ("critic", "minmax", "critic", ["skcriteria_directions"], RTOL),
    ("critic", "minmax", "critic", ["pydecision_directions"], 1e-9),
    ("standard-deviation", "minmax", "std", ["pymcdm_on_minmax", "skcriteria_on_minmax"], RTOL),
    ("gini", "minmax", "gini", ["pymcdm", "skcriteria"], 1e-11),
    ("merec", "minmax", "merec", ["pymcdm", "skcriteria"], 1e-11),
    ("merec", "minmax", "merec", ["pydecision"], 1e-9),
    ("cv", "minmax", "cv", ["independent_ddof1", "independent_ddof0",
                            "skcriteria_std_on_meanscaled", "pymcdm_std_on_meanscaled"], RTOL),
    ("equal", "minmax", "equal", ["pymcdm"], RTOL)])
def test_weights_of_an_index(golden: Path, scheme: str, normalise: str, method: str,
                             sources: list[str], rtol: float) -> None:
    data = pd.read_csv(golden / "index/mcdm/toy_input.csv")
    names = list(data.columns[1:])
    tree = [{"is": n, "direction": "+" if d > 0 else "-"}
            for n, d in zip(names, TOY_SIGNS, strict=True)]
    got = composite(data, tree, unit=data.columns[0], weights=scheme, normalise=normalise).weights
    frame = pd.read_csv(golden / "index/mcdm/toy_weights.csv").set_index(["method", "source"])
    for source in sources:
        np.testing.assert_allclose(got["weight"], frame.loc[(method, source)], rtol=rtol,
                                   err_msg=source)


@pytest.mark.parametrize("weights", ["equal", "linear"])
@pytest.mark.parametrize(("normalise", "columns"), [
    ("minmax", ["minmax_pymcdm", "minmax_negate_skcriteria"]),
    ("vector", ["vector_pymcdm", "vector_pydecision", "vector_negate_skcriteria"])])
def test_topsis_of_an_index_in_both_norms(golden: Path, weights: str, normalise: str,
                                          columns: list[str]) -> None:
    data = pd.read_csv(golden / "index/mcdm/toy_input.csv")
    sets = pd.read_csv(golden / "index/mcdm/toy_weightsets_used.csv", index_col=0)
    tree = [{"is": n, "direction": "+" if d > 0 else "-", "weight": float(w)} for n, d, w in zip(
        data.columns[1:], TOY_SIGNS, sets[weights], strict=True)]
    key = data.columns[0]
    got = composite(data, tree, unit=key, weights="given", aggregate="topsis", normalise=normalise)
    frame = pd.read_csv(golden / "index/mcdm/toy_topsis.csv", index_col=0)
    for column in columns:
        theirs = frame[f"{column}_{weights}"].loc[got.scores[key]]
        np.testing.assert_allclose(got.scores["index"], theirs, rtol=RTOL, atol=1e-14)


@pytest.mark.parametrize("weights", ["equal", "entropy", "linear"])
def test_topsis(golden: Path, weights: str) -> None:
    X = matrix(golden, "mcdm/toy_input")
    way = TOY_SIGNS
    sets = pd.read_csv(golden / "index/mcdm/toy_weightsets_used.csv", index_col=0)
    w = sets[weights].to_numpy(dtype=np.float64)
    frame = columns(golden, "mcdm/toy_topsis")
    plain = topsis(minmax_pooled(X, way), w)
    np.testing.assert_allclose(plain, frame[f"minmax_pymcdm_{weights}"], rtol=RTOL, atol=1e-14)
    shares = topsis(vector(X, way), w)
    for source in ("pymcdm", "pydecision"):
        np.testing.assert_allclose(shares, frame[f"vector_{source}_{weights}"], rtol=RTOL,
                                   atol=1e-14)
    benefit = topsis_vector(X[:, :2], w[:2])
    np.testing.assert_allclose(benefit, topsis(vector(X[:, :2], way[:2]), w[:2]), rtol=RTOL,
                               atol=1e-14)


# --- Mazziotta-Pareto and benefit of the doubt: Compind and an independent LP ---------------------

TOYS = pytest.mark.parametrize("data", ["toy", "panel"])


@TOYS
def test_mazziotta_pareto(golden: Path, data: str) -> None:
    Z = matrix(golden, f"compind/{data}_mpi_normalised_100_10")
    frame = columns(golden, f"compind/{data}_mpi")
    w = np.ones(Z.shape[1])
    for sign, end in ((-1.0, "minus"), (1.0, "plus")):
        np.testing.assert_allclose(mazziotta_pareto(Z, w, sign, 1), frame[f"mpi_{end}_compind"],
                                   rtol=RTOL)
        np.testing.assert_allclose(mazziotta_pareto(Z, w, sign),
                                   frame[f"mpi_{end}_popsd_independent"], rtol=RTOL)
    np.testing.assert_allclose(arithmetic(Z, w), frame["mean"], rtol=RTOL)


def test_mazziotta_pareto_from_raw_values(golden: Path) -> None:
    X, way = matrix(golden, "mcdm/toy_input"), TOY_SIGNS
    Z = NORMALISERS["mpi-pooled"].kernel(X, way, None)
    frame = columns(golden, "compind/toy_mpi_all_population_sd_independent")
    w = np.ones(3)
    for name, end in (("mazziotta-pareto", "minus"), ("mazziotta-pareto-plus", "plus")):
        got = AGGREGATORS[name].kernel(Z, w, Mixing())
        np.testing.assert_allclose(got, frame[f"mpi_{end}"], rtol=RTOL)


@TOYS
def test_adjusted_mazziotta_pareto(golden: Path, data: str) -> None:
    Z = matrix(golden, f"compind/{data}_ampi_normalised_70_130")
    frame = columns(golden, f"compind/{data}_ampi")
    w = np.ones(Z.shape[1])
    np.testing.assert_allclose(mazziotta_pareto(Z, w), frame["ampi_minus_unrounded"], rtol=RTOL)
    np.testing.assert_allclose(mazziotta_pareto(Z, w, 1.0), frame["ampi_plus_independent"],
                               rtol=RTOL)


def test_mazziotta_pareto_of_a_panel_with_population_deviations(golden: Path) -> None:
    """Compind's scale has n - 1: back to n before the mean and its penalty."""
    Z = matrix(golden, "compind/panel_mpi_normalised_100_10")
    Z = 100.0 + (Z - 100.0) * np.sqrt(len(Z) / (len(Z) - 1))
    frame = columns(golden, "compind/panel_mpi_all_population_sd_independent")
    for sign, end in ((-1.0, "minus"), (1.0, "plus")):
        np.testing.assert_allclose(mazziotta_pareto(Z, np.ones(12), sign), frame[f"mpi_{end}"],
                                   rtol=RTOL)


def test_goalposts_around_the_mean(golden: Path) -> None:
    X = matrix(golden, "mcdm/toy_input")
    posts = columns(golden, "compind/toy_ampi_goalposts")
    np.testing.assert_allclose(X.mean(axis=0), posts["goalpost_reference"], rtol=RTOL)
    np.testing.assert_allclose(np.ptp(X, axis=0) / 2, posts["half_range"], rtol=RTOL)
    assert np.where(posts["polarity"] == "POS", 1.0, -1.0).tolist() == TOY_SIGNS.tolist()


def test_adjusted_goalposts(golden: Path) -> None:
    X, way = matrix(golden, "mcdm/toy_input"), TOY_SIGNS
    got = ampi_centred(X, way)
    np.testing.assert_allclose(got, matrix(golden, "compind/toy_ampi_normalised_70_130"), rtol=RTOL)


def test_adjusted_goalposts_of_a_panel_stand_on_its_first_time(golden: Path) -> None:
    frame = columns(golden, "compind/panel_ampi_3periods")
    both = columns(golden, "compind/panel_ampi_goalposts")
    Z = matrix(golden, "compind/panel_ampi_normalised_70_130")
    way = np.where(both["polarity"] == "POS", 1.0, -1.0)
    # Back to raw values: one reference for all rows, then that of the first hundred.
    X = both["goalpost_reference"].to_numpy() + way * (Z - 100) / 30 * both["half_range"].to_numpy()
    first = np.arange(300) < 100
    got = mazziotta_pareto(ampi_centred(X, way, Rulers(first=first)), np.ones(12))
    np.testing.assert_allclose(got, frame["ampi_minus_unrounded"], rtol=1e-11)


@TOYS
def test_benefit_of_the_doubt(golden: Path, data: str) -> None:
    Y = matrix(golden, f"compind/{data}_bod_input")
    compind = columns(golden, f"compind/{data}_bod_compind")
    independent = columns(golden, f"compind/{data}_bod_independent_lp")
    got = benefit_of_the_doubt(Y)
    np.testing.assert_allclose(got.scores, compind["bod_compind"], atol=1e-9)
    np.testing.assert_allclose(got.scores, independent["bod"], atol=1e-9)
    # Weights of efficient rows are not unique.
    lower = got.scores < 1 - 1e-9
    theirs = independent.filter(regex="^w_").to_numpy()
    np.testing.assert_allclose(got.weights[lower], theirs[lower], atol=1e-6)
    assert (got.weights >= 0).all()
    assert (Y @ got.weights.T <= 1 + 1e-9).all()


@pytest.mark.parametrize(("data", "low", "high"), [("toy", 0.1, 0.6), ("panel", 0.02, 0.25)])
def test_benefit_of_the_doubt_with_bounded_shares(golden: Path, data: str, low: float,
                                                  high: float) -> None:
    Y = matrix(golden, f"compind/{data}_bod_input")
    compind = columns(golden, f"compind/{data}_bod_share_constrained_compind")
    independent = columns(golden, f"compind/{data}_bod_independent_lp")["bod_share_constrained"]
    got = benefit_of_the_doubt(Y, low, high)
    np.testing.assert_allclose(got.scores, compind["bod_constr_compind"], atol=1e-9)
    np.testing.assert_allclose(got.scores, independent, atol=1e-9)
    assert (got.shares > low - 1e-8).all()
    assert (got.shares < high + 1e-8).all()
    np.testing.assert_allclose(got.shares.sum(axis=1), 1, rtol=1e-9)


# --- Sobol indices: SALib and the analytic values -------------------------------------------------

ADDITIVE = np.array([0.3846153846153846, 0.5538461538461538, 0.06153846153846154])


def salib(golden: Path, model: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    frame = pd.read_csv(golden / f"index/salib/sample_{model}_N256.csv")
    y = frame["y"].to_numpy(dtype=np.float64).reshape(256, 5)
    return y[:, 0], y[:, 4], y[:, 1:4].T


@pytest.mark.parametrize("model", ["additive", "product"])
def test_sobol_indices_of_a_stored_sample(golden: Path, model: str) -> None:
    frame = pd.read_csv(golden / "index/salib/sobol_indices.csv")
    frame = frame[(frame["model"] == model) & (frame["N"] == 256)]
    got = sobol(*salib(golden, model))
    np.testing.assert_allclose(got.first, frame["S1"], rtol=1e-9)
    np.testing.assert_allclose(got.total, frame["ST"], rtol=1e-9)


@pytest.mark.parametrize("model", ["additive", "product"])
def test_sobol_indices_reach_the_analytic_values(golden: Path, model: str) -> None:
    high = pd.read_csv(golden / "index/salib/problem.csv").filter(regex="upper").to_numpy().ravel()
    made = design(4096, 3, seed=5)

    def y(u: np.ndarray) -> np.ndarray:
        x = u * high
        return x @ np.array([0.5, 0.3, 0.2]) if model == "additive" else (x / high).prod(axis=-1)

    got = sobol(y(made.A), y(made.B), y(made.AB), resamples=100, seed=1)
    first, total = (ADDITIVE, ADDITIVE) if model == "additive" else (
        np.full(3, 9 / 37), np.full(3, 16 / 37))
    np.testing.assert_allclose(got.first, first, atol=0.005)
    np.testing.assert_allclose(got.total, total, atol=0.005)
    assert (np.abs(got.first - first) < 2 * got.first_width).all()
