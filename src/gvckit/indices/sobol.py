"""Sobol indices: which choice moves the result, alone and with the others.

Designs are Saltelli's: two matrices A and B of points in [0, 1), and for each factor A with that
column of B; N(d + 2) evaluations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem

__all__ = ["Design", "Sobol", "choose", "design", "sobol"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Design:
    """Points A and B (N, d), and AB (d, N, d) with column i of B in A."""

    A: Matrix
    B: Matrix
    AB: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sobol:
    """First- and total-order indices (d,), the variance, and 95 % half widths (bootstrap)."""

    first: Vector
    total: Vector
    variance: float
    first_width: Vector
    total_width: Vector


def design(points: int, factors: int, seed: int) -> Design:
    """Return the design with N = ``points`` (a power of 2) scrambled Sobol points.

    Raises
    ------
    DataError
        Where N is no power of 2, which these points need to be balanced.
    """
    from scipy.stats import qmc

    if points < 2 or points & (points - 1):
        raise DataError(Problem(f"{points} points are no power of 2", allowed="64, 128, 256, …"))
    engine = qmc.Sobol(2 * factors, scramble=True, rng=np.random.default_rng(seed))
    both = engine.random(points)
    A, B = both[:, :factors], both[:, factors:]
    AB = np.repeat(A[None], factors, axis=0)
    for i in range(factors):
        AB[i, :, i] = B[:, i]
    return Design(A, B, AB)


def choose(u: Vector, count: int) -> NDArray[np.int64]:
    """Return which of ``count`` options points u in [0, 1) mean: equal parts of [0, 1)."""
    return np.minimum((u * count).astype(np.int64), count - 1)


def sobol(A: Vector, B: Vector, AB: Matrix, *, centred: bool = True, ddof: int = 0,
          resamples: int = 0, seed: int = 0) -> Sobol:
    """Return the indices from outputs at A (N,), B (N,) and AB (d, N).

    Saltelli et al. (2010) first order, Jansen (1999) total order, V the variance of A and B
    together::

        S = mean(B (AB - A))/V          S_T = mean((A - AB)²)/(2 V)

    ``centred`` subtracts the mean of all outputs first: without it S has needless noise where the
    mean is not 0.  An output that does not vary has indices 0.
    """
    both = np.concatenate([A, B])
    variance = float(both.var(ddof=ddof)) if len(both) > ddof else 0.0
    d = len(AB)
    nothing = np.zeros(d)
    if not variance > 1e-24 * max(1.0, float(np.abs(both).max(initial=0.0)) ** 2):
        return Sobol(nothing, nothing, 0.0, nothing, nothing)
    shift = np.concatenate([both, AB.ravel()]).mean() if centred else 0.0
    first, total = _indices(A - shift, B - shift, AB - shift, ddof)
    widths = [nothing, nothing]
    if resamples:
        rng = np.random.default_rng(seed)
        draws = []
        for _ in range(resamples):
            pick = rng.integers(len(A), size=len(A))
            draws.append(_indices((A - shift)[pick], (B - shift)[pick], (AB - shift)[:, pick],
                                  ddof))
        widths = [1.959963984540054 * np.array([x[k] for x in draws]).std(axis=0, ddof=1)
                  for k in (0, 1)]
    return Sobol(first, total, variance, widths[0], widths[1])


def _indices(A: Vector, B: Vector, AB: Matrix, ddof: int) -> tuple[Vector, Vector]:
    variance = np.concatenate([A, B]).var(ddof=ddof)
    if not variance > 0:
        return np.zeros(len(AB)), np.zeros(len(AB))
    first: Vector = (B * (AB - A)).mean(axis=1) / variance
    total: Vector = ((A - AB) ** 2).mean(axis=1) / (2.0 * variance)
    return first, total
