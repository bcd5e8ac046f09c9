"""Fit statistics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.residualise import Residualised

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["fit_statistics", "within_shares"]


def fit_statistics(
    res: Residualised, ssr: float, k: int, parameters: int, y: NDArray[np.float64]
) -> dict[str, float]:
    """Return the fit statistics of a regression of ``res.y``.

    Parameters
    ----------
    res
        The residualised variables.
    ssr
        Weighted sum of squared residuals.
    k
        Slopes estimated (no intercept).
    parameters
        K: slopes, fixed effects or intercept.
    y
        Shape (n,): the dependent variable before the transformation.

    Notes
    -----
    With SST and SST_w the weighted sums of squares of y about its mean and about its fixed effects:

    - ``n``;
    - ``r2`` = 1 − SSR/SST; ``r2_adj`` = 1 − (SSR/(n − K)) / (SST/(n − 1));
    - ``r2_within`` = 1 − SSR/SST_w and ``r2_within_adj`` = 1 − (SSR/(n − K)) / (SST_w/(n − K + k)),
      only with fixed effects (as fixest's ``wr2``, ``war2``);
    - ``rmse`` = √(SSR/Σw); ``sigma`` = √(SSR/Σw · n/(n − K)), w = 1 without weights;
    - ``log_lik``: Gaussian, at the maximum-likelihood variance SSR/n, as R ``logLik``;
    - ``y_mean``, ``y_sd``: unweighted, of the used rows, the latter with n − 1.

    Statistics that divide by n − K are left out where K ≥ n, which clustered standard errors with
    nested fixed effects allow.
    """
    n = res.n
    left = n - parameters
    stats = {
        "n": float(n),
        "r2": 1.0 - ssr / res.y_total,
    }
    if left > 0:
        stats["r2_adj"] = 1.0 - (ssr / left) / (res.y_total / (n - 1))
    if not res.constant:
        stats["r2_within"] = 1.0 - ssr / res.y_within
    if not res.constant and left > 0:
        stats["r2_within_adj"] = 1.0 - (ssr / left) / (res.y_within / (left + k))
    stats["rmse"] = float(np.sqrt(ssr / res.mass))
    if left > 0:
        stats["sigma"] = float(np.sqrt(ssr / res.mass * n / left))
    stats["log_lik"] = _log_likelihood(ssr, n, res.weights)
    stats["y_mean"] = float(y.mean())
    stats["y_sd"] = float(y.std(ddof=1))
    return stats


def within_shares(res: Residualised, focal: tuple[str, ...]) -> dict[str, float]:
    """Return, for each focal regressor, the share of its variance that fixed effects leave."""
    return {
        f"within_share:{term}": float(within / total)
        for term, within, total in zip(res.terms, res.X_within, res.X_total, strict=True)
        if term in focal and total > 0
    }


def _log_likelihood(ssr: float, n: int, weights: NDArray[np.float64] | None) -> float:
    scale = 0.0 if weights is None else float(np.log(weights).sum())
    if ssr <= 0:
        return float("inf")
    return 0.5 * (scale - n * (math.log(2 * math.pi) + 1.0 + math.log(ssr / n)))
