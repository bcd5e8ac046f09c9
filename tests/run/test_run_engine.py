"""What runs, what is taken from the store, what a failure stops."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from toyrun import ROOTS, YEARS, array_steps, paper_steps

from gvckit.errors import DataError, GvckitError, SpecError, Where
from gvckit.run.engine import execute
from gvckit.run.graph import build_graph
from gvckit.run.objects import _RECENT
from gvckit.run.result import StepDefect
from gvckit.run.step import FileRef, Step


def run(steps, store, targets=None, **kwargs):
    return execute(steps, targets, store, roots=ROOTS, **kwargs)


def replaced(steps, name, **changes):
    from dataclasses import replace

    return [replace(s, **changes) if s.name == name else s for s in steps]


def test_first_run_runs_all_and_second_nothing(store):
    first = run(paper_steps(), store)
    assert len(first.executed) == 3 * len(YEARS) + 2
    assert first.outputs["report"] == f"Sum: {2 * (0 + 1 + 2) + 3 * 1.0}"
    assert first.outputs["flags"] == ["y2000", "y2002"]
    second = run(paper_steps(), store)
    assert second.executed == ()
    assert second.hits == first.executed
    assert {n: r.output for n, r in first.records.items()} == {
        n: r.output for n, r in second.records.items()}


def test_second_run_reads_no_result(store, monkeypatch):
    run(paper_steps(), store)

    def fail(self, part):
        raise AssertionError("a result was read")

    monkeypatch.setattr("gvckit.run.objects.Objects.read", fail)
    assert run(paper_steps(), store).executed == ()


def test_only_the_ancestors_of_the_targets_run(store):
    result = run(paper_steps(), store, ["scale@2001"])
    assert result.executed == ("table@2001", "scale@2001")


def test_a_title_reruns_only_the_report_and_reverting_it_nothing(store):
    run(paper_steps(), store)
    assert run(paper_steps("Total"), store).executed == ("report",)
    assert run(paper_steps(), store).executed == ()


def test_equal_results_cut_the_run_short(store):
    steps = paper_steps()
    run(steps, store)
    # 2002 instead of 2000 in the first table: another value of the same parity.
    changed = replaced(steps, "table@2000", params={"year": 2012})
    result = run(changed, store)
    assert result.executed == ("table@2000", "parity@2000", "scale@2000", "report")
    assert "flags" in result.hits


def test_steps_with_one_key_run_once(store, tmp_path):
    log = tmp_path / "log"
    steps = [Step(f"twin{i}", "toypaper.faults:slow", {"name": "x", "log": str(log)})
             for i in range(3)]
    result = run(steps, store)
    assert result.executed == ("twin0",)
    assert result.hits == ("twin1", "twin2")
    assert log.read_text() == "x\n"


def test_the_steps_of_one_year_follow_each_other():
    order = list(build_graph(paper_steps(), None).steps)
    assert order[:4] == ["table@2000", "parity@2000", "scale@2000", "table@2001"]


def test_decoded_tables_are_kept_for_the_next_step(store):
    result = run(array_steps(), store)
    frame = result.outputs["solve0"]["frame"]
    kept = _RECENT.get(dict(result.records["solve0"].output.members)["frame"].digest)
    assert kept is not None
    assert kept is not frame


def test_a_step_cannot_spoil_its_input_for_others(store):
    result = run(array_steps(), store)
    assert (result.outputs["spoilt"]["value"] == 0).all()
    frame = result.outputs["solve0"]["frame"]
    assert (frame["value"] > 0).all()
    assert frame.attrs == {"unit": "share"}


def test_a_failure_stops_only_what_depends_on_it(store):
    origin = Where("paper.yaml", 7, 3)
    steps = replaced(paper_steps(), "scale@2001", fn="toypaper.faults:told", origin=origin)
    result = run(steps, store)
    assert list(result.failed) == ["scale@2001"]
    assert result.blocked == {"report": "scale@2001"}
    assert result.outputs["flags"] == ["y2000", "y2002"]
    assert "report" not in result.outputs
    assert set(result.executed) == {s.name for s in steps} - {"scale@2001", "report"}
    error = result.failed["scale@2001"]
    assert type(error) is DataError
    assert [str(p) for p in error.problems] == [
        "paper.yaml:7:3: no country 'XYZ'", "d.csv:3:4: no year 1066"]
    assert result.exit_code == 2
    assert result.error().problems == tuple(sorted(error.problems, key=lambda p: p.where))


def test_a_failed_step_runs_again(store):
    steps = replaced(paper_steps(), "scale@2001", fn="toypaper.faults:told")
    run(steps, store)
    assert run(steps, store).failed.keys() == {"scale@2001"}
    assert run(paper_steps(), store).executed == ("scale@2001", "report")


def test_a_defect_is_logged_and_told_in_one_line(store):
    origin = Where("paper.yaml", 9, 1)
    result = run([Step("odd/step", "toypaper.faults:unpicklable", origin=origin)], store)
    error = result.failed["odd/step"]
    assert isinstance(error, StepDefect)
    assert result.exit_code == 1
    assert "\n" not in str(error)
    assert str(error).startswith(
        "paper.yaml:9:1: internal error in step 'odd/step' (UnpicklableError: odd indeed)")
    (log,) = (store.root / "logs").iterdir()
    assert str(log) in str(error)
    assert "in unpicklable\n    raise UnpicklableError(1, 2)" in log.read_text()


@pytest.mark.parametrize(("function", "text"), [
    ("leaves", "SystemExit: 7"), ("strange", "TypeError: a step returned a object"),
    ("missing", "AttributeError")])
def test_other_defects(store, function, text):
    result = run([Step("odd", f"toypaper.faults:{function}")], store)
    assert text in str(result.failed["odd"])
    assert isinstance(result.failed["odd"], StepDefect)


def test_own_error_classes_become_those_of_the_package(store):
    error = run([Step("own", "toypaper.faults:own")], store).failed["own"]
    assert type(error) is DataError
    assert error.exit_code == 2


def test_want_of_memory_is_told(store):
    error = run([Step("eats", "toypaper.faults:eats")], store).failed["eats"]
    assert type(error) is GvckitError
    assert "memory" in str(error)
    assert error.exit_code == 1


def test_exit_code_of_a_defect_wins(store):
    result = run([Step("a", "toypaper.faults:told"), Step("b", "toypaper.faults:leaves")], store)
    assert result.exit_code == 1
    assert len(result.error().problems) == 3


def test_graph_problems_are_told_all_at_once(store):
    steps = [
        Step("a", "m:f", inputs={"x": "bb"}, origin=Where("p.yaml", 1, 1)),
        Step("a", "m:f", origin=Where("p.yaml", 2, 1)), Step("b", "m:f")]
    with pytest.raises(SpecError) as caught:
        run(steps, store, ["b", "c"])
    assert [str(p) for p in caught.value.problems] == [
        "p.yaml:1:1: unknown input of 'a' 'bb'; did you mean 'b'? (allowed: a, b)",
        "p.yaml:2:1: two steps are called 'a'",
        "unknown step 'c' (allowed: a, b)",
    ]


@pytest.mark.parametrize("targets", [None, ["c"]])
def test_cycles_are_named(store, targets):
    steps = [Step(n, "m:f", inputs={"x": list(needs)})
             for n, needs in (("a", "c"), ("b", "a"), ("c", "b"))]
    with pytest.raises(SpecError, match="steps need each other: a <- c <- b <- a"):
        run(steps, store, targets)


def test_long_chains_do_not_overflow():
    steps = [Step("s0", "m:f")] + [
        Step(f"s{i}", "m:f", inputs={"x": f"s{i - 1}"}) for i in range(1, 3000)]
    assert list(build_graph(steps, None).steps) == [s.name for s in steps]


def test_file_content_counts_and_its_path_does_not(store, tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("one")

    def steps(path):
        return [Step("read", "toypaper.faults:reads", files={"file": FileRef(path)})]

    assert run(steps(file), store).outputs["read"] == "one"
    other = tmp_path / "b.txt"
    other.write_text("one")
    assert run(steps(other), store).executed == ()
    other.write_text("two")
    assert run(steps(other), store).outputs["read"] == "two"
    assert run(steps(file), store).executed == ()


def test_a_missing_file_is_an_error_of_the_user(store, tmp_path):
    steps = [Step("read", "toypaper.faults:reads", origin=Where("p.yaml", 4, 2),
                  files={"file": FileRef(tmp_path / "gone.csv", name="panel/gone.csv")})]
    result = run(steps, store)
    assert result.exit_code == 2
    assert str(result.error()).startswith("p.yaml:4:2: cannot read the file 'panel/gone.csv'")


def test_a_file_that_is_not_the_declared_one_is_refused(store, tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("one")
    steps = [Step("read", "toypaper.faults:reads", files={"file": FileRef(file, "0" * 64)})]
    assert "sha256" in str(run(steps, store).error())


def test_a_file_that_changes_under_the_step_is_refused(store, tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("one")
    steps = [Step("read", "toypaper.faults:rewrites", files={"file": FileRef(file)})]
    result = run(steps, store)
    assert "changed while it was being read" in str(result.error())
    assert result.exit_code == 2


def test_parameters_keep_their_order_inside_and_not_outside(store, tmp_path):
    log = str(tmp_path / "log")
    a = Step("a", "toypaper.faults:slow", {"name": "n", "log": log, "x": {"p": 1, "q": 2}})
    b = Step("b", "toypaper.faults:slow", {"x": {"p": 1, "q": 2}, "log": log, "name": "n"})
    c = Step("c", "toypaper.faults:slow", {"x": {"q": 2, "p": 1}, "log": log, "name": "n"})
    assert run([a, b, c], store).executed == ("a", "c")


@pytest.mark.parametrize("params", [{"x": object()}, {"x": {1: 2}}, {"x": {"a", "b"}}])
def test_parameters_are_plain_json(params):
    with pytest.raises(TypeError, match=r"step 'a': params\.x"):
        _ = Step("a", "m:f", params).plain_params


def test_a_step_that_differs_each_time_does_not_leave_old_results(store, tmp_path):
    steps = [Step("source", "toypaper.faults:counts", {"count": str(tmp_path / "count")}),
             Step("double", "toypaper.faults:doubles", inputs={"source": "source"}),
             Step("again", "toypaper.faults:doubles", inputs={"source": "double"})]
    run(steps, store)
    for name in ("source", "double"):
        record = run(steps, store).records[name]
        for part in record.output.all_parts():
            store.objects.discard(part.sha256)
    # The target is a hit; asked for its input, the source runs again and comes out as 1.
    result = run(steps, store, ["double", "again"])
    assert result.outputs["double"] == {"number": 2}
    assert result.outputs["again"] == {"number": 4}


def test_the_serial_run_uses_one_thread_and_gives_the_others_back(store, monkeypatch):
    threadpoolctl = pytest.importorskip("threadpoolctl")
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    with threadpoolctl.threadpool_limits(2):
        before = sorted(p["num_threads"] for p in threadpoolctl.threadpool_info())
        result = run([Step("threads", "toypaper.arrays:threads"),
                      Step("env", "toypaper.faults:environment",
                           {"names": ["OMP_NUM_THREADS"]})], store)
        assert result.outputs["threads"] == [1]
        assert result.outputs["env"] == {"OMP_NUM_THREADS": "1"}
        assert sorted(p["num_threads"] for p in threadpoolctl.threadpool_info()) == before
        assert os.environ["OMP_NUM_THREADS"] == "2"


def test_records_tell_seconds_memory_and_versions_and_no_host(store):
    record = run(array_steps(), store).records["matrix0"]
    assert record.seconds > 0
    assert record.peak_memory > 10 << 20
    assert set(record.versions) == {"gvckit", "numpy"}
    text = (store.root / "keys" / f"{record.key}.json").read_text()
    assert os.uname().nodename not in text
    assert str(Path.home()) not in text
