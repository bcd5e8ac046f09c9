"""The sha256 of input files, without reading them again on each run."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from gvckit.run.files import replace_file
from gvckit.run.source import RACY_NS, signature

__all__ = ["FileHashes", "plain_sha256"]


class FileHashes:
    """sha256 of input files, remembered at ``memory`` as long as a file does not change."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._known: dict[str, list[Any]] = {}
        self._changed = False
        try:
            known = json.loads(memory.read_bytes())
            if isinstance(known, dict):
                self._known = known
        except (OSError, ValueError, RecursionError):
            pass  # It only saves time.

    def sha256(self, path: Path) -> str:
        """Return the sha256 of the bytes of ``path``; OSError where it cannot be read."""
        name = str(path.absolute())
        now = signature(path)
        known = self._known.get(name)
        if isinstance(known, list) and known[:-1] == list(now) and isinstance(known[-1], str):
            return known[-1]
        before = time.time_ns()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if before - now[0] > RACY_NS and signature(path) == now:
            self._known[name] = [*now, digest]
            self._changed = True
        return digest

    def save(self, temporary: Path) -> None:
        """Remember what was worked out; needs the lock of the store."""
        if self._changed:
            kept = {name: self._known[name] for name in sorted(self._known)}
            # Escapes: a path may hold bytes that are no text.
            replace_file(self._memory, json.dumps(kept).encode(), temporary)
            self._changed = False


def plain_sha256(path: Path) -> str | None:
    """Return the sha256 of a file, None where there is none; links are not followed."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
