"""Notes of the papers hold no name that only their specs know."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gvckit.spec.resolve import read_spec

pytestmark = [pytest.mark.data, pytest.mark.slow]

PAPERS = ("digital-gvc", "dstri-position", "governance-sophistication")
INTERNAL = re.compile(r"\b(?:matched|members|asia|pop|em|ep|ea|ew|om|dm|mm)[:：]|penppml")
CODE = re.compile(r"(?<![A-Za-z0-9])c[1-9][0-9]?(?![A-Za-z0-9])")


@pytest.fixture(params=PAPERS)
def paper(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def notes_of(out: Path, left_out: set[str]) -> Iterator[tuple[str, str]]:
    """Yield file and plain text of the notes of every table, but of tables of definitions."""
    for path in sorted((out / "tables").glob("*.tex")):
        if path.name.partition(".")[0] in left_out:
            continue
        text = path.read_text(encoding="utf-8").replace(r"\allowbreak{}", "")
        _, begun, notes = text.partition(r"\begin{tablenotes}")
        if begun:
            yield path.name, re.sub(r"\\([_%&#$])", r"\1", notes)


def test_notes_hold_no_name_of_a_spec(paper: str, made: Callable[[str], Path], repository: Path
                                      ) -> None:
    spec = read_spec(repository / "specs" / paper / "paper.yaml")
    names = {name for name in (*spec.variables, *spec.values, *spec.models, *spec.samples,
                               *spec.indices, *spec.data) if re.search(r"[_0-9]", name)}
    assert len(names) > 50
    definitions = {name for name, table in spec.tables.items() if table.kind == "definitions"}
    looked = 0
    for file, text in notes_of(made(paper), definitions):
        looked += 1
        found = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text)) & names
        assert not found, (file, found)
        assert not INTERNAL.search(text), (file, INTERNAL.findall(text))
    assert looked >= 20


def test_notes_name_the_sectors_behind_codes(made: Callable[[str], Path], repository: Path) -> None:
    spec = read_spec(repository / "specs" / "digital-gvc" / "paper.yaml")
    definitions = {name for name, table in spec.tables.items() if table.kind == "definitions"}
    coded = 0
    for file, text in notes_of(made("digital-gvc"), definitions):
        codes = set(CODE.findall(text))
        coded += bool(codes)
        for code in codes:
            assert f"{code} (" in text or f"{code}（" in text, (file, code)
    assert coded >= 20


def test_standardised_outcomes_name_year_and_rows(made: Callable[[str], Path]) -> None:
    out = made("governance-sophistication") / "tables"
    for table in ("baseline22", "baseline19", "robustness1", "governance", "endogeneity"):
        english = (out / f"{table}.tex").read_text(encoding="utf-8")
        chinese = (out / f"{table}.zh.tex").read_text(encoding="utf-8")
        assert "Standardised within year, over rows with " in english
        assert "Standardised: " not in english
        assert "按年份标准化（限" in chinese
        assert "。标准化：" not in chinese
