"""The keys of a panel as integer codes: units, times and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing, unknown

__all__ = ["PanelIndex", "duplicates", "key_text"]

Codes = NDArray[np.int64]


def key_text(frame: pd.DataFrame, rows: Sequence[int] | NDArray[Any], keys: Sequence[str],
             most: int = 3) -> str:
    """Return the keys of some rows (by position) as text, at most ``most`` of them."""
    part = frame[list(keys)].iloc[list(rows[:most])]
    shown = [" ".join(str(v) for v in row) for row in part.itertuples(index=False, name=None)]
    more = len(rows) - len(shown)
    return ", ".join(shown) + (f", … ({more} more)" if more > 0 else "")


def duplicates(frame: pd.DataFrame, keys: Sequence[str]) -> NDArray[np.int64]:
    """Return the positions of the rows whose keys stood before."""
    return np.flatnonzero(frame.duplicated(list(keys)).to_numpy()).astype(np.int64)


@dataclass(slots=True)
class PanelIndex:
    """A frame with declared keys, and their integer codes made once.

    Attributes
    ----------
    frame
        (n rows); keys and variables are columns.
    unit
        Columns that name the unit; empty where the frame is not a panel.
    time
        Column with whole-numbered times, or None.
    derived
        Further columns by name, on the frame's index: a frame that grows column by column is slow.
    """

    frame: pd.DataFrame
    unit: tuple[str, ...]
    time: str | None
    derived: dict[str, pd.Series[Any]] = field(default_factory=dict)
    _groups: dict[tuple[str, ...], Codes] = field(default_factory=dict)
    _times: Codes | None = None
    _sorted: tuple[Codes, NDArray[np.intp]] | None = None

    def __post_init__(self) -> None:
        wanted = [*self.unit, *([self.time] if self.time else [])]
        bad = [unknown("panel key", k, map(str, self.frame.columns))
               for k in wanted if k not in self.frame.columns]
        if bad:
            raise DataError(bad)

    def names(self) -> list[str]:
        """Return the names of all columns."""
        return [*map(str, self.frame.columns), *self.derived]

    def column(self, name: str) -> pd.Series[Any]:
        """Return a column of the frame or a derived one, (n,)."""
        found: pd.Series[Any] = self.derived[name] if name in self.derived else self.frame[name]
        return found

    def groups(self, columns: Sequence[str]) -> Codes:
        """Return the group of each row, (n,), 0 … in sorted order; -1 where a key is missing."""
        wanted = tuple(columns)
        if wanted not in self._groups:
            self._groups[wanted] = self._coded(wanted)
        return self._groups[wanted]

    def _coded(self, columns: tuple[str, ...]) -> Codes:
        codes = np.zeros(len(self.frame), dtype=np.int64)
        lost = np.zeros(len(self.frame), dtype=bool)
        for column in columns:
            own, levels = pd.factorize(self.column(column), sort=True)
            lost |= own < 0
            combined = codes * max(len(levels), 1) + np.where(own < 0, 0, own)
            # Renumbering after each key keeps the product below 2**63.
            codes = np.unique(combined, return_inverse=True)[1].astype(np.int64)
        return np.where(lost, -1, codes)

    def times(self) -> Codes:
        """Return the time of each row, (n,).

        Raises
        ------
        DataError
            Where no time is declared, or a time is missing or not a whole number.
        """
        if self._times is None:
            if self.time is None:
                raise DataError("lag, lead, diff, growth and first need the panel's time")
            column = self.frame[self.time]
            values = numeric(column)
            if values is None:
                raise DataError(Problem(f"the time {self.time!r} is not a number"))
            bad = np.flatnonzero(~np.isfinite(values) | (values != np.round(values)))
            if bad.size:
                examples = listing([str(column.iloc[i]) for i in bad[:5]])
                raise DataError(Problem(
                    f"{bad.size} times in {self.time!r} are missing or not whole: {examples}"))
            self._times = values.astype(np.int64)
        return self._times

    def shifted(self, values: NDArray[np.float64], k: int) -> NDArray[np.float64]:
        """Return for each row the value of its unit ``k`` times earlier (k < 0: later).

        A time that is not there gives a missing value.

        Raises
        ------
        DataError
            Where a unit has one time twice, or a unit is missing.
        """
        times, units = self.times(), self.groups(self.unit)
        if not len(times):
            return values.copy()
        low, high = int(times.min()), int(times.max())
        width = high - low + 1
        if self._sorted is None:
            self._sorted = self._key_order(units * width + (times - low), units)
        keys, order = self._sorted
        wanted_time = times - k
        wanted = units * width + (wanted_time - low)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        found = (keys[place] == wanted) & (wanted_time >= low) & (wanted_time <= high)
        return np.where(found, values[order[place]], np.nan)

    def _key_order(self, keys: Codes, units: Codes) -> tuple[Codes, NDArray[np.intp]]:
        problems = []
        if (units < 0).any():
            problems.append(Problem(f"{int((units < 0).sum())} rows have no "
                                    f"{' or no '.join(self.unit)}"))
        names = [*self.unit, str(self.time)]
        twice = duplicates(self.frame, names)
        if twice.size:
            problems.append(Problem(f"{twice.size} rows repeat the keys {', '.join(names)}: "
                                    f"{key_text(self.frame, twice, names)}"))
        if problems:
            raise DataError(problems)
        order = np.argsort(keys, kind="stable")
        return keys[order], order


def numeric(column: pd.Series[Any]) -> NDArray[np.float64] | None:
    """Return a column of numbers or booleans as float64, (n,), missing as NaN; None for text."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        if not pd.api.types.is_numeric_dtype(kind.categories.dtype):
            return None
        return np.asarray(column.astype("float64"), dtype=np.float64)
    if pd.api.types.is_complex_dtype(kind):
        return None
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_numeric_dtype(kind):
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    return None
