"""Read a data file, long or wide, to a frame of keys and numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import DataError, Problem, cut, unknown
from gvckit.sources.columns import column_problems, named_columns
from gvckit.sources.headers import FORMATS
from gvckit.sources.key_columns import read_keys
from gvckit.sources.readers.cells import to_numbers, to_text
from gvckit.sources.readers.entry import FrameEntry, FrameReport
from gvckit.sources.readers.reader import Layout, Reader
from gvckit.sources.readers.registry import reader_of
from gvckit.sources.readers.rows import Rows

__all__ = ["FrameEntry", "FrameRead", "FrameReport", "check_columns", "read_frame"]

_NAME = "__variable__"


@dataclass(frozen=True, slots=True)
class FrameRead:
    """A frame (keys, then variables; sorted by the keys) and how it came about."""

    frame: pd.DataFrame
    report: FrameReport


def read_frame(path: Path, entry: FrameEntry) -> FrameRead:
    """Read a data file.

    Parameters
    ----------
    path
        A file in one of the formats of :data:`gvckit.sources.readers.registry.READERS`.
    entry
        What to read from it.

    Returns
    -------
    FrameRead
        Countries are alpha-3 codes (text), years int64, other keys text, variables float64.

    Raises
    ------
    DataError
        Listing everything that is wrong: absent columns and variables, cells that are not numbers
        or not years, unknown codes, keys that stand twice, variables without any value.  Each with
        the file, the row and its keys, and the part of the entry that it is about.
    """
    try:
        return _read_frame(path, entry)
    except DataError as error:
        raise error.in_file(path.name).located(entry.where) from None


def _read_frame(path: Path, entry: FrameEntry) -> FrameRead:
    raw, first_row = _load(path, entry)
    raw = _kept(raw, entry)
    if entry.long is not None:
        raw = _wanted(raw, entry)
    rows = Rows.of(raw, list(entry.keys.values()), first_row)
    keys = read_keys(raw, entry, path.name.split(".")[0], rows)
    problems = keys.problems
    data = {name: keys.frame[name] for name in entry.keys}
    for new, column, part in _values(entry):
        numbers, bad = to_numbers(raw[column], column, rows, entry.na, entry.decimal)
        data[new] = pd.Series(numbers, index=raw.index)
        problems += [replace(bad, at=part)] if bad else []
    if entry.long is not None:
        data[_NAME] = to_text(raw[entry.long["name"]])
    frame = pd.DataFrame(data, index=raw.index)[~keys.out]
    names = [*entry.keys, *([_NAME] if entry.long is not None else [])]
    frame, merged = _once(frame, names, entry, lambda at: rows.place(np.flatnonzero(~keys.out)[at]),
                          problems)
    if problems:
        raise DataError(_rooted(problems, entry))
    if entry.long is not None:
        frame = _spread(frame, entry, entry.long["value"])
    frame = frame.sort_values(list(entry.keys), kind="stable", ignore_index=True)
    missing = {name: int(frame[name].isna().sum()) for name in entry.take}
    empty = [name for name, count in missing.items() if count == len(frame)]
    if empty:
        raise DataError([Problem(f"{cut(entry.take[name])!r} has no value at all",
                                 at=("take", name)) for name in empty])
    return FrameRead(frame, FrameReport(path.name, len(raw), len(frame), keys.aliases,
                                        keys.dropped, merged, missing))


def _rooted(problems: list[Problem], entry: FrameEntry) -> list[Problem]:
    """Return the problems with one for each row that is no data: a second header, a note below."""
    parts: dict[str, set[tuple[str | int, ...]]] = {}
    for problem in problems:
        parts.setdefault(str(problem.where), set()).add(problem.at)
    keys = {("keys", key) for key in entry.keys if entry.kind(key) != "text"}
    no_data = {place for place, at in parts.items()
               if place.startswith("row ") and len(keys) > 1 and keys <= at}
    told = [Problem("this row is no row of data: none of its keys is one", place, at=("file",),
                    allowed="a row with the names of columns, then rows of data; take other lines "
                            "out of the file") for place in sorted(no_data)]
    return [*told, *(p for p in problems if str(p.where) not in no_data)]


def _values(entry: FrameEntry) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return each column of numbers: its name in the frame, in the file, and its part."""
    if entry.long is not None:
        value = entry.long["value"]
        return [(value, value, ("long", "value"))]
    return [(new, column, ("take", new)) for new, column in entry.take.items()]


