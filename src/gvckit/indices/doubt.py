"""Benefit of the doubt: every row is weighed as suits it best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, ModelError, Problem
from gvckit.indices.vertices import best_vertices

__all__ = ["Doubt", "benefit_of_the_doubt"]

# Below 1 by more than this a row never binds.
_SHORT = 1e-7

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Scores (n,) and each row's own weights (n, J); shares w·y/score (n, J)."""

    scores: NDArray[np.float64]
    weights: Matrix
    shares: Matrix


def benefit_of_the_doubt(Y: Matrix, low: float = 0.0, high: float = 1.0) -> Doubt:
    """Return max w·y under Y w ≤ 1, w ≥ 0 for each row.

    Melyn and Moesen (1991), Cherchye et al. (2007).  The programmes share their limits and are
    solved together (:mod:`gvckit.indices.vertices`); those whose solution does not prove itself,
    and those with bounds on shares, which are limits of their own, are solved one by one.  Of rows
    with score 1 the weights are not unique.

    Parameters
    ----------
    Y
        (n, J) values, not negative, without gaps.
    low, high
        Bounds on each column's share w y/(w·y) of the row's score.

    Raises
    ------
    DataError
        Where a value is missing or negative, or a row is 0 everywhere.
    ModelError
        Where a row has no weights within the bounds on shares, or the programme fails.
    """
    if np.isnan(Y).any() or (Y < 0).any():
        raise DataError(Problem("benefit of the doubt needs values that are not negative, without "
                                "gaps", allowed="a missing rule, and normalise: minmax-pooled"))
    count = Y.shape[1]
    bounded = low > 0.0 or high < 1.0
    if bounded and (low * count > 1.0 + 1e-12 or high * count < 1.0 - 1e-12):
        raise DataError(Problem(f"shares from {low:g} to {high:g} of {count} columns cannot sum "
                                "to 1"))
    free = best_vertices(Y)
    weights = free.points
    scores: NDArray[np.float64] = (weights * Y).sum(axis=1)
    binding = Y[~free.proven | (scores >= 1.0 - _SHORT)]
    for i in np.flatnonzero(~free.proven | bounded).tolist():
        weights[i] = _programme(Y[i], binding, (low, high) if bounded else None, i)
        scores[i] = float(weights[i] @ Y[i])
    size = np.where(scores > 0, scores, np.nan)[:, None]
    return Doubt(scores, weights, weights * Y / size)


def _programme(y: NDArray[np.float64], binding: Matrix, shares: tuple[float, float] | None,
               row: int) -> NDArray[np.float64]:
    """Return the weights (J,) of one row y, under bounds on its shares where there are some."""
    from scipy.optimize import linprog

    A, b = binding, np.ones(len(binding))
    if shares is not None:
        each = np.tile(y, (len(y), 1))
        own = np.r_[shares[0] * each - np.diag(y), np.diag(y) - shares[1] * each]
        A, b = np.r_[binding, own], np.r_[b, np.zeros(len(own))]
    found = linprog(-y, A_ub=A, b_ub=b, bounds=(0, None), method="highs-ds")
    if found.status != 0 or not np.isfinite(found.fun):
        raise ModelError(Problem(f"the programme of row {row + 1} has no solution: "
                                 f"{found.message}"))
    if shares is not None and not float(found.x @ y) > 1e-12:
        raise ModelError(Problem(f"no weights of row {row + 1} keep its shares from {shares[0]:g} "
                                 f"to {shares[1]:g}: it has values of 0",
                                 allowed="a floor under the values"))
    return np.asarray(found.x, dtype=np.float64)
