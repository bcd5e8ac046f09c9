from __future__ import annotations

import math
from dataclasses import replace

import pytest
from report_samples import DICTIONARY, FAILED, baseline, forward, lagged, make_fit, request

from gvckit.errors import SpecError
from gvckit.models.inference import FEW_CLUSTERS as FEW_CLUSTERS_OF_FITS
from gvckit.models.result import Fit
from gvckit.report.cells import Number, TableLayout
from gvckit.report.layout import regression_table
from gvckit.report.notes_inference import FEW_CLUSTERS
from gvckit.report.request import GroupInfo
from gvckit.report.stars import stars_for


def grid(layout: TableLayout) -> dict[str, list[str]]:
    """Return the body as label -> cell texts; a bracket row is named after the row above."""
    out: dict[str, list[str]] = {}
    last = ""
    for row in layout.rows:
        last = row.label or last + " bracket"
        out[last] = [c.text for c in row.cells]
    return out


def table(*fits: object, language: str = "en", **options: object) -> TableLayout:
    return regression_table(request(**options), fits, DICTIONARY, language)  # type: ignore[arg-type]


def test_the_body_of_a_table_with_every_kind_of_column() -> None:
    got = table(baseline(), lagged(), FAILED, show=["dig"],
                stats=["n", "r2_within", "clusters", "y_mean"])
    assert grid(got) == {
        "Digital input": ["0.132***", "", "n.e."],
        "Digital input bracket": ["(0.021)", "", ""],
        "Digital input (t−1)": ["", "0.099**", ""],
        "Digital input (t−1) bracket": ["", "(0.041)", ""],
        "Controls": ["Yes", "Yes", "Yes"],
        "Country × sector FE": ["Yes", "Yes", "Yes"],
        "Year FE": ["Yes", "Yes", "Yes"],
        "Observations": ["12,345", "11,500", ""],
        "Within R²": ["0.045", "0.045", ""],
        "Clusters (country)": ["38", "38", ""],
        "Mean of dependent variable": ["0.021", "0.021", ""],
    }
    assert [len(g.rows) for g in got.groups] == [4, 3, 4]


def test_the_same_table_in_chinese() -> None:
    got = table(baseline(), FAILED, language="zh", show=["dig"], source={"zh": "WIOD"})
    assert grid(got) == {
        "数字投入": ["0.132***", "n.e."],
        "数字投入 bracket": ["(0.021)", ""],
        "控制变量": ["是", "是"],
        "国家×行业固定效应": ["是", "是"],
        "年份固定效应": ["是", "是"],
        "观测值": ["12,345", ""],
        "组内R²": ["0.045", ""],
        "聚类数（国家）": ["38", ""],
    }
    assert got.title == "基准回归"
    first, rows, few, reasons, source = got.notes
    assert first == (
        "括号内为国家层面聚类稳健标准误（38个聚类；小样本修正同fixest）。"
        "***、**、*分别表示在1%、5%、10%的水平上显著。控制变量包括：人均GDP对数、贸易开放度。")
    assert rows == ("面板共14,000行，剔除：样本范围外800行；人均GDP对数缺失852行；"
                    "单例组3行。无插补值。")
    assert few == ("第(1)列的聚类数少于50，聚类检验可能过度拒绝。"
                   "第(1)列无野自助p值：规模过大，未自动计算。")
    assert reasons == "n.e.表示未能估计，第(2)列：工具变量bartik与固定效应完全共线。"
    assert source == "数据来源：WIOD。"


def test_notes_in_english_name_convention_rows_and_reasons() -> None:
    got = table(baseline(), lagged(), FAILED, show=["dig"], sample={"en": "38 countries"},
                notes=["Own note"])
    first, rows, few, reasons, own = got.notes
    assert first == (
        "Standard errors clustered by country (38 clusters; small-sample correction as in fixest) "
        "in parentheses. ***, **, * denote significance at the 1, 5, 10 percent level. "
        "Controls: Ln GDP per capita, Openness (% of GDP).")
    assert rows == (
        "Rows lost of 14,000 in the panel: outside the sample, 800; missing Ln GDP per capita, "
        "852 in (1); missing Digital input (t−1), 1,697 in (2); singletons, 3. "
        "No value is imputed.")
    assert few == (
        "Fewer than 50 clusters in columns (1), (2), so clustered tests may over-reject. No wild "
        "bootstrap p in columns (1), (2): too large to be drawn unasked.")
    assert reasons == (
        "n.e.: not estimated, column (3): the instrument bartik is collinear with the fixed "
        "effects.")
    assert own == "Own note. Sample: 38 countries."


