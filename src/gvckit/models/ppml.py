"""Poisson pseudo-maximum likelihood with any number of fixed effects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, xlogy

from gvckit.errors import ModelError, Problem
from gvckit.models.demean import ConvergenceError
from gvckit.models.design import Design
from gvckit.models.fixed_effects import not_singleton
from gvckit.models.inference import infer
from gvckit.models.model import Model
from gvckit.models.ols import (
    INTERCEPT,
    LeastSquares,
    estimable,
    least_squares,
    redundant,
    result,
)
from gvckit.models.random_effects import large_sample
from gvckit.models.residualise import Residualised, residualise
from gvckit.models.result import Fit
from gvckit.models.separation import empty_groups, separated
from gvckit.models.statistics import within_shares
from gvckit.models.vcov import Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ppml"]

CONVERGED = 1e-12
"""Relative change of the deviance in the last step."""

FIXEST = 1e-8
"""The same in R fixest, whose standard errors have the weights of the step before."""

MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class _Estimate:
    """The last weighted regression, the fitted means (n,) and the deviance."""

    solution: LeastSquares
    mu: NDArray[np.float64]
    deviance: float


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
    design, notes = _without_separated(design, name)
    res = residualise(design.y, design.X, design.terms, design.effects, design.weights)
    try:
        kept, dropped = estimable(res, name, model.y)
    except ModelError as error:
        if not design.rows.get("separated"):
            raise
        without = (f", once {design.rows['separated']} separated observations are left out, whose "
                   f"zeros of {model.y!r} it fits alone")
        raise ModelError([replace(p, what=p.what + without) for p in error.problems]) from error
    found = _iterate(design, kept, name, as_fixest=model.method == "fixest")
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


def _without_separated(design: Design, name: str) -> tuple[Design, list[str]]:
    """Return the design without separated rows, and notes."""
    stays = np.arange(design.n)
    effects = design.effects
    y, X = design.y, design.X
    notes: list[str] = []
    counts = {"separated": 0, "singletons": 0}
    while True:
        gone = empty_groups(y, effects)
        if not gone.any():
            gone, converged = separated(y, X, effects)
            if not converged:
                notes.append("the search for separated observations did not converge")
        alone = ~gone & ~not_singleton(effects) if effects else np.zeros(len(y), dtype=bool)
        counts["separated"] += int(gone.sum())
        counts["singletons"] += int(alone.sum())
        keep = np.flatnonzero(~gone & ~alone).astype(np.int64)
        if len(keep) == len(y):
            break
        if len(keep) == 0:
            raise ModelError(Problem(f"all {design.n} observations are separated: fixed effects "
                                     "or regressors fit their zeros alone", f"model {name!r}"))
        stays, y, X = stays[keep], y[keep], X[keep]
        effects = tuple(e.take(keep) for e in effects)
    if counts["separated"]:
        notes.append(f"{counts['separated']} separated observations left out: y is zero there and "
                     "regressors or fixed effects fit them alone")
    if len(stays) == design.n:
        return design, notes
    rows = dict(design.rows)
    del rows["used"]
    rows["singletons"] = rows.get("singletons", 0) + counts["singletons"]
    rows |= {"separated": counts["separated"], "used": len(stays)}
    return replace(
        design, y=y, X=X, effects=effects, clusters=tuple(c.take(stays) for c in design.clusters),
        weights=None if design.weights is None else design.weights[stays], rows=rows,
        positions=design.positions[stays],
        unit=None if design.unit is None else design.unit.take(stays),
        period=None if design.period is None else design.period[stays],
        columns={key: values[stays] for key, values in design.columns.items()}), notes


def _iterate(design: Design, kept: NDArray[np.int64], name: str, *, as_fixest: bool
             ) -> _Estimate:
    y, w = design.y, np.ones(design.n) if design.weights is None else design.weights
    X = design.X[:, kept]
    terms = tuple(design.terms[j] for j in kept)
    columns = np.arange(len(kept), dtype=np.int64)
    mu = y + 0.1 if as_fixest else (y + np.average(y, weights=w)) / 2
    eta = np.log(mu)
    # The start is no member of the model: whatever comes first replaces it.
    deviance, tolerance = np.inf, 1e-10 if as_fixest else 1e-6
    before: tuple[NDArray[np.float64], Residualised] | None = None
    settled = 0
    for _ in range(MOST_STEPS):
        z = eta + (y - mu) / mu
        start_y, start_X = z, X
        if before is not None and design.effects:
            # Whatever fixed effects explained before they explain again: start from what is left.
            start_y, start_X = before[1].y + (z - before[0]), before[1].X
        res = residualise(start_y, start_X, terms, design.effects, mu * w, tolerance=tolerance)
        solution = least_squares(res, columns)
        step = z - solution.residuals - eta
        eta, mu, now = _halved(y, w, eta, step, deviance)
        change = float(abs(now - deviance)) / (0.1 + abs(now))
        before, deviance = (z, res), now
        if as_fixest:
            if change < FIXEST:
                return _Estimate(solution, mu, deviance)
            continue
        settled += change < CONVERGED and tolerance <= 1e-13
        # The weights belong to the coefficients before the step: one more step makes them agree.
        if settled == 2:
            return _Estimate(solution, mu, deviance)
        tolerance = 1e-6 if change > 1e-3 else 1e-10 if change > 1e-7 else 1e-13
    raise ConvergenceError(Problem(f"Poisson pseudo-maximum likelihood did not converge in "
                                   f"{MOST_STEPS} steps", f"model {name!r}"))


def _halved(y: NDArray[np.float64], w: NDArray[np.float64], eta: NDArray[np.float64],
            step: NDArray[np.float64], deviance: float
            ) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return η, μ and the deviance after ``step``, halved while the deviance grows."""
    share = 1.0
    for _ in range(30):
        moved = eta + share * step
        with np.errstate(over="ignore"):
            mu = np.maximum(np.exp(moved), 1e-300)
        now = _deviance(y, mu, w) if np.isfinite(mu).all() else np.inf
        if now <= deviance * (1 + 1e-9) + 1e-9:
            break
        share /= 2
    return moved, mu, now


def _deviance(y: NDArray[np.float64], mu: NDArray[np.float64], w: NDArray[np.float64]) -> float:
    return float(2 * np.sum(w * (xlogy(y, y / mu) - (y - mu))))


def _statistics(design: Design, found: _Estimate) -> dict[str, float]:
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
