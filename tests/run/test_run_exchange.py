"""One writer at a time, nothing of somebody else's, and a kill at any moment is made good."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path

import pytest

from gvckit.errors import DataError, StoreError
from gvckit.run.exchange import LOCK, STAGE
from gvckit.run.lock import exclusive
from gvckit.run.publish import check_out, check_places, publish, verify
from gvckit.run.verified import remarks

OLD = {"tables/a.tex": b"one", "tables/gone.csv": b"1", "report-card.md": b"# card"}
NEW = {"tables/a.tex": b"two", "report-card.md": b"# card 2", "figures/f.svg": b"f"}
DIGEST = "0" * 64


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes()
            for p in folder.rglob("*") if p.is_file()}


def made(out: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(out).items() if name != "manifest.json"}


def in_a_child(work) -> int:
    """Carry out ``work`` in a forked process; return how it ended (negative: by that signal)."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(7)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_one_run_at_a_time_writes(tmp_path):
    publish(tmp_path, OLD, {})
    said: list[str] = []
    with (
        exclusive(tmp_path / LOCK, 0, said.append, name="x", option="x", passing=True),
        pytest.raises(StoreError, match=rf"another run \(pid {os.getpid()} on .*did not finish"),
    ):
        publish(tmp_path, NEW, {}, wait=0.2, say=said.append)
    assert [text.partition(")")[2] for text in said] == [
        f" uses the output folder {tmp_path}; waiting"]
    assert made(tmp_path) == OLD
    publish(tmp_path, NEW, {}, wait=0)
    assert made(tmp_path) == NEW


def test_many_runs_at_once_leave_one_of_them_whole(tmp_path):
    """Runs from two stores into one folder: without a lock they tear each other's files."""
    out = tmp_path / "out"
    errors: list[BaseException] = []

    def write(word: bytes) -> None:
        try:
            for i in range(25):
                publish(out, {f"tables/{k}.csv": word + b"%d" % i for k in "abcdef"}, {"seed": i})
        except BaseException as error:  # noqa: BLE001 - of a thread; told below
            errors.append(error)

    threads = [threading.Thread(target=write, args=(word,)) for word in (b"x", b"y", b"z")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert verify(out) == []
    assert len(set(made(out).values())) == 1
    assert {p.name for p in out.iterdir()} == {"tables", "manifest.json"}


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of Unix")
def test_a_lock_of_a_killed_run_is_no_obstacle(tmp_path):
    publish(tmp_path, OLD, {})

    def hold() -> None:
        with exclusive(tmp_path / LOCK, 0, print, name="x", option="x", passing=True):
            os.kill(os.getpid(), signal.SIGKILL)

    assert in_a_child(hold) == -signal.SIGKILL
    assert (tmp_path / LOCK).exists()
    assert verify(tmp_path) == []
    assert remarks(tmp_path) == []
    publish(tmp_path, NEW, {}, wait=0)
    assert not (tmp_path / LOCK).exists()


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of Unix")
@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("moment", range(1, 6))
def test_a_kill_while_files_move_is_told_and_completed(tmp_path, fresh, moment):
    """The first move is that of the plan: until then all is old, afterwards it will be new."""
    out = tmp_path / "out"
    out.mkdir()
    if not fresh:
        publish(out, OLD, {"seed": 1})
    (out / "mine.txt").write_bytes(b"mine")
    before = tree(out)

    def killed() -> None:
        count, real = iter(range(1, 99)), Path.replace

        def replace(self, target):
            if next(count) == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(self, target)

        Path.replace = replace  # type: ignore[method-assign]
        publish(out, NEW, {"seed": 2})

    assert in_a_child(killed) == -signal.SIGKILL
    left = {k: v for k, v in tree(out).items() if not k.startswith((STAGE, LOCK))}
    if moment == 1:
        assert left == before
        assert fresh or verify(out) == []
    elif fresh:
        with pytest.raises(DataError, match="the next gvckit run completes it"):
            verify(out)
    else:
        assert "the next gvckit run completes it" in str(verify(out)[0])
    # The next run, of anything, first completes what was decided.
    if moment > 1:
        with pytest.raises(DataError, match="no run of gvckit wrote it"):
            publish(out, {"mine.txt": b"theirs"}, {})
        assert made(out) == {**NEW, "mine.txt": b"mine"}
        assert json.loads((out / "manifest.json").read_text())["seed"] == 2
    publish(out, {"b.csv": b"b"}, {})
    assert made(out) == {"b.csv": b"b", "mine.txt": b"mine"}
    assert verify(out) == []
    assert {p.name for p in out.iterdir()} == {"b.csv", "mine.txt", "manifest.json"}


def test_an_undo_that_fails_is_left_to_the_next_run(tmp_path, monkeypatch):
    out = tmp_path / "out"
    publish(out, OLD, {"seed": 1})
    before = tree(out)
    real, count = Path.replace, iter(range(1, 99))

    def replace(self, target):
        # The plan, one file, then nothing works any more but that the plan becomes one to undo.
        if next(count) > 2 and self.name != "plan.json":
            raise PermissionError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(StoreError, match="Permission denied"):
        publish(out, NEW, {"seed": 2})
    monkeypatch.undo()
    assert "the next gvckit run completes it" in str(verify(out)[0])
    with pytest.raises(StoreError, match="not a path inside"):
        publish(out, {"../x": b""}, {})
    assert tree(out) == before
    assert verify(out) == []


def test_a_plan_that_leaves_the_folder_is_not_carried_out(tmp_path):
    out = tmp_path / "out"
    publish(out, OLD, {})
    (tmp_path / "secret").write_bytes(b"secret")
    (out / STAGE).mkdir()
    (out / STAGE / "new0").write_bytes(b"x")
    (out / STAGE / "plan.json").write_text(json.dumps({
        "moves": [{"name": "../secret", "new": "new0", "old": ""}], "folders": []}))
    publish(out, NEW, {})
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert made(out) == NEW


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", "7", '"x"', '{"outputs": [1]}', '{"format": 1}',
    '{"format": 1, "outputs": "x"}', '{"format": 1, "outputs": {"a": 1}}',
    '{"format": 1, "outputs": {"a": "sha"}}', '{"name": "app", "version": 3}',
    '{"format": "1", "outputs": {}}', '{"format": 1, "outputs": {}, "kept": [1]}',
    "[" * 100_000, "\xff", None])
