"""Weights that give every child the same say: equal correlations with the sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.indices.weighing import Weighing, complete, plain, usable

__all__ = ["Balanced", "balance", "balanced"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Balanced:
    """Weights (J,), the shares of correlation wanted and obtained with them (J,), and their gap.

    ``gap`` is the mean squared difference of the shares, at these weights.
    """

    weights: Vector
    desired: Vector
    obtained: Vector
    gap: float


def _shares(w: Vector, S: Matrix, sd: Vector) -> Vector:
    r = S @ w / sd
    total = r.sum()
    return np.asarray(r / total if abs(total) > 0 else np.full(len(r), np.nan))


def balance(Z: Matrix, target: Vector | None = None) -> Balanced:
    """Return weights ≥ 0 with which correlations with Σ w z are in the proportions ``target``.

    Becker, Saisana, Paruolo and Vandecasteele (2017).  Correlations are proportional to (S w)/σ, so
    S w = σ·target solves it exactly; where that has negative weights, the smallest mean squared gap
    of the shares over weights ≥ 0 is taken instead.

    Parameters
    ----------
    Z
        (n, J) complete columns that vary.
    target
        (J,) proportions; None: equal.
    """
    S = np.atleast_2d(np.cov(Z, rowvar=False))
    sd = np.sqrt(np.diag(S))
    count = Z.shape[1]
    desired = np.full(count, 1.0 / count) if target is None else target / target.sum()
    w = np.linalg.lstsq(S, sd * desired, rcond=1e-12)[0]
    # Children that cancel each other leave nothing to solve: w is 0, but for rounding.
    if (w < 0).any() or not w.sum() > 1e-9 / sd.max():
        w = _bounded(np.maximum(w, 0.0) + 1e-3 / sd, S, sd, desired)
    w = w / w.sum()
    obtained = _shares(w, S, sd)
    return Balanced(w, desired, obtained, float(((obtained - desired) ** 2).mean()))


def _bounded(start: Vector, S: Matrix, sd: Vector, desired: Vector) -> Vector:
    from scipy.optimize import minimize

    def gap(w: Vector) -> float:
        # On a larger scale, so that the search's tolerance is not reached at once.  Children that
        # cancel each other have no shares, which is as far off as can be.
        off = float(((_shares(w, S, sd) - desired) ** 2).mean())
        return 1e4 * (off if np.isfinite(off) else 1.0)

    starts = [start / start.sum(), np.full(len(sd), 1.0 / len(sd))]
    found = [minimize(gap, s, method="SLSQP", bounds=[(0.0, 1.0)] * len(sd),
                      constraints=[{"type": "eq", "fun": lambda w: w.sum() - 1.0}],
                      options={"maxiter": 1000, "ftol": 1e-14}) for s in starts]
    best = min(found, key=lambda r: float(r.fun))
    return np.asarray(np.maximum(best.x, 0.0))


def balanced(Z: Matrix) -> Weighing:
    """Return :func:`balance` of the columns that vary, over complete rows."""
    able = usable(Z)
    part = complete(Z, able)
    raw = np.zeros(Z.shape[1])
    if able.sum() < 2 or len(part) < 3 or not (part.std(axis=0) > 0).all():
        return plain(able.astype(np.float64))
    raw[able] = balance(part).weights
    return plain(raw)
