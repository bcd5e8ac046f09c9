"""What would run, and why; what a step is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gvckit.errors import GvckitError, listing
from gvckit.run.canonical import dumps
from gvckit.run.filehash import FileHashes
from gvckit.run.fingerprint import Fingerprints
from gvckit.run.graph import Graph, build_graph
from gvckit.run.key import KeyMaker
from gvckit.run.step import InputNames, Step, names_of
from gvckit.run.store import Record, Store

__all__ = ["LookedUp", "PlannedStep", "explain", "look_up", "plan"]

Status = Literal["run", "cached", "blocked"]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What a run would do with a step, and why (empty for a cached one)."""

    name: str
    status: Status
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.status:8}{self.name}" + (f": {self.reason}" if self.reason else "")


def plan(
    steps: Iterable[Step],
    targets: Iterable[str] | None,
    store: Store,
    *,
    roots: Mapping[str, Path] | None = None,
) -> list[PlannedStep]:
    """Return what a run would do with each needed step, in order; nothing is run or written.

    A step after one that runs is planned to run too, although it is taken from the store if its
    inputs come out as they were.

    Raises
    ------
    SpecError
        For a graph that cannot be run.
    """
    graph = build_graph(steps, targets)
    return list(_Plan(graph, store, _key_maker(store, roots)).planned())


def explain(
    steps: Iterable[Step], name: str, store: Store, *, roots: Mapping[str, Path] | None = None
) -> str:
    """Return, as text, what the step ``name`` is made of and what a run would do with it.

    Raises
    ------
    SpecError
        Where there is no such step, or the graph cannot be run.
    """
    graph = build_graph(steps, [name])
    keys = _key_maker(store, roots)
    planned = {p.name: p for p in _Plan(graph, store, keys).planned()}
    step, here = graph.steps[name], planned[name]
    lines = [f"step      {name}", f"function  {step.fn}"]
    if step.origin:
        lines.append(f"spec      {step.origin}")
    lines.append(f"status    {here.status}" + (f": {here.reason}" if here.reason else ""))
    lines += _last_run(store.journal.last().get(name), store)
    lines += _section("params", {k: _short(v) for k, v in step.plain_params.items()})
    lines += _section("inputs", {
        label: f"{source} ({planned[source].status})" for label, source in _input_labels(step)})
    lines += _section("files", {
        arg: f"{file.label}  {_file_hash(keys, step, arg)}" for arg, file in step.files.items()})
    lines += _section("libraries", _libraries(step))
    try:
        lines += _section("code", {n: d[:12] for n, d in keys.code(step).modules.items()})
    except GvckitError as error:
        lines += ["code", f"  {error}"]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class LookedUp:
    """Steps as the store knows them.

    Attributes
    ----------
    graph
        The steps that some targets need.
    planned
        Name to what a run would do.
    records
        Name to the record, for steps that are up to date.
    """

    graph: Graph
    planned: Mapping[str, PlannedStep]
    records: Mapping[str, Record]
    _keys: KeyMaker

    def file_hash(self, step: Step, arg: str) -> str:
        """Return the sha256 of a file of a step, or why there is none."""
        return _file_hash(self._keys, step, arg)


def look_up(
    steps: Iterable[Step], targets: Iterable[str], store: Store, *,
    roots: Mapping[str, Path] | None = None,
) -> LookedUp:
    """Return what the store knows of ``targets`` and of everything that they need.

    Raises
    ------
    SpecError
        For a graph that cannot be run.
    """
    graph = build_graph(steps, targets)
    keys = _key_maker(store, roots)
    plan = _Plan(graph, store, keys)
    planned = {step.name: step for step in plan.planned()}
    records = {name: plan.records[name] for name, step in planned.items()
               if step.status == "cached"}
    return LookedUp(graph, planned, records, keys)


