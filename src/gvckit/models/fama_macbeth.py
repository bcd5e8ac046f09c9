"""Fama-MacBeth (1973): one cross-section a period, then the mean of the coefficients."""

from __future__ import annotations

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.design import Design
from gvckit.models.inference import p_values
from gvckit.models.model import Model
from gvckit.models.ols import INTERCEPT
from gvckit.models.panel_means import no_fixed_effects, no_weights
from gvckit.models.result import Fit, by_term, square

__all__ = ["fama_macbeth"]


def fama_macbeth(design: Design, model: Model, name: str) -> Fit:
    """Return the means of the coefficients of the cross-sections of all periods.

    Covariance: ``Σ_t (b_t − b)(b_t − b)' / (T(T − 1))`` for ``se: iid``, with
    ``{newey-west: L}`` the Bartlett-weighted autocovariances of b_t added; t with T − 1 degrees of
    freedom.  Periods with fewer rows than coefficients, or collinear regressors, leave with a
    note.

    Raises
    ------
    ModelError
        No time key; other kinds of standard errors; fewer than two usable periods; fixed effects
        or weights.
    """
    no_fixed_effects(model, name)
    no_weights(model, name)
    where = f"model {name!r}"
    if design.period is None:
        raise ModelError(Problem("estimator 'fama-macbeth' needs a time key", where))
    if model.se.kind not in ("iid", "newey-west"):
        raise ModelError(Problem(f"estimator 'fama-macbeth' has no se {model.se.kind!r}", where,
                                 allowed="iid, {newey-west: lag}"))
    X = np.column_stack([np.ones(design.n), design.X])
    k = X.shape[1]
    periods = np.unique(design.period)
    slopes, fits = [], []
    for period in periods:
        at = design.period == period
        part = X[at]
        size = np.linalg.norm(part, axis=0)
        if len(part) < k or not size.all() or np.linalg.matrix_rank(part / size, 1e-9) < k:
            continue
        b = np.linalg.lstsq(part / size, design.y[at], rcond=None)[0] / size
        slopes.append(b)
        fits.append((design.y[at], part @ b))
    T = len(slopes)
    if T < 2:
        raise ModelError(Problem(f"estimator 'fama-macbeth' needs two periods with more rows than "
                                 f"the {k} coefficients and regressors that vary: there are {T}",
                                 where))
    B = np.array(slopes)
    coef = B.mean(axis=0)
    lag = int(model.se.options.get("lag", 0))
    if lag >= T:
        raise ModelError(Problem(f"se 'newey-west' has lag {lag}, and {T} periods are used", where))
    centred = B - coef
    V = centred.T @ centred
    for step in range(1, lag + 1):
        part = centred[step:].T @ centred[:-step]
        V += (1 - step / (lag + 1)) * (part + part.T)
    V /= T * (T - 1)
    se = np.sqrt(np.diag(V))
    t = coef / se
    y = np.concatenate([a for a, _ in fits])
    residual = y - np.concatenate([b for _, b in fits])
    terms = (INTERCEPT, *design.terms)
    skipped = len(periods) - T
    rows = dict(design.rows)
    rows["used"] = len(y)
    if skipped:
        rows = {key: value for key, value in rows.items() if key != "used"}
        rows |= {"periods too small": design.n - len(y), "used": len(y)}
    r2 = float(np.mean([1 - ((a - b) ** 2).sum() / max(((a - a.mean()) ** 2).sum(), 1e-300)
                        for a, b in fits]))
    kernel = f", Newey-West with lag {lag}" if lag else ""
    return Fit(
        name=name, y=model.y, terms=terms, coef=by_term(terms, coef), se=by_term(terms, se),
        t=by_term(terms, t), p=by_term(terms, p_values(t, T - 1)), vcov=square(terms, V),
        n=len(y), clusters={}, stats={
            "n": float(len(y)), "periods": float(T), "r2": r2,
            "rmse": float(np.sqrt(np.mean(residual**2))), "y_mean": float(y.mean()),
            "y_sd": float(y.std(ddof=1)), "dof": float(T - 1)},
        convention=(f"Fama-MacBeth: mean of {T} cross-sections, r2 their mean. Standard errors "
                    f"from the variation of the coefficients over periods{kernel}; t with {T - 1} "
                    "degrees of freedom."),
        se_kind={"kind": model.se.kind, "by": [], "clusters": [], **dict(model.se.options),
                 "ssc": model.ssc, "factor": T / (T - 1), "parameters": 1, "dof": T - 1},
        rows=rows, fe={}, dropped=(), sample_hash=design.sample_hash, model=model.resolved(),
        warnings=(*design.notes, *(
            [f"{skipped} periods left out: too few rows, or collinear regressors"]
            if skipped else [])))
