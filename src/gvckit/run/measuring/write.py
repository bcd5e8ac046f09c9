"""Years of frames into one file: each year as it comes, the whole file or none of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from gvckit.run.files import disk_error

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Files", "joined", "largest", "tidy_year"]


class Sink(Protocol):
    """Takes the frames of a file, one after the other."""

    def write(self, frame: pd.DataFrame) -> None:
        """Append a frame; all have the same columns."""

    def close(self) -> None:
        """Finish the file."""


class ParquetSink:
    """Parquet, one row group a year; keys are dictionaries, notes go to the file's metadata."""

    def __init__(self, path: Path, notes: Mapping[str, Any]) -> None:
        # Opened here: Arrow takes only paths that are text.
        self._file = path.open("xb")
        self._notes = json.dumps(notes, ensure_ascii=False, sort_keys=True)
        self._writer: Any = None

    def write(self, frame: pd.DataFrame) -> None:
        """Append a row group."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        frame = frame.copy(deep=False)
        frame.attrs = {}
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if self._writer is None:
            # Where pandas looks for DataFrame.attrs.
            known = {**(table.schema.metadata or {}), b"PANDAS_ATTRS": self._notes.encode()}
            # Keys are dictionaries; of numbers, which rarely repeat, they only take time.
            keys = [field.name for field in table.schema if pa.types.is_dictionary(field.type)
                    or pa.types.is_integer(field.type)]
            self._writer = pq.ParquetWriter(
                self._file, table.schema.with_metadata(known), compression="zstd",
                use_dictionary=keys or False)
        self._writer.write_table(table.cast(self._writer.schema))

    def close(self) -> None:
        """Write the footer."""
        try:
            if self._writer is not None:
                self._writer.close()
        finally:
            self._writer = None
            self._file.close()


class CsvSink:
    """Comma-separated text in UTF-8; a missing value is empty, a number is all its digits.

    There is no room for notes.
    """

    def __init__(self, path: Path, notes: Mapping[str, Any]) -> None:
        self._file = path.open("x", encoding="utf-8", newline="")
        self._header = True

    def write(self, frame: pd.DataFrame) -> None:
        """Append rows."""
        frame.to_csv(self._file, index=False, header=self._header, lineterminator="\n")
        self._header = False

    def close(self) -> None:
        """Close the file."""
        self._file.close()


_SINKS: Mapping[str, Callable[[Path, Mapping[str, Any]], Sink]] = {
    ".parquet": ParquetSink, ".csv": CsvSink,
}


@dataclass
class Files:
    """The files of a request: written beside their places, moved there when all are complete.

    A context: whatever goes wrong inside, no file has changed and nothing is left beside.

    Attributes
    ----------
    paths
        Name to the file's place.
    notes
        Name to what the numbers in the file are.
    rows, columns
        Name to what was written.
    """

    paths: Mapping[str, Path]
    notes: Mapping[str, Mapping[str, Any]]
    rows: dict[str, int] = field(default_factory=dict)
    columns: dict[str, Sequence[str]] = field(default_factory=dict)
    _sinks: dict[str, Sink] = field(default_factory=dict)
    _undo: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Files:
        with ExitStack() as undo:
            for name, path in self.paths.items():
                with _told(path):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    beside = self._beside(path)
                    beside.unlink(missing_ok=True)
                    undo.callback(beside.unlink, missing_ok=True)
                    self._sinks[name] = _SINKS[path.suffix.lower()](beside, self.notes[name])
                undo.callback(_give_up, self._sinks[name])
            self._undo = undo.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._undo.close()

    def write(self, name: str, frame: pd.DataFrame) -> None:
        """Append a year to the file ``name``."""
        with _told(self.paths[name]):
            self._sinks[name].write(frame)
        self.rows[name] = self.rows.get(name, 0) + len(frame)
        self.columns[name] = list(frame.columns)

    def _finish(self) -> None:
        for name, sink in self._sinks.items():
            with _told(self.paths[name]):
                sink.close()
        for path in self.paths.values():
            with _told(path):
                self._beside(path).replace(path)

    def _beside(self, path: Path) -> Path:
        return path.with_name(f".{path.name}.{os.getpid()}.new")


def _give_up(sink: Sink) -> None:
    """Close a file that will be removed, or was moved into place."""
    with suppress(OSError):
        sink.close()


class _told:  # noqa: N801 - reads as a word in a with statement
    """Turn an OSError into what a user should know about the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if isinstance(error, OSError):
            raise disk_error(error, self._path, 0) from None


def tidy_year(frame: pd.DataFrame, keys: Sequence[str], year: int) -> pd.DataFrame:
    """Return keys, year, values."""
    out = frame.copy(deep=False)
    out.insert(len(keys), "year", year)
    return out


def joined(frames: Mapping[str, pd.DataFrame], keys: Sequence[str]) -> pd.DataFrame:
    """Return several measures side by side; columns are named ``<measure>_<column>``.

    Rows that one of them lacks are missing there; the order is that of the table.
    """
    import pandas as pd

    named = [
        frame.rename(columns=dict.fromkeys(("exporter", "importer"), "country")
                     if "country" in keys else {})
        .set_index(list(keys)) if keys else frame for frame in frames.values()]
    for name, frame in zip(frames, named, strict=True):
        frame.columns = pd.Index([f"{name.replace('-', '_')}_{c}" for c in frame.columns])
    if not keys or all(frame.index.equals(named[0].index) for frame in named):
        out = pd.concat(named, axis=1)
        return out.reset_index() if keys else out
    flat = [frame.reset_index() for frame in named]
    out = flat[0]
    for other in flat[1:]:
        out = out.merge(other, on=list(keys), how="outer", validate="one_to_one")
    return out.sort_values(list(keys), kind="stable", ignore_index=True)


def largest(gaps: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return the largest gap of each identity over the years."""
    found: dict[str, float] = {}
    for one in gaps:
        for name, gap in one.items():
            found[name] = max(gap, found.get(name, 0.0))
    return found
