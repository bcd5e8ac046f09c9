"""What the functions of the expression language compute, on arrays.

Values are (n,) float64 with NaN for missing; groups are (n,) codes from 0, -1 for no group.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["extreme", "first", "mean", "rank", "sd", "standardise", "total", "winsor"]

Values = NDArray[np.float64]
Codes = NDArray[np.int64]


def _counted(x: Values, groups: Codes) -> tuple[NDArray[np.bool_], Codes, int]:
    """Return which rows count (a value and a group), their groups, and the number of groups."""
    used = ~np.isnan(x) & (groups >= 0)
    return used, groups[used], int(groups.max(initial=-1)) + 1


def _spread(per_group: Values, groups: Codes) -> Values:
    """Return the group's value on each of its rows, NaN without a group, (n,)."""
    if not len(per_group):
        return np.full(len(groups), np.nan)
    return np.where(groups >= 0, per_group[np.maximum(groups, 0)], np.nan)


def _group_means(x: Values, groups: Codes) -> Values:
    """Return the mean of each group's values, NaN for a group without any, (groups,)."""
    used, own, size = _counted(x, groups)
    count = np.bincount(own, minlength=size)
    with np.errstate(invalid="ignore"):
        means: Values = np.bincount(own, weights=x[used], minlength=size) / np.where(
            count > 0, count, np.nan)
        # A second pass takes the rounding of the first out again.
        rest = np.bincount(own, weights=(x - _spread(means, groups))[used], minlength=size)
    return means + rest / np.where(count > 0, count, np.nan)


def _rest(x: Values, groups: Codes, leave: Codes | None) -> tuple[Values, Values, Values]:
    """Return, for each row, count, sum and sum of squares over its group (less its own ``leave``).

    Sums over the other cells are running sums from both ends of a group, never a difference of
    totals, so a dominant own cell costs no digits.
    """
    used, own, size = _counted(x, groups)
    moments = np.stack([np.ones(len(own)), x[used], x[used] ** 2])
    if leave is None:
        per_group = np.stack([np.bincount(own, weights=m, minlength=size) for m in moments])
        return (_spread(per_group[0], groups), _spread(per_group[1], groups),
                _spread(per_group[2], groups))
    inside = (groups >= 0) & (leave >= 0)
    width = int(leave.max(initial=-1)) + 1
    cells, cell_of = np.unique(np.where(inside, groups * width + leave, -1), return_inverse=True)
    per_cell = np.stack([np.bincount(cell_of[used], weights=m, minlength=len(cells))
                         for m in moments])
    others = np.full_like(per_cell, np.nan)
    cell_group = np.where(cells >= 0, cells // max(width, 1), -1)
    starts = np.flatnonzero(np.r_[True, np.diff(cell_group) != 0])
    for start, stop in zip(starts, np.r_[starts[1:], len(cells)], strict=True):
        if cell_group[start] < 0:
            continue  # rows without a group or without a key to leave out
        part = per_cell[:, start:stop]
        before, after = np.zeros_like(part), np.zeros_like(part)
        before[:, 1:] = np.cumsum(part[:, :-1], axis=1)
        after[:, :-1] = np.cumsum(part[:, :0:-1], axis=1)[:, ::-1]
        others[:, start:stop] = before + after
    count, first_moment, second = others[:, cell_of]
    return count, first_moment, second


def mean(x: Values, groups: Codes, leave: Codes | None = None) -> Values:
    """Return the mean of the group's values on each of its rows, (n,).

    ``leave``: the rows that share the row's own code are left out of its mean.
    """
    if leave is None:
        return _spread(_group_means(x, groups), groups)
    centre = _spread(_group_means(x, groups), groups)
    count, moment, _ = _rest(x - centre, groups, leave)
    return centre + moment / np.where(count > 0, count, np.nan)


def sd(x: Values, groups: Codes, leave: Codes | None = None) -> Values:
    """Return the standard deviation (n - 1) of the group's values; missing below two values."""
    count, moment, second = _rest(x - _spread(_group_means(x, groups), groups), groups, leave)
    enough = np.where(count > 1, count, np.nan)
    variance: Values = np.maximum(second - moment**2 / enough, 0.0) / (enough - 1)
    return np.sqrt(variance)


def total(x: Values, groups: Codes, leave: Codes | None = None) -> Values:
    """Return the sum of the group's values; missing where there is none."""
    count, moment, _ = _rest(x, groups, leave)
    return np.where(count > 0, moment, np.nan)


def extreme(x: Values, groups: Codes, *, largest: bool) -> Values:
    """Return the group's smallest or largest value."""
    used, own, size = _counted(x, groups)
    per_group = np.full(size, -np.inf if largest else np.inf)
    (np.maximum if largest else np.minimum).at(per_group, own, x[used])
    return _spread(np.where(np.isinf(per_group), np.nan, per_group), groups)


def first(x: Values, groups: Codes, times: Codes) -> tuple[Values, Codes]:
    """Return the group's value at its first time that has one, and the groups with several such.

    Several equal values at the first time are one value.
    """
    used, own, size = _counted(x, groups)
    start = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(start, own, times[used])
    at_start = used & (times == start[np.maximum(groups, 0)]) if size else used
    low = extreme(np.where(at_start, x, np.nan), groups, largest=False)
    high = extreme(np.where(at_start, x, np.nan), groups, largest=True)
    return low, np.unique(groups[low < high])


def rank(x: Values, groups: Codes) -> Values:
    """Return the rank of each value in its group from 1 (smallest), ties at their average."""
    out = np.full(len(x), np.nan)
    for rows in _members(x, groups):
        values = x[rows]
        _, place, count = np.unique(values, return_inverse=True, return_counts=True)
        last = np.cumsum(count)
        out[rows] = (last - (count - 1) / 2.0)[place]
    return out


def winsor(x: Values, groups: Codes, p: float) -> Values:
    """Return the values with both tails set to the group's quantiles ``p`` and ``1 - p``.

    Quantiles interpolate linearly between order statistics (type 7 of Hyndman and Fan 1996).
    """
    out = np.full(len(x), np.nan)
    for rows in _members(x, groups):
        low, high = np.quantile(x[rows], [p, 1.0 - p], method="linear")
        out[rows] = np.clip(x[rows], low, high)
    return out


def standardise(x: Values, groups: Codes) -> Values:
    """Return the values less the group's mean over its sd (n - 1); missing where the sd is 0."""
    deviation = x - mean(x, groups)
    spread = sd(x, groups)
    # A constant group leaves rounding dust, which is not a spread.
    scale = extreme(np.abs(x), groups, largest=True)
    return deviation / np.where(spread > 1e-14 * scale, spread, np.nan)


def _members(x: Values, groups: Codes) -> list[NDArray[np.intp]]:
    """Return the rows with a value of each group, in order of the groups."""
    rows = np.flatnonzero(~np.isnan(x) & (groups >= 0))
    order = rows[np.argsort(groups[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(groups[order])) + 1
    return [part for part in np.split(order, cuts) if part.size]
