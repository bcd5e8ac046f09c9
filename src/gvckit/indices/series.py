"""Rules for missing values inside a unit's own series.

Kernels take a :class:`Panel` with its columns (n, J), NaN for missing, and a limit in times; a row
sees only rows of its own unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Panel", "carry", "carry_back", "carry_forward", "interpolate", "interpolate_carry",
           "none", "panel_of", "zero", "zero_before"]

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


@dataclass(frozen=True, slots=True)
class _Gaps:
    """The missing cells, k of them, with the rows of the unit's values around each.

    ``before`` and ``after`` are rows where ``has_before`` and ``has_after`` say so, else nonsense.
    """

    rows: Codes
    columns: Codes
    before: Codes
    after: Codes
    has_before: NDArray[np.bool_]
    has_after: NDArray[np.bool_]


def _gaps(panel: Panel) -> _Gaps:
    n = len(panel.values)
    gone = np.isnan(panel.values).T.ravel()
    cells, there = np.flatnonzero(gone), np.flatnonzero(~gone)
    columns, rows = np.divmod(cells, max(n, 1))
    place = np.searchsorted(there, cells)
    # Cells in one long line, column after column: a neighbour counts inside the same unit.
    padded = np.concatenate([[-1], there, [len(gone)]])
    before, after = padded[place] - columns * n, padded[place + 1] - columns * n
    return _Gaps(rows, columns, before, after, before >= panel.starts[rows],
                 after < panel.stops[rows])


def _filled(panel: Panel, gaps: _Gaps, chosen: NDArray[np.bool_],
            values: NDArray[np.float64]) -> Matrix:
    out = panel.values.copy()
    out[gaps.rows[chosen], gaps.columns[chosen]] = values
    return out


def interpolate(panel: Panel, limit: int | None) -> Matrix:
    """Fill gaps between two values linearly in time; before the first and after the last none.

    ``limit``: a gap of more times than this stays open.
    """
    gaps = _gaps(panel)
    inside = np.flatnonzero(gaps.has_before & gaps.has_after)
    rows, columns = gaps.rows[inside], gaps.columns[inside]
    before, after = gaps.before[inside], gaps.after[inside]
    early, late = panel.times[before], panel.times[after]
    low, high = panel.values[before, columns], panel.values[after, columns]
    line = low + (high - low) * ((panel.times[rows] - early) / (late - early))
    chosen = np.zeros(len(gaps.rows), dtype=np.bool_)
    near = np.ones(len(inside), dtype=np.bool_) if limit is None else late - early - 1 <= limit
    chosen[inside[near]] = True
    return _filled(panel, gaps, chosen, line[near])


def carry_forward(panel: Panel, limit: int | None) -> Matrix:
    """Fill with the last value before, at most ``limit`` times later."""
    gaps = _gaps(panel)
    return _carried(panel, gaps, gaps.before, gaps.has_before, limit)


def carry_back(panel: Panel, limit: int | None) -> Matrix:
    """Fill with the first value after, at most ``limit`` times earlier."""
    gaps = _gaps(panel)
    return _carried(panel, gaps, gaps.after, gaps.has_after, limit)


def _carried(panel: Panel, gaps: _Gaps, source: Codes, found: NDArray[np.bool_],
             limit: int | None) -> Matrix:
    safe = np.where(found, source, 0)
    chosen = found if limit is None else found & (
        np.abs(panel.times[gaps.rows] - panel.times[safe]) <= limit)
    return _filled(panel, gaps, chosen, panel.values[safe[chosen], gaps.columns[chosen]])


def carry(panel: Panel, limit: int | None) -> Matrix:
    """Carry forward, then carry back what is left at the start."""
    return carry_back(replace(panel, values=carry_forward(panel, limit)), limit)


def interpolate_carry(panel: Panel, limit: int | None) -> Matrix:
    """Interpolate inside, and carry the first and last value outwards."""
    inside = replace(panel, values=interpolate(panel, limit))
    gaps = _gaps(inside)
    # Only the ends: a gap inside that was too long for the limit stays open.
    ends = np.where(gaps.has_before, gaps.before, gaps.after)
    return _carried(inside, gaps, ends, gaps.has_before ^ gaps.has_after, limit)


def zero(panel: Panel, limit: int | None) -> Matrix:
    """Put 0 wherever there is no value: what is not reported is not there."""
    return np.nan_to_num(panel.values, nan=0.0, posinf=np.inf, neginf=-np.inf)


def zero_before(panel: Panel, limit: int | None) -> Matrix:
    """Interpolate, and put 0 before the first value: the series begins where the thing does."""
    gaps = _gaps(panel)
    early = ~gaps.has_before & gaps.has_after
    inner = replace(panel, values=interpolate(panel, limit))
    return _filled(inner, gaps, early, np.zeros(int(early.sum())))