def test_a_manifest_of_another_program_is_not_replaced(tmp_path, text):
    path = tmp_path / "manifest.json"
    if text is None:
        path.mkdir()
    else:
        path.write_bytes(text.encode("latin-1"))
    before = tree(tmp_path)
    for attempt in (lambda: check_out(tmp_path, "mine"), lambda: publish(tmp_path, NEW, {})):
        with pytest.raises(DataError, match=r"manifest\.json .*choose another --out"):
            attempt()
    with pytest.raises(DataError, match=r"manifest\.json"):
        verify(tmp_path)
    assert tree(tmp_path) == before


def test_a_manifest_of_a_newer_version_is_not_replaced(tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": 2, "outputs": {}}')
    with pytest.raises(DataError, match="of a newer gvckit"):
        publish(tmp_path, NEW, {})


def test_files_of_somebody_else_are_not_written_over(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "a.tex").write_text("mine")
    (tmp_path / "report-card.md").write_bytes(NEW["report-card.md"])
    before = tree(tmp_path)
    with pytest.raises(DataError) as caught:
        publish(tmp_path, NEW, {})
    assert [p.what for p in caught.value.problems] == [
        (f"{tmp_path / 'tables' / 'a.tex'} is in the way: no run of gvckit wrote it; choose "
        "another --out, or move it away")]
    assert tree(tmp_path) == before
    (tmp_path / "tables" / "a.tex").unlink()
    publish(tmp_path, NEW, {})
    assert made(tmp_path) == NEW


def test_a_file_where_a_folder_belongs_is_told(tmp_path):
    (tmp_path / "tables").write_text("mine")
    with pytest.raises(DataError) as caught:
        publish(tmp_path, NEW | OLD, {})
    assert [p.what for p in caught.value.problems] == [
        (f"{tmp_path / 'tables'} is in the way: it is not a folder; choose another --out, or move "
        "it away")]
    assert tree(tmp_path) == {"tables": b"mine"}


def test_an_edited_output_is_told_and_written_anew(tmp_path):
    publish(tmp_path, OLD, {})
    (tmp_path / "tables" / "a.tex").write_text("edited")
    said: list[str] = []
    publish(tmp_path, OLD, {}, say=said.append)
    edited = tmp_path / "tables" / "a.tex"
    assert said == [f"{edited} was edited after the last run; it is written anew"]
    assert made(tmp_path) == OLD


def test_another_paper_that_was_faster_is_not_replaced(tmp_path):
    check_out(tmp_path, "mine")
    publish(tmp_path, OLD, {"paper": "other"})
    with pytest.raises(DataError, match="outputs of the paper 'other'"):
        publish(tmp_path, NEW, {"paper": "mine"})
    assert made(tmp_path) == OLD


def details(seed: int = 1, **steps: str) -> dict:
    return {"gvckit": "1", "seed": seed, "inputs": {"x.csv": DIGEST}, "packages": {"numpy": "2"},
            "steps": {name: {"key": key, "result": key} for name, key in steps.items()}}


def test_outputs_that_stay_keep_what_they_were_made_of(tmp_path):
    """The manifest of a part of the same run is that of the whole."""
    publish(tmp_path, {"a": b"a", "b": b"b"}, details(panel="p", a="k", b="l"))
    whole = tree(tmp_path)
    publish(tmp_path, {"a": b"a"}, details(panel="p", a="k"), keep=True)
    assert tree(tmp_path) == whole


def test_outputs_of_an_earlier_run_are_told_apart(tmp_path):
    publish(tmp_path, {"a": b"a", "b": b"b", "c": b"c"}, details(panel="p", a="k", b="l", c="m"))
    publish(tmp_path, {"a": b"a2"}, details(panel="q", a="k2"), keep=True)
    plain = json.loads((tmp_path / "manifest.json").read_text())
    assert set(plain["outputs"]) == {"a", "b", "c"}
    assert plain["steps"] == details(panel="q", a="k2")["steps"]
    assert plain["kept"] == [
        {"outputs": ["b", "c"], **details(panel="p", a="k", b="l", c="m")}]
    assert verify(tmp_path) == []
    assert remarks(tmp_path) == ["of an earlier run, with other code, data or spec: b, c"]
    publish(tmp_path, {"b": b"b2"}, details(panel="q", b="l2"), keep=True)
    plain = json.loads((tmp_path / "manifest.json").read_text())
    assert plain["steps"] == details(panel="q", a="k2", b="l2")["steps"]
    assert [group["outputs"] for group in plain["kept"]] == [["c"]]
    publish(tmp_path, {"a": b"a2", "b": b"b2"}, details(panel="q", a="k2", b="l2"))
    assert "kept" not in json.loads((tmp_path / "manifest.json").read_text())
    assert made(tmp_path) == {"a": b"a2", "b": b"b2"}


def test_an_edited_output_that_stays_is_still_told_by_verify(tmp_path):
    publish(tmp_path, {"a": b"a", "b": b"b"}, details(a="k", b="l"))
    (tmp_path / "b").write_text("edited")
    publish(tmp_path, {"a": b"a2"}, details(a="k2"), keep=True)
    assert [str(p)[:29] for p in verify(tmp_path)] == ["b: is not the file that the r"]
    assert (tmp_path / "b").read_text() == "edited"


@pytest.mark.parametrize(("out", "store", "data", "words"), [
    ("paper", "store", (), "is the folder of the spec"),
    (".", "store", (), "holds the folder of the spec"),
    ("paper/out/..", "store", (), "is the folder of the spec"),
    ("link", "store", (), "is the folder of the spec"),
    ("data", "store", ("data",), "is the data folder"),
    ("lab", "store", ("lab/data",), "holds the data folder"),
    ("out", "out/store", (), "lies in --out"),
    ("out", "out", (), "lies in the store"),
    ("paper/.gvckit/out", "paper/.gvckit", (), "lies in the store"),
])
def test_what_is_made_does_not_mix_with_what_it_is_made_of(tmp_path, out, store, data, words):
    for name in ("paper/out", "data", "lab/data"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "paper")
    with pytest.raises(DataError, match=words):
        check_places(tmp_path / out, tmp_path / store, tmp_path / "paper",
                     [tmp_path / "paper", *(tmp_path / name for name in data)])


@pytest.mark.parametrize(("out", "store"), [
    ("paper/out", "paper/.gvckit"), ("data/out", "store"), ("out", "outer")])
def test_an_output_folder_below_the_spec_or_the_data_is_fine(tmp_path, out, store):
    for name in ("paper", "data"):
        (tmp_path / name).mkdir()
    check_places(tmp_path / out, tmp_path / store, tmp_path / "paper",
                 [tmp_path / "paper", tmp_path / "data"])


def test_verify_tells_what_lies_where_a_file_should(tmp_path):
    publish(tmp_path, OLD, {})
    (tmp_path / "tables" / "a.tex").unlink()
    (tmp_path / "tables" / "a.tex").mkdir()
    (tmp_path / "report-card.md").unlink()
    (tmp_path / "report-card.md").symlink_to(tmp_path / "tables" / "gone.csv")
    (tmp_path / "tables" / "mine.txt").write_text("mine")
    (tmp_path / "nested").mkdir()
    publish(tmp_path / "nested", NEW, {})
    assert [str(p) for p in verify(tmp_path)] == [
        "report-card.md: is a link, not the file that the run wrote",
        "tables/a.tex: is a folder, not the file that the run wrote"]
    assert remarks(tmp_path) == ["not in the manifest: tables/mine.txt"]
