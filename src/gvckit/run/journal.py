"""What happened in a store, one JSON line an event, only ever appended to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gvckit.errors import StoreError
from gvckit.run.canonical import dumps
from gvckit.run.files import disk_error, replace_file

__all__ = ["Journal"]

# Above this many lines the journal is rewritten with the last line of each step.
COMPACT_ABOVE = 20_000


class Journal:
    """The journal at ``path``.

    Anybody may read it at any time; a line that a killed process left half-written is passed over.
    Only the holder of the store's lock writes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        self._last: dict[str, dict[str, Any]] | None = None

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield all events, oldest first, without lines that are not whole.

        Raises
        ------
        StoreError
            Where the file cannot be read.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(f"cannot read {self.path}: {error.strerror}") from None
        for line in data.split(b"\n"):
            event = _event(line)
            if event is not None:
                yield event

    def last(self) -> dict[str, dict[str, Any]]:
        """Return the last ``step`` event of each step by name."""
        if self._last is None:
            self._last = {
                str(event["name"]): event for event in self.events()
                if event["event"] == "step" and isinstance(event.get("name"), str)
            }
        return self._last

    def append(self, event: str, **details: Any) -> None:
        """Write one event; the first one of a process cuts off a torn last line.

        Raises
        ------
        StoreError
            Where the line cannot be written.
        """
        line = {"event": event, **details}
        data = (dumps(line) + "\n").encode(errors="backslashreplace")
        try:
            if self._handle is None:
                self._cut_torn_tail()
                self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            # One write: a line is there as a whole or, after a kill or on a full disk, torn at the
            # end, where the next process cuts it off.
            written = os.write(self._handle, data)
            if written < len(data):
                os.write(self._handle, data[written:])
        except OSError as error:
            self.close()
            raise disk_error(error, self.path, len(data)) from None
        if event == "step" and self._last is not None:
            self._last[str(details["name"])] = line

    def compact(self, temporary: Path, above: int = COMPACT_ABOVE) -> None:
        """Keep only the last line of each step where there are more than ``above`` lines."""
        events = list(self.events())
        if len(events) <= above:
            return
        self.close()
        lines = [dumps(event) + "\n" for event in self.last().values()]
        replace_file(self.path, "".join(lines).encode(), temporary)

    def close(self) -> None:
        """Let go of the file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _cut_torn_tail(self) -> None:
        try:
            with self.path.open("r+b") as file:
                data = file.read()
                whole = data.rfind(b"\n") + 1
                if whole < len(data):
                    file.truncate(whole)
        except FileNotFoundError:
            return


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None
