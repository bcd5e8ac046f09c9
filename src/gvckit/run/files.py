"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
from contextlib import suppress
from pathlib import Path

from gvckit.errors import StoreError

__all__ = ["disk_error", "is_folder", "replace_file", "write_bytes"]

_COUNTER = itertools.count()


def write_bytes(path: Path, data: bytes) -> None:
    """Write a new file; where that fails, remove what was written and raise the OSError."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except OSError:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise


def replace_file(target: Path, data: bytes, temporary: Path) -> None:
    """Put ``data`` at ``target`` in one move, by way of a file in the folder ``temporary``.

    Readers see the old bytes or the new ones.  ``temporary`` lies in the same file system; what a
    killed process leaves there is of no use to anybody.

    Raises
    ------
    StoreError
        Where the disk is full or the folder cannot be written.
    """
    beside = temporary / f"{os.getpid()}-{next(_COUNTER)}"
    try:
        write_bytes(beside, data)
        try:
            beside.replace(target)
        except FileNotFoundError:
            target.parent.mkdir(parents=True, exist_ok=True)
            beside.replace(target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        # A file that cannot be made there says nothing of its target.
        refused = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and not error.filename2
        raise disk_error(error, temporary if refused else target, len(data)) from None


def disk_error(error: OSError, target: Path, size: int) -> StoreError:
    """Return what to tell about a write of ``size`` bytes to ``target`` that failed."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        try:
            free = f"{shutil.disk_usage(target.parent).free:,} bytes"
        except OSError:
            free = "nobody knows how much"
        what = (f"{target.name} needs {size:,} bytes in {target.parent}" if size
                else f"cannot write {target}")
        return StoreError(f"the disk is full: {what}, {free} is free")
    return StoreError(f"cannot write {target}: {error.strerror or error}")


def is_folder(path: Path) -> bool:
    """Return whether there is such a folder; a name that no folder can have is none."""
    try:
        return path.is_dir()
    except OSError:
        return False
