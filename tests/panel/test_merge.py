"""Merges: cardinality, unmatched rows, expectations, and what the report says."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gvckit.errors import DataError, SpecError
from gvckit.panel.merge import merge

NAN = float("nan")


def rows() -> pd.DataFrame:
    return pd.DataFrame({
        "country": pd.Categorical(["TWN", "DEU", "DEU", "AUS"], categories=["TWN", "DEU", "AUS"]),
        "year": [2000, 2000, 2001, 2000],
        "y": [1.0, 2.0, 3.0, 4.0],
    }, index=[3, 2, 1, 0])


def right() -> pd.DataFrame:
    return pd.DataFrame({"country": ["AUS", "DEU", "USA", "DEU"], "year": [2000, 2000, 2000, 2001],
                         "gdp": [10.0, 20.0, 30.0, NAN]})


def test_left_rows_keep_their_order_and_get_the_right_values() -> None:
    done = merge(rows(), right(), ["country", "year"], "one-to-one")
    assert done.frame["y"].tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(done.frame["gdp"], [NAN, 20, NAN, 10])
    assert isinstance(done.frame["country"].dtype, pd.CategoricalDtype)
    report = done.reports[0]
    assert (report.rows, report.matched, report.with_values, report.unused) == (4, 3, 2, 1)
    assert report.lost == {"country": ("TWN",), "year": ("2001",)}
    assert report.keys == {"country": 2, "year": 1}
    assert json.loads(json.dumps(report.to_dict()))["lost"]["country"] == ["TWN"]


def test_unmatched_rows_are_kept_dropped_or_refused() -> None:
    drop = merge(rows(), right(), ["country", "year"], unmatched="drop")
    assert drop.frame["y"].tolist() == [2, 3, 4]
    with pytest.raises(DataError, match="1 rows have no match: TWN 2000"):
        merge(rows(), right(), ["country", "year"], unmatched="error")


def test_one_row_can_have_many() -> None:
    left = pd.DataFrame({"k": ["a", "b", "c"], "y": [1, 2, 3]})
    many = pd.DataFrame({"k": ["b", "a", "b"], "z": [1.0, 2.0, 3.0]})
    done = merge(left, many, ["k"], "one-to-many")
    assert done.frame["k"].tolist() == ["a", "b", "b", "c"]
    np.testing.assert_array_equal(done.frame["z"], [2, 1, 3, NAN])
    assert done.reports[0].matched == 2


def test_cardinality_is_verified_with_examples() -> None:
    twice = pd.concat([right(), right().iloc[[1]].assign(gdp=9.0)])
    with pytest.raises(DataError, match=r"not many-to-one: 1 rows of pwt .* DEU 2000"):
        merge(rows(), {"pwt": twice}, ["country", "year"], "many-to-one")
    with pytest.raises(DataError, match="not one-to-one: 1 rows of the panel's rows"):
        merge(rows(), right().iloc[[0, 1, 2]].drop(columns="year"), ["country"], "one-to-one")
    with pytest.raises(SpecError, match="aggregate one side first"):
        merge(rows(), right(), ["country"], "many-to-many")
    with pytest.raises(SpecError, match="did you mean 'drop'"):
        merge(rows(), right(), ["country"], "many-to-one", "dropp")


def test_expectations_name_what_was_lost() -> None:
    on = ["country", "year"]
    merge(rows(), right(), on, expect={"countries": 2, "year": 1, "rows": 2, "share": 0.5,
                                       "lost": 2})
    with pytest.raises(DataError) as caught:
        merge(rows(), {"pwt": right()}, on,
              expect={"countries": 3, "years": 2, "rows": 3, "share": 0.6, "lost": 1})
    text = str(caught.value)
    assert len(caught.value.problems) == 5
    assert "2 distinct country values are matched, 3 expected; lost: TWN" in text
    assert "lost: 2001" in text
    assert "a share of 0.500" in text
    with pytest.raises(SpecError, match="unknown expectation 'sectors'"):
        merge(rows(), right(), on, expect={"sectors": 2})


def test_each_source_must_meet_the_expectation() -> None:
    poor = pd.DataFrame({"country": ["DEU"], "year": [2000], "hc": [1.0]})
    with pytest.raises(DataError, match="merge with poor: 1 distinct country"):
        merge(rows(), {"rich": right(), "poor": poor}, ["country", "year"],
              expect={"countries": 2})


def test_what_does_not_fit_is_refused() -> None:
    on = ["country", "year"]
    with pytest.raises(DataError, match="unknown key of right 'year'"):
        merge(rows(), right().rename(columns={"year": "t"}), on)
    with pytest.raises(DataError, match="both sides have y"):
        merge(rows(), right().rename(columns={"gdp": "y"}), on)
    with pytest.raises(DataError, match="a number in the panel's rows and text in right"):
        merge(rows(), right().astype({"year": str}), on)
    with pytest.raises(DataError, match="1 rows of right lack a key"):
        merge(rows(), right().assign(country=["AUS", None, "USA", "DEU"]), on)
    with pytest.raises(DataError, match="no keys"):
        merge(rows(), right(), [])


def test_a_flag_that_is_missing_becomes_a_number() -> None:
    flags = pd.DataFrame({"country": ["DEU"], "eu": [True]})
    done = merge(rows(), flags, ["country"], "many-to-one")
    np.testing.assert_array_equal(done.frame["eu"], [NAN, 1, 1, NAN])


keys = st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(0, 3)), max_size=12)


@given(keys, st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(0, 3)), max_size=12,
                      unique=True))
def test_many_to_one_is_the_left_join_of_pandas(left: list[tuple[str, int]],
                                                other: list[tuple[str, int]]) -> None:
    a = pd.DataFrame(left, columns=["c", "t"]).astype({"c": object, "t": "int64"})
    b = pd.DataFrame(other, columns=["c", "t"]).astype({"c": object, "t": "int64"})
    a["y"], b["z"] = np.arange(len(a)), np.arange(len(b)) + 0.5
    done = merge(a, b, ["c", "t"], "many-to-one")
    expected = a.merge(b, on=["c", "t"], how="left")
    np.testing.assert_array_equal(done.frame["z"].to_numpy(float), expected["z"].to_numpy(float))
    np.testing.assert_array_equal(done.frame["y"], expected["y"])
    report = done.reports[0]
    assert report.matched == expected["z"].notna().sum()
    assert report.unused == len(set(other) - set(left))
