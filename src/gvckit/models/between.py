"""Between estimator: least squares on the means of the units."""

from __future__ import annotations

from dataclasses import replace

from gvckit.models.design import Design
from gvckit.models.model import Model
from gvckit.models.ols import ols
from gvckit.models.panel_means import no_fixed_effects, no_weights, one_row_a_unit
from gvckit.models.result import Fit

__all__ = ["between", "means"]


def between(design: Design, model: Model, name: str) -> Fit:
    """Return the least-squares fit of the unit means, one row a unit, with an intercept.

    Raises
    ------
    ModelError
        Fixed effects or weights in the model; clusters that change inside a unit.
    """
    fit = ols(means(design, model, name), model, name)
    return replace(fit, convention=f"Between estimator: means of {fit.n} units. {fit.convention}")


def means(design: Design, model: Model, name: str) -> Design:
    """Return the design of the unit means.

    Raises
    ------
    ModelError
        As :func:`between`.
    """
    no_fixed_effects(model, name)
    no_weights(model, name)
    return one_row_a_unit(design, name, "averaged into units")
