"""An expression in words: every function and operator, exact examples, one text for one tree."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from gvckit.panel.expressions import parse
from gvckit.panel.functions import FUNCTIONS
from gvckit.panel.nodes import STRENGTH
from gvckit.report.descriptives import definitions_table
from gvckit.report.latex import render
from gvckit.report.request import dictionary_from
from gvckit.report.words import KEYS
from gvckit.report.words_formula import CALLS, COMPARED, OTHERS, PERIODS, STEPS
from gvckit.spec.compile.definitions import definitions
from gvckit.spec.compile.spoken import Said, Speaker, atom
from gvckit.spec.compile.wording import in_words, worded
from gvckit.spec.resolve import read_spec
from gvckit.spec.resolved import Spec

LANGUAGES = ("en", "zh")
CALLED = re.compile(r"[a-z0-9]\(")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LABELS = {"en": {"gdp": "GDP", "net": "internet users", "big": "output of at least 50 M USD",
                 "ab": "A × B", "sum": "exports + imports", "x": "X"},
          "zh": {"gdp": "GDP", "net": "互联网用户", "big": "产出不低于5000万美元",
                 "ab": "A×B", "sum": "出口 + 进口", "x": "X"}}


def said(text: str, language: str, time: str = "year") -> str:
    def named(name: str) -> Said:
        return atom(LABELS[language].get(name, name))

    def keyed(name: str) -> str:
        return KEYS[name][LANGUAGES.index(language)]

    found = Speaker(language, named, keyed, time, ("country", "sector")).whole(parse(text).node)
    return ("；" if language == "zh" else "; ").join([found.text, *found.steps])


def test_every_function_has_words() -> None:
    """A new function needs a row in report/words_formula.py."""
    assert set(FUNCTIONS) == set(CALLS) | set(STEPS)
    assert not set(CALLS) & set(STEPS)
    assert {f for f, row in FUNCTIONS.items() if any(o.name == "k" for o in row.numbers)} == set(
        PERIODS)
    assert {op for op in STRENGTH if op != "neg"} | {"neg"} == set(COMPARED)
    assert set(KEYS) == set(OTHERS)
    for table in (CALLS, STEPS, PERIODS):
        for place in (0, 1):
            assert len({pair[place] for pair in table.values()}) == len(table)
        for english, chinese in table.values():
            assert CHINESE.search(chinese)
            assert not CHINESE.search(english)
            fields = [set(re.findall(r"\{(\w+)\}", text)) for text in (english, chinese)]
            assert {re.sub("^periods$", "period", f) for f in fields[0]} == fields[1]


def written(function: str) -> list[str]:
    """Return calls of a function with ``{}`` for what it is of: plain, over periods, by keys."""
    row = FUNCTIONS[function]
    if function == "where":
        return ["where(gdp > 1, {}, 0)", "where(gdp > 1, 0, {})", "where({} > 1, 2, 0)"]
    if function == "only":
        return ["only({}, big)", "only(gdp, {} > 1)"]
    needed = ", 0.01" if row.numbers and row.numbers[0].default is None else ""
    calls = [f"{function}({{}}{needed})"]
    calls += [f"{function}({{}}, 5)"] * any(o.name == "k" for o in row.numbers)
    calls += [f"{function}({{}}{needed}, by=country)",
              f"{function}({{}}{needed}, by=[sector, year])"] * ("by" in row.keys)
    calls += [f"{function}({{}}, by=year, leave_out=country)",
              f"{function}({{}}, leave_out=country)"] * ("leave_out" in row.keys)
    return calls


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_is_told_as_code(function: str) -> None:
    for call, language in itertools.product(written(function), LANGUAGES):
        text = said(call.format("net"), language)
        assert not CALLED.search(text), text
        assert "=" not in text
        assert LABELS[language]["net"] in text
        if language == "zh":
            assert not re.search("[a-z]", text), text


def test_words_stand_for_one_expression_only() -> None:
    """Functions of functions, of sums and of products, and sums and products of functions."""
    calls = [call for function in FUNCTIONS for call in written(function)]
    sums = ["{} + x", "x - {}", "{} * x", "x / {}", "{}^2", "x^{}", "-{}"]
    forms = [*calls, *sums]
    texts = [outer.format(f"({inner.format('net')})")
             for outer, inner in itertools.product(forms, forms)]
    texts += [outer.format(f"({middle.format(f'({inner})')})")
              for outer, middle, inner in itertools.product(
                  calls, sums, ["log(net)", "lag(net)", "winsor(net, 0.01)", "net - x"])]
    for language in LANGUAGES:
        words: dict[str, str] = {}
        for text in texts:
            canonical = parse(text).canonical
            assert words.setdefault(said(text, language), canonical) == canonical, text
    assert len(words) > 2_000


@pytest.mark.parametrize(("text", "english", "chinese"), [
    ("log(gdp)", "ln of GDP", "GDP的自然对数"),
    ("log1p(net)", "ln of (1 + internet users)", "（1 + 互联网用户）的自然对数"),
    ("winsor(only(gdp, big), 0.01)",
     "GDP; rows with output of at least 50 M USD only; winsorised at 1 percent at each end",
     "GDP；仅限产出不低于5000万美元的观测；上下各缩尾1%"),
    ("standardise(gdp, by=year)", "GDP; standardised within year", "GDP；按年份标准化"),
    ("winsor(gdp, 0.025, by=[sector, year])",
     "GDP; winsorised at 2.5 percent at each end within sector and year",
     "GDP；按行业和年份上下各缩尾2.5%"),
    ("lag(gdp)", "GDP of the year before", "上一年的GDP"),
    ("lead(gdp, 2)", "GDP of 2 years after", "2年后的GDP"),
    ("lag(log(gdp))", "(ln of GDP) of the year before", "上一年的（GDP的自然对数）"),
    ("diff(log(gdp))", "change of ln of GDP", "GDP的自然对数的变化"),
    ("diff(gdp, 5)", "5-year change of GDP", "GDP的5年变化"),
    ("growth(gdp)", "growth rate of GDP", "GDP的增长率"),
    ("log(winsor(gdp, 0.01))", "ln of GDP (winsorised at 1 percent at each end)",
     "GDP（上下各缩尾1%）的自然对数"),
    ("winsor(log(gdp), 0.01) * net",
     "(ln of GDP, winsorised at 1 percent at each end) × internet users",
     "（GDP的自然对数，上下各缩尾1%） × 互联网用户"),
    ("first(gdp) * mean(net, by=year, leave_out=country) / 100",
     ("first value of GDP in the country and sector × mean of internet users of other countries "
      "in the year / 100"),
     "同一国家和行业内GDP的首个值 × 同一年份内其他国家互联网用户的均值 / 100"),
    ("mean(net)", "mean of internet users over all observations", "全部观测中互联网用户的均值"),
    ("rank(only(gdp, net > 3), by=year)",
     "ascending rank of GDP (rows with internet users above 3 only) in the year",
     "同一年份内GDP（仅限互联网用户大于3的观测）的升序位次"),
    ("where(first(gdp, by=country) > 15000, 1, 0)",
     "1 for first value of GDP in the country above 15,000, else 0",
     "同一国家内GDP的首个值大于15000时为1，否则为0"),
    ("where(gdp > 1, 1, where(net <= -0.5, 2, 0))",
     "1 for GDP above 1, else 2 for internet users at most −0.5, else 0",
     "GDP大于1时为1，否则互联网用户不超过−0.5时为2，否则为0"),
    ("gdp >= 5 and not (net < 1 or net == 3)",
     "1 for GDP at least 5 and not (internet users below 1 or internet users equal to 3), else 0",
     "GDP不低于5且非（互联网用户小于1或互联网用户等于3）时为1，否则为0"),
    ("gdp != 1 and big or net > 2",
     "1 for (GDP other than 1 and output of at least 50 M USD) or internet users above 2, else 0",
     "（GDP不等于1且产出不低于5000万美元）或互联网用户大于2时为1，否则为0"),
    ("gdp - (net - gdp)", "GDP − (internet users − GDP)", "GDP − （互联网用户 − GDP）"),
    ("ab / sum", "A × B / (exports + imports)", "A×B / （出口 + 进口）"),
    ("gdp / ab", "GDP / (A × B)", "GDP / （A×B）"),
    ("gdp^2 + net^1.5", "GDP² + internet users to the power 1.5", "GDP² + 互联网用户的1.5次方"),
    ("-gdp * 0.00001", "−GDP × 0.00001", "−GDP × 0.00001"),
    ("gdp / 1000000", "GDP / 1,000,000", "GDP / 1000000"),
    ("gdp * 0.0000000000000000005", "GDP × 5 × 10^−19", "GDP × 5 × 10^−19"),
])
def test_examples(text: str, english: str, chinese: str) -> None:
    assert said(text, "en") == english
    assert said(text, "zh") == chinese


def test_time_that_is_no_year_is_a_period() -> None:
    assert said("lag(gdp)", "en", "month") == "GDP of the period before"
    assert said("diff(gdp, 2)", "zh", "quarter") == "GDP的2期变化"


SPEC = """\
schema: 1
paper: {key: words, title: {en: Words, zh: 词}, seed: 1, languages: [en, zh]}
data:
  icio: {source: sample, years: 2000-2011}
  macro:
    file: macro.csv
    keys: {country: iso3, year: yr}
    take: {gdp: ny_gdp_pcap, users: "users`(%)", bare: plain_column, hc: hc}
    derive: {ahead: lead(bare)}
    label: {en: File, zh: 文件}
    labels:
      gdp: {en: Gross product, zh: 国内产出}
      users: {en: Internet users, zh: 互联网用户}
      hc: {en: Human capital, zh: 人力资本}
