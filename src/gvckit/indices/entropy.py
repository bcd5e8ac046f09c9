"""Entropy weights of a panel, and the variants that circulate.

Kernels take Z (n, J), NaN for missing; a column that is all NaN gets weight 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing
from gvckit.indices.weighing import Parts, Weighing, plain, usable

__all__ = ["entropy", "entropy_ln_times", "entropy_ln_units", "entropy_raw", "with_base"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


def _shares(Z: Matrix, shift: float) -> tuple[Vector, Vector, Vector]:
    """Return -Σ p ln p, the rows with a value, the sum; each (J,)."""
    there = ~np.isnan(Z)
    if there.all():
        shifted, n = (Z + shift if shift else Z), np.full(Z.shape[1], float(len(Z)))
    else:
        shifted, n = np.where(there, Z + shift, 0.0), there.sum(axis=0).astype(np.float64)
    total = shifted.sum(axis=0)
    p = shifted / np.where(total > 0, total, 1.0)
    logs = np.zeros_like(p)
    np.log(p, out=logs, where=p > 0)
    logs *= p
    return -logs.sum(axis=0), n, total


def with_base(Z: Matrix, shift: float, base: Vector | None) -> Weighing:
    """Return entropy weights with k = 1/ln(base), the base n rows of each column where None.

    Where entropies are on both sides of 1, which a base below n makes possible, weights would be
    negative: an error.  Where all exceed 1 the weights are d/Σd all the same, as spreadsheets give
    them.
    """
    raw, n, total = _shares(Z, shift)
    size = n if base is None else base
    able = usable(Z) & (n > 1) & (total > 0) & (size > 1)
    e = np.where(able, raw / np.log(np.where(able, size, 2.0)), np.nan)
    d = 1.0 - e
    if base is None:
        # e cannot exceed 1 but by rounding.
        return Weighing(plain(np.where(able, np.maximum(np.nan_to_num(d), 0.0), 0.0)).weights, e, d)
    known = np.nan_to_num(d)
    if (known < 0).any() and (known > 0).any():
        where = listing([f"column {j + 1}" for j in np.flatnonzero(known < 0)])
        raise DataError(Problem(f"with this base of the logarithm the entropy of {where} exceeds "
                                "1, so weights would be negative",
                                allowed="weights: entropy, whose base is the number of rows"))
    return Weighing(plain(np.abs(known)).weights, e, d)


def entropy(Z: Matrix, shift: float = 0.0) -> Weighing:
    """Return panel entropy weights.

    Notes
    -----
    Over the pooled rows θi, n = T·U of them::

        p = z / Σ z        e = -1/ln(n) Σ p ln p  (0 ln 0 := 0)        d = 1 - e        w = d / Σ d

    n is the number of rows with a value, not the number of units: with ln(U) e can exceed 1.
    ``shift`` is added to z; without it the zeros of min-max need no repair.
    """
    return with_base(Z, shift, None)


def entropy_raw(parts: Parts) -> Weighing:
    """Return entropy weights of the shares x/Σx of values that are not normalised."""
    if (parts.X < 0).any():
        raise DataError(Problem("entropy of raw shares needs values that are not negative",
                                allowed="weights: entropy"))
    return entropy(np.where(usable(parts.Z), parts.X, np.nan), parts.shift)


def entropy_ln_units(parts: Parts) -> Weighing:
    """Return entropy weights with k = 1/ln(U), U units: the slip of cross-section formulas."""
    base = np.full(parts.Z.shape[1], float(len(np.unique(parts.units))))
    return with_base(parts.Z, parts.shift, base)


def entropy_ln_times(parts: Parts) -> Weighing:
    """Return entropy weights with k = 1/ln(T), T times: the slip of ``log(count by id)``."""
    base = np.full(parts.Z.shape[1], float(len(np.unique(parts.times))))
    return with_base(parts.Z, parts.shift, base)
