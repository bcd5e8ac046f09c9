"""What the functions of the expression language compute, on arrays.

Values are (n,) float64 with NaN for missing; groups are (n,) codes from 0, -1 for no group.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class _Moments:
    """Count, sum and sum of squared deviations from the mean; each (groups,), (cells,) or (n,)."""

    count: Values
    total: Values
    squares: Values


def _moments(x: Values, groups: Codes) -> _Moments:
    """Return the moments of each group."""
    used, own, size = _counted(x, groups)
    means = _group_means(x, groups)
    return _Moments(np.bincount(own, minlength=size).astype(np.float64),
                    np.bincount(own, weights=x[used], minlength=size).astype(np.float64),
                    np.bincount(own, weights=(x - _spread(means, groups))[used] ** 2,
                                minlength=size).astype(np.float64))


def _rest(x: Values, groups: Codes, leave: Codes | None) -> _Moments:
    """Return, for each row, the moments of its group without the rows of its own ``leave``, (n,).

    The other cells are put together from both ends of a group, never by subtracting the own cell
    from the whole, so an own cell that dominates costs no digits.
    """
    if leave is None:
        whole = _moments(x, groups)
        return _Moments(*(_spread(m, groups) for m in (whole.count, whole.total, whole.squares)))
    inside = (groups >= 0) & (leave >= 0)
    width = int(leave.max(initial=-1)) + 1
    cells, cell_of = np.unique(np.where(inside, groups * width + leave, -1), return_inverse=True)
    outside = len(cells) > 0 and cells[0] < 0
    own = np.where(inside, cell_of - int(outside), -1).astype(np.int64)
    known = cells[int(outside):]
    others = _other_cells(_moments(np.where(inside, x, np.nan), own), known // max(width, 1))
    return _Moments(*(_spread(m, own) for m in (others.count, others.total, others.squares)))


def _other_cells(cells: _Moments, group_of: Codes) -> _Moments:
    """Return, for each cell, the moments of the other cells of its group; cells lie by group."""
    out = np.zeros((3, len(group_of)))
    # A group can end with cells that have no value, which the counts do not reach.
    rows = np.zeros((3, len(group_of)))
    for i, m in enumerate((cells.count, cells.total, cells.squares)):
        rows[i, :len(m)] = m
    cuts = np.flatnonzero(np.diff(group_of)) + 1
    for part in np.split(np.arange(len(group_of)), cuts):
        for order in (part, part[::-1]):
            sofar = (0.0, 0.0, 0.0)
            for cell in order.tolist():
                out[:, cell] = _together(tuple(out[:, cell].tolist()), sofar)
                sofar = _together(sofar, tuple(rows[:, cell].tolist()))
    return _Moments(out[0], out[1], out[2])


def _together(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, float, float]:
    """Return the moments of two sets together (Chan, Golub and LeVeque 1983, eq. 2.1)."""
    if a[0] == 0 or b[0] == 0:
        one = b if a[0] == 0 else a
        return one[0], one[1], one[2]
    apart = b[1] / b[0] - a[1] / a[0]
    return (a[0] + b[0], a[1] + b[1],
            a[2] + b[2] + apart * apart * a[0] * b[0] / (a[0] + b[0]))


def mean(x: Values, groups: Codes, leave: Codes | None = None) -> Values:
    """Return the mean of the group's values on each of its rows, (n,).

    ``leave``: the rows that share the row's own code are left out of its mean.
    """
    if leave is None:
        return _spread(_group_means(x, groups), groups)
    rest = _rest(x, groups, leave)
    return rest.total / np.where(rest.count > 0, rest.count, np.nan)


def sd(x: Values, groups: Codes, leave: Codes | None = None) -> Values:
    """Return the standard deviation (n - 1) of the group's values; missing below two values."""
    rest = _rest(x, groups, leave)
    return np.sqrt(rest.squares / np.where(rest.count > 1, rest.count - 1, np.nan))


def total(x: Values, groups: Codes, leave: Codes | None = None) -> Values:
    """Return the sum of the group's values; missing where there is none."""
    rest = _rest(x, groups, leave)
    return np.where(rest.count > 0, rest.total, np.nan)


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
