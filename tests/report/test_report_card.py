from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import FAILED, baseline, make_fit

from gvckit.errors import ReplicationMismatch, SpecError
from gvckit.report.card import VERDICTS, Target, judge, report_card, values_of_fit
from gvckit.report.card_text import headline
from gvckit.report.printed import parse_printed

OTHERS = "reference numbers (published, or of other programs)"


@pytest.mark.parametrize(("text", "value", "unit", "stars"), [
    ("0.132", "0.132", "0.001", 0),
    ("0.132***", "0.132", "0.001", 3),
    ("(0.021)", "0.021", "0.001", 0),
    ("[-2.50]", "-2.50", "0.01", 0),
    ("(0.021**)", "0.021", "0.001", 2),
    ("41,230", "41230", "1", 0),
    ("1,234,567.8", "1234567.8", "0.1", 0),
    ("−.573***", "-0.573", "0.001", 3),
    ("–0.5 *", "-0.5", "0.1", 1),
    ("（０.０２１）", "0.021", "0.001", 0),
    ("1.2e-5", "0.000012", "0.000001", 0),
    ("35.2%", "0.352", "0.001", 0),
    ("12.", "12", "1", 0),
    ("0", "0", "1", 0),
])
def test_printed_numbers(text: str, value: str, unit: str, stars: int) -> None:
    got = parse_printed(text)
    assert (got.value, got.unit, got.stars) == (Decimal(value), Decimal(unit), stars)


@pytest.mark.parametrize("text", ["", "***", "abc", "0,132", "1,23", "12,3456", "1.2.3", "--1",
                                  "1e5e5", "()", ".", "nan", "1" * 61, "1e9999", "(0.1"])
def test_what_is_no_printed_number_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="is not a printed number"):
        parse_printed(text)


@given(st.decimals(-10**9, 10**9, places=4, allow_nan=False), st.integers(0, 4),
       st.sampled_from(["", "*", "**", "***"]), st.booleans())
def test_what_we_print_we_read_back(
    value: Decimal, places: int, stars: str, commas: bool
) -> None:
    text = f"{value:,.{places}f}" if commas else f"{value:.{places}f}"
    got = parse_printed(text + stars)
    assert got.value == Decimal(text.replace(",", ""))
    assert got.unit == Decimal(1).scaleb(-places)
    assert got.stars == len(stars)
    assert abs(got.value - value) <= got.unit / 2


@pytest.mark.parametrize(("printed", "ours", "p", "verdict"), [
    ("0.132", 0.132, None, "exact"),
    ("0.132", 0.1325, None, "exact"),
    ("0.132", 0.1315, None, "exact"),
    ("0.132", 0.13251, None, "close"),
    ("0.132", 0.133, None, "close"),
    ("0.132", 0.1331, None, "same sign"),
    ("0.132***", 0.2, 0.001, "same sign and stars"),
    ("0.132***", 0.2, 0.03, "same sign"),
    ("0.132***", 0.2, None, "same sign"),
    ("0.132", -0.132, None, "differs"),
    ("-0.5", -2.0, None, "same sign"),
    ("0.132", 0.0, None, "differs"),
    ("0.000", -0.0004, None, "exact"),
    ("41,230", 41230.0, None, "exact"),
])
def test_verdicts_at_the_printed_digits(
    printed: str, ours: float, p: float | None, verdict: str
) -> None:
    assert judge(parse_printed(printed), ours, p=p)[0] == verdict


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_our_own_number_rounded_is_always_exact(value: float, places: int) -> None:
    rounded = round(Decimal(repr(value)), places)
    assert judge(parse_printed(f"{rounded:f}"), value)[0] == "exact"


def target(key: str = "t.m.dig", **entry: str) -> Target:
    return Target.from_dict(key, entry)


def test_a_card_over_fits() -> None:
    fit = baseline()
    targets = [
        target("tab2.baseline.dig", b="0.132***", se="(0.021)", n="12,345", source="Table 2",
               status="must"),
        target("tab2.baseline.ln_gdp", b="-0.25**", status="info"),
        target("tab2.iv.dig", b="0.3", status="open"),
        target("tab2.baseline.gone", b="0.1"),
    ]
    found = {
        "tab2.baseline.dig": values_of_fit(fit, "dig"),
        "tab2.baseline.ln_gdp": values_of_fit(fit, "ln_gdp"),
        "tab2.iv.dig": values_of_fit(FAILED, "dig"),
        "tab2.baseline.gone": values_of_fit(fit, "gone"),
    }
    card = report_card(targets, found)
    assert [(c.quantity, c.verdict) for c in card.checks] == [
        ("b", "exact"), ("se", "exact"), ("n", "exact"), ("b", "same sign and stars"),
        ("b", "missing"), ("b", "missing")]
    assert card.checks[4].remark.startswith("not estimated: the instrument")
    assert card.checks[5].remark == "no term 'gone'"
    assert card.counts == {"exact": 3, "in interval": 0, "close": 0, "same sign and stars": 1,
                           "same sign": 0, "differs": 0, "missing": 2}
    card.raise_for_must()
    loaded = json.loads(card.files()["report-card.json"])
    assert loaded["checks"][0]["printed"] == "0.132***"
    assert loaded["checks"][4]["ours"] is None
    markdown = card.files()["report-card.md"]
    assert f"3 of 6 {OTHERS} reproduced; 3 of 3 that must be." in markdown
    assert (r"| tab2.baseline.dig | b | 0.132\*\*\* | 0.1320 | 0.04 | exact | must | Table 2 |"
            in markdown)


