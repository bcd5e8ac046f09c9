"""Keys end to end: edits between two runs in processes of their own, and which steps run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from toyrun import YEARS, paper_steps

from gvckit.run.filehash import FileHashes
from gvckit.run.fingerprint import Fingerprints
from gvckit.run.key import KeyMaker, library_versions
from gvckit.run.step import FileRef, Step

TABLES = {f"table@{y}" for y in YEARS}
SCALES = {f"scale@{y}" for y in YEARS}
PARITIES = {f"parity@{y}" for y in YEARS}

# Edit, and the steps that run afterwards; where values do not change, nothing after them runs.
EDITS = {
    "lazy value": ("lazy.py", "2.0", "3.0", SCALES | {"report"} | PARITIES),
    "data file": ("data/constants.toml", "1.0", "2.0", SCALES | {"report"} | PARITIES),
    "report": ("report.py", "total}", "total:.1f}", {"report", "flags"}),
    "numbers, equal values": ("numbers.py", "year % 100", "(year % 100)  * 1",
                              TABLES | SCALES | PARITIES),
    "comment": ("numbers.py", "def base", "# a comment\ndef base", set()),
    "unused": ("unused.py", "None", "1", set()),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_reruns_exactly_what_uses_it_and_reverting_it_nothing(
    tmp_path, toy_copy, run_toy, edit
):
    file, old, new, reruns = EDITS[edit]
    store = tmp_path / "store"
    first = run_toy(store, "paper", toy_copy)
    assert set(first["executed"]) == {s.name for s in paper_steps()}
    path = toy_copy / file
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    second = run_toy(store, "paper", toy_copy)
    assert set(second["executed"]) == reruns
    path.write_text(text)
    third = run_toy(store, "paper", toy_copy)
    assert third["executed"] == []
    assert third["digests"] == first["digests"]


@pytest.fixture
def keys(tmp_path):
    from toyrun import ROOTS

    return KeyMaker(Fingerprints(ROOTS), FileHashes(tmp_path / "files.json"))


STEP = Step("a", "toypaper.report:text", {"title": "x"}, {"values": ["b"], "m": {"k": "c"}},
            {"file": FileRef(None, "ab" * 32)}, libraries=("numpy",))  # type: ignore[arg-type]
DIGESTS = {"b": "1" * 64, "c": "2" * 64, "d": "1" * 64}


@pytest.mark.parametrize(("changes", "digests", "same"), [
    ({"name": "other"}, {}, True),
    ({"memory": 5, "must": True}, {}, True),
    ({"inputs": {"m": {"k": "c"}, "values": ["d"]}}, {}, True),
    ({"params": {"title": "y"}}, {}, False),
    ({"params": {}}, {}, False),
    ({"fn": "toypaper.report:flags"}, {}, False),
    ({"inputs": {"values": "b", "m": {"k": "c"}}}, {}, False),
    ({"inputs": {"values": ["b"], "m": {"l": "c"}}}, {}, False),
    ({"inputs": {"others": ["b"], "m": {"k": "c"}}}, {}, False),
    ({}, {"b": "3" * 64}, False),
    ({"files": {"file": FileRef(None, "cd" * 32)}}, {}, False),
    ({"files": {"other": FileRef(None, "ab" * 32)}}, {}, False),
    ({"libraries": ("numpy", "pandas")}, {}, False),
    ({"libraries": ()}, {}, False),
    ({"code": ("toypaper.lazy",)}, {}, False),
])
def test_what_is_in_a_key(keys, changes, digests, same):
    before, _ = keys.key(STEP, DIGESTS)
    after, _ = keys.key(replace(STEP, **changes), DIGESTS | digests)
    assert (after == before) is same


def test_the_version_of_a_library_is_in_the_key(keys, monkeypatch):
    before, parts = keys.key(STEP, DIGESTS)
    assert parts["libraries"] == library_versions(("numpy",))
    library_versions.cache_clear()
    monkeypatch.setattr("gvckit.run.key._version", lambda name: "0.0.1")
    after, parts = keys.key(STEP, DIGESTS)
    library_versions.cache_clear()
    assert parts["libraries"] == {"numpy": "0.0.1"}
    assert after != before


def test_hashes_of_files_are_remembered_until_they_change(tmp_path, monkeypatch):
    import os

    memory, file = tmp_path / "files.json", tmp_path / "data"
    file.write_bytes(b"one")
    hashes = FileHashes(memory)
    first = hashes.sha256(file)
    hashes.save(tmp_path)
    assert not memory.exists(), "a file that was just written may change without a trace"
    os.utime(file, ns=(10**18, 10**18))
    assert hashes.sha256(file) == first
    hashes.save(tmp_path)
    again = FileHashes(memory)
    monkeypatch.setattr("hashlib.file_digest", lambda *a: pytest.fail("read again"))
    assert again.sha256(file) == first
    monkeypatch.undo()
    file.write_bytes(b"two")
    os.utime(file, ns=(10**18, 10**18))
    # Same size, same time stamp: the change time of the inode tells.
    assert again.sha256(file) != first


@pytest.mark.parametrize("torn", [b"", b"{", b"[]", b'{"/x": 5}'])
def test_a_damaged_memory_of_hashes_only_costs_time(tmp_path, torn):
    (tmp_path / "files.json").write_bytes(torn)
    (tmp_path / "data").write_bytes(b"one")
    assert FileHashes(tmp_path / "files.json").sha256(tmp_path / "data").startswith("7692c3ad")
