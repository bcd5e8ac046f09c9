"""Run a spec from beginning to end: read, compile, execute, publish."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gvckit.errors import ReplicationMismatch, SpecError, unknown
from gvckit.run.engine import execute
from gvckit.run.executors import make_executor
from gvckit.run.manifest import build_manifest
from gvckit.run.publish import check_out, kept_outputs, publish
from gvckit.run.result import RunResult
from gvckit.run.store import Store
from gvckit.sources.roots import DataRoots
from gvckit.spec.compile.compiler import compile_spec
from gvckit.spec.compile.plan import Compiled
from gvckit.spec.resolve import read_spec
from gvckit.spec.resolved import Spec

if TYPE_CHECKING:
    from gvckit.run.progress import Reporter

__all__ = ["Prepared", "Summary", "open_store", "prepare", "run"]

Folder = str | Path


@dataclass(frozen=True, slots=True)
class Prepared:
    """A spec that was read, resolved and compiled."""

    spec: Spec
    compiled: Compiled
    path: Path


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did.

    Attributes
    ----------
    out
        The output folder.
    executed, hits
        Steps that ran, and steps taken from the store.
    files
        What was written, relative to ``out``.
    not_made
        What the spec asks for and this version does not make → reason.
    card
        Verdict → count of the report card; empty where nothing is published.
    not_estimated
        Model → reason, for models that the data do not allow.
    dropped
        Model → regressors that were dropped, for models that ran now.
    """

    out: Path
    executed: tuple[str, ...]
    hits: tuple[str, ...]
    files: tuple[str, ...]
    not_made: Mapping[str, str]
    card: Mapping[str, int]
    not_estimated: Mapping[str, str]
    dropped: Mapping[str, str]


def prepare(spec: Folder, data: Iterable[Folder] = ()) -> Prepared:
    """Read, resolve and compile a spec.

    Parameters
    ----------
    spec
        Path of the spec.
    data
        Data roots, searched after the spec's own folder and before ``GVCKIT_DATA``.

    Raises
    ------
    SpecError, DataError
        With everything that is wrong.
    """
    path = Path(spec)
    resolved = read_spec(path)
    missing = [folder for folder in map(Path, data) if not folder.is_dir()]
    if missing:
        raise SpecError([f"there is no data folder {folder}" for folder in missing])
    roots = DataRoots(path.parent, tuple(map(Path, data)), os.environ.get("GVCKIT_DATA"))
    return Prepared(resolved, compile_spec(resolved, roots), path)


def open_store(prepared: Prepared, store: Folder | None = None) -> Store:
    """Return the store: as given, else ``GVCKIT_STORE``, else ``.gvckit`` beside the spec."""
    chosen = store or os.environ.get("GVCKIT_STORE")
    return Store(Path(chosen) if chosen else prepared.path.parent / ".gvckit")


def run(
    spec: Folder,
    out: Folder = "out",
    data: Sequence[Folder] = (),
    *,
    store: Folder | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    only: Sequence[str] = (),
    reporter: Reporter | None = None,
) -> Summary:
    """Run a spec and write its outputs.

    Parameters
    ----------
    spec
        Path of the spec.
    out
        Folder of the outputs; nothing in it changes unless the run succeeds.
    data
        Data roots, searched after the spec's own folder.
    store
        Where finished steps are kept; default: ``.gvckit`` beside the spec.
    workers
        Local processes; 1 runs here.
    scheduler
        Address of a Dask scheduler, in place of local processes.
    only
        Names of tables or models; default: everything.  Other outputs stay as they are.
    reporter
        Hears how it goes.

    Raises
    ------
    SpecError, DataError, ModelError
        Something the user can mend; ``out`` is as it was.
    StoreError
        The store or the output folder cannot be used.
    ReplicationMismatch
        A published number with status ``must`` was not reproduced; the outputs are written.
    """
    prepared = prepare(spec, data)
    compiled = prepared.compiled
    targets, keep = _targets(prepared, only)
    check_out(Path(out), prepared.spec.paper.key)
    kept = open_store(prepared, store)
    executor = make_executor(workers, scheduler)
    try:
        result = execute(compiled.steps, targets, kept, executor, reporter)
    finally:
        executor.close()
    error = result.error()
    if error is not None:
        raise error
    files: dict[str, bytes] = {}
    for name in keep:
        for path, content in dict(result.outputs[name]["files"]).items():
            files[path] = content if isinstance(content, bytes) else content.encode("utf-8")
    manifest = build_manifest(compiled.steps, result, seed=prepared.spec.paper.seed)
    manifest["paper"] = prepared.spec.paper.key
    if compiled.not_made:
        manifest["not_made"] = dict(sorted(compiled.not_made.items()))
    kept_before = kept_outputs(Path(out), files) if only else {}
    publish(Path(out), {**kept_before, **files}, manifest)
    card: Any = result.outputs[compiled.card] if compiled.card in keep else None
    summary = Summary(Path(out), result.executed, result.hits, tuple(sorted(files)),
                      compiled.not_made, dict(card["counts"]) if card else {},
                      _not_estimated(result), _dropped(result))
    if card and card["missed"]:
        raise ReplicationMismatch([
            f"published number with status must not reproduced: {key}" for key in card["missed"]])
    return summary


def _targets(prepared: Prepared, only: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the steps to bring up to date, and those whose files are written."""
    compiled = prepared.compiled
    models = [s.name for s in compiled.steps if s.name.startswith("models.")]
    if not only:
        return [*compiled.outputs, *models], list(compiled.outputs)
    named = {s.split(".", 1)[1]: s for s in [*models, *compiled.outputs] if "." in s}
    named |= {s: s for s in compiled.outputs if "." not in s}
    wrong = [unknown("table or model", name, named) for name in only if name not in named]
    if wrong:
        raise SpecError(wrong)
    chosen = [named[name] for name in only]
    return chosen, [name for name in chosen if name in compiled.outputs]


def _not_estimated(result: RunResult) -> dict[str, str]:
    """Return the models that the data do not allow; nothing is read where there are none."""
    return {
        name.removeprefix("models."): str(result.outputs[name].reason)
        for name, record in result.records.items()
        if record.output.tag.startswith("not-estimated")
    }


def _dropped(result: RunResult) -> dict[str, str]:
    """Return the regressors that models which ran now have dropped, with the reason."""
    found = {}
    for name in result.executed:
        if name in result.records and result.records[name].output.tag.startswith("fit/"):
            dropped = result.outputs[name].dropped
            if dropped:
                found[name.removeprefix("models.")] = "; ".join(
                    f"{term} dropped ({reason})" for term, reason in dropped)
    return found
