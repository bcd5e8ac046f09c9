"""Poisson regression with fixed effects, by iteratively reweighted least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlogy

from gvckit.errors import Problem
from gvckit.models.demean import ConvergenceError
from gvckit.models.design import Design
from gvckit.models.ols import LeastSquares, least_squares
from gvckit.models.residualise import Residualised, residualise

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PoissonEstimate", "poisson_estimate"]

CONVERGED = 1e-12
"""Relative change of the deviance in the last step."""

FIXEST = 1e-8
"""The same in R fixest, whose standard errors have the weights of the step before."""

MOST_STEPS = 200

SMALL = 1e-3
"""Mean of y up to which the start of R fixest is far from every mean."""


@dataclass(frozen=True, slots=True)
class PoissonEstimate:
    """The last weighted regression, the fitted means (n,) and the deviance."""

    solution: LeastSquares
    mu: NDArray[np.float64]
    deviance: float


def poisson_estimate(
    design: Design, kept: NDArray[np.int64], name: str, *, as_fixest: bool,
    offset: NDArray[np.float64] | None = None,
) -> PoissonEstimate:
    """Return the estimate of ``E[y] = exp(offset + x'β + fixed effects)``.

    Parameters
    ----------
    design
        Without separated rows, else the estimate does not exist.
    kept
        Columns of ``design.X`` that can be estimated; there may be none.
    name
        Name of the model, used in messages.
    as_fixest
        Stop at a change of the deviance of 1e-8, else where weights and coefficients agree.
    offset
        Shape (n,): a part of the linear index with a coefficient of one.

    Raises
    ------
    ConvergenceError
        The deviance does not settle.
    """
    y, w = design.y, np.ones(design.n) if design.weights is None else design.weights
    X = design.X[:, kept]
    terms = tuple(design.terms[j] for j in kept)
    columns = np.arange(len(kept), dtype=np.int64)
    given = np.zeros(design.n) if offset is None else _without_effects(offset, design, w)
    mean = float(np.average(y, weights=w))
    # R starts at y + 0.1 and adds 0.1 to the deviance; far below that y has no such scale.
    floor = min(0.1, float(w @ y))
    mu = y + (0.1 if mean > SMALL else mean) if as_fixest else (y + mean) / 2
    eta = np.log(mu)
    # The start is no member of the model: whatever comes first replaces it.
    deviance, tolerance = np.inf, 1e-10 if as_fixest else 1e-6
    before: tuple[NDArray[np.float64], Residualised] | None = None
    settled = 0
    for _ in range(MOST_STEPS):
        with np.errstate(over="ignore"):
            z = eta - given + (y - mu) / mu
        if not np.isfinite(z).all():
            break
        start_y, start_X = z, X
        if before is not None and design.effects:
            # Whatever fixed effects explained before they explain again: start from what is left.
            start_y, start_X = before[1].y + (z - before[0]), before[1].X
        res = residualise(start_y, start_X, terms, design.effects, mu * w, tolerance=tolerance)
        solution = least_squares(res, columns)
        step = z - solution.residuals + given - eta
        eta, mu, now = _halved(y, w, eta, step, deviance, floor)
        change = float(abs(now - deviance)) / (floor + abs(now))
        before, deviance = (z, res), now
        if as_fixest:
            if change < FIXEST:
                return PoissonEstimate(solution, mu, deviance)
            continue
        settled += change < CONVERGED and tolerance <= 1e-13
        # The weights belong to the coefficients before the step: one more step makes them agree.
        if settled == 2:
            return PoissonEstimate(solution, mu, deviance)
        tolerance = 1e-6 if change > 1e-3 else 1e-10 if change > 1e-7 else 1e-13
    raise ConvergenceError(Problem(f"Poisson pseudo-maximum likelihood did not converge in "
                                   f"{MOST_STEPS} steps", f"model {name!r}"))


def _halved(y: NDArray[np.float64], w: NDArray[np.float64], eta: NDArray[np.float64],
            step: NDArray[np.float64], deviance: float, floor: float
            ) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return η, μ and the deviance after ``step``, halved while the deviance grows."""
    share = 1.0
    for _ in range(30):
        moved = eta + share * step
        with np.errstate(over="ignore"):
            mu = np.maximum(np.exp(moved), 1e-300)
        now = _deviance(y, mu, w) if np.isfinite(mu).all() else np.inf
        if now <= deviance * (1 + 1e-9) + 1e-8 * floor:
            break
        share /= 2
    return moved, mu, now


def _deviance(y: NDArray[np.float64], mu: NDArray[np.float64], w: NDArray[np.float64]) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(2 * np.sum(w * (xlogy(y, y / mu) - (y - mu))))


def _without_effects(offset: NDArray[np.float64], design: Design, w: NDArray[np.float64]
                     ) -> NDArray[np.float64]:
    """Return the offset less what fixed effects, or the constant, take up: it stays near zero."""
    none = np.empty((design.n, 0))
    return residualise(offset, none, (), design.effects, w).y
