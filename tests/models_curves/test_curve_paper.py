"""A spec with a model that varies ends in figures, the same bytes every time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from gvckit.report.curve_figure import choice_rows, curve_note, curve_summary

HERE = Path(__file__).resolve().parent
FIGURES = {f"figures/fig1.{s}" for s in ("pdf", "png", "svg", "csv", "choices.csv")}


def run(folder: Path, hash_seed: str, *options: str) -> dict[str, str]:
    """Run the spec in a process of its own and return the hashes of its files."""
    done = subprocess.run(
        [sys.executable, "-m", "gvckit.cli", "run", str(HERE / "curve_paper.yaml"), "--out",
         str(folder / "out"), "--store", str(folder / "store"), *options],
        env=os.environ | {"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True,
        check=False)
    assert done.returncode == 0, done.stderr
    return {str(p.relative_to(folder / "out")): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted((folder / "out").rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("first")
    return folder, run(folder, "0")


def test_the_figure_is_made_with_its_rows_and_its_choices(first):
    folder, files = first
    assert set(files) >= FIGURES
    rows = pd.read_csv(folder / "out/figures/fig1.csv", keep_default_na=False)
    assert len(rows) == 2 * 4 * 3 * 2 * 2 * 2
    assert (rows["reason"] == "").all()
    planted = rows[rows["y"] == "y"]
    covered = (planted["low"].astype(float) < 1.5) & (planted["high"].astype(float) > 1.5)
    assert covered.mean() > 0.8
    assert (folder / "out/figures/fig1.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    for suffix in ("pdf", "png", "svg"):
        content = (folder / f"out/figures/fig1.{suffix}").read_bytes()
        assert b"CreationDate" not in content
        assert mpl.__version__.encode() not in content


def test_the_same_bytes_for_another_hash_seed_and_two_workers(first, tmp_path):
    assert run(tmp_path, "1", "--workers", "2") == first[1]


def test_the_table_prints_the_wild_p_on_a_line_of_its_own(first):
    text = (first[0] / "out/tables/tab1.tex").read_text()
    line = next(line for line in text.splitlines() if "Wild cluster bootstrap" in line)
    assert "9,999 Rademacher draws, clusters of country, null imposed" in line
    assert "Digital input share" in line
    assert line.lstrip().startswith("\\item")


def curve_of(rows: list[tuple[str, float, float]], **attrs: object) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["controls", "estimate", "p"])
    frame.attrs = {"vary": {"controls": list(dict.fromkeys(frame["controls"]))}, **attrs}
    return frame


def test_the_summary_counts_by_alternative_and_says_what_was_lost():
    frame = curve_of([("none", 1.0, 0.01), ("none", -1.0, 0.2), ("a", 3.0, 0.04),
                      ("a", np.nan, np.nan)])
    summary = curve_summary(frame).set_index("alternative")
    assert summary.loc["none", ["specifications", "median", "positive", "significant"]].tolist() \
        == [2, 0.0, 0.5, 0.5]
    assert summary.loc["a", ["specifications", "estimated", "median"]].tolist() == [2, 1, 3.0]
    note = curve_note(frame)
    assert note.startswith("4 specifications, 1 not estimated; median 1, 67% positive")
    assert "5%: 67% positive, 0% negative" in note
    assert curve_note(curve_of([("none", np.nan, np.nan)])) == (
        "1 specifications, 1 not estimated.")


def test_many_sets_of_controls_have_one_row_a_variable():
    sets = ["none", "a", "b", "c", "a + b", "a + c", "b + c", "a + b + c", "a + b + d"]
    rows = choice_rows(curve_of([(s, 1.0, 0.5) for s in sets]), str.upper)
    assert [r.label for r in rows] == ["A", "B", "C", "D"]
    assert rows[0].chosen == tuple("a" in s for s in sets)
    few = choice_rows(curve_of([(s, 1.0, 0.5) for s in sets[:5]]), str.upper)
    assert [r.label for r in few] == ["NONE", "A", "B", "C", "A + B"]


def test_a_model_that_varies_is_itself_its_base():
    from gvckit.run.api import prepare

    compiled = prepare(HERE / "curve_paper.yaml").compiled
    steps = {step.name: step for step in compiled.steps}
    assert "vary" not in steps["models.curve"].params["model"]
    assert steps["figures.fig1"].inputs == {"curve": "curves.curve.dig"}
    assert not compiled.not_made


def test_a_split_model_has_a_column_a_group_and_says_the_test(first):
    text = (first[0] / "out/tables/tab1.tex").read_text()
    assert "\\multicolumn{2}{c}{rich}" in text
    assert "\\multicolumn{1}{c}{No} & \\multicolumn{1}{c}{Yes}" in text
    assert "Difference from the first group" in text
    assert "permuting the groups over country (1,000 draws; units: 20)" in text
