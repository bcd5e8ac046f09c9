"""What is said about a column of country codes in which some mean nothing: the root, once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gvckit.errors import Problem, cut
from gvckit.sources.codes import (
    NAMES,
    aliases_of,
    code_tables,
    codes_elsewhere,
    look_up,
    unknown_code,
)
from gvckit.sources.readers.rows import Rows

__all__ = ["code_faults"]

_EACH = 8
"""Unknown codes that are told one by one; more are told together."""


def code_faults(words: pd.Series[str], strange: Sequence[str], column: str, source: str | None,
                rows: Rows) -> list[Problem]:
    """Return what is wrong with the unknown codes of a column.

    Codes of another list (names of countries, two letters) are one problem, with the name of the
    list; so are many unknown codes.

    Parameters
    ----------
    words
        The column's cells, (n,).
    strange
        The distinct ones that mean nothing.
    column, source
        The column, and the table of aliases that was used.
    rows
        The rows, for their places.
    """
    filled = [code for code in strange if code]
    found = [_placed(code, words, column, source, rows) for code in strange if not code]
    list_ = _other_list(words, filled, source)
    if list_ is not None:
        return [*found, _listed(words, filled, column, list_, rows)]
    if filled and all(code.isdecimal() for code in filled):
        return [*found, _numbers(words, filled, column, rows)]
    if len(filled) > _EACH:
        return [*found, _together(words, filled, column, source, rows)]
    return [*found, *(_placed(code, words, column, source, rows) for code in filled)]


def _placed(code: str, words: pd.Series[str], column: str, source: str | None,
            rows: Rows) -> Problem:
    at = np.flatnonzero(words.eq(code).to_numpy())
    of = f" in column {cut(column)!r}" + (f" ({at.size} rows)" if at.size > 1 else "")
    return unknown_code(code, source, f"row {rows.name(int(at[0]))}", of)


def _other_list(words: pd.Series[str], strange: Sequence[str], source: str | None) -> str | None:
    """Return the list that knows most of the unknown codes and of all, where one does."""
    if len(strange) < 2:
        return None
    counts = {table: sum(code.casefold() in aliases_of(NAMES) for code in strange)
              if table == NAMES else sum(table == t for code in strange
                                         for t, _ in codes_elsewhere(code))
              for table in code_tables() if table != source}
    best = max(counts, key=lambda table: (counts[table], table))
    if counts[best] * 2 <= len(strange):
        return None
    # What the list does not know must be little of the column.
    left = look_up(words.unique().tolist(), best)[1]
    return best if len([c for c in left if c]) * 4 <= len(strange) else None


def _listed(words: pd.Series[str], strange: Sequence[str], column: str, table: str,
            rows: Rows) -> Problem:
    left = [code for code in look_up(words.unique().tolist(), table)[1] if code]
    kind = {NAMES: "country names, not codes", "iso2": "two-letter codes"}.get(
        table, f"codes as {table!r} has them")
    shown = ", ".join(repr(cut(code, 30)) for code in strange[:3])
    more = ", …" if len(strange) > 3 else ""
    rest = f"; it does not know {_several(left)}" if left else ""
    return Problem(f"{len(strange)} distinct cells are {kind}: {shown}{more}",
                   f"column {cut(column)!r}, from row {_first(words, strange, rows)} on",
                   allowed=f"`codes: {table}` reads them{rest}")


def _numbers(words: pd.Series[str], strange: Sequence[str], column: str, rows: Rows) -> Problem:
    what = ("1 distinct cell is a number, no country code" if len(strange) == 1
            else f"{len(strange)} distinct cells are numbers, no country codes")
    return Problem(f"{what}: {_several(sorted(strange, key=int))}",
                   f"column {cut(column)!r}, from row {_first(words, strange, rows)} on",
                   allowed="ISO 3166-1 alpha-3; in a Stata file, numbers with value labels")


def _together(words: pd.Series[str], strange: Sequence[str], column: str, source: str | None,
              rows: Rows) -> Problem:
    shown = ", ".join(repr(cut(code, 30)) for code in strange[:_EACH])
    tables = unknown_code(strange[0], source).allowed
    return Problem(f"{len(strange)} unknown country codes: {shown}, … "
                   f"({len(strange) - _EACH} more)",
                   f"column {cut(column)!r}, from row {_first(words, strange, rows)} on",
                   allowed=f"{tables}; or `codes:` with a list of others: iso2, {NAMES}, …")


def _several(codes: Sequence[str]) -> str:
    more = f", … ({len(codes) - 5} more)" if len(codes) > 5 else ""
    return ", ".join(repr(cut(code, 30)) for code in codes[:5]) + more


def _first(words: pd.Series[str], codes: Sequence[str], rows: Rows) -> str:
    return rows.name(int(np.flatnonzero(words.isin(list(codes)).to_numpy())[0]))
