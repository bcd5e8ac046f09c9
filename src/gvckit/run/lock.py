"""One writer per folder, by a lock that the system takes back when its holder dies."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gvckit.errors import StoreError

__all__ = ["exclusive"]

PAUSE = 0.1

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    # Far behind the text that says who holds it, which others must be able to read.
    PLACE = 1 << 30

    def _take(handle: int) -> bool:
        os.lseek(handle, PLACE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _give(handle: int) -> None:
        os.lseek(handle, PLACE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _give(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


@contextmanager
def exclusive(
    path: Path, wait: float, say: Callable[[str], None], *, name: str, option: str,
    passing: bool = False,
) -> Iterator[None]:
    """Hold the lock file ``path``; where another process has it, wait up to ``wait`` seconds.

    Parameters
    ----------
    path
        The lock file; made where there is none.
    wait
        Seconds; 0 does not wait.
    say
        Hears, once, who is waited for.
    name, option
        What is locked, and the option that names another one, for messages.
    passing
        Whether to remove the file when it is given back.

    Raises
    ------
    StoreError
        Where the other process does not finish in time, or the file system has no locks.
    """
    deadline = time.monotonic() + wait
    told = False
    while True:
        handle = _open(path)
        try:
            while not _attempt(handle, path, option):
                holder = _holder(path)
                if time.monotonic() >= deadline:
                    raise StoreError(f"{holder} uses {name}, and did not finish in {wait:g} s")
                if not told:
                    say(f"{holder} uses {name}; waiting")
                    told = True
                time.sleep(PAUSE)
            if passing and not _same(handle, path):
                continue  # Its last holder has removed it in the meantime.
            try:
                _write(handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
                yield
            finally:
                _write(handle, "")
                if passing:
                    _remove(path)
                _give(handle)
            return
        finally:
            os.close(handle)


def _open(path: Path) -> int:
    try:
        # A link could lead to a file of somebody else's.
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from None


def _attempt(handle: int, path: Path, option: str) -> bool:
    try:
        return _take(handle)
    except OSError as error:
        raise StoreError(
            f"cannot lock {path}: {error.strerror}; name a folder on a disk with file locks "
            f"({option})") from None


def _same(handle: int, path: Path) -> bool:
    """Return whether ``path`` still is the file behind ``handle``."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat(follow_symlinks=False))
    except OSError:
        return False


def _remove(path: Path) -> None:
    """Remove the lock file; a system that keeps open files keeps it, and it does not matter."""
    try:
        path.unlink()
    except OSError:
        return


def _holder(path: Path) -> str:
    """Return who holds the lock, as far as the lock file tells."""
    try:
        holder = json.loads(path.read_text())
        return f"another run (pid {int(holder['pid'])} on {holder['host']})"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another run"


def _write(handle: int, text: str) -> None:
    """Write who holds the lock; the lock does not depend on it, so a full disk is no matter."""
    try:
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, text.encode())
    except OSError:
        return