indices:
  pos:
    {measure: position, definition: wwyz, icio: icio, by: [country, sector],
     label: {en: GVC position, zh: GVC地位}}
  dig: {measure: digital-inputs, sectors: sample-digital, icio: icio, by: [country, sector]}
panel:
  unit: [country, sector]
  time: year
  rows: pos
  merge:
    - {with: [dig], on: [country, sector, year], match: one-to-one}
    - {with: [macro], on: [country, year], match: many-to-one}
variables:
  floor: {is: pos > 1, label: {en: Long chains, zh: 长链条}}
  ln_gdp: {is: log(gdp), label: {en: Ln gross product, zh: 产出对数}}
  own: {is: log(gdp), label: {en: Ln of gross product, zh: 国内产出的自然对数}}
  net: "winsor(users, 0.01)"
  ln_net: {is: log(net), label: {en: Ln net, zh: 用户对数}}
  both: {is: pos * users, label: {en: Both, zh: 乘积}}
  pct: {is: users, scale: 100, label: {en: Percent, zh: 百分比}}
  alias: {is: users, label: {en: Internet users, zh: 互联网用户}}
  copied: {is: pos, label: {en: GVC position, zh: GVC地位}}
  odd: {is: dig + bare, label: {en: Odd, zh: 奇}}
  old: {is: year < 2005, label: {en: Old, zh: 早}}
