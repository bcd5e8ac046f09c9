from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import DICTIONARY

from gvckit.errors import SpecError
from gvckit.report.labels import fe_label, key_label, names_in, term_label
from gvckit.report.request import TableRequest, VariableInfo, in_language
from gvckit.report.words import columns_phrase, language_of, sentences


@pytest.mark.parametrize(("term", "english", "chinese"), [
    ("dig", "Digital input", "数字投入"),
    ("lag(dig)", "Digital input (t−1)", "数字投入（t−1）"),
    ("lag(dig, 2)", "Digital input (t−2)", "数字投入（t−2）"),
    ("lag(dig, k=3)", "Digital input (t−3)", "数字投入（t−3）"),
    ("lead(dig)", "Digital input (t+1)", "数字投入（t+1）"),
    ("diff(dig)", "Δ Digital input", "Δ数字投入"),
    ("log(dig)", "ln Digital input", "ln 数字投入"),
    ("dig * ln_gdp", "Digital input × Ln GDP per capita", "数字投入 × 人均GDP对数"),
    ("dig:ln_gdp", "Digital input × Ln GDP per capita", "数字投入 × 人均GDP对数"),
    ("dig*dig", "Digital input²", "数字投入²"),
    ("dig^2", "Digital input²", "数字投入²"),
    ("dig ** 3", "Digital input³", "数字投入³"),
    ("lag(dig) * ln_gdp", "Digital input (t−1) × Ln GDP per capita",
     "数字投入（t−1） × 人均GDP对数"),
    ("(Intercept)", "Constant", "常数项"),
    ("unknown_name", "unknown_name", "unknown_name"),
    ("where(dig > 1, 1, 0)", "where(dig > 1, 1, 0)", "where(dig > 1, 1, 0)"),
    ("log(dig)*log(open)", "ln Digital input × ln Openness (% of GDP)",
     "ln 数字投入 × ln 贸易开放度"),
    ("lag(dig) + lead(dig)", "lag(dig) + lead(dig)", "lag(dig) + lead(dig)"),
    ("dig +", "dig +", "dig +"),
])
def test_labels_of_terms(term: str, english: str, chinese: str) -> None:
    assert term_label(term, DICTIONARY, "en") == english
    assert term_label(term, DICTIONARY, "zh") == chinese


@given(st.text(max_size=40))
def test_any_text_has_a_label(term: str) -> None:
    assert isinstance(term_label(term, DICTIONARY, "zh"), str)


def test_a_label_in_one_language_serves_the_other() -> None:
    info = {"v": VariableInfo({"zh": "仅中文"})}
    assert term_label("v", info, "en") == "仅中文"
    assert in_language({}, "en", "name") == "name"


def test_fixed_effects_and_keys() -> None:
    assert fe_label("country*sector", {}, "en") == "Country × sector FE"
    assert fe_label("country^sector", {}, "zh") == "国家×行业固定效应"
    assert fe_label("year", {}, "zh") == "年份固定效应"
    assert fe_label("plant", {"plant": VariableInfo({"en": "plant site"})}, "en") == "Plant site FE"
    assert key_label("country", {"country": VariableInfo({"en": "Nation"})}, "en") == "Nation"


def test_names_in_a_term() -> None:
    assert names_in("lag(dig, 2) * x1") == {"lag", "dig", "x1"}


def test_column_lists() -> None:
    assert columns_phrase([0], "en") == "column (1)"
    assert columns_phrase([0, 1, 2, 4], "en") == "columns (1)–(3), (5)"
    assert columns_phrase([3, 2], "en") == "columns (3), (4)"
    assert columns_phrase([0, 1, 2, 4], "zh") == "第(1)—(3)、(5)列"


def test_sentences_end_once() -> None:
    assert sentences(["a", "b.", " "], "en") == "a. b."
    assert sentences(["甲", "乙。"], "zh") == "甲。乙。"


def test_an_unknown_language_lists_the_known() -> None:
    with pytest.raises(SpecError, match="allowed: en, zh"):
        language_of("fr")


def test_a_request_reports_all_that_is_wrong_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        TableRequest("t", brackets="see", decimals=12, stars=(0.01, 0.05))  # type: ignore[arg-type]
    assert len(caught.value.problems) == 3
    assert "did you mean 'se'?" in str(caught.value)


def test_a_request_out_of_a_spec_entry() -> None:
    got = TableRequest.from_dict("tab2", {
        "title": {"en": "A", "zh": "甲"}, "columns": ["m"], "show": ["dig"], "stats": [],
        "stars": False, "decimals": 0, "notes": "one", "labels": {"m": "FE"}})
    assert got.stats == ()
    assert got.stars == ()
    assert got.decimals == 0
    assert got.notes == ({"en": "one", "zh": "one"},)
    assert got.labels["m"]["zh"] == "FE"
    assert TableRequest.from_dict("t", {}).stars == (0.10, 0.05, 0.01)
