"""Which definition made an index is told once, in both languages, for everything there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from report_samples import DICTIONARY, baseline, request

from gvckit.indices.aggregate import AGGREGATORS
from gvckit.indices.builders import BUILDERS
from gvckit.indices.missing import RULES
from gvckit.indices.normalise import NORMALISERS
from gvckit.indices.options import Options
from gvckit.indices.treat import TREATMENTS
from gvckit.indices.weights import SCHEMES
from gvckit.measures.registry import MEASURES
from gvckit.report import words_indices as words
from gvckit.report import words_measures
from gvckit.report.definitions import choice_of, definition_notes, definition_of
from gvckit.report.layout import regression_table
from gvckit.sophistication.registry import TRADE_MEASURES

LANGUAGES = ("en", "zh")
ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}")
EVERYTHING: dict[str, Any] = {**MEASURES, **TRADE_MEASURES}


def measure(name: str, value: str = "", **parameters: Any) -> dict[str, Any]:
    row = EVERYTHING[name]
    standard = {p.name: p.default for p in row.parameters if p.default is not None}
    value = value or (row.value if isinstance(row.value, str) else "")
    return {"kind": "measure", "name": "ix", "label": {"en": "Index", "zh": "指数"},
            "measure": name, "value": value, "parameters": {**standard, **parameters},
            "words": row.words}


def composite(**options: Any) -> dict[str, Any]:
    return {"kind": "composite", "name": "eco", "label": {"en": "Economy", "zh": "经济"},
            "count": 4, "normalise": "minmax-pooled", "weights": ["entropy"],
            "aggregate": ["arithmetic"], "missing": ["interpolate"], "max_gap": 3,
            "treat": "none", "own": [], "options": {}, **options}


def worded() -> Iterator[tuple[str, str]]:
    """Yield every measure with each word that its ``definition`` may be."""
    for name, row in EVERYTHING.items():
        defined = [p for p in row.parameters if p.name == "definition"]
        for word in defined[0].allowed if defined else ("",):
            yield name, word


@pytest.mark.parametrize(("name", "word"), list(worded()))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_measure_has_words_of_its_own(name: str, word: str, language: str) -> None:
    """A new measure, or definition, needs a row in report/words_measures.py."""
    key = f"{name}:{word}" if word else name
    assert key in words_measures.MEASURES
    text = definition_of(measure(name, **({"definition": word} if word else {})), language)
    assert words_measures.MEASURES[key][LANGUAGES.index(language)] in text or name == "accounts"
    if language == "zh":
        assert not ENGLISH.search(text), text


@pytest.mark.parametrize("name", sorted(EVERYTHING))
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_word_of_a_parameter_reads_otherwise(name: str, language: str) -> None:
    """Two indices made under two conventions never have one definition."""
    for parameter in EVERYTHING[name].parameters:
        texts = {word: definition_of(measure(name, **{parameter.name: word}), language)
                 for word in parameter.allowed}
        assert len(set(texts.values())) == len(texts), texts


@pytest.mark.parametrize("name", sorted(EVERYTHING))
def test_each_column_of_a_measure_reads_otherwise(name: str) -> None:
    columns = EVERYTHING[name].columns
    groups = columns.values() if isinstance(columns, dict) else [columns]
    for group in groups:
        texts = {column: definition_of(measure(name, column), "en") for column in group}
        assert len(set(texts.values())) == len(texts), texts


@pytest.mark.parametrize(("known", "told"), [
    (SCHEMES, words.WEIGHTS), (AGGREGATORS, words.AGGREGATION), (RULES, words.MISSING),
    ({k: v for k, v in TREATMENTS.items() if k != "none"}, words.TREATMENT),
    (BUILDERS, words_measures.BUILDERS),
    ({n.removesuffix(s): n for n in NORMALISERS for s in words.SCOPES if n.endswith(s)},
     words.SCALES)])
def test_every_way_to_build_an_index_has_words(known: Any, told: Any) -> None:
    assert set(known) == set(told)
    for place in (0, 1):
        assert len({pair[place] for pair in told.values()}) == len(told)


def test_every_option_of_an_index_is_told() -> None:
    elsewhere = {"missing", "normalise", "weights", "aggregate", "treat", "by", "max_gap",
                 "pillar_weights", "judgements"}
    assert set(Options.__slots__) - elsewhere == set(words.OPTIONS)


def test_a_composite_names_weights_scale_aggregation_and_missing_rule() -> None:
    own = [{"label": {"en": "Broadband", "zh": "宽带"}, "missing": ["zero-before"]}]
    made = composite(own=own, options={"floor": 0.01})
    assert definition_of(made, "en") == (
        "composite of 4 indicators; min-max over all units and times; entropy weights over the "
        "panel and all indicators, k = 1/ln(T·U); arithmetic mean; missing values: linear "
        "interpolation within a unit over gaps of at most 3; of Broadband: linear interpolation, "
        "0 before the first value over gaps of at most 3; floor 0.01")
    assert definition_of(made, "zh") == (
        "由4个指标合成；极差标准化（全样本）；面板熵值法赋权（全部指标，k = 1/ln(T·U)）；"
        "算术平均合成；缺失值：单位内线性插值（缺口不超过3期）；其中宽带：线性插值，首值之前取0（缺口不超过3期）；"
        "下限0.01")


def test_digital_inputs_name_coefficient_sectors_and_origin() -> None:
    one = measure("digital-inputs", "share", sectors="wiod2013-digital", origin="foreign")
    text = definition_of({**one, "members": ["c14", "c27", "c30"]}, "en")
    assert text == ("inputs from the sectors named; share of all inputs; complete coefficients "
                    "(B − I); from other countries; sectors c14, c27, c30 of set wiod2013-digital")


def test_what_several_indices_share_is_said_once() -> None:
    forward = {**measure("production", direction="forward"), "name": "f",
               "label": {"en": "Forward", "zh": "前向"}}
    backward = {**measure("production", direction="backward"), "name": "b",
                "label": {"en": "Backward", "zh": "后向"}}
    (text,) = definition_notes({"indices": [forward, backward]}, "en")
    assert text == ("Participation based on production (Wang, Wei, Yu and Zhu 2017a); simple and "
                    "complex GVC activity over the total: Forward (forward linkages, of value "
                    "added), Backward (backward linkages, of final output)")


def test_the_note_defines_indices_once_however_many_columns_use_them() -> None:
    defined = {"indices": [{**measure("position"), "users": [{"en": "Ln GVC position"}]}],
               "formulas": [{"label": {"en": "Share"}, "text": {"en": "A − B"}}],
               "changed": [{"steps": [["winsor", 0.01]], "variables": [{"en": "Digital input"}]}]}
    got = regression_table(request(definitions=defined), [baseline(), baseline(), baseline()],
                           DICTIONARY)
    paragraph = got.notes[1]
    assert paragraph == (
        "Ln GVC position: position by Wang, Wei, Yu and Zhu (2017b), forward over backward length "
        "of GVC production. Share = A − B. Winsorised at 1 percent at each end: Digital input.")
    assert " ".join(got.notes).count("Wang, Wei, Yu and Zhu") == 1


@pytest.mark.parametrize(("absent", "english", "chinese"), [
    ("error", "counting Jobs in place of value added", "以就业代替增加值"),
    ("zero", "counting Jobs in place of value added, none where it is not known",
     "以就业代替增加值，缺失处计为零"),
])
def test_a_measure_names_the_account_that_it_counts(
    absent: str, english: str, chinese: str
) -> None:
    given = {"kind": "measure", "measure": "wwz", "value": "DVA_FIN", "parameters": {},
             "account": {"en": "Jobs", "zh": "就业"}, "absent": absent}
    assert definition_of(given, "en").endswith(english)
    assert definition_of(given, "zh").endswith(chinese)


@pytest.mark.parametrize(("factor", "word", "english", "chinese"), [
    ("normalise", "zscore-pooled", "z-score over all units and times", "Z值标准化（全样本）"),
    ("normalise", "goalposts", "goalposts, cut at both", "上下限标准化（截断）"),
    ("weights", "equal", "equal weights in each node", "各节点内等权"),
    ("missing", "zero", "0 where there is none", "缺失处取0"),
    ("noise", "7", "7", "7"),
])
def test_choices_of_an_index_have_words(factor: str, word: str, english: str, chinese: str) -> None:
    assert choice_of(factor, word, "en") == english
    assert choice_of(factor, word, "zh") == chinese
