"""The rows that an estimator runs least squares, or 2SLS, on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gvckit.models.between import means
from gvckit.models.design import Design
from gvckit.models.first_difference import changes
from gvckit.models.model import Model
from gvckit.models.mundlak import with_means

__all__ = ["has_rows", "least_squares_rows"]

Rows = Callable[[Design, Model, str], Design]


def _same(design: Design, model: Model, name: str) -> Design:
    return design


ROWS: Mapping[tuple[str, str], Rows] = {
    ("ols", ""): _same,
    ("pooled", ""): _same,
    ("first-difference", ""): changes,
    ("between", ""): means,
    ("mundlak", "pooled"): with_means,
    ("2sls", ""): _same,
}
"""Estimator and method -> the design on which it is least squares or 2SLS.

Random effects are not: the share of the means taken out of the rows is estimated too.
"""


def has_rows(model: Model) -> bool:
    """Return whether the estimator is least squares or 2SLS on rows that need no estimate."""
    return (model.estimator, model.method) in ROWS


def least_squares_rows(design: Design, model: Model, name: str) -> tuple[Design, Model]:
    """Return the rows of ``model``, and the model of least squares or 2SLS on them.

    Raises
    ------
    ModelError
        What the estimator raises.
    """
    if not has_rows(model):
        return design, model
    rows = ROWS[model.estimator, model.method](design, model, name)
    estimator = "2sls" if model.instruments else "ols"
    return rows, replace(model, estimator=estimator, method="")
