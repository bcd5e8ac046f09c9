"""Quadratic terms: is there a turn within the data, where, and how many observations lie beyond.

``y = b_1 x + b_2 x² + …`` turns at ``−b_1/(2 b_2)``.  The test of Lind and Mehlum (2010), after
Sasabuchi (1980), is an intersection-union test: an inverse U rises at the lower end of the data
and falls at the upper end, ``b_1 + 2 b_2 x_low > 0 > b_1 + 2 b_2 x_high``; its p value is the
larger of the two one-sided p values.  The interval of the turning point is Fieller's: the θ with
``(b_1 + 2θ b_2)² ≤ t² Var(b_1 + 2θ b_2)``; it may be unbounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr, stdtrit

from gvckit.errors import ModelError, Problem, SpecError, unknown
from gvckit.models.result import Fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Turn", "fieller", "lind_mehlum", "turning_point"]


@dataclass(frozen=True, slots=True)
class Turn:
    """The shape of a quadratic over the data.

    Attributes
    ----------
    shape
        ``inverse U`` where b_2 < 0, else ``U``: the shape that is tested.
    point
        The turning point.
    low, high
        Its Fieller interval.  ``low > high`` marks the complement of ``(high, low)``; both are
        infinite where no value is excluded.
    slope_low, slope_high
        Slopes at the ends of the data.
    t, p
        Lind and Mehlum's statistic and p value of the shape; p is at least 0.5 where the turn
        lies outside the data.
    share_beyond
        Share of the observations above the turning point.
    """

    shape: str
    point: float
    low: float
    high: float
    slope_low: float
    slope_high: float
    t: float
    p: float
    share_beyond: float

    def words(self) -> str:
        """Return the result in one sentence."""
        if np.isinf(self.low) and np.isinf(self.high):
            interval = "unbounded"
        elif self.low > self.high:
            interval = f"outside ({self.high:.4g}, {self.low:.4g})"
        else:
            interval = f"[{self.low:.4g}, {self.high:.4g}]"
        return (f"{self.shape}: Lind-Mehlum p = {self.p:.3f}; turning point {self.point:.4g}, "
                f"Fieller 95% interval {interval}; {100 * self.share_beyond:.1f}% of observations "
                "beyond it")


def turning_point(fit: Fit, linear: str, squared: str, x: NDArray[np.float64],
                  level: float = 0.95) -> Turn:
    """Return the shape of ``linear`` and ``squared`` in ``fit`` over the observations ``x`` (n,).

    Raises
    ------
    SpecError
        Terms that the fit does not have.
    ModelError
        A squared term of exactly zero, or no observations.
    """
    missing = [unknown("term", t, fit.terms, f"model {fit.name!r}") for t in (linear, squared)
               if t not in fit.terms]
    if missing:
        raise SpecError(missing)
    values = np.asarray(x, dtype=np.float64)
    values = values[np.isfinite(values)]
    b1, b2 = float(fit.coef[linear]), float(fit.coef[squared])
    if b2 == 0.0 or len(values) == 0:
        raise ModelError(Problem(f"no turning point: {squared!r} is zero or {linear!r} has no "
                                 "observations", f"model {fit.name!r}"))
    terms = [linear, squared]
    vcov = fit.vcov.loc[terms, terms].to_numpy(dtype=np.float64)
    dof = float(fit.stats["dof"])
    slopes, t, p = lind_mehlum(b1, b2, vcov, dof, float(values.min()), float(values.max()))
    low, high = fieller(b1, b2, vcov, float(stdtrit(dof, 0.5 + level / 2)))
    point = -b1 / (2.0 * b2)
    return Turn("inverse U" if b2 < 0 else "U", point, low, high, *slopes, t, p,
                float((values > point).mean()))


def lind_mehlum(b1: float, b2: float, vcov: NDArray[np.float64], dof: float, low: float,
                high: float) -> tuple[tuple[float, float], float, float]:
    """Return the slopes at both ends, the statistic and the p value of the shape of sign(b2).

    The statistic is the smaller of the two one-sided t statistics.
    """
    ends = np.array([low, high])
    slopes = b1 + 2.0 * b2 * ends
    variance = vcov[0, 0] + 4.0 * ends * vcov[0, 1] + 4.0 * ends**2 * vcov[1, 1]
    expected = np.array([1.0, -1.0]) if b2 < 0 else np.array([-1.0, 1.0])
    t = float((expected * slopes / np.sqrt(variance)).min())
    return (float(slopes[0]), float(slopes[1])), t, float(stdtr(dof, -t))


def fieller(b1: float, b2: float, vcov: NDArray[np.float64], critical: float
            ) -> tuple[float, float]:
    """Return the Fieller interval of ``−b1/(2 b2)``.

    Values θ with ``a θ² + b θ + c ≤ 0``, where ``a = 4(b2² − t²V22)``, ``b = 4(b1 b2 − t²V12)``,
    ``c = b1² − t²V11``.  With a > 0 an interval; with a < 0 and two roots the complement of one
    (the first number is then the larger); else everything: (−inf, inf).
    """
    square = critical**2
    a = 4.0 * (b2**2 - square * vcov[1, 1])
    b = 4.0 * (b1 * b2 - square * vcov[0, 1])
    c = b1**2 - square * vcov[0, 0]
    root = b**2 - 4.0 * a * c
    if a == 0.0 or root < 0.0:
        return -np.inf, np.inf
    ends = sorted(((-b - np.sqrt(root)) / (2.0 * a), (-b + np.sqrt(root)) / (2.0 * a)))
    return (float(ends[0]), float(ends[1])) if a > 0 else (float(ends[1]), float(ends[0]))
