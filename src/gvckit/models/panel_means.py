"""Means over the rows of a unit, and designs made of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes
from gvckit.models.design import Design
from gvckit.models.fixed_effects import refines
from gvckit.models.model import Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["no_fixed_effects", "no_weights", "one_row_a_unit", "unit_means", "unit_of"]


def unit_of(design: Design, name: str, estimator: str) -> Codes:
    """Return the unit of each row.

    Raises
    ------
    ModelError
        No unit key, or fewer than two units.
    """
    if design.unit is None or design.unit.levels < 2:
        raise ModelError(Problem(f"estimator {estimator!r} needs two units or more",
                                 f"model {name!r}"))
    return design.unit


def unit_means(columns: NDArray[np.float64], unit: Codes) -> NDArray[np.float64]:
    """Return the mean, shape (N, m), of ``columns`` (n, m) over the rows of each unit."""
    count = np.bincount(unit.codes, minlength=unit.levels)
    sums = np.zeros((unit.levels, columns.shape[1]))
    np.add.at(sums, unit.codes, columns)
    return np.asarray(sums / count[:, None], dtype=np.float64)


def one_row_a_unit(design: Design, name: str, why: str) -> Design:
    """Return the design of the means over the rows of each unit.

    Raises
    ------
    ModelError
        A clustering variable that changes inside a unit.
    """
    unit = unit_of(design, name, "between")
    first = np.unique(unit.codes, return_index=True)[1].astype(np.int64)
    problems = [Problem(f"clustering variable {c.name!r} changes inside units", f"model {name!r}")
                for c in design.clusters if not refines(unit, c)]
    if problems:
        raise ModelError(problems)
    rows = dict(design.rows)
    del rows["used"]
    means = unit_means(np.column_stack([design.y, design.X, *design.columns.values()]), unit)
    k = design.X.shape[1]
    return replace(
        design, y=means[:, 0], X=means[:, 1:k + 1],
        clusters=tuple(c.take(first) for c in design.clusters),
        rows=rows | {why: design.n - unit.levels, "used": unit.levels},
        positions=design.positions[first], unit=unit.take(first), period=None,
        columns={key: means[:, k + 1 + i] for i, key in enumerate(design.columns)})


def no_fixed_effects(model: Model, name: str) -> None:
    """Raise a ModelError where the model names fixed effects."""
    if model.fe:
        raise ModelError(Problem(
            f"estimator {model.estimator!r} takes no fixed effects, not {', '.join(model.fe)}",
            f"model {name!r}", allowed="dummies among the controls"))


def no_weights(model: Model, name: str) -> None:
    """Raise a ModelError where the model names weights."""
    if model.weights:
        raise ModelError(Problem(f"estimator {model.estimator!r} takes no weights, "
                                 f"not {model.weights!r}", f"model {name!r}"))
