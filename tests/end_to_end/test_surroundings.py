"""A machine that does not help: odd encodings, full disks, closed pipes, things in the way."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tinypaper import Paper, digests

COMMAND = [sys.executable, "-m", "gvckit.cli"]
DIGITS = "第一篇论文"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="of Unix")


def gvckit(*arguments: str | bytes | Path, limit: Callable[[], None] | None = None,
           stdout: object = subprocess.PIPE, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], stdout=stdout, stderr=subprocess.PIPE,
                          env={**os.environ, **environment}, check=False, timeout=300,
                          preexec_fn=limit)


def told(done: subprocess.CompletedProcess[bytes], status: int, *words: str) -> None:
    """Assert the status, and that the last line of standard error says why."""
    err = done.stderr.decode("utf-8")
    assert done.returncode == status, err
    assert "Traceback" not in err
    assert "Exception" not in err
    for word in words:
        assert word in err.splitlines()[-1], err


def like_anybody() -> None:
    """Take the right to pass over permissions from root, for the process about to start."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # DAC_OVERRIDE, DAC_READ_SEARCH
            if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
                raise OSError(ctypes.get_errno(), "prctl")


def small_files(size: int) -> Callable[[], None]:
    """Let no file grow above ``size`` bytes, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "ascii"},
                                         {"LC_ALL": "C", "PYTHONUTF8": "0",
                                          "PYTHONCOERCECLOCALE": "0"}])
def test_any_text_can_be_printed(paper: Paper, environment: dict[str, str]) -> None:
    out = paper.folder / DIGITS
    done = gvckit("run", paper.spec, "--out", out, "--workers", "1", **environment)
    told(done, 0)
    assert done.stdout.isascii()
    assert rb"\u7b2c\u4e00" in done.stdout or rb"\xe7" in done.stdout or b"\\udc" in done.stdout
    assert digests(out) == paper.digests()
    paper.edit("lag(dig)", "lag(数字)")
    done = gvckit("check", paper.spec, **environment)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_folders_whose_names_are_no_text(paper: Paper) -> None:
    odd = os.fsencode(paper.folder.parent) + b"/\xff\xe9 odd"
    shutil.copytree(os.fsencode(paper.folder), odd)
    spec, out = odd + b"/paper.yaml", odd + b"/out"
    (Path(os.fsdecode(out)) / "manifest.json").unlink()  # Files with the same bytes may stay.
    shutil.rmtree(odd + b"/.gvckit")
    told(gvckit("run", spec, "--out", out, "--workers", "1"), 0, "37 steps: ")
    told(gvckit("run", spec, "--out", out, "--workers", "1"), 0, "37 steps: 37 in the store")
    assert digests(Path(os.fsdecode(out))) == paper.digests()
    for arguments in (["explain", spec, "tab1.base.dig"], ["verify", out],
                      ["new", odd + b"/new \xfe"]):
        done = gvckit(*arguments)
        assert (done.returncode, done.stderr) == (0, b"")
    told(gvckit("measure", "sample", "position", "--years", "2000", "--out", odd + b"/m.parquet",
                "--store", odd + b"/measures", "--workers", "1"), 0)
    told(gvckit("run", odd + b"/no.yaml"), 2, "there is no such file")


def test_a_reader_that_leaves_stops_nothing(paper: Paper) -> None:
    """``gvckit run … 2>&1 | head -1``: the run goes on to its end, and complains to nobody."""
    out = paper.folder / "piped"
    process = subprocess.Popen(
        [*COMMAND, "run", str(paper.spec), "--out", str(out), "--store",
         str(paper.folder / "other"), "--workers", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=300) == 0
    assert digests(out) == paper.digests()


@pytest.mark.parametrize("verb", ["schema", "--help", "sources"])
def test_a_reader_that_leaves_is_no_error(verb: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = gvckit(verb, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_results_that_cannot_be_printed_are_told() -> None:
    with Path("/dev/full").open("wb") as full:
        done = gvckit("schema", stdout=full)
    told(done, 1, "standard output: No space left on device")


def test_no_standard_output_at_all() -> None:
    done = subprocess.run(f'exec "{sys.executable}" -m gvckit.cli sources >&-', shell=True,
                          stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def put_file(path: Path) -> None:
    path.write_text("mine")


def put_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    (path / "below").mkdir(parents=True)


@pytest.mark.parametrize(("place", "put", "words"), [
    ("", put_file, "it is not a folder"),
    ("keys", put_file, "keys: it is not a folder"),
    ("objects", put_file, "objects: it is not a folder"),
    ("tmp", put_file, "tmp: it is not a folder"),
    ("format.json", put_folder, "format.json: Is a directory"),
    ("journal.jsonl", put_folder, "journal.jsonl: Is a directory"),
    ("lock", put_folder, "lock: Is a directory"),
])
def test_something_in_the_way_of_the_store_is_told(
    paper: Paper, place: str, put: Callable[[Path], None], words: str
) -> None:
    store, before = paper.folder / "store", paper.digests()
    if place:
        assert paper.run("--store", str(store))[0] == 0
    path = store / place
    if put is put_file and path.is_dir():
        shutil.rmtree(path)
    put(path)
    done = gvckit("run", paper.spec, "--out", paper.out, "--store", store, "--workers", "1")
    told(done, 1 if place else 2, words, str(store))
    assert paper.digests() == before
    if put is put_file:
        assert path.read_text() == "mine"


def test_a_folder_that_is_no_store_of_this_version_is_the_users_to_mend(paper: Paper) -> None:
    mine = paper.folder / "mine"
    mine.mkdir()
    put_file(mine / "notes.txt")
    for store, words in ((mine, "is not a store, and not empty (it holds 'notes.txt')"),
                         (mine / "notes.txt" / "store", "it is not a folder")):
        told(gvckit("run", paper.spec, "--out", paper.out, "--store", store), 2, words)
    assert [p.name for p in mine.iterdir()] == ["notes.txt"]
    marker = paper.folder / ".gvckit" / "format.json"
    marker.write_text(re.sub(r'"version": *\d+', '"version": 999', marker.read_text()))
    told(gvckit("run", paper.spec, "--out", paper.out), 2, "of version 999", "is newer than this")


def test_a_folder_among_the_temporary_files_is_cleared(paper: Paper) -> None:
    put_folder(paper.folder / ".gvckit" / "tmp" / "left")
    told(gvckit("run", paper.spec, "--out", paper.out, "--workers", "1"), 0)
    assert not list((paper.folder / ".gvckit" / "tmp").iterdir())


@pytest.mark.parametrize(("folder", "words"), [
    ("out", "is not writable"), (".gvckit", "Permission denied"),
    (".gvckit/tmp", "Permission denied"), ("out/tables", "Permission denied")])
def test_what_cannot_be_written_is_told(paper: Paper, folder: str, words: str) -> None:
    before = paper.digests()
    if folder == ".gvckit":
        shutil.rmtree(paper.folder / folder)
        (paper.folder / folder).mkdir()
    paper.edit("{en: One, zh: 一}", "{en: Another, zh: 一}")
    (paper.folder / folder).chmod(0o555)
    try:
        done = gvckit("run", paper.spec, "--out", paper.out, "--workers", "1", limit=like_anybody)
    finally:
        (paper.folder / folder).chmod(0o755)
    told(done, 1, words, folder)
    assert paper.digests() == before
    assert paper.run()[0] == 0
    assert paper.digests() != before


def test_a_store_that_cannot_be_written_is_read(paper: Paper) -> None:
    """Plans and explanations need no more than that."""
    folders = [path for path in (paper.folder / ".gvckit").rglob("*") if path.is_dir()]
    for folder in [paper.folder / ".gvckit", *folders]:
        folder.chmod(0o555)
    done = [gvckit("plan", paper.spec, limit=like_anybody),
            gvckit("explain", paper.spec, "tab1.base.dig", limit=like_anybody)]
    for folder in [paper.folder / ".gvckit", *folders]:
        folder.chmod(0o755)
    assert [(one.returncode, one.stderr) for one in done] == [(0, b"")] * 2


@pytest.mark.parametrize("size", [0, 300, 4500])
def test_a_full_disk_is_told_and_changes_nothing(paper: Paper, size: int) -> None:
    """From a disk that holds not even a lock to one that holds all but the largest results."""
    before = paper.digests()
    paper.edit("\nUSA,2003,", "\nUSA,2003,1", paper.macro)
    store = paper.folder / "store"
    done = gvckit("run", paper.spec, "--out", paper.out, "--store", store, "--workers", "1",
                  limit=small_files(size))
    told(done, 1, str(store))
    assert paper.digests() == before
    status, _, err = paper.run("--store", str(store))
    assert status == 0, err


def test_a_full_disk_for_the_outputs_changes_nothing(paper: Paper) -> None:
    before = paper.digests()
    manifest = (paper.out / "manifest.json").stat().st_size
    paper.edit("\nUSA,2003,", "\nUSA,2003,1", paper.macro)
    assert paper.run("--out", str(paper.folder / "elsewhere"))[0] == 0
    done = gvckit("run", paper.spec, "--out", paper.out, "--workers", "1",
                  limit=small_files(manifest - 100))
    told(done, 1, "manifest.json", "File too large")
    assert paper.digests() == before
    assert {p.name for p in paper.out.iterdir()} == {"manifest.json", "panel-report.json", "tables"}


