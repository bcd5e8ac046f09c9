"""First stages and the reduced form of an IV regression, with one joint covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.design import Design
from gvckit.models.inference import small_sample
from gvckit.models.instrumented import Instrumented
from gvckit.models.model import Model
from gvckit.models.registry import VCOV, load
from gvckit.models.ssc import SmallSample
from gvckit.models.vcov import Counting, Sandwich, Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FirstStages", "covariance_of", "first_stages", "moment_covariance"]

@dataclass(frozen=True, slots=True)
class FirstStages:
    """Regressions of y and of each endogenous regressor on the L instruments.

    Exogenous regressors and fixed effects are partialled out.  Equation 0 is the reduced form of
    y, equations 1 … m are the first stages.

    Attributes
    ----------
    coef
        Shape (L, 1 + m).
    residuals
        Shape (n, 1 + m).
    vcov
        Shape ((1 + m)·L, (1 + m)·L), ordered by equation, then instrument.
    small
        The small-sample convention; its factor is in ``vcov``.
    """

    coef: NDArray[np.float64]
    residuals: NDArray[np.float64]
    vcov: NDArray[np.float64]
    small: SmallSample

    def block(self, a: int, b: int) -> NDArray[np.float64]:
        """Return the covariance, shape (L, L), of the coefficients of equations a and b."""
        L = len(self.coef)
        return self.vcov[a * L:(a + 1) * L, b * L:(b + 1) * L]

    def wald(self, equation: int) -> float:
        """Return ``π'V⁻¹π`` of one equation: chi-squared with L degrees of freedom."""
        pi = self.coef[:, equation]
        return float(pi @ np.linalg.solve(self.block(equation, equation), pi))


def first_stages(iv: Instrumented, design: Design, model: Model) -> FirstStages:
    """Return the first stages and the reduced form, with the kind of covariance of the model."""
    left = np.column_stack([iv.Y, iv.E])
    bread = np.asarray(np.linalg.inv(iv.Z.T @ iv.Z), dtype=np.float64)
    coef = bread @ (iv.Z.T @ left)
    residuals = left - iv.Z @ coef
    vcov, small = covariance_of(iv.Z @ bread, residuals, bread, iv, design, model)
    return FirstStages(coef, residuals, vcov, small)


def covariance_of(
    base: NDArray[np.float64], residuals: NDArray[np.float64], bread: NDArray[np.float64],
    iv: Instrumented, design: Design, model: Model,
) -> tuple[NDArray[np.float64], SmallSample]:
    """Return the joint covariance of q equations with the same p regressors, and its convention.

    Parameters
    ----------
    base
        Shape (n, p): ``(Z'Z)⁻¹z_i``.
    residuals
        Shape (n, q).
    bread
        Shape (p, p): base'base.
    iv, design, model
        Where the rows, clusters and the kind of covariance come from.
    """
    n, p = base.shape
    q = residuals.shape[1]
    stacked = (residuals[:, :, None] * base[:, None, :]).reshape(n, q * p)
    kind = model.se.kind
    joint = np.asarray(np.kron(residuals.T @ residuals, bread), dtype=np.float64)
    # With "ssr" 1 the iid covariance is bread/n: the residual covariance is in ``joint``.
    score = Score(joint, stacked, 1.0, design.clusters, unit=design.unit, period=design.period,
                  columns=design.columns, options=model.se.options)
    sandwich: Sandwich = load(VCOV, kind)(score)
    counting = sandwich.counting or Counting(
        kind, tuple(c.levels for c in design.clusters), design.clusters)
    parameters = p + iv.exogenous
    small, _ = small_sample(counting, model.ssc, (n, parameters), iv.res.absorbed, iv.res.effects)
    return sandwich.vcov * small.factor, small


def moment_covariance(
    A: NDArray[np.float64], u: NDArray[np.float64], design: Design, model: Model
) -> NDArray[np.float64]:
    """Return the covariance S, shape (l, l), of ``A'u`` with the kind of covariance of the model.

    Without small-sample factor.
    """
    bread = np.asarray(A.T @ A, dtype=np.float64)
    score = Score(bread, A * u[:, None], float(u @ u), design.clusters, unit=design.unit,
                  period=design.period, columns=design.columns, options=model.se.options)
    sandwich: Sandwich = load(VCOV, model.se.kind)(score)
    return sandwich.vcov


