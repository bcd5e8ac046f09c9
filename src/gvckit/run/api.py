"""Run a spec from beginning to end: read, compile, execute, publish."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gvckit.errors import ReplicationMismatch, SpecError
from gvckit.run.asked import asked_card, asked_steps
from gvckit.run.engine import execute
from gvckit.run.executors import make_executor
from gvckit.run.files import is_folder
from gvckit.run.manifest import build_manifest, read_manifest
from gvckit.run.progress import Silent
from gvckit.run.publish import check_out, check_places, publish
from gvckit.run.result import RunResult
from gvckit.run.store import Store
from gvckit.sources.roots import DataRoots
from gvckit.spec.compile.compiler import compile_spec
from gvckit.spec.compile.plan import Compiled
from gvckit.spec.resolve import read_spec
from gvckit.spec.resolved import Spec

if TYPE_CHECKING:
    from gvckit.run.progress import Reporter

__all__ = ["Prepared", "Summary", "open_store", "prepare", "run", "run_spec", "store_folder"]

Folder = str | Path


@dataclass(frozen=True, slots=True)
class Prepared:
    """A spec that was read, resolved and compiled."""

    spec: Spec
    compiled: Compiled
    path: Path
    roots: DataRoots


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
        Verdict → count of the report card, of what was asked for; empty where nothing of that is
        published.
    card_text
        The same report card as text.
    missed
        Published numbers with status ``must`` that were not reproduced.
    not_estimated
        Model → reason, for models that the data do not allow.
    dropped
        Model → regressors that were dropped, for models that ran now.
    earlier
        Outputs that stay and that an earlier run made with other code, data or spec.
    """

    out: Path
    executed: tuple[str, ...]
    hits: tuple[str, ...]
    files: tuple[str, ...]
    not_made: Mapping[str, str]
    card: Mapping[str, int]
    not_estimated: Mapping[str, str]
    dropped: Mapping[str, str]
    card_text: str = ""
    missed: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()


def prepare(spec: Folder, data: Folder | Iterable[Folder] = ()) -> Prepared:
    """Read, resolve and compile a spec.

    Parameters
    ----------
    spec
        Path of the spec.
    data
        Data roots, or one, searched after the spec's own folder and before ``GVCKIT_DATA``.

    Raises
    ------
    SpecError, DataError
        With everything that is wrong.
    """
    path = Path(spec)
    resolved = read_spec(path)
    given = (Path(data),) if isinstance(data, str | os.PathLike) else tuple(map(Path, data or ()))
    missing = [folder for folder in given if not is_folder(folder)]
    if missing:
        raise SpecError([f"there is no data folder {folder}" for folder in missing])
    roots = DataRoots(path.parent, given, os.environ.get("GVCKIT_DATA"))
    return Prepared(resolved, compile_spec(resolved, roots), path, roots)


def store_folder(prepared: Prepared, store: Folder | None = None) -> Path:
    """Return where the store is: as given, else ``GVCKIT_STORE``, else ``.gvckit`` by the spec."""
    chosen = store or os.environ.get("GVCKIT_STORE")
    return Path(chosen) if chosen else prepared.path.parent / ".gvckit"


def open_store(prepared: Prepared, store: Folder | None = None) -> Store:
    """Return the store, made where there is none."""
    return Store(store_folder(prepared, store))


def run(
    spec: Folder,
    out: Folder = "out",
    data: Folder | Sequence[Folder] = (),
    *,
    store: Folder | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    only: str | Sequence[str] = (),
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
        Data roots, or one, searched after the spec's own folder.
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
    names = (only,) if isinstance(only, str) else tuple(only)
    summary = run_spec(spec, out, data, store=store, workers=workers, scheduler=scheduler,
                       only=names, reporter=reporter)
    if summary.missed:
        raise ReplicationMismatch(list(summary.missed))
    return summary


def run_spec(
    spec: Folder, out: Folder, data: Folder | Sequence[Folder] = (), *, store: Folder | None,
    workers: int, scheduler: str | None, only: Sequence[str], reporter: Reporter | None,
) -> Summary:
    """Run a spec as :func:`run` does, and leave it to the caller what to make of misses."""
    prepared = prepare(spec, data)
    compiled, folder = prepared.compiled, Path(out)
    targets, written = asked_steps(compiled, only)
    check_out(folder, prepared.spec.paper.key)
    check_places(folder, store_folder(prepared, store), prepared.path.parent,
                 prepared.roots.roots)
    kept = open_store(prepared, store)
    partial = asked_card(prepared.spec, compiled, targets)
    more = [partial] if partial else []
    executor = make_executor(workers, scheduler)
    try:
        result = execute([*compiled.steps, *more], [*targets, *(s.name for s in more)], kept,
                         executor, reporter)
    finally:
        executor.close()
    error = result.error()
    if error is not None:
        raise error
    files: dict[str, bytes] = {}
    for name in written:
        for path, content in dict(result.outputs[name]["files"]).items():
            files[path] = content if isinstance(content, bytes) else content.encode("utf-8")
    manifest = build_manifest(compiled.steps, result, seed=prepared.spec.paper.seed)
    manifest["paper"] = prepared.spec.paper.key
    manifest["tables"] = list(prepared.spec.tables)
    if compiled.not_made:
        manifest["not_made"] = dict(sorted(compiled.not_made.items()))
    say = Silent().say if reporter is None else reporter.say
    publish(folder, files, manifest, keep=bool(only), say=say)
    card = partial.name if partial else compiled.card
    checked: Any = result.outputs[card] if card is not None and (
        partial or card in written) else None
    return Summary(
        folder, result.executed, result.hits, tuple(sorted(files)), compiled.not_made,
        dict(checked["counts"]) if checked else {}, _not_estimated(result), _dropped(result),
        str(checked["files"]["report-card.md"]) if checked else "", _missed(checked),
        _earlier(folder))


def _missed(card: Any) -> tuple[str, ...]:
    return tuple(f"published number with status must not reproduced: {key}"
                 for key in (card["missed"] if card else ()))


def _earlier(out: Path) -> tuple[str, ...]:
    manifest = read_manifest(out) or {}
    return tuple(sorted({name for group in manifest.get("kept", ()) for name in group["outputs"]}))


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
