"""Kernels against COINr 1.1.14 (references in golden/index/coinr)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit.indices.aggregate import AGGREGATORS, Mixing
from gvckit.indices.balance import balance
from gvckit.indices.components import components
from gvckit.indices.describe import describe
from gvckit.indices.normalise import NORMALISERS
from gvckit.indices.outrank import copeland, outranking
from gvckit.indices.ranks import rank_columns
from gvckit.indices.rulers import Rulers
from gvckit.indices.scoring import Recipe, Scored, score_tree
from gvckit.indices.shape import kurtosis, passes, skewness
from gvckit.indices.sobol import sobol
from gvckit.indices.standing import bands, falling_ranks, rank_shift
from gvckit.indices.structure import correlate, cronbach, p_values
from gvckit.indices.treat import (
    TREATMENTS,
    Doses,
    boxcox,
    log_ct,
    log_ct_orig,
    log_ct_plus,
    winsorise,
)
from gvckit.indices.tree import Indicator, Pillar, leaves
from gvckit.indices.weights import SCHEMES

pytestmark = pytest.mark.data
# The goldens carry 17 digits; what is left is the order of sums.
RTOL = 1e-12


def table(golden: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(golden / f"index/coinr/{name}.csv", keep_default_na=False,
                       na_values=["", "NA", "NaN"], index_col=0)


def close(got: np.ndarray, expected: pd.DataFrame | np.ndarray, rtol: float = RTOL) -> None:
    np.testing.assert_allclose(got, np.asarray(expected, dtype=np.float64), rtol=rtol, atol=1e-12)


@pytest.fixture(scope="module")
def raw(golden: Path) -> pd.DataFrame:
    return table(golden, "input/raw_dataset")


@pytest.fixture(scope="module")
def meta(golden: Path) -> pd.DataFrame:
    return table(golden, "input/iMeta").reset_index().set_index("iCode")


@pytest.fixture(scope="module")
def lineage(golden: Path) -> pd.DataFrame:
    return table(golden, "input/lineage")


@pytest.fixture(scope="module")
def signs(raw: pd.DataFrame, meta: pd.DataFrame) -> np.ndarray:
    return meta.loc[raw.columns, "Direction"].to_numpy(dtype=np.float64)


# --- normalise ------------------------------------------------------------------------------------

@pytest.mark.parametrize(("name", "file", "rulers", "change"), [
    ("minmax", "minmax_1_100", Rulers(), (1.0, 99.0)),
    ("minmax", "minmax_0_100", Rulers(), (0.0, 100.0)),
    ("zscore", "zscore_10_2", Rulers(moments=(10.0, 2.0)), (0.0, 1.0)),
    ("rank", "rank_min", Rulers(ties="min"), (0.0, 1.0)),
    ("rank", "rank_average", Rulers(ties="average"), (0.0, 1.0)),
    ("rank", "rank_max", Rulers(ties="max"), (0.0, 1.0)),
    ("borda", "borda_min", Rulers(ties="min"), (0.0, 1.0)),
    ("borda", "borda_average", Rulers(ties="average"), (0.0, 1.0)),
    ("borda", "borda_max", Rulers(ties="max"), (0.0, 1.0)),
    ("percentile", "prank_min", Rulers(ties="min"), (0.0, 1.0)),
    ("percentile", "prank_average", Rulers(ties="average"), (0.0, 1.0)),
    ("percentile", "prank_max", Rulers(ties="max"), (0.0, 1.0)),
    ("distance-to-max", "dist2max", Rulers(), (0.0, 1.0)),
])
def test_scales(golden: Path, raw: pd.DataFrame, signs: np.ndarray, name: str, file: str,
                rulers: Rulers, change: tuple[float, float]) -> None:
    got = NORMALISERS[f"{name}-pooled"].kernel(raw.to_numpy(dtype=np.float64), signs, rulers)
    close(change[0] + change[1] * got, table(golden, f"normalise/{file}").loc[raw.index,
                                                                              raw.columns])


@pytest.mark.parametrize(("cap", "file"), [(False, "dist2ref_SGP"), (True, "dist2ref_SGP_capped")])
def test_distance_to_a_reference_unit(golden: Path, raw: pd.DataFrame, signs: np.ndarray,
                                      cap: bool, file: str) -> None:
    rulers = Rulers(reference=np.asarray(raw.index == "SGP"), cap=cap)
    got = NORMALISERS["distance-to-reference-pooled"].kernel(
        raw.to_numpy(dtype=np.float64), signs, rulers)
    expected = table(golden, f"normalise/{file}").loc[raw.index, raw.columns]
    # Where the reference unit is the worst there is no distance: COINr divides by 0.
    z = signs * raw
    there = ((z.loc["SGP"] > z.min()) & z.loc["SGP"].notna()).to_numpy()
    assert there.sum() > 40
    close(got[:, there], expected.loc[:, there].to_numpy())
    assert np.isnan(got[:, ~there]).all()


@pytest.mark.parametrize(("cap", "file"), [(False, "dist2targ_uncapped"),
                                           (True, "dist2targ_capped")])
def test_distance_to_targets(golden: Path, raw: pd.DataFrame, meta: pd.DataFrame,
                             signs: np.ndarray, cap: bool, file: str) -> None:
    targets = meta.loc[raw.columns, "Target"].to_numpy(dtype=np.float64)
    got = NORMALISERS["distance-to-target-pooled"].kernel(
        raw.to_numpy(dtype=np.float64), signs, Rulers(targets=targets, cap=cap))
    close(got, table(golden, f"normalise/{file}").loc[raw.index, raw.columns])


@pytest.mark.parametrize(("name", "file"), [("goalposts", "goalposts_trunc"),
                                            ("scaled", "goalposts_notrunc")])
def test_goalposts(golden: Path, raw: pd.DataFrame, signs: np.ndarray, name: str,
                   file: str) -> None:
    X = raw.to_numpy(dtype=np.float64)
    low, high = np.nanquantile(X, 0.1, axis=0), np.nanquantile(X, 0.9, axis=0)
    got = NORMALISERS[f"{name}-pooled"].kernel(X, signs, Rulers(lows=low, highs=high))
    expected = table(golden, f"normalise/{file}").loc[raw.index, raw.columns].to_numpy()
    there = high > low
    assert there.sum() > 40
    close(100.0 * got[:, there], expected[:, there], rtol=1e-11)


def test_scaled_by_one_pair_of_posts(golden: Path, raw: pd.DataFrame) -> None:
    X = raw.to_numpy(dtype=np.float64)
    count = X.shape[1]
    got = NORMALISERS["scaled-pooled"].kernel(
        X, np.ones(count), Rulers(lows=np.zeros(count), highs=np.full(count, 50.0)))
    close(100.0 * got, table(golden, "normalise/scaled_0_50").loc[raw.index, raw.columns])


def test_fraction_of_the_maximum(golden: Path, raw: pd.DataFrame, signs: np.ndarray) -> None:
    X = raw.to_numpy(dtype=np.float64)
    expected = table(golden, "normalise/fracmax_nodirection").loc[raw.index, raw.columns].to_numpy()
    got = NORMALISERS["fraction-of-max-pooled"].kernel(X, np.ones(len(signs)))
    fit = ~np.isnan(got).all(axis=0)
    assert fit.sum() > 40
    close(got[:, fit], expected[:, fit])


# --- treat ----------------------------------------------------------------------------------------

def test_skewness_and_kurtosis(golden: Path, raw: pd.DataFrame) -> None:
    check = table(golden, "treat/skew_kurt_check").loc[raw.columns]
    X = raw.to_numpy(dtype=np.float64)
    close(np.array([skewness(x) for x in X.T]), check["Skew"])
    close(np.array([kurtosis(x) for x in X.T]), check["Kurt"])
    close(np.array([skewness(log_ct(x)) for x in X.T]), check["log_CT_skew"])
    close(np.array([kurtosis(log_ct(x)) for x in X.T]), check["log_CT_kurt"])
    assert [passes(x) for x in X.T] == [str(p) in ("True", "TRUE") for p in check["Pass"]]


@pytest.mark.parametrize(("file", "points"), [("winsorise_max5", 5), ("winsorise_nolimit", None)])
def test_winsorisation(golden: Path, raw: pd.DataFrame, file: str, points: int | None) -> None:
    X = raw.to_numpy(dtype=np.float64)
    done = [winsorise(x, points) for x in X.T]
    close(np.stack([d[0] for d in done], axis=1), table(golden, f"treat/{file}").loc[
        raw.index, raw.columns])
    counts = table(golden, "treat/winsorise_counts").loc[raw.columns]
    column = counts.iloc[:, 0 if points else 1]
    assert [d[1] for d in done] == column.astype(int).tolist()


@pytest.mark.parametrize(("file", "kernel"), [
    ("log_CT", log_ct), ("log_CT_plus", log_ct_plus), ("log_CT_orig", log_ct_orig),
    ("boxcox_lambda0", lambda x: boxcox(x, 0.0)), ("boxcox_lambda0.5", lambda x: boxcox(x, 0.5)),
])
def test_logarithms(golden: Path, raw: pd.DataFrame, file: str, kernel: object) -> None:
    got = np.stack([kernel(x) for x in raw.to_numpy(dtype=np.float64).T],  # type: ignore[operator]
                   axis=1)
    close(got, table(golden, f"treat/{file}").loc[raw.index, raw.columns], rtol=1e-11)


@pytest.mark.parametrize(("file", "rule", "points"), [
    ("treat_default", "skew-kurtosis", 5), ("treat_winmax1", "skew-kurtosis", 1),
    ("treat_combine", "skew-kurtosis-combined", 5),
])
def test_the_skew_and_kurtosis_rule(golden: Path, raw: pd.DataFrame, file: str, rule: str,
                                    points: int) -> None:
    expected = table(golden, f"treat/{file}").loc[raw.index, raw.columns]
    done = [TREATMENTS[rule].kernel(x, Doses(points=points))
            for x in raw.to_numpy(dtype=np.float64).T]
    close(np.stack([d.values for d in done], axis=1), expected)
    if file == "treat_winmax1":
        assert any(d.done.startswith("its logarithm") for d in done)


def test_statistics_of_indicators(golden: Path, raw: pd.DataFrame) -> None:
    got = describe(raw.to_numpy(dtype=np.float64), list(raw.columns)).set_index("node")
    expected = table(golden, "stats/stats_raw").loc[raw.columns]
    for mine, theirs in (("min", "Min"), ("max", "Max"), ("mean", "Mean"), ("median", "Median"),
                         ("sd", "Std"), ("skewness", "Skew"), ("kurtosis", "Kurt"),
                         ("share_available", "Frc.Avail")):
        close(got[mine].to_numpy(), expected[theirs].to_numpy())
    for mine, theirs in (("available", "N.Avail"), ("nonzero", "N.NonZero"),
                         ("unique", "N.Unique"), ("same", "N.Same")):
        assert got[mine].tolist() == expected[theirs].astype(int).tolist(), mine
    assert got["flags"].str.contains("outliers").tolist() == (
        expected["Flag.SkewKurt"] == "OUT").tolist()


# --- aggregate ------------------------------------------------------------------------------------

def tree_of(meta: pd.DataFrame, weights: pd.Series[float], code: str) -> Pillar | Indicator:
    weight = float(weights[code])
    below = meta.index[meta["Parent"] == code]
    if not len(below):
        return Indicator(code, 1, weight)
    return Pillar(code, tuple(tree_of(meta, weights, c) for c in below), weight)


def scored(golden: Path, meta: pd.DataFrame, data: str, weights: str, names: tuple[str, ...],
           mixing: Mixing | None = None, require: tuple[float, ...] = ()
           ) -> tuple[Scored, pd.DataFrame]:
    rows = meta[meta["Type"].isin(["Indicator", "Aggregate"])]
    root = tree_of(rows, table(golden, f"weights/{weights}")["Weight"], "Index")
    assert isinstance(root, Pillar)
    Z = table(golden, f"aggregate/{data}")
    recipe = Recipe(tuple(AGGREGATORS[n] for n in names), mixing or Mixing(), require)
    columns = Z[[leaf.name for leaf in leaves(root)]].to_numpy(dtype=np.float64)
    return score_tree(root, columns, SCHEMES["given"], recipe), Z


FULL, GAPS = "input_norm_1_100", "input_with_NA_norm_1_100"
MIXED = ("arithmetic", "geometric", "harmonic")


@pytest.mark.parametrize(("data", "weights", "names", "mixing", "require", "file"), [
    (FULL, "original", ("harmonic",), None, (), "hmean_Original"),
    (FULL, "custom_unequal", ("harmonic",), None, (), "hmean_Custom"),
    *[(FULL, w, ("generalised",), Mixing(power=p), (), f"genmean_{q}_{n}")
      for w, n in (("original", "Original"), ("custom_unequal", "Custom"))
      for p, q in ((2.0, "p2"), (-1.0, "pm1"), (0.5, "p0.5"))],
    (FULL, "original", MIXED, None, (), "mixed_amean_gmean_hmean_Original"),
    (FULL, "custom_unequal", MIXED, None, (), "mixed_amean_gmean_hmean_Custom"),
    (FULL, "original", ("copeland",), None, (), "copeland_Original"),
    (FULL, "original", ("copeland",), None, (), "copeland_Original_exact_ties_independent"),
    (FULL, "custom_unequal", ("copeland",), None, (), "copeland_Custom_exact_ties_independent"),
    (GAPS, "custom_unequal", ("harmonic",), None, (), "withNA_hmean_Custom"),
    (GAPS, "custom_unequal", ("arithmetic",), None, (0.9,), "withNA_amean_Custom_thresh0.9"),
    (GAPS, "custom_unequal", ("arithmetic",), None, (0.95, 1.0, 0.5),
     "withNA_amean_Custom_thresh_bylevel"),
])
def test_aggregation_up_a_tree(golden: Path, meta: pd.DataFrame, data: str, weights: str,
                               names: tuple[str, ...], mixing: Mixing | None,
                               require: tuple[float, ...], file: str) -> None:
    found, Z = scored(golden, meta, data, weights, names, mixing, require)
    expected = table(golden, f"aggregate/{file}").loc[Z.index]
    assert len(found.scores) == 8 + 2 + 1
    for name, values in found.scores.items():
        np.testing.assert_allclose(values, expected[name], rtol=RTOL, err_msg=name)


def test_a_generalised_mean_takes_rows_with_gaps(golden: Path, meta: pd.DataFrame) -> None:
    """COINr's own has no value for any row with a gap."""
    found, Z = scored(golden, meta, GAPS, "custom_unequal", ("generalised",), Mixing(power=2.0))
    theirs = table(golden, "aggregate/withNA_genmean_p2_Custom_DEFECT").loc[Z.index]
    assert theirs["Index"].isna().any()
    assert not np.isnan(found.scores["Index"]).any()
    full = theirs["Physical"].notna().to_numpy()
    np.testing.assert_allclose(found.scores["Physical"][full], theirs["Physical"][full], rtol=RTOL)