class _Plan:
    """Looks each step up as a run would."""

    def __init__(self, graph: Graph, store: Store, keys: KeyMaker) -> None:
        self._graph = graph
        self._store = store
        self._keys = keys
        self._found: dict[str, PlannedStep] = {}
        self.records: dict[str, Record] = {}

    def planned(self) -> Iterator[PlannedStep]:
        for step in self._graph.steps.values():
            self._found[step.name] = self._look_up(step)
        self._fetch()
        yield from self._found.values()

    def _look_up(self, step: Step) -> PlannedStep:
        stopped = [n for n in step.input_steps if self._found[n].status == "blocked"]
        if stopped:
            return PlannedStep(step.name, "blocked", f"needs {stopped[0]}")
        first = [n for n in step.input_steps if self._found[n].status == "run"]
        try:
            key, parts = self._keys.key(step, {
                n: None if n in first else self.records[n].output.digest
                for n in step.input_steps})
        except GvckitError as error:
            return PlannedStep(step.name, "blocked", str(error))
        record = None if first else self._store.record(key)
        if record is not None:
            self.records[step.name] = record
            if step.name in self._graph.targets and not self._present(record):
                return PlannedStep(step.name, "run", "its stored result is missing")
            return PlannedStep(step.name, "cached")
        reasons = [*self._changes(step, key, parts), *(f"{n} runs before it" for n in first)]
        return PlannedStep(step.name, "run", "; ".join(reasons))

    def _present(self, record: Record) -> bool:
        return self._store.objects.present(record.output)

    def _fetch(self) -> None:
        """Let a step run whose result is gone although one that runs needs it."""
        for name in reversed(self._graph.steps):
            if self._found[name].status != "run":
                continue
            for source in self._graph.steps[name].input_steps:
                if self._found[source].status == "cached" and not self._present(
                        self.records[source]):
                    self._found[source] = PlannedStep(
                        source, "run", "its stored result is missing")

    def _changes(self, step: Step, key: str, parts: Mapping[str, Any]) -> list[str]:
        """Return what differs from the last run of the step of this name."""
        last = self._store.journal.last().get(step.name)
        if last is None:
            return ["never ran"]
        record = self._store.record(str(last["key"]))
        if record is None:
            return ["the record of its last run is missing"]
        before = record.parts
        reasons = [
            f"{what}: {before[part]} → {parts[part]}"
            for part, what in (("format", "key format"), ("python", "Python"), ("fn", "function"))
            if before[part] != parts[part]]
        if before["code"] != parts["code"]:
            reasons.append(self._code_change(step, before["code"]))
        for path, old, new in _differences(before["params"], parts["params"]):
            reasons.append(f"parameter {path}: {old} → {new}")
        reasons += _named_changes("file", before["files"], parts["files"], {
            arg: file.label for arg, file in step.files.items()})
        reasons += self._input_changes(step, before["inputs"], parts["inputs"])
        for path, old, new in _differences(before["libraries"], parts["libraries"]):
            reasons.append(f"library {path}: {old} → {new}")
        return reasons

    def _code_change(self, step: Step, before: str) -> str:
        old, new = self._store.code(before), self._keys.code(step).modules
        if old is None:
            return "code changed"
        changed = sorted(n for n in old.keys() & new.keys() if old[n] != new[n])
        names = changed or sorted(old.keys() ^ new.keys())
        return f"code of {listing(names, 3)} changed"

    def _input_changes(
        self, step: Step, before: Mapping[str, Any], parts: Mapping[str, Any]
    ) -> list[str]:
        names = dict(_input_labels(step))
        old, new = _flat(before), _flat(parts)
        return _named_changes("input", old, {k: v for k, v in new.items() if v is not None}, names,
                              unknown={k for k, v in new.items() if v is None})


def _named_changes(
    kind: str, old: Mapping[str, Any], new: Mapping[str, Any], names: Mapping[str, str],
    unknown: Iterable[str] = (),
) -> list[str]:
    """Return one reason for each entry that is new, gone or different."""
    reasons = [
        f"{kind} {names.get(k, k)} " + ("changed" if k in old else "is new")
        for k in new if old.get(k) != new[k]]
    gone = [k for k in old if k not in new and k not in set(unknown)]
    return reasons + [f"{kind} {k} is gone" for k in gone]


def _differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield the path of each leaf that differs, with both values as short texts."""
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old.keys() | new.keys():
        for name in sorted(old.keys() | new.keys()):
            below = f"{path}.{name}" if path else name
            if name not in new:
                yield below, _short(old[name]), "(gone)"
            elif name not in old:
                yield below, "(not there)", _short(new[name])
            else:
                yield from _differences(old[name], new[name], below)
        if old == new and list(old) != list(new):
            yield path, "another order", _short(list(new))
    elif dumps(old) != dumps(new):
        yield path, _short(old), _short(new)


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _flat(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return digests by ``arg``, ``arg[0]`` or ``arg[name]``."""
    flat: dict[str, Any] = {}
    for arg, digests in inputs.items():
        if isinstance(digests, list):
            flat |= {f"{arg}[{i}]": digest for i, digest in enumerate(digests)}
        elif isinstance(digests, Mapping):
            flat |= {f"{arg}[{k}]": digest for k, digest in digests.items()}
        else:
            flat[arg] = digests
    return flat


def _input_labels(step: Step) -> list[tuple[str, str]]:
    """Return each input as in `_flat` with the name of its step."""
    return [pair for arg in sorted(step.inputs) for pair in _labels(arg, step.inputs[arg])]


def _labels(arg: str, names: InputNames) -> Iterator[tuple[str, str]]:
    if isinstance(names, str):
        yield arg, names
    else:
        places: Iterable[Any] = names if isinstance(names, Mapping) else range(len(names))
        for place, name in zip(places, names_of(names), strict=True):
            yield f"{arg}[{place}]", name


def _key_maker(store: Store, roots: Mapping[str, Path] | None) -> KeyMaker:
    return KeyMaker(Fingerprints(roots), FileHashes(store.root / "files.json"))


def _section(title: str, entries: Mapping[str, str]) -> list[str]:
    width = max((len(name) for name in entries), default=0)
    return [title, *(f"  {name:{width}}  {text}" for name, text in entries.items())] * bool(entries)


def _file_hash(keys: KeyMaker, step: Step, arg: str) -> str:
    file = step.files[arg]
    try:
        return file.sha256 or keys.hashes.sha256(file.path)
    except OSError as error:
        return f"({error.strerror})"


def _libraries(step: Step) -> dict[str, str]:
    from gvckit.run.key import library_versions

    return library_versions(step.libraries)


def _last_run(last: Mapping[str, Any] | None, store: Store) -> list[str]:
    record = store.record(str(last["key"])) if last else None
    if record is None:
        return []
    memory = f", peak memory {record.peak_memory / 2**20:.0f} MiB" if record.peak_memory else ""
    return [f"last run  {record.seconds:.2f} s{memory}", f"result    {record.output.digest}"]
