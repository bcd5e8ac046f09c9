from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report_samples import DICTIONARY, FAILED, baseline, forward, lagged, request

from gvckit.errors import DataError, GvckitError
from gvckit.report import registry
from gvckit.report.cells import TableLayout
from gvckit.report.descriptives import correlation_table, definitions_table, descriptives_table
from gvckit.report.layout import regression_table
from gvckit.report.preview import (
    compile_preview,
    document,
    first_error,
    main,
    tables_in,
    write_preview,
)
from gvckit.report.request import VariableInfo

needs_tex = pytest.mark.skipif(shutil.which("xelatex") is None, reason="xelatex is not installed")

HOSTILE = r"\input{/etc/passwd} \write18{id} & 100% #1 x_1^2 ~ ^^5c {[*"


def put(out: Path, *layouts: TableLayout) -> Path:
    folder = out / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    for layout in layouts:
        name = registry.file_name(layout.id, "latex", layout.language)
        (folder / name).write_bytes(registry.write(layout, "latex"))
    return out


def layouts(language: str) -> list[TableLayout]:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"dig": rng.uniform(size=50), "open": rng.uniform(1e5, 3e5, size=50),
                          "ln_gdp": rng.normal(10, 1, size=50), "rich": [0, 1] * 25})
    hostile = {**DICTIONARY, "dig": VariableInfo({"en": HOSTILE, "zh": HOSTILE + "数字"})}
    return [
        regression_table(request("tab1", show=["dig"]), [baseline(), lagged(), FAILED],
                         DICTIONARY, language),
        regression_table(request("tab2", brackets="t"), [baseline(), forward(kind="hc1")],
                         hostile, language),
        regression_table(request("tab3"), [baseline(), lagged(), forward()] * 4, DICTIONARY,
                         language),
        descriptives_table(frame, ["dig", "open", "ln_gdp"], DICTIONARY, language, by="rich"),
        definitions_table(["dig", "open", "ln_gdp"], DICTIONARY, language),
        correlation_table(frame, ["dig", "open", "ln_gdp"], DICTIONARY, language),
    ]


def test_tables_are_found_by_the_language_in_their_first_line(tmp_path: Path) -> None:
    one = [regression_table(request(), [baseline()], DICTIONARY, g) for g in ("en", "zh")]
    out = put(tmp_path, *one)
    assert tables_in(out / "tables", "en") == ["tab2.tex"]
    assert tables_in(out / "tables", "zh") == ["tab2.zh.tex"]
    source = write_preview(out, "zh")
    assert source.name == "preview.zh.tex"
    text = source.read_text(encoding="utf-8")
    assert r"\documentclass[UTF8,fontset=fandol,zihao=-4]{ctexart}" in text
    assert r"\input{tab2.zh.tex}" in text
    assert tables_in(out / "tables", "zh") == ["tab2.zh.tex"]
    assert [p.name for p in sorted((out / "tables").iterdir())] == [
        "preview.zh.tex", "tab2.tex", "tab2.zh.tex"]


def test_no_tables_and_unsafe_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    with pytest.raises(DataError, match="no table in language 'en'"):
        write_preview(tmp_path)
    put(tmp_path, regression_table(request(), [baseline()], DICTIONARY))
    (tmp_path / "tables" / "tab2.tex").rename(tmp_path / "tables" / "a b$.tex")
    with pytest.raises(DataError, match="cannot read safely"):
        write_preview(tmp_path)


def test_english_documents_load_chinese_fonts_only_where_needed() -> None:
    assert "xeCJK" in document(["a.tex"], "en", wide=True)
    assert "xeCJK" not in document(["a.tex"], "en", wide=False)


def test_the_first_error_names_its_table() -> None:
    log = "x\ngvckit-table: tab1.tex\nok\ngvckit-table: tab2.tex\n! Bad thing.\nl.7 \\foo\n! More\n"
    assert first_error(log) == "tab2.tex: Bad thing. l.7 \\foo"
    assert first_error("! Early") == "preamble: Early"
    assert first_error("fine") is None