def test_columns_with_other_conventions_are_told_apart() -> None:
    got = table(baseline(), forward(kind="hc1", clusters={}), brackets="t").notes[0]
    assert got.startswith(
        "t statistics in parentheses, from standard errors clustered by country (38 clusters; "
        "small-sample correction as in fixest) in column (1); heteroskedasticity-robust standard "
        "errors (HC1; small-sample correction as in fixest) in column (2).")
    zh = table(baseline(), forward(kind="iid", clusters={}), language="zh").notes[0]
    assert zh.startswith("括号内：第(1)列为国家层面聚类稳健标准误"
                         "（38个聚类；小样本修正同fixest）；第(2)列为普通标准误（同方差；小样本修正同fixest）。")


def test_two_way_clusters_print_both_counts() -> None:
    got = table(baseline(clusters={"country": 60, "year": 55}), stats=["clusters"])
    assert grid(got)["Clusters (country)"] == ["60"]
    assert grid(got)["Clusters (year)"] == ["55"]
    assert "clustered by country and year (60 and 55 clusters;" in got.notes[0]
    assert not any("over-reject" in note for note in got.notes)


def test_an_unknown_kind_of_standard_error_prints_the_fits_own_words() -> None:
    got = table(baseline(kind="something-new", clusters={}))
    assert "Standard errors (Clustered standard errors (CRV1).;" in got.notes[0]


@pytest.mark.parametrize(("brackets", "cell"), [("se", "(0.021)"), ("t", "(6.249)"),
                                                ("p", "(<0.001)")])
def test_what_stands_in_the_brackets(brackets: str, cell: str) -> None:
    got = grid(table(baseline(), show=["dig"], brackets=brackets))
    assert got["Digital input bracket"] == [cell]


def test_p_values_print_their_digits_down_to_the_last_decimal() -> None:
    got = grid(table(baseline(), brackets="p"))
    assert got["Ln GDP per capita bracket"] == ["(0.013)"]


def test_small_coefficients_show_digits_and_share_them_with_their_error() -> None:
    got = grid(table(baseline()))
    assert got["Openness (% of GDP)"] == ["0.00041*"]
    assert got["Openness (% of GDP) bracket"] == ["(0.00022)"]


def test_decimals_and_stars_are_options() -> None:
    got = grid(table(baseline(), decimals=4, stars=False, show=["dig"]))
    assert got["Digital input"] == ["0.1320"]
    assert not any("denote" in note for note in table(baseline(), stars=False).notes)
    one = table(baseline(), stars=[0.05], show=["dig"])
    assert grid(one)["Digital input"] == ["0.132*"]
    assert "* denotes significance at the 5 percent level" in one.notes[0]


@pytest.mark.parametrize(("p", "stars"), [(0.0099, 3), (0.01, 2), (0.05, 1), (0.0999, 1), (0.1, 0),
                                          (math.nan, 0)])
def test_stars_count_the_levels_passed(p: float, stars: int) -> None:
    assert stars_for(p, (0.10, 0.05, 0.01)) == stars


def test_dependent_variables_span_their_columns() -> None:
    got = table(baseline(), lagged(), forward(), labels={"forward": {"en": "Other outcome"}})
    first, labels, numbers = got.header
    assert [(s.label, s.first, s.last) for s in first.spans] == [
        ("Ln GVC position", 0, 1), ("Forward participation", 2, 2)]
    assert first.rule
    assert [s.label for s in labels.spans] == ["", "", "Other outcome"]
    assert [s.label for s in numbers.spans] == ["(1)", "(2)", "(3)"]


def test_without_show_focal_terms_come_first_and_the_constant_last() -> None:
    fit = make_fit("m", {"(Intercept)": (1.0, 0.5), "open": (0.5, 0.2), "dig": (0.1, 0.05)})
    labels = [r.label for r in table(fit).groups[0].rows if r.label]
    assert labels == ["Digital input", "Openness (% of GDP)", "Constant"]
    assert "Controls" not in grid(table(fit))


def test_focal_terms_that_are_not_shown_are_named_and_are_no_controls() -> None:
    fit = make_fit("m", {"dig": (0.1, 0.05), "dig^2": (0.2, 0.1), "ln_gdp": (1.0, 0.5)})
    got = table(fit, show=["dig"])
    assert "Controls: Ln GDP per capita." in got.notes[0]
    assert "Estimated but not shown: Digital input²." in got.notes[0]
    only = table(make_fit("m", {"dig": (0.1, 0.05), "dig^2": (0.2, 0.1)}), show=["dig"])
    assert "Controls" not in grid(only)


def test_dropped_variables_and_warnings_are_in_the_notes() -> None:
    fit = baseline(dropped=[("rich", "collinear with earlier regressors")],
                   warnings=["few clusters: 38 (country)",
                             "dropped rich: collinear with earlier regressors",
                             "fixed effect country is already implied by country*sector"])
    english = " ".join(table(fit).notes)
    assert "Column (1): rich dropped (collinear with earlier regressors)." in english
    assert "Column (1): fixed effect country is already implied by country × sector." in english
    assert "few clusters" not in english
    assert "dropped rich" not in english
    chinese = "".join(table(fit, language="zh").notes)
    assert "第(1)列：剔除rich（与前面的变量完全共线）。" in chinese
    assert "第(1)列：固定效应国家已包含于国家×行业。" in chinese


