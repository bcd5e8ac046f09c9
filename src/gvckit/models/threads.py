"""One thread of linear algebra where columns are long and few.

Such products wait for memory, not for arithmetic: a second thread saves little, on busy cores it
waits for itself, and the last bits depend on how many there are.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["one_thread"]


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
