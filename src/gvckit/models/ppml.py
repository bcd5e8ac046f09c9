"""Poisson pseudo-maximum likelihood with any number of fixed effects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, xlogy

from gvckit.errors import ModelError, Problem
from gvckit.models.design import Design
from gvckit.models.inference import infer
from gvckit.models.model import Model
from gvckit.models.ols import INTERCEPT, estimable, redundant, result
from gvckit.models.poisson import PoissonEstimate, poisson_estimate
from gvckit.models.random_effects import large_sample
from gvckit.models.residualise import residualise
from gvckit.models.result import Fit
from gvckit.models.separation import without_separated
from gvckit.models.statistics import within_shares
from gvckit.models.vcov import Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ppml"]


def ppml(design: Design, model: Model, name: str) -> Fit:
    """Return the Poisson pseudo-maximum-likelihood fit (Santos Silva and Tenreyro 2006).

    ``E[y] = exp(x'β + fixed effects)``, by iteratively reweighted least squares on variables with
    the fixed effects partialled out.  It starts at y + 0.1 and stops at a relative change of the
    deviance of 1e-8, as R fixest; the method ``converged`` goes on until coefficients and weights
    agree, which moves coefficients by some 1e-10 and standard errors by 1e-5.  Rows that are
    separated (the estimate would not exist with
    them) leave and are counted.  p values are those of the normal distribution, as R fixest.
    Statistics: deviance, log_lik, r2_pseudo (McFadden's, against a constant).

    Raises
    ------
    ModelError
        Negative y; y all zero; a regressor that only separated rows identify.
    ConvergenceError
        The deviance does not settle.
    """
    low = float(design.y.min())
    if low < 0:
        raise ModelError(Problem(f"estimator 'ppml' needs {model.y!r} to be 0 or more, lowest "
                                 f"{low:g}", f"model {name!r}"))
    if not design.y.any():
        raise ModelError(Problem(f"{model.y!r} is zero in all {design.n} observations",
                                 f"model {name!r}"))
    design, notes = without_separated(design, name)
    res = residualise(design.y, design.X, design.terms, design.effects, design.weights)
    try:
        kept, dropped = estimable(res, name, model.y)
    except ModelError as error:
        if not design.rows.get("separated"):
            raise
        without = (f", once {design.rows['separated']} separated observations are left out, whose "
                   f"zeros of {model.y!r} it fits alone")
        raise ModelError([replace(p, what=p.what + without) for p in error.problems]) from error
    found = poisson_estimate(design, kept, name, as_fixest=model.method == "fixest")
    terms = tuple(res.terms[j] for j in kept)
    if res.constant:
        terms = (INTERCEPT, *terms)
    solution = found.solution
    # Under iid the covariance is the inverse information: no variance to estimate, no factor.
    plain = replace(model, ssc="none") if model.se.kind == "iid" else model
    score = Score(solution.bread, solution.influence, float(design.n), design.clusters,
                  unit=design.unit, period=design.period, columns=design.columns,
                  options=model.se.options)
    inference = infer(score, plain, res.absorbed, res.effects, name)
    if model.se.kind == "iid":
        inference = replace(inference, convention=inference.convention.replace(
            "for independent errors of equal variance",
            "from the information matrix (variance equal to the mean)"))
    stats = _statistics(design, found) | within_shares(res, model.x)
    warnings = (*design.notes, *notes, *(f"dropped {term}: {why}" for term, why in dropped),
                *redundant(res), *inference.warnings)
    stats["dof"] = float(inference.small.dof)
    fit = result(name, model, design, terms, solution, inference, stats, dropped, warnings)
    stopped = ", stopped as R fixest" if model.method == "fixest" else ""
    return large_sample(replace(
        fit, convention=f"Poisson pseudo-maximum likelihood{stopped}. {fit.convention}"))


def _statistics(design: Design, found: PoissonEstimate) -> dict[str, float]:
    y, w = design.y, np.ones(design.n) if design.weights is None else design.weights

    def log_likelihood(mu: NDArray[np.float64]) -> float:
        return float(np.sum(w * (xlogy(y, mu) - mu - gammaln(y + 1))))

    mean = np.full(design.n, np.average(y, weights=w))
    full, null = log_likelihood(found.mu), log_likelihood(mean)
    return {
        "n": float(design.n), "r2_pseudo": 1 - full / null, "deviance": found.deviance,
        "log_lik": full, "r2_correlation": float(np.corrcoef(y, found.mu)[0, 1] ** 2),
        "y_mean": float(y.mean()), "y_sd": float(y.std(ddof=1)),
        "zeros": float((y == 0).mean()),
    }
