"""Names of the variables of a Stata file, from its first bytes."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

__all__ = ["stata_header"]

# Release → (bytes of a name with its end, bytes of a count of variables) of the tagged formats.
_TAGGED = {b"117": (33, 2), b"118": (129, 2), b"119": (129, 4)}
_OLD = {113: 33, 114: 33, 115: 33}
_OLD_HEADER = 109


def stata_header(path: Path) -> tuple[str, ...] | None:
    """Return the names of the variables; None for a release that is not known here.

    Raises
    ------
    ValueError, struct.error
        A file that is cut off or is none of Stata.
    """
    with path.open("rb") as stream:
        start = stream.read(1)
        if start == b"<":
            return _tagged(stream)
        return _old(stream, start[0]) if start else None


def _tagged(stream: BinaryIO) -> tuple[str, ...] | None:
    """Read releases 117 to 119, which mark their parts as XML does."""
    # The map stands after the header, whose label and time stamp have at most 400 bytes.
    head = b"<" + stream.read(2000)
    release = _between(head, b"<release>", b"</release>")
    if release not in _TAGGED:
        return None
    width, size = _TAGGED[release]
    order = "<" if _between(head, b"<byteorder>", b"</byteorder>") == b"LSF" else ">"
    at = head.index(b"<K>") + len(b"<K>")
    count = struct.unpack(order + {2: "H", 4: "I"}[size], head[at:at + size])[0]
    at = head.index(b"<map>") + len(b"<map>")
    names_at = struct.unpack(order + "14Q", head[at:at + 14 * 8])[3]
    stream.seek(names_at)
    if stream.read(len(b"<varnames>")) != b"<varnames>":
        raise ValueError("no names where the map says")
    encoding = "latin-1" if release == b"117" else "utf-8"
    return _names(stream.read(count * width), count, width, encoding)


def _old(stream: BinaryIO, release: int) -> tuple[str, ...] | None:
    if release not in _OLD:
        return None
    order = "<" if stream.read(1) == b"\x02" else ">"
    stream.seek(4)
    count = struct.unpack(order + "H", stream.read(2))[0]
    stream.seek(_OLD_HEADER + count)  # the types, one byte each
    return _names(stream.read(count * _OLD[release]), count, _OLD[release], "latin-1")


def _names(block: bytes, count: int, width: int, encoding: str) -> tuple[str, ...]:
    if len(block) < count * width:
        raise ValueError("the file is cut off")
    cells = [block[i * width:(i + 1) * width] for i in range(count)]
    return tuple(cell.partition(b"\0")[0].decode(encoding) for cell in cells)


def _between(text: bytes, start: bytes, end: bytes) -> bytes:
    at = text.index(start) + len(start)
    return text[at:text.index(end, at)]
