"""Carries out what is stale of a graph of steps, and takes the rest from the store."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from gvckit.errors import StoreError
from gvckit.run.executors import Executor, Serial
from gvckit.run.filehash import FileHashes
from gvckit.run.fingerprint import Fingerprints
from gvckit.run.graph import build_graph
from gvckit.run.key import KeyMaker
from gvckit.run.progress import Reporter, Silent
from gvckit.run.result import Outputs, RunResult
from gvckit.run.schedule import Schedule
from gvckit.run.step import Step
from gvckit.run.store import Record, Store

__all__ = ["execute"]

LOCK_SECONDS = 600.0


def execute(
    steps: Iterable[Step],
    targets: Iterable[str] | None,
    store: Store,
    executor: Executor | None = None,
    reporter: Reporter | None = None,
    *,
    roots: Mapping[str, Path] | None = None,
    wait: float = LOCK_SECONDS,
) -> RunResult:
    """Bring ``targets`` up to date.

    Walking the graph from its beginning, a step whose key has a record is taken from the store
    without reading anything; the others run.  A failure stops the steps that depend on it, and no
    others.

    Parameters
    ----------
    steps
        All steps of the spec.
    targets
        Names of steps; None means all whose output no other step takes.
    store
        Locked for the time of the run.
    executor
        Where steps run; default: here, one after the other.  The caller closes it.
    reporter
        Hears how it goes; default: nobody.
    roots
        Package name to the folder of its source, for packages that have steps.
    wait
        Seconds to wait for another run that uses the store.

    Returns
    -------
    RunResult
        Errors of steps are in it, not raised.

    Raises
    ------
    SpecError
        For a graph that cannot be run: duplicate names, unknown inputs, cycles.
    StoreError
        Where the store is in use, or cannot be written at all.
    """
    steps = tuple(steps)
    graph = build_graph(steps, targets)
    own = Serial() if executor is None else None
    running = executor or own or Serial()
    reporter = reporter or Silent()
    with store.lock(wait, reporter.say):
        keys = KeyMaker(Fingerprints(roots), FileHashes(store.root / "files.json"))
        store.journal.append(
            "start", time=round(time.time(), 3), pid=os.getpid(), host=socket.gethostname(),
            targets=list(graph.targets))
        reporter.begin(len(graph.steps))
        schedule = Schedule(graph, store, running, reporter, keys)
        try:
            schedule.run()
        except BaseException:
            # Ctrl-C, or a store that cannot be written any more: what runs has no use.
            running.close(at_once=True)
            raise
        finally:
            reporter.end()
            if own is not None:
                own.close()
        with suppress(StoreError):  # It only saves time, and a failed step tells more.
            keys.hashes.save(store.objects.temporary)
        store.journal.append(
            "end", executed=len(schedule.executed), hits=len(schedule.hits),
            failed=sorted(schedule.failed))

    def repair(name: str) -> Record:
        again = execute(steps, [name], store, roots=roots, wait=wait)
        error = again.error()
        if error is not None:
            raise error
        return again.records[name]

    records = schedule.records
    return RunResult(
        executed=schedule.in_order(schedule.executed),
        hits=schedule.in_order(schedule.hits),
        failed={name: schedule.failed[name] for name in schedule.in_order(schedule.failed)},
        blocked={name: schedule.blocked[name] for name in schedule.in_order(schedule.blocked)},
        records={name: records[name] for name in schedule.in_order(records)},
        outputs=Outputs(store.objects, records, repair),
    )
