"""Weights of indicators, from their normalised values.

Kernels take Z (n, J), NaN for missing; a column that is all NaN (constant, or without a value) gets
weight 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCHEMES", "Scheme", "Weighing", "critic", "entropy", "equal"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weighing:
    """Weights of J columns.

    Attributes
    ----------
    weights
        (J,), not negative, sum 1 (all 0 where no column can have a weight).
    entropy, divergence
        (J,) e and d = 1 - e for entropy weights; NaN for others and for columns without weight.
    """

    weights: Vector
    entropy: Vector
    divergence: Vector


def _plain(raw: Vector) -> Weighing:
    size = raw.sum()
    nothing = np.full(len(raw), np.nan)
    return Weighing(raw / size if size > 0 else raw, nothing, nothing)


def _usable(Z: Matrix) -> NDArray[np.bool_]:
    return np.asarray((~np.isnan(Z)).any(axis=0), dtype=np.bool_)


def equal(Z: Matrix, shift: float = 0.0) -> Weighing:
    """Return 1/J for each of the J columns that vary."""
    return _plain(_usable(Z).astype(np.float64))


def entropy(Z: Matrix, shift: float = 0.0) -> Weighing:
    """Return panel entropy weights.

    Notes
    -----
    Over the pooled rows θi, n = T·U of them::

        p = z / Σ z        e = -1/ln(n) Σ p ln p  (0 ln 0 := 0)        d = 1 - e        w = d / Σ d

    n is the number of rows with a value, not the number of units: with ln(U) e can exceed 1.
    ``shift`` is added to z; without it the zeros of min-max need no repair.
    """
    usable = _usable(Z)
    shifted = np.where(np.isnan(Z), 0.0, Z + shift)
    n = (~np.isnan(Z)).sum(axis=0)
    total = shifted.sum(axis=0)
    p = shifted / np.where(total > 0, total, 1.0)
    logs = np.log(np.where(p > 0, p, 1.0))
    e = -(p * logs).sum(axis=0) / np.where(n > 1, np.log(np.maximum(n, 2)), np.nan)
    usable &= (n > 1) & (total > 0)
    e = np.where(usable, e, np.nan)
    d = 1.0 - e
    raw = np.where(usable, np.maximum(np.nan_to_num(d), 0.0), 0.0)
    return Weighing(_plain(raw).weights, e, d)


def critic(Z: Matrix, shift: float = 0.0) -> Weighing:
    """Return CRITIC weights: C = σ Σ (1 - r), w = C/ΣC, σ with n - 1, over complete rows.

    Diakoulaki, Mavrotas and Papayannakis (1995).
    """
    usable = _usable(Z)
    part = Z[:, usable]
    part = part[~np.isnan(part).any(axis=1)]
    raw = np.zeros(Z.shape[1])
    if part.shape[0] > 1 and part.shape[1] > 0:
        sd = part.std(axis=0, ddof=1)
        apart = part - part.mean(axis=0)
        size = np.sqrt((apart**2).sum(axis=0))
        r = (apart.T @ apart) / np.where(size > 0, np.outer(size, size), np.nan)
        # The diagonal is 1 but for rounding, which one column alone must not live on.
        np.fill_diagonal(r, 1.0)
        raw[usable] = np.nan_to_num(sd * np.maximum(1.0 - r, 0.0).sum(axis=1))
    return _plain(raw)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to weigh the tree.

    Attributes
    ----------
    kernel
        ``(Z, shift)`` → weights; None: the weights that the tree gives.
    flat
        True: one set of weights over all indicators, a pillar's weight being the sum of its own;
        False: children of each node among themselves.
    unit_interval
        Whether it needs values in [0, 1].
    words
        What it is.
    """

    kernel: Callable[[Matrix, float], Weighing] | None
    flat: bool
    unit_interval: bool
    words: str


SCHEMES: dict[str, Scheme] = {
    "equal": Scheme(equal, False, False, "equal weights among the children of each node"),
    "entropy": Scheme(entropy, True, True, "panel entropy over all indicators, k = 1/ln(T·U)"),
    "entropy-by-level": Scheme(entropy, False, True,
                               "panel entropy among the children of each node, k = 1/ln(T·U)"),
    "critic": Scheme(critic, True, False, "CRITIC over all indicators, sd n-1"),
    "given": Scheme(None, False, False, "weights as given, scaled to sum 1 under each node"),
}
