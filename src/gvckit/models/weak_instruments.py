"""Strength of instruments: Kleibergen-Paap, Cragg-Donald, effective F, Sanderson-Windmeijer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import solve_triangular
from scipy.stats import chi2, f, ncx2

from gvckit.models.design import Design
from gvckit.models.first_stage import FirstStages, covariance_of
from gvckit.models.instrumented import Instrumented
from gvckit.models.kclass import regular
from gvckit.models.model import Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BIASES", "effective_f", "effective_f_critical", "rank_statistics",
           "sanderson_windmeijer"]

BIASES = (5, 10, 20, 30)
"""Worst-case biases, in % of the worst-case benchmark, with a critical value each."""


def rank_statistics(iv: Instrumented, design: Design, model: Model) -> dict[str, float]:
    """Return the tests that the first-stage matrix has full rank.

    - ``kp_f``: Kleibergen and Paap (2006) rk Wald statistic over L, with the small-sample factor
      of the model's convention (with one endogenous regressor: its first-stage F);
    - ``kp_lm``, ``kp_lm_p``, ``kp_lm_df``: the rk LM statistic, chi-squared with L − m + 1 degrees
      of freedom, without small-sample factor;
    - ``cd_f``: the same F for independent errors of equal variance.

    With Z and E in orthonormal coordinates, θ = Z'E = U S V', u_2 and v_2 the last L − m + 1 and
    the last singular vectors, ``rk = λ'(cov λ)⁻¹λ``, ``λ = u_2'θv_2``.  Its covariance uses the
    first-stage residuals (Wald) or E itself (LM), as ranktest for Stata.
    """
    n, L = iv.Z.shape
    m = iv.E.shape[1]
    Z, _ = np.linalg.qr(iv.Z)
    E, _ = np.linalg.qr(iv.E)
    theta = Z.T @ E
    U, singular, Vt = np.linalg.svd(theta)
    u2, v2 = U[:, m - 1:], Vt[m - 1]
    null = Z @ u2
    left = u2.T @ theta @ v2
    inner = np.eye(null.shape[1])
    wald, small = covariance_of(null, ((E - Z @ theta) @ v2)[:, None], inner, iv, design, model)
    # The convention counts all L instruments, not only the directions of the null.
    full = covariance_of(Z, (E - Z @ theta)[:, :1], np.eye(L), iv, design, model)[1]
    wald = wald / small.factor * full.factor
    lm, lm_small = covariance_of(null, (E @ v2)[:, None], inner, iv, design, model)
    lm = lm / lm_small.factor
    smallest = float(singular[m - 1] ** 2)
    free = n - L - iv.exogenous - iv.res.absorbed.pairwise
    ratio = {"cd_f": smallest / (1 - smallest) * free / L} if smallest < 1 else {}
    if not (regular(wald) and regular(lm)):
        return ratio
    chi = float(left @ np.linalg.solve(lm, left))
    df = L - m + 1
    return {
        "kp_f": float(left @ np.linalg.solve(wald, left)) / L,
        "kp_lm": chi, "kp_lm_df": float(df), "kp_lm_p": float(chi2.sf(chi, df)),
        **ratio,
    }


def effective_f(first: FirstStages, iv: Instrumented) -> float:
    """Return the effective F of Montiel Olea and Pflueger (2013) for one endogenous regressor.

    ``F = π'Z'Zπ / tr(V Z'Z)``, V the robust covariance of π, exogenous regressors partialled out
    of the instruments.
    """
    pi = first.coef[:, 1]
    square = iv.Z.T @ iv.Z
    return float(pi @ square @ pi / np.trace(first.block(1, 1) @ square))


def effective_f_critical(first: FirstStages, iv: Instrumented, bias: float,
                         level: float = 0.05) -> float:
    """Return the critical value of the effective F for a worst-case bias of ``bias`` (a share).

    The simplified (conservative) test of Montiel Olea and Pflueger (2013), section 4: the upper
    quantile of a non-central chi-squared with ``K = tr(W)²(1 + 2x) / (tr(W'W) + 2x tr(W) max
    eig(W))`` degrees of freedom and non-centrality ``xK``, over K, x = 1/bias, W the covariance of
    the first stage with orthonormal instruments.  One instrument: 37.42, 23.11, 15.06, 12.05 for
    5, 10, 20 and 30 %.
    """
    root = np.linalg.cholesky(iv.Z.T @ iv.Z)
    W = root.T @ first.block(1, 1) @ root
    x = 1.0 / bias
    trace = float(np.trace(W))
    K = trace**2 * (1 + 2 * x) / (
        float(np.sum(W * W)) + 2 * x * trace * float(np.linalg.eigvalsh(W)[-1]))
    return float(ncx2.isf(level, K, x * K) / K)


def sanderson_windmeijer(iv: Instrumented, first: FirstStages, design: Design, model: Model
                         ) -> dict[str, float]:
    """Return ``sw_f:<regressor>`` and ``sw_p:<regressor>``.

    Sanderson and Windmeijer (2016): each endogenous regressor less its two-stage least-squares
    fit on the others, regressed on the instruments; the Wald statistic over L − m + 1.
    """
    m, L = iv.E.shape[1], iv.Z.shape[1]
    out: dict[str, float] = {}
    Q, R = np.linalg.qr(iv.Z)
    inverse = solve_triangular(R, np.eye(L))
    for j, term in enumerate(iv.endogenous):
        others = np.delete(iv.E, j, axis=1)
        fitted = Q @ (Q.T @ others)
        delta = _solve(fitted, iv.E[:, j])
        left = iv.E[:, j] - others @ delta
        pi = inverse @ (Q.T @ left)
        residual = left - iv.Z @ pi
        V, _ = covariance_of(Q @ inverse.T, residual[:, None], inverse @ inverse.T, iv, design,
                             model)
        if not regular(V):
            continue
        df = L - m + 1
        statistic = float(pi @ np.linalg.solve(V, pi)) / df
        out[f"sw_f:{term}"] = statistic
        out[f"sw_p:{term}"] = float(f.sf(statistic, df, first.small.dof))
    return out


def _solve(X: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    if X.shape[1] == 0:
        return np.zeros(0)
    return np.asarray(np.linalg.lstsq(X, y, rcond=None)[0], dtype=np.float64)
