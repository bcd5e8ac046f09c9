from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from report_samples import DICTIONARY
from scipy import stats

from gvckit.errors import DataError
from gvckit.report.cells import TableLayout
from gvckit.report.descriptives import (
    correlation_table,
    definitions_table,
    descriptives_table,
    pairwise,
    row_decimals,
    summary,
)
from gvckit.report.latex import render
from gvckit.report.weights_table import tree_order, weights_table


def texts(layout: TableLayout) -> list[tuple[str, list[str]]]:
    return [(r.label, [c.text for c in r.cells]) for r in layout.rows]


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({
        "dig": [0.1, 0.2, 0.3, np.nan], "open": [1000.5, 2000.5, 3000.5, 4000.5],
        "rich": [0, 1, 0, 1], "empty": [np.nan] * 4})


def test_summary_against_numpy_and_the_definition() -> None:
    values = np.array([3.0, 1.0, np.nan, 8.0])
    got = summary(values)
    assert got["N"] == 3
    assert got["missing_count"] == 1
    assert got["mean"] == 4.0
    assert got["sd"] == pytest.approx(np.sqrt((1 + 9 + 16) / 2), rel=1e-15)
    assert (got["min"], got["p50"], got["max"]) == (1.0, 3.0, 8.0)


def test_descriptives(frame: pd.DataFrame) -> None:
    got = descriptives_table(frame, ["dig", "open", "empty"], DICTIONARY)
    assert texts(got) == [
        ("Digital input", ["3", "0.200", "0.100", "0.100", "0.200", "0.300", "1"]),
        ("Openness (% of GDP)",
         ["4", "2500.5", "1291.0", "1000.5", "2500.5", "4000.5", "0"]),
        ("empty", ["0", "", "", "", "", "", "4"]),
    ]
    assert got.data.rows[0][4] == 3
    assert got.data.rows[0][5] == frame["dig"].mean()
    assert got.notes[0].startswith("SD is the sample standard deviation (divisor N − 1)")


def test_descriptives_by_group_in_chinese(frame: pd.DataFrame) -> None:
    got = descriptives_table(frame, ["dig"], DICTIONARY, "zh", by="rich")
    assert [g.label for g in got.groups] == ["rich: 0", "rich: 1"]
    assert [c.text for c in got.groups[1].rows[0].cells] == [
        "1", "0.200", "", "0.200", "0.200", "0.200", "1"]
    assert [s.label for s in got.header[0].spans][:3] == ["观测值", "均值", "标准差"]


def test_small_spreads_get_the_digits_they_need() -> None:
    assert row_decimals(summary(np.array([0.001, 0.002, 0.0035]))) == 4
    assert row_decimals(summary(np.array([2e9, 3e9]))) is None
    assert row_decimals(summary(np.array([5.0, 5.0]))) == 3
    assert row_decimals(summary(np.array([150.0, 250.0]))) == 2


def test_unknown_variables_are_named_together(frame: pd.DataFrame) -> None:
    with pytest.raises(DataError) as caught:
        descriptives_table(frame, ["digg", "opn"], DICTIONARY, by="ric")
    assert [p.nearest for p in caught.value.problems] == ["dig", "open", "rich"]


def test_definitions() -> None:
    got = definitions_table(["dig", "ln_gdp", "other"], DICTIONARY)
    assert texts(got) == [
        ("Digital input", ["winsor(dig_in, 0.01)", "share", "WIOD 2013"]),
        ("Ln GDP per capita", ["log(gdp_pc)", "2015 USD", "Gapminder & WDI"]),
        ("other", ["other", "", ""]),
    ]
    assert r"{Gapminder \& WDI}" in render(got)


def test_correlations_against_scipy() -> None:
    rng = np.random.default_rng(7)
    x = rng.normal(size=60)
    y = 0.4 * x + rng.normal(size=60)
    y[:5] = np.nan
    r, p, n = pairwise(x, y)
    reference = stats.pearsonr(x[5:], y[5:])
    assert n == 55
    assert r == pytest.approx(reference.statistic, rel=1e-12)
    assert p == pytest.approx(reference.pvalue, rel=1e-9)


def test_the_correlation_matrix_is_a_lower_triangle(frame: pd.DataFrame) -> None:
    got = correlation_table(frame, ["dig", "open", "empty"], DICTIONARY)
    assert texts(got) == [
        ("(1) Digital input", ["1.000", "", ""]),
        ("(2) Openness (% of GDP)", ["1.000", "1.000", ""]),
        ("(3) empty", ["n.a.", "n.a.", "n.a."]),
    ]


WEIGHTS = pd.DataFrame({
    "level": [2, 1, 2, 0, 1], "node": ["internet", "access", "mobile", "dig_eco", "use"],
    "parent": ["access", "dig_eco", "access", None, "dig_eco"],
    "weight": [0.6, 0.4, 0.4, 1.0, 0.6], "effective": [0.24, 0.4, 0.16, 1.0, 0.6],
    "entropy": [0.91, np.nan, 0.94, np.nan, np.nan],
    "divergence": [np.nan] * 5,
})


def test_weights_follow_the_tree_and_leave_out_what_is_missing() -> None:
    got = weights_table(WEIGHTS, DICTIONARY)
    assert [(r.label, r.indent) for r in got.rows] == [
        ("dig_eco", 0), ("access", 1), ("internet", 2), ("mobile", 2), ("use", 1)]
    assert [c.name for c in got.columns] == ["weight", "effective", "entropy"]
    assert [c.text for c in got.rows[2].cells] == ["0.6000", "0.2400", "0.9100"]
    assert r"\hspace*{2em}internet" in render(got)


def test_a_tree_with_a_loop_is_refused() -> None:
    with pytest.raises(DataError, match="their own ancestors: a, b"):
        tree_order(["a", "b", "c"], ["b", "a", ""])
    with pytest.raises(DataError, match="no column 'weight'"):
        weights_table(WEIGHTS.drop(columns="weight"), {})


def test_a_node_named_like_its_parent_is_a_root() -> None:
    assert tree_order(["a", "b"], ["a", "a"]) == [(0, 0), (1, 1)]
