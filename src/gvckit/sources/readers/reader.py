"""What a reader of data files is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

__all__ = ["Layout", "Reader"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the cells of a file are found.

    Attributes
    ----------
    sheet
        Sheet of a workbook; None: the first.
    delimiter
        What separates the cells of a text file; None: what the end of its name says.
    encoding
        Encoding of a text file.
    labelled
        Columns of a Stata file whose value labels are read in place of their numbers.
    """

    sheet: str | None = None
    delimiter: str | None = None
    encoding: str = "utf-8"
    labelled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of one format.

    Attributes
    ----------
    columns
        ``(path, layout)`` → the file's column names, in order.
    read
        ``(path, columns, layout)`` → these columns, untouched: text stays text, and a blank cell of
        a text format is the empty string.
    first_row
        Number of the first row of data in the file as a person counts it.
    """

    columns: Callable[[Path, Layout], list[str]]
    read: Callable[[Path, Sequence[str], Layout], pd.DataFrame]
    first_row: int = 2
