"""Cluster jackknife (CRV3)."""

from __future__ import annotations

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.vcov import Counting, Sandwich, Score

__all__ = ["crv3"]


def crv3(score: Score) -> Sandwich:
    """Return ``(G−1)/G Σ_g (b_g − b)(b_g − b)'``, b_g estimated without cluster g.

    CV3 of MacKinnon, Nielsen and Webb (2023), equation 14.  The fixed effects are estimated anew
    without each cluster.

    Raises
    ------
    ModelError
        An estimator that cannot be repeated, or a coefficient that one cluster alone identifies.
    """
    if score.refit is None or score.coef is None:
        raise ModelError(Problem("se 'crv3' needs an estimator that can be repeated without each "
                                 "cluster", allowed="estimator ols; or se cluster"))
    groups = score.clusters[0]
    moved = np.array([score.refit(groups.codes != g) - score.coef for g in range(groups.levels)])
    lost = int(np.isnan(moved).any(axis=1).sum())
    if lost:
        raise ModelError(Problem(f"se 'crv3' cannot be computed: without one of {lost} clusters of "
                                 f"{groups.name!r} a coefficient is not identified"))
    vcov = (groups.levels - 1) / groups.levels * moved.T @ moved
    return Sandwich(
        (vcov + vcov.T) / 2, counting=Counting("plain", (groups.levels,)),
        head=f"Standard errors by the jackknife over {groups.name} ({groups.levels} clusters, "
             "CV3), factor (G−1)/G")
