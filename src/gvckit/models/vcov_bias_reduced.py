"""Bias-reduced clustered covariance (CRV2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.vcov import Counting, Sandwich, Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["crv2"]

MOST_ROWS = 3_000
"""Rows of a cluster up to which its own block of the hat matrix is decomposed."""

FITTED = 1e-9
"""A direction of a cluster with less than this left is fitted by parameters of its own."""


def crv2(score: Score) -> Sandwich:
    """Return ``Σ_g P_g' A_g u_g u_g' A_g P_g`` with ``A_g = (I − H_gg)^(−1/2)``.

    Bell and McCaffrey (2002), as clubSandwich's CR2: unbiased where errors are independent and of
    equal variance.  P = X(X'X)⁻¹; H_gg is the block of the hat matrix with all dummies; where the
    cluster's own dummies fit a direction, the root is that of the pseudo-inverse.

    Raises
    ------
    ModelError
        An estimator without a hat matrix; weights; clusters of more than ``MOST_ROWS`` rows.
    """
    if score.hat is None or score.pull is None or score.residuals is None:
        raise ModelError(Problem("se 'crv2' needs least squares without weights",
                                 allowed="cluster, crv3"))
    groups = score.clusters[0]
    sizes = np.bincount(groups.codes, minlength=groups.levels)
    if sizes.max() > MOST_ROWS:
        raise ModelError(Problem(f"se 'crv2' takes clusters of up to {MOST_ROWS} rows, not "
                                 f"{int(sizes.max())}", allowed="cluster, crv3"))
    order = np.argsort(groups.codes, kind="stable")
    pull, block = score.pull(), score.hat()
    sums = np.empty((groups.levels, pull.shape[1]))
    ends = np.cumsum(sizes)
    for g, (start, end) in enumerate(zip(ends - sizes, ends, strict=True)):
        at = order[start:end].astype(np.int64)
        values, vectors = np.linalg.eigh(np.eye(len(at)) - block(at))
        root = _inverse_root(values)
        sums[g] = (vectors.T @ pull[at]).T @ (root * (vectors.T @ score.residuals[at]))
    vcov = sums.T @ sums
    return Sandwich((vcov + vcov.T) / 2, counting=Counting("plain", (groups.levels,)),
                    head=f"Standard errors clustered by {groups.name} ({groups.levels} clusters), "
                         "bias-reduced (CV2)")


def _inverse_root(values: NDArray[np.float64]) -> NDArray[np.float64]:
    real = values > FITTED
    return np.where(real, 1.0 / np.sqrt(np.where(real, values, 1.0)), 0.0)
