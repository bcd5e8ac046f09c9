"""What a reader of data files is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

__all__ = ["Reader"]


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of one format.

    Attributes
    ----------
    columns
        ``(path, sheet)`` → the file's column names, in order.
    read
        ``(path, columns, sheet)`` → these columns, untouched: text stays text, and a blank cell of
        a text format is the empty string.
    first_row
        Number of the first row of data in the file as a person counts it.
    sheets
        Whether files of the format have sheets.
    """

    columns: Callable[[Path, str | None], list[str]]
    read: Callable[[Path, Sequence[str], str | None], pd.DataFrame]
    first_row: int = 2
    sheets: bool = False
