"""What is wrong with the columns of a data file, as its entry names them.

Needs no pandas: ``gvckit check`` asks the same questions as a run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gvckit.errors import Problem, cut, listing, nearest
from gvckit.sources.headers import DELIMITERS, FORMATS, other_delimiter
from gvckit.sources.readers.entry import FrameEntry

__all__ = ["column_problems", "named_columns"]

_YEAR = re.compile(r"(1[89]|20)[0-9]{2}( \[YR[0-9]{4}\])?")
_FEW = 5
_NAMES = ("variable", "indicator", "series", "measure", "item", "name", "code")
_VALUES = ("value", "obs_value", "obsvalue")


def named_columns(entry: FrameEntry) -> list[tuple[str, tuple[str, ...]]]:
    """Return each column that an entry names, with the part of the entry that names it."""
    values = ([(column, ("long", which)) for which, column in entry.long.items()]
              if entry.long is not None
              else [(column, ("take", name)) for name, column in entry.take.items()])
    return [*((column, ("keys", key)) for key, column in entry.keys.items()), *values,
            *((column, ("keep", column)) for column in entry.keep)]


def column_problems(file: str, entry: FrameEntry, present: Sequence[str]) -> list[Problem]:
    """Return what is wrong with the columns that an entry names; the root where there is one.

    Parameters
    ----------
    file
        The file's name: its end says which delimiter is usual.
    entry
        What is read from it.
    present
        Its columns.
    """
    name = file.lower()
    problems = []
    if not name.endswith(FORMATS):
        return [Problem(f"no reader for {cut(file)!r}", at=("file",), allowed=listing(FORMATS))]
    if entry.sheet is not None and not name.endswith(".xlsx"):
        problems.append(Problem("files of this kind have no sheets", at=("sheet",)))
    if entry.delimiter is not None and not name.endswith(tuple(DELIMITERS)):
        problems.append(Problem("files of this kind have no delimiter", at=("delimiter",)))
    return problems or _column_problems(name, entry, present)


def _column_problems(file: str, entry: FrameEntry, present: Sequence[str]) -> list[Problem]:
    named = named_columns(entry)
    absent = [(column, part) for column, part in named if column not in present]
    twice = [Problem(f"the file has {list(present).count(column)} columns {cut(column)!r}", at=part)
             for column, part in named if list(present).count(column) > 1]
    if not absent:
        return twice
    usual = next((d for end, d in DELIMITERS.items() if file.endswith(end)), None)
    split = other_delimiter(present, entry.delimiter or usual) if usual else None
    if split is not None:
        return [split]
    if len(absent) == len(named) > 1 and not any(nearest(c, present) for c, _ in absent):
        return [_none_of(absent, present)]
    problems = twice
    years = [column for column in present if _YEAR.fullmatch(column.strip())]
    for column, part in absent:
        if part[0] == "keys" and entry.kind(part[1]) == "year" and len(years) >= _FEW:
            return [Problem(
                f"the file has no column {cut(column)!r}: years stand in columns "
                f"({cut(years[0], 20)} … {cut(years[-1], 20)})", at=part,
                allowed="one row a country and year, the year in a column: reshape the file")]
        if part[0] != "take" or not (looks := _looks_long(entry, absent, present)):
            problems.append(_absent(column, part, present))
        elif part == ("take", next(iter(entry.take))):
            problems.append(Problem(
                "none of the names taken is a column, and the file seems to have one row a value",
                at=("take",), allowed=f"long: {{name: {looks[0]}, value: {looks[1]}}}"))
    return problems


def _none_of(absent: Sequence[tuple[str, tuple[str, ...]]], present: Sequence[str]) -> Problem:
    """Return the problem of a file whose first line has nothing to do with the entry."""
    wanted = listing(dict.fromkeys(repr(cut(column, 40)) for column, _ in absent))
    shown = listing((repr(cut(c, 60)) for c in present), 8) or "nothing"
    if not any(column.strip() for column in present):
        shown = "blank"
    page = present and re.match(r"\s*<(!DOCTYPE|html|\?xml)", present[0], re.IGNORECASE)
    why = ": a web page, not a table" if page else ""
    return Problem(f"the file has none of the columns {wanted}; its first row is {shown}{why}",
                   at=("file",), allowed="the names of the columns in the first row")


def _absent(column: str, part: tuple[str, ...], present: Sequence[str]) -> Problem:
    return Problem(f"the file has no column {cut(column)!r}", at=part,
                   allowed=listing((repr(cut(c, 40)) for c in present), 16) or "none",
                   nearest=nearest(column, present) or _longer(column, present))


def _longer(column: str, present: Sequence[str]) -> str | None:
    """Return the one column that starts with the name, as ``users (percent)`` does with users."""
    found = [c for c in present if c.lower().startswith(column.lower())]
    return found[0] if len(found) == 1 and len(column) > 1 else None


def _looks_long(entry: FrameEntry, absent: Sequence[tuple[str, tuple[str, ...]]],
                present: Sequence[str]) -> tuple[str, str] | None:
    """Return the columns of name and value where the file seems to be long and is read as wide."""
    if entry.long is not None or sum(part[0] == "take" for _, part in absent) < len(entry.take):
        return None
    lower = {column.lower(): column for column in reversed(present)}
    name = next((lower[word] for word in _NAMES if word in lower), None)
    value = next((lower[word] for word in _VALUES if word in lower), None)
    used = set(entry.keys.values())
    return (name, value) if name and value and not {name, value} & used else None
