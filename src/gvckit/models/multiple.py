"""Many tests at once: p values adjusted for how many there are.

Holm (1979) controls the probability of one false rejection or more, Benjamini and Hochberg (1995)
the expected share of false ones among the rejections, Romano and Wolf (2005, 2016) the first, with
the dependence of the tests that draws show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["benjamini_hochberg", "holm", "romano_wolf"]


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Holm's adjusted p values, shape (m,): step down, ``(m − i) p_(i)``.

    Raises
    ------
    ValueError
        P values outside [0, 1] or missing.
    """
    p = _checked(p)
    order = np.argsort(p, kind="stable")
    steps = (len(p) - np.arange(len(p))) * p[order]
    return _back(np.minimum(np.maximum.accumulate(steps), 1.0), order)


def benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the adjusted p values of Benjamini and Hochberg, shape (m,): step up, ``m p_(i)/i``.

    Raises
    ------
    ValueError
        P values outside [0, 1] or missing.
    """
    p = _checked(p)
    order = np.argsort(p, kind="stable")
    steps = len(p) * p[order] / (1.0 + np.arange(len(p)))
    return _back(np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0), order)


def romano_wolf(t: NDArray[np.float64], drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the step-down p values of Romano and Wolf (2016, algorithm 4.2).

    Parameters
    ----------
    t
        Shape (m,): statistics of the tests.
    drawn
        Shape (B, m): draws of the statistics where every null is true; a row is one draw of all.

    Returns
    -------
    Shape (m,): ``(1 + #{max over the tests not yet passed of |t*| ≥ |t_(i)|})/(1 + B)``, made
    monotone.

    Raises
    ------
    ValueError
        Shapes that do not fit, or missing values.
    """
    t, drawn = np.abs(np.asarray(t, np.float64)), np.abs(np.asarray(drawn, np.float64))
    if t.ndim != 1 or drawn.ndim != 2 or drawn.shape[1] != len(t):
        raise ValueError(f"draws of shape {drawn.shape} do not fit {t.shape} statistics")
    if np.isnan(t).any() or np.isnan(drawn).any():
        raise ValueError("a statistic is missing")
    order = np.argsort(-t, kind="stable")
    largest = np.maximum.accumulate(drawn[:, order][:, ::-1], axis=1)[:, ::-1]
    steps = (1.0 + (largest >= t[order] * (1 - 1e-9)).sum(axis=0)) / (1.0 + len(drawn))
    return _back(np.maximum.accumulate(steps), order)


def _checked(p: NDArray[np.float64]) -> NDArray[np.float64]:
    p = np.asarray(p, dtype=np.float64)
    if p.ndim != 1 or not bool(np.all((p >= 0) & (p <= 1))):
        raise ValueError("p values lie between 0 and 1, none may be missing")
    return p


def _back(values: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    out = np.empty_like(values)
    out[order] = values
    return out
