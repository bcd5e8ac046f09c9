"""Excel workbooks (xlsx)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import python_calamine

from gvckit.errors import DataError, Problem, unknown
from gvckit.sources.readers.guards import check_zip
from gvckit.sources.readers.reader import Reader

__all__ = ["EXCEL"]


def _sheet(path: Path, sheet: str | None, rows: int | None) -> pd.DataFrame:
    check_zip(path)
    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            names = [str(name) for name in book.sheet_names]
            if sheet is not None and sheet not in names:
                raise DataError(unknown(f"sheet of {path.name}", sheet, names))
            return pd.read_excel(book, sheet_name=sheet or names[0], dtype=object, header=None,
                                 nrows=rows, keep_default_na=False, na_values=[])
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise DataError(Problem(f"{path.name} is not a readable workbook: {error}")) from error


def _columns(path: Path, sheet: str | None) -> list[str]:
    head = _sheet(path, sheet, 1)
    return [str(name) for name in head.iloc[0]] if len(head) else []


def _read(path: Path, columns: Sequence[str], sheet: str | None) -> pd.DataFrame:
    frame = _sheet(path, sheet, None)
    names = [str(name) for name in frame.iloc[0]]
    body = frame.iloc[1:].reset_index(drop=True)
    body.columns = pd.Index(names)
    return body[list(columns)]


EXCEL = Reader(_columns, _read, sheets=True)