@pytest.mark.parametrize("pillar", ["Physical", "Environ"])
@pytest.mark.parametrize(("weights", "name"), [("original", "Original"),
                                               ("custom_unequal", "Custom")])
def test_outranking(golden: Path, lineage: pd.DataFrame, pillar: str, weights: str,
                    name: str) -> None:
    Z = table(golden, f"aggregate/{FULL}")
    below = [c for c in Z.columns if pillar in lineage.reset_index().set_index(
        lineage.index.name or "index").loc[c].tolist()]
    w = table(golden, f"weights/{weights}")["Weight"].loc[below].to_numpy(dtype=np.float64)
    got = outranking(Z[below].to_numpy(dtype=np.float64), w)
    expected = table(golden, f"aggregate/outrank_matrix_{pillar}_{name}").loc[Z.index, Z.index]
    off = ~np.eye(len(Z), dtype=bool)
    close(got[off], expected.to_numpy(dtype=np.float64)[off])
    summary = table(golden, f"aggregate/outrank_summary_{pillar}_{name}").reset_index()
    # A pair is dominated where one row is ahead in everything.
    pairs = np.triu(off)
    dominated = ((got == 1) | (got == 0)) & pairs
    assert dominated.sum() == int(summary["nDominant"].iloc[0])
    assert dominated.sum() / pairs.sum() == pytest.approx(summary["fracDominant"].iloc[0], rel=RTOL)


