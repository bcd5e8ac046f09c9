"""The page on measures of exports names every measure, value and word of the registry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gvckit.measures.registry import MEASURES
from gvckit.models.placebo import STATISTICS
from gvckit.sophistication.registry import TRADE_MEASURES

EVERYWHERE = {"adjust", "va", "gaps", "without", "na"}


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "exports.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", TRADE_MEASURES.values(), ids=lambda row: row.name)
def test_every_measure_has_its_row(row: object, page: str, repository: Path) -> None:
    line = next(part for part in page.splitlines() if part.startswith(f"| `{row.name}` |"))
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    for keys in list(row.keys)[:3]:
        assert set(keys) <= set(re.findall(r"\w+", cells[1])), keys
    assert {c for own in row.columns.values() for c in own} == set(re.findall(r"\w+", cells[2]))
    told = page if row.name in ("expy", "technical-complexity", "product-space") else (
        cells[3] + page.split("## Measures")[0])
    for parameter in row.parameters:
        if parameter.name not in EVERYWHERE:
            assert parameter.name in told, parameter.name
        for word in parameter.allowed:
            assert word in page, word
    readme = (repository / "README.md").read_text(encoding="utf-8")
    assert f"`{row.name}`" in readme


def test_digital_measures_and_statistics_are_there(page: str) -> None:
    for name in (n for n in MEASURES if n.startswith("digital-") or n == "supplier-use"):
        line = next(part for part in page.splitlines() if part.startswith(f"| `{name}` |"))
        assert all(column in line for column in MEASURES[name].columns), name
    for name in STATISTICS:
        assert name == "draws" or f"placebo_{name}" in page
