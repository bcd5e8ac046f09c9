"""Variance of unit effects and of idiosyncratic errors, by four methods.

``y_it = x_it'β + μ_i + ν_it``.  All methods solve two equations: the within and the between
quadratic form of some residuals, set equal to what they estimate.  Q takes unit means out, P keeps
them, T_i is the number of rows of unit i, K counts slopes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.codes import Codes
from gvckit.models.panel_means import unit_means

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Components", "variance_components"]

VARYING = 1e-9


@dataclass(frozen=True, slots=True)
class Components:
    """Variances of the idiosyncratic error and of the unit effect (0 where it came out below)."""

    idiosyncratic: float
    unit: float
    negative: bool


@dataclass(frozen=True, slots=True)
class _Data:
    y: NDArray[np.float64]
    X: NDArray[np.float64]
    unit: Codes
    count: NDArray[np.float64]
    within: NDArray[np.float64]
    mean: NDArray[np.float64]

    @property
    def n(self) -> int:
        return len(self.y)

    @property
    def N(self) -> int:  # noqa: N802 - the field's own symbol
        return self.unit.levels

    @property
    def balanced(self) -> bool:
        return bool(np.all(self.count == self.count[0]))


def variance_components(y: NDArray[np.float64], X: NDArray[np.float64], unit: Codes, method: str
                        ) -> Components:
    """Return the variance components.

    Parameters
    ----------
    y, X
        Shapes (n,) and (n, k), X without a constant.
    unit
        Unit of each row.
    method
        - ``swamy-arora``: within residuals and between residuals, each over its degrees of freedom
          (Swamy and Arora 1972; unbalanced: Baltagi and Chang 1994, as plm and Stata's ``sa``);
        - ``wallace-hussain``: least-squares residuals in both (1969);
        - ``amemiya``: within residuals in both (1971);
        - ``nerlove``: the variance of the estimated unit effects and SSR_w/n (1971).

    Notes
    -----
    In balanced panels Wallace-Hussain and Amemiya divide by N(T−1) and N, as plm; in unbalanced
    ones both solve the exact expectations of the two forms.
    """
    count = np.bincount(unit.codes, minlength=unit.levels).astype(np.float64)
    columns = np.column_stack([y, X])
    mean = unit_means(columns, unit)[unit.codes]
    data = _Data(y, X, unit, count, columns - mean, mean)
    methods = {"swamy-arora": _swamy_arora, "wallace-hussain": _wallace_hussain,
               "amemiya": _amemiya, "nerlove": _nerlove}
    nu, mu = methods[method](data)
    return Components(nu, max(mu, 0.0), mu < 0)


def _swamy_arora(d: _Data) -> tuple[float, float]:
    coef, K = _within(d)
    residual = d.within[:, 0] - d.within[:, 1:] @ coef
    nu = float(residual @ residual) / (d.n - d.N - K)
    Xb = np.column_stack([np.ones(d.n), d.mean[:, 1:]])
    q, r = _basis(Xb)
    left = d.mean[:, 0] - q @ (q.T @ d.mean[:, 0])
    sums = np.zeros((d.N, r))
    np.add.at(sums, d.unit.codes, q)
    mu = (float(left @ left) - (d.N - r) * nu) / (d.n - float(np.sum(sums**2)))
    return nu, mu


def _wallace_hussain(d: _Data) -> tuple[float, float]:
    X = np.column_stack([np.ones(d.n), d.X])
    q, r = _basis(X)
    e = d.y - q @ (q.T @ d.y)
    q_w, q_b = _forms(e, d)
    if d.balanced:
        return _balanced(q_w, q_b, d)
    # e = My, M = I − qq': expectations of e'Qe and e'Pe under both components.
    means = unit_means(q, d.unit)
    between = means.T @ (means * d.count[:, None])      # q'Pq
    sums = means * d.count[:, None]
    effects = sums.T @ sums                              # q'ZZ'q
    a_w = (d.n - d.N) - (r - np.trace(between))
    b_w = np.trace(effects) - np.trace(between @ effects)
    a_b = d.N - np.trace(between)
    b_b = d.n - 2 * np.trace(effects) + np.trace(between @ effects)
    nu, mu = np.linalg.solve(np.array([[a_w, b_w], [a_b, b_b]]), np.array([q_w, q_b]))
    return float(nu), float(mu)


def _amemiya(d: _Data) -> tuple[float, float]:
    coef, K = _within(d)
    e = d.y - d.X @ coef
    e = e - e.mean()
    q_w, q_b = _forms(e, d)
    if d.balanced:
        return _balanced(q_w, q_b, d)
    nu = q_w / (d.n - d.N - K)
    Xw = d.within[:, 1:]
    Xb = d.mean[:, 1:] - d.X.mean(axis=0)
    a_b = d.N - 1 + float(np.trace(np.linalg.pinv(Xw.T @ Xw) @ (Xb.T @ Xb)))
    b_b = d.n - float(np.sum(d.count**2)) / d.n
    return nu, (q_b - a_b * nu) / b_b


def _nerlove(d: _Data) -> tuple[float, float]:
    coef, _ = _within(d)
    residual = d.within[:, 0] - d.within[:, 1:] @ coef
    effects = unit_means((d.y - d.X @ coef)[:, None], d.unit)[:, 0]
    share = d.count / d.n
    centred = effects - share @ effects
    return float(residual @ residual) / d.n, float(share @ centred**2) * d.N / (d.N - 1)


def _balanced(q_w: float, q_b: float, d: _Data) -> tuple[float, float]:
    nu = q_w / (d.n - d.N)
    return nu, (q_b / d.N - nu) / float(d.count[0])


def _forms(e: NDArray[np.float64], d: _Data) -> tuple[float, float]:
    """Return ``e'Qe`` and ``e'Pe``."""
    means = unit_means(e[:, None], d.unit)[:, 0]
    between = float(d.count @ means**2)
    return float(e @ e) - between, between


def _within(d: _Data) -> tuple[NDArray[np.float64], int]:
    """Return the within coefficients, zero for regressors that do not vary, and their number."""
    X = d.within[:, 1:]
    size = np.linalg.norm(X, axis=0)
    varies = size > VARYING * np.linalg.norm(d.X - d.X.mean(axis=0), axis=0)
    coef = np.zeros(X.shape[1])
    scaled = X[:, varies] / size[varies]
    solution, _, rank, _ = np.linalg.lstsq(scaled, d.within[:, 0], rcond=1e-9)
    coef[varies] = solution / size[varies]
    return coef, int(rank)


def _basis(X: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """Return an orthonormal basis, shape (n, r), of the columns of X, and r."""
    U, s, _ = np.linalg.svd(X / np.linalg.norm(X, axis=0), full_matrices=False)
    r = int((s > 1e-9 * s[0]).sum())
    return U[:, :r], r
