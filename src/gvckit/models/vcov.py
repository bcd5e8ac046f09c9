"""Covariance of the coefficients before any small-sample factor.

All of them are written with the influence of each row on the coefficients,
``ψ_i = (X'WX)⁻¹ x_i w_i u_i`` (shape (n, k)), so that ``(X'WX)⁻¹ M (X'WX)⁻¹ = Σ_g (Σ_i ψ_i)(…)'``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.codes import Codes, interact

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Sandwich", "Score", "cluster", "heteroskedastic", "iid"]

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
        Clustering variables: none, one or two.
    """

    bread: NDArray[np.float64]
    influence: NDArray[np.float64]
    ssr: float
    clusters: tuple[Codes, ...] = ()


@dataclass(frozen=True, slots=True)
class Sandwich:
    """A covariance, shape (k, k), and whether negative eigenvalues were set to zero in it."""

    vcov: NDArray[np.float64]
    repaired: bool = False


def iid(score: Score) -> Sandwich:
    """Return ``(X'WX)⁻¹ · SSR/n``: independent errors of one variance."""
    return Sandwich(score.bread * (score.ssr / len(score.influence)))


def heteroskedastic(score: Score) -> Sandwich:
    """Return ``Σ_i ψ_i ψ_i'``: White (1980), HC0 before the small-sample factor."""
    return Sandwich(_grouped(score.influence, None))


def cluster(score: Score) -> Sandwich:
    """Return the covariance clustered by one or two variables.

    One: ``V = Σ_g ψ_g ψ_g'`` (Liang and Zeger 1986), ψ_g the sum of ψ over the cluster.
    Two: ``V = V_1 + V_2 − V_12`` (Cameron, Gelbach and Miller 2011), V_12 clustered by the
    intersection.  Where that has a negative eigenvalue, negative eigenvalues are set to zero, as
    they propose and as fixest and reghdfe do, and ``repaired`` is true.
    """
    first, *rest = score.clusters
    vcov = _grouped(score.influence, first)
    if not rest:
        return Sandwich(vcov)
    second = rest[0]
    both = interact([first, second])
    return _positive(vcov + _grouped(score.influence, second) - _grouped(score.influence, both))


def _grouped(influence: NDArray[np.float64], groups: Codes | None) -> NDArray[np.float64]:
    """Return ``Σ_g ψ_g ψ_g'``, shape (k, k); rows are their own groups where there are none."""
    sums = influence
    if groups is not None:
        sums = np.column_stack([
            np.bincount(groups.codes, weights=influence[:, j], minlength=groups.levels)
            for j in range(influence.shape[1])
        ])
    product = sums.T @ sums
    return (product + product.T) / 2


def _positive(vcov: NDArray[np.float64]) -> Sandwich:
    values, vectors = np.linalg.eigh(vcov)
    if values[0] >= -NEGATIVE * max(values[-1], 0.0) and np.all(np.diag(vcov) >= 0):
        return Sandwich(vcov)
    fixed = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return Sandwich((fixed + fixed.T) / 2, repaired=True)
