"""First-difference estimator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.design import Design
from gvckit.models.model import Model
from gvckit.models.ols import ols
from gvckit.models.panel_means import no_weights, unit_of
from gvckit.models.result import Fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["changes", "consecutive", "first_difference"]


def first_difference(design: Design, model: Model, name: str) -> Fit:
    """Return the least-squares fit of the changes from one period to the next.

    Rows whose previous period is missing leave.  Without fixed effects there is an intercept, a
    common trend in levels (as plm); fixed effects are those of the changes.

    Raises
    ------
    ModelError
        No time key; weights; two rows of a unit in a period; no two consecutive periods.
    """
    fit = ols(changes(design, model, name), model, name)
    return replace(fit, convention=f"First differences: {fit.n} changes. {fit.convention}")


def changes(design: Design, model: Model, name: str) -> Design:
    """Return the design of the changes from one period to the next.

    Raises
    ------
    ModelError
        As :func:`first_difference`.
    """
    no_weights(model, name)
    later, earlier = consecutive(design, name)
    rows = dict(design.rows)
    del rows["used"]
    return replace(
        design, y=design.y[later] - design.y[earlier], X=design.X[later] - design.X[earlier],
        effects=tuple(e.take(later) for e in design.effects),
        clusters=tuple(c.take(later) for c in design.clusters),
        rows=rows | {"without a previous period": design.n - len(later), "used": len(later)},
        positions=design.positions[later],
        unit=None if design.unit is None else design.unit.take(later),
        period=None if design.period is None else design.period[later],
        columns={key: values[later] for key, values in design.columns.items()})


def consecutive(design: Design, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of rows and of the same units' rows one period before.

    Raises
    ------
    ModelError
        No time key; two rows of a unit in a period; no consecutive periods.
    """
    unit = unit_of(design, name, "first-difference")
    where = f"model {name!r}"
    if design.period is None:
        raise ModelError(Problem("first differences need a time key", where))
    order = np.lexsort([design.period, unit.codes])
    same = unit.codes[order][1:] == unit.codes[order][:-1]
    gap = np.diff(design.period[order])
    if bool(np.any(same & (gap == 0))):
        raise ModelError(Problem("first differences need one row a unit and period: some units "
                                 "have two rows in one period", where))
    found = np.flatnonzero(same & (gap == 1))
    if len(found) == 0:
        raise ModelError(Problem("first differences: no unit has two consecutive periods", where))
    return order[found + 1].astype(np.int64), order[found].astype(np.int64)
