"""The tables of definitions of the papers: words in both languages, no code but series names."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gvckit.panel.expressions import parse
from gvckit.spec.resolve import read_spec
from gvckit.spec.resolved import Spec
from gvckit.spec.schema.sources import FileEntry

pytestmark = [pytest.mark.data, pytest.mark.slow]

PAPERS = {"digital-gvc": 31, "dstri-position": 25, "governance-sophistication": 44}
"""Rows that the tables of definitions of a paper have at least."""

MARKED = re.compile(r"`([^`]*)`")
TYPED = re.compile(r"\\texttt\{((?:[^{}]|\{\})*)\}")
TEX = re.compile(r"\\allowbreak\{\}|\\multicolumn\{1\}|\$\\(?:times|leq|geq)\$")


@pytest.fixture(params=PAPERS)
def paper(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def spec(paper: str, repository: Path) -> Spec:
    return read_spec(repository / "specs" / paper / "paper.yaml")


def tables(spec: Spec) -> list[str]:
    return [name for name, table in spec.tables.items() if table.kind == "definitions"]


def columns(spec: Spec) -> set[str]:
    """Return the names of all columns that the data files of a paper bring."""
    return {str(c) for e in spec.data.values() if isinstance(e, FileEntry) for c in e.take.values()}


def test_words_are_words(paper: str, spec: Spec, made: Callable[[str], Path]) -> None:
    known, rows = columns(spec), 0
    for name in tables(spec):
        with (made(paper) / "tables" / f"{name}.csv").open(encoding="utf-8") as file:
            found = list(csv.DictReader(file))
        for row in found:
            rows += 1
            assert set(MARKED.findall(row["words"])) <= known, row
            bare = MARKED.sub("", row["words"])
            assert "_" not in bare, row
            assert not re.search(r"[a-z0-9]\(", bare), row
            assert row["words"] != row["label"]
            assert not row["words"][:1].islower()
            if row["variable"] in spec.variables:  # the exact formula is kept beside them
                assert row["definition"] == spec.variables[row["variable"]].expression.text
                assert parse(row["definition"])
    assert rows >= PAPERS[paper]


def test_printed_tables_hold_no_code(paper: str, spec: Spec, made: Callable[[str], Path]) -> None:
    known, typed = columns(spec), set()
    for name in tables(spec):
        for tail in ("", ".zh"):
            text = (made(paper) / "tables" / f"{name}{tail}.tex").read_text(encoding="utf-8")
            body = TEX.sub("", text.split("\\midrule")[1].split("\\bottomrule")[0])
            series = {s.replace("\\_", "_") for s in TYPED.findall(body)}
            assert series <= known
            typed |= series
            bare = TYPED.sub("", body)
            assert "\\_" not in bare, name
            assert not re.search(r"[a-z0-9]\(", bare), name
            if tail:
                definitions = [line.split(" & ")[1] for line in bare.splitlines()
                               if line.endswith("\\\\")]
                assert all(re.search(r"[\u4e00-\u9fff]", d) for d in definitions)
    assert len(typed) >= 5
