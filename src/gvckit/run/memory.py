"""Memory: how much there is, how much a step took, how many workers fit."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gvckit.run.step import Step

__all__ = ["available_memory", "fitting_workers", "peak_memory", "reset_peak"]

# A Python process with pandas and its friends, and the part of the memory that runs may fill.
WORKER_BYTES = 300 << 20
SHARE = 0.8


def available_memory() -> int | None:
    """Return how many bytes a new process can have without swapping; None where nobody knows."""
    amounts = [amount for amount in (_meminfo(), _cgroup()) if amount is not None]
    if amounts:
        return min(amounts)
    try:
        psutil: Any = importlib.import_module("psutil")  # comes with distributed
    except ImportError:
        return None
    return int(psutil.virtual_memory().available)


def _meminfo() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable")),
                None)


def _cgroup() -> int | None:
    """Return what the container that we run in leaves us."""
    folder = Path("/sys/fs/cgroup")
    try:
        limit = (folder / "memory.max").read_text().strip()
        used = int((folder / "memory.current").read_text())
    except (OSError, ValueError):
        return None
    return None if limit == "max" else max(0, int(limit) - used)


def fitting_workers(
    asked: int, steps: Iterable[Step], available: int | None
) -> tuple[int, str | None]:
    """Return how many of ``asked`` workers fit into the memory, and what to say if not all do.

    Parameters
    ----------
    asked
        The number of workers, at least 1.
    steps
        The steps that may run; the largest ones could run side by side.
    available
        Bytes; None means unknown, and then all workers are started.
    """
    if available is None:
        return asked, None
    largest = sorted(steps, key=lambda step: (-step.memory, step.name))
    free = available * SHARE
    needed = 0.0
    for worker in range(1, asked + 1):
        needed += WORKER_BYTES + (largest[worker - 1].memory if worker <= len(largest) else 0)
        if needed > free:
            fit = max(1, worker - 1)
            heavy = largest[0].name if largest else "a step"
            return fit, (
                f"{fit} of {asked} workers fit: {heavy!r} needs about "
                f"{largest[0].memory / 2**30 if largest else 0:.1f} GiB, and "
                f"{available / 2**30:.1f} GiB are free")
    return asked, None


def reset_peak() -> None:
    """Start measuring the peak anew, where the system can (Linux)."""
    try:
        with Path("/proc/self/clear_refs").open("w") as file:
            file.write("5")
    except OSError:
        return


def peak_memory() -> int:
    """Return the peak resident memory of this process, bytes, since `reset_peak` where it works."""
    try:
        status = Path("/proc/self/status").read_text()
        return next(
            int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return _rusage_peak()


def _rusage_peak() -> int:
    if sys.platform == "win32":  # pragma: no cover
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak << 10)