def check_columns(path: Path, entry: FrameEntry) -> tuple[Reader, Layout]:
    """Return how a file is read, after checking that it has the columns that the entry names.

    Raises
    ------
    DataError
        Without the file's name, which callers add.
    """
    if not path.name.lower().endswith(FORMATS):
        raise DataError(column_problems(path.name, entry, ()))
    reader: Reader = reader_of(path)
    layout = Layout(entry.sheet, entry.delimiter, entry.encoding, tuple(
        column for key, column in entry.keys.items() if entry.kind(key) != "year"))
    present = reader.columns(path, layout)
    problems = column_problems(path.name, entry, present)
    if problems:
        raise DataError(problems)
    return reader, layout


def _load(path: Path, entry: FrameEntry) -> tuple[pd.DataFrame, int]:
    """Read the columns that the entry names."""
    reader, layout = check_columns(path, entry)
    wanted = list(dict.fromkeys(column for column, _ in named_columns(entry)))
    frame = reader.read(path, wanted, layout).reset_index(drop=True)
    if frame.empty:
        raise DataError(Problem("it has no rows", at=("file",)))
    return frame, reader.first_row


def _kept(raw: pd.DataFrame, entry: FrameEntry) -> pd.DataFrame:
    mask = np.ones(len(raw), dtype=bool)
    problems = []
    for column, cells in entry.keep.items():
        words = to_text(raw[column])
        present = words.unique().tolist()
        problems += [_no_cell(column, c, present, ("keep", column, c))
                     for c in cells if c not in present]
        mask &= words.isin(cells).to_numpy()
    if problems:
        raise DataError(problems)
    if not mask.any():
        raise DataError(Problem("no row is left after `keep`", at=("keep",)))
    return raw[mask]


def _no_cell(column: str, cell: str, present: list[str], part: tuple[str, ...]) -> Problem:
    found = unknown("cell", cell, present, at=part)
    return replace(found, what=f"column {cut(column)!r} has no cell {cut(cell)!r}")


def _wanted(raw: pd.DataFrame, entry: FrameEntry) -> pd.DataFrame:
    """Return the rows of a long file whose variable is taken."""
    assert entry.long is not None
    column = entry.long["name"]
    words = to_text(raw[column])
    present = [str(v) for v in words.unique()]
    problems = [_no_cell(column, variable, present, ("take", name))
                for name, variable in entry.take.items() if variable not in present]
    if problems:
        raise DataError(problems)
    return raw[words.isin(list(entry.take.values())).to_numpy()]


def _once(frame: pd.DataFrame, keys: list[str], entry: FrameEntry,
          place: Callable[[np.ndarray[Any, Any]], str], problems: list[Problem]
          ) -> tuple[pd.DataFrame, int]:
    """Return the frame with each key once, by the entry's rule, and how many rows went.

    ``place`` tells the places of rows of the frame.
    """
    twice = frame.duplicated(keys, keep="first").to_numpy()
    if not twice.any():
        return frame, 0
    if entry.duplicates == "error":
        # Keys that are wrong themselves may look alike.
        if not any(problem.at[:1] == ("keys",) for problem in problems):
            at = np.flatnonzero(twice)
            same = frame.loc[:, keys].eq(frame[keys].iloc[at[0]]).all(axis=1).to_numpy()
            verb = "row repeats" if at.size == 1 else "rows repeat"
            problems.append(Problem(
                f"{at.size} {verb} the keys {', '.join(entry.keys)} of an earlier row, such as "
                f"{place(np.flatnonzero(same)[:1])}", place(at), at=("keys",),
                allowed="one row for each key; choose rows with `keep:`, or say "
                        "`duplicates: first` or `duplicates: mean`"))
        return frame, 0
    once = (frame[~twice] if entry.duplicates == "first"
            else frame.groupby(keys, sort=False).mean().reset_index())
    return once, int(twice.sum())


def _spread(frame: pd.DataFrame, entry: FrameEntry, value: str) -> pd.DataFrame:
    """Return a long frame with unique keys as one column for each taken variable."""
    wide = frame.pivot(index=list(entry.keys), columns=_NAME, values=value)
    # A variable of which every row was left out has no column.
    named = pd.DataFrame({new: wide.get(variable, np.nan)
                          for new, variable in entry.take.items()}, index=wide.index)
    return named.reset_index()
