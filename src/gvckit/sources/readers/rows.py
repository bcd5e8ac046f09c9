"""The rows of a data file as messages name them: ``row 31 (FRA 2004)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import cut

__all__ = ["Rows"]

_MOST = 5


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that were read, (n,), and how a person finds them in the file.

    Attributes
    ----------
    numbers
        Number of each row in the file, (n,), as a person counts it.
    keys
        Its cells in the key columns, as read.
    """

    numbers: NDArray[np.int64]
    keys: pd.DataFrame

    @classmethod
    def of(cls, raw: pd.DataFrame, columns: Sequence[str], first: int) -> Rows:
        """Return the rows of a frame whose index counts the file's rows of data from 0."""
        return cls(raw.index.to_numpy(dtype=np.int64) + first, raw[list(dict.fromkeys(columns))])

    def name(self, at: int) -> str:
        """Return number and keys of the row at a position: ``31 (FRA 2004)``."""
        cells = [_cell(value) for value in self.keys.iloc[at].tolist()]
        shown = " ".join(cells).strip()
        return f"{self.numbers[at]} ({shown})" if shown else str(self.numbers[at])

    def place(self, at: Sequence[int] | NDArray[Any]) -> str:
        """Return the place of one row or several: ``row 31 (FRA 2004)``, ``rows 3, 5``."""
        shown = ", ".join(self.name(int(i)) for i in at[:_MOST])
        if len(at) == 1:
            return f"row {shown}"
        return f"rows {shown}" + (f", … ({len(at) - _MOST} more)" if len(at) > _MOST else "")

    def cells(self, column: pd.Series[Any], bad: NDArray[np.bool_]) -> str:
        """Return the first bad cells of a column, each text once with its first row."""
        at = np.flatnonzero(bad)
        words = pd.Series([cut(column.iloc[i], 40) for i in at[:1000]])
        first = words.drop_duplicates().index[:_MOST]
        shown = ", ".join(f"{words[k]!r} in row {self.name(int(at[k]))}" for k in first)
        return shown + (f", … ({at.size - len(first)} more)" if at.size > len(first) else "")


def _cell(value: object) -> str:
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return ""
        if float(value).is_integer():
            return str(int(value))
    return "" if value is None or value is pd.NA else cut(value, 24)
