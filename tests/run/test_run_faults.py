"""Kills, damage, full disks, two runs at once: nothing torn, nothing stale, nothing lost."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import time
from pathlib import Path

import pytest
from toyrun import PACKAGE, ROOTS, array_steps, paper_steps, slow_steps

from gvckit.errors import StoreError
from gvckit.run.canonical import sha256_bytes
from gvckit.run.engine import execute
from gvckit.run.executors import Processes
from gvckit.run.step import Step
from gvckit.run.store import Store


def run(steps, store, targets=None, **kwargs):
    return execute(steps, targets, store, roots=ROOTS, **kwargs)


def check_whole(store: Path) -> set[str]:
    """Assert that nothing that readers see is torn; return the steps with a record."""
    for path in (store / "objects").rglob("*"):
        if path.is_file():
            assert sha256_bytes(path.read_bytes()) == path.name
    names = set()
    for path in (store / "keys").glob("*"):
        record = json.loads(path.read_text())
        assert path.stem == record["key"]
        names.add(record["name"])
    return names


def count_lines(path: Path) -> int:
    return path.read_text().count("\n") if path.exists() else 0


def wait_for(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of Unix")
@pytest.mark.parametrize("workers", [1, 2])
def test_kill_at_any_moment_loses_only_what_was_running(tmp_path, start_toy, run_toy, workers):
    rng = random.Random(workers)
    store, log = tmp_path / "store", tmp_path / "log"
    killed = 0
    for _ in range(5):
        done = check_whole(store) if store.exists() else set()
        process = start_toy(store, "slow", workers=workers)
        lines = count_lines(log) + rng.randint(0, 3)
        while count_lines(log) < lines and process.poll() is None:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.05))
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not store.exists() or done <= check_whole(store)
    done = check_whole(store)
    last = run_toy(store, "slow", workers=workers)
    assert not done & set(last["executed"])
    assert done | set(last["executed"]) == {s.name for s in slow_steps(tmp_path)}
    assert killed >= 3
    assert list((store / "tmp").iterdir()) == []
    again = run_toy(store, "slow", workers=workers)
    assert again["executed"] == []
    # Each step ran once, and once more for each kill that hit it before its record was there.
    assert count_lines(log) <= len(slow_steps(tmp_path)) + killed * workers
    check_whole(store)


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of Unix")
def test_workers_end_with_a_killed_run(tmp_path, start_toy):
    process = start_toy(tmp_path / "store", "slow", workers=2)
    wait_for((tmp_path / "log").exists)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        pytest.skip("the system does not list children")
    pids = children.read_text().split()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(pids) >= 2
    wait_for(lambda: not any(alive(pid) for pid in pids), 10)


def alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def damage(store: Store, record, how: str) -> None:
    for part in record.output.all_parts():
        path = store.objects.path(part.sha256)
        data = path.read_bytes()
        if how == "missing":
            path.unlink()
        elif how == "cut":
            path.write_bytes(data[:-1])
        else:
            path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


@pytest.mark.parametrize("how", ["missing", "cut", "bit"])
def test_a_damaged_target_is_computed_again(store, how):
    first = run(paper_steps(), store)
    damage(store, first.records["report"], how)
    second = run(paper_steps(), store)
    # A changed bit shows only when the result is read.
    assert second.executed == (() if how == "bit" else ("report",))
    assert second.outputs["report"] == first.outputs["report"]
    check_whole(store.root)


@pytest.mark.parametrize("how", ["missing", "cut", "bit"])
def test_a_damaged_result_between_is_computed_again_when_it_is_needed(store, how):
    first = run(paper_steps(), store)
    for name in ("table@2001", "scale@2001"):
        damage(store, first.records[name], how)
    assert run(paper_steps(), store).executed == ()
    result = run(paper_steps("Total"), store)
    assert result.executed == ("table@2001", "scale@2001", "report")
    assert result.outputs["report"] == first.outputs["report"].replace("Sum", "Total")
    check_whole(store.root)


def test_damage_is_mended_in_workers_too(store):
    steps = array_steps()
    first = run(steps, store)
    digests = {name: record.output.digest for name, record in first.records.items()}
    for i in range(3):
        damage(store, first.records[f"matrix{i}"], "bit")
        damage(store, first.records[f"solve{i}"], "cut")
    executor = Processes(2)
    try:
        more = Step("more", "toypaper.arrays:summarise",
                    inputs={"bundles": ["solve2", "solve0", "solve1"]})
        result = run([*steps, more], store, executor=executor)
    finally:
        executor.close()
    assert result.ok
    assert {n: r.output.digest for n, r in result.records.items() if n in digests} == digests
    check_whole(store.root)


def flip_every_object(store: Path) -> int:
    paths = [path for path in (store / "objects").rglob("*") if path.is_file()]
    for path in paths:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
    return len(paths)


ROWS, WIDE = 4, 7


def chain(log: Path) -> list[Step]:
    """Rows of steps; each takes all of the row before."""
    return [
        Step(f"c{row}{i}", "toypaper.faults:slow", {"name": f"c{row}{i}", "log": str(log)},
             {"before": [f"c{row - 1}{j}" for j in range(WIDE)]} if row else {})
        for row in range(ROWS) for i in range(WIDE)]


def chain_text(row: int, i: int) -> str:
    """What `slow` returns, worked out apart."""
    before = "".join(chain_text(row - 1, j) for j in range(WIDE)) if row else ""
    return f"c{row}{i}{before}"


@pytest.mark.parametrize("workers", [1, 2])
def test_damage_to_every_object_at_once_is_mended(store, tmp_path, workers):
    """However many there are: each reader looks through all its inputs."""
    steps = chain(tmp_path / "log")
    first = run(steps, store)
    before = {path: path.read_bytes() for path in (store.root / "objects").rglob("*")
              if path.is_file()}
    assert flip_every_object(store.root) == len(before) == ROWS * WIDE
    executor = Processes(2) if workers == 2 else None
    try:
        again = run(steps, store, executor=executor)
        assert again.executed == ()
        assert {name: value["text"] for name, value in again.outputs.items()} == {
            f"c{row}{i}": chain_text(row, i) for row in range(ROWS) for i in range(WIDE)}
        check_whole(store.root)
        assert {path: path.read_bytes() for path in before} == before
        # And where something is to be computed from what is damaged.
        flip_every_object(store.root)
        last = Step("last", "toypaper.faults:slow", {"name": "last", "log": str(tmp_path / "log")},
                    {"before": [f"c{ROWS - 1}{j}" for j in range(WIDE)]})
        result = run([*steps, last], store, executor=executor)
    finally:
        if executor is not None:
            executor.close()
    assert result.ok, result.error()
    assert set(result.executed) == {*first.records, "last"}
    check_whole(store.root)


def test_a_folder_where_an_object_belongs_is_told(store):
    first = run(paper_steps(), store)
    [part] = first.records["scale@2001"].output.all_parts()
    path = store.objects.path(part.sha256)
    path.unlink()
    (path / "x").mkdir(parents=True)
    result = run(paper_steps("Total"), store)
    assert result.exit_code == 1
    assert str(path) in str(result.error())


def test_a_result_that_cannot_be_mended_fails(store, monkeypatch):
    from gvckit.run import objects

    run(paper_steps(), store)

    def read(self, part):
        raise objects.DamagedError(part.sha256)

    monkeypatch.setattr(objects.Objects, "read", read)
    result = run(paper_steps("Total"), store)
    assert "damaged again and again" in str(result.failed["scale@2000"])
    assert result.blocked == {"report": "scale@2000"}
    with pytest.raises(StoreError, match="damaged again and again"):
        _ = run(paper_steps(), store).outputs["flags"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 20_000, '{"format": 1}'])
def test_a_torn_record_is_a_miss(store, text):
    first = run(paper_steps(), store)
    for record in first.records.values():
        (store.root / "keys" / f"{record.key}.json").write_text(text)
    assert run(paper_steps(), store).executed == first.executed


def test_a_record_that_was_changed_is_a_miss(store):
    first = run(paper_steps(), store)
    path = store.root / "keys" / f"{first.records['report'].key}.json"
    other = first.records["flags"].output.digest
    path.write_text(path.read_text().replace(first.records["report"].output.digest, other))
    assert run(paper_steps(), store).executed == ("report",)


def full(*args):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_fails_the_step_and_leaves_nothing_behind(store, monkeypatch):
    from gvckit.run import files

    real = files.write_bytes

    def write(path, data):
        if len(data) > 1000:
            real(path, data[:10])
            full()
        real(path, data)

    run(array_steps(), store, ["matrix0"])
    monkeypatch.setattr(files, "write_bytes", write)
    result = run(array_steps(), store)
    assert result.failed.keys() == {"matrix1", "matrix2", "solve0"}
    assert result.blocked == {"solve1": "matrix1", "solve2": "matrix2", "spoilt": "solve0",
                              "summary": result.blocked["summary"]}
    assert result.exit_code == 1
    error = str(result.failed["matrix1"])
    assert "the disk is full" in error
    assert "needs 115,328 bytes" in error
    assert list((store.root / "tmp").iterdir()) == []
    check_whole(store.root)
    monkeypatch.undo()
    assert "matrix0" in run(array_steps(), store).hits


def test_a_full_disk_for_the_journal_ends_the_run_with_a_clear_error(store, monkeypatch):
    monkeypatch.setattr("gvckit.run.journal.os.write", full)
    with pytest.raises(StoreError, match="the disk is full"):
        run(paper_steps(), store)
    monkeypatch.undo()
    assert run(paper_steps(), store).ok


def test_writing_a_file_fails_without_a_trace(tmp_path, monkeypatch):
    from gvckit.run.files import write_bytes

    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *args):
            return None

        def write(self, data):
            full()

    real = Path.open

    def opened(self, *args, **kwargs):
        real(self, *args, **kwargs).close()
        return Full()

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(OSError, match="No space"):
        write_bytes(tmp_path / "x", b"data")
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_waits_and_says_so(tmp_path, start_toy):
    store = tmp_path / "store"
    one = start_toy(store, "slow")
    wait_for((tmp_path / "log").exists)
    two = start_toy(store, "slow")
    err = [process.communicate(timeout=60) for process in (one, two)]
    assert one.returncode == two.returncode == 0
    first, second = (json.loads(out) for out, _ in err)
    assert len(first["executed"]) == len(slow_steps(tmp_path))
    assert second["executed"] == []
    said = [line for line in err[1][1].splitlines() if "waiting" in line]
    assert len(said) == 1
    assert f"another run (pid {one.pid} on " in said[0]
    assert len((tmp_path / "log").read_text().split()) == len(slow_steps(tmp_path))


def test_a_lock_that_nobody_holds_any_more_is_no_obstacle(store):
    (store.root / "lock").write_text(json.dumps({"pid": 1, "host": "elsewhere"}))
    assert run(paper_steps(), store, wait=0).ok


def test_a_run_refuses_after_its_time(store):
    said = []
    other = Store(store.root)
    start = time.monotonic()
    with (
        other.lock(),
        pytest.raises(StoreError, match=rf"another run \(pid {os.getpid()} on .*did not finish"),
        store.lock(0.3, said.append),
    ):
        pytest.fail("two runs have the lock")
    assert time.monotonic() - start >= 0.3
    assert len(said) == 1
    with store.lock(0), store.lock(0):
        pass


def test_an_interrupt_ends_the_run_and_keeps_what_is_done(tmp_path, start_toy):
    for workers in (1, 2):
        store = tmp_path / f"s{workers}" / "store"
        store.parent.mkdir()
        process = start_toy(store, "slow", workers=workers)
        wait_for(lambda keys=store / "keys": keys.exists() and any(keys.iterdir()))
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        _, err = process.communicate(timeout=30)
        assert time.monotonic() - start < 5
        assert process.returncode != 0
        assert "KeyboardInterrupt" in err
        assert check_whole(store)


def test_an_edit_during_the_run_spoils_no_key(tmp_path, toy_copy, start_toy, run_toy):
    store = tmp_path / "store"
    process = start_toy(store, "slow", toy_copy)
    wait_for((tmp_path / "log").exists)
    path = toy_copy / "faults.py"
    text = path.read_text()
    path.write_text(text.replace('params["name"] + ""', '"edited"'))
    out, _ = process.communicate(timeout=30)
    failed = json.loads(out)["failed"]
    assert failed
    assert all("was edited while it ran" in text for text in failed.values())
    edited = run_toy(store, "slow", toy_copy)
    assert len(edited["executed"]) == len(slow_steps(tmp_path))
    path.write_text(text)
    back = run_toy(store, "slow", toy_copy)
    fresh = run_toy(tmp_path / "fresh", "slow", PACKAGE)
    assert back["digests"] == fresh["digests"]


def test_code_that_was_edited_after_it_was_loaded_is_not_used(tmp_path, toy_copy, monkeypatch):
    import sys

    package = toy_copy.rename(toy_copy.with_name("editable"))
    monkeypatch.syspath_prepend(package.parent)
    steps = [Step("a", "editable.report:flags", inputs={"flags": {}}), ]
    store = Store(tmp_path / "store")
    roots = {"editable": package}
    steps = [Step("a", "editable.lazy:value")]
    (package / "lazy.py").write_text("def value(i, f, p):\n    return 1\n")
    assert execute(steps, None, store, roots=roots).outputs["a"] == 1
    (package / "lazy.py").write_text("def value(i, f, p):\n    return 2\n")
    result = execute(steps, None, store, roots=roots)
    assert "restart Python" in str(result.failed["a"])
    for name in [n for n in sys.modules if n.partition(".")[0] == "editable"]:
        del sys.modules[name]
