"""The panel: keys, order, sources of its variables, and derived variables."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError, SpecError, Where
from gvckit.panel.build import Variable, build_panel
from gvckit.panel.derive import derive
from gvckit.panel.merge import MergeSpec
from gvckit.panel.order import derivation_order, parsed_variables


def rows() -> pd.DataFrame:
    return pd.DataFrame({"country": ["B", "A", "B", "A"], "sector": ["u"] * 4,
                         "year": [2001, 2001, 2000, 2000], "y": [4.0, 2.0, 3.0, 1.0]})


def test_a_panel_is_sorted_by_unit_then_time() -> None:
    gdp = pd.DataFrame({"country": ["A", "B"], "year": [2000, 2001], "gdp": [5.0, 6.0]})
    panel = build_panel(rows(), [MergeSpec({"pwt": gdp}, ("country", "year"), "many-to-one")],
                        ["country", "sector"], "year", rows_name="pos",
                        variables={"gdp": Variable("gdp", {"en": "GDP"}, unit="USD")})
    assert panel.frame["y"].tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(panel.frame["gdp"], [5, np.nan, np.nan, 6])
    assert panel.variables["y"].source == "pos"
    assert panel.variables["gdp"].source == "pwt"
    assert panel.variables["gdp"].to_dict()["label"] == {"en": "GDP"}
    assert set(panel.variables) == {"y", "gdp"}
    assert panel.reports[0].name == "pwt"


def test_the_order_of_the_input_does_not_matter() -> None:
    a = build_panel(rows(), [], ["country", "sector"], "year").frame
    b = build_panel(rows().iloc[::-1], [], ["country", "sector"], "year").frame
    pd.testing.assert_frame_equal(a, b)


def test_keys_must_make_a_panel() -> None:
    with pytest.raises(DataError, match=r"2 rows of the panel repeat the keys country, sector"):
        build_panel(rows(), [], ["country", "sector"], None)
    with pytest.raises(DataError, match="1 rows of rows lack the key 'country'"):
        build_panel(rows().assign(country=["B", None, "B", "A"]), [], ["country"], "year")
    with pytest.raises(DataError, match="did you mean 'country'"):
        build_panel(rows(), [], ["countri"], "year")
    with pytest.raises(DataError, match="not whole"):
        build_panel(rows().assign(year=[1.0, 2.0, 3.0, 4.5]), [], ["country", "sector"], "year")
    with pytest.raises(DataError, match="no rows"):
        build_panel(rows().iloc[:0], [], ["country"], "year")
    with pytest.raises(DataError, match="neither unit nor time"):
        build_panel(rows(), [], [], None)


def test_a_merge_that_drops_everything_is_told() -> None:
    other = pd.DataFrame({"country": ["Z"], "z": [1.0]})
    for unmatched in ("drop", "report"):
        spec = MergeSpec({"other": other}, ("country",), "many-to-one", unmatched)
        with pytest.raises(DataError, match=r"merge with other: no row of the panel finds a match: "
                                            r"country is A, B in the panel's rows and Z in other"):
            build_panel(rows(), [spec], ["country", "sector"], "year")


def test_variables_are_derived_in_the_order_of_their_needs() -> None:
    frame, notes = derive(rows(), {"z": "ln + 1", "ln": "log(y - 1)", "w": "lag(z)"},
                          unit=["country", "sector"], time="year")
    assert list(frame.columns) == ["country", "sector", "year", "y", "z", "ln", "w"]
    np.testing.assert_allclose(frame["z"], np.log([3, 1, 2, np.nan]) + 1)
    np.testing.assert_allclose(frame["w"], [np.log(2) + 1, np.nan, np.nan, np.nan])
    assert notes == ("ln: log(y - 1): 1 value is not above 0, so missing",)


def test_a_cycle_is_named() -> None:
    parsed = parsed_variables({"a": "b + 1", "b": "c * y", "c": "log(a)"})
    with pytest.raises(SpecError, match="a → b → c → a"):
        derivation_order(parsed, ["y"])
    with pytest.raises(SpecError, match="a → a"):
        derivation_order(parsed_variables({"a": "a + 1"}), ["y"])


def test_all_faulty_variables_are_told_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        parsed_variables({"a": "log(", "2b": "y", "c": "y +"}, {"c": Where("s.yaml", 3, 4)})
    assert len(caught.value.problems) == 3
    assert "s.yaml:3:7" in str(caught.value)
    parsed = parsed_variables({"y": "x", "z": "yy", "u": "mean(y, by=secto)"})
    with pytest.raises(SpecError) as caught:
        derivation_order(parsed, ["y", "x", "sector"])
    text = str(caught.value)
    assert len(caught.value.problems) == 3
    assert "'y' is already a column" in text
    assert "did you mean 'sector'" in text


def test_long_chains_do_not_exhaust_the_stack() -> None:
    chain = {f"v{i}": f"v{i + 1} + 1" for i in range(3000)} | {"v3000": "y"}
    order = derivation_order(parsed_variables(chain), ["y"])
    assert order[0] == "v3000"
    assert order[-1] == "v0"


def test_the_frame_given_is_not_changed() -> None:
    frame = rows()
    derive(frame, {"z": "y * 2"}, unit=["country", "sector"], time="year")
    assert list(frame.columns) == ["country", "sector", "year", "y"]


def test_many_variables_are_derived_without_a_frame_that_grows_column_by_column() -> None:
    wanted = {f"v{i}": f"v{i - 1} + 1" if i else "y" for i in range(350)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame, notes = derive(rows(), wanted, unit=["country", "sector"], time="year")
    assert list(frame.columns) == [*rows().columns, *wanted]
    np.testing.assert_allclose(frame["v349"], rows()["y"] + 349)
    assert notes == ()


def test_a_derived_variable_can_be_a_group_and_faults_are_told_of_all() -> None:
    frame, _ = derive(rows(), {"high": "y > 2", "m": "mean(y, by=high)"},
                      unit=["country", "sector"], time="year")
    groups = rows().assign(high=rows()["y"] > 2)
    np.testing.assert_allclose(
        frame["m"], np.where(rows()["y"].isna(), np.nan,
                             groups.groupby("high")["y"].transform("mean")))
    with pytest.raises(SpecError) as caught:
        derive(rows(), {"a": "log(country)", "b": "a + 1", "c": "sector * 2", "d": "y"},
               unit=["country", "sector"], time="year")
    assert [p.at for p in caught.value.problems] == [("a", "is"), ("c", "is")]
    assert "'country' is a key of text, not a number: 'A', 'B' (" in str(caught.value)


def test_a_fault_of_a_merge_says_which_merge_and_which_frame() -> None:
    fine = pd.DataFrame({"country": ["A", "B"], "z": [1.0, 2.0]})
    merges = [MergeSpec({"fine": fine}, ("country",), "many-to-one"),
              MergeSpec({"again": fine.rename(columns={"z": "w"}), "twice": fine},
                        ("country",), "many-to-one")]
    with pytest.raises(DataError) as caught:
        build_panel(rows(), merges, ["country", "sector"], "year")
    assert caught.value.problems[0].at == ("merge", 1, "with", "twice")
    merges[1] = MergeSpec({"few": fine[:1].rename(columns={"z": "w"})}, ("country",),
                          "many-to-one", expect={"countries": 2})
    with pytest.raises(DataError) as caught:
        build_panel(rows(), merges, ["country", "sector"], "year")
    assert caught.value.problems[0].at == ("merge", 1, "expect", "countries")
    assert "lost: B" in str(caught.value)
