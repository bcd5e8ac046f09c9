"""Random effects: feasible generalised least squares with unit effects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.codes import Codes
from gvckit.models.design import Design
from gvckit.models.inference import p_values
from gvckit.models.model import Model
from gvckit.models.panel_means import no_fixed_effects, no_weights, unit_means, unit_of
from gvckit.models.regression import regression
from gvckit.models.result import Fit, by_term
from gvckit.models.variance_components import Components, variance_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["components", "large_sample", "quasi_demeaned", "random_effects"]

NEGATIVE = ("the variance of the unit effects came out negative and is set to zero: "
            "pooled least squares")


def random_effects(design: Design, model: Model, name: str) -> Fit:
    """Return the random-effects fit: least squares on ``y_it − θ_i ȳ_i``, the constant included.

    ``θ_i = 1 − √(σ²_ν / (T_i σ²_μ + σ²_ν))``; statistics ``sigma_idiosyncratic``, ``sigma_unit``,
    ``rho`` (the share of σ²_μ) and ``theta_min``, ``theta_max``.  t statistics are compared with
    the normal distribution, as plm and Stata do.

    Raises
    ------
    ModelError
        Fixed effects or weights in the model; fewer than two units; collinear regressors only.
    """
    no_fixed_effects(model, name)
    no_weights(model, name)
    unit = unit_of(design, name, model.estimator)
    parts = components(design, unit, model)
    columns, theta = quasi_demeaned(design, parts)
    fit = regression(columns[:, 0], columns[:, 2:], columns[:, 1], design, model, name)
    total = parts.unit + parts.idiosyncratic
    stats = fit.stats | {
        "sigma_idiosyncratic": float(np.sqrt(parts.idiosyncratic)),
        "sigma_unit": float(np.sqrt(parts.unit)), "rho": parts.unit / total,
        "theta_min": float(theta.min()), "theta_max": float(theta.max())}
    warnings = fit.warnings
    if parts.negative:
        warnings = (*warnings, NEGATIVE)
    words = f"Random effects, variance components by {_named(_method(model))}."
    return large_sample(replace(fit, stats=stats, warnings=warnings,
                                convention=f"{words} {fit.convention}"))


def components(design: Design, unit: Codes, model: Model) -> Components:
    """Return the variance components of random effects, or of Mundlak's."""
    return variance_components(design.y, design.X, unit, _method(model))


def _method(model: Model) -> str:
    return model.method if model.estimator == "re" else "swamy-arora"


def quasi_demeaned(design: Design, parts: Components
                   ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return [y, constant, X] less θ_i of the unit means, shape (n, 2 + k), and θ (N,)."""
    unit = unit_of(design, "model", "re")
    count = np.bincount(unit.codes, minlength=unit.levels)
    theta = 1 - np.sqrt(parts.idiosyncratic / (count * parts.unit + parts.idiosyncratic))
    columns = np.column_stack([design.y, np.ones(design.n), design.X])
    mean = unit_means(columns, unit)
    return columns - (theta[:, None] * mean)[unit.codes], theta


def large_sample(fit: Fit) -> Fit:
    """Return ``fit`` with p values and intervals of the normal distribution."""
    before = f"t with {fit.se_kind['dof']} degrees of freedom."
    return replace(
        fit, p=by_term(fit.terms, p_values(np.asarray(fit.t), np.inf)),
        stats=fit.stats | {"dof": float("inf")},
        se_kind=fit.se_kind | {"dof": "normal"},
        convention=fit.convention.replace(before, "p values of the normal distribution."))


def _named(method: str) -> str:
    return " and ".join(part.capitalize() for part in method.split("-"))
