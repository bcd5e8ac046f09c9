"""The objects of a store: files named after the sha256 of their bytes, verified when read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gvckit.errors import StoreError
from gvckit.run.bundle import Bundle
from gvckit.run.canonical import sha256_bytes
from gvckit.run.codecs import codec_for, codec_named
from gvckit.run.files import replace_file
from gvckit.run.stored import Part, Stored

__all__ = ["DamagedError", "Objects"]

# Decoded values that are kept in memory: enough for the table and the frames of the year at hand.
KEPT = 3


class DamagedError(Exception):
    """An object is missing or is not what its name says."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"the stored object {sha256} is damaged or missing")
        self.sha256 = sha256


class _Recent:
    """The values decoded last in this process, by digest."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: OrderedDict[str, Any] = OrderedDict()

    def get(self, digest: str) -> Any:
        with self._lock:
            if digest in self._values:
                self._values.move_to_end(digest)
            return self._values.get(digest)

    def put(self, digest: str, value: Any) -> None:
        with self._lock:
            self._values[digest] = value
            while len(self._values) > KEPT:
                self._values.popitem(last=False)


_RECENT = _Recent()


class Objects:
    """The objects in the folder ``root/objects``."""

    def __init__(self, root: Path) -> None:
        self.root = root / "objects"
        self.temporary = root / "tmp"

    def path(self, sha256: str) -> Path:
        """Return where an object lies."""
        return self.root / sha256[:2] / sha256

    def write(self, name: str, data: bytes) -> Part:
        """Keep ``data`` unless it is there, and return it as the part ``name`` of a result."""
        part = Part(name, sha256_bytes(data), len(data))
        if not self._there(part):
            replace_file(self.path(part.sha256), data, self.temporary)
        return part

    def read(self, part: Part) -> bytes:
        """Return the bytes of ``part``.

        Raises
        ------
        DamagedError
            Where they are missing or not the ones that were written.
        """
        try:
            data = self.path(part.sha256).read_bytes()
        except OSError:
            raise DamagedError(part.sha256) from None
        if sha256_bytes(data) != part.sha256:
            raise DamagedError(part.sha256)
        return data

    def discard(self, sha256: str) -> None:
        """Remove an object.

        Raises
        ------
        StoreError
            Where that is not possible.
        """
        path = self.path(sha256)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"cannot remove the damaged {path}: {error.strerror}") from None

    def discard_damaged(self, stored: Stored) -> bool:
        """Remove every file of a result that is not what it should be; return whether one was not.

        All of them at once: where one bit is wrong, others may be.

        Raises
        ------
        StoreError
            Where a damaged file cannot be removed.
        """
        damaged = False
        for part in stored.all_parts():
            try:
                self.read(part)
            except DamagedError:
                damaged = True
                self.discard(part.sha256)
        return damaged

    def present(self, stored: Stored) -> bool:
        """Return whether all files of a result are there, by their size; nothing is read."""
        return all(self._there(part) for part in stored.all_parts())

    def save(self, value: Any) -> Stored:
        """Keep the result of a step.

        Raises
        ------
        TypeError
            For a value that no codec takes.
        """
        if isinstance(value, Bundle):
            return Stored(
                "bundle/1", members=tuple((name, self.save(value[name])) for name in value))
        codec = codec_for(value)
        parts = codec.encode(value)
        return Stored(codec.tag, tuple(self.write(name, parts[name]) for name in sorted(parts)))

    def readable(self, stored: Stored) -> bool:
        """Return whether this version can load a result."""
        if stored.tag == "bundle/1":
            return all(self.readable(member) for _, member in stored.members)
        return codec_named(stored.tag) is not None

    def load(self, stored: Stored) -> Any:
        """Return the result; a bundle reads each member when it is asked for.

        Raises
        ------
        DamagedError
            Where a file is missing or damaged.
        StoreError
            Where another version wrote it.
        """
        if stored.tag == "bundle/1":
            return Bundle(dict(stored.members), self.load)
        codec = codec_named(stored.tag)
        if codec is None:
            raise StoreError(f"this version cannot read stored results of the kind {stored.tag!r}")
        if codec.share is None:
            return codec.decode(_Parts(self, stored))
        value = _RECENT.get(stored.digest)
        if value is None:
            value = codec.decode(_Parts(self, stored))
            _RECENT.put(stored.digest, value)
        return codec.share(value)

    def _there(self, part: Part) -> bool:
        try:
            return self.path(part.sha256).stat().st_size == part.size
        except OSError:
            return False


class _Parts(Mapping[str, bytes]):
    """The files of a result, each read when it is asked for."""

    def __init__(self, objects: Objects, stored: Stored) -> None:
        self._objects = objects
        self._parts = {part.name: part for part in stored.parts}

    def __getitem__(self, name: str) -> bytes:
        return self._objects.read(self._parts[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)
