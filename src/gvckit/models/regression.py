"""Least squares on transformed variables whose constant is a column like the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.design import Design
from gvckit.models.fixed_effects import Absorbed
from gvckit.models.inference import infer
from gvckit.models.model import Model
from gvckit.models.ols import INTERCEPT, LeastSquares, independent, result
from gvckit.models.residualise import Residualised
from gvckit.models.result import Fit
from gvckit.models.vcov import Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["regression"]


def regression(
    y: NDArray[np.float64], X: NDArray[np.float64], constant: NDArray[np.float64],
    design: Design, model: Model, name: str,
) -> Fit:
    """Return the least-squares fit of ``y`` (n,) on ``constant`` (n,) and ``X`` (n, k).

    R² is that of the transformed variables.

    Raises
    ------
    ModelError
        No variation in y or in every regressor; no more rows than coefficients.
    """
    where = f"model {name!r}"
    n = len(y)
    centred = y - y.mean()
    total = float(centred @ centred)
    if total <= 1e-24 * float(y @ y):
        raise ModelError(Problem("one observation is left: nothing can be estimated from it"
                                 if n == 1 else f"the dependent variable {model.y!r} has no "
                                 f"variation in {n} observations",
                                 where))
    kept, dropped = _kept(X, constant, design.terms, n, name)
    columns = np.column_stack([constant, X[:, kept]])
    if columns.shape[1] >= n:
        raise ModelError(Problem(f"fewer observations than parameters: {n} observations, "
                                 f"{columns.shape[1]} coefficients", where))
    scale = np.linalg.norm(columns, axis=0)
    q, r = np.linalg.qr(columns / scale)
    inverse = np.linalg.inv(r) / scale[:, None]
    coef = inverse @ (q.T @ y)
    residuals = y - columns @ coef
    bread = inverse @ inverse.T
    ssr = float(residuals @ residuals)
    influence = (q * residuals[:, None]) @ inverse.T
    score = Score(bread, influence, ssr, design.clusters, coef=coef,
                  leverage=lambda: np.asarray((q**2).sum(axis=1)), residuals=residuals,
                  pull=lambda: np.asarray(q @ inverse.T), hat=lambda: lambda at: q[at] @ q[at].T,
                  unit=design.unit,
                  period=design.period, columns=design.columns, options=model.se.options)
    inference = infer(score, model, Absorbed(), (), name)
    k = columns.shape[1]
    stats = {
        "n": float(n), "r2": 1 - ssr / total, "r2_adj": 1 - ssr / (n - k) * (n - 1) / total,
        "rmse": float(np.sqrt(ssr / n)), "sigma": float(np.sqrt(ssr / (n - k))),
        "y_mean": float(design.y.mean()), "y_sd": float(design.y.std(ddof=1)),
        "dof": float(inference.small.dof)}
    notes = (*design.notes, *(f"dropped {term}: {why}" for term, why in dropped),
             *inference.warnings)
    return result(name, model, design, (INTERCEPT, *(design.terms[j] for j in kept)),
                  LeastSquares(coef, residuals, bread, influence, ssr), inference, stats, dropped,
                  notes)


def _kept(X: NDArray[np.float64], constant: NDArray[np.float64], terms: tuple[str, ...], n: int,
          name: str) -> tuple[NDArray[np.int64], tuple[tuple[str, str], ...]]:
    """Return the columns of X to estimate, and the terms that cannot be, each with its reason."""
    unit = constant / np.linalg.norm(constant)
    left = X - unit[:, None] * (unit @ X)
    left = left - unit[:, None] * (unit @ left)
    within, total = (left**2).sum(axis=0), (X**2).sum(axis=0)
    varies = within > 1e-20 * total
    if not varies.any():
        raise ModelError([Problem(f"{term!r} has no variation in {n} observations",
                                  f"model {name!r}") for term in terms])
    res = Residualised(
        y=left[:, 0], X=left, terms=terms, weights=None, effects=(), absorbed=Absorbed(), y_mean=0,
        X_mean=np.zeros(X.shape[1]), y_total=0, X_total=total, y_within=0, X_within=within,
        mass=float(n))
    kept = independent(res, np.flatnonzero(varies).astype(np.int64))
    reasons = {j: "collinear with earlier regressors" if varies[j] else "no variation"
               for j in range(len(terms)) if j not in kept}
    return kept, tuple((terms[j], why) for j, why in reasons.items())
