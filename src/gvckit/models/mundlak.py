"""Correlated random effects (Mundlak 1978): unit means of the regressors as further regressors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import chi2

from gvckit.models.design import Design
from gvckit.models.kclass import regular
from gvckit.models.model import Model
from gvckit.models.panel_means import no_fixed_effects, no_weights, unit_means, unit_of
from gvckit.models.pooled import pooled
from gvckit.models.random_effects import random_effects
from gvckit.models.result import Fit

__all__ = ["mundlak", "with_means"]

CONSTANT = 1e-9


def mundlak(design: Design, model: Model, name: str) -> Fit:
    """Return the fit with the unit means of all regressors that vary inside units.

    By random effects (Swamy and Arora; the default) or pooled least squares (``{mundlak:
    pooled}``); in balanced panels the slopes are the within slopes.  ``mundlak_chi2``, its
    ``_df`` and ``_p`` test that all means have coefficient zero (random effects are consistent),
    with the model's kind of standard errors.

    Raises
    ------
    ModelError
        Fixed effects or weights in the model; what the two estimators raise.
    """
    wider = with_means(design, model, name)
    names = wider.terms[len(design.terms):]
    estimator = random_effects if model.method == "random" else pooled
    fit = estimator(wider, model, name)
    tested = [term for term in names if term in fit.terms]
    words = f"Correlated random effects with {len(tested)} unit means."
    fit = replace(fit, convention=f"{words} {fit.convention}")
    if not tested:
        return fit
    b = fit.coef[tested].to_numpy()
    V = fit.vcov.loc[tested, tested].to_numpy()
    if not regular(V):
        return fit
    statistic = float(b @ np.linalg.solve(V, b))
    return replace(fit, stats=fit.stats | {
        "mundlak_chi2": statistic, "mundlak_df": float(len(tested)),
        "mundlak_p": float(chi2.sf(statistic, len(tested)))})


def with_means(design: Design, model: Model, name: str) -> Design:
    """Return the design with the unit means of all regressors that vary inside units.

    Raises
    ------
    ModelError
        Fixed effects or weights in the model.
    """
    no_fixed_effects(model, name)
    no_weights(model, name)
    unit = unit_of(design, name, model.estimator)
    means = unit_means(design.X, unit)[unit.codes]
    left = np.linalg.norm(design.X - means, axis=0)
    total = np.linalg.norm(design.X - design.X.mean(axis=0), axis=0)
    varies = np.flatnonzero(left > CONSTANT * total)
    names = tuple(f"mean({design.terms[j]})" for j in varies)
    return replace(design, X=np.column_stack([design.X, means[:, varies]]),
                   terms=(*design.terms, *names))
