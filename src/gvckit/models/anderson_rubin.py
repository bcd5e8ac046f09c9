"""Anderson-Rubin tests and confidence sets, which hold however weak the instruments are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import eig
from scipy.stats import f

from gvckit.models.first_stage import FirstStages

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ConfidenceSet", "ar_statistic", "confidence_set"]


@dataclass(frozen=True, slots=True)
class ConfidenceSet:
    """A union of intervals in ascending order; ends may be infinite, none at all is the empty set.

    Attributes
    ----------
    intervals
        ``(low, high)`` pairs.
    level
        Its confidence level.
    """

    intervals: tuple[tuple[float, float], ...]
    level: float

    def __contains__(self, value: float) -> bool:
        return any(low <= value <= high for low, high in self.intervals)

    def __str__(self) -> str:
        if not self.intervals:
            return "empty"
        return " ∪ ".join(
            f"{'(−∞' if math.isinf(low) else f'[{low:.6g}'}, "
            f"{'∞)' if math.isinf(high) else f'{high:.6g}]'}" for low, high in self.intervals)


def ar_statistic(first: FirstStages, beta: NDArray[np.float64]) -> tuple[float, float]:
    """Return the Anderson-Rubin F and its p value for coefficients ``beta`` (m,).

    ``F = d'V(β)⁻¹d / L``, d the coefficients on the instruments of a regression of y − Eβ, and V
    their covariance of the model's kind.
    """
    weights = np.concatenate([[1.0], -beta])
    d = first.coef @ weights
    L = len(d)
    V = sum(weights[a] * weights[b] * first.block(a, b)
            for a in range(len(weights)) for b in range(len(weights)))
    statistic = float(d @ np.linalg.solve(np.asarray(V), d)) / L
    return statistic, float(f.sf(statistic, L, first.small.dof))


def confidence_set(first: FirstStages, level: float = 0.95) -> ConfidenceSet:
    """Return all β of one endogenous regressor that the Anderson-Rubin test does not reject.

    Both d(β) = d_0 − βd_1 and V(β), quadratic in β, come from one joint covariance.  The ends are
    the real roots of ``det [[V(β), d(β)], [d(β)', c]] = det V(β) · (c − d'V⁻¹d)``, a quadratic
    eigenvalue problem; the set may be bounded, unbounded, disjoint or empty.
    """
    L = len(first.coef)
    c = L * float(f.isf(1 - level, L, first.small.dof))
    Vyy, Vyx, Vxx = first.block(0, 0), first.block(0, 1), first.block(1, 1)
    scale = math.sqrt(float(np.trace(Vyy)) / float(np.trace(Vxx)))
    # In coordinates with V_xx = I and β in units of ``scale`` the matrices are of one size.
    root = np.linalg.inv(np.linalg.cholesky(Vxx))
    dy, dx = root @ first.coef[:, 0] / scale, root @ first.coef[:, 1]
    V0 = root @ Vyy @ root.T / scale**2
    V1 = -(root @ (Vyx + Vyx.T) @ root.T) / scale
    A0 = np.block([[V0, dy[:, None]], [dy[None, :], np.array([[c]])]])
    A1 = np.block([[V1, -dx[:, None]], [-dx[None, :], np.zeros((1, 1))]])
    A2 = np.diag([*np.ones(L), 0.0])
    size = L + 1
    left = np.block([[np.zeros((size, size)), np.eye(size)], [-A0, -A1]])
    right = np.block([[np.eye(size), np.zeros((size, size))], [np.zeros((size, size)), A2]])
    pairs = eig(left, right, right=False, homogeneous_eigvals=True)
    finite = np.abs(pairs[1]) > 1e-12 * np.abs(pairs[0])
    values = pairs[0][finite] / pairs[1][finite]
    roots = sorted(float(v.real) for v in values if abs(v.imag) <= 1e-7 * (1 + abs(v.real)))

    def inside(beta: float) -> bool:
        d = dy - beta * dx
        return float(d @ np.linalg.solve(V0 + beta * V1 + beta**2 * np.eye(L), d)) <= c

    return ConfidenceSet(tuple((a * scale, b * scale) for a, b in _pieces(roots, inside)), level)


def _pieces(roots: list[float], inside: Callable[[float], bool]) -> list[tuple[float, float]]:
    """Return the intervals between ``roots`` on which ``inside`` holds, neighbours joined."""
    ends = [-math.inf, *roots, math.inf]
    pieces: list[tuple[float, float]] = []
    for low, high in pairwise(ends):
        if low == high:
            continue
        if math.isinf(low) and math.isinf(high):
            middle = 0.0
        elif math.isinf(low):
            middle = high - 1 - abs(high)
        elif math.isinf(high):
            middle = low + 1 + abs(low)
        else:
            middle = (low + high) / 2
        if not inside(middle):
            continue
        if pieces and pieces[-1][1] == low:
            pieces[-1] = (pieces[-1][0], high)
        else:
            pieces.append((low, high))
    return pieces
