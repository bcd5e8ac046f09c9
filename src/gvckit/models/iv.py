"""Instrumental variables with fixed effects: 2SLS, LIML, two-step and continuously updated GMM."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.design import Design
from gvckit.models.first_stage import moment_covariance
from gvckit.models.inference import Inference, infer
from gvckit.models.instrumented import Instrumented, instrumented
from gvckit.models.iv_diagnostics import diagnostics
from gvckit.models.kclass import EXACT, Solution, cue, gmm, k_class, liml_kappa
from gvckit.models.model import Model
from gvckit.models.ols import INTERCEPT, LeastSquares, redundant, result
from gvckit.models.result import Fit
from gvckit.models.statistics import fit_statistics, within_shares
from gvckit.models.vcov import Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["continuously_updated", "limited_information", "two_stage_least_squares",
           "two_step_gmm"]


def two_stage_least_squares(design: Design, model: Model, name: str) -> Fit:
    """Return the 2SLS fit.

    Raises
    ------
    ModelError
        Not identified; an instrument or endogenous regressor without variation.
    """
    iv = instrumented(design, model, name)
    return _finish(iv, k_class(iv.y, iv.X, iv.A, 1.0), design, model, name,
                   "Two-stage least squares")


def limited_information(design: Design, model: Model, name: str) -> Fit:
    """Return the LIML fit: the k-class estimator with κ the smallest root of Anderson and Rubin.

    Raises
    ------
    ModelError
        As :func:`two_stage_least_squares`.
    """
    iv = instrumented(design, model, name)
    kappa = liml_kappa(iv.Y, iv.E, iv.Z)
    fit = _finish(iv, k_class(iv.y, iv.X, iv.A, kappa), design, model, name,
                  f"Limited-information maximum likelihood (κ = {kappa:.6g})")
    return replace(fit, stats=fit.stats | {"kappa": kappa})


def two_step_gmm(design: Design, model: Model, name: str) -> Fit:
    """Return the two-step GMM fit; its weights are the moments' covariance at the 2SLS residuals.

    The covariance of the moments is of the model's kind of standard errors, not centred.

    Raises
    ------
    ModelError
        As :func:`two_stage_least_squares`.
    """
    iv = instrumented(design, model, name)
    return _finish(iv, _two_step(iv, design, model), design, model, name, "Two-step GMM")


def continuously_updated(design: Design, model: Model, name: str) -> Fit:
    """Return the continuously updated GMM fit.

    Raises
    ------
    ModelError
        As :func:`two_stage_least_squares`.
    ConvergenceError
        The search finds no minimum.
    """
    iv = instrumented(design, model, name)
    solution = cue(iv.y, iv.X, iv.A, _two_step(iv, design, model),
                   lambda u: moment_covariance(iv.A, u, design, model))
    return _finish(iv, solution, design, model, name, "Continuously updated GMM")


def _two_step(iv: Instrumented, design: Design, model: Model) -> Solution:
    first = k_class(iv.y, iv.X, iv.A, 1.0)
    return gmm(iv.y, iv.X, iv.A, moment_covariance(iv.A, first.residuals, design, model))


def _finish(iv: Instrumented, solution: Solution, design: Design, model: Model, name: str,
            words: str) -> Fit:
    ssr = float(solution.residuals @ solution.residuals)
    bread = iv.back @ solution.bread @ iv.back.T
    if model.estimator in ("gmm", "cue"):
        if ssr == 0:
            raise ModelError(Problem(EXACT, f"model {name!r}"))
        # The bread of GMM is in units of the moments' covariance already.
        bread = bread * (iv.res.n / ssr)
    influence = solution.influence @ iv.back.T
    score = Score(bread, influence, ssr, design.clusters, unit=design.unit, period=design.period,
                  columns=design.columns, options=model.se.options)
    inference = infer(score, model, iv.res.absorbed, iv.res.effects, name)
    k = len(iv.terms)
    stats = fit_statistics(iv.res, ssr, k, inference.small.full_parameters, design.y)
    stats["dof"] = float(inference.small.dof)
    stats |= within_shares(iv.res, (*model.x, *iv.endogenous))
    found, notes = diagnostics(iv, solution, design, model, inference)
    coef = iv.back @ solution.coef + iv.shift
    terms = (INTERCEPT, *iv.terms) if iv.res.constant else iv.terms
    warnings = (
        *design.notes, *(f"dropped {term}: {reason}" for term, reason in iv.dropped),
        *redundant(iv.res), *inference.warnings, *notes)
    return result(
        name, model, design, terms,
        LeastSquares(coef, _unweighted(solution.residuals, iv), bread, influence, ssr),
        _worded(inference, f"{words} for {', '.join(iv.endogenous)}, instruments "
                           f"{', '.join(iv.excluded)}."),
        stats | found, iv.dropped, warnings)


def _unweighted(residuals: NDArray[np.float64], iv: Instrumented) -> NDArray[np.float64]:
    return residuals if iv.res.weights is None else residuals / np.sqrt(iv.res.weights)


def _worded(inference: Inference, words: str) -> Inference:
    return replace(inference, convention=f"{words} {inference.convention}")
