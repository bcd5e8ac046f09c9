"""k-class and GMM solutions of a linear model with instruments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize

from gvckit.errors import ModelError, Problem
from gvckit.models.demean import ConvergenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EXACT", "Solution", "cue", "gmm", "j_statistic", "k_class", "liml_kappa",
           "regular"]

SINGULAR = 1e-10
EXACT = ("the instruments and the exogenous regressors explain y, or a regressor, exactly: no "
          "variance is left to weigh them by")


@dataclass(frozen=True, slots=True)
class Solution:
    """Coefficients (k,), residuals (n,), bread (k, k) and influence (n, k)."""

    coef: NDArray[np.float64]
    residuals: NDArray[np.float64]
    bread: NDArray[np.float64]
    influence: NDArray[np.float64]


def k_class(y: NDArray[np.float64], X: NDArray[np.float64], A: NDArray[np.float64], kappa: float
            ) -> Solution:
    """Return ``b = (X'(I − κM)X)⁻¹ X'(I − κM)y`` with M = I − A(A'A)⁻¹A'.

    κ = 1 is two-stage least squares.  The influence is ``(X'(I − κM)X)⁻¹ x̂_i u_i``, x̂ the fit of
    X on A (as Stata, ivreg2 and linearmodels).
    """
    Q, _ = np.linalg.qr(A)
    fitted = Q @ (Q.T @ X)
    if kappa == 1.0:
        q, r = np.linalg.qr(fitted)
        inverse = solve_triangular(r, np.eye(len(r)))
        coef, bread = inverse @ (q.T @ y), inverse @ inverse.T
    else:
        moved = X * (1 - kappa) + fitted * kappa
        bread = np.linalg.inv(X.T @ moved)
        bread = (bread + bread.T) / 2
        coef = bread @ (moved.T @ y)
    residuals = y - X @ coef
    return Solution(coef, residuals, bread, fitted * residuals[:, None] @ bread)


def liml_kappa(Y: NDArray[np.float64], E: NDArray[np.float64], Z: NDArray[np.float64]) -> float:
    """Return the smallest root κ of ``|W'W − κ W'M_Z W| = 0``, W = [Y, E] (n, 1 + m)."""
    W = np.column_stack([Y, E])
    W = W / np.linalg.norm(W, axis=0)
    Q, _ = np.linalg.qr(Z)
    left = W - Q @ (Q.T @ W)
    try:
        roots = np.linalg.eigvals(np.linalg.solve(left.T @ left, W.T @ W))
    except np.linalg.LinAlgError:
        raise ModelError(Problem(EXACT)) from None
    return float(np.min(roots.real))


def gmm(y: NDArray[np.float64], X: NDArray[np.float64], A: NDArray[np.float64],
        S: NDArray[np.float64]) -> Solution:
    """Return ``b = (G'S⁻¹G)⁻¹ G'S⁻¹A'y`` with G = A'X, S (l, l) the covariance of the moments.

    The influence is ``(G'S⁻¹G)⁻¹ G'S⁻¹ a_i u_i``, so that a covariance made of it is the sandwich
    with S estimated anew.
    """
    factor = _factor(S)
    G = A.T @ X
    weighted = cho_solve(factor, G)
    bread = np.linalg.inv(G.T @ weighted)
    bread = (bread + bread.T) / 2
    coef = bread @ (weighted.T @ (A.T @ y))
    residuals = y - X @ coef
    return Solution(coef, residuals, bread, (A * residuals[:, None]) @ weighted @ bread)


def cue(
    y: NDArray[np.float64], X: NDArray[np.float64], A: NDArray[np.float64], start: Solution,
    moments: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Solution:
    """Return the continuously updated estimate: b minimises ``g(b)'S(b)⁻¹g(b)``, g = A'(y − Xb).

    Hansen, Heaton and Yaron (1996).  ``moments`` returns S (l, l) of residuals (n,).  The search
    runs over coordinates in which the two-step estimate ``start`` has unit covariance.

    Raises
    ------
    ModelError
        A covariance of the moments that is singular.
    ConvergenceError
        Where the search stops at a point that is no minimum.
    """
    try:
        spread = np.linalg.cholesky(start.influence.T @ start.influence)
    except np.linalg.LinAlgError:
        raise ModelError(Problem(EXACT)) from None

    def criterion(v: NDArray[np.float64]) -> float:
        u = y - X @ (start.coef + spread @ v)
        return j_statistic(A, u, moments(u))

    at = np.zeros(X.shape[1])
    for _ in range(5):
        found = minimize(criterion, at, method="BFGS", options={"gtol": 1e-9, "maxiter": 500})
        step = float(np.abs(found.x - at).max())
        at = found.x
        if step < 1e-7:
            break
    else:
        if not np.abs(found.jac).max() < 1e-4:
            raise ConvergenceError("the continuously updated GMM criterion did not converge")
    coef = start.coef + spread @ at
    solution = gmm(y, X, A, moments(y - X @ coef))
    residuals = y - X @ coef
    weighted = cho_solve(_factor(moments(residuals)), A.T @ X)
    return Solution(coef, residuals, solution.bread,
                    (A * residuals[:, None]) @ weighted @ solution.bread)


def j_statistic(A: NDArray[np.float64], u: NDArray[np.float64], S: NDArray[np.float64]) -> float:
    """Return ``g'S⁻¹g`` with g = A'u (l,) and S (l, l) its covariance."""
    g = A.T @ u
    return float(g @ cho_solve(_factor(S), g))


def regular(S: NDArray[np.float64]) -> bool:
    """Return whether a covariance, shape (l, l), is positive definite beyond rounding."""
    size = np.sqrt(np.diag(S))
    if not np.all(size > 0) or not np.isfinite(S).all():
        return False
    return bool(np.linalg.eigvalsh(S / np.outer(size, size))[0] > SINGULAR)


def _factor(S: NDArray[np.float64]) -> Any:
    if not regular(S):
        raise ModelError(Problem(
            f"the covariance of the {len(S)} moments is singular: too few clusters or periods for "
            "that many instruments and exogenous regressors", allowed="2sls; fewer controls"))
    return cho_factor(S)
