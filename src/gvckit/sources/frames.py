"""Read a data file, long or wide, to a frame of keys and numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import DataError, Problem, listing, unknown
from gvckit.sources.codes import CodeMap, code_map
from gvckit.sources.readers.cells import to_numbers, to_text, to_years
from gvckit.sources.readers.entry import FrameEntry, FrameReport
from gvckit.sources.readers.reader import Reader
from gvckit.sources.readers.registry import reader_of

__all__ = ["FrameEntry", "FrameRead", "FrameReport", "read_frame"]

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
        or not years, unknown codes, keys that stand twice, variables without any value.
    """
    raw, first_row = _load(path, entry)
    raw = _kept(raw, entry, path.name)
    variables = dict(entry.take)
    if entry.long is not None:
        raw = _wanted(raw, entry, path.name)
        variables = {entry.long["value"]: entry.long["value"]}
    problems: list[Problem] = []
    data, counts = _keys(raw, entry, path, first_row, problems)
    for new, column in variables.items():
        values, bad = to_numbers(raw[column], column, path.name, first_row, entry.na)
        data[new] = values
        problems += [bad] if bad else []
    frame = data[~counts.out]
    names = list(entry.keys)
    if entry.long is not None:
        frame = frame.assign(**{_NAME: to_text(raw[entry.long["name"]])[~counts.out]})
        names.append(_NAME)
    frame, merged = _once(frame, names, entry, path.name, problems)
    if problems:
        raise DataError(problems)
    if entry.long is not None:
        frame = _spread(frame, entry, entry.long["value"])
    frame = frame.sort_values(list(entry.keys), kind="stable", ignore_index=True)
    missing = {name: int(frame[name].isna().sum()) for name in entry.take}
    empty = [name for name, count in missing.items() if count == len(frame)]
    if empty:
        raise DataError([Problem(f"{path.name}: {entry.take[name]!r} has no value at all",
                                 entry.where) for name in empty])
    return FrameRead(frame, FrameReport(path.name, len(raw), len(frame), counts.aliases,
                                        counts.dropped, merged, missing))


_NAME = "__variable__"


@dataclass(frozen=True, slots=True)
class _Counts:
    """Which rows are left out because of a code (n,), and the codes' counts for the report."""

    out: np.ndarray[Any, np.dtype[np.bool_]]
    aliases: dict[str, tuple[str, int]]
    dropped: dict[str, int]


def _load(path: Path, entry: FrameEntry) -> tuple[pd.DataFrame, int]:
    """Read the columns that the entry names, after checking that they are there once."""
    reader: Reader = reader_of(path, entry.where)
    if entry.sheet is not None and not reader.sheets:
        raise DataError(Problem(f"{path.name} has no sheets", entry.where))
    present = reader.columns(path, entry.sheet)
    named = entry.long.values() if entry.long is not None else entry.take.values()
    wanted = list(dict.fromkeys([*entry.keys.values(), *named, *entry.keep]))
    problems = [unknown(f"column of {path.name}", c, present, entry.where)
                for c in wanted if c not in present]
    problems += [Problem(f"{path.name} has {present.count(c)} columns {c!r}", entry.where)
                 for c in wanted if present.count(c) > 1]
    if problems:
        raise DataError(problems)
    frame = reader.read(path, wanted, entry.sheet).reset_index(drop=True)
    if frame.empty:
        raise DataError(Problem(f"{path.name} has no rows", entry.where))
    return frame, reader.first_row


def _kept(raw: pd.DataFrame, entry: FrameEntry, file: str) -> pd.DataFrame:
    mask = np.ones(len(raw), dtype=bool)
    problems = []
    for column, cells in entry.keep.items():
        words = to_text(raw[column])
        present = words.unique().tolist()
        problems += [unknown(f"cell of {column!r} in {file}", c, present, entry.where)
                     for c in cells if c not in present]
        mask &= words.isin(cells).to_numpy()
    if problems:
        raise DataError(problems)
    if not mask.any():
        raise DataError(Problem(f"{file}: no row is left after `keep`", entry.where))
    return raw[mask]


def _wanted(raw: pd.DataFrame, entry: FrameEntry, file: str) -> pd.DataFrame:
    """Return the rows of a long file whose variable is taken."""
    assert entry.long is not None
    words = to_text(raw[entry.long["name"]])
    present = [str(v) for v in words.unique()]
    problems = [unknown(f"variable of {file}", v, present, entry.where)
                for v in dict.fromkeys(entry.take.values()) if v not in present]
    if problems:
        raise DataError(problems)
    return raw[words.isin(list(entry.take.values())).to_numpy()]


def _keys(raw: pd.DataFrame, entry: FrameEntry, path: Path, first_row: int,
          problems: list[Problem]) -> tuple[pd.DataFrame, _Counts]:
    """Return the key columns, and which rows their codes leave out; problems are added."""
    data = pd.DataFrame(index=raw.index)
    out = np.zeros(len(raw), dtype=bool)
    aliases: dict[str, tuple[str, int]] = {}
    dropped: dict[str, int] = {}
    for key, column in entry.keys.items():
        kind = entry.kind(key)
        if kind == "year":
            data[key], bad = to_years(raw[column], column, path.name, first_row)
            problems += [bad] if bad else []
            continue
        words = to_text(raw[column])
        if kind == "country":
            found = _codes(words, entry, path, first_row, problems)
            counts = words.value_counts()
            for code, target in found.aliases.items():
                aliases[code] = (target, aliases.get(code, ("", 0))[1] + int(counts[code]))
            for code in found.dropped:
                dropped[code] = dropped.get(code, 0) + int(counts[code])
            out |= words.isin(list(found.dropped)).to_numpy()
            data[key] = words.map(found.iso3)
            continue
        data[key] = words
        if (blank := words.eq("").to_numpy()).any():
            rows = listing([str(i + first_row) for i in raw.index[blank][:5]])
            problems.append(Problem(f"{path.name}: {int(blank.sum())} cells of the key {column!r} "
                                    f"are blank: rows {rows}", entry.where))
    return data, _Counts(out, aliases, dropped)


def _codes(words: pd.Series[Any], entry: FrameEntry, path: Path, first_row: int,
           problems: list[Problem]) -> CodeMap:
    source = entry.codes or path.name.split(".")[0]
    codes = words.unique().tolist()
    try:
        return code_map(codes, source, unknown=entry.unknown_codes, where=path.name)
    except DataError as error:
        for problem in error.problems:
            there = [code for code in codes if repr(code) in problem.what]
            rows = [i + first_row for i in words.index[words.isin(there)]]
            first = f"; in {len(rows)} rows, first in row {rows[0]}" if rows else ""
            problems.append(replace(problem, what=problem.what + first))
        return code_map(codes, source, unknown="drop")


def _once(frame: pd.DataFrame, keys: list[str], entry: FrameEntry, file: str,
          problems: list[Problem]) -> tuple[pd.DataFrame, int]:
    """Return the frame with each key once, by the entry's rule, and how many rows went."""
    twice = frame.duplicated(keys, keep="first").to_numpy()
    if not twice.any():
        return frame, 0
    if entry.duplicates == "error":
        examples = frame.loc[twice, keys].drop_duplicates().head(5)
        shown = [" ".join(map(str, row)) for row in examples.itertuples(index=False, name=None)]
        problems.append(Problem(
            f"{file}: {int(twice.sum())} rows repeat the keys {', '.join(entry.keys)} of an "
            f"earlier row: {listing(shown)}", entry.where,
            allowed="one row for each key; choose rows with `keep:`, or say `duplicates: first` or "
                    "`duplicates: mean`"))
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
