"""The rules for missing values by name, and chains of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gvckit.indices import crosswise, series
from gvckit.indices.series import Panel, panel_of

__all__ = ["RULES", "Rule", "fill", "fill_columns"]

Matrix = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for missing values.

    Attributes
    ----------
    kernel
        ``(panel, limit)`` → filled columns (n, J).
    needs_time
        Whether it is about a unit's own times.
    jointly
        Whether it fills a column from the other columns.
    words
        What it does.
    """

    kernel: Callable[[Panel, int | None], Matrix]
    needs_time: bool
    jointly: bool
    words: str


RULES: dict[str, Rule] = {
    "none": Rule(series.none, False, False, "not filled"),
    "interpolate": Rule(series.interpolate, True, False, "linear between two values of the unit"),
    "carry-forward": Rule(series.carry_forward, True, False, "the unit's last value"),
    "carry-back": Rule(series.carry_back, True, False, "the unit's next value"),
    "carry": Rule(series.carry, True, False, "the unit's last value, at the start its first"),
    "interpolate-carry": Rule(series.interpolate_carry, True, False,
                              "linear between two values, the ends carried outwards"),
    "zero-before": Rule(series.zero_before, True, False, "linear inside, 0 before the first"),
    "zero": Rule(series.zero, False, False, "0 wherever there is none"),
    "unit-mean": Rule(crosswise.unit_mean, False, False, "the unit's own mean"),
    "mean": Rule(crosswise.time_mean, False, False, "the mean of the same time"),
    "median": Rule(crosswise.time_median, False, False, "the median of the same time"),
    "group-mean": Rule(crosswise.group_mean, False, False, "the mean of the group and time"),
    "group-median": Rule(crosswise.group_median, False, False, "the median of the group and time"),
    "regression": Rule(crosswise.regression, False, True,
                       "least squares on the indicators that the row has"),
    "em": Rule(crosswise.em, False, True, "conditional mean of a joint normal (EM)"),
}


def fill_columns(panel: Panel, rules: Sequence[Sequence[str]], limit: int | None) -> Matrix:
    """Return the columns filled, each by its own chain of rules, in order.

    Parameters
    ----------
    panel
        (n, J) columns.
    rules
        For each column the names of the rules to apply one after another.
    limit
        Longest gap that rules in time fill; None: any.
    """
    values = panel.values
    for step in range(max((len(r) for r in rules), default=0)):
        names = [chain[step] if step < len(chain) else "none" for chain in rules]
        current = replace(panel, values=values)
        out = values.copy()
        for name in dict.fromkeys(names):
            if name == "none":
                continue
            rule, own = RULES[name], np.array([n == name for n in names])
            part = current if rule.jointly else replace(current, values=values[:, own])
            if np.isnan(part.values).any():
                done = rule.kernel(part, limit)
                out[:, own] = done[:, own] if rule.jointly else done
        values = out
    return values


def fill(values: NDArray[np.float64], units: Codes, times: Codes, rule: str,
         limit: int | None = None) -> NDArray[np.float64]:
    """Return one column (n,), sorted by unit and time, with the rule applied to each unit."""
    return fill_columns(panel_of(values[:, None], units, times), [[rule]], limit)[:, 0]