# --- weights, correlations, reliability -----------------------------------------------------------

@pytest.fixture(scope="module")
def example(golden: Path, meta: pd.DataFrame) -> pd.DataFrame:
    """Indicators on [1, 100] and their arithmetic means up the tree.

    COINr's example has them on [0, 100], which changes neither correlations nor α.
    """
    found, Z = scored(golden, meta, FULL, "original", ("arithmetic",))
    return pd.concat([Z, pd.DataFrame(found.scores, index=Z.index)], axis=1)


@pytest.mark.parametrize("file", ["level1_bygroup", "level2_bygroup", "level3_bygroup",
                                  "level2_all", "raw_level1_bygroup_naomit"])
def test_principal_components(golden: Path, example: pd.DataFrame, raw: pd.DataFrame,
                              file: str) -> None:
    data = raw if file.startswith("raw") else example
    variance = table(golden, f"weights/pca_variance_{file}")
    loadings = table(golden, f"weights/pca_loadings_{file}")
    for group in dict.fromkeys(loadings.index):
        members = loadings.loc[[group]]
        codes = list(dict.fromkeys(members["iCode"]))
        part = data[codes].to_numpy(dtype=np.float64)
        found = components(part[~np.isnan(part).any(axis=1)])
        np.testing.assert_allclose(found.eigenvalues, variance.loc[[group], "eigenvalue"],
                                   rtol=1e-9, atol=1e-11)
        for k in (1, 2):
            theirs = members[members["component"] == k].set_index("iCode").loc[codes, "loading"]
            np.testing.assert_allclose(np.abs(found.vectors[:, k - 1]), np.abs(theirs), rtol=1e-8,
                                       atol=1e-9)


