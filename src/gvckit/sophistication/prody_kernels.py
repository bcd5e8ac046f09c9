"""PRODY and EXPY of Hausmann, Hwang & Rodrik (2007), arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["expy", "prody", "prody_weights", "shares"]

Floats = NDArray[np.float64]


def shares(x: Floats) -> Floats:
    """Return s_ci = x_ci / Σ_i x_ci, shape (C, P); every row must have exports."""
    result: Floats = x / x.sum(axis=1, keepdims=True)
    return result


def prody_weights(x: Floats) -> Floats:
    """Return w_ci = s_ci / Σ_d s_di, shape (C, P); columns sum to 1, NaN where nobody exports."""
    s = shares(x)
    total = s.sum(axis=0)
    weights: Floats = s / np.where(total > 0, total, np.nan)
    return weights


def prody(x: Floats, income: Floats) -> Floats:
    """Return PRODY_i = Σ_c w_ci Y_c, shape (P,), in the unit of ``income`` (C,)."""
    result: Floats = income @ prody_weights(x)
    return result


def expy(x: Floats, levels: Floats, correction: Floats | None = None) -> tuple[Floats, Floats]:
    """Return EXPY_c = Σ_i s_ci PRODY_i and the share of exports whose PRODY is known.

    Parameters
    ----------
    x
        Exports, shape (C, P).
    levels
        PRODY, shape (P,); products with NaN are left out and the shares taken over the rest.
    correction
        Factors on PRODY by country and product, shape (C, P): 1 − FVAR of Yao & Zhang.

    Returns
    -------
    EXPY and coverage, each of shape (C,); EXPY is NaN where nothing is covered.
    """
    known = ~np.isnan(levels)
    covered = x[:, known]
    total = covered.sum(axis=1)
    if correction is not None:
        # The correction is on PRODY, not on the shares: they still sum to 1.
        covered = covered * correction[:, known]
    result: Floats = (covered @ levels[known]) / np.where(total > 0, total, np.nan)
    everything = x.sum(axis=1)
    return result, total / np.where(everything > 0, everything, np.nan)
