"""What a run promises: the same bytes, nothing done twice, only what an edit touches."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tinypaper import Paper, digests

import gvckit as gk


def gvckit(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gvckit.cli", *arguments], capture_output=True, text=True,
        env={**os.environ, **environment}, check=False, timeout=300)


def executed(err: str) -> set[str]:
    """Return the steps that a run executed, out of its lines."""
    return set(re.findall(r"^\[\s*\d+/\d+\] (\S+)  [\d.]+ s$", err, re.MULTILINE))


def fresh(paper: Paper, name: str, *more: str, **environment: str) -> dict[str, str]:
    out = paper.folder / name
    done = gvckit("run", str(paper.spec), "--out", str(out), "--store", f"{out}-store", *more,
                  **environment)
    assert done.returncode == 0, done.stderr
    return digests(out)


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_bytes_do_not_depend_on_the_hash_seed(paper: Paper, seed: str) -> None:
    assert fresh(paper, "again", "--workers", "1", PYTHONHASHSEED=seed) == paper.digests()


def test_bytes_do_not_depend_on_the_workers(paper: Paper) -> None:
    assert fresh(paper, "two", "--workers", "2") == paper.digests()


def test_bytes_do_not_depend_on_the_scheduler(paper: Paper) -> None:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1",
                      dashboard_address=None) as cluster:
        assert fresh(paper, "dask", "--scheduler", cluster.scheduler_address) == paper.digests()


def test_a_second_run_executes_nothing_and_imports_nothing_heavy(paper: Paper) -> None:
    code = (
        "import sys; from gvckit import cli\n"
        f"status = cli.main(['run', {str(paper.spec)!r}, '--out', {str(paper.out)!r}])\n"
        "heavy = [m for m in ('pandas', 'dask', 'distributed', 'pyfixest', 'scipy', 'pyarrow',\n"
        "                     'statsmodels', 'linearmodels', 'matplotlib') if m in sys.modules]\n"
        "print('HEAVY', heavy, 'STATUS', status)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY [] STATUS 0" in done.stdout
    assert not executed(done.stderr)


def test_an_edited_title_renders_one_table(paper: Paper) -> None:
    paper.edit("{en: One, zh: 一}", "{en: Another, zh: 一}")
    status, _, err = paper.run()
    assert status == 0
    assert executed(err) == {"tables.tab1"}
    assert "Another" in (paper.out / "tables" / "tab1.tex").read_text()
    paper.edit("{en: Another, zh: 一}", "{en: One, zh: 一}")
    assert not executed(paper.run()[2])


def test_an_edited_model_reruns_that_model(paper: Paper) -> None:
    paper.edit("swap: {dig: lag(dig)}", "swap: {dig: lag(dig)}, ssc: none")
    _, _, err = paper.run()
    assert executed(err) == {"models.lagged", "tables.tab1"}


def test_a_new_variable_reruns_no_model(paper: Paper) -> None:
    paper.edit("ln_gdp: log(gdp)", "ln_gdp: log(gdp)\n  spare: sqrt(gdp)")
    _, _, err = paper.run()
    assert not {name for name in executed(err) if name.startswith(("models.", "tables."))}


def test_edited_data_rerun_what_depends_on_them(paper: Paper) -> None:
    text = paper.macro.read_text()
    paper.edit("\nUSA,2003,", "\nUSA,2003,1", paper.macro)
    _, _, err = paper.run()
    ran = executed(err)
    assert {"data.macro", "indices.eco", "panel", "models.base", "tables.tab1"} <= ran
    assert not {name for name in ran if name.startswith(("data.icio", "indices.pos"))}
    paper.macro.write_text(text)
    assert not executed(paper.run()[2])


def test_only_makes_one_thing(paper: Paper) -> None:
    out = paper.folder / "part"
    status, printed, err = paper.run("--only", "tab1", "--out", str(out))
    assert status == 0, err
    assert {Path(line).name for line in printed.split()} == {"tab1.tex", "tab1.csv"}
    status, _, err = paper.run("--only", "tab9")
    assert status == 2
    assert "'tab9'" in err
    assert "'tab1'" in err


def test_verify_sees_a_changed_output(paper: Paper) -> None:
    assert gvckit("verify", str(paper.out)).returncode == 0
    table = paper.out / "tables" / "tab1.csv"
    table.write_text(table.read_text() + " ")
    done = gvckit("verify", str(paper.out))
    assert done.returncode == 2
    assert "tab1.csv" in done.stderr


def test_plan_says_what_would_run_and_why(paper: Paper) -> None:
    status, out, _ = paper.run(verb="plan")
    assert status == 0
    assert " run" not in out.splitlines()[-1]
    paper.edit("swap: {dig: lag(dig)}", "swap: {dig: 'lag(dig, 2)'}")
    _, out, _ = paper.run(verb="plan")
    planned = [line.split()[1].rstrip(":") for line in out.splitlines() if line.startswith("run")]
    assert planned == ["models.lagged", "tables.tab1"]
    assert "lag(dig, 2)" in out


def test_explain_shows_the_resolved_model(paper: Paper) -> None:
    status, out, _ = paper.run("lagged", verb="explain")
    assert status == 0
    for word in ("lag(dig)", "like base", "cluster: country", "gvckit.run.tasks.models:estimated"):
        assert word in out


def test_the_manifest_names_inputs_and_no_place_or_time(paper: Paper) -> None:
    manifest = json.loads((paper.out / "manifest.json").read_text())
    assert set(manifest["inputs"]) == {"data/macro.csv"}
    assert set(manifest["outputs"]) == set(paper.digests()) - {"manifest.json"}
    text = (paper.out / "manifest.json").read_text()
    assert str(paper.folder) not in text
    assert not re.search(r"\d{2}:\d{2}:\d{2}", text)


def test_python_runs_a_spec(paper: Paper) -> None:
    before = paper.digests()
    summary = gk.run(paper.spec, out=paper.folder / "py")
    assert not summary.executed
    assert digests(paper.folder / "py") == before


def test_a_missed_must_number_is_status_3_and_is_written(paper: Paper) -> None:
    text = paper.spec.read_text() + (
        'published: {tab1.base.dig: {b: "99.5", source: made up, status: must}}\n')
    paper.spec.write_text(text)
    status, out, err = paper.run()
    assert status == 3
    assert "tab1.base.dig" in err
    assert "differs" in out
    assert json.loads((paper.out / "report-card.json").read_text())


def test_importing_and_helping_is_quick_work() -> None:
    """No library is imported for ``import gvckit`` or ``--help`` (times are in benchmarks)."""
    code = ("import sys; import gvckit; from gvckit import cli\n"
            "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
            "print([m for m in ('numpy', 'pandas', 'pydantic', 'ruamel', 'rich') "
            "if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for verb in ("run", "check", "plan", "explain", "verify", "schema"):
        assert f"    {verb} " in done.stdout


def test_only_leaves_the_other_outputs(paper: Paper) -> None:
    paper.edit("tables:\n", "tables:\n  tab0: {kind: descriptives, variables: [pos, dig]}\n")
    assert paper.run()[0] == 0
    before = paper.digests()
    assert paper.run("--only", "tab1")[0] == 0
    after = paper.digests()
    assert {k: v for k, v in after.items() if k != "manifest.json"} == {
        k: v for k, v in before.items() if k != "manifest.json"}
    assert gvckit("verify", str(paper.out)).returncode == 0


def test_the_outputs_of_another_paper_are_not_replaced(paper: Paper) -> None:
    before = paper.digests()
    paper.edit("key: tiny", "key: other")
    status, _, err = paper.run()
    assert status == 2
    assert "'tiny'" in err
    assert paper.digests() == before


@pytest.mark.parametrize("out", ["paper.yaml", "paper.yaml/sub"])
def test_an_output_folder_that_is_a_file_is_told_before_the_work(paper: Paper, out: str) -> None:
    status, _, err = paper.run("--out", str(paper.folder / out))
    assert status == 2
    assert "is a file" in err
    assert not executed(err)


def test_the_note_says_that_a_column_is_weighted(paper: Paper) -> None:
    paper.edit("{like: base, swap: {dig: lag(dig)}}", "{like: base, weights: gdp}")
    assert paper.run()[0] == 0
    text = (paper.out / "tables" / "tab1.tex").read_text(encoding="utf-8")
    assert "olumn (2): rows weighted by" in text


def test_a_starter_runs(tmp_path: Path) -> None:
    folder = tmp_path / "first"
    assert gvckit("new", str(folder)).returncode == 0
    done = gvckit("run", str(folder / "paper.yaml"), "--out", str(folder / "out"), "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert "main.tex" in done.stdout
    assert gvckit("new", str(folder)).returncode == 2


def test_words_and_options_may_stand_in_any_order(paper: Paper) -> None:
    status, out, err = paper.run("--data", str(paper.folder), "lagged", verb="explain")
    assert status == 0, err
    assert "like base" in out


def test_a_matrix_of_correlations(paper: Paper) -> None:
    paper.edit("tables:\n", "tables:\n  cor: {kind: correlations, variables: [pos, dig, ln_gdp], sample: all}\n")
    status, _, err = paper.run()
    assert status == 0, err
    rows = (paper.out / "tables" / "cor.csv").read_text(encoding="utf-8").splitlines()
    assert rows[1].startswith("cor,pos,pos,1.0")
    assert len(rows) == 1 + 6


def test_a_flipped_bit_in_a_stored_output_is_mended(paper: Paper) -> None:
    before = paper.digests()
    stored = [path for digest in before.values()
              if (path := paper.folder / ".gvckit" / "objects" / digest[:2] / digest).is_file()]
    assert stored
    for path in stored:
        data = bytearray(path.read_bytes())
        data[3] ^= 1
        path.chmod(0o644)
        path.write_bytes(bytes(data))
    status, _, err = paper.run()
    assert status == 0, err
    assert paper.digests() == before