def test_means_with_loadings_for_weights(golden: Path, meta: pd.DataFrame) -> None:
    found, Z = scored(golden, meta, FULL, "pca_abs_level1", ("arithmetic",))
    expected = table(golden, "aggregate/amean_PCAabs").loc[Z.index]
    for name, values in found.scores.items():
        np.testing.assert_allclose(values, expected[name], rtol=RTOL, err_msg=name)


def test_weights_that_balance_two_sub_indices(golden: Path, example: pd.DataFrame) -> None:
    Z = example[["Conn", "Sust"]].to_numpy(dtype=np.float64)
    theirs = table(golden, "weights/opt_balance_equal_level3_tol1e-10_corr").reset_index()
    found = balance(Z)
    np.testing.assert_allclose(found.weights, theirs["OptWeight"], rtol=1e-4)
    assert found.gap < 1e-28
    # The most information of two is the same point.
    most = table(golden, "weights/opt_infomax_level3_tol1e-10_corr").reset_index()
    np.testing.assert_allclose(found.weights, most["OptWeight"], atol=1e-4)


def test_balancing_never_weighs_below_nothing_and_reports_what_it_reached(
        golden: Path, example: pd.DataFrame) -> None:
    """COINr reaches twice the say with a weight below 0, and reports another point's shares."""
    Z = example[["Conn", "Sust"]].to_numpy(dtype=np.float64)
    theirs = table(golden, "weights/opt_balance_2_1_level3_tol1e-10_corr").reset_index()
    assert (theirs["OptWeight"] < 0).any()
    found = balance(Z, np.array([2.0, 1.0]))
    assert (found.weights >= 0).all()
    total = Z @ found.weights
    r = np.array([np.corrcoef(z, total)[0, 1] for z in Z.T])
    np.testing.assert_allclose(found.obtained, r / r.sum(), rtol=1e-10)
    # All weight on the first is the nearest that can be.
    np.testing.assert_allclose(found.weights, [1, 0], atol=1e-6)


