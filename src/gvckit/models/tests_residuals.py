"""Tests on residuals: serial correlation, cross-sectional dependence, groupwise variances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes
from gvckit.models.design import Design
from gvckit.models.first_difference import consecutive
from gvckit.models.panel_means import unit_of
from gvckit.models.statistical_test import StatisticalTest, chi_squared, fisher, normal, prepared
from gvckit.models.tests_effects import solved
from gvckit.models.vcov import grouped

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["breusch_godfrey", "breusch_pagan_dependence", "modified_wald", "pesaran_cd",
           "wooldridge_ar"]


def wooldridge_ar(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], *, unit: str | Sequence[str], time: str,
    on: str = "first-difference", null: str = "levels", name: str = "wooldridge_ar",
) -> StatisticalTest:
    """Test that the idiosyncratic errors are not serially correlated (Wooldridge 2002, 10.5-10.6).

    Residuals (of first differences, or ``on="within"``) are regressed on their own lag with an
    intercept, clustered by unit; without serial correlation in levels the slope is −0.5, or
    −1/(T − 1) within.  ``null="differences"`` tests instead that the differenced errors are not
    correlated: slope 0.  F with 1 and n − 2 degrees of freedom, as plm's pwfdtest (its ``h0``
    "fe" and "fd") and pwartest.

    Raises
    ------
    ModelError
        No two consecutive periods.
    ValueError
        Another ``on`` or ``null``.
    """
    if on not in ("first-difference", "within"):
        raise ValueError(f"on must be 'first-difference' or 'within', not {on!r}")
    if null not in ("levels", "differences"):
        raise ValueError(f"null must be 'levels' or 'differences', not {null!r}")
    _, design = prepared(frame, model, unit, time, name)
    groups = unit_of(design, name, "ols")
    if on == "within":
        _, _, fit = solved(replace(design, effects=(groups,)), name)
        rows, slope = design, -1 / (design.n / groups.levels - 1)
    else:
        later, earlier = consecutive(design, name)
        rows = _rows(design, later)
        rows = replace(rows, y=design.y[later] - design.y[earlier],
                       X=design.X[later] - design.X[earlier])
        _, _, fit = solved(rows, name)
        slope = -0.5 if null == "levels" else 0.0
    now, before = consecutive(rows, name)
    e = fit.residuals
    X = np.column_stack([np.ones(len(now)), e[before]])
    bread = np.linalg.inv(X.T @ X)
    b = bread @ (X.T @ e[now])
    psi = X * (e[now] - X @ b)[:, None] @ bread
    V = grouped(psi, unit_of(rows, name, "ols").take(now))
    statistic = float((b[1] - slope) ** 2 / V[1, 1])
    return fisher("Wooldridge test of serial correlation", statistic, (1, len(now) - 2),
                  f"no serial correlation of the idiosyncratic errors in {null}",
                  f"on {on} residuals, slope {b[1]:.4g} against {slope:.4g}, clustered by unit")


def breusch_godfrey(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], *, unit: str | Sequence[str], time: str,
    order: int = 1, across_units: bool = False, name: str = "breusch_godfrey",
) -> StatisticalTest:
    """Test that errors within units are not serially correlated, up to ``order`` periods.

    ``n Σ ê² / Σ e²``, ê the fit of the residuals e on the regressors (fixed effects partialled out)
    and their own lags, 0 where there is none; chi-squared (Breusch 1978, Godfrey 1978).  Within
    units demeaning alone makes residuals correlated by −1/(T − 1): the test is for long panels.

    Parameters
    ----------
    frame, model, unit, time, name
        As for :func:`gvckit.models.fit.fit`.
    order
        Lags.
    across_units
        Whether the last row of a unit counts as the one before the first of the next, as in plm's
        pbgtest; else lags are those of the time key.

    Raises
    ------
    ModelError
        No two consecutive periods.
    ValueError
        An order below 1.
    """
    if order < 1:
        raise ValueError(f"order must be 1 or more, not {order!r}")
    _, design = prepared(frame, model, unit, time, name)
    res, kept, fit = solved(design, name)
    e = fit.residuals
    lags = np.zeros((design.n, order))
    for k in range(1, order + 1):
        if across_units:
            lags[k:, k - 1] = e[:-k]
        else:
            now, before = _apart(design, k, name)
            lags[now, k - 1] = e[before]
    constant = [np.ones(design.n)] if res.constant else []
    Z = np.column_stack([*constant, res.X[:, kept], lags])
    Z = Z / np.linalg.norm(Z, axis=0)
    fitted = Z @ np.linalg.lstsq(Z, e, rcond=None)[0]
    words = "lags across units, as plm's pbgtest" if across_units else "lags within units"
    return chi_squared("Breusch-Godfrey test", design.n * float(fitted @ fitted) / float(e @ e),
                       order, f"no serial correlation up to order {order}", words)


def _apart(design: Design, periods: int, name: str
           ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of rows and of the same units' rows some periods before."""
    now, before = consecutive(design, name)
    earlier = np.full(design.n, -1, dtype=np.int64)
    earlier[now] = before
    reached = np.arange(design.n)
    for _ in range(periods):
        reached = np.where(reached >= 0, earlier[reached], -1)
    at = np.flatnonzero(reached >= 0).astype(np.int64)
    return at, reached[at].astype(np.int64)


