"""What a run leaves in its output folder: traceable, never somebody else's, never by halves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tinypaper import Paper, digests

COMMAND = [sys.executable, "-m", "gvckit.cli"]


def manifest(out: Path) -> dict:
    return json.loads((out / "manifest.json").read_text(encoding="utf-8"))


def publish_numbers(paper: Paper, *lines: str) -> None:
    text = paper.spec.read_text(encoding="utf-8")
    paper.spec.write_text("\n".join([text.rstrip(), "published:", *lines]) + "\n",
                          encoding="utf-8")


MISSED = '  tab1.base.dig: {b: "99.5", source: made up, status: must}'
OTHER = '  tab0.lagged.lag(dig): {b: "77.5", source: made up, status: must}'
TAB0 = "tables:\n  tab0: {columns: [lagged], show: [lag(dig)]}\n"


def test_only_keeps_the_steps_of_what_stays(paper: Paper) -> None:
    """After a run of everything, a run of one table changes nothing, not even the manifest."""
    paper.edit("tables:\n", TAB0)
    assert paper.run()[0] == 0
    whole = paper.digests()
    assert paper.run("--only", "tab0")[0] == 0
    assert paper.digests() == whole
    assert "models.base" in manifest(paper.out)["steps"]


def test_only_after_an_edit_says_what_is_of_an_earlier_run(paper: Paper) -> None:
    paper.edit("tables:\n", TAB0)
    assert paper.run()[0] == 0
    before = manifest(paper.out)
    paper.edit("\nUSA,2003,", "\nUSA,2003,1", paper.macro)
    status, _, err = paper.run("--only", "tab0")
    assert status == 0
    assert "of an earlier run" in err
    assert "tables/tab1.tex" in err
    after = manifest(paper.out)
    assert after["inputs"] != before["inputs"]
    [group] = after["kept"]
    assert group["outputs"] == ["panel-report.json", "tables/tab1.csv", "tables/tab1.tex"]
    assert group["inputs"] == before["inputs"]
    assert group["steps"]["tables.tab1"] == before["steps"]["tables.tab1"]
    status, out, _ = verify(paper.out)
    assert status == 0
    assert "of an earlier run, with other code, data or spec: panel-report.json" in out
    assert paper.run()[0] == 0
    assert "kept" not in manifest(paper.out)
    assert "earlier" not in verify(paper.out)[1]


def verify(out: Path) -> tuple[int, str, str]:
    done = subprocess.run([*COMMAND, "verify", str(out)], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(("names", "told"), [
    (["tab1"], {"tab1.base.dig"}), (["base"], {"tab1.base.dig"}),
    (["tab0"], {"tab0.lagged.lag(dig)"}), (["lagged"], {"tab0.lagged.lag(dig)"}),
    (["tab0", "tab1"], {"tab1.base.dig", "tab0.lagged.lag(dig)"}),
    (["published"], {"tab1.base.dig", "tab0.lagged.lag(dig)"}), (["panel-report"], set())])
def test_a_missed_must_number_of_what_was_asked_for_is_status_3(
    paper: Paper, names: list[str], told: set[str]
) -> None:
    paper.edit("tables:\n", TAB0)
    publish_numbers(paper, MISSED, OTHER)
    asked = [word for name in names for word in ("--only", name)]
    status, out, err = paper.run(*asked)
    assert status == (3 if told else 0)
    every = {"tab1.base.dig", "tab0.lagged.lag(dig)"}
    assert {name for name in every if f"not reproduced: {name} b" in err} == told
    # The numbers of the card are shown: what was printed and what we have.
    for name in told:
        assert {"tab1.base.dig": "99.5", "tab0.lagged.lag(dig)": "77.5"}[name] in out
    assert (paper.out / "report-card.json").exists() == (names == ["published"])


def test_a_step_for_what_was_asked_leaves_the_card_of_the_paper_alone(paper: Paper) -> None:
    publish_numbers(paper, MISSED)
    assert paper.run()[0] == 3
    before = paper.digests()
    assert paper.run("--only", "tab1")[0] == 3
    assert paper.digests() == before
    assert set(manifest(paper.out)["steps"]) & {"published", "published.asked"} == {"published"}
    assert paper.run(verb="plan")[1].splitlines()[-1].endswith("cached")


@pytest.mark.parametrize(("options", "words"), [
    (["--out", "."], "--out . is the folder of the spec"),
    (["--out", ".."], "--out .. holds the folder of the spec"),
    (["--out", ".gvckit"], "--out .gvckit lies in the store"),
    (["--out", ".gvckit/out"], "--out .gvckit/out lies in the store"),
    (["--out", "data", "--data", "data"], "--out data is the data folder data"),
    (["--store", "out/store"], "the store out/store lies in --out out"),
    (["--store", "out"], "--out out lies in the store out"),
])
def test_outputs_do_not_mix_with_what_they_are_made_of(
    paper: Paper, options: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(paper.folder)
    before = digests(paper.folder)
    done = subprocess.run([*COMMAND, "run", "paper.yaml", *options], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert digests(paper.folder) == before


@pytest.mark.parametrize("text", ['{"name": "app"}', '{"outputs": [1]}', '"x"', "{", None])
def test_a_manifest_of_another_program_is_refused_before_the_work(
    paper: Paper, text: str | None
) -> None:
    out = paper.folder / "site"
    out.mkdir()
    if text is None:
        (out / "manifest.json").mkdir()
    else:
        (out / "manifest.json").write_text(text)
    (out / "mine.txt").write_text("mine")
    before = digests(out)
    status, _, err = paper.run("--out", str(out))
    assert status == 2
    assert err.count("\n") == 1, "before any step"
    assert f"{out / 'manifest.json'} is" in err
    assert "choose another --out" in err
    assert digests(out) == before


def test_two_stores_and_one_output_folder(paper: Paper) -> None:
    """Both finish, and what lies there is whole."""
    out = paper.folder / "both"
    runs = [subprocess.Popen(
        [*COMMAND, "run", str(paper.spec), "--out", str(out), "--workers", "1", "--store",
         str(paper.folder / name)], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for name in (".gvckit", "second")]
    said = [run.communicate(timeout=300)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    assert digests(out) == paper.digests()
    assert verify(out)[0] == 0


def test_verify_tells_every_kind_of_damage_and_what_is_not_ours(paper: Paper) -> None:
    table = paper.out / "tables" / "tab1.csv"
    table.write_text(table.read_text(encoding="utf-8") + " ", encoding="utf-8")
    (paper.out / "tables" / "tab1.tex").unlink()
    (paper.out / "tables" / "mine.tex").write_text("mine")
    status, out, err = verify(paper.out)
    assert status == 2
    assert "tables/tab1.csv: is not the file that the run wrote" in err
    assert "tables/tab1.tex: is missing" in err
    assert out == "not in the manifest: tables/mine.tex\n"
    path = paper.out / "manifest.json"
    os.truncate(path, path.stat().st_size // 2)
    status, out, err = verify(paper.out)
    assert (status, out) == (2, "")
    assert err == f"{path} is no manifest of gvckit, or it is damaged: it is not JSON\n"


def test_damage_to_everything_in_the_store_is_mended(paper: Paper) -> None:
    """One flipped bit in each stored object; the same outputs come out, and an edit runs on."""
    before = paper.digests()
    shutil.rmtree(paper.out)
    objects = [path for path in (paper.folder / ".gvckit" / "objects").rglob("*")
               if path.is_file()]
    assert len(objects) > 30
    for path in objects:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
    status, _, err = paper.run()
    assert status == 0, err
    assert paper.digests() == before
    for path in objects:
        if path.exists():
            path.write_bytes(path.read_bytes()[:-1] + b"?")
    paper.edit("swap: {dig: lag(dig)}", "swap: {dig: lag(dig)}, ssc: none")
    status, _, err = paper.run("--workers", "2")
    assert status == 0, err
    assert verify(paper.out)[0] == 0
