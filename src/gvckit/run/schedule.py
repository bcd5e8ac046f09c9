"""The state of one run: what is known, what can start, what is under way."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gvckit.errors import DataError, GvckitError, StoreError
from gvckit.run.executors import Executor
from gvckit.run.graph import Graph
from gvckit.run.key import KeyMaker, library_versions
from gvckit.run.progress import Reporter
from gvckit.run.result import ATTEMPTS, StepDefect
from gvckit.run.source import signature
from gvckit.run.step import InputNames, Step
from gvckit.run.store import Record, Store
from gvckit.run.work import Order, OrderInput, Outcome

__all__ = ["Schedule"]


class State(Enum):
    """Where a step is.

    WAITING for inputs; READY to be looked up; DUE to run; PARKED behind a running step with the
    same key; RUNNING; DONE; FAILED; BLOCKED by a failure.
    """

    WAITING = 1
    READY = 2
    DUE = 3
    PARKED = 4
    RUNNING = 5
    DONE = 6
    FAILED = 7
    BLOCKED = 8


@dataclass(frozen=True, slots=True)
class Started:
    """A step under way."""

    name: str
    key: str
    parts: Mapping[str, Any]


class Schedule:
    """Runs a graph.

    Keys depend on the digests of inputs, so a step is looked up when its inputs are known; looking
    up reads no results.  Only a step that runs, and a target, need results to be there: one that is
    missing or damaged sends its step back to run again, and that may send back others before it.
    """

    def __init__(
        self, graph: Graph, store: Store, executor: Executor, reporter: Reporter, keys: KeyMaker
    ) -> None:
        self._graph = graph
        self._store = store
        self._executor = executor
        self._reporter = reporter
        self._keys = keys
        self._state = dict.fromkeys(graph.steps, State.WAITING)
        self._wanted = set(graph.targets)
        self._ready: list[int] = []
        self._due: list[int] = []
        self._keyed: dict[str, tuple[str, dict[str, Any]]] = {}
        self._running: dict[Future[Outcome], Started] = {}
        self._running_keys: set[str] = set()
        self._ran_keys: set[str] = set()
        self._parked: dict[str, list[str]] = {}
        self._damages: dict[str, int] = {}
        self._names = list(graph.steps)
        self._prepared = False
        self.records: dict[str, Record] = {}
        self.executed: set[str] = set()
        self.hits: set[str] = set()
        self.failed: dict[str, GvckitError] = {}
        self.blocked: dict[str, str] = {}

    def in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return ``names`` in the order of the graph."""
        return tuple(sorted(names, key=self._graph.index.__getitem__))

    def run(self) -> None:
        """Run until nothing is left that could run."""
        for name in self._names:
            self._make_ready(name)
        while True:
            while self._ready:
                self._look_up(self._names[heapq.heappop(self._ready)])
            if self._due and len(self._running) < self._executor.slots:
                self._start(self._names[heapq.heappop(self._due)])
            elif self._running:
                self._collect()
            elif not self._ready:
                break

    # Moving steps along

    def _make_ready(self, name: str) -> None:
        """Queue a waiting step whose inputs are all known."""
        if self._state[name] is State.WAITING and self._inputs_known(name):
            self._state[name] = State.READY
            heapq.heappush(self._ready, self._graph.index[name])

    def _inputs_known(self, name: str) -> bool:
        state = self._state
        return all(state[source] is State.DONE for source in self._graph.steps[name].input_steps)

    def _look_up(self, name: str) -> None:
        """Take the result of a ready step from the store, or queue the step to run."""
        if self._state[name] is not State.READY:
            return
        self._state[name] = State.WAITING
        if not self._inputs_known(name):
            return
        try:
            key, parts = self._key(name)
        except GvckitError as error:
            self._fail(name, error)
            return
        if not self._take_cached(name, key):
            self._state[name] = State.DUE
            self._keyed[name] = (key, parts)
            heapq.heappush(self._due, self._graph.index[name])

    def _take_cached(self, name: str, key: str) -> bool:
        """Take the result of a step from the store if it is there."""
        record = self._store.record(key)
        if record is None or (
            name in self._wanted and not self._store.objects.present(record.output)
        ):
            return False
        self._remember(name, record, "cached")
        self._reporter.cached(name)
        self.hits.add(name)
        self._know(name, record)
        return True

    def _key(self, name: str) -> tuple[str, dict[str, Any]]:
        step = self._graph.steps[name]
        return self._keys.key(
            step, {source: self.records[source].output.digest for source in step.input_steps})

    def _know(self, name: str, record: Record) -> None:
        """Note that the result of ``name`` is known, and queue what waits for it."""
        before = self.records.get(name)
        self.records[name] = record
        self._state[name] = State.DONE
        if before is not None and before.output.digest != record.output.digest:
            self._reporter.say(f"{name} came out differently when it ran again")
            for descendant in self._graph.descendants(name):
                if self._state[descendant] not in (State.RUNNING, State.FAILED, State.BLOCKED):
                    self._state[descendant] = State.WAITING
                    self.hits.discard(descendant)
                    self._make_ready(descendant)
        for consumer in self._graph.consumers[name]:
            self._make_ready(consumer)

    def _send_back(self, name: str) -> None:
        """Let a known step run again because its result is gone."""
        if self._state[name] is State.DONE:
            self._wanted.add(name)
            self.hits.discard(name)
            self._state[name] = State.WAITING
            self._make_ready(name)

    # Starting

    def _start(self, name: str) -> None:
        if self._state[name] is not State.DUE:
            return
        key, parts = self._keyed.pop(name)
        self._state[name] = State.WAITING
        step = self._graph.steps[name]
        missing = [
            source for source in step.input_steps
            if self._state[source] is State.DONE
            and not self._store.objects.present(self.records[source].output)
        ]
        for source in missing:
            self._send_back(source)
        if not self._inputs_known(name):
            return
        if key in self._running_keys:
            self._state[name] = State.PARKED
            self._parked.setdefault(key, []).append(name)
            return
        if key in self._ran_keys and self._take_cached(name, key):
            return
        self._prepare()
        try:
            order = self._order(step, parts)
            self._reporter.started(name)
            self._state[name] = State.RUNNING
            future = self._executor.submit(order)
        except GvckitError as error:
            self._fail(name, error)
            return
        self._running[future] = Started(name, key, parts)
        self._running_keys.add(key)

    def _prepare(self) -> None:
        """Tell the executor, before the first step, what may have to run."""
        if not self._prepared:
            self._prepared = True
            note = self._executor.prepare(
                [step for name, step in self._graph.steps.items()
                 if self._state[name] is not State.DONE], self._store.root)
            if note:
                self._reporter.say(note)

    def _order(self, step: Step, parts: Mapping[str, Any]) -> Order:
        files = {}
        for arg, file in step.files.items():
            try:
                seen = signature(file.path)[:2]
                same = self._keys.hashes.sha256(file.path) == parts["files"][arg]
            except OSError as error:
                raise DataError(
                    f"cannot read the file {file.label!r}: {error.strerror}") from None
            if not same:
                raise DataError(f"the file {file.label!r} is not the one that was expected: its "
                                "sha256 is another")
            files[arg] = (str(file.path.absolute()), seen)
        return Order(
            name=step.name,
            fn=step.fn,
            params=step.plain_params,
            inputs={arg: self._input(names) for arg, names in step.inputs.items()},
            files=files,
            modules=(step.module, *step.code),
            code=parts["code"],
            libraries=parts["libraries"],
            store=str(self._store.root),
            roots={name: str(path) for name, path in self._keys.fingerprints.roots.items()},
        )

    def _input(self, names: InputNames) -> OrderInput:
        if isinstance(names, str):
            return self.records[names].output
        if isinstance(names, Mapping):
            return {k: self.records[name].output for k, name in names.items()}
        return tuple(self.records[name].output for name in names)

    # Finishing

    def _collect(self) -> None:
        """Wait for the next steps to finish, and take in what came of them."""
        finished, _ = wait(self._running, return_when=FIRST_COMPLETED)
        together = self.in_order({started.name for started in self._running.values()})
        for future in sorted(finished, key=lambda f: self._graph.index[self._running[f].name]):
            started = self._running.pop(future)
            self._running_keys.discard(started.key)
            if future.cancelled() or future.exception() is not None:
                self._fail(started.name, GvckitError(
                    "a worker was killed (most often for want of memory: try fewer workers) while "
                    f"these steps were running: {', '.join(together)}"))
            else:
                self._take(started, future.result())
            for name in self._parked.pop(started.key, []):
                if self._state[name] is State.PARKED:
                    self._state[name] = State.WAITING
                    self._make_ready(name)

    def _take(self, started: Started, outcome: Outcome) -> None:
        name = started.name
        self._state[name] = State.WAITING
        if outcome.status == "damaged":
            self._mend(name)
        elif outcome.status == "done":
            try:
                record = self._record(started, outcome)
            except GvckitError as error:
                self._fail(name, error)
                return
            if self._inputs_known(name) and self._key(name)[0] == started.key:
                self._reporter.ran(name, outcome.seconds)
                self.executed.add(name)
                self._ran_keys.add(started.key)
                self._know(name, record)
            else:
                # An input came out differently in the meantime.
                self._make_ready(name)
        else:
            self._fail(name, outcome.error or self._defect(name, outcome))

    def _record(self, started: Started, outcome: Outcome) -> Record:
        """Keep the record of a step that ran.

        Raises
        ------
        StoreError
            Where its code was edited while it ran, or its result is not in the store.
        """
        name, step, stored = started.name, self._graph.steps[started.name], outcome.stored
        if stored is None or not self._store.objects.present(stored):
            raise StoreError(f"the worker that ran {name!r} did not write to {self._store.root}")
        if not self._keys.code_unchanged(step):
            raise StoreError(
                f"the code of {step.module} was edited while it ran: run again")
        record = Record(
            started.key, started.parts, name, stored, round(outcome.seconds, 6),
            outcome.peak_memory, library_versions(("gvckit", *step.libraries)))
        self._store.put_code(started.parts["code"], self._keys.code(step).modules)
        self._store.put_record(record)
        self._remember(name, record, "ran")
        return record

    def _remember(self, name: str, record: Record, how: str) -> None:
        """Write in the journal which key a step has now, where it has another than before."""
        last = self._store.journal.last().get(name)
        if how == "ran" or last is None or last.get("key") != record.key:
            self._store.journal.append(
                "step", name=name, key=record.key, how=how, seconds=record.seconds)

    def _mend(self, name: str) -> None:
        """Send back the step that read something damaged, and all that its damaged inputs are of.

        Every input is looked through now, so that a step comes back here again only where what was
        written a moment ago is damaged again.
        """
        self._damages[name] = self._damages.get(name, 0) + 1
        if self._damages[name] > ATTEMPTS:
            self._fail(name, StoreError(
                f"what {name!r} reads is damaged again and again: check the disk of the store"))
            return
        for source in self._graph.steps[name].input_steps:
            if self._store.objects.discard_damaged(self.records[source].output):
                self._send_back(source)
        self._make_ready(name)

    def _defect(self, name: str, outcome: Outcome) -> GvckitError:
        log = self._store.log(name, outcome.trace)
        return StepDefect(
            f"internal error in step {name!r} ({outcome.text}); please report it with {log}")

    def _fail(self, name: str, error: GvckitError) -> None:
        """Note that a step failed, and that everything after it is blocked."""
        self._state[name] = State.FAILED
        step = self._graph.steps[name]
        # What is wrong with the store is not to be mended in the spec.
        located = (error if isinstance(error, StoreError)
                   else error.located(step.origin, step.parts, step.subject))
        self.failed[name] = located
        self.records.pop(name, None)
        self._store.journal.append(
            "failed", name=name, problems=[str(problem) for problem in located.problems])
        self._reporter.failed(name, located)
        for descendant in self._graph.descendants(name):
            if self._state[descendant] not in (State.DONE, State.RUNNING, State.BLOCKED):
                self._state[descendant] = State.BLOCKED
                self.blocked[descendant] = name
                self._reporter.blocked(descendant, name)