@pytest.mark.parametrize("group", ["Conn", "Sust"])
def test_balancing_within_a_sub_index(example: pd.DataFrame, lineage: pd.DataFrame,
                                      group: str) -> None:
    codes = list(dict.fromkeys(lineage.loc[lineage["Sub-index"] == group, "Pillar"]))
    Z = example[codes].to_numpy(dtype=np.float64)
    found = balance(Z)
    assert (found.weights >= 0).all()
    rng = np.random.default_rng(1)
    for w in [np.ones(len(codes)), *rng.dirichlet(np.ones(len(codes)), size=500)]:
        r = np.array([np.corrcoef(z, Z @ w)[0, 1] for z in Z.T])
        assert ((r / r.sum() - 1 / len(codes)) ** 2).mean() >= found.gap - 1e-12


@pytest.mark.parametrize("kind", ["pearson", "spearman", "kendall"])
@pytest.mark.parametrize("file", ["level1_all", "level2_all", "level1_parent", "level1_family"])
def test_correlations_in_the_tree(golden: Path, example: pd.DataFrame, lineage: pd.DataFrame,
                                  kind: str, file: str) -> None:
    expected = table(golden, f"corr/{file}_{kind}").reset_index()
    names = {"Pillar": 0, "Sub-index": 1, "Index": 2}
    wanted, got = [], []
    for a, b, value in expected.itertuples(index=False):
        # The family names the level above, which is another node for each indicator.
        first = lineage.loc[b].iloc[names[a]] if file == "level1_family" else a
        pair = example[[first, b]].to_numpy(dtype=np.float64)
        got.append(correlate(pair, kind=kind)[0, 1])
        wanted.append(value)
    np.testing.assert_allclose(got, wanted, rtol=1e-11, atol=1e-12)


