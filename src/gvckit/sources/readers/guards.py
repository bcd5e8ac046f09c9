"""Limits on what a packed file may unpack to, checked before or while it is read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from gvckit.errors import DataError, Problem

__all__ = ["MAX_BYTES", "MAX_ENTRIES", "MAX_RATIO", "CountedStream", "check_zip"]

MAX_BYTES = 2 * 1024**3
MAX_RATIO = 200
MAX_ENTRIES = 5000
# Small files may be far more regular than large ones; the ratio is looked at above this.
RATIO_FROM = 16 * 1024**2


def _too_much(size: int, packed: int, most: int = MAX_BYTES) -> str | None:
    if size > most:
        return f"it unpacks to more than {most:,} bytes"
    if size > RATIO_FROM and size > MAX_RATIO * max(packed, 1):
        return f"it unpacks to more than {MAX_RATIO} times its size"
    return None


class CountedStream(io.RawIOBase):
    """A binary stream that stops with a DataError once more comes out than is sound."""

    def __init__(self, inner: io.BufferedIOBase, path: Path) -> None:
        super().__init__()
        self.inner = inner
        self.packed = path.stat().st_size
        self.size = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill ``buffer`` and return how much was read."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        block = self.inner.read(len(view))
        view[:len(block)] = block
        self.size += len(block)
        if text := _too_much(self.size, self.packed):
            raise DataError(Problem(text))
        return len(block)


def check_zip(path: Path, most: int = MAX_BYTES) -> list[zipfile.ZipInfo]:
    """Check a zip file's directory before anything is unpacked, and return its entries.

    Places and messages of the guards leave the file's name to their callers.

    Raises
    ------
    DataError
        Where it is no zip file, or its entries are too many, too large or packed too tightly.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise DataError(Problem(f"it is no zip archive, or damaged: {error}")) from error
    if len(entries) > MAX_ENTRIES:
        raise DataError(Problem(f"it holds {len(entries)} entries",
                                allowed=f"at most {MAX_ENTRIES}"))
    total = sum(entry.file_size for entry in entries)
    if text := _too_much(total, path.stat().st_size, most):
        raise DataError(Problem(text))
    return entries
