"""What a coefficient table of the papers must say of every column, in both languages."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gvckit.spec.resolve import read_spec

pytestmark = [pytest.mark.data, pytest.mark.slow]

PAPERS = ("digital-gvc", "dstri-position", "governance-sophistication")
FEW = 50
OVERLAYS = 10
LOOKED = {"digital-gvc": 100, "dstri-position": 18, "governance-sophistication": 46}
"""Coefficients of linear columns with few clusters that a paper has at least."""

Column = Mapping[str, Mapping[str, str]]


@pytest.fixture(params=PAPERS)
def paper(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def columns(out: Path) -> dict[tuple[str, str], dict[str, dict[str, str]]]:
    """Return (table, number of the column) -> kind -> row -> its value, of coefficient tables."""
    found: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    for path in sorted((out / "tables").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if "kind" not in row:
                    break
                kinds = found.setdefault((path.stem, row["column"]), {})
                value = row["estimate"] if row["kind"] == "term" else row["value"] or row["text"]
                kinds.setdefault(row["kind"], {})[row["term"]] = value
                if row["kind"] == "term" and row["shown"] == "yes" and row["estimate"]:
                    kinds.setdefault("shown", {})[row["term"]] = row["estimate"]
    return found


LINEAR = ("ols", "pooled", "between", "first-difference", "2sls")
CLUSTERED = ("Standard errors clustered by", "Standard errors two-way clustered by",
             "Standard errors by the jackknife over")


def test_few_clusters_have_a_bootstrap_p(paper: str, made: Callable[[str], Path],
                                         repository: Path) -> None:
    """Every linear column with clustered errors and fewer than 50 clusters, of every table."""
    spec = read_spec(repository / "specs" / paper / "paper.yaml")
    models = {name: one.model for name, one in spec.models.items()}
    out = made(paper)
    looked, lacking = 0, []
    for path in sorted((out / "tables").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if "kind" not in rows[0]:
            continue
        for column in {r["column"]: r for r in rows}.values():
            ours = [r for r in rows if r["column"] == column["column"]]
            kinds = {(r["kind"], r["term"]): r for r in ours}
            few = [r for r in ours if r["kind"] == "clusters" and int(r["value"]) < FEW]
            said = next((r["text"] for r in ours if r["kind"] == "convention"), "")
            model = models[column["model"].partition(":")[0]]
            linear = str(model.get("estimator") or "ols") in LINEAR
            if not few or not linear or not any(words in said for words in CLUSTERED):
                continue
            focal = {t for t in model["x"] if ("term", t) in kinds} | {
                name.partition(":")[2] for kind, name in kinds
                if kind == "stat" and name.startswith("mde:")}
            looked += len(focal)
            lacking += [(path.stem, column["model"], t) for t in focal
                        if ("stat", f"wild_p:{t}") not in kinds]
    assert looked >= LOOKED[paper]
    assert not lacking


def test_every_column_accounts_for_its_rows(paper: str, made: Callable[[str], Path]) -> None:
    found = columns(made(paper))
    assert len(found) > FEW
    for place, kinds in found.items():
        rows = {name: int(value) for name, value in kinds["rows"].items()}
        lost = sum(rows.values()) - rows["panel"] - rows["used"]
        assert rows["panel"] - lost == rows["used"] == float(kinds["stat"]["n"]), place


def test_every_focal_term_has_its_share_within(paper: str, made: Callable[[str], Path]) -> None:
    for place, kinds in columns(made(paper)).items():
        shares = [n for n in kinds["stat"] if n.startswith("within_share:")]
        focal = [t for t in kinds.get("shown", {}) if f"mde:{t}" in kinds["stat"]]
        assert {f"within_share:{t}" for t in focal} <= set(shares), place
        for name in shares:
            assert 0 <= float(kinds["stat"][name]) <= 1 + 1e-9, (place, name)


def test_both_languages_print_them(paper: str, made: Callable[[str], Path]) -> None:
    """Rows used and lost, clusters, shares within and bootstrap p stand in the notes."""
    out = made(paper)
    for (table, column), kinds in columns(out).items():
        wanted = {f"{int(n):,}" for name, n in kinds["rows"].items() if int(n)}
        wanted |= {str(n) for n in kinds.get("clusters", {}).values() if int(n) < 1000}
        if kinds.get("fe") and kinds.get("shown"):
            wanted |= {percent(float(v)) for n, v in kinds["stat"].items()
                       if n.startswith("within_share:") and n.partition(":")[2] in kinds["shown"]}
        wanted |= {f"{float(v):.3f}" for n, v in kinds["stat"].items()
                   if n.startswith("wild_p:") and float(v) >= 0.0005}
        for tail in ("", ".zh"):
            text = (out / "tables" / f"{table}{tail}.tex").read_text(encoding="utf-8")
            plain = re.sub(r"\\allowbreak\{\}|\\", "", text)
            assert not {w for w in wanted if w not in plain}, (table, column, tail)


def percent(share: float) -> str:
    value = 100.0 * share
    return f"{value:.0f}%" if value >= 10 else f"{value:.1f}%" if value >= 1 else f"{value:.2f}%"


def test_every_table_speaks_both_languages(paper: str, made: Callable[[str], Path],
                                           repository: Path) -> None:
    spec = read_spec(repository / "specs" / paper / "paper.yaml")
    for shown in [*spec.tables.values(), *spec.figures.values()]:
        assert shown.title is not None
        assert set(shown.title) == {"en", "zh"}, shown.name
        for note in getattr(shown, "notes", ()):
            assert set(note) == {"en", "zh"}, shown.name
    for name in spec.tables:
        english, chinese = ((made(paper) / "tables" / f"{name}{tail}.tex").read_text("utf-8")
                            for tail in ("", ".zh"))
        assert not re.search(r"[\u4e00-\u9fff]", english), name
        assert re.search(r"[\u4e00-\u9fff]", chinese), name


def test_every_paper_has_the_whole_set(paper: str, repository: Path) -> None:
    """Definitions, descriptives, correlations, weights, audit, …: what a paper is made of."""
    spec = read_spec(repository / "specs" / paper / "paper.yaml")
    kinds = {table.kind for table in spec.tables.values()}
    assert kinds >= {"regression", "definitions", "descriptives", "correlations", "weights",
                     "coverage", "index-uncertainty"}
    models = {name: model.model for name, model in spec.models.items()}
    assert any(m.get("quadratic") for m in models.values())
    assert any(m.get("split") and m.get("difference") for m in models.values())
    assert "specification-curve" in {figure.kind for figure in spec.figures.values()}
    overlays = [c for name, table in spec.tables.items() if re.match("robust|tab[3-6]|out|other",
                name) for c in table.columns]
    assert len(set(overlays)) >= OVERLAYS
