from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import DICTIONARY, FAILED, baseline, request

from gvckit.report.cells import Data, TableLayout
from gvckit.report.csv import guarded, render, write
from gvckit.report.layout import regression_table
from gvckit.report.request import VariableInfo


def layout(*rows: tuple[object, ...]) -> TableLayout:
    data = Data(("name", "value"), rows)  # type: ignore[arg-type]
    return TableLayout("t", "T", "en", (), (), (), data=data)


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@SUM(A1)", "\tx", "\r=x", "\n=x", "＝1"])
def test_formulas_in_text_are_disarmed(text: str) -> None:
    assert guarded(text) == "'" + text


def test_numbers_are_never_touched() -> None:
    assert render(layout(("a", -0.1), ("b", -3), ("c", None), ("d", float("nan")))) == (
        "name,value\na,-0.1\nb,-3\nc,\nd,\n")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_comes_back_bit_for_bit(value: float) -> None:
    rows = list(csv.reader(io.StringIO(render(layout(("x", value))))))
    assert float(rows[1][1]) == value


@given(st.text(max_size=30))
def test_no_text_cell_starts_a_formula(text: str) -> None:
    content = write(layout((text, 1.0))).decode("utf-8")
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert not rows[1][0].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert rows[1][1] == "1.0"


def test_the_twin_of_a_regression_table() -> None:
    dictionary = {**DICTIONARY, "dig": VariableInfo({"en": "=HYPERLINK(1)"})}
    got = render(regression_table(request(show=["dig"]), [baseline(), FAILED], dictionary))
    rows = list(csv.DictReader(io.StringIO(got)))
    dig = next(r for r in rows if r["term"] == "dig")
    assert dig["label"] == "'=HYPERLINK(1)"
    assert (dig["column"], dig["model"], dig["estimate"], dig["se"]) == (
        "1", "baseline", "0.13204", "0.02113")
    assert float(dig["t"]) == 0.13204 / 0.02113
    low = next(r for r in rows if r["term"] == "ln_gdp")
    assert low["estimate"] == "-0.2101"
    assert next(r for r in rows if r["term"] == "r2_within")["value"] == "0.04512"
    assert rows[-1]["text"] == FAILED.reason
    assert "\r" not in got
