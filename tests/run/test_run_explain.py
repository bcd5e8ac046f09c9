"""The plan says what would run, and why."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from toyrun import ROOTS, YEARS, paper_steps

from gvckit.errors import SpecError
from gvckit.run.engine import execute
from gvckit.run.explain import explain, plan
from gvckit.run.step import FileRef, Step


def planned(steps, store, targets=None, roots=ROOTS):
    return {p.name: p for p in plan(steps, targets, store, roots=roots)}


def run(steps, store):
    return execute(steps, None, store, roots=ROOTS)


def changed(steps, name, **changes):
    return [replace(s, **changes) if s.name == name else s for s in steps]


def test_everything_runs_at_first_and_nothing_afterwards(store):
    first = planned(paper_steps(), store)
    assert {p.status for p in first.values()} == {"run"}
    assert first["table@2000"].reason == "never ran"
    result = run(paper_steps(), store)
    assert tuple(first) == result.executed, "the plan is in the order of the run"
    second = planned(paper_steps(), store)
    assert {(p.status, p.reason) for p in second.values()} == {("cached", "")}


def test_the_plan_runs_and_writes_nothing(store):
    before = sorted(p.relative_to(store.root) for p in store.root.rglob("*"))
    plan(paper_steps(), None, store, roots=ROOTS)
    assert sorted(p.relative_to(store.root) for p in store.root.rglob("*")) == before


def test_a_changed_parameter_is_named(store):
    run(paper_steps(), store)
    found = planned(paper_steps("Total"), store)
    assert found["report"].reason == "parameter title: 'Sum' → 'Total'"
    assert str(found["report"]) == "run     report: parameter title: 'Sum' → 'Total'"
    assert [n for n, p in found.items() if p.status == "run"] == ["report"]


def test_a_changed_parameter_deep_inside_is_named(store, tmp_path):
    def steps(weights, **more):
        return [Step("s", "toypaper.faults:slow", {
            "name": "s", "log": str(tmp_path / "log"), "tree": {"weights": weights, "x": 1}}
            | more)]

    run(steps({"a": 1, "b": [1, 2]}), store)
    assert planned(steps({"a": 1, "b": [1, 3]}), store)["s"].reason == (
        "parameter tree.weights.b: [1,2] → [1,3]")
    assert planned(steps({"a": 1}), store)["s"].reason == (
        "parameter tree.weights.b: [1,2] → (gone)")
    assert planned(steps({"b": [1, 2], "a": 1}), store)["s"].reason == (
        'parameter tree.weights: another order → ["b","a"]')
    assert planned(steps({"a": 1.0, "b": [1, 2]}, seconds=0), store)["s"].reason == (
        "parameter seconds: (not there) → 0; parameter tree.weights.a: 1 → 1.0")


def test_steps_after_one_that_runs_say_so(store):
    run(paper_steps(), store)
    found = planned(changed(paper_steps(), "table@2001", params={"year": 2011}), store)
    assert found["table@2001"].reason == "parameter year: 2001 → 2011"
    assert found["scale@2001"].reason == "table@2001 runs before it"
    assert found["scale@2000"].status == "cached"


def test_a_changed_input_is_named(store):
    run(paper_steps(), store)
    only = changed(paper_steps(), "table@2001", params={"year": 2011})
    execute(only, ["scale@2001"], store, roots=ROOTS)
    found = planned(only, store)
    assert found["scale@2001"].status == "cached"
    assert found["report"].reason == "input scale@2001 changed"
    fewer = changed(paper_steps(), "report",
                    inputs={"values": [f"scale@{y}" for y in YEARS[:2]]})
    assert planned(fewer, store)["report"].reason == "input values[2] is gone"


def test_changed_code_is_named(tmp_path, toy_copy, run_toy):
    from gvckit.run.store import Store

    run_toy(tmp_path / "store", "paper", toy_copy)
    path = toy_copy / "lazy.py"
    path.write_text("FACTOR = 3.0\n")
    found = planned(paper_steps(), Store(tmp_path / "store"), roots={"toypaper": toy_copy})
    assert found["scale@2000"].reason == "code of toypaper.lazy changed"
    assert found["table@2000"].status == "cached"
    (toy_copy / "report.py").write_text(
        "import toypaper.unused\n" + (toy_copy / "report.py").read_text())
    found = planned(paper_steps(), Store(tmp_path / "store"), roots={"toypaper": toy_copy})
    assert found["report"].reason.startswith("code of toypaper.report changed; ")


def test_changed_functions_libraries_and_python_are_named(store, monkeypatch):
    run(paper_steps(), store)
    steps = changed(paper_steps(), "table@2000", fn="toypaper.report:flags", libraries=("numpy",))
    reason = planned(steps, store)["table@2000"].reason
    assert "function: toypaper.tables:make → toypaper.report:flags" in reason
    assert "library numpy: (not there) → '" in reason
    monkeypatch.setattr(sys, "version_info", (4, 1))
    python = "Python: 3."
    assert planned(paper_steps(), store)["table@2000"].reason.startswith(python)


def test_changed_and_missing_files_are_named(store, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("one")
    steps = [Step("read", "toypaper.faults:reads",
                  files={"file": FileRef(file, name="panel/x.csv")}),
             Step("after", "toypaper.faults:doubles", inputs={"source": "read"})]
    execute(steps, ["read"], store, roots=ROOTS)
    file.write_text("two!")
    assert planned(steps, store)["read"].reason == "file panel/x.csv changed"
    file.unlink()
    found = planned(steps, store)
    assert found["read"].status == found["after"].status == "blocked"
    assert "cannot read the file 'panel/x.csv'" in found["read"].reason
    assert found["after"].reason == "needs read"


def test_missing_results_are_fetched_only_where_they_are_needed(store):
    result = run(paper_steps(), store)
    for name in ("table@2001", "scale@2001"):
        for part in result.records[name].output.all_parts():
            store.objects.discard(part.sha256)
    assert {p.status for p in planned(paper_steps(), store).values()} == {"cached"}
    found = planned(paper_steps("Total"), store)
    assert {n for n, p in found.items() if p.status == "run"} == {
        "table@2001", "scale@2001", "report"}
    assert found["table@2001"].reason == "its stored result is missing"
    executed = execute(paper_steps("Total"), None, store, roots=ROOTS).executed
    assert set(executed) == {n for n, p in found.items() if p.status == "run"}


def test_a_missing_target_and_a_missing_record_are_named(store):
    result = run(paper_steps(), store)
    for part in result.records["report"].output.all_parts():
        store.objects.discard(part.sha256)
    assert planned(paper_steps(), store)["report"].reason == "its stored result is missing"
    (store.root / "keys" / f"{result.records['flags'].key}.json").unlink()
    assert planned(paper_steps(), store)["flags"].reason == (
        "the record of its last run is missing")


def test_the_last_run_counts_even_where_it_was_a_hit(store):
    run(paper_steps("A"), store)
    run(paper_steps("B"), store)
    run(paper_steps("A"), store)
    assert planned(paper_steps("C"), store)["report"].reason == "parameter title: 'A' → 'C'"


def test_explain_tells_what_a_step_is_made_of(store, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("one")
    steps = [*paper_steps(), Step("read", "toypaper.faults:reads", {"sep": ","},
                                  files={"file": FileRef(file, name="panel/x.csv")},
                                  libraries=("numpy",))]
    run(steps, store)
    text = explain(steps, "scale@2001", store, roots=ROOTS)
    lines = text.splitlines()
    assert lines[:3] == ["step      scale@2001", "function  toypaper.measures:scale",
                         "status    cached"]
    assert lines[3].startswith("last run  0.")
    assert "  table  table@2001 (cached)" in lines
    assert any(line.startswith("  toypaper/data/constants.toml") for line in lines)
    assert str(tmp_path) not in text
    text = explain(steps, "read", store, roots=ROOTS)
    assert "  sep  ','" in text
    assert ("  file  panel/x.csv  "
            "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed") in text
    with pytest.raises(SpecError, match="did you mean 'report'"):
        explain(steps, "reprot", store, roots=ROOTS)
