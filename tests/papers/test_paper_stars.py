"""No focal coefficient of the papers has more stars than its wild bootstrap p allows."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.data, pytest.mark.slow]

LEVELS = (0.10, 0.05, 0.01)
FEWEST = {"digital-gvc": 100, "dstri-position": 18, "governance-sophistication": 40}
"""Coefficients with a wild p that a paper prints at least."""

SENTENCES = {"": "Stars of coefficients with a wild bootstrap p follow that p.",
             ".zh": "有野自助p值的系数，其星号依该p值标注。"}


@pytest.fixture(params=FEWEST)
def paper(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def coefficients(out: Path) -> dict[str, list[dict[str, str]]]:
    """Return table -> its printed terms, with their wild p where they have one."""
    found: dict[str, list[dict[str, str]]] = {}
    for path in sorted((out / "tables").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if not rows or "stars" not in rows[0]:
            continue
        wild = {(r["column"], r["term"]): r["value"] for r in rows if r["kind"] == "stat"}
        found[path.stem] = [{**r, "wild": wild.get((r["column"], f"wild_p:{r['term']}"), "")}
                            for r in rows if r["kind"] == "term" and r["shown"] == "yes"]
    return found


def test_no_coefficient_has_more_stars_than_its_wild_p_allows(
        paper: str, made: Callable[[str], Path]) -> None:
    terms = [t for rows in coefficients(made(paper)).values() for t in rows]
    bootstrapped = [t for t in terms if t["wild"]]
    assert len(bootstrapped) >= FEWEST[paper]
    for t in bootstrapped:
        assert int(t["stars"]) == sum(float(t["wild"]) < level for level in LEVELS), t
    for t in terms:
        if not t["wild"]:
            assert int(t["stars"]) == sum(float(t["p"] or 1) < level for level in LEVELS), t
    # the two disagree often enough for this to matter
    assert any(int(t["stars"]) < sum(float(t["p"]) < level for level in LEVELS)
               for t in bootstrapped)


def test_the_printed_tables_have_these_stars(paper: str, made: Callable[[str], Path]) -> None:
    """All stars of the body of a table together, counted in the LaTeX."""
    out = made(paper)
    for table, terms in coefficients(out).items():
        for tail in SENTENCES:
            text = (out / "tables" / f"{table}{tail}.tex").read_text(encoding="utf-8")
            body = text[text.index(r"\midrule"):text.rindex(r"\bottomrule")]
            printed = sum(len(stars) for stars in re.findall(r"\\sym\{(\*+)\}", body))
            assert printed == sum(int(t["stars"]) for t in terms), (table, tail)


def test_the_note_says_so_once_where_a_coefficient_has_one(
        paper: str, made: Callable[[str], Path]) -> None:
    out = made(paper)
    for table, terms in coefficients(out).items():
        for tail, sentence in SENTENCES.items():
            text = (out / "tables" / f"{table}{tail}.tex").read_text(encoding="utf-8")
            plain = text.replace(r"\allowbreak{}", "")
            assert plain.count(sentence) == int(any(t["wild"] for t in terms)), (table, tail)