def pesaran_cd(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], *, unit: str | Sequence[str], time: str,
    residuals: str = "unit", name: str = "pesaran_cd",
) -> StatisticalTest:
    """Test that errors are independent across units (Pesaran 2004).

    ``CD = √(2/(N(N − 1))) Σ_{i<j} √T_ij ρ_ij``, ρ_ij the correlation of the residuals of units i
    and j over their T_ij common periods; pairs with fewer than three are left out.

    Parameters
    ----------
    frame, model, unit, time, name
        As for :func:`gvckit.models.fit.fit`.
    residuals
        ``unit``: of one regression a unit (Pesaran's own); ``model``: of the model.

    Raises
    ------
    ModelError
        Units with too few rows for regressions of their own.
    """
    rho, T = _correlations(frame, model, unit, time, residuals, name)
    pairs = T >= 3
    statistic = float(np.sqrt(1 / pairs.sum()) * np.sum(np.sqrt(T[pairs]) * rho[pairs]))
    return normal("Pesaran CD test", statistic, "no cross-sectional dependence",
                  f"residuals of the {residuals}, {int(pairs.sum())} pairs")


def breusch_pagan_dependence(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], *, unit: str | Sequence[str], time: str,
    residuals: str = "unit", scaled: bool = False, name: str = "breusch_pagan_dependence",
) -> StatisticalTest:
    """Test that errors are independent across units: ``LM = Σ_{i<j} T_ij ρ²_ij``.

    Chi-squared for long panels (Breusch and Pagan 1980); ``scaled``:
    ``√(1/(N(N − 1))) Σ (T_ij ρ²_ij − 1)``, standard normal.

    Raises
    ------
    ModelError
        As :func:`pesaran_cd`.
    """
    rho, T = _correlations(frame, model, unit, time, residuals, name)
    pairs = T >= 3
    terms = T[pairs] * rho[pairs] ** 2
    null, words = "no cross-sectional dependence", f"residuals of the {residuals}"
    if scaled:
        return normal("Scaled LM test of dependence",
                      float(np.sqrt(0.5 / pairs.sum()) * np.sum(terms - 1)), null, words)
    return chi_squared("Breusch-Pagan LM test of dependence", float(terms.sum()),
                       int(pairs.sum()), null, words)


