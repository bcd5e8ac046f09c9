"""Where steps run: in this process, in processes beside it, or on a Dask cluster.

All of them take the same orders, call the same function and leave the result in the store, so that
the bytes are the same.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import types
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from gvckit.run.memory import available_memory, fitting_workers
from gvckit.run.step import Step
from gvckit.run.threads import THREAD_VARIABLES, restore_threads
from gvckit.run.work import Order, Outcome, perform

__all__ = ["Executor", "Processes", "Serial", "make_executor"]

# More workers than that only wait for each other.
A_CORE = 4


class Executor(Protocol):
    """Carries out orders."""

    def prepare(self, steps: Iterable[Step], store: Path) -> str | None:
        """Get ready to run some of ``steps``; return what the user should know, if anything."""

    @property
    def slots(self) -> int:
        """How many orders may be under way at once."""

    def submit(self, order: Order) -> Future[Outcome]:
        """Start ``order``; the future raises where the process that ran it died."""

    def close(self, *, at_once: bool = False) -> None:
        """Let go of everything; ``at_once`` ends what is still running."""


class Serial:
    """One step after the other in this process."""

    slots = 1

    def prepare(self, steps: Iterable[Step], store: Path) -> str | None:
        """Nothing to get ready."""
        return None

    def submit(self, order: Order) -> Future[Outcome]:
        """Carry out ``order`` before returning."""
        future: Future[Outcome] = Future()
        future.set_result(perform(order))
        return future

    def close(self, *, at_once: bool = False) -> None:
        """Give this process its threads back."""
        restore_threads()


class Processes:
    """Steps side by side in up to ``workers`` processes, started when the first step needs one."""

    def __init__(self, workers: int) -> None:
        self.slots = max(1, workers)
        self._pool: ProcessPoolExecutor | None = None
        self._children: list[BaseProcess] = []

    def prepare(self, steps: Iterable[Step], store: Path) -> str | None:
        """Start no more workers than have something to do, and fit into the memory."""
        asked, cores = self.slots, os.cpu_count() or 1
        steps = list(steps)
        useful = max(1, min(asked, len(steps), max(2, A_CORE * cores)))
        self.slots, note = fitting_workers(useful, steps, available_memory())
        if note is None and self.slots < min(asked, len(steps)):
            note = f"{self.slots} of {asked} workers are started: there are {cores} cores"
        return note

    def submit(self, order: Order) -> Future[Outcome]:
        """Give ``order`` to a worker; BrokenProcessPool comes back where a worker died."""
        try:
            future = self._submit(order)
        except BrokenProcessPool:  # and nobody has noticed yet
            self._pool = None
            future = self._submit(order)
        future.add_done_callback(self._forget_broken)
        return future

    def _submit(self, order: Order) -> Future[Outcome]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.slots, multiprocessing.get_context("spawn"), initializer=_start_worker)
            self._children = []
        if len(self._children) == self.slots:
            return self._pool.submit(perform, order)
        # Workers are started one by one, as long as none is idle.
        before = set(multiprocessing.active_children()) - set(self._children)
        with _worker_environment():
            future = self._pool.submit(perform, order)
        self._children = [c for c in multiprocessing.active_children() if c not in before]
        return future

    def close(self, *, at_once: bool = False) -> None:
        """End the workers, after what they are doing unless ``at_once``."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        if at_once:
            for child in self._children:
                child.kill()
        pool.shutdown(wait=True, cancel_futures=True)

    def _forget_broken(self, future: Future[Outcome]) -> None:
        """Start a new pool for the next order where a worker died."""
        if not future.cancelled() and future.exception() is not None:
            self._pool = None


@contextmanager
def _worker_environment() -> Iterator[None]:
    """Give processes that are started now one thread each, and no main module to run again.

    Orders name functions by their module, so that workers need nothing from the script that the
    user started; running it again would start another run.
    """
    names = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        for name, value in names.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, and end when it is gone, even if it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def make_executor(workers: int = 1, scheduler: str | None = None) -> Executor:
    """Return the executor for ``--workers`` and ``--scheduler``; nothing is started yet."""
    if scheduler is not None:
        from gvckit.run.cluster import Cluster

        return Cluster(scheduler)
    return Processes(workers) if workers > 1 else Serial()
