"""Covariance of the coefficients before any small-sample factor.

All of them are written with the influence of each row on the coefficients,
``ψ_i = (X'WX)⁻¹ x_i w_i u_i`` (shape (n, k)), so that ``(X'WX)⁻¹ M (X'WX)⁻¹ = Σ_g (Σ_i ψ_i)(…)'``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from gvckit.models.codes import Codes, interact

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ROUNDING", "Counting", "Sandwich", "Score", "cluster", "grouped", "heteroskedastic",
           "iid", "nearest_positive"]

ROUNDING = 1e-20
"""A variance of sums below this share of the sum of squares is rounding."""

NEGATIVE = 1e-12
"""An eigenvalue below minus this share of the largest is negative, not rounding."""


@dataclass(frozen=True, slots=True)
class Score:
    """What every covariance is made of.

    Attributes
    ----------
    bread
        ``(X'WX)⁻¹``, shape (k, k).
    influence
        ψ, shape (n, k).
    ssr
        Weighted sum of squared residuals.
    clusters
        Clustering variables: none to three.
    coef
        Shape (k,), where a covariance compares coefficients.
    leverage
        Returns the leverage of each row, shape (n,), fixed effects included; None for estimators
        that have none.
    refit
        Returns the coefficients, shape (k,), on the rows of a mask, shape (n,); None for
        estimators that cannot be repeated.
    residuals, pull
        Shape (n,), and what returns P, shape (n, k), the derivative of the coefficients with
        respect to y; None for estimators that have none.
    hat
        Returns a function of positions (m,) to their block of the hat matrix, shape (m, m), fixed
        effects included; None for estimators that have none, and with weights.
    unit, period
        Unit of each row, and its time as an integer, shape (n,); None without such a key.
    columns
        Further columns, shape (n,) each: coordinates.
    options
        What the kind of standard error was given: lag, cutoff, kernel, names of the coordinates.
    """

    bread: NDArray[np.float64]
    influence: NDArray[np.float64]
    ssr: float
    clusters: tuple[Codes, ...] = ()
    coef: NDArray[np.float64] | None = None
    leverage: Callable[[], NDArray[np.float64]] | None = None
    refit: Callable[[NDArray[np.bool_]], NDArray[np.float64]] | None = None
    residuals: NDArray[np.float64] | None = None
    pull: Callable[[], NDArray[np.float64]] | None = None
    hat: Callable[[], Callable[[NDArray[np.int64]], NDArray[np.float64]]] | None = None
    unit: Codes | None = None
    period: NDArray[np.int64] | None = None
    columns: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counting:
    """How a small-sample convention sees a covariance.

    Attributes
    ----------
    like
        The kind it is treated as (iid, hc1, cluster), or ``plain``: no factor at all.
    groups
        What counts as numbers of clusters.
    nested_in
        Groupings inside which a fixed effect counts as nested.
    """

    like: str
    groups: tuple[int, ...] = ()
    nested_in: tuple[Codes, ...] = ()


@dataclass(frozen=True, slots=True)
class Sandwich:
    """A covariance, and what there is to say about it.

    Attributes
    ----------
    vcov
        Shape (k, k).
    repaired
        Whether negative eigenvalues were set to zero in it.
    counting
        How the small-sample convention sees it; None: by its kind.
    head
        The beginning of the sentence that names it; empty: by its kind.
    """

    vcov: NDArray[np.float64]
    repaired: bool = False
    counting: Counting | None = None
    head: str = ""


def iid(score: Score) -> Sandwich:
    """Return ``(X'WX)⁻¹ · SSR/n``: independent errors of one variance."""
    return Sandwich(score.bread * (score.ssr / len(score.influence)))


def heteroskedastic(score: Score) -> Sandwich:
    """Return ``Σ_i ψ_i ψ_i'``: White (1980), HC0 before the small-sample factor."""
    return Sandwich(grouped(score.influence, None))


def cluster(score: Score) -> Sandwich:
    """Return the covariance clustered by one to three variables.

    One: ``V = Σ_g ψ_g ψ_g'`` (Liang and Zeger 1986), ψ_g the sum of ψ over the cluster.
    More: the sum over all subsets of the variables of V clustered by their intersection, with
    sign + for odd and − for even subsets, ``V_1 + V_2 − V_12`` for two (Cameron, Gelbach and
    Miller 2011).  Where that has a negative eigenvalue, negative eigenvalues are set to zero, as
    they propose and as fixest and reghdfe do, and ``repaired`` is true.
    """
    if len(score.clusters) == 1:
        return Sandwich(_above_rounding(grouped(score.influence, score.clusters[0]),
                                        score.influence))
    total = np.zeros_like(score.bread)
    for size in range(1, len(score.clusters) + 1):
        for subset in combinations(score.clusters, size):
            part = grouped(score.influence, interact(list(subset)))
            total += part if size % 2 else -part
    return nearest_positive(total)


def grouped(influence: NDArray[np.float64], groups: Codes | None) -> NDArray[np.float64]:
    """Return ``Σ_g ψ_g ψ_g'``, shape (k, k); rows are their own groups where there are none."""
    sums = influence
    if groups is not None:
        sums = np.column_stack([
            np.bincount(groups.codes, weights=influence[:, j], minlength=groups.levels)
            for j in range(influence.shape[1])
        ])
    product = sums.T @ sums
    return (product + product.T) / 2


def _above_rounding(vcov: NDArray[np.float64], influence: NDArray[np.float64]
                    ) -> NDArray[np.float64]:
    """Return ``vcov`` with zeros where sums over clusters are rounding of what was summed."""
    real = np.diag(vcov) > ROUNDING * (influence**2).sum(axis=0)
    return np.where(np.outer(real, real), vcov, 0.0)


def nearest_positive(vcov: NDArray[np.float64]) -> Sandwich:
    """Return ``vcov``, or with negative eigenvalues set to zero where it has any."""
    values, vectors = np.linalg.eigh(vcov)
    if values[0] >= -NEGATIVE * max(values[-1], 0.0) and np.all(np.diag(vcov) >= 0):
        return Sandwich(vcov)
    fixed = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return Sandwich((fixed + fixed.T) / 2, repaired=True)
