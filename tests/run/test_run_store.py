"""The store's folder, its journal, its reporters."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toyrun import ROOTS, paper_steps

from gvckit.errors import DataError, StoreError
from gvckit.run.engine import execute
from gvckit.run.journal import Journal
from gvckit.run.progress import Bar, Lines, reporter_for
from gvckit.run.step import Step
from gvckit.run.store import Store


@pytest.mark.parametrize(("text", "message"), [
    ('{"store": "gvckit store", "version": 99}', "is newer than this one"),
    ('{"store": "gvckit store", "version": 0}', "is older than this one"),
    ('{"store": "gvckit store"}', "is damaged"),
    ('{"store"', "is damaged"),
    ("[]", "is damaged"),
])
def test_stores_of_other_versions_are_refused(tmp_path, text, message):
    Store(tmp_path / "s")
    (tmp_path / "s" / "format.json").write_text(text)
    with pytest.raises(StoreError, match=message):
        Store(tmp_path / "s")


def test_a_folder_with_other_things_is_no_store(tmp_path):
    (tmp_path / "thesis.docx").write_text("x")
    with pytest.raises(StoreError, match="not empty"):
        Store(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]
    with pytest.raises(StoreError, match="cannot use"):
        Store(tmp_path / "thesis.docx")


def test_an_interrupted_making_of_the_store_is_finished(tmp_path):
    (tmp_path / "s" / "tmp").mkdir(parents=True)
    (tmp_path / "s" / "tmp" / "1-0").write_text("{")
    assert execute(paper_steps(), None, Store(tmp_path / "s"), roots=ROOTS).ok


@given(st.lists(st.tuples(st.text(max_size=8), st.integers(0, 9)), max_size=6),
       st.integers(0, 400), st.binary(max_size=8))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_torn_journal_loses_at_most_its_last_line(tmp_path_factory, steps, cut, noise):
    path = tmp_path_factory.mktemp("j") / "journal.jsonl"
    journal = Journal(path)
    journal.append("start")
    for name, key in steps:
        journal.append("step", name=name, key=str(key))
    journal.close()
    data = path.read_bytes()
    kept = data[:max(0, len(data) - cut)]
    path.write_bytes(kept + noise.replace(b"\n", b""))
    whole = kept.count(b"\n")
    events = [{"event": "start"}] + [
        {"event": "step", "name": n, "key": str(k)} for n, k in steps]
    assert list(Journal(path).events())[:whole] == events[:whole]
    again = Journal(path)
    again.append("end")
    again.close()
    found = list(Journal(path).events())
    assert found[:whole] == events[:whole]
    assert found[-1] == {"event": "end"}
    assert all(json.loads(line) for line in path.read_bytes().splitlines())


def test_the_journal_knows_the_last_key_of_each_step(tmp_path):
    journal = Journal(tmp_path / "j")
    assert journal.last() == {}
    for name, key in (("a", "1"), ("b", "1"), ("a", "2")):
        journal.append("step", name=name, key=key)
    journal.append("failed", name="b")
    expected = {"a": "2", "b": "1"}
    assert {n: e["key"] for n, e in journal.last().items()} == expected
    assert {n: e["key"] for n, e in Journal(tmp_path / "j").last().items()} == expected
    journal.compact(tmp_path, above=3)
    assert len((tmp_path / "j").read_text().splitlines()) == 2
    assert {n: e["key"] for n, e in Journal(tmp_path / "j").last().items()} == expected
    journal.append("end")
    assert len(list(journal.events())) == 3


def test_a_warm_run_adds_no_line_a_step(store):
    execute(paper_steps(), None, store, roots=ROOTS)
    before = len(list(store.journal.events()))
    execute(paper_steps(), None, store, roots=ROOTS)
    assert len(list(store.journal.events())) == before + 2


def test_one_failure_is_not_told_once_for_every_step_behind_it(store):
    stream = io.StringIO()
    lines = Lines(stream)
    lines.begin(100)
    for number in range(90):
        lines.blocked(f"step{number}", "told")
    lines.end()
    assert len(stream.getvalue().splitlines()) == 6
    assert stream.getvalue().splitlines()[-1] == "100 steps: 90 blocked"


def test_logs_of_strange_names_stay_in_the_store(store):
    paths = [store.log(name, "text\ud800") for name in ("../../x", "a/b", "a_b", "表", "x" * 300)]
    assert len(set(paths)) == len(paths)
    assert {p.parent for p in paths} == {store.root / "logs"}


def failing_steps():
    return [*paper_steps(), Step("told", "toypaper.faults:told"),
            Step("after[red]", "toypaper.faults:doubles", inputs={"source": "told"})]


def test_lines_tell_each_step_that_ran_and_the_whole(store):
    stream = io.StringIO()
    execute(failing_steps(), None, store, reporter=Lines(stream), roots=ROOTS)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 14
    assert lines[0].startswith("[ 1/13] table@2000  0.")
    assert "told  failed" in stream.getvalue()
    assert "after[red]  not run: needs told" in stream.getvalue()
    assert lines[-1] == "13 steps: 11 ran, 1 failed, 1 blocked"
    stream = io.StringIO()
    execute(paper_steps(), None, store, reporter=Lines(stream), roots=ROOTS)
    assert stream.getvalue() == "11 steps: 11 in the store\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_a_bar(store, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    reporter = reporter_for(stream)
    assert isinstance(reporter, Bar)
    reporter.say("another run (pid 1) uses the store; waiting")
    execute(failing_steps(), None, store, reporter=reporter, roots=ROOTS)
    text = stream.getvalue()
    assert "waiting" in text
    assert "told  failed" in text
    assert "13/13" in text
    assert isinstance(reporter_for(io.StringIO()), Lines)


def test_errors_of_steps_are_sorted_by_place(store):
    result = execute(failing_steps(), None, store, roots=ROOTS)
    error = result.error()
    assert type(error) is DataError
    assert [str(p) for p in error.problems] == ["no country 'XYZ'", "d.csv:3:4: no year 1066"]
