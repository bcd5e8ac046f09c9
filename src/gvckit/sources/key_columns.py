"""The key columns of a data file: countries as codes, years as whole numbers, the rest as text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import Problem, cut
from gvckit.sources.code_faults import code_faults
from gvckit.sources.codes import look_up
from gvckit.sources.readers.cells import to_text, to_years
from gvckit.sources.readers.entry import FrameEntry
from gvckit.sources.readers.rows import Rows

__all__ = ["Keys", "read_keys"]


@dataclass(slots=True)
class Keys:
    """The keys of rows that were read.

    Attributes
    ----------
    frame
        Key columns by their names in the panel, (n rows).
    out
        Rows that are left out because of a code, (n,).
    aliases
        Code as read → (code used, rows).
    dropped
        Code left out → rows.
    problems
        What is wrong.
    """

    frame: pd.DataFrame
    out: NDArray[np.bool_]
    aliases: dict[str, tuple[str, int]] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_keys(raw: pd.DataFrame, entry: FrameEntry, table: str, rows: Rows) -> Keys:
    """Return the keys of the rows of a file.

    Parameters
    ----------
    raw
        Cells as read, (n rows).
    entry
        What to read.
    table
        Table of country aliases where the entry names none.
    rows
        The rows, for their places.
    """
    keys = Keys(pd.DataFrame(index=raw.index), np.zeros(len(raw), dtype=bool))
    for key, column in entry.keys.items():
        kind = entry.kind(key)
        before = len(keys.problems)
        if kind == "year":
            keys.frame[key], bad = to_years(raw[column], column, rows)
            keys.problems += [bad] if bad else []
        elif kind == "country":
            _countries(keys, key, to_text(raw[column]), column, entry, table, rows)
        else:
            _text(keys, key, to_text(raw[column]), column, rows)
        keys.problems[before:] = [_about(p, key) for p in keys.problems[before:]]
    return keys


def _about(problem: Problem, key: str) -> Problem:
    return problem if problem.at else replace(problem, at=("keys", key))


def _text(keys: Keys, key: str, words: pd.Series[Any], column: str, rows: Rows) -> None:
    keys.frame[key] = words
    blank = np.flatnonzero(words.eq("").to_numpy())
    if blank.size:
        keys.problems.append(Problem(f"column {cut(column)!r} is blank, and it is a key",
                                     rows.place(blank)))


def _countries(keys: Keys, key: str, words: pd.Series[Any], column: str, entry: FrameEntry,
               table: str, rows: Rows) -> None:
    source = entry.codes or table
    found, strange = look_up(words.unique().tolist(), source)
    if strange and entry.unknown_codes == "drop":
        found.dropped.update((c, "unknown code" if c else "blank code") for c in strange)
    elif strange:
        keys.problems += code_faults(words, strange, column, source, rows)
    counts = words.value_counts()
    for code, target in found.aliases.items():
        keys.aliases[code] = (target, keys.aliases.get(code, ("", 0))[1] + int(counts[code]))
    for code in sorted(found.dropped):
        keys.dropped[code] = keys.dropped.get(code, 0) + int(counts[code])
    keys.out |= words.isin(list(found.dropped)).to_numpy()
    keys.frame[key] = words.map(found.iso3)
