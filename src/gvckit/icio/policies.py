"""The named policies: what is done about each defect that a table may have.

A policy is a row of :data:`POLICIES`.  The validator reads the resolved choices; what a choice
changes is written to ``table.audit``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from gvckit.errors import Problem, unknown

__all__ = ["POLICIES", "Policy", "resolve"]


@dataclass(frozen=True, slots=True)
class Policy:
    """One defect, the choices that mend or refuse it, and the default.

    Attributes
    ----------
    name
        The key in ``policy={...}``.
    default
        The choice that holds where nothing is said.
    choices
        Each choice and what it does; empty for a number.
    defect
        What the policy is about.
    """

    name: str
    default: str | float
    choices: Mapping[str, str]
    defect: str


_ROWS = (
    Policy("output", "given", {
        "given": "X as given; row sums of Z and F where no X is given",
        "row-sums": "X is the row sum of Z and F",
    }, "which figure is gross output"),
    Policy("value_added", "residual", {
        "residual": "VA is X less column sums of Z: holds taxes less subsidies and margins",
        "given": "VA as given (residual where none is given)",
    }, "which figure is value added"),
    Policy("unbalanced", "error", {
        "error": "refused",
        "keep": "kept; identities are then only asked to close as well as the table does",
    }, "rows (or, with given value added, columns) that do not add up to output"),
    Policy("rounding", "zero", {
        "zero": "output set to 0; the remainder goes to the row's most negative final-demand cell",
        "error": "refused",
    }, "output from -rounding_unit to 0, or of last bits of sales that cancel"),
    Policy("rounding_unit", 0.0, {}, "the largest negative output that counts as rounding"),
    Policy("purchases_without_output", "final-use", {
        "final-use": "purchases moved to the country's last final-demand category",
        "keep": "kept; the row identity then fails by these purchases",
        "error": "refused",
    }, "an industry with no output that buys inputs"),
    Policy("sales_without_output", "own-value-added", {
        "own-value-added": "sales out of stock count as the industry's own value added",
        "error": "refused",
    }, "an industry with no output whose sales cancel against a fall in stocks"),
    Policy("negative_value_added", "keep", {"keep": "kept", "error": "refused"},
           "an industry whose purchases exceed its output"),
    Policy("negative_final_demand", "keep", {"keep": "kept", "error": "refused"},
           "negative final demand (a fall in inventories)"),
    Policy("negative_intermediate", "keep", {"keep": "kept", "error": "refused"},
           "negative intermediate sales"),
    Policy("split_countries", "merge", {
        "merge": "solved on the split table, reported as one country (CN1 and CN2 as CHN)",
        "error": "refused",
        "separate": "each part is a country of its own: flows between parts count as exports",
    }, "countries that come in parts (CN1, CN2; MX1, MX2)"),
    Policy("missing_values", "error", {
        "error": "refused",
        "zero": "missing cells of Z and F are zeros; X and VA may never be missing",
    }, "cells that are missing (NaN)"),
    Policy("permuted_labels", "error", {
        "error": "refused",
        "reorder": "labelled rows and columns brought into the declared order",
    }, "labels in another order than countries and sectors are declared"),
    Policy("duplicate_labels", "error", {
        "error": "refused",
        "sum": "rows and columns with the same label added together",
    }, "a country, sector or label that is given more than once"),
    Policy("missing_countries", "error", {
        "error": "refused",
        "zero": "filled with zeros: no output and no demand",
    }, "labels that lack a declared country, or one of its sectors"),
    Policy("unknown_countries", "error", {
        "error": "refused",
        "keep": "kept as the label of a region",
    }, "labels of a file that look like countries' codes and are none"),
    Policy("empty_countries", "error", {
        "error": "refused",
        "keep": "kept: no output, no purchases, no demand",
    }, "a country with nothing but zeros that missing_countries did not fill in"),
)

POLICIES: Mapping[str, Policy] = {row.name: row for row in _ROWS}
"""Policy by name."""


def resolve(
    policy: Mapping[str, object], defaults: Mapping[str, str | float] | None = None
) -> tuple[dict[str, str | float], list[Problem]]:
    """Return every policy's choice, and what is wrong with ``policy``.

    Parameters
    ----------
    policy
        Choices by policy name.
    defaults
        A source's own defaults, which stand where ``policy`` is silent.
    """
    chosen: dict[str, str | float] = {name: row.default for name, row in POLICIES.items()}
    chosen.update(defaults or {})
    problems: list[Problem] = []
    for name, choice in policy.items():
        row = POLICIES.get(name)
        if row is None:
            problems.append(unknown("policy", str(name), POLICIES))
        elif row.choices:
            if not isinstance(choice, str) or choice not in row.choices:
                problems.append(unknown(f"choice of policy {name}", str(choice), row.choices))
            else:
                chosen[name] = choice
        elif (isinstance(choice, bool) or not isinstance(choice, int | float)
              or not math.isfinite(choice) or choice < 0):
            problems.append(Problem(f"policy {name} is {choice!r}", allowed="a number >= 0"))
        else:
            chosen[name] = float(choice)
    return chosen, problems
