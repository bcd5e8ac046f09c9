"""Ordinary and weighted least squares with any number of fixed effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import solve_triangular

from gvckit.errors import ModelError, Problem
from gvckit.models.design import Design
from gvckit.models.fixed_effects import refines
from gvckit.models.inference import Inference, infer, p_values
from gvckit.models.leverage import hat_blocks, leverage
from gvckit.models.model import Model
from gvckit.models.residualise import Residualised, residualise
from gvckit.models.result import Fit, by_term, square
from gvckit.models.statistics import fit_statistics, within_shares
from gvckit.models.tall import TALL, Tall, tall_influence, tall_residuals, tall_root
from gvckit.models.vcov import Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INTERCEPT", "LeastSquares", "estimable", "from_residualised", "independent",
           "least_squares", "ols", "redundant", "result", "score_of"]

INTERCEPT = "(Intercept)"

COLLINEAR = 1e-7
"""A regressor is collinear where earlier ones leave less than this share of its within norm."""


PERFECT = 1e-20
"""Residual variation below this share of the within variation of y is rounding."""


@dataclass(frozen=True, slots=True)
class LeastSquares:
    """A least-squares solution.

    Attributes
    ----------
    coef
        Shape (k,).
    residuals
        Shape (n,).
    bread
        ``(X'WX)⁻¹``, shape (k, k).
    influence
        ``w_i u_i x_i (X'WX)⁻¹``, shape (n, k).
    ssr
        Weighted sum of squared residuals.
    """

    coef: NDArray[np.float64]
    residuals: NDArray[np.float64]
    bread: NDArray[np.float64]
    influence: NDArray[np.float64]
    ssr: float


def ols(design: Design, model: Model, name: str) -> Fit:
    """Return the least-squares fit of ``design``.

    Raises
    ------
    ModelError
        No variation left in y or in every regressor, or fewer observations than parameters.
    ConvergenceError
        The within transformation does not converge.
    """
    res = residualise(design.y, design.X, design.terms, design.effects, design.weights)
    return from_residualised(res, design, model, name)


def from_residualised(res: Residualised, design: Design, model: Model, name: str) -> Fit:
    """Return the least-squares fit of variables that are residualised already; see :func:`ols`.

    ``design`` gives what is told of the data; its ``y`` and rows are those of ``res``.
    """
    kept, dropped = estimable(res, name, model.y)
    solution = least_squares(res, kept)
    terms = tuple(res.terms[j] for j in kept)
    if res.constant:
        terms = (INTERCEPT, *terms)
    score = score_of(design, model, res, kept, solution)
    inference = infer(score, model, res.absorbed, res.effects, name)
    stats = fit_statistics(res, solution.ssr, len(kept), inference.small.full_parameters, design.y)
    stats["dof"] = float(inference.small.dof)
    stats |= within_shares(res, model.x)
    perfect = solution.ssr <= PERFECT * res.y_within
    if perfect and inference.small.full_parameters >= res.n:
        raise ModelError(Problem(
            f"the fixed effects and regressors fit all {res.n} observations: no residual variation "
            "is left", f"model {name!r}"))
    notes = (
        *design.notes, *(f"dropped {term}: {reason}" for term, reason in dropped),
        *redundant(res), *inference.warnings,
        *(["perfect fit: the residuals are zero up to rounding"] if perfect else []),
    )
    return result(name, model, design, terms, solution, inference, stats, dropped, notes)


def score_of(
    design: Design, model: Model, res: Residualised, kept: NDArray[np.int64],
    solution: LeastSquares,
) -> Score:
    """Return what the covariances of a least-squares fit are made of."""

    def refit(rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        at = np.flatnonzero(rows).astype(np.int64)
        part = residualise(
            design.y[at], design.X[at][:, kept], [res.terms[j] for j in kept],
            [e.take(at) for e in design.effects],
            None if design.weights is None else design.weights[at])
        columns = np.arange(len(kept), dtype=np.int64)
        if len(at) <= len(kept) or not part.varies().all() or (
                len(independent(part, columns)) < len(kept)):
            return np.full(len(solution.coef), np.nan)
        return least_squares(part, columns).coef

    slopes = solution.bread[int(res.constant):, int(res.constant):]

    def pull() -> NDArray[np.float64]:
        P = res.X[:, kept] @ slopes
        weights = np.ones(res.n) if res.weights is None else res.weights
        P = P * weights[:, None]
        if not res.constant:
            return np.asarray(P, dtype=np.float64)
        return np.column_stack([weights / res.mass - P @ res.X_mean[kept], P])

    return Score(
        solution.bread, solution.influence, solution.ssr, design.clusters, coef=solution.coef,
        leverage=lambda: leverage(res.X[:, kept], slopes, res.effects, res.weights),
        refit=refit, residuals=solution.residuals, pull=pull,
        hat=(lambda: hat_blocks(res.X[:, kept], slopes, res.effects)) if res.weights is None
        else None, unit=design.unit, period=design.period, columns=design.columns,
        options=model.se.options)


def least_squares(res: Residualised, columns: NDArray[np.int64]) -> LeastSquares:
    """Regress ``res.y`` on some columns of ``res.X``, with an intercept without fixed effects.

    QR of the scaled columns, or cross-products where rows are very many and columns far from
    collinear; the intercept, estimated on centred columns, is ``ȳ − x̄'b`` and its covariance
    follows by the same linear map.
    """
    tall = Tall(res.X, columns, np.sqrt(res.X_within[columns]), res.weights)
    upper = tall_root(tall) if res.n >= TALL else None
    if upper is not None:
        return _tall(res, columns, tall, upper)
    root = None if res.weights is None else np.sqrt(res.weights)
    X = res.X if np.array_equal(columns, np.arange(res.X.shape[1])) else res.X[:, columns]
    scale = np.sqrt(res.X_within[columns])
    Z = X / scale if root is None else X * (root[:, None] / scale)
    q, r = np.linalg.qr(Z)
    inverse = solve_triangular(r, np.eye(len(columns)))
    coef = (inverse @ (q.T @ (res.y if root is None else res.y * root))) / scale
    residuals = res.y - X @ coef
    weighted = residuals if root is None else residuals * root
    bread = (inverse @ inverse.T) / np.outer(scale, scale)
    influence = (q * weighted[:, None]) @ (inverse.T / scale)
    if res.constant:
        coef, bread, influence = _with_intercept(res, columns, coef, bread, influence, residuals)
    return LeastSquares(coef, residuals, bread, influence, float(weighted @ weighted))


def _tall(res: Residualised, columns: NDArray[np.int64], tall: Tall,
          upper: NDArray[np.float64]) -> LeastSquares:
    inverse, coef, residuals = tall_residuals(tall, res.y, upper)
    bread = (inverse @ inverse.T) / np.outer(tall.scale, tall.scale)
    influence = tall_influence(tall, residuals, inverse)
    squares = residuals**2 if res.weights is None else residuals**2 * res.weights
    if res.constant:
        coef, bread, influence = _with_intercept(res, columns, coef, bread, influence, residuals)
    return LeastSquares(coef, residuals, bread, influence, float(squares.sum()))


def independent(res: Residualised, columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the ``columns`` that earlier ones do not explain, in order.

    The diagonal of R in an unpivoted QR of unit columns is the norm that earlier columns leave.
    Once a column goes, the factorisation is repeated: rounding is all that its direction was.
    """
    if res.n >= TALL and tall_root(
            Tall(res.X, columns, np.sqrt(res.X_within[columns]), res.weights)) is not None:
        return columns
    root = 1.0 if res.weights is None else np.sqrt(res.weights)[:, None]
    kept = columns
    while len(kept) > 1:
        Z = res.X[:, kept] * root / np.sqrt(res.X_within[kept])
        left = np.abs(np.diagonal(np.linalg.qr(Z, mode="r")))
        bad = np.flatnonzero(left < COLLINEAR)
        # With fewer rows than columns R has no diagonal entry for the last ones.
        first = int(bad[0]) if len(bad) else len(left)
        if first == len(kept):
            break
        kept = np.delete(kept, first)
    return kept


def _with_intercept(
    res: Residualised, columns: NDArray[np.int64], coef: NDArray[np.float64],
    bread: NDArray[np.float64], influence: NDArray[np.float64], residuals: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    means = res.X_mean[columns]
    on_mean = (residuals if res.weights is None else residuals * res.weights) / res.mass
    intercept = res.y_mean - means @ coef
    covariance = -bread @ means
    corner = 1.0 / res.mass + means @ bread @ means
    return (
        np.concatenate([[intercept], coef]),
        np.block([[np.array([[corner]]), covariance[None, :]], [covariance[:, None], bread]]),
        np.column_stack([on_mean - influence @ means, influence]),
    )


def estimable(
    res: Residualised, name: str, y: str = ""
) -> tuple[NDArray[np.int64], tuple[tuple[str, str], ...]]:
    """Return the columns to estimate and the terms that cannot be, each with its reason.

    Raises
    ------
    ModelError
        One observation; no variation in the dependent variable, whose name is ``y``, or in every
        regressor; fewer observations than parameters.
    """
    by = "no variation" if res.constant else (
        "no variation within " + " + ".join(e.name for e in res.effects))
    where = f"model {name!r}"
    if res.n == 1:
        raise ModelError(Problem("one observation is left: nothing can be estimated from it",
                                 where))
    if not res.y_varies():
        named = f" {y!r}" if y else ""
        raise ModelError(Problem(f"the dependent variable{named} has {by} in {res.n} observations",
                                 where))
    varies = res.varies()
    columns = np.flatnonzero(varies).astype(np.int64)
    if len(columns) == 0:
        raise ModelError([Problem(f"{term!r} has {by} in {res.n} observations", where)
                          for term in res.terms])
    if len(columns) + int(res.constant) >= res.n:
        raise ModelError(Problem(
            f"fewer observations than parameters: {res.n} observations, "
            f"{len(columns) + int(res.constant)} coefficients"
            + (" besides the fixed effects" if res.effects else ""), where))
    kept = independent(res, columns)
    reasons = dict.fromkeys(
        (int(j) for j in columns if j not in kept), "collinear with earlier regressors")
    reasons |= dict.fromkeys((int(j) for j in np.flatnonzero(~varies)), by)
    return kept, tuple((res.terms[j], reasons[j]) for j in sorted(reasons))


def redundant(res: Residualised) -> list[str]:
    """Return a note on each fixed effect that another one implies."""
    effects = res.effects
    return [
        f"fixed effect {coarse.name} is already implied by {fine.name}"
        for coarse in effects for fine in effects
        if coarse is not fine and coarse.slope is None and fine.slope is None
        and fine.levels > coarse.levels and refines(fine, coarse)
    ]


def result(
    name: str, model: Model, design: Design, terms: tuple[str, ...], solution: LeastSquares,
    inference: Inference, stats: dict[str, float], dropped: tuple[tuple[str, str], ...],
    notes: tuple[str, ...],
) -> Fit:
    """Return the :class:`Fit` of a solution and its inference."""
    se = np.sqrt(np.diag(inference.vcov))
    t = np.divide(solution.coef, se, out=np.full_like(se, np.nan), where=se > 0)
    if design.clusters and solution.ssr > 0:
        notes = (*notes, *(f"no standard error of {term}: the clustered variance is zero up to "
                           "rounding" for term, s in zip(terms, se, strict=True) if s == 0))
    return Fit(
        name=name, y=model.y, terms=terms,
        coef=by_term(terms, solution.coef), se=by_term(terms, se), t=by_term(terms, t),
        p=by_term(terms, p_values(t, inference.small.dof)), vcov=square(terms, inference.vcov),
        n=design.n, clusters={c.name: c.levels for c in design.clusters}, stats=stats,
        convention=inference.convention, se_kind=inference.se_kind, rows=dict(design.rows),
        fe={e.name: e.levels for e in design.effects}, dropped=dropped, warnings=notes,
        sample_hash=design.sample_hash, model=model.resolved(),
    )
