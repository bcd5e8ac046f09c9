"""Figures in Chinese: beside the English, with a font that the manifest names, or said not made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import matplotlib as mpl
import pytest
from tinypaper import write_paper

import gvckit as gk
from gvckit.errors import DataError
from gvckit.report.fonts import FOLDERS_VARIABLE, chinese_family, chinese_font

FIGURES = """\
  curve:
    like: base
    vary: {controls: [[], [ln_gdp]], sample: [all, late], winsor: [0, 0.05]}
"""
SHOWN = """\
figures:
  fig1: {kind: specification-curve, of: curve, coefficient: dig, title: {en: Every choice, zh: 全部设定}}
"""
FONT = chinese_font()
needs_font = pytest.mark.skipif(
    FONT is None, reason="needs a Chinese font: replication/install-tex.sh")


def paper(folder: Path) -> Path:
    made = write_paper(folder)
    text = made.spec.read_text(encoding="utf-8")
    text = text.replace("seed: 7}", "seed: 7, languages: [en, zh]}")
    text = text.replace("  all: {}\n", "  all: {}\n  late: {keep: {year: [2002-2005]}, "
                                       "label: {en: From 2002, zh: 2002年起}}\n")
    text = text.replace("tables:\n", f"{FIGURES}tables:\n") + SHOWN
    made.spec.write_text(text, encoding="utf-8")
    return made.spec


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paper(tmp_path_factory.mktemp("figures") / "paper")


@pytest.fixture(scope="module")
def without(spec: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of a machine that has no Chinese font."""
    folder = tmp_path_factory.mktemp("without")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDERS_VARIABLE, str(folder))
        summary = gk.run(spec, out=folder / "out", store=folder / "store")
    assert "no Chinese font was found" in summary.not_made["figures.fig1.zh"]
    return folder / "out"


def test_without_a_font_the_run_says_so_and_goes_on(without: Path) -> None:
    names = sorted(p.name for p in (without / "figures").iterdir())
    assert names == ["fig1.choices.csv", "fig1.csv", "fig1.pdf", "fig1.png", "fig1.svg"]
    manifest = json.loads((without / "manifest.json").read_text(encoding="utf-8"))
    assert "figures.fig1.zh" in manifest["not_made"]
    assert str(without.parent) not in json.dumps(manifest)


@needs_font
def test_with_a_font_there_is_a_figure_in_chinese(
    spec: Path, without: Path, tmp_path: Path
) -> None:
    """Its bytes are those of the font, and the English figure knows nothing of it."""
    gk.run(spec, out=tmp_path / "out", store=without.parent / "store")
    gk.run(spec, out=tmp_path / "again", store=tmp_path / "store")
    assert FONT is not None
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert f"fonts/{FONT.name}" in manifest["inputs"]
    assert "not_made" not in manifest
    for suffix in ("pdf", "png", "svg"):
        english = (tmp_path / f"again/figures/fig1.{suffix}").read_bytes()
        chinese = (tmp_path / f"out/figures/fig1.zh.{suffix}").read_bytes()
        assert english == (without / f"figures/fig1.{suffix}").read_bytes()
        assert chinese == (tmp_path / f"again/figures/fig1.zh.{suffix}").read_bytes()
        assert chinese != english
        assert mpl.__version__.encode() not in chinese
        assert str(FONT.parent).encode() not in chinese


def test_a_font_without_the_characters_is_refused(
    spec: Path, without: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    latin = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    shutil.copy(latin, tmp_path / "FandolHei-Regular.otf")
    monkeypatch.setenv(FOLDERS_VARIABLE, str(tmp_path))
    with pytest.raises(DataError, match=r"FandolHei-Regular\.otf lacks .*GVCKIT_FONTS"):
        gk.run(spec, out=tmp_path / "out", store=without.parent / "store")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_font_is_told(tmp_path: Path) -> None:
    (tmp_path / "simhei.ttf").write_bytes(b"no font")
    found = chinese_font({FOLDERS_VARIABLE: str(tmp_path)})
    assert found == tmp_path / "simhei.ttf"
    with (pytest.raises(DataError, match=r"simhei\.ttf is no font that can be read"),
          chinese_family(found, found.name, ["指数"])):
        pass


def test_the_preferred_font_wins_whatever_the_folder(tmp_path: Path) -> None:
    for place, name in (("a", "simhei.ttf"), ("b/c", "NotoSansCJK-Regular.ttc"), ("b", "other")):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / place / name).write_bytes(b"")
    folders = f"{tmp_path / 'a'}:{tmp_path / 'b'}"
    assert chinese_font({FOLDERS_VARIABLE: folders}) == tmp_path / "b/c/NotoSansCJK-Regular.ttc"
    assert chinese_font({FOLDERS_VARIABLE: str(tmp_path / "none")}) is None
    assert chinese_font({FOLDERS_VARIABLE: ""}) is None
