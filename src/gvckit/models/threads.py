"""One thread of linear algebra where columns are long and few.

Such products wait for memory, not for arithmetic: a second thread saves little, on busy cores it
waits for itself, and the last bits depend on how many there are.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

__all__ = ["on_one_thread", "one_thread"]

P = ParamSpec("P")
R = TypeVar("R")


@functools.lru_cache(maxsize=1)
def _controller(modules: int) -> Any:
    """Return a controller of the libraries loaded; ``modules`` tells when to look again."""
    import threadpoolctl

    return threadpoolctl.ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Give BLAS one thread inside the block, and what it had before after it."""
    with _controller(len(sys.modules)).limit(limits=1, user_api="blas"):
        yield


def on_one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Return ``function`` with one thread of linear algebra: what a step of a run gives it."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with one_thread():
            return function(*args, **kwargs)

    return call
