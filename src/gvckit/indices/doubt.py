"""Benefit of the doubt: every row is weighed as suits it best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, ModelError, Problem

__all__ = ["Doubt", "benefit_of_the_doubt", "undominated"]

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Scores (n,) and each row's own weights (n, J); shares w·y/score (n, J)."""

    scores: NDArray[np.float64]
    weights: Matrix
    shares: Matrix


def undominated(Y: Matrix) -> NDArray[np.intp]:
    """Return the rows that no other row reaches in every column (of equal rows the first)."""
    _, keep = np.unique(Y, axis=0, return_index=True)
    keep = np.sort(keep)
    part = Y[keep]
    order = np.argsort(-part.sum(axis=1), kind="stable")
    front: list[int] = []
    for i in order.tolist():
        if front and (part[front] >= part[i]).all(axis=1).any():
            continue
        front.append(i)
    return np.sort(keep[front])


def benefit_of_the_doubt(Y: Matrix, low: float = 0.0, high: float = 1.0) -> Doubt:
    """Return max w·y under Y w ≤ 1, w ≥ 0 for each row.

    Melyn and Moesen (1991), Cherchye et al. (2007).  Only rows that no other row reaches
    everywhere bind, so only they enter.

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
    from scipy.optimize import linprog

    if np.isnan(Y).any() or (Y < 0).any():
        raise DataError(Problem("benefit of the doubt needs values that are not negative, without "
                                "gaps", allowed="a missing rule, and normalise: minmax-pooled"))
    n, count = Y.shape
    bounded = low > 0.0 or high < 1.0
    if bounded and (low * count > 1.0 + 1e-12 or high * count < 1.0 - 1e-12):
        raise DataError(Problem(f"shares from {low:g} to {high:g} of {count} columns cannot sum "
                                "to 1"))
    binding = Y[undominated(Y)]
    limit = np.ones(len(binding))
    scores, weights = np.empty(n), np.empty(Y.shape)
    for i, y in enumerate(Y):
        A, b = binding, limit
        if bounded:
            shares = np.r_[low * np.tile(y, (count, 1)) - np.diag(y),
                           np.diag(y) - high * np.tile(y, (count, 1))]
            A, b = np.r_[binding, shares], np.r_[limit, np.zeros(2 * count)]
        found = linprog(-y, A_ub=A, b_ub=b, bounds=(0, None), method="highs-ds")
        if found.status != 0 or not np.isfinite(found.fun):
            raise ModelError(Problem(f"the programme of row {i + 1} has no solution: "
                                     f"{found.message}"))
        weights[i] = found.x
        scores[i] = float(found.x @ y)
        if bounded and not scores[i] > 1e-12:
            raise ModelError(Problem(f"no weights of row {i + 1} keep its shares from {low:g} to "
                                     f"{high:g}: it has values of 0",
                                     allowed="a floor under the values"))
    size = np.where(scores > 0, scores, np.nan)[:, None]
    return Doubt(scores, weights, weights * Y / size)
