"""The papers that come with the program, and the design's own example."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tinypaper
from chinese import english_in
from tinypaper import Paper, write_paper

import gvckit as gk
from gvckit.models.result import Fit
from gvckit.report.preview import main as preview
from gvckit.run import api
from gvckit.run.engine import execute
from gvckit.run.store import Store


@pytest.fixture(scope="module")
def digital_gvc(
    repository: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The output folder of the real paper."""
    folder = tmp_path_factory.mktemp("digital-gvc")
    gk.run(repository / "specs" / "digital-gvc" / "paper.yaml", out=folder / "out",
           data=[shared_data], store=folder / "store", workers=2)
    return folder / "out"


def cell(table: Path, model: str, term: str) -> dict[str, str]:
    with table.open(encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file)
                    if row["model"] == model and row["term"] == term)


@pytest.mark.data
@pytest.mark.slow
def test_the_real_paper_meets_independent_figures(digital_gvc: Path) -> None:
    """Share of complete digital use on backward participation, three-way effects: −.160 (.044).

    The figures were computed once by other code on the same tables.
    """
    found = cell(digital_gvc / "tables" / "tab2.csv", "bwd_share", "dig")
    assert round(float(found["estimate"]), 3) == -0.160
    assert round(float(found["se"]), 3) == 0.044
    clusters = cell(digital_gvc / "tables" / "tab2.csv", "fwd_index", "country")
    assert clusters["value"] == "38"


@pytest.mark.data
@pytest.mark.slow
def test_the_real_paper_says_which_countries_are_lost(digital_gvc: Path) -> None:
    report = (digital_gvc / "panel-report.json").read_text(encoding="utf-8")
    assert '"TWN"' in report
    assert '"IRL"' in report


@pytest.mark.data
@pytest.mark.slow
def test_the_real_paper_in_chinese_has_no_english_sentences(digital_gvc: Path) -> None:
    tables = sorted((digital_gvc / "tables").glob("*.zh.tex"))
    assert len(tables) > 20
    assert not {p.name: english for p in tables if (english := english_in(p))}