def test_p_values(golden: Path, example: pd.DataFrame) -> None:
    expected = table(golden, "corr/pvalues_level1_pearson")
    got = p_values(example[expected.columns].to_numpy(dtype=np.float64))
    np.testing.assert_allclose(got, expected.loc[expected.columns], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize(("file", "high", "line"), [("flags_high_0.75", True, 0.75),
                                                    ("flags_low_m0.2", False, -0.2)])
def test_flags_of_correlations(golden: Path, example: pd.DataFrame, lineage: pd.DataFrame,
                               file: str, high: bool, line: float) -> None:
    expected = table(golden, f"corr/{file}").reset_index()
    found = set()
    for _, group in lineage.groupby("Pillar"):
        r = correlate(example[list(group.index)].to_numpy(dtype=np.float64))
        for i, j in zip(*np.triu_indices(len(r), 1), strict=True):
            if r[i, j] > line if high else r[i, j] < line:
                found.add(frozenset((group.index[i], group.index[j])))
    assert found == {frozenset(p) for p in expected[["Ind1", "Ind2"]].itertuples(index=False)}


@pytest.mark.parametrize("kind", ["pearson", "spearman"])
def test_pairwise_correlations_of_raw_data(golden: Path, raw: pd.DataFrame, kind: str) -> None:
    expected = table(golden, f"corr/raw_level1_{kind}_pairwise").reset_index()
    got = pd.DataFrame(correlate(raw.to_numpy(dtype=np.float64), kind=kind), index=raw.columns,
                       columns=raw.columns)
    close(np.array([got.loc[a, b] for a, b in zip(expected["Var1"], expected["Var2"],
                                                  strict=True)]),
          expected["Correlation"].to_numpy())


def test_significance_of_correlations(golden: Path, raw: pd.DataFrame) -> None:
    p = pd.DataFrame(p_values(raw.to_numpy(dtype=np.float64)), index=raw.columns,
                     columns=raw.columns)
    shown = table(golden, "corr/raw_level1_pearson_p05").reset_index()
    off = shown[shown["Var1"] != shown["Var2"]]
    blank = np.array([p.loc[a, b] > 0.05 for a, b in zip(off["Var1"], off["Var2"], strict=True)])
    assert blank.tolist() == off["Correlation"].isna().tolist()


def test_cronbach(golden: Path, raw: pd.DataFrame, example: pd.DataFrame,
                  lineage: pd.DataFrame) -> None:
    expected = table(golden, "reliability/cronbach").reset_index()
    chains = lineage.reset_index()
    levels = list(chains.columns)
    assert len(expected) > 30
    for row in expected.itertuples():
        level = levels[row.Level - 1]
        rows = chains if row.group == "(all)" else chains[(chains == row.group).any(axis=1)]
        data = raw if row.dset == "Raw" else example
        X = data[list(dict.fromkeys(rows[level]))].to_numpy(dtype=np.float64)
        assert cronbach(X, pairwise=True) == pytest.approx(row.alpha_pairwise, rel=1e-10)
        assert cronbach(X) == pytest.approx(row.alpha_complete, rel=1e-10)


# --- uncertainty and sensitivity ------------------------------------------------------------------

def test_ranks_and_bands_of_stored_variants(golden: Path) -> None:
    scores = table(golden, "sensitivity/STOCHASTIC_scores")
    ranks = table(golden, "sensitivity/STOCHASTIC_ranks").loc[scores.index]
    runs = [c for c in scores.columns if c.startswith("r_")]
    got = np.stack([falling_ranks(scores[c].to_numpy(dtype=np.float64)) for c in runs])
    np.testing.assert_array_equal(got, ranks[runs].to_numpy().T)
    nominal = falling_ranks(scores["Nominal"].to_numpy(dtype=np.float64))
    np.testing.assert_array_equal(nominal, ranks["Nominal"])
    output = table(golden, "sensitivity/STOCHASTIC_output_y")
    close(rank_shift(got, nominal), output["mean_abs_rank_shift"].to_numpy()[:len(runs)])
    stats = table(golden, "sensitivity/STOCHASTIC_rankstats").loc[scores.index]
    # The statistics are over the first 200 runs, the plain Monte-Carlo sample (A and B).
    found = bands(got[:200])
    close(found.mean, stats["Mean"].to_numpy())
    close(found.median, stats["Median"].to_numpy())
    close(found.low, stats["Q5"].to_numpy())
    close(found.high, stats["Q95"].to_numpy())


def blocks(y: np.ndarray, count: int, factors: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return y[:count], y[count:2 * count], y[2 * count:].reshape(factors, count)


def test_the_estimator_on_stored_outputs(golden: Path) -> None:
    y = table(golden, "sensitivity/STOCHASTIC_output_y")
    A, B, AB = blocks(y["mean_abs_rank_shift"].to_numpy(dtype=np.float64), 100, 4)
    expected = table(golden, "sensitivity/STOCHASTIC_indices")
    theirs = sobol(A, B, AB, centred=False, ddof=1)
    close(theirs.first, expected["Si"].to_numpy())
    close(theirs.total, expected["STi"].to_numpy())


def test_centring_brings_the_first_order_to_the_truth(golden: Path) -> None:
    """COINr does not centre: on a linear function its first-order indices are far off."""
    y = pd.read_csv(golden / "index/coinr/sensitivity/estimator_y.csv")["y"].to_numpy()
    expected = table(golden, "sensitivity/estimator_indices")
    A, B, AB = blocks(y, 256, 3)
    theirs = sobol(A, B, AB, centred=False, ddof=1)
    close(theirs.first, expected["Si"].to_numpy())
    close(theirs.total, expected["STi"].to_numpy())
    truth = np.array([0.25, 0.09, 0.04]) / 0.38
    ours = sobol(A, B, AB).first
    assert np.abs(ours - truth).max() < 0.1
    assert np.abs(theirs.first - truth).max() > 0.3


# --- defects of COINr that have no reference ------------------------------------------------------

def test_copeland_is_one_of_the_aggregators_of_a_tree() -> None:
    Z = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]])
    root = Pillar("index", (Pillar("p", (Indicator("a"), Indicator("b"))),))
    got = score_tree(root, Z, SCHEMES["equal"], AGGREGATORS["copeland"]).scores["p"]
    assert got.tolist() == [-1.0, -1.0, 2.0]


