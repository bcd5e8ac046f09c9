"""Rules for missing values that look at other units or other indicators.

Kernels take a :class:`~gvckit.indices.series.Panel` and return (n, J); what cannot be filled (a
group without a value, too few complete rows) stays NaN.  The limit in times is not used.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gvckit.indices.series import Panel

__all__ = ["em", "group_mean", "group_median", "regression", "time_mean", "time_median",
           "unit_mean"]

Matrix = NDArray[np.float64]
Codes = NDArray[np.int64]


def _mean(part: Matrix) -> Matrix:
    count = (~np.isnan(part)).sum(axis=0)
    mean: Matrix = np.nansum(part, axis=0) / np.where(count > 0, count, np.nan)
    return mean


def _median(part: Matrix) -> Matrix:
    with warnings.catch_warnings():
        # A group without a value: NaN is what is wanted.
        warnings.simplefilter("ignore", RuntimeWarning)
        median: Matrix = np.nanmedian(part, axis=0)
    return median


def _by(values: Matrix, codes: Codes, statistic: Callable[[Matrix], Matrix]) -> Matrix:
    out = values.copy()
    for code in np.unique(codes):
        own = codes == code
        part = values[own]
        if np.isnan(part).any():
            out[own] = np.where(np.isnan(part), statistic(part), part)
    return out


def _group_and_time(panel: Panel) -> Codes:
    _, times = np.unique(panel.times, return_inverse=True)
    codes: Codes = panel.groups * (times.max(initial=0) + 1) + times
    return codes


def unit_mean(panel: Panel, limit: int | None) -> Matrix:
    """Fill with the unit's mean over its own times."""
    return _by(panel.values, panel.starts, _mean)


def time_mean(panel: Panel, limit: int | None) -> Matrix:
    """Fill with the mean over all units of the same time."""
    return _by(panel.values, panel.times, _mean)


def time_median(panel: Panel, limit: int | None) -> Matrix:
    """Fill with the median over all units of the same time."""
    return _by(panel.values, panel.times, _median)


def group_mean(panel: Panel, limit: int | None) -> Matrix:
    """Fill with the mean over the row's group in the same time."""
    return _by(panel.values, _group_and_time(panel), _mean)


def group_median(panel: Panel, limit: int | None) -> Matrix:
    """Fill with the median over the row's group in the same time."""
    return _by(panel.values, _group_and_time(panel), _median)


def _missing(X: Matrix) -> NDArray[np.bool_]:
    gone: NDArray[np.bool_] = np.isnan(X)
    return gone


def _patterns(gone: NDArray[np.bool_]) -> list[tuple[NDArray[np.bool_], NDArray[np.intp]]]:
    """Return each pattern of missing columns with its rows, patterns without a gap left out."""
    shapes, which = np.unique(gone, axis=0, return_inverse=True)
    return [(shape, np.flatnonzero(which.ravel() == k)) for k, shape in enumerate(shapes)
            if shape.any()]


def regression(panel: Panel, limit: int | None) -> Matrix:
    """Fill by least squares of the indicator on the indicators that the row has.

    One regression with a constant for each pattern of missing indicators, over the rows that have
    both sides; fewer rows than coefficients + 1, or a row without any indicator, stays missing.
    """
    X = panel.values
    gone = _missing(X)
    out = X.copy()
    for shape, rows in _patterns(gone):
        if shape.all():
            continue
        basis = np.flatnonzero(~shape)
        for j in np.flatnonzero(shape):
            fit = np.flatnonzero(~gone[:, basis].any(axis=1) & ~gone[:, j])
            if len(fit) < len(basis) + 2:
                continue
            middle = X[fit][:, basis].mean(axis=0)
            size = X[fit][:, basis].std(axis=0)
            size = np.where(size > 0, size, 1.0)
            design = np.c_[np.ones(len(fit)), (X[fit][:, basis] - middle) / size]
            beta = np.linalg.lstsq(design, X[fit, j], rcond=1e-12)[0]
            here = (X[np.ix_(rows, basis)] - middle) / size
            out[rows, j] = beta[0] + here @ beta[1:]
    return out


def em(panel: Panel, limit: int | None, *, most: int = 500, close: float = 1e-8) -> Matrix:
    """Fill with the conditional mean of a joint normal whose moments are found by EM.

    Dempster, Laird and Rubin (1977), Little and Rubin (2019, 11.2), on standardised columns; until
    no mean or covariance changes by more than ``close``, ``most`` rounds at most.  Rows without any
    indicator stay missing; so does everything where a column has fewer than 2 values.
    """
    X = panel.values
    gone = _missing(X)
    kept: NDArray[np.bool_] = np.asarray(~gone.all(axis=1), dtype=np.bool_)
    count = (~gone).sum(axis=0)
    if not len(count) or count.min() < 2:
        return X
    middle = np.nansum(X, axis=0) / count
    size = np.sqrt(np.nansum((X - middle) ** 2, axis=0) / count)
    size = np.where(size > 0, size, 1.0)
    Y = np.where(gone, 0.0, (X - middle) / size)
    patterns = _patterns(gone & kept[:, None])
    mean, cov = np.zeros(X.shape[1]), np.eye(X.shape[1])
    for _ in range(most):
        slack = np.zeros_like(cov)
        for shape, rows in patterns:
            have = ~shape
            gain = np.linalg.pinv(cov[np.ix_(have, have)], rcond=1e-10, hermitian=True)
            gain = cov[np.ix_(shape, have)] @ gain
            Y[np.ix_(rows, shape)] = mean[shape] + (Y[np.ix_(rows, have)] - mean[have]) @ gain.T
            rest = cov[np.ix_(shape, shape)] - gain @ cov[np.ix_(have, shape)]
            slack[np.ix_(shape, shape)] += len(rows) * rest
        new = Y[kept].mean(axis=0)
        apart = Y[kept] - new
        moments = (apart.T @ apart + slack) / int(kept.sum())
        moved = max(np.abs(new - mean).max(), np.abs(moments - cov).max())
        mean, cov = new, moments
        if moved < close:
            break
    return np.where(gone & kept[:, None], middle + size * Y, X)