def test_a_missing_folder_is_told_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "no table in language 'en'" in capsys.readouterr().err


@pytest.mark.slow
@needs_tex
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_table_compiles_without_overfull_boxes(
    tmp_path: Path, language: str
) -> None:
    source = write_preview(put(tmp_path, *layouts(language)), language)
    got = compile_preview(source)
    assert got.pdf is not None
    assert got.overfull == ()
    assert got.missing == ()
    first = got.pdf.read_bytes()
    assert first.startswith(b"%PDF")
    again = compile_preview(source)
    assert again.pdf is not None
    assert again.pdf.read_bytes() == first
    assert sorted(p.suffix for p in source.parent.glob("preview.*")) == [".pdf", ".tex"]
    reader = shutil.which("pdftotext")
    if reader:
        text = subprocess.run([reader, "-raw", str(got.pdf), "-"], capture_output=True,
                              check=True).stdout.decode()
        flat = "".join(text.split())
        for part in (r"\input{/etc/passwd}", r"\write18{id}", "&100%#1", "x_1^2", "^^5c{[*"):
            assert part in flat
        assert "root:" not in text
        assert ("固定效应" if language == "zh" else "sectorFE") in flat


@pytest.mark.slow
@needs_tex
def test_a_broken_table_is_named(tmp_path: Path) -> None:
    out = put(tmp_path, *layouts("en")[:2])
    path = out / "tables" / "tab2.tex"
    path.write_text(path.read_text(encoding="utf-8").replace(r"\midrule", r"\nosuchrule"),
                    encoding="utf-8")
    with pytest.raises(GvckitError, match=r"xelatex failed: tab2\.tex: Undefined control sequence"):
        compile_preview(write_preview(out))
    assert not (out / "tables" / "preview.en.pdf").exists()


@pytest.mark.slow
@needs_tex
def test_tex_cannot_read_or_run_anything_outside(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden words", encoding="utf-8")
    out = put(tmp_path / "out", *layouts("en")[:1])
    path = out / "tables" / "tab1.tex"
    path.write_text(path.read_text(encoding="utf-8") + rf"\input{{{secret}}}" + "\n",
                    encoding="utf-8")
    with pytest.raises(GvckitError, match="xelatex failed"):
        compile_preview(write_preview(out))
    path.write_text(path.read_text(encoding="utf-8").replace(
        rf"\input{{{secret}}}", r"\immediate\write18{touch ran}"), encoding="utf-8")
    compile_preview(write_preview(out))
    assert not list(tmp_path.rglob("ran"))


@pytest.mark.slow
@needs_tex
def test_the_module_runs_from_the_command_line(tmp_path: Path) -> None:
    put(tmp_path, *layouts("zh")[:1])
    done = subprocess.run(
        [sys.executable, "-m", "gvckit.report.preview", str(tmp_path), "--language", "zh"],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("preview.zh.pdf")


def test_tables_stand_in_the_order_of_the_spec_where_a_manifest_tells_it(tmp_path: Path) -> None:
    put(tmp_path, *layouts("en"))
    alphabetical = tables_in(tmp_path / "tables", "en")
    assert alphabetical == sorted(alphabetical)
    (tmp_path / "manifest.json").write_text(json.dumps({"tables": ["tab3", "tab1", "absent"]}))
    names = tables_in(tmp_path / "tables", "en")
    assert names[:2] == ["tab3.tex", "tab1.tex"]
    assert names[2:] == [n for n in alphabetical if n not in ("tab1.tex", "tab3.tex")]
    for damaged in ("[", "[]", '{"tables": 3}'):
        (tmp_path / "manifest.json").write_text(damaged)
        assert tables_in(tmp_path / "tables", "en") == alphabetical
