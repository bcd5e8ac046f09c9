"""The rows that the wild bootstrap of an estimator is drawn on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gvckit.errors import ModelError, Problem
from gvckit.models.between import means
from gvckit.models.design import Design
from gvckit.models.first_difference import changes
from gvckit.models.model import Model
from gvckit.models.mundlak import with_means
from gvckit.models.panel_means import unit_of
from gvckit.models.random_effects import components, quasi_demeaned
from gvckit.models.separation import without_separated

__all__ = ["bootstrap_rows", "has_rows", "holds_components"]

Rows = Callable[[Design, Model, str], Design]


def _same(design: Design, model: Model, name: str) -> Design:
    return design


def _partly_demeaned(design: Design, model: Model, name: str) -> Design:
    """Return the rows of random effects, on which least squares has a constant like any other.

    What is left of the constant is c = 1 − θ of the unit: least squares on c and x is weighted
    least squares of y/c on a constant and x/c with weights c².
    """
    unit = unit_of(design, name, model.estimator)
    columns, _ = quasi_demeaned(design, components(design, unit, model))
    left = columns[:, 1]
    if not left.min() > 0:
        raise ModelError(Problem("random effects leave nothing of the constant: the variance "
                                 "between units is all there is", f"model {name!r}"))
    return replace(design, y=columns[:, 0] / left, X=columns[:, 2:] / left[:, None],
                   weights=left**2)


def _beside_means(design: Design, model: Model, name: str) -> Design:
    return _partly_demeaned(with_means(design, model, name), model, name)


def _not_separated(design: Design, model: Model, name: str) -> Design:
    return without_separated(design, name)[0]


ROWS: Mapping[tuple[str, str], Rows] = {
    ("ols", ""): _same,
    ("pooled", ""): _same,
    ("first-difference", ""): changes,
    ("between", ""): means,
    ("mundlak", "pooled"): with_means,
    ("mundlak", "random"): _beside_means,
    ("2sls", ""): _same,
}
"""Estimator and method -> the design on which it is least squares or 2SLS."""

WITH_ANY_METHOD: Mapping[str, Rows] = {"re": _partly_demeaned, "ppml": _not_separated}
"""Estimators whose methods differ in variance components, or in where they stop."""

HOLDING = ("re", "mundlak")
"""Estimators whose rows rest on estimated variance components, but for ``{mundlak: pooled}``."""


def has_rows(model: Model) -> bool:
    """Return whether the estimator has a wild bootstrap."""
    return (model.estimator, model.method) in ROWS or model.estimator in WITH_ANY_METHOD


def holds_components(model: Model) -> bool:
    """Return whether draws hold variance components at their estimates."""
    return model.estimator in HOLDING and model.method != "pooled"


def bootstrap_rows(design: Design, model: Model, name: str) -> tuple[Design, Model]:
    """Return the rows of ``model``, and the model on them: least squares, 2SLS or Poisson.

    Raises
    ------
    ModelError
        What the estimator raises.
    """
    if not has_rows(model):
        return design, model
    rows = ROWS.get((model.estimator, model.method)) or WITH_ANY_METHOD[model.estimator]
    design = rows(design, model, name)
    if model.estimator == "ppml":
        return design, model
    estimator = "2sls" if model.instruments else "ols"
    return design, replace(model, estimator=estimator, method="")
