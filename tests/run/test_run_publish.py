"""Results reach the reader's folder all together or not at all, and touch nothing else."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toyrun import ROOTS, array_steps

from gvckit.errors import DataError, StoreError
from gvckit.run import exchange as exchange_module
from gvckit.run.engine import execute
from gvckit.run.manifest import build_manifest
from gvckit.run.publish import publish, verify
from gvckit.run.step import FileRef, Step

FILES = {"tables/a.tex": b"one", "tables/a.csv": b"1", "report-card.md": b"# card"}


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes()
            for p in folder.rglob("*") if p.is_file()}


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {p.name: (p.stat().st_ino, p.stat().st_mtime_ns)
            for p in folder.rglob("*") if p.is_file()}


def test_files_and_manifest_are_there(tmp_path):
    out = tmp_path / "deep" / "out"
    assert publish(out, FILES, {"seed": 1}) == out / "manifest.json"
    content = tree(out)
    assert json.loads(content.pop("manifest.json")) == {
        "format": 1, "seed": 1,
        "outputs": {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}}
    assert content == FILES
    assert verify(out) == []


def test_a_second_time_touches_nothing(tmp_path):
    publish(tmp_path, FILES, {"seed": 1})
    before = stamps(tmp_path)
    publish(tmp_path, FILES, {"seed": 1})
    assert stamps(tmp_path) == before
    publish(tmp_path, FILES | {"tables/a.tex": b"two"}, {"seed": 1})
    after = stamps(tmp_path)
    assert {n for n in before if before[n] != after[n]} == {"a.tex", "manifest.json"}


def test_what_is_not_made_any_more_goes_and_everything_else_stays(tmp_path):
    publish(tmp_path, FILES | {"figures/f.svg": b"f", "tables/edited.csv": b"2"}, {})
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "tables" / "mine.txt").write_text("mine")
    (tmp_path / "tables" / "edited.csv").write_text("edited by hand")
    publish(tmp_path, {"report-card.md": b"# card"}, {})
    content = tree(tmp_path)
    content.pop("manifest.json")
    assert content == {"report-card.md": b"# card", "notes.txt": b"mine",
                       "tables/mine.txt": b"mine", "tables/edited.csv": b"edited by hand"}
    assert not (tmp_path / "figures").exists()
    assert tmp_path.exists()


@pytest.mark.parametrize("name", [
    "../x", "/etc/x", "a/../../x", "a\\b", "c:x", "", ".", "a//b", "./a", "a\0b", "manifest.json",
    "link/x", ".gvckit-new/x", "folder", "a/.."])
def test_paths_that_leave_the_folder_are_refused(tmp_path, name):
    out = tmp_path / "out"
    publish(out, FILES, {})
    (out / "link").symlink_to(tmp_path)
    (out / "folder").mkdir()
    before = tree(tmp_path)
    with pytest.raises(StoreError):
        publish(out, FILES | {"tables/a.tex": b"two", name: b"x"}, {})
    assert tree(tmp_path) == before


@given(st.text(max_size=12))
@settings(deadline=None, max_examples=200)
def test_no_name_leaves_the_folder(tmp_path_factory, name):
    base = tmp_path_factory.mktemp("p")
    with contextlib.suppress(StoreError):
        publish(base / "out", {name: b"x"}, {})
    assert [p.name for p in base.iterdir()] in ([], ["out"])


def test_a_link_is_replaced_and_not_followed(tmp_path):
    out, secret = tmp_path / "out", tmp_path / "secret"
    secret.write_text("one")
    out.mkdir()
    (out / "a.csv").symlink_to(secret)
    publish(out, {"a.csv": b"one"}, {})
    assert secret.read_text() == "one"
    assert not (out / "a.csv").is_symlink()
    assert verify(out) == []


@pytest.mark.parametrize("failing", range(1, 4))
def test_a_full_disk_changes_nothing(tmp_path, monkeypatch, failing):
    out = tmp_path / "out"
    publish(out, FILES, {"seed": 1})
    before, times = tree(out), stamps(out)
    count = iter(range(1, 10))
    real = exchange_module.write_bytes

    def write(path, data):
        if next(count) == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, data)

    monkeypatch.setattr(exchange_module, "write_bytes", write)
    new = {name: data + b"!" for name, data in FILES.items()}
    with pytest.raises(StoreError, match="the disk is full"):
        publish(out, new, {"seed": 1})
    assert tree(out) == before
    assert stamps(out) == times
    monkeypatch.undo()
    publish(out, new, {"seed": 1})
    assert verify(out) == []


@pytest.mark.parametrize("failing", range(1, 5))
@pytest.mark.parametrize("fresh", [True, False])
def test_a_failure_while_moving_puts_everything_back(tmp_path, monkeypatch, failing, fresh):
    out = tmp_path / "out"
    if not fresh:
        publish(out, FILES | {"old/stale.csv": b"s"}, {"seed": 1})
    before = tree(tmp_path)
    count = iter(range(1, 20))
    real = Path.replace

    def replace(self, target):
        if next(count) == failing:
            raise OSError(errno.EACCES, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    new = {name: data + b"!" for name, data in FILES.items()}
    with pytest.raises(StoreError, match="Permission denied"):
        publish(out, new, {"seed": 1})
    assert tree(tmp_path) == before
    assert out.exists() != fresh


def test_what_a_killed_run_left_is_cleaned(tmp_path):
    publish(tmp_path, FILES, {})
    (tmp_path / ".gvckit-new").mkdir()
    (tmp_path / ".gvckit-new" / "new0").write_text("torn")
    publish(tmp_path, FILES | {"b.csv": b"b"}, {})
    assert not (tmp_path / ".gvckit-new").exists()
    assert verify(tmp_path) == []


def test_verify_tells_what_is_wrong(tmp_path):
    publish(tmp_path, FILES, {})
    (tmp_path / "tables" / "a.tex").write_text("One")
    (tmp_path / "tables" / "a.csv").unlink()
    (tmp_path / "other.txt").write_text("not ours")
    texts = [str(p) for p in verify(tmp_path)]
    assert texts[0] == "tables/a.csv: is missing"
    assert texts[1].startswith("tables/a.tex: is not the file that the run wrote")
    assert len(texts) == 2


def test_verify_follows_no_path_out_of_the_folder(tmp_path):
    publish(tmp_path / "out", FILES, {})
    manifest = tmp_path / "out" / "manifest.json"
    plain = json.loads(manifest.read_text())
    plain["outputs"] = {"../secret": "0" * 64}
    manifest.write_text(json.dumps(plain))
    (tmp_path / "secret").write_text("x")
    assert [str(p) for p in verify(tmp_path / "out")] == [
        "../secret: lies outside of the folder"]
    publish(tmp_path / "out", FILES, {})
    assert (tmp_path / "secret").exists()


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"outputs": [], "format": 1}',
                                  '{"outputs": {}, "format": 9}'])
def test_verify_needs_a_manifest(tmp_path, text):
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(DataError, match=r"manifest\.json"):
        verify(tmp_path)


def test_the_manifest_names_inputs_steps_and_versions_but_no_machine(store, tmp_path):
    file = tmp_path / "data" / "x.txt"
    file.parent.mkdir()
    file.write_text("text")
    read = Step("read", "toypaper.faults:reads", files={"file": FileRef(file, name="panel/x.txt")})
    steps = [*array_steps(), read, Step("unused", "toypaper.faults:told")]
    result = execute(steps, ["read", "summary"], store, roots=ROOTS)
    manifest = build_manifest(steps, result, seed=7)
    assert manifest["inputs"] == {
        "panel/x.txt": "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"}
    assert set(manifest["packages"]) == {"numpy"}
    assert set(manifest["steps"]) == {"read", "summary"} | {
        f"{kind}{i}" for kind in ("matrix", "solve") for i in range(3)}
    assert manifest["steps"]["read"] == {
        "key": result.records["read"].key, "result": result.records["read"].output.digest}
    assert manifest["seed"] == 7
    text = json.dumps(manifest)
    assert str(tmp_path) not in text
    assert os.uname().nodename not in text
    again = execute(steps, ["read", "summary"], store, roots=ROOTS)
    assert build_manifest(steps, again, seed=7) == manifest
