"""Every number on the pages of the papers is in the cell that it names, in both languages.

A claim is a number and behind it, between backticks, its cell: ``table.column.row`` of the CSV
twin of a table, where the column is a model, an index or a variable, and the row a term (estimate
and, in brackets, standard error), a statistic, ``t:``, ``p:`` or ``low:`` of a term, or a column
of the file.  ``figure.all.statistic`` is the first row of ``figure.choices.csv``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

PAPERS = ("digital-gvc", "dstri-position", "governance-sophistication")
PAGES = {"README": (10, 600, 1100), "findings": (30, 1000, 1700)}
"""Page -> least claims, most English words and most Chinese characters."""

LANGUAGES = (".md", ".zh.md")

CELL = r"`([a-z][a-z0-9_]*)\.([^`.]+)\.([^`]+)`"
NUMBER = r"[−-]?[0-9][0-9,]*(?:\.[0-9]+)?"
CLAIM = re.compile(rf"({NUMBER})( ?%)?(?: ?[(（]({NUMBER})[)）])? ?{CELL}")
# What must have a cell: numbers with decimals and percentages, wherever they stand in the text.
LOOSE = re.compile(r"(?<![\w.,])[−-]?[0-9]+\.[0-9]+(?![0-9.]*\w)|[0-9]+ ?%")
# The page's last part compares with numbers that were computed elsewhere: they have no cell here.
ELSEWHERE = re.compile(
    r"^## (?:Two figures computed before|此前由其他程序算得的两个数)", re.MULTILINE)
# Definitions, which are said with the data and with how to read: rules, not results.
DEFINED = re.compile(
    r"^(?:\*\*(?:Data|数据)[.。]|Behind each number|每个数字之后|An estimate stands|每个估计值之后)"
    r".*$", re.MULTILINE)

Claim = tuple[str, str, str, str, str, str]
Rows = list[dict[str, str]]


def claims(page: str) -> list[Claim]:
    """Return (number, percent sign, standard error, table, column, row) of every claim."""
    return [tuple(found) for found in CLAIM.findall(page)]


def rows_of(out: Path, table: str) -> Rows:
    """Return the CSV twin of a table, or what a curve says in numbers."""
    path = out / "tables" / f"{table}.csv"
    if not path.is_file():
        path = out / "figures" / f"{table}.choices.csv"
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def value_of(rows: Rows, column: str, row: str) -> tuple[float, float | None]:
    """Return the number in a cell, and its standard error where it is an estimate."""
    keys = ("model", "variable", "alternative", "node")
    own = [r for r in rows if column in {r.get(key) for key in keys}]
    assert own, f"no column {column}"
    if row in own[0]:
        return float(own[0][row]), None
    part, _, term = row.partition(":")
    if part in ("t", "p", "low", "high") and term:
        return float(_one(own, "term", term)[part]), None
    if any(r["term"] == row and r["kind"] == "term" for r in own):
        found = _one(own, "term", row)
        return float(found["estimate"]), float(found["se"])
    found = [r for r in own if r["term"] == row and r["kind"] in ("stat", "clusters")]
    assert len(found) == 1, f"no row {row} in column {column}"
    return float(found[0]["value"]), None


def _one(rows: Rows, kind: str, term: str) -> Mapping[str, str]:
    found = [r for r in rows if r["kind"] == kind and r["term"] == term]
    assert len(found) == 1, f"no term {term}"
    return found[0]


def printed_as(value: float, printed: str) -> str:
    """Return a value with as many decimals as a printed number has."""
    return f"{value:,.{len(printed.partition('.')[2])}f}".replace("-", "−")


@pytest.fixture(params=PAPERS)
def paper(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=PAGES)
def page_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pages(repository: Path, paper: str, page_name: str) -> dict[str, str]:
    """Return the page in English and in Chinese."""
    names = [page_name + tail for tail in LANGUAGES]
    return {name: (repository / "specs" / paper / name).read_text(encoding="utf-8")
            for name in names}


@pytest.mark.data
@pytest.mark.slow
def test_every_number_is_in_its_cell(
    paper: str, page_name: str, repository: Path, made: Callable[[str], Path]
) -> None:
    wrong = []
    for name, page in pages(repository, paper, page_name).items():
        found = claims(page)
        assert len(found) >= PAGES[page_name][0]
        for number, percent, se, table, column, row in found:
            value, error = value_of(rows_of(made(paper), table), column, row)
            shown = printed_as(100 * value if percent else value, number)
            if shown != number.replace("-", "−"):
                wrong.append((name, table, column, row, number, shown))
            if se and (error is None or printed_as(error, se) != se):
                wrong.append((name, table, column, row, se, error))
    assert not wrong


def test_no_number_is_without_a_cell(paper: str, page_name: str, repository: Path) -> None:
    for name, page in pages(repository, paper, page_name).items():
        said = DEFINED.sub("", ELSEWHERE.split(page)[0])
        left = re.sub(r"`[^`]*`", "", CLAIM.sub("", said))
        left = re.sub(r"^ {4}.*$", "", left, flags=re.MULTILINE)
        assert not LOOSE.findall(left), name


def test_every_cell_that_is_named_is_a_claim(paper: str, page_name: str, repository: Path) -> None:
    """A cell without a number before it would not be compared."""
    for page in pages(repository, paper, page_name).values():
        named = re.findall(CELL, DEFINED.sub("", page))
        assert [c[3:] for c in claims(page)] == named


def test_both_languages_claim_the_same(paper: str, page_name: str, repository: Path) -> None:
    both = pages(repository, paper, page_name).values()
    english, chinese = (sorted(claims(page)) for page in both)
    assert [(*c[:1], *c[2:]) for c in english] == [(*c[:1], *c[2:]) for c in chinese]


def test_a_page_is_a_page(paper: str, page_name: str, repository: Path) -> None:
    """Cells in backticks, which readers skip, do not count."""
    _, words, characters = PAGES[page_name]
    english, chinese = pages(repository, paper, page_name).values()
    assert len(re.sub(r"`[^`]*`", "", english).split()) <= words
    assert len(re.findall(r"[\u4e00-\u9fff]", chinese)) <= characters


@pytest.mark.parametrize(("printed", "value", "shown"), [
    ("−0.160", -0.15974, "−0.160"), ("13,371", 13371.0, "13,371"), ("55", 55.2083, "55"),
    ("0.10", 0.0988, "0.10")])
def test_numbers_as_they_are_printed(printed: str, value: float, shown: str) -> None:
    assert printed_as(value, printed) == shown


def test_what_the_patterns_see() -> None:
    """A wrong digit, a number without a cell and a cell without a number are found."""
    page = "falls by −0.160 (0.044) `tab2.m.dig`, p 0.002 `tab2.m.wild_p:dig`, 55 % `c.all.share`"
    assert claims(page) == [("−0.160", "", "0.044", "tab2", "m", "dig"),
                            ("0.002", "", "", "tab2", "m", "wild_p:dig"),
                            ("55", " %", "", "c", "all", "share")]
    assert LOOSE.findall("0.5 and 7 % but neither 2011 nor WIOD2013") == ["0.5", "7 %"]
    rows = [{"model": "m", "kind": "term", "term": "dig", "estimate": "-0.16", "se": "0.04",
             "t": "-3.7", "value": ""},
            {"model": "m", "kind": "stat", "term": "n", "estimate": "", "se": "", "t": "",
             "value": "20513"}]
    assert value_of(rows, "m", "dig") == (-0.16, 0.04)
    assert value_of(rows, "m", "t:dig") == (-3.7, None)
    assert value_of(rows, "m", "n") == (20513.0, None)
    with pytest.raises(AssertionError, match="no column"):
        value_of(rows, "other", "n")
    with pytest.raises(AssertionError, match="no row"):
        value_of(rows, "m", "wild_p:dig")
