"""How much of an index's variance lies within units: what fixed effects leave of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Shares", "variance_shares"]

Vector = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the variance: between units, within them, and within net of common time."""

    between: float
    within: float
    within_net_of_time: float


def _means(x: Vector, codes: Codes) -> Vector:
    sums = np.bincount(codes, weights=x)
    counts = np.bincount(codes)
    return np.asarray((sums / np.maximum(counts, 1))[codes])


def variance_shares(x: Vector, units: Codes, times: Codes) -> Shares:
    """Return the shares of the variance of a column (n,), rows without a value left out.

    ``within`` is what unit effects leave, ``within_net_of_time`` what unit and time effects leave
    (alternating projections to 1e-12 of the variance).  A column that does not vary has NaN.
    """
    there = ~np.isnan(x)
    values = x[there] - (x[there].mean() if there.any() else 0.0)
    _, u = np.unique(units[there], return_inverse=True)
    _, t = np.unique(times[there], return_inverse=True)
    total = float(values @ values)
    if not total > 0 or np.ptp(x[there]) <= 1e-13 * np.abs(x[there]).max():
        return Shares(float("nan"), float("nan"), float("nan"))
    inner = values - _means(values, u)
    within = float(inner @ inner) / total
    net = inner
    for _ in range(10_000):
        new = net - _means(net, t)
        new = new - _means(new, u)
        moved = float(((new - net) ** 2).sum())
        net = new
        if moved <= 1e-24 * total:
            break
    return Shares(1.0 - within, within, float(net @ net) / total)