@pytest.mark.data
@pytest.mark.slow
def test_every_table_of_the_real_paper_says_what_a_referee_asks(digital_gvc: Path) -> None:
    """Clusters, the wild p of few clusters, variance within, imputed values and rows lost."""
    for path in sorted((digital_gvc / "tables").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if "kind" not in rows[0]:
            continue  # no table of estimates
        note = path.with_suffix(".tex").read_text(encoding="utf-8")
        assert "Rows lost of 21,760 in the panel" in note, path.name
        assert "variance" in note, path.name
        assert "imputed" in note, path.name
        few = {r["model"] for r in rows if r["kind"] == "clusters" and float(r["value"]) < 50}
        wild = {r["model"] for r in rows if r["kind"] == "stat"
                and r["term"].startswith("wild_p:")}
        assert few, path.name
        assert few <= wild or "No wild bootstrap p in" in note, path.name


def example(shared: Path) -> str:
    text = (shared / "design.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(# yaml-language-server.*?)```", text, re.DOTALL)
    assert found
    return found.group(1)


@pytest.mark.data
@pytest.mark.slow
def test_the_example_of_the_design_runs(shared: Path, shared_data: Path, tmp_path: Path) -> None:
    spec = tmp_path / "paper.yaml"
    spec.write_text(example(shared), encoding="utf-8")
    prepared = api.prepare(spec, [shared_data])
    assert not prepared.compiled.not_made
    whole = [step.name for step in prepared.compiled.steps]
    result = execute(prepared.compiled.steps, whole, Store(tmp_path / "store"))
    assert result.ok, result.error()
    done = result.outputs
    baseline = done["models.baseline"]
    assert isinstance(baseline, Fit)
    assert baseline.clusters == {"country": 39}
    assert "lag(dig)" in done["models.lagged"].terms
    assert np.isfinite(done["models.iv"].stats["kp_f"])
    assert len(done["models.by_income"]["groups"]) == 2
    effect, = done["models.channel"].further["mechanism"]["effects"]
    gap = baseline.coef["dig"] - done["models.channel"].stats["direct:dig"]
    assert effect["indirect"] == pytest.approx(gap, rel=1e-8)
    tested = done["models.threshold"].further["threshold"]["tested"]
    assert 1 <= len(tested) <= 2
    assert all(found["draws"] == 300 for found in tested)
    curve = done["curves.curve.dig"]
    assert len(curve) == 2 * 3 * 2
    assert (curve["reason"] == "").all()


def test_the_quickstart_recovers_what_was_planted(repository: Path, tmp_path: Path) -> None:
    world = gk.sample_world(range(2000, 2012), seed=1)
    spec = repository / "specs" / "quickstart" / "paper.yaml"
    summary = gk.run(spec, out=tmp_path / "out", store=tmp_path / "store")
    assert dict(summary.card) | {"in interval": 6} == dict(summary.card)
    planted = {
        f"{t.model}.{t.term}": float(t.entry.b or "nan")
        for t in api.prepare(spec).spec.published.values()}
    truth = world.truth
    assert planted == {
        "baseline.dig": truth["dig"], "baseline.ln_gdp": truth["ln_gdp"],
        "three_way.dig": truth["dig"], "late.dig": truth["dig"],
        "country.dig_eco": truth["dig_eco"], "country.ln_gdp": truth["ln_gdp_country"]}


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("xelatex"), reason="needs xelatex: replication/install-tex.sh")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tables_compile(
    repository: Path, tmp_path: Path, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    gk.run(repository / "specs" / "quickstart" / "paper.yaml", out=tmp_path / "out",
           store=tmp_path / "store")
    assert preview([str(tmp_path / "out"), "--language", language]) == 0
    assert "verfull" not in capsys.readouterr().err
    pdf = tmp_path / "out" / "tables" / f"preview.{language}.pdf"
    assert pdf.read_bytes().startswith(b"%PDF")


def run_copy(package: Path, paper: Paper) -> set[str]:
    """Run the paper with a copy of the package; return the steps that it executed."""
    done = subprocess.run(
        [sys.executable, "-m", "gvckit.cli", "run", str(paper.spec), "--out", str(paper.out),
         "--workers", "1"], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"})
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"^\[\s*\d+/\d+\] (\S+)  [\d.]+ s$", done.stderr, re.MULTILINE))


@pytest.mark.slow
def test_an_edited_measure_reruns_that_measure(repository: Path, tmp_path: Path) -> None:
    """Same result: only the measure runs.  Another result: what depends on it runs too."""
    package = tmp_path / "copy" / "gvckit"
    shutil.copytree(repository / "src" / "gvckit", package,
                    ignore=shutil.ignore_patterns("__pycache__"))
    paper = write_paper(tmp_path / "paper")
    years = range(2000, 2006)
    measured = {f"indices.dig.{year}" for year in years}
    assert measured < run_copy(package, paper)
    assert not run_copy(package, paper)
    source = package / "measures" / "digital_inputs.py"
    text = source.read_text(encoding="utf-8")
    source.write_text(text + "\n\n_UNUSED = 1\n", encoding="utf-8")
    assert run_copy(package, paper) == measured
    source.write_text(text, encoding="utf-8")
    assert not run_copy(package, paper)
    again = text.replace("return io.solve_t(x) - x", "return 1.5 * io.solve_t(x) - x")
    assert again != text
    source.write_text(again, encoding="utf-8")
    ran = run_copy(package, paper)
    assert measured | {"indices.dig", "panel", "models.base", "tables.tab1"} <= ran
    assert not {name for name in ran if name.startswith(("data.", "indices.pos", "indices.eco"))}
    source.write_text(text, encoding="utf-8")
    assert not run_copy(package, paper)


def test_the_tiny_paper_is_what_the_tests_break(finished: Paper) -> None:
    """Guards the fault tests: the unbroken paper runs and writes its outputs."""
    assert set(tinypaper.digests(finished.out)) == {
        "manifest.json", "panel-report.json", "tables/tab1.csv", "tables/tab1.tex"}
