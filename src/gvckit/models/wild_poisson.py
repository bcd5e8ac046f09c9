"""The score wild cluster bootstrap of a Poisson regression (Kline and Santos 2012).

The null is imposed: the model is fitted again without the regressor looked at, with means μ̃ and
scores ``x_i w_i (y_i − μ̃_i)``.  A draw multiplies the scores of a cluster, and nothing is fitted
anew: what a draw moves is one Newton step from the null.  That step is the weighted regression of
``(y − μ̃)/μ̃`` on all regressors with weights wμ̃, which has the score of the other coefficients at
zero and the score bootstrap as its wild cluster bootstrap.  t and t* alike are those of the step,
clustered variance and residuals included, so that the vector of ones is one of the draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.design import Design
from gvckit.models.inference import infer
from gvckit.models.model import Model
from gvckit.models.ols import estimable, least_squares
from gvckit.models.poisson import poisson_estimate
from gvckit.models.residualise import residualise
from gvckit.models.seeds import seed_of
from gvckit.models.vcov import Score
from gvckit.models.wild import DRAWS, WildTest, check_terms, wild_test
from gvckit.models.wild_forms import Regression

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NewtonStep", "newton_steps", "one_step", "poisson_tests"]


@dataclass(frozen=True, slots=True)
class NewtonStep:
    """The weighted regression of a step from the means under the null.

    Attributes
    ----------
    regression, residuals
        Of the step; residuals have shape (n,).
    moved
        The change of the coefficient.
    estimate
        The coefficient of the model without restriction.
    factor
        The small-sample factor of the clustered variance.
    """

    regression: Regression
    residuals: NDArray[np.float64]
    moved: float
    estimate: float
    factor: float


def poisson_tests(
    design: Design, model: Model, name: str, terms: Sequence[str], seed: int | Sequence[int], *,
    null: float = 0.0, draws: int = DRAWS, weights: str = "auto", restricted: bool = True,
    by: str | None = None,
) -> dict[str, WildTest]:
    """Test coefficients of a Poisson model without separated rows, one at a time.

    The arguments are those of :func:`gvckit.models.wild.wild_test`; with ``restricted=False`` the
    scores are those of the estimate and t is its own.  No interval: every value would be a fit.

    Raises
    ------
    SpecError
        Terms that are not estimated; unknown weights or ``by``.
    ModelError
        Fewer than two clusters; a variance that is not positive.
    ConvergenceError
        The model under the null does not converge.
    """
    found = {}
    for term, s in newton_steps(design, model, name, terms, null=null, restricted=restricted
                                ).items():
        test = wild_test(s.regression, s.residuals, s.moved if restricted else s.estimate - null,
                         design.clusters, s.factor, draws=draws, weights=weights,
                         restricted=restricted, by=by, seed=seed_of(seed, name, "wild", term))
        found[term] = replace(test, estimate=s.estimate, method="score")
    return found


def newton_steps(
    design: Design, model: Model, name: str, terms: Sequence[str], *, null: float = 0.0,
    restricted: bool = True,
) -> dict[str, NewtonStep]:
    """Return the Newton step of each of ``terms`` from the fit in which it is ``null``.

    With ``restricted=False`` from the estimate, which a step does not move.

    Raises
    ------
    SpecError
        Terms that are not estimated.
    ConvergenceError
        A fit does not converge.
    """
    res = residualise(design.y, design.X, design.terms, design.effects, design.weights)
    kept, _ = estimable(res, name, model.y)
    known = [design.terms[j] for j in kept]
    check_terms(terms, known, name)
    full = poisson_estimate(design, kept, name, as_fixest=False)
    solution = full.solution
    score = Score(solution.bread, solution.influence, float(design.n), design.clusters)
    factor = infer(score, model, res.absorbed, res.effects, name).small.factor
    found = {}
    for term in terms:
        focal, mu = known.index(term), full.mu
        if restricted:
            mu = poisson_estimate(design, np.delete(kept, focal), name, as_fixest=False,
                                  offset=null * design.X[:, kept[focal]]).mu
        regression, residuals, moved = one_step(design, kept, focal, mu)
        estimate = float(solution.coef[int(res.constant) + focal])
        found[term] = NewtonStep(regression, residuals, moved, estimate, factor)
    return found


def one_step(
    design: Design, kept: NDArray[np.int64], focal: int, mu: NDArray[np.float64]
) -> tuple[Regression, NDArray[np.float64], float]:
    """Return the regression of a Newton step from the means ``mu`` (n,), and what it gives.

    Its residuals (n,) and the change of the coefficient ``focal`` of ``kept``.
    """
    weights = mu if design.weights is None else mu * design.weights
    terms = tuple(design.terms[j] for j in kept)
    res = residualise((design.y - mu) / mu, design.X[:, kept], terms, design.effects, weights)
    solution = least_squares(res, np.arange(len(kept), dtype=np.int64))
    first = int(res.constant)
    residuals = solution.residuals
    regression = Regression(res.X, solution.bread[first:, first:], focal, weights, design.effects)
    return regression, residuals, float(solution.coef[first + focal])
