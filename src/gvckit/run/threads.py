"""One thread in the numerical libraries of this process: their bits depend on the number."""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["THREAD_VARIABLES", "restore_threads", "single_thread"]

# Read by the libraries when they are loaded; threadpoolctl reaches those that are loaded already.
THREAD_VARIABLES = (
    "BLIS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
)


class _State:
    """What was changed in this process, to be undone."""

    def __init__(self) -> None:
        self.environment: dict[str, str | None] | None = None
        self.limits: list[Any] = []
        self.modules = 0


_STATE = _State()


def single_thread() -> None:
    """Limit every numerical library that is loaded now, or later, to one thread.

    Called before each step; it does nothing as long as no module was loaded since the last call.
    """
    if _STATE.environment is None:
        _STATE.environment = {name: os.environ.get(name) for name in THREAD_VARIABLES}
        os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    if len(sys.modules) == _STATE.modules:
        return
    if "numpy" in sys.modules:
        import threadpoolctl

        _STATE.limits.append(threadpoolctl.threadpool_limits(limits=1))
    _STATE.modules = len(sys.modules)


def restore_threads() -> None:
    """Undo `single_thread`."""
    while _STATE.limits:
        _STATE.limits.pop().restore_original_limits()
    for name, value in (_STATE.environment or {}).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    _STATE.environment = None
    _STATE.modules = 0
