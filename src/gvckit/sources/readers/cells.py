"""From cells as read to numbers, years and codes; nothing that is not one of them passes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import Problem, listing

__all__ = ["MISSING", "to_numbers", "to_text", "to_years"]

#: What stands for a missing value in a text cell unless the entry names more with ``na:``.
MISSING = ("", "NA", "NaN", "nan", "..")
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"


def _examples(column: pd.Series[Any], bad: NDArray[np.bool_], first_row: int) -> str:
    rows = np.flatnonzero(bad)
    shown = [f"{str(column.iloc[i])!r} (row {column.index[i] + first_row})" for i in rows[:5]]
    return listing(shown) + (f", … ({rows.size - 5} more)" if rows.size > 5 else "")


def to_numbers(column: pd.Series[Any], name: str, file: str, first_row: int,
               na: Iterable[str] = ()) -> tuple[NDArray[np.float64], Problem | None]:
    """Return the column as float64, (n,), missing as NaN, and the problem of other cells.

    A column that a typed format holds as booleans is 1 and 0.

    Parameters
    ----------
    column
        Cells as read; its index counts the file's rows of data from 0.
    name, file, first_row
        For the message: the column, the file, and the number of its first row of data.
    na
        Markers of missing values besides :data:`MISSING`.
    """
    values, bad = _numbers(column, frozenset([*MISSING, *na]))
    if not bad.any():
        return values, None
    text = (f"{file}: {int(bad.sum())} cells of {name!r} are not numbers: "
            f"{_examples(column, bad, first_row)}")
    return values, Problem(text, allowed="numbers with a decimal point, or markers of missing "
                           "values: " + listing([m or "blank" for m in [*MISSING, *na]])
                           + "; name others with `na:`")


def _numbers(column: pd.Series[Any],
             missing: frozenset[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    kind = column.dtype
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind):
        values = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
        return values, np.isinf(values)
    if pd.api.types.is_datetime64_any_dtype(kind):
        return np.full(len(column), np.nan), column.notna().to_numpy(dtype=bool)
    loose = column.astype(object)
    # Each distinct cell is looked at once; long files repeat themselves.
    codes, cells = pd.factorize(loose, use_na_sentinel=True)
    parsed = [_number(cell, missing) for cell in cells]
    table = np.array([np.nan if v is None else v for v in parsed] + [np.nan], dtype=np.float64)
    wrong = np.array([v is None for v in parsed] + [False], dtype=bool)
    # True and 1 are one value to factorize, but a boolean among numbers is a mistake.
    flags = np.fromiter((isinstance(c, bool | np.bool_) for c in loose), bool, len(loose))
    return table[codes], wrong[codes] | flags


def _number(cell: object, missing: frozenset[str]) -> float | None:
    """Return a cell's number, NaN where it is missing, None where it is not a number."""
    if isinstance(cell, str):
        text = cell.strip()
        if text in missing:
            return math.nan
        value = float(text) if re.fullmatch(_NUMBER, text) else None
    elif isinstance(cell, int | float | np.integer | np.floating):
        value = float(cell)
    else:
        value = None
    return None if value is None or math.isinf(value) else value


def to_years(column: pd.Series[Any], name: str, file: str,
             first_row: int) -> tuple[NDArray[np.int64], Problem | None]:
    """Return a key column as whole numbers, (n,), and the problem of cells that are none."""
    values, bad = _numbers(column, frozenset())
    wrong = bad | ~np.isfinite(values) | (values != np.round(values)) | (np.abs(values) > 2**53)
    years = np.where(wrong, 0, values).astype(np.int64)
    if not wrong.any():
        return years, None
    return years, Problem(f"{file}: {int(wrong.sum())} cells of the key {name!r} are not whole "
                          f"numbers: {_examples(column, wrong, first_row)}")


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
