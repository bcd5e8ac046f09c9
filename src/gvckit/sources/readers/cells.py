"""From cells as read to numbers, years and codes; nothing that is not one of them passes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import Problem, cut, listing
from gvckit.sources.readers.rows import Rows

__all__ = ["MISSING", "to_numbers", "to_text", "to_years"]

#: What stands for a missing value in a text cell unless the entry names more with ``na:``.
MISSING = ("", "NA", "NaN", "nan", "..", "#N/A")
_MOSTLY = 0.5
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"


def to_numbers(column: pd.Series[Any], name: str, rows: Rows, na: Iterable[str] = (),
               decimal: str = ".") -> tuple[NDArray[np.float64], Problem | None]:
    """Return the column as float64, (n,), missing as NaN, and the problem of other cells.

    A column that a typed format holds as booleans is 1 and 0.

    Parameters
    ----------
    column
        Cells as read.
    name, rows
        For the message: the column, and its rows.
    na
        Markers of missing values besides :data:`MISSING`.
    decimal
        The sign between whole numbers and decimals in a text cell, ``.`` or ``,``.
    """
    values, bad = _numbers(column, frozenset([*MISSING, *na]), decimal)
    if not bad.any():
        return values, None
    return values, _fault(column, name, rows, bad, "number", _advice(column, bad, na, decimal))


def _fault(column: pd.Series[Any], name: str, rows: Rows, bad: NDArray[np.bool_], wanted: str,
           allowed: str) -> Problem:
    """Return the problem of cells that are not what is wanted, each with its row."""
    count = int(bad.sum())
    if count == 1:
        at = int(np.flatnonzero(bad)[0])
        return Problem(f"{cut(column.iloc[at], 40)!r} in column {cut(name)!r} is not a {wanted}",
                       rows.place([at]), allowed)
    return Problem(f"{count} of {bad.size} cells are not {wanted}s: {rows.cells(column, bad)}",
                   f"column {cut(name)!r}", allowed)


def _advice(column: pd.Series[Any], bad: NDArray[np.bool_], na: Iterable[str],
            decimal: str) -> str:
    """Return what may be written, with what mends the kind of cells that were found."""
    cells = [str(cell).strip() for cell in pd.unique(column.astype(object)[bad])[:1000]]
    other = "," if decimal == "." else "."
    if all(re.fullmatch(rf"[+-]?[0-9]{{1,3}}(\{other}[0-9]{{3}})+(\{decimal}[0-9]+)?", cell)
           for cell in cells):
        return (f"numbers without separators of thousands: take the {other!r} out of the file, or "
                f"say `decimal: {other!r}` where it stands before decimals")
    if all(re.fullmatch(rf"[+-]?[0-9]*\{other}[0-9]+", cell) for cell in cells):
        return f"numbers with {decimal!r} before decimals; `decimal: {other!r}` reads the others"
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "finite numbers"
    known = listing([m or "blank" for m in [*MISSING, *na]])
    if len(cells) == 1 and bad.mean() < _MOSTLY and re.fullmatch(r"[^0-9]{1,12}", cells[0]):
        return (f"numbers, or markers of missing values: {known}; `na: [{cells[0]!r}]` makes "
                "this one of them")
    return f"numbers, or markers of missing values: {known}; name others with `na:`"


def _numbers(column: pd.Series[Any], missing: frozenset[str], decimal: str = "."
             ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    kind = column.dtype
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind):
        values = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
        return values, np.isinf(values)
    if pd.api.types.is_datetime64_any_dtype(kind):
        return np.full(len(column), np.nan), column.notna().to_numpy(dtype=bool)
    loose = column.astype(object)
    # Each distinct cell is looked at once; long files repeat themselves.
    codes, cells = pd.factorize(loose, use_na_sentinel=True)
    parsed = [_number(cell, missing, decimal) for cell in cells]
    table = np.array([np.nan if v is None else v for v in parsed] + [np.nan], dtype=np.float64)
    wrong = np.array([v is None for v in parsed] + [False], dtype=bool)
    # True and 1 are one value to factorize, but a boolean among numbers is a mistake.
    flags = np.fromiter((isinstance(c, bool | np.bool_) for c in loose), bool, len(loose))
    return table[codes], wrong[codes] | flags


def _number(cell: object, missing: frozenset[str], decimal: str) -> float | None:
    """Return a cell's number, NaN where it is missing, None where it is not a number."""
    if isinstance(cell, str):
        text = cell.strip()
        if text in missing:
            return math.nan
        if decimal == ",":
            # A point would separate thousands: no number here.
            text = text.replace(".", "?").replace(",", ".")
        value = float(text) if re.fullmatch(_NUMBER, text) else None
    elif isinstance(cell, int | float | np.integer | np.floating | Decimal):
        value = float(cell)
    else:
        value = None
    return None if value is None or math.isinf(value) else value


def to_years(column: pd.Series[Any], name: str,
             rows: Rows) -> tuple[NDArray[np.int64], Problem | None]:
    """Return a key column as whole numbers, (n,), and the problem of cells that are none.

    A column of dates that are all the first of January (Stata's yearly dates) is of their years.
    """
    if column.dtype == object and len(column) and all(isinstance(c, date) for c in column):
        column = pd.to_datetime(column)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        first = (column.dt.day_of_year == 1) & (column.dt.normalize() == column)
        column = column.dt.year if bool(first.all()) else column
    values, bad = _numbers(column, frozenset())
    wrong = bad | ~np.isfinite(values) | (values != np.round(values)) | (np.abs(values) > 2**53)
    years = np.where(wrong, 0, values).astype(np.int64)
    if not wrong.any():
        return years, None
    return years, _fault(column, name, rows, wrong, "whole number", "years such as 2004")


def to_text(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a key column as stripped text; blank and missing cells become ``""``.

    Whole numbers of a typed format lose their decimal point: 7.0 is ``"7"``.
    """
    codes, cells = pd.factorize(column.astype(object), use_na_sentinel=True)
    words = [_word(cell) for cell in cells] + [""]
    return pd.Series(np.array(words, dtype=object)[codes], index=column.index, dtype=object)


def _word(cell: object) -> str:
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell).strip()