def test_a_must_that_is_only_close_or_missing_fails_with_every_number_listed() -> None:
    card = report_card(
        [target("a", b="0.132", status="must"), target("b", n="10", status="must"),
         target("c", b="0.1", status="info")],
        {"a": {"b": 0.1329}, "c": {"b": -1.0}})
    with pytest.raises(ReplicationMismatch) as caught:
        card.raise_for_must()
    assert caught.value.exit_code == 3
    assert [str(p) for p in caught.value.problems] == [
        "a: published b = 0.132, ours = 0.1329: close",
        "b: published n = 10, ours is missing: missing"]
    assert [c.verdict for c in card.checks] == ["close", "missing", "differs"]


def test_standard_errors_and_counts_have_no_sign_to_agree_in() -> None:
    card = report_card([target("a", se="0.021", n="100")], {"a": {"se": 0.05, "n": 90}})
    assert [c.verdict for c in card.checks] == ["differs", "differs"]


def test_the_interval_rule() -> None:
    truth = make_fit("m", {"dig": (0.31, 0.02)})
    found = {"a": values_of_fit(truth, "dig"), "b": values_of_fit(truth, "dig"), "c": {"b": 0.3}}
    targets = [target("a", b="0.30", rule="interval", status="must"),
               target("b", b="0.20", rule="interval"), target("c", b="0.3", rule="interval")]
    card = report_card(targets, found)
    assert [c.verdict for c in card.checks] == ["in interval", "differs", "missing"]
    assert card.checks[2].remark == "no 95 % interval"
    card.raise_for_must()


def test_any_result_can_be_checked_not_only_coefficients() -> None:
    card = report_card([target("world.participation.2008", b="46.82", status="must")],
                       {"world.participation.2008": {"b": 46.818}})
    assert card.checks[0].verdict == "exact"


def test_statistics_of_the_fit_are_values_too() -> None:
    values = values_of_fit(baseline(kp_f=33.1), "dig")
    assert values["r2_within"] == 0.04512
    assert values["kp_f"] == 33.1
    assert values["clusters"] == 38
    dropped = baseline(dropped=[("rich", "collinear")])
    assert values_of_fit(dropped, "rich")["reason"] == "dropped: collinear"


def test_a_bad_target_reports_everything_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        Target.from_dict("k", {"b": "0,132", "se": 0.1, "status": "mus", "rule": "printd"})
    assert len(caught.value.problems) == 4
    with pytest.raises(SpecError, match="no number is given"):
        target(source="Table 1")


def test_markdown_cells_cannot_break_the_table() -> None:
    card = report_card([target("a", b="1", source="T|1\n<b>`x`")], {})
    row = card.to_markdown().splitlines()[-1]
    counted = report_card([target("a", n="41,230")], {"a": {"n": 41230}}).to_markdown()
    assert "| 41,230 | 41,230 | 0.00 | exact |" in counted
    assert r"T\|1 \<b\>\`x\`" in row
    assert set(card.counts) == set(VERDICTS)


@pytest.mark.parametrize(("checks", "told"), [
    ([("exact", "must", "Table 2"), ("differs", "info", "Table 2")],
     f"1 of 2 {OTHERS} reproduced; 1 of 1 that must be."),
    ([("in interval", "must", "planted"), ("differs", "must", "planted")],
     "1 of 2 planted numbers reproduced; 1 of 2 that must be."),
    ([("exact", "info", "Table 2"), ("exact", "must", "planted")],
     f"1 of 1 {OTHERS} and 1 of 1 planted ones reproduced; 1 of 1 that must be."),
    ([], f"0 of 0 {OTHERS} reproduced; 0 of 0 that must be."),
])
def test_planted_numbers_are_not_published_ones(
    checks: list[tuple[str, str, str]], told: str
) -> None:
    assert headline(checks, {"exact", "in interval"}) == told
