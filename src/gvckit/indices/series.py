"""Rules for missing values inside a unit's own series.

Kernels take a :class:`Panel` with its columns (n, J), NaN for missing, and a limit in times; a row
sees only rows of its own unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Panel", "carry", "carry_back", "carry_forward", "interpolate", "interpolate_carry",
           "none", "panel_of", "zero_before"]

Matrix = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Panel:
    """Columns of a panel, sorted by unit, then time.

    Attributes
    ----------
    values
        (n, J), NaN for missing.
    times
        (n,) whole numbers, increasing within a unit.
    starts, stops
        (n,) first row of each row's unit, and the row after its last.
    groups
        (n,) codes of the groups for means of groups; all 0 where none are declared.
    """

    values: Matrix
    times: Codes
    starts: Codes
    stops: Codes
    groups: Codes


def panel_of(values: Matrix, units: Codes, times: Codes, groups: Codes | None = None) -> Panel:
    """Return the panel of columns (n, J) with unit codes (n,), not decreasing, and times (n,)."""
    n = len(values)
    first = np.r_[True, units[1:] != units[:-1]] if n else np.zeros(0, dtype=bool)
    heads = np.flatnonzero(first)
    which = np.cumsum(first) - 1
    ends = np.r_[heads[1:], n]
    starts, stops = (heads[which], ends[which]) if n else (heads, heads)
    return Panel(values, times, starts.astype(np.int64), stops.astype(np.int64),
                 np.zeros(n, dtype=np.int64) if groups is None else groups)


def none(panel: Panel, limit: int | None) -> Matrix:
    """Return the values as they are."""
    return panel.values


def _last(panel: Panel) -> tuple[Codes, NDArray[np.bool_]]:
    """Return the row of the last value up to each cell, (n, J), and whether there is one."""
    n = len(panel.values)
    rows = np.where(np.isnan(panel.values), -1, np.arange(n)[:, None])
    last = np.maximum.accumulate(rows, axis=0)
    return last, last >= panel.starts[:, None]


def _next(panel: Panel) -> tuple[Codes, NDArray[np.bool_]]:
    """Return the row of the first value from each cell on, (n, J), and whether there is one."""
    n = len(panel.values)
    rows = np.where(np.isnan(panel.values), n, np.arange(n)[:, None])
    after = np.minimum.accumulate(rows[::-1], axis=0)[::-1]
    return after, after < panel.stops[:, None]


def _take(panel: Panel, rows: Codes) -> Matrix:
    safe = np.clip(rows, 0, max(len(panel.values) - 1, 0))
    taken: Matrix = np.take_along_axis(panel.values, safe, axis=0)
    return taken


def _times(panel: Panel, rows: Codes) -> Codes:
    taken: Codes = panel.times[np.clip(rows, 0, max(len(panel.values) - 1, 0))]
    return taken


def interpolate(panel: Panel, limit: int | None) -> Matrix:
    """Fill gaps between two values linearly in time; before the first and after the last none.

    ``limit``: a gap of more times than this stays open.
    """
    there = ~np.isnan(panel.values)
    before, has_before = _last(panel)
    after, has_after = _next(panel)
    early, late = _times(panel, before), _times(panel, after)
    inside = ~there & has_before & has_after
    if limit is not None:
        inside &= late - early - 1 <= limit
    share = (panel.times[:, None] - early) / np.where(inside, late - early, 1)
    low = _take(panel, before)
    line = low + (_take(panel, after) - low) * share
    return np.where(inside, line, panel.values)


def carry_forward(panel: Panel, limit: int | None) -> Matrix:
    """Fill with the last value before, at most ``limit`` times later."""
    last, found = _last(panel)
    if limit is not None:
        found = found & (panel.times[:, None] - _times(panel, last) <= limit)
    return np.where(found, _take(panel, last), np.nan)


def carry_back(panel: Panel, limit: int | None) -> Matrix:
    """Fill with the first value after, at most ``limit`` times earlier."""
    after, found = _next(panel)
    if limit is not None:
        found = found & (_times(panel, after) - panel.times[:, None] <= limit)
    return np.where(found, _take(panel, after), np.nan)


def carry(panel: Panel, limit: int | None) -> Matrix:
    """Carry forward, then carry back what is left at the start."""
    return carry_back(replace(panel, values=carry_forward(panel, limit)), limit)


def interpolate_carry(panel: Panel, limit: int | None) -> Matrix:
    """Interpolate inside, and carry the first and last value outwards."""
    inside = replace(panel, values=interpolate(panel, limit))
    # Only the ends: a gap inside that was too long for the limit stays open.
    ends = ~_last(inside)[1] | ~_next(inside)[1]
    return np.where(ends, carry(inside, limit), inside.values)


def zero_before(panel: Panel, limit: int | None) -> Matrix:
    """Interpolate, and put 0 before the first value: the series begins where the thing does."""
    begun, later = _last(panel)[1], _next(panel)[1]
    return np.where(~begun & later, 0.0, interpolate(panel, limit))
