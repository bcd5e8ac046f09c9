"""Excel workbooks (xlsx)."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import ParseError

import pandas as pd
import python_calamine

from gvckit.errors import DataError, Problem, cut, unknown
from gvckit.sources.header_workbook import error_cells
from gvckit.sources.readers.guards import check_zip
from gvckit.sources.readers.reader import Layout, Reader

__all__ = ["EXCEL"]

_DAMAGE = (python_calamine.CalamineError, ValueError, OSError, KeyError, IndexError,
           NotImplementedError, EOFError, zipfile.BadZipFile, zlib.error, ParseError)
"""What the libraries raise on damaged bytes, wherever they are."""
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _sheet(path: Path, sheet: str | None, rows: int | None) -> pd.DataFrame:
    with path.open("rb") as stream:
        start = stream.read(len(_OLD))
    if start == _OLD:
        raise DataError(Problem("it is an old workbook (.xls), or one with a password",
                                allowed="save it as .xlsx, without a password"))
    if not start.startswith(b"PK"):
        raise DataError(Problem("it is not an Excel workbook (.xlsx)"))
    check_zip(path)
    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            names = [str(name) for name in book.sheet_names]
            if sheet is not None and sheet not in names:
                raise DataError(unknown("sheet", sheet, names, at=("sheet",)))
            return pd.read_excel(book, sheet_name=sheet or names[0], dtype=object, header=None,
                                 nrows=rows, keep_default_na=False, na_values=[])
    except _DAMAGE as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> DataError:
    return DataError(Problem(f"it is not a readable workbook: {cut(error, 200)}"))


def _columns(path: Path, layout: Layout) -> list[str]:
    head = _sheet(path, layout.sheet, 1)
    return _names(head) if len(head) else []


def _names(frame: pd.DataFrame) -> list[str]:
    """Return the names of the first row; a blank cell is "", as in a text file."""
    return ["" if pd.isna(name) else str(name) for name in frame.iloc[0]]


def _read(path: Path, columns: Sequence[str], layout: Layout) -> pd.DataFrame:
    frame = _sheet(path, layout.sheet, None)
    # The library reads errors of formulas as blanks: a fault that must be seen.
    try:
        errors = error_cells(path, layout.sheet)
    except _DAMAGE as error:
        raise _unreadable(error) from error
    for row, column, text in errors:
        if row < len(frame) and column < frame.shape[1]:
            frame.iat[row, column] = text
    body = frame.iloc[1:].reset_index(drop=True)
    body.columns = pd.Index(_names(frame))
    return body[list(columns)]


EXCEL = Reader(_columns, _read)
