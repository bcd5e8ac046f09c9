"""The paper on digital inputs: its claims point to cells that hold, its placebo is as drawn."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

import gvckit as gk
from gvckit.spec.resolve import read_spec
from gvckit.spec.schema.measured import MeasureEntry

# `table.model.term` −0.160 (0.044), or `table.model.statistic` 0.002
CLAIM = re.compile(r"`(\w+)\.([^`.]+)\.([^`]+)` ([−-]?\d+\.\d+)(?: \((\d+\.\d+)\))?")
DIGITAL = {"c14", "c27", "c30"}


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "specs" / "digital-gvc"


def claims(folder: Path) -> list[tuple[str, str, str, str, str]]:
    return CLAIM.findall((folder / "README.md").read_text(encoding="utf-8"))


def test_the_page_points_to_tables_that_exist(folder: Path) -> None:
    found = claims(folder)
    assert len(found) >= 30
    spec = read_spec(folder / "paper.yaml")
    for table, model, *_ in found:
        assert model.partition(":")[0] in spec.tables[table].columns, (table, model)


def test_every_table_and_figure_speaks_both_languages(folder: Path) -> None:
    spec = read_spec(folder / "paper.yaml")
    for shown in [*spec.tables.values(), *spec.figures.values()]:
        assert shown.title is not None
        assert set(shown.title) == {"en", "zh"}, shown.name
        for note in getattr(shown, "notes", ()):
            assert set(note) == {"en", "zh"}, shown.name


def test_groups_of_industries_are_those_of_the_sets(folder: Path, repository: Path) -> None:
    with (folder / "sectors.csv").open(encoding="utf-8") as file:
        given = {row["sector"]: row["manufacturing"] for row in csv.DictReader(file)}
    sets = repository / "src" / "gvckit" / "measures" / "sector_sets"
    for name, mark in (("manufacturing", "1"), ("services", "0")):
        text = (sets / f"wiod2013-{name}.toml").read_text(encoding="utf-8")
        assert {s for s, m in given.items() if m == mark} == set(tomllib.loads(text)["sectors"])


def test_placebo_suppliers_are_the_drawn_ones(folder: Path) -> None:
    """The trios are those of the seed, not those that suit; their industries are left out."""
    spec = read_spec(folder / "paper.yaml")
    others = [f"c{i}" for i in range(1, 35) if f"c{i}" not in DIGITAL]
    rng = np.random.default_rng(20250101)
    for k in range(1, 7):
        drawn = sorted(rng.choice(others, 3, replace=False), key=lambda s: int(s[1:]))
        for kind in ("trio", "level"):
            index = spec.indices[f"{kind}_{k}"]
            assert isinstance(index, MeasureEntry)
            assert list(index.sectors or ()) == drawn
        assert list(spec.samples[f"not_{k}"].drop["sector"]) == drawn


@pytest.mark.data
@pytest.mark.slow
def test_every_claim_of_the_page_is_in_its_cell(
    folder: Path, shared_data: Path, tmp_path: Path
) -> None:
    gk.run(folder / "paper.yaml", out=tmp_path / "out", data=[shared_data],
           store=tmp_path / "store", workers=2)
    wrong = [(claim, have) for claim in claims(folder)
             if (have := cell(tmp_path / "out" / "tables", *claim)) != said(claim)]
    assert not wrong


def said(claim: tuple[str, str, str, str, str]) -> tuple[str, str]:
    return claim[3].replace("−", "-"), claim[4]


def cell(tables: Path, table: str, model: str, term: str, number: str, se: str
         ) -> tuple[str, str]:
    """Return the number in the cell, and its standard error, with the claim's decimals."""
    with (tables / f"{table}.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == model]
    places = len(number.partition(".")[2])
    if term in rows[0]:
        return f"{float(rows[0][term]):.{places}f}", ""
    row = next(row for row in rows if row["term"] == term)
    value = row["estimate"] or row["value"]
    return f"{float(value):.{places}f}", f"{float(row['se']):.{places}f}" if se else ""
