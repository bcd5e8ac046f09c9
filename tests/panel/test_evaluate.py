"""Evaluation of expressions, against transcriptions row by row and against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvckit.errors import DataError, SpecError
from gvckit.panel.evaluate import evaluate
from gvckit.panel.functions import FUNCTIONS

NAN = float("nan")


def panel() -> pd.DataFrame:
    return pd.DataFrame({
        "country": ["A", "A", "A", "B", "B", "B"],
        "sector": pd.Categorical(["u", "v", "u", "v", "u", "v"], categories=["v", "u"]),
        "year": [2000, 2001, 2003, 2000, 2001, 2002],
        "x": [1.0, 2.0, 4.0, -1.0, NAN, 8.0],
        "flag": [True, False, True, True, False, True],
        "whole": pd.array([1, 2, None, 4, 5, 6], dtype="Int64"),
    }, index=[10, 11, 12, 5, 6, 7])


def value(text: str, frame: pd.DataFrame | None = None) -> list[float]:
    found = evaluate(text, panel() if frame is None else frame, unit=["country"], time="year")
    return [float(v) for v in found.values]


@pytest.mark.parametrize(("text", "expected"), [
    ("x", [1, 2, 4, -1, NAN, 8]),
    ("flag + whole", [2, 2, NAN, 5, 5, 7]),
    ("-x^2", [-1, -4, -16, -1, NAN, -64]),
    ("x > 1", [0, 1, 1, 0, NAN, 1]),
    ("x != 1 and year == 2001", [0, 1, 0, 0, NAN, 0]),
    ("x > 1 or whole > 3", [0, 1, NAN, 1, NAN, 1]),
    ("not x > 1", [1, 0, 0, 1, NAN, 0]),
    ("where(x > 1, 10, x)", [1, 10, 10, -1, NAN, 10]),
    ("where(flag, 1, 0)", [1, 0, 1, 1, 0, 1]),
    ("abs(x)", [1, 2, 4, 1, NAN, 8]),
    ("x^0", [1, 1, 1, 1, NAN, 1]),
    ("lag(x)", [NAN, 1, NAN, NAN, -1, NAN]),
    ("lag(x, 2)", [NAN, NAN, 2, NAN, NAN, -1]),
    ("lag(x, 3)", [NAN, NAN, 1, NAN, NAN, NAN]),
    ("lead(x)", [2, NAN, NAN, NAN, 8, NAN]),
    ("diff(x)", [NAN, 1, NAN, NAN, NAN, NAN]),
    ("growth(x, 2)", [NAN, NAN, 1, NAN, NAN, -9]),
    ("first(x)", [1, 1, 1, -1, -1, -1]),
    ("mean(x, by=country)", [7 / 3] * 3 + [3.5] * 3),
    ("mean(x)", [2.8] * 6),
    ("sum(x, by=sector)", [5, 9, 5, 9, 5, 9]),
    ("min(x, by=country)", [1, 1, 1, -1, -1, -1]),
    ("max(x)", [8] * 6),
    ("mean(x, leave_out=country)", [3.5] * 3 + [7 / 3] * 3),
    ("mean(x, by=sector, leave_out=country)", [NAN, 3.5, NAN, 2, 2.5, 2]),
    ("rank(x)", [2, 3, 4, 1, NAN, 5]),
    ("rank(flag)", [4.5, 1.5, 4.5, 4.5, 1.5, 4.5]),
    ("winsor(x, 0.25)", [1, 2, 4, 1, NAN, 4]),
    ("winsor(x, 0)", [1, 2, 4, -1, NAN, 8]),
])
def test_values(text: str, expected: list[float]) -> None:
    np.testing.assert_allclose(value(text), expected, rtol=1e-14)


def test_the_values_stand_on_the_frames_index() -> None:
    frame = panel()
    found = evaluate("x", frame, unit=["country"], time="year")
    assert found.values.index.equals(frame.index)
    assert found.values.dtype == np.float64
    assert found.notes == ()


@pytest.mark.parametrize(("text", "count", "reason"), [
    ("log(x)", 1, "not above 0"),
    ("log1p(x)", 1, "not above -1"),
    ("sqrt(x)", 1, "below 0"),
    ("exp(x * 1000)", 4, "too large for exp"),
    ("x / (x - x)", 5, "divided by zero"),
    ("x^0.5", 1, "real power"),
    ("growth(flag * 0)", 3, "growing from zero"),
    ("standardise(flag * 0)", 6, "without spread"),
    ("1e300 * 1e300 * flag", 6, "too large"),
])
def test_what_becomes_missing_is_counted_by_name(text: str, count: int, reason: str) -> None:
    found = evaluate(text, panel(), unit=["country"], time="year")
    assert not np.isinf(found.values).any()
    assert len(found.notes) == 1
    assert f": {count} value" in found.notes[0]
    assert reason in found.notes[0]


def test_an_infinite_cell_is_missing_and_noted() -> None:
    frame = panel()
    frame.loc[10, "x"] = np.inf
    found = evaluate("x > 0", frame, unit=["country"], time="year")
    assert np.isnan(found.values[10])
    assert found.notes == ("x: 1 value is infinite, so missing",)


def test_what_cannot_be_evaluated_is_told_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        evaluate("countri + country + lag(xx) + mean(x, by=secto)", panel(), unit=["country"],
                 time="year")
    text = str(caught.value)
    assert len(caught.value.problems) == 4
    assert "did you mean 'country'?" in text
    assert "'country' is a key of text, not a number: " in text
    assert "did you mean 'sector'?" in text


def test_lags_need_a_panel() -> None:
    frame = panel()
    with pytest.raises(DataError, match="panel's time"):
        evaluate("lag(x)", frame, unit=["country"], time=None)
    frame.loc[11, "year"] = 2000
    with pytest.raises(DataError, match=r"1 rows repeat the keys country, year: A 2000"):
        evaluate("lag(x)", frame, unit=["country"], time="year")
    frame["year"] = frame["year"] + 0.5
    with pytest.raises(DataError, match="not whole"):
        evaluate("lag(x)", frame, unit=["country"], time="year")
    frame["country"] = [None, *["A"] * 5]
    frame["year"] = range(6)
    with pytest.raises(DataError, match="1 rows have no country"):
        evaluate("lag(x)", frame, unit=["country"], time="year")
    with pytest.raises(DataError, match="unknown panel key 'region'"):
        evaluate("x", frame, unit=["region"], time="year")


def test_first_refuses_several_values_at_the_first_time() -> None:
    frame = panel().assign(year=[2000, 2000, 2001, 2000, 2001, 2002])
    with pytest.raises(DataError, match="1 groups have several values at their first time: A"):
        evaluate("first(x, by=country)", frame, unit=["country", "sector"], time="year")
    same = frame.assign(x=[3.0, 3.0, 4.0, 1.0, 1.0, 1.0])
    found = evaluate("first(x, by=country)", same, unit=["country", "sector"], time="year")
    assert found.values.tolist() == [3, 3, 3, 1, 1, 1]


def test_first_follows_time_and_skips_missing_values() -> None:
    frame = pd.DataFrame({"c": ["A"] * 3, "t": [3, 1, 2], "x": [30.0, NAN, 20.0]})
    assert evaluate("first(x)", frame, unit=["c"], time="t").values.tolist() == [20.0] * 3


def test_a_row_without_a_group_has_no_group_value() -> None:
    frame = panel().assign(g=["a", "a", None, "b", "b", "b"])
    assert value("mean(x, by=g)", frame)[:3] == pytest.approx([1.5, 1.5, NAN], nan_ok=True)
    assert np.isnan(value("rank(x, by=g)", frame)[2])


def test_a_frame_without_rows_has_no_values() -> None:
    empty = panel().iloc[:0]
    for name, function in FUNCTIONS.items():
        args = ", ".join(["x"] * function.arity + ["0.1"] * (name == "winsor"))
        assert len(evaluate(f"{name}({args})", empty, unit=["country"], time="year").values) == 0


def test_leaving_out_a_dominant_part_costs_no_digits() -> None:
    frame = pd.DataFrame({"c": ["A", "B", "C"], "t": [1, 1, 1], "x": [1e17, 0.1, 0.3]})
    found = evaluate("mean(x, by=t, leave_out=c)", frame, unit=["c"], time="t")
    assert found.values[0] == pytest.approx(0.2, rel=1e-15)
    spread = evaluate("sd(x, by=t, leave_out=c)", frame, unit=["c"], time="t")
    assert spread.values[0] == pytest.approx(0.02 ** 0.5, rel=1e-14)
    total = evaluate("sum(x, by=t, leave_out=c)", frame, unit=["c"], time="t")
    assert total.values[0] == pytest.approx(0.4, rel=1e-15)


cells = st.one_of(st.none(), st.integers(-40, 40).map(lambda v: v / 4))


@st.composite
def panels(draw: st.DrawFn) -> pd.DataFrame:
    keys = draw(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("uv"),
                                   st.integers(2000, 2005)), min_size=1, max_size=24, unique=True))
    frame = pd.DataFrame(keys, columns=["country", "sector", "year"])
    frame["x"] = [draw(cells) for _ in keys]
    return frame.astype({"x": "float64"})


UNIT = ["country", "sector"]


@given(panels(), st.integers(1, 3))
def test_lag_is_the_row_k_years_before(frame: pd.DataFrame, k: int) -> None:
    lookup = {(r.country, r.sector, r.year): r.x for r in frame.itertuples()}
    for text, step in ((f"lag(x, {k})", -k), (f"lead(x, {k})", k)):
        expected = [lookup.get((r.country, r.sector, r.year + step), NAN)
                    for r in frame.itertuples()]
        np.testing.assert_array_equal(evaluate(text, frame, unit=UNIT, time="year").values,
                                      np.array(expected, dtype=float))


@given(panels())
def test_group_functions_are_those_of_pandas(frame: pd.DataFrame) -> None:
    grouped = frame.groupby(["country", "year"])["x"]
    expected = {
        "mean": grouped.transform("mean"), "sd": grouped.transform("std"),
        "sum": grouped.transform(lambda s: s.sum(min_count=1)), "min": grouped.transform("min"),
        "max": grouped.transform("max"), "rank": grouped.rank(),
    }
    for name, values in expected.items():
        got = evaluate(f"{name}(x, by=[country, year])", frame, unit=UNIT, time="year").values
        np.testing.assert_allclose(got, values, rtol=1e-12, atol=1e-12, err_msg=name)


@given(panels(), st.sampled_from([0.0, 0.01, 0.1, 0.25, 0.4]))
def test_winsor_is_clipping_at_pandas_quantiles(frame: pd.DataFrame, p: float) -> None:
    by_group = frame.groupby("sector")["x"].transform(
        lambda s: s.clip(s.quantile(p), s.quantile(1 - p)))
    got = evaluate(f"winsor(x, {p}, by=sector)", frame, unit=UNIT, time="year").values
    np.testing.assert_allclose(got, by_group, rtol=1e-12, atol=1e-12)


@given(panels())
def test_leave_out_is_the_loop_over_the_other_rows(frame: pd.DataFrame) -> None:
    for name, count in (("mean", 1), ("sd", 2), ("sum", 1)):
        expected = []
        for row in frame.itertuples():
            others = frame.loc[(frame["year"] == row.year) & (frame["country"] != row.country),
                               "x"].dropna()
            compute = {"mean": others.mean, "sd": others.std, "sum": others.sum}[name]
            expected.append(compute() if len(others) >= count else NAN)
        got = evaluate(f"{name}(x, by=year, leave_out=country)", frame, unit=UNIT, time="year")
        np.testing.assert_allclose(got.values, expected, rtol=1e-9, atol=1e-9, err_msg=name)


@given(panels())
def test_standardised_values_have_mean_0_and_sd_1(frame: pd.DataFrame) -> None:
    got = evaluate("standardise(x, by=sector)", frame, unit=UNIT, time="year").values
    for _, part in got.groupby(frame["sector"]):
        if part.notna().any():
            assert part.mean() == pytest.approx(0, abs=1e-12)
            assert part.std() == pytest.approx(1, rel=1e-12)


@settings(max_examples=50)
@given(panels(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(frame: pd.DataFrame, random: object) -> None:
    order = list(range(len(frame)))
    random.shuffle(order)  # type: ignore[attr-defined]
    mixed = frame.iloc[order]
    for text in ("lag(x)", "growth(x)", "mean(x, by=year, leave_out=country)", "first(x)",
                 "winsor(x, 0.1)", "standardise(x, by=country)", "rank(x, by=year)"):
        a = evaluate(text, frame, unit=UNIT, time="year").values
        b = evaluate(text, mixed, unit=UNIT, time="year").values.sort_index()
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13, err_msg=text)