def test_ties_of_unequal_weights_are_exact() -> None:
    """0.1 + 0.2 ties with 0.3, which floating point denies."""
    Z = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert 0.1 + 0.2 != 0.3
    assert copeland(Z, np.array([0.1, 0.2, 0.3])).tolist() == [0.0, 0.0]


def test_outranking_with_gaps_does_not_depend_on_the_order_of_rows() -> None:
    rng = np.random.default_rng(3)
    Z = rng.integers(0, 4, size=(12, 4)).astype(float)
    Z[rng.random(Z.shape) < 0.3] = np.nan
    w = np.array([1.0, 2.0, 0.5, 1.5])
    order = rng.permutation(12)
    np.testing.assert_array_equal(outranking(Z[order], w), outranking(Z, w)[np.ix_(order, order)])
    np.testing.assert_array_equal(copeland(Z[order], w), copeland(Z, w)[order])
    both = outranking(Z, w) + outranking(Z, w).T
    off = ~np.eye(12, dtype=bool) & ~np.isnan(both)
    np.testing.assert_allclose(both[off], 1.0, rtol=1e-14)


def test_ranks_of_missing_values_stay_missing() -> None:
    got = rank_columns(np.array([[2.0], [np.nan], [1.0]]))
    np.testing.assert_array_equal(got[:, 0], [2.0, np.nan, 1.0])