def modified_wald(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], *, unit: str | Sequence[str],
    time: str | None = None, name: str = "modified_wald",
) -> StatisticalTest:
    """Test that all units have one error variance in a fixed-effects model.

    Greene (2000, p. 598), as Stata's xttest3: ``Σ_i (s_i² − s²)² / V_i`` with s_i² the mean squared
    residual of unit i, s² that of all rows and ``V_i = Σ_t (e²_it − s_i²)² / (T_i(T_i − 1))``.

    Raises
    ------
    ModelError
        Units with one row, or whose squared residuals are all equal.
    """
    _, design = prepared(frame, model, unit, time, name)
    groups = unit_of(design, name, "ols")
    effects = design.effects or (groups,)
    _, _, fit = solved(replace(design, effects=effects), name)
    squared = fit.residuals**2
    count = np.bincount(groups.codes, minlength=groups.levels)
    if count.min() < 2:
        raise ModelError(Problem("the modified Wald test needs two rows or more a unit",
                                 f"model {name!r}"))
    own = np.bincount(groups.codes, weights=squared) / count
    spread = np.bincount(groups.codes, weights=(squared - own[groups.codes]) ** 2)
    V = spread / (count * (count - 1))
    if V.min() <= 1e-24 * squared.mean() ** 2:
        raise ModelError(Problem("the modified Wald test does not exist: the squared residuals of "
                                 "a unit are all equal (two rows a unit)", f"model {name!r}"))
    statistic = float(np.sum((own - squared.mean()) ** 2 / V))
    return chi_squared("Modified Wald test", statistic, groups.levels,
                       "all units have one error variance", "on fixed-effects residuals")


def _correlations(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], unit: str | Sequence[str], time: str,
    residuals: str, name: str,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return correlations and common periods of all pairs of units, shape (N(N − 1)/2,)."""
    if residuals not in ("unit", "model"):
        raise ValueError(f"residuals must be 'unit' or 'model', not {residuals!r}")
    _, design = prepared(frame, model, unit, time, name)
    groups = unit_of(design, name, "ols")
    e = (_own_residuals(design, groups, name) if residuals == "unit"
         else solved(design, name)[2].residuals)
    period = np.unique(np.asarray(design.period), return_inverse=True)[1].reshape(-1)
    wide = np.full((groups.levels, int(period.max()) + 1), np.nan)
    wide[groups.codes, period] = e
    here = ~np.isnan(wide)
    filled = np.where(here, wide, 0.0)
    w = here.astype(np.float64)
    T = w @ w.T
    sums, squares = filled @ w.T, (filled**2) @ w.T
    common = np.maximum(T, 1)
    cross = filled @ filled.T - sums * sums.T / common
    var = squares - sums**2 / common
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = cross / np.sqrt(var * var.T)
    i, j = np.triu_indices(groups.levels, 1)
    return np.nan_to_num(rho[i, j]), T[i, j]


def _own_residuals(design: Design, groups: Codes, name: str) -> NDArray[np.float64]:
    """Return the residuals of one least-squares regression a unit, with an intercept."""
    out = np.empty(design.n)
    k = design.X.shape[1] + 1
    for code in range(groups.levels):
        at = groups.codes == code
        if at.sum() <= k:
            raise ModelError(Problem(
                f"regressions of each unit need more than {k} rows: some units have "
                f"{int(at.sum())}", f"model {name!r}", allowed="residuals='model'"))
        X = np.column_stack([np.ones(at.sum()), design.X[at]])
        size = np.linalg.norm(X, axis=0)
        X = X / np.where(size > 0, size, 1.0)
        out[at] = design.y[at] - X @ np.linalg.lstsq(X, design.y[at], rcond=None)[0]
    return out


def _rows(design: Design, at: NDArray[np.int64]) -> Design:
    return replace(
        design, effects=tuple(e.take(at) for e in design.effects),
        weights=None if design.weights is None else design.weights[at],
        unit=None if design.unit is None else design.unit.take(at),
        period=None if design.period is None else design.period[at])
