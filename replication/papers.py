"""The papers of a folder of specs: made ready together, run as one graph, published one by one.

One graph rather than one run after another: two papers that read the same table or compute the
same measure share the result, and the workers are busy until the last step of the last paper.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gvckit.errors import GvckitError, Where
from gvckit.run import api
from gvckit.run.manifest import build_manifest
from gvckit.run.publish import check_out, publish
from gvckit.run.result import RunResult
from gvckit.run.step import InputNames, Step

__all__ = ["Paper", "Ready", "find_papers", "finish", "prefixed", "ready", "sliced",
           "targets_of", "told", "without_folders"]


@dataclass(frozen=True, slots=True)
class Ready:
    """A paper that can run, under the name of its folder."""

    name: str
    prepared: api.Prepared


@dataclass(frozen=True, slots=True)
class Paper:
    """How a paper went.

    Attributes
    ----------
    name
        Its folder below the folder of the specs.
    status
        Exit status, as of ``gvckit run``.
    line
        What to say about it in one line.
    titles
        Its title by language.
    files
        What was written below its output folder.
    captions
        Table or figure to its title by language.
    checks
        Rows of its report card.
    not_estimated
        Model to reason.
    """

    name: str
    status: int
    line: str
    titles: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    captions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    checks: tuple[Mapping[str, Any], ...] = ()
    not_estimated: Mapping[str, str] = field(default_factory=dict)


def find_papers(specs: Path) -> list[tuple[str, Path]]:
    """Return the name and the spec of every paper below ``specs``, sorted."""
    return [(path.parent.relative_to(specs).as_posix(), path)
            for path in sorted(specs.rglob("paper.yaml"))]


def ready(name: str, path: Path, data: Sequence[Path], out: Path) -> Ready | Paper:
    """Return a paper ready to run, or how it ended already: data absent, or a faulty spec."""
    try:
        prepared = api.prepare(path, data)
        check_out(out / name, prepared.spec.paper.key)
    except GvckitError as error:
        if all(problem.what.startswith("no file ") for problem in error.problems):
            return Paper(name, 0, f"data not present: {without_folders(error.problems[0].what)}")
        return Paper(name, error.exit_code, f"failed ({error.exit_code}): {told(error)}")
    return Ready(name, prepared)


def without_folders(what: str) -> str:
    """Return what a message about an absent file says, without the folders of this machine."""
    return what.partition(" in the data folders ")[0]


def told(error: GvckitError) -> str:
    """Return an error in one line for a file: places by line and column, without folders."""
    parts = []
    for problem in error.problems:
        where = problem.where
        place = f"{where.line}:{where.column}: " if isinstance(where, Where) and where.line else ""
        parts.append(place + without_folders(problem.what))
    return "; ".join(parts)


def prefixed(name: str, steps: Iterable[Step]) -> list[Step]:
    """Return ``steps`` with names that are unique among papers; their keys stay the same."""

    def renamed(names: InputNames) -> InputNames:
        if isinstance(names, str):
            return f"{name}:{names}"
        if isinstance(names, Mapping):
            return {k: f"{name}:{v}" for k, v in names.items()}
        return [f"{name}:{v}" for v in names]

    return [replace(step, name=f"{name}:{step.name}",
                    inputs={arg: renamed(names) for arg, names in step.inputs.items()})
            for step in steps]


def targets_of(paper: Ready) -> list[str]:
    """Return the steps that the paper's outputs are made of, with their names in the graph."""
    compiled = paper.prepared.compiled
    models = [step.name for step in compiled.steps if step.name.startswith("models.")]
    return [f"{paper.name}:{name}" for name in [*compiled.outputs, *models]]


class _Slice(Mapping[str, Any]):
    """The outputs of one paper under the names that its own run would give them."""

    def __init__(self, outputs: Mapping[str, Any], start: str) -> None:
        self._outputs = outputs
        self._start = start

    def __getitem__(self, name: str) -> Any:
        return self._outputs[self._start + name]

    def __iter__(self) -> Any:
        return (name.removeprefix(self._start) for name in self._outputs
                if name.startswith(self._start))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def sliced(result: RunResult, name: str) -> RunResult:
    """Return the part of ``result`` that belongs to one paper."""
    start = f"{name}:"

    def own(found: Mapping[str, Any]) -> dict[str, Any]:
        return {k.removeprefix(start): v for k, v in found.items() if k.startswith(start)}

    def of(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(n.removeprefix(start) for n in names if n.startswith(start))

    return RunResult(of(result.executed), of(result.hits), own(result.failed),
                     own(result.blocked), own(result.records),
                     _Slice(result.outputs, start))  # type: ignore[arg-type]


def finish(paper: Ready, result: RunResult, out: Path) -> Paper:
    """Write the paper's outputs, as its own run would, and return how it went."""
    own = sliced(result, paper.name)
    error = own.error()
    if error is not None:
        return Paper(paper.name, error.exit_code, f"failed ({error.exit_code}): {told(error)}")
    compiled, spec = paper.prepared.compiled, paper.prepared.spec
    files: dict[str, bytes] = {}
    for name in compiled.outputs:
        for path, content in dict(own.outputs[name]["files"]).items():
            files[path] = content if isinstance(content, bytes) else content.encode("utf-8")
    manifest = build_manifest(compiled.steps, own, seed=spec.paper.seed)
    manifest["paper"] = spec.paper.key
    manifest["tables"] = list(spec.tables)
    if compiled.not_made:
        manifest["not_made"] = dict(sorted(compiled.not_made.items()))
    try:
        publish(out / paper.name, files, manifest)
    except GvckitError as fault:
        return Paper(paper.name, fault.exit_code, f"failed ({fault.exit_code}): {told(fault)}")
    missed: Sequence[str] = ()
    checks: list[dict[str, Any]] = []
    if compiled.card is not None:
        missed = own.outputs[compiled.card]["missed"]
        card = json.loads(files["report-card.json"])["checks"]
        checks = [{"paper": paper.name, **row} for row in card]
    captions = {name: dict(table.title or {}) for name, table in spec.tables.items()}
    captions |= {name: dict(figure.title or {}) for name, figure in spec.figures.items()}
    line = f"{len(own.executed)} steps ran, {len(own.hits)} kept, {len(files)} files"
    if checks:
        line += f"; {len(checks)} reference numbers, {len(missed)} that must be met missed"
    return Paper(paper.name, 3 if missed else 0, line, dict(spec.paper.title or {}),
                 tuple(sorted(files)), captions, tuple(checks), _not_estimated(own))


def _not_estimated(result: RunResult) -> dict[str, str]:
    return {name.removeprefix("models."): str(result.outputs[name].reason)
            for name, record in result.records.items()
            if record.output.tag.startswith("not-estimated")}
