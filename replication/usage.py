"""Peak memory of this process and its workers together."""

from __future__ import annotations

import os
import resource
import sys
import threading
from multiprocessing import active_children
from pathlib import Path
from types import TracebackType

__all__ = ["Peak"]

PAUSE = 0.1


class Peak:
    """Watches resident memory while it is open; ``bytes`` is the largest sum seen.

    Where there is no ``/proc`` it is this process's peak and the largest child's.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
        if self.bytes == 0:
            unit = 1 if sys.platform == "darwin" else 1024
            self.bytes = unit * sum(resource.getrusage(who).ru_maxrss for who in (
                resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))

    def _watch(self) -> None:
        while True:
            pids = [os.getpid(), *(child.pid for child in active_children() if child.pid)]
            self.bytes = max(self.bytes, sum(_resident(pid) for pid in pids))
            if self._over.wait(PAUSE):
                return


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * resource.getpagesize()
