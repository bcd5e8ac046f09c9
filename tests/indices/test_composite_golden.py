"""Kernels and trees against COINr 1.1.14, pymcdm 1.4.0 and scikit-criteria 0.10."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit.indices.aggregate import AGGREGATORS
from gvckit.indices.normalise import minmax_pooled, zscore_pooled
from gvckit.indices.scoring import Scored, score_tree
from gvckit.indices.tree import Indicator, Pillar, leaves
from gvckit.indices.weights import SCHEMES, critic, entropy

pytestmark = pytest.mark.data
# The goldens carry 17 digits; what is left is the order of sums.
RTOL = 1e-12


def table(golden: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(golden / f"index/coinr/{name}.csv", keep_default_na=False,
                       na_values=["", "NA"], index_col=0)


def meta(golden: Path) -> pd.DataFrame:
    return table(golden, "input/iMeta").reset_index().set_index("iCode")


def tree_of(meta: pd.DataFrame, weights: pd.Series[float], code: str) -> Pillar | Indicator:
    weight = float(weights[code])
    below = meta.index[meta["Parent"] == code]
    if not len(below):
        return Indicator(code, 1, weight)
    return Pillar(code, tuple(tree_of(meta, weights, c) for c in below), weight)


def scored(golden: Path, data: str, weights: str, aggregate: str) -> tuple[Scored, pd.DataFrame]:
    tree = meta(golden)
    tree = tree[tree["Type"].isin(["Indicator", "Aggregate"])]
    root = tree_of(tree, table(golden, f"weights/{weights}")["Weight"], "Index")
    assert isinstance(root, Pillar)
    Z = table(golden, data)
    columns = Z[[leaf.name for leaf in leaves(root)]].to_numpy(dtype=np.float64)
    return score_tree(root, columns, SCHEMES["given"], AGGREGATORS[aggregate]), Z


@pytest.mark.parametrize(("kernel", "file", "factor"), [
    (minmax_pooled, "normalise/minmax_0_100", 100.0), (zscore_pooled, "normalise/zscore_0_1", 1.0)])
def test_normalisation(golden: Path, kernel: object, file: str, factor: float) -> None:
    raw = table(golden, "input/raw_dataset")
    signs = meta(golden).loc[raw.columns, "Direction"].to_numpy(dtype=np.float64)
    assert -1 in signs
    got = factor * kernel(raw.to_numpy(dtype=np.float64), signs)  # type: ignore[operator]
    expected = table(golden, file).loc[raw.index, raw.columns]
    assert expected.isna().to_numpy().any()
    np.testing.assert_allclose(got, expected, rtol=RTOL, atol=1e-12)


@pytest.mark.parametrize(("data", "weights", "aggregate", "file"), [
    ("aggregate/input_norm_1_100", "original", "arithmetic", "amean_Original"),
    ("aggregate/input_norm_1_100", "custom_unequal", "arithmetic", "amean_Custom"),
    ("aggregate/input_norm_1_100", "original", "geometric", "gmean_Original"),
    ("aggregate/input_norm_1_100", "custom_unequal", "geometric", "gmean_Custom"),
    ("aggregate/input_with_NA_norm_1_100", "custom_unequal", "arithmetic", "withNA_amean_Custom"),
    ("aggregate/input_with_NA_norm_1_100", "custom_unequal", "geometric", "withNA_gmean_Custom"),
])
def test_aggregation_up_a_tree(golden: Path, data: str, weights: str, aggregate: str,
                               file: str) -> None:
    found, Z = scored(golden, data, weights, aggregate)
    expected = table(golden, f"aggregate/{file}").loc[Z.index]
    assert len(found.scores) == 8 + 2 + 1
    for name, values in found.scores.items():
        np.testing.assert_allclose(values, expected[name], rtol=RTOL, err_msg=name)


def test_effective_weights(golden: Path) -> None:
    found, _ = scored(golden, "aggregate/input_norm_1_100", "custom_unequal", "arithmetic")
    expected = table(golden, "weights/effective_custom")["EffWeight"]
    got = {w.node: w.effective for w in found.weights}
    assert set(got) == set(expected.index) - {"Index"}
    for name, weight in got.items():
        assert weight == pytest.approx(expected[name], rel=RTOL), name


def test_weights_of_the_toy_in_other_packages(golden: Path) -> None:
    X = pd.read_csv(golden / "index/mcdm/toy_input.csv", index_col=0).to_numpy(dtype=np.float64)
    goldens = pd.read_csv(golden / "index/mcdm/toy_weights.csv").set_index(["method", "source"])
    # Those packages take the entropy of the raw shares: the kernel is the same, its input is not.
    np.testing.assert_allclose(entropy(X).weights, goldens.loc["entropy", "pymcdm"], rtol=RTOL)
    np.testing.assert_allclose(entropy(X).weights, goldens.loc["entropy", "skcriteria"], rtol=RTOL)
    plain = critic(minmax_pooled(X, np.ones(3))).weights
    np.testing.assert_allclose(plain, goldens.loc["critic", "pymcdm"], rtol=RTOL)
    signed = critic(minmax_pooled(X, np.array([1.0, 1.0, -1.0]))).weights
    np.testing.assert_allclose(signed, goldens.loc["critic", "skcriteria_directions"], rtol=RTOL)
