"""Rules for missing values inside a unit's own series.

Kernels take the times (t,) of one unit, increasing, and its values (t,) with NaN for missing.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["RULES", "carry_back", "carry_forward", "fill", "interpolate", "zero_before"]

Values = NDArray[np.float64]
Times = NDArray[np.int64]


def none(times: Times, values: Values, limit: int | None) -> Values:
    """Return the values as they are."""
    return values


def interpolate(times: Times, values: Values, limit: int | None) -> Values:
    """Fill gaps between two values linearly in time; before the first and after the last none.

    ``limit``: a gap of more times than this stays open.
    """
    there = ~np.isnan(values)
    if there.sum() < 2:
        return values
    filled = np.interp(times, times[there], values[there], left=np.nan, right=np.nan)
    if limit is not None:
        before, after = _neighbours(times, there)
        filled = np.where(after - before - 1 > limit, np.nan, filled)
    return np.where(there, values, filled)


def carry_forward(times: Times, values: Values, limit: int | None) -> Values:
    """Fill with the last value before, at most ``limit`` times later."""
    there = ~np.isnan(values)
    last = np.maximum.accumulate(np.where(there, np.arange(len(values)), -1))
    found = last >= 0
    if limit is not None:
        found &= times - times[np.maximum(last, 0)] <= limit
    return np.where(found, values[np.maximum(last, 0)], np.nan)


def carry_back(times: Times, values: Values, limit: int | None) -> Values:
    """Fill with the first value after, at most ``limit`` times earlier."""
    return carry_forward(-times[::-1], values[::-1], limit)[::-1]


def carry(times: Times, values: Values, limit: int | None) -> Values:
    """Carry forward, then carry back what is left at the start."""
    return carry_back(times, carry_forward(times, values, limit), limit)


def zero_before(times: Times, values: Values, limit: int | None) -> Values:
    """Interpolate, and put 0 before the first value: the series begins where the thing does."""
    there = ~np.isnan(values)
    if not there.any():
        return values
    filled = interpolate(times, values, limit)
    return np.where(times < times[there][0], 0.0, filled)


def _neighbours(times: Times, there: NDArray[np.bool_]) -> tuple[Values, Values]:
    """Return the time of the last value before and of the first after each time, NaN for none."""
    stamped = np.where(there, times.astype(np.float64), np.nan)
    return (carry_forward(times, stamped, None), carry_back(times, stamped, None))


RULES: dict[str, Callable[[Times, Values, int | None], Values]] = {
    "none": none,
    "interpolate": interpolate,
    "carry-forward": carry_forward,
    "carry-back": carry_back,
    "carry": carry,
    "zero-before": zero_before,
}


def fill(values: Values, units: NDArray[np.int64], times: Times, rule: str,
         limit: int | None = None) -> Values:
    """Return a column with the rule applied to each unit.

    Parameters
    ----------
    values
        (n,), sorted by unit, then time.
    units
        (n,) codes of the units, not decreasing.
    times
        (n,) whole numbers, increasing within a unit.
    rule
        A name in :data:`RULES`.
    limit
        Longest gap that is filled, in times; None: any.
    """
    if not len(values):
        return values.copy()
    out = np.empty_like(values)
    cuts = np.r_[0, np.flatnonzero(np.diff(units)) + 1, len(values)]
    for start, stop in pairwise(cuts.tolist()):
        part = slice(start, stop)
        out[part] = RULES[rule](times[part], values[part], limit)
    return out
