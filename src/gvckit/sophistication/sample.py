"""The countries that PRODY and EXPY are taken over: exports and income, balanced or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing
from gvckit.sophistication import prody_kernels as kernels
from gvckit.sophistication.flows import check_choices
from gvckit.sophistication.keyed import by_country
from gvckit.sophistication.value_added import Adjusted

__all__ = ["Income", "Sample", "average", "levels_by_period", "sample"]

Floats = NDArray[np.float64]
Income = pd.DataFrame | pd.Series | Mapping[Any, float]


@dataclass(frozen=True, slots=True)
class Sample:
    """Which countries count in which period.

    Attributes
    ----------
    exports
        Exports as the value-added adjustment has them.
    income
        Shape (C, T).
    used
        Shape (C, T): the country has exports and income, in every period where balanced.
    notes
        What was left out and why, for the result's ``attrs``.
    """

    exports: Adjusted
    income: Floats
    used: NDArray[np.bool_]
    notes: dict[str, Any]


def sample(
    exports: Adjusted, income: Income | None, *, balanced: bool, missing: str,
) -> Sample:
    """Return the sample; without ``income`` every country that exports.

    Raises
    ------
    DataError
        With ``missing="error"`` where a country that exports has no income; where income is not
        positive; where no country is left in a period.
    """
    check_choices(missing=(missing, ("drop", "error")))
    flows = exports.weights
    has = np.column_stack([
        (exports.weights.matrix(t).sum(axis=1) > 0) & (exports.shares.matrix(t).sum(axis=1) > 0)
        for t in range(flows.periods)])
    if income is None:
        level = np.full(has.shape, np.nan)
        known = np.ones_like(has)
    else:
        level = by_country(flows, income, "income")
        known = ~np.isnan(level)
    problems = []
    names = flows.countries.astype(str)
    bad: NDArray[np.bool_] = np.asarray((level <= 0).any(axis=1))
    if bad.any():
        problems.append(Problem(f"income is not positive: {listing(names[bad])}"))
    without: NDArray[np.bool_] = np.asarray((has & ~known).any(axis=1))
    if missing == "error" and without.any():
        problems.append(Problem(
            f"{without.sum()} countries have exports but no income: {listing(names[without])}",
            allowed="income for each, or missing='drop'"))
    used = has & known
    if balanced:
        used &= used.all(axis=1, keepdims=True)
    empty = [flows.period_name(t) for t in np.flatnonzero(~used.any(axis=0)).tolist()]
    if empty and not problems:
        problems.append(Problem(
            "no country has both exports and income"
            + (f" in {listing(empty)}" if flows.times is not None else "")
            + (" in every period" if balanced and flows.periods > 1 else ""),
            allowed="the same country codes in exports and income"))
    if problems:
        raise DataError(problems)
    ever: NDArray[np.bool_] = np.asarray(used.any(axis=1))
    idle: NDArray[np.bool_] = np.asarray(~has.all(axis=1))
    notes = {
        "countries": list(flows.countries[ever]),
        "dropped": {
            "no income": list(flows.countries[without]),
            "no exports": list(flows.countries[idle]),
        },
        "balanced": balanced,
    }
    return Sample(exports, level, used, notes)



def levels_by_period(chosen: Sample) -> tuple[Floats, float]:
    """Return PRODY, shape (T, P), NaN where nobody exports, and the largest |Σ_c w_ci − 1|."""
    flows = chosen.exports.weights
    levels = np.full((flows.periods, flows.shape[1]), np.nan)
    deviation = 0.0
    for t, x in flows.matrices():
        used = chosen.used[:, t]
        weights = kernels.prody_weights(x[used])
        levels[t] = chosen.income[used, t] @ weights
        sums = weights.sum(axis=0)
        deviation = max(deviation, float(np.nanmax(np.abs(sums - 1.0), initial=0.0)))
    return levels, deviation


def average(levels: Floats) -> Floats:
    """Return the mean over periods, shape (P,), of the periods in which a product has a PRODY."""
    known = ~np.isnan(levels)
    count = known.sum(axis=0)
    result: Floats = np.where(known, levels, 0.0).sum(axis=0) / np.where(count > 0, count, np.nan)
    return result
