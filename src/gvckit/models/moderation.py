"""Interactions: marginal effects along the moderator, and where they differ from zero.

With ``y = b_1 x + b_3 x·m + …`` the marginal effect of x is ``b_1 + b_3 m``.  The region of Johnson
and Neyman (1936) are the m with ``|b_1 + b_3 m| > t se(m)``: a quadratic inequality (Bauer and
Curran 2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from gvckit.errors import SpecError, unknown
from gvckit.models.quadratic import fieller
from gvckit.models.result import Fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Region", "johnson_neyman", "marginal_effects"]


@dataclass(frozen=True, slots=True)
class Region:
    """Where a marginal effect differs from zero.

    Attributes
    ----------
    bounds
        The values of the moderator where it starts or ceases to do so, ascending: none to two.
    inside
        Whether it is significant between the bounds (else outside of them); without bounds,
        whether it is significant everywhere.
    share
        Share of the observations of the moderator in the region.
    """

    bounds: tuple[float, ...]
    inside: bool
    share: float


def marginal_effects(fit: Fit, x: str, interaction: str, at: NDArray[np.float64],
                     level: float = 0.95) -> pd.DataFrame:
    """Return the marginal effect of ``x`` at values ``at`` of the moderator.

    Columns: at, effect, se, t, p, low, high.

    Raises
    ------
    SpecError
        Terms that the fit does not have.
    """
    b, vcov, dof = _parts(fit, x, interaction)
    at = np.asarray(at, dtype=np.float64)
    effect = b[0] + b[1] * at
    se = np.sqrt(vcov[0, 0] + 2.0 * at * vcov[0, 1] + at**2 * vcov[1, 1])
    t = effect / se
    half = float(stdtrit(dof, 0.5 + level / 2)) * se
    return pd.DataFrame({"at": at, "effect": effect, "se": se, "t": t,
                         "p": 2.0 * stdtr(dof, -np.abs(t)), "low": effect - half,
                         "high": effect + half})


def johnson_neyman(fit: Fit, x: str, interaction: str, moderator: NDArray[np.float64],
                   level: float = 0.95) -> Region:
    """Return where the marginal effect of ``x`` differs from zero at ``1 − level``.

    ``moderator`` (n,) are its observations, for the share.
    """
    b, vcov, dof = _parts(fit, x, interaction)
    critical = float(stdtrit(dof, 0.5 + level / 2))
    # b_1 + b_3 m is the slope b_1 + 2 b_2 m of a quadratic with b_2 = b_3/2
    half = vcov * np.array([[1.0, 0.5], [0.5, 0.25]])
    first, second = fieller(float(b[0]), float(b[1]) / 2.0, half, critical)
    bounds = tuple(sorted(v for v in (first, second) if np.isfinite(v)))
    values = np.asarray(moderator, dtype=np.float64)
    values = values[np.isfinite(values)]
    found = marginal_effects(fit, x, interaction, values, level)
    share = float(((found["low"] > 0) | (found["high"] < 0)).mean())
    middle = sum(bounds) / 2.0 if len(bounds) == 2 else 0.0
    probe = marginal_effects(fit, x, interaction, np.array([middle]), level).iloc[0]
    return Region(bounds, bool(probe["low"] > 0 or probe["high"] < 0), share)


def _parts(fit: Fit, x: str, interaction: str
           ) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    terms = [x, interaction]
    missing = [unknown("term", t, fit.terms, f"model {fit.name!r}") for t in terms
               if t not in fit.terms]
    if missing:
        raise SpecError(missing)
    return (np.asarray(fit.coef[terms], dtype=np.float64),
            np.asarray(fit.vcov.loc[terms, terms], dtype=np.float64), float(fit.stats["dof"]))
