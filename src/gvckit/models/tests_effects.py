"""Tests on unit effects: Hausman, F for fixed effects, Breusch-Pagan; variance inflation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes
from gvckit.models.design import Design
from gvckit.models.fixed_effects import absorbed
from gvckit.models.mundlak import mundlak
from gvckit.models.ols import LeastSquares, estimable, least_squares, ols
from gvckit.models.panel_means import unit_means, unit_of
from gvckit.models.random_effects import quasi_demeaned, random_effects
from gvckit.models.residualise import Residualised, residualise
from gvckit.models.se_kinds import StandardErrors
from gvckit.models.statistical_test import StatisticalTest, chi_squared, fisher, normal, prepared
from gvckit.models.variance_components import variance_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["breusch_pagan", "f_effects", "hausman", "honda", "solved", "variance_inflation"]


def hausman(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], *, unit: str | Sequence[str],
    time: str | None = None, robust: bool | str = False, name: str = "hausman",
) -> StatisticalTest:
    """Test that unit effects are uncorrelated with the regressors.

    Classical: ``(b_w − b_r)'(V_w − V_r)⁻¹(b_w − b_r)``, within against random effects (Swamy and
    Arora).  Robust: the Wald test that the unit means have coefficient zero in the Mundlak
    regression (Wooldridge 2010, 10.7.3), clustered by unit without small-sample factor, as plm's
    ``method = "aux"`` with ``vcovHC``; ``robust="unit-variance"``: with one error variance a unit
    of residuals over 1 − leverage, as its ``vcovHC(method = "white2", type = "HC3")``.

    Raises
    ------
    ModelError
        No regressor that varies inside units; V_w − V_r not positive definite.
    ValueError
        Another ``robust``.
    """
    if robust not in (True, False, "unit-variance"):
        raise ValueError(f"robust must be true, false or 'unit-variance', not {robust!r}")
    parsed, design = prepared(frame, model, unit, time, name)
    null = "unit effects are uncorrelated with the regressors (random effects are consistent)"
    groups = unit_of(design, name, "re")
    if robust == "unit-variance":
        statistic, df = _by_unit_variances(replace(design, effects=(), clusters=()), groups, name)
        return chi_squared("Robust Hausman test", statistic, df, null,
                           "robust, by the Mundlak regression with one error variance a unit, HC3")
    if robust:
        plain = replace(parsed, fe=(), estimator="mundlak", method="random", ssc="none",
                        se=StandardErrors("cluster", (groups.name,)))
        stats = mundlak(replace(design, effects=(), clusters=(groups,)), plain, name).stats
        if "mundlak_chi2" not in stats:
            raise ModelError(Problem("no regressor varies inside units", f"model {name!r}"))
        return chi_squared("Robust Hausman test", stats["mundlak_chi2"], stats["mundlak_df"], null,
                           "robust, by the Mundlak regression clustered by unit")
    plain = replace(parsed, fe=(groups.name,), se=StandardErrors(), ssc="plm", estimator="ols")
    within = ols(replace(design, effects=(groups,), clusters=()), plain, name)
    plain = replace(plain, fe=(), estimator="re", method="swamy-arora")
    random = random_effects(replace(design, effects=(), clusters=()), plain, name)
    terms = [term for term in within.terms if term in random.terms]
    gap = (within.coef[terms] - random.coef[terms]).to_numpy()
    spread = (within.vcov.loc[terms, terms] - random.vcov.loc[terms, terms]).to_numpy()
    if float(np.linalg.eigvalsh(spread)[0]) <= 0:
        raise ModelError(Problem(
            "the classical Hausman statistic does not exist: the difference of the covariances is "
            "not positive definite", f"model {name!r}", allowed="robust=True"))
    statistic = float(gap @ np.linalg.solve(spread, gap))
    return chi_squared("Hausman test", statistic, len(terms), null,
                       "classical, random effects by Swamy and Arora")


def _by_unit_variances(design: Design, groups: Codes, name: str) -> tuple[float, int]:
    """Return the Wald statistic of the unit means in the quasi-demeaned regression, and its df."""
    columns, theta = quasi_demeaned(
        design, variance_components(design.y, design.X, groups, "swamy-arora"))
    means = unit_means(design.X, groups)
    varies = np.linalg.norm(design.X - means[groups.codes], axis=0) > 1e-9 * np.linalg.norm(
        design.X - design.X.mean(axis=0), axis=0)
    if not varies.any():
        raise ModelError(Problem("no regressor varies inside units", f"model {name!r}"))
    quasi = ((1 - theta)[:, None] * means[:, varies])[groups.codes]
    X = np.column_stack([columns[:, 1:], quasi])
    X = X / np.linalg.norm(X, axis=0)
    bread = np.linalg.inv(X.T @ X)
    b = bread @ (X.T @ columns[:, 0])
    left = 1 - np.einsum("ij,jk,ik->i", X, bread, X)
    squared = ((columns[:, 0] - X @ b) / left) ** 2
    own = np.bincount(groups.codes, weights=squared) / np.bincount(groups.codes)
    V = bread @ (X.T * own[groups.codes]) @ X @ bread
    df = int(varies.sum())
    return float(b[-df:] @ np.linalg.solve(V[-df:, -df:], b[-df:])), df


def f_effects(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], *, unit: str | Sequence[str],
    time: str | None = None, name: str = "f_effects",
) -> StatisticalTest:
    """Test that the fixed effects of ``model`` are all equal: ``F`` of the two fits' SSR.

    Raises
    ------
    ModelError
        A model without fixed effects.
    """
    parsed, design = prepared(frame, model, unit, time, name)
    if not parsed.fe:
        raise ModelError(Problem("the model has no fixed effects to test", f"model {name!r}"))
    res, kept, full = solved(design, name)
    short = residualise(design.y, design.X[:, kept], [res.terms[j] for j in kept], (),
                        design.weights)
    pooled = least_squares(short, np.arange(len(kept), dtype=np.int64))
    df1 = absorbed(design.effects).pairwise - 1
    df2 = design.n - len(kept) - df1 - 1
    statistic = (pooled.ssr - full.ssr) / df1 / (full.ssr / df2)
    return fisher("F test of fixed effects", statistic, (df1, df2),
                  f"no effects of {' + '.join(parsed.fe)}", "against pooled least squares")


def breusch_pagan(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], *, unit: str | Sequence[str],
    time: str | None = None, name: str = "breusch_pagan",
) -> StatisticalTest:
    """Test that unit effects have variance zero (Breusch and Pagan 1980).

    ``LM = n² / (2(Σ T_i² − n)) · (Σ_i (Σ_t e_it)² / Σ e² − 1)²`` (unbalanced: Baltagi and Li 1990).
    """
    root = _lm_root(frame, model, unit, time, name)
    return chi_squared("Breusch-Pagan LM test", root**2, 1, "unit effects have variance zero",
                       "two-sided, on pooled least squares")


def honda(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], *, unit: str | Sequence[str],
    time: str | None = None, name: str = "honda",
) -> StatisticalTest:
    """Test that unit effects have variance zero, one-sided (Honda 1985): the root of the LM."""
    root = _lm_root(frame, model, unit, time, name)
    return normal("Honda LM test", root, "unit effects have variance zero",
                  "one-sided, on pooled least squares", "upper")


def variance_inflation(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], *, unit: str | Sequence[str],
    time: str | None = None, name: str = "variance_inflation",
) -> pd.Series[float]:
    """Return ``1/(1 − R²_j)`` by term, R²_j of each regressor on the others.

    After the model's own fixed effects (or the constant); collinear terms have left.
    """
    _, design = prepared(frame, model, unit, time, name)
    res, kept, _ = solved(design, name)
    root = np.ones(res.n) if res.weights is None else np.sqrt(res.weights)
    X = res.X[:, kept] * root[:, None]
    X = X / np.linalg.norm(X, axis=0)
    values = np.diag(np.linalg.inv(X.T @ X))
    return pd.Series(values, index=pd.Index([res.terms[j] for j in kept], name="term"), name="vif")


def solved(design: Design, name: str) -> tuple[Residualised, NDArray[np.int64], LeastSquares]:
    """Return the residualised variables of a design, the estimable columns and the solution."""
    res = residualise(design.y, design.X, design.terms, design.effects, design.weights)
    kept, _ = estimable(res, name)
    return res, kept, least_squares(res, kept)


def _lm_root(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], unit: str | Sequence[str],
    time: str | None, name: str,
) -> float:
    _, design = prepared(frame, model, unit, time, name)
    groups = unit_of(design, name, "re")
    _, _, pooled = solved(replace(design, effects=()), name)
    e = pooled.residuals
    sums = np.bincount(groups.codes, weights=e, minlength=groups.levels)
    count = np.bincount(groups.codes, minlength=groups.levels).astype(np.float64)
    n = design.n
    share = float(sums @ sums) / float(e @ e) - 1
    return float(n / np.sqrt(2 * (float(count @ count) - n)) * share)