models:
  base: {y: ln_gdp, x: [both], fe: [country*sector, year], se: {cluster: country}}
"""
POSITION = ("Position by Wang, Wei, Yu and Zhu (2017b), forward over backward length of GVC "
            "production, see the notes")
ROWS = {
    "gdp": ("Series `ny_gdp_pcap`", "序列`ny_gdp_pcap`"),
    "users": ("Series `users'(%)`", "序列`users'(%)`"),
    "ahead": ("Series `plain_column` of the year after", "下一年的序列`plain_column`"),
    "floor": ("1 for GVC position above 1, else 0", "GVC地位大于1时为1，否则为0"),
    # The series of gdp stands in its own row.
    "ln_gdp": ("Ln of gross product", "国内产出的自然对数"),
    # The label says it all.
    "own": ("", ""),
    "ln_net": ("Ln of internet users (winsorised at 1 percent at each end)",
               "互联网用户（上下各缩尾1%）的自然对数"),
    "both": ("GVC position × Internet users", "GVC地位 × 互联网用户"),
    "pct": ("100 × Internet users", "100 × 互联网用户"),
    "alias": ("Series `users'(%)`", "序列`users'(%)`"),
    "copied": (POSITION, None),
    "odd": ("Index `dig` + series `plain_column`", "指数`dig` + 序列`plain_column`"),
    "old": ("1 for year below 2005, else 0", "年份小于2005时为1，否则为0"),
    "mean(hc, by=country)": ("Series `hc`", "序列`hc`"),
    "lag(hc)": ("Human capital of the year before; series `hc`", "上一年的人力资本；序列`hc`"),
}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    path: Path = tmp_path_factory.mktemp("spec") / "paper.yaml"
    path.write_text(SPEC, "utf-8")
    return read_spec(path)


def words(entries: dict[str, Any], name: str) -> tuple[str, str]:
    return entries[name]["words"]["en"], entries[name]["words"]["zh"]


@pytest.mark.parametrize("name", ROWS)
def test_rows_of_a_table_of_definitions(spec: Spec, name: str) -> None:
    english, chinese = words(worded(spec, ROWS), name)
    assert english == ROWS[name][0]
    assert ROWS[name][1] in (chinese, None)


def test_a_row_alone_names_its_series_and_an_expression_its_label(spec: Spec) -> None:
    assert words(worded(spec, ["ln_gdp"]), "ln_gdp") == (
        "Ln of gross product; series `ny_gdp_pcap`", "国内产出的自然对数；序列`ny_gdp_pcap`")
    label = worded(spec, ["mean(hc, by=country)"])["mean(hc, by=country)"]["label"]
    assert label == {"en": "Mean of human capital in the country", "zh": "同一国家内人力资本的均值"}


def test_the_notes_use_the_same_words(spec: Spec) -> None:
    text = in_words(spec, parse("log(pos) * users").node)["en"]
    assert text == "ln of GVC position × internet users"
    formulas = definitions(spec, ["both"])["formulas"]
    assert formulas[0]["text"] == {"en": "GVC position × Internet users",
                                   "zh": "GVC地位 × 互联网用户"}
    assert "formulas" not in definitions(spec, ["both"], told=["both"])


def test_the_table_marks_series_and_its_data_keep_the_formula(spec: Spec) -> None:
    names = ["ln_gdp", "users", "own"]
    got = definitions_table(names, dictionary_from(worded(spec, names)))
    tex = render(got)
    assert r"{Ln of gross product; series \texttt{ny\_\allowbreak{}gdp\_\allowbreak{}pcap}}" in tex
    assert r"{Series \texttt{users'(\%)}}" in tex
    assert "`" not in tex
    fields = [dict(zip(got.data.fields, row, strict=True)) for row in got.data.rows]
    assert [f["definition"] for f in fields] == ["log(gdp)", "users`(%)", "log(gdp)"]
    assert [f["words"] for f in fields] == [
        "Ln of gross product; series `ny_gdp_pcap`", "Series `users'(%)`",
        "Series `ny_gdp_pcap`"]
