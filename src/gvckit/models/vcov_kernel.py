"""Covariances for errors that are correlated over time: Driscoll-Kraay and Newey-West."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes
from gvckit.models.vcov import Counting, Sandwich, Score, nearest_positive

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["driscoll_kraay", "newey_west"]


def driscoll_kraay(score: Score) -> Sandwich:
    """Return ``Γ_0 + Σ_l (1 − l/(L+1)) (Γ_l + Γ_l')`` with ``Γ_l = Σ_t ψ_t ψ_{t−l}'``.

    ψ_t is the sum of ψ over the units in period t (Driscoll and Kraay 1998); l counts units of the
    time key.  For the small-sample convention the periods are the clusters.

    Raises
    ------
    ModelError
        No time key; fewer than two periods; a lag as long as the panel.
    """
    period = _period(score, "driscoll-kraay")
    lag = _lag(score, period, "driscoll-kraay")
    first = int(period.min())
    sums = np.zeros((int(period.max()) - first + 1, score.influence.shape[1]))
    np.add.at(sums, period - first, score.influence)
    total = sums.T @ sums
    for step in range(1, lag + 1):
        part = sums[step:].T @ sums[:-step]
        total += (1 - step / (lag + 1)) * (part + part.T)
    periods = len(np.unique(period))
    done = nearest_positive((total + total.T) / 2)
    return Sandwich(
        done.vcov, done.repaired, Counting("cluster", (periods,)),
        f"Driscoll-Kraay standard errors, robust to heteroskedasticity, cross-sectional and serial "
        f"correlation, Bartlett kernel with lag {lag}, G = {periods} periods")


def newey_west(score: Score) -> Sandwich:
    """Return ``Γ_0 + Σ_l (1 − l/(L+1)) (Γ_l + Γ_l')`` with ``Γ_l = Σ_{i,t} ψ_it ψ_i,t−l'``.

    Newey and West (1987) within units: errors of different units are independent; a missing
    period ends no unit but pairs with nothing.  For the small-sample convention the periods are
    the clusters, and fixed effects inside a unit are nested, as in R fixest.

    Raises
    ------
    ModelError
        No time key; a unit with two rows in one period; a lag as long as the panel.
    """
    period = _period(score, "newey-west")
    lag = _lag(score, period, "newey-west")
    unit = score.unit if score.unit is not None else Codes("", np.zeros_like(period), 1)
    width = int(period.max() - period.min()) + 1 + lag
    place = unit.codes * width + (period - period.min())
    order = np.argsort(place, kind="stable")
    place, psi = place[order], score.influence[order]
    if np.any(place[1:] == place[:-1]):
        raise ModelError(Problem("se 'newey-west' needs one row a unit and period: some units have "
                                 "two rows in one period"))
    total = psi.T @ psi
    for step in range(1, lag + 1):
        at = np.searchsorted(place, place + step)
        at[at == len(place)] = 0
        found = place[at] == place + step
        part = psi[at[found]].T @ psi[found]
        total += (1 - step / (lag + 1)) * (part + part.T)
    periods = len(np.unique(period))
    done = nearest_positive((total + total.T) / 2)
    return Sandwich(
        done.vcov, done.repaired, Counting("cluster", (periods,), (unit,)),
        f"Newey-West standard errors, robust to heteroskedasticity and serial correlation within "
        f"units, Bartlett kernel with lag {lag}, G = {periods} periods")


def _period(score: Score, kind: str) -> NDArray[np.int64]:
    if score.period is None:
        raise ModelError(Problem(f"se {kind!r} needs a time key with whole numbers, such as years"))
    return score.period


def _lag(score: Score, period: NDArray[np.int64], kind: str) -> int:
    lag = int(score.options["lag"])
    span = int(period.max() - period.min())
    if span < 1:
        raise ModelError(Problem(f"se {kind!r} needs two periods or more: the used rows have one"))
    if lag > span:
        raise ModelError(Problem(f"se {kind!r} has lag {lag}, and the used rows span "
                                 f"{span + 1} periods", allowed=f"0 to {span}"))
    return lag
