"""A run that is killed loses at most the steps under way, and tears nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from tinypaper import digests

from gvckit.run.publish import verify
from gvckit.run.store import Store

COMMAND = [sys.executable, "-m", "gvckit.cli", "run"]


def finished_steps(store: Path) -> set[str]:
    """Return the steps whose record stands in the store."""
    return {json.loads(p.read_text())["name"] for p in (store / "keys").glob("*.json")}


def killed_runs(arguments: list[str], out: Path, store: Path, moments: list[float]) -> list[set[str]]:
    """Start the run once for each moment, kill it then; return what was finished after each."""
    seen = []
    for moment in moments:
        started = subprocess.Popen(
            [*COMMAND, *arguments, "--out", str(out), "--store", str(store)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(moment)
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
        seen.append(finished_steps(store) if (store / "keys").is_dir() else set())
        assert not out.exists() or not verify(out)
    return seen


def complete(arguments: list[str], out: Path, store: Path) -> set[str]:
    """Finish the run and return the steps that it executed."""
    before = finished_steps(store) if (store / "keys").is_dir() else set()
    done = subprocess.run([*COMMAND, *arguments, "--out", str(out), "--store", str(store)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    repeated = {name for name in before if f"] {name}  " in done.stderr}
    assert not repeated
    assert not verify(out)
    return finished_steps(store) - before


def check(arguments: list[str], folder: Path, kills: int, longest: float) -> None:
    rng = random.Random(20250101)
    moments = [rng.uniform(0.3, longest) for _ in range(kills)]
    out, store = folder / "out", folder / "store"
    seen = killed_runs(arguments, out, store, moments)
    assert all(before <= after for before, after in pairwise(seen))
    complete(arguments, out, store)
    Store(store)
    whole = folder / "whole"
    complete([*arguments], whole, folder / "whole-store")
    assert digests(out) == digests(whole)


def test_kill_the_quickstart(repository: Path, tmp_path: Path) -> None:
    check([str(repository / "specs" / "quickstart" / "paper.yaml"), "--workers", "1"],
          tmp_path, 5, 2.5)


@pytest.mark.data
@pytest.mark.slow
def test_kill_the_real_run_ten_times(repository: Path, shared_data: Path, tmp_path: Path) -> None:
    check([str(repository / "specs" / "digital-gvc" / "paper.yaml"), "--data", str(shared_data),
           "--workers", "2"], tmp_path, 10, 6.0)


def test_two_runs_at_once_share_the_store(repository: Path, tmp_path: Path) -> None:
    """The second waits for the first; both finish, and no step ran twice."""
    command = [*COMMAND, str(repository / "specs" / "quickstart" / "paper.yaml"), "--workers", "1",
               "--store", str(tmp_path / "store")]
    runs = [subprocess.Popen([*command, "--out", str(tmp_path / f"out{i}")], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE) for i in range(2)]
    said = [run.communicate(timeout=300)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    assert sum("another run" in text for text in said) == 1, said
    assert digests(tmp_path / "out0") == digests(tmp_path / "out1")
    ran = [text.count(" s\n") for text in said]
    assert min(ran) < max(ran)


def test_an_interrupt_is_one_line_and_status_130(repository: Path, tmp_path: Path) -> None:
    arguments = [str(repository / "specs" / "quickstart" / "paper.yaml"), "--workers", "2"]
    out, store = tmp_path / "out", tmp_path / "store"
    run = subprocess.Popen([*COMMAND, *arguments, "--out", str(out), "--store", str(store)],
                           text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           start_new_session=True)
    deadline = time.monotonic() + 120
    while not (store / "keys").is_dir() or not finished_steps(store):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does
    printed, said = run.communicate(timeout=60)
    assert (run.returncode, printed) == (130, "")
    assert said.splitlines()[-1] == "stopped; finished steps are kept"
    assert "Traceback" not in said
    assert not out.exists()
    kept = finished_steps(store)
    assert kept
    assert complete(arguments, out, store).isdisjoint(kept)
