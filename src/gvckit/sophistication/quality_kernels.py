"""Quality of exports out of prices and quantities (arrays in, arrays out)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["TOLERANCE", "demand_residual", "unit_value_outliers", "within_range"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLERANCE = 1e-12
MAX_ITERATIONS = 100_000


def demand_residual(
    quantity: Floats, price: Floats, sigma: Floats, effects: Sequence[Integers],
) -> tuple[Floats, bool]:
    """Return η of ln q + σ ln p = (fixed effects) + η, shape (n,), and whether it converged.

    Khandelwal, Schott & Wei (2013), equation 10: the price effect is moved to the left side with a
    known elasticity, so that no price enters the right side.  All inputs have shape (n,);
    ``effects`` are codes.
    """
    from pyfixest.core.demean import demean

    left = np.log(quantity) + sigma * np.log(price)
    left -= left.mean()
    codes = np.column_stack(list(effects)).astype(np.uint64)
    residual, converged = demean(np.asfortranarray(left[:, None]), codes, np.ones(len(left)),
                                 TOLERANCE, MAX_ITERATIONS)
    return np.asarray(residual, dtype=np.float64)[:, 0], bool(converged)


def unit_value_outliers(price: Floats, product: Integers, factor: float) -> NDArray[np.bool_]:
    """Return where the price is below median / factor or above median × factor of its product."""
    order = np.lexsort((price, product))
    counts = np.bincount(product)
    first = np.cumsum(counts) - counts
    ranked = price[order]
    low = ranked[np.minimum(first + (counts - 1) // 2, len(ranked) - 1)]
    high = ranked[np.minimum(first + counts // 2, len(ranked) - 1)]
    median = ((low + high) / 2.0)[product]
    outside: NDArray[np.bool_] = (price < median / factor) | (price > median * factor)
    return outside


def within_range(x: Floats, group: Integers) -> Floats:
    """Return (x − min) / (max − min) within each group, NaN where max = min."""
    groups = int(group.max()) + 1
    low, high = np.full(groups, np.inf), np.full(groups, -np.inf)
    np.minimum.at(low, group, x)
    np.maximum.at(high, group, x)
    spread = (high - low)[group]
    result: Floats = (x - low[group]) / np.where(spread > 0, spread, np.nan)
    return result
