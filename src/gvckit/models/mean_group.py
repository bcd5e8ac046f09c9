"""Slopes that differ by unit: mean groups, and common correlated effects (Pesaran 2006)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.design import Design
from gvckit.models.inference import p_values
from gvckit.models.model import Model
from gvckit.models.ols import INTERCEPT
from gvckit.models.panel_means import no_fixed_effects, no_weights, unit_of
from gvckit.models.result import Fit, by_term, square

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cce_pooled", "mean_group"]


def mean_group(design: Design, model: Model, name: str) -> Fit:
    """Return the means of the coefficients of one regression a unit (Pesaran and Smith 1995).

    Covariance ``Σ_i (b_i − b)(b_i − b)' / (N(N − 1))``, normal p values.  The method ``cce`` adds
    the means of y and the regressors over all units in each period (Pesaran 2006), which stand for
    common factors; they are terms ``mean(·)``.

    Raises
    ------
    ModelError
        Standard errors other than iid; fixed effects or weights; units with too few rows.
    """
    unit, X, terms = _prepared(design, model, name, with_means=model.method == "cce")
    slopes = np.array([_own(X[at], design.y[at], unit.name, name) for at in unit.rows])
    coef = slopes.mean(axis=0)
    gap = slopes - coef
    N = len(slopes)
    vcov = gap.T @ gap / (N * (N - 1))
    fitted = np.concatenate([X[at] @ b for at, b in zip(unit.rows, slopes, strict=True)])
    residual = np.concatenate([design.y[at] for at in unit.rows]) - fitted
    words = (f"Mean group: mean of {N} regressions by {unit.name}" + (
        " with cross-section means (common correlated effects)" if model.method == "cce" else ""))
    return _fit(design, model, name, terms, coef, vcov, residual, N, words)


def cce_pooled(design: Design, model: Model, name: str) -> Fit:
    """Return the pooled common-correlated-effects estimate (Pesaran 2006).

    ``b = (Σ_i X_i'M_iX_i)⁻¹ Σ_i X_i'M_iy_i``, M_i without the constant and the cross-section
    means, whose coefficients are each unit's own.  Covariance by his equations 67-69: with
    Q_i = X_i'M_iX_i and b_i the unit's own slopes,
    ``(ΣQ_i)⁻¹ [N/(N − 1) Σ Q_i (b_i − b̄)(b_i − b̄)'Q_i] (ΣQ_i)⁻¹``; normal p values.

    Raises
    ------
    ModelError
        As :func:`mean_group`.
    """
    unit, X, _ = _prepared(design, model, name, with_means=True)
    k = design.X.shape[1]
    order = [*range(1, 1 + k), 0, *range(1 + k, X.shape[1])]
    parts, right, slopes, left = [], np.zeros(k), [], []
    for at in unit.rows:
        own = X[at][:, order]
        slopes.append(_own(own, design.y[at], unit.name, name)[:k])
        free = np.column_stack([own[:, :k], design.y[at]])
        out = free - own[:, k:] @ np.linalg.lstsq(own[:, k:], free, rcond=None)[0]
        parts.append(out[:, :k].T @ out[:, :k])
        right += out[:, :k].T @ out[:, k]
        left.append(out)
    bread = np.linalg.inv(np.sum(parts, axis=0))
    coef = bread @ right
    N = len(slopes)
    gap = np.array(slopes) - np.mean(slopes, axis=0)
    moved = np.array([Q @ g for Q, g in zip(parts, gap, strict=True)])
    vcov = bread @ (moved.T @ moved) @ bread * N / (N - 1)
    residual = np.concatenate([out[:, k] - out[:, :k] @ coef for out in left])
    return _fit(design, model, name, design.terms, coef, vcov, residual, N,
                f"Pooled common correlated effects: cross-section means with slopes by {unit.name}")


class _Units:
    """The rows of each unit, and the name of the unit."""

    def __init__(self, name: str, rows: list[NDArray[np.int64]]) -> None:
        self.name, self.rows = name, rows


def _prepared(design: Design, model: Model, name: str, *, with_means: bool
              ) -> tuple[_Units, NDArray[np.float64], tuple[str, ...]]:
    """Return the units, the columns of each one's regression, shape (n, k), and their names."""
    no_fixed_effects(model, name)
    no_weights(model, name)
    where = f"model {name!r}"
    if model.se.kind != "iid":
        raise ModelError(Problem(f"estimator {model.estimator!r} has no se {model.se.kind!r}: the "
                                 "coefficients of the units vary as they do", where, allowed="iid"))
    codes = unit_of(design, name, model.estimator)
    X = np.column_stack([np.ones(design.n), design.X])
    terms = (INTERCEPT, *design.terms)
    if with_means:
        if design.period is None:
            raise ModelError(Problem(f"estimator {model.estimator!r} needs a time key for its "
                                     "cross-section means", where))
        period = np.unique(design.period, return_inverse=True)[1].reshape(-1)
        count = np.bincount(period)
        means = [np.bincount(period, weights=c)[period] / count[period]
                 for c in (design.y, *design.X.T)]
        X = np.column_stack([X, *means])
        terms = (*terms, *(f"mean({t})" for t in (model.y, *design.terms)))
    rows = [np.flatnonzero(codes.codes == g).astype(np.int64) for g in range(codes.levels)]
    short = sum(len(at) <= X.shape[1] for at in rows)
    if short:
        raise ModelError(Problem(f"a regression of each {codes.name} needs more than {X.shape[1]} "
                                 f"rows: {short} of {len(rows)} have fewer", where))
    return _Units(codes.name, rows), X, terms


def _own(X: NDArray[np.float64], y: NDArray[np.float64], unit: str, name: str
         ) -> NDArray[np.float64]:
    size = np.linalg.norm(X, axis=0)
    if not size.all() or np.linalg.matrix_rank(X / size, 1e-9) < X.shape[1]:
        raise ModelError(Problem(f"a regressor does not vary, or is collinear, in one {unit}",
                                 f"model {name!r}"))
    return np.asarray(np.linalg.lstsq(X / size, y, rcond=None)[0] / size, dtype=np.float64)


def _fit(design: Design, model: Model, name: str, terms: tuple[str, ...],
         coef: NDArray[np.float64], vcov: NDArray[np.float64], residual: NDArray[np.float64],
         units: int, words: str) -> Fit:
    se = np.sqrt(np.diag(vcov))
    t = coef / se
    return Fit(
        name=name, y=model.y, terms=terms, coef=by_term(terms, coef), se=by_term(terms, se),
        t=by_term(terms, t), p=by_term(terms, p_values(t, np.inf)), vcov=square(terms, vcov),
        n=design.n, clusters={}, stats={
            "n": float(design.n), "units": float(units),
            "rmse": float(np.sqrt(np.mean(residual**2))), "y_mean": float(design.y.mean()),
            "y_sd": float(design.y.std(ddof=1)), "dof": float("inf")},
        convention=f"{words}. Standard errors from the variation of the coefficients over units; "
                   "p values of the normal distribution.",
        se_kind={"kind": "iid", "by": [], "clusters": [], "ssc": model.ssc, "factor": 1.0,
                 "parameters": len(terms), "dof": "normal"},
        rows=dict(design.rows), fe={}, dropped=(), warnings=design.notes,
        sample_hash=design.sample_hash, model=model.resolved())