def test_equal_statements_are_made_once_for_all_their_columns() -> None:
    got = table(baseline(), baseline(), baseline()).notes
    assert got[1] == ("Rows lost of 14,000 in the panel: outside the sample, 800; missing Ln GDP "
                      "per capita, 852; singletons, 3. No value is imputed.")
    assert sum("38 clusters" in note for note in got) == 1


def test_the_few_clusters_note_starts_where_the_fits_warn() -> None:
    assert FEW_CLUSTERS == FEW_CLUSTERS_OF_FITS


def test_coefficients_without_inference_print_na() -> None:
    fit = make_fit("m", {"dig": (0.1, math.nan)})
    got = grid(table(fit))
    assert got["Digital input"] == ["0.100"]
    assert got["Digital input bracket"] == ["(n.a.)"]


def test_unknown_terms_and_statistics_name_the_nearest() -> None:
    with pytest.raises(SpecError, match="did you mean 'dig'"):
        table(baseline(), show=["digg"])
    with pytest.raises(SpecError, match="did you mean 'r2_within'"):
        table(baseline(), stats=["r2_withn"])


def test_a_statistic_that_only_the_fit_knows_is_printed_by_its_name() -> None:
    got = grid(table(baseline(my_stat=1.23456), stats=["my_stat", "hansen_p"]))
    assert got["my_stat"] == ["1.235"]
    assert got["Hansen J p"] == [""]


def test_a_table_of_failures_only_still_stands() -> None:
    got = table(FAILED, show=["dig"])
    assert grid(got)["Digital input"] == ["n.e."]
    assert grid(got)["Observations"] == [""]


def test_the_data_hold_every_term_unrounded() -> None:
    got = table(baseline(), FAILED, show=["dig"]).data
    rows = [dict(zip(got.fields, r, strict=True)) for r in got.rows]
    terms = {r["term"]: r for r in rows if r["kind"] == "term"}
    assert terms["dig"]["estimate"] == 0.13204
    assert terms["dig"]["shown"] == "yes"
    assert terms["ln_gdp"]["shown"] == "no"
    assert terms["dig"]["low"] < 0.13204 < terms["dig"]["high"]
    n = [r for r in rows if (r["kind"], r["term"]) == ("stat", "n")]
    assert [r["value"] for r in n] == [12345]
    assert [r["text"] for r in rows if r["kind"] == "not estimated"] == [FAILED.reason]


def test_a_fit_that_was_stored_gives_the_same_table() -> None:
    stored = Fit.from_dict(baseline().to_dict())
    assert table(stored) == table(baseline())


def test_numbers_carry_their_value_not_their_text() -> None:
    cell = table(baseline(), show=["dig"]).rows[0].cells[0]
    assert cell == Number(0.13204, 3, stars=3)


def test_only_groups_of_a_dummy_are_yes_and_no() -> None:
    for values, words in ((("0", "1"), ["No", "Yes"]), (("1", "2"), ["1", "2"])):
        groups = {f"m: k = {v}": GroupInfo("m", "open", v, is_dummy=values == ("0", "1"))
                  for v in values}
        fits = [make_fit(name, {"dig": (0.1, 0.05)}) for name in groups]
        got = table(*fits, groups=groups)
        assert [s.label for s in got.header[2].spans] == words
        assert [s.label for s in got.header[1].spans] == ["Openness (% of GDP)"]


def test_controls_of_some_columns_stand_with_them() -> None:
    fewer = make_fit("fewer", {"dig": (0.1, 0.02), "ln_gdp": (-0.2, 0.08)})
    none = make_fit("none", {"dig": (0.1, 0.02)})
    english = table(none, fewer, baseline(), show=["dig"]).notes[0]
    assert "Controls: Ln GDP per capita; Openness (% of GDP) in (3)." in english
    chinese = table(none, fewer, baseline(), show=["dig"], language="zh").notes[0]
    assert "控制变量包括：人均GDP对数；" in chinese
    assert "第3列" in chinese


@pytest.mark.parametrize(("p", "english", "chinese"), [
    (0.049, "Column (1): U in Digital input, Lind-Mehlum p 0.049; turning point", "呈U形"),
    (0.051, ("Column (1): no U in Digital input at the 5 percent level, Lind-Mehlum p 0.051; the "
            "fitted parabola turns at"), "不呈U形"),
])
def test_a_parabola_is_a_u_only_where_it_turns(p: float, english: str, chinese: str) -> None:
    turn = {"term": "dig", "shape": "U", "p": p, "point": 0.3, "low": 0.1, "high": 0.5,
            "share_beyond": 0.2}
    fit = replace(baseline(), further={"turns": [turn]})
    assert any(english in note for note in table(fit).notes)
    assert any(chinese in note for note in table(fit, language="zh").notes)
