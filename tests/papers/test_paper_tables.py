"""What every coefficient table in specs/ must say of every column, in both languages."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gvckit.spec.resolve import read_spec

pytestmark = [pytest.mark.data, pytest.mark.slow]

FEW = 50
OVERLAYS = 10
LOOKED = {"digital-gvc": 100, "dstri-position": 18, "governance-sophistication": 46}
"""Coefficients of columns with few clusters that a paper has at least."""

DIFFERENCES = {"digital-gvc": 6, "dstri-position": 0, "governance-sophistication": 0}
"""Differences by one regression with few clusters that the tables of a paper have."""

FEWEST = {"digital-gvc": 50, "dstri-position": 50, "governance-sophistication": 50,
          "reference/card": 4, "reference/fixest-trade": 4, "reference/grunfeld": 6,
          "reference/gravity": 3}
"""Columns of coefficient tables."""

REFERENCES = {"reference/card": 1, "reference/fixest-trade": 4, "reference/grunfeld": 4,
              "reference/gravity": 0}

Column = Mapping[str, Mapping[str, str]]


@pytest.fixture(params=LOOKED | REFERENCES)
def spec_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=LOOKED)
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
                kinds["model"] = {row["model"].partition(":")[0]: row["model"]}
                if row["kind"] == "term" and row["shown"] == "yes" and row["estimate"]:
                    kinds.setdefault("shown", {})[row["term"]] = row["estimate"]
    return found


def test_few_clusters_have_a_bootstrap_p(spec_name: str, made: Callable[[str], Path],
                                         repository: Path) -> None:
    """Every column with clusters, fewer than 50 of them, of every table."""
    spec = read_spec(repository / "specs" / spec_name / "paper.yaml")
    models = {name: one.model for name, one in spec.models.items()}
    looked, lacking = 0, []
    for (table, _), kinds in columns(made(spec_name)).items():
        if not any(int(n) < FEW for n in kinds.get("clusters", {}).values()):
            continue
        (name,) = kinds["model"]
        focal = {t for t in models[name]["x"] if t in kinds["term"]} | {
            stat.partition(":")[2] for stat in kinds["stat"] if stat.startswith("mde:")}
        looked += len(focal)
        lacking += [(table, name, t) for t in focal if f"wild_p:{t}" not in kinds["stat"]]
    assert looked >= (LOOKED | REFERENCES)[spec_name]
    assert not lacking


def test_differences_with_few_clusters_have_a_bootstrap_p_in_both_languages(
        paper: str, made: Callable[[str], Path], repository: Path) -> None:
    """Those by interaction or stacking; permutations need none."""
    spec = read_spec(repository / "specs" / paper / "paper.yaml")
    models = {name: one.model for name, one in spec.models.items()}
    out, looked = made(paper), 0
    for (table, column), kinds in columns(out).items():
        (name,) = kinds["model"]
        terms = [t for stat in kinds["stat"] for head, _, t in [stat.partition(":")]
                 if head == "difference_p"]
        joint = models[name].get("difference") in ("interaction", "stacked")
        few = any(int(n) < FEW for n in kinds.get("clusters", {}).values())
        for term in terms:
            p = kinds["stat"].get(f"difference_wild_p:{term}")
            assert p is not None if joint and few else joint or p is None, (table, column, term)
            if p is None:
                continue
            looked += few
            t = kinds["stat"][f"difference_p:{term}"]
            assert 0 < float(p) <= 1
            for tail, words in (("", "; wild bootstrap p"), (".zh", "；野自助p")):
                text = (out / "tables" / f"{table}{tail}.tex").read_text(encoding="utf-8")
                plain = re.sub(r"\\allowbreak\{\}|\\", "", text)
                assert f"p {equal(float(t))}{words} {equal(float(p))}" in plain, (table, tail)
    assert looked == DIFFERENCES[paper]


def equal(p: float) -> str:
    return "< 0.001" if p < 0.0005 else f"= {p:.3f}"


def test_every_table_has_clusters_and_says_where_there_are_none(
        spec_name: str, made: Callable[[str], Path]) -> None:
    out = made(spec_name)
    tables: dict[str, list[bool]] = {}
    for (table, _), kinds in columns(out).items():
        tables.setdefault(table, []).append(bool(kinds.get("clusters")))
    assert tables
    for table, clustered in tables.items():
        assert any(clustered), table
        for tail, words in (("", "are not clustered: no number of clusters, no wild"),
                            (".zh", "标准误未聚类，故无聚类数与野自助p值")):
            text = (out / "tables" / f"{table}{tail}.tex").read_text(encoding="utf-8")
            assert (words in text) == (not all(clustered)), (table, tail)


def test_every_column_accounts_for_its_rows(spec_name: str, made: Callable[[str], Path]) -> None:
    found = columns(made(spec_name))
    assert len(found) >= FEWEST[spec_name]
    for place, kinds in found.items():
        rows = {name: int(value) for name, value in kinds["rows"].items()}
        lost = sum(rows.values()) - rows["panel"] - rows["used"]
        assert rows["panel"] - lost == rows["used"] == float(kinds["stat"]["n"]), place


def test_every_table_says_what_is_imputed_and_which_rows_are_lost(
        spec_name: str, made: Callable[[str], Path]) -> None:
    out = made(spec_name)
    for table in {table for table, _ in columns(out)}:
        for tail, imputed, rows in (("", r"imputed", r"Rows lost of|All [\d,]+ rows"),
                                    (".zh", "插补值", "面板共|使用面板全部")):
            text = (out / "tables" / f"{table}{tail}.tex").read_text(encoding="utf-8")
            assert re.search(imputed, text), (table, tail)
            assert re.search(rows, text), (table, tail)


def test_every_focal_term_has_its_share_within(spec_name: str, made: Callable[[str], Path]) -> None:
    for place, kinds in columns(made(spec_name)).items():
        shares = [n for n in kinds["stat"] if n.startswith("within_share:")]
        focal = [t for t in kinds.get("shown", {}) if f"mde:{t}" in kinds["stat"]]
        if kinds.get("fe"):
            assert {f"within_share:{t}" for t in focal} <= set(shares), place
        for name in shares:
            assert 0 <= float(kinds["stat"][name]) <= 1 + 1e-9, (place, name)


def test_both_languages_print_them(spec_name: str, made: Callable[[str], Path]) -> None:
    """Rows used and lost, clusters, shares within and bootstrap p stand in the notes."""
    out = made(spec_name)
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
