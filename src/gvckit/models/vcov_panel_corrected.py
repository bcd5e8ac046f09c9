"""Panel-corrected covariance for errors that are correlated across units within a period."""

from __future__ import annotations

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.vcov import Counting, Sandwich, Score, nearest_positive

__all__ = ["panel_corrected"]


def panel_corrected(score: Score) -> Sandwich:
    """Return ``Σ_t P_t' Σ̂ P_t`` with ``σ̂_ij = Σ_t e_it e_jt / T_ij`` (Beck and Katz 1995).

    P_t are the rows of X(X'X)⁻¹ in period t; T_ij are the periods that units i and j share, all
    of them in a balanced panel (as plm's ``vcovBK(cluster = "time")``).

    Raises
    ------
    ModelError
        No unit or time key; two rows of a unit in a period; an estimator that is no least squares.
    """
    if score.pull is None or score.residuals is None:
        raise ModelError(Problem("se 'pcse' needs least squares", allowed="driscoll-kraay"))
    if score.unit is None or score.unit.levels < 2 or score.period is None:
        raise ModelError(Problem("se 'pcse' needs two units or more and a time key"))
    periods, at = np.unique(score.period, return_inverse=True)
    shape = (score.unit.levels, len(periods))
    place = score.unit.codes * len(periods) + at.reshape(-1)
    if len(np.unique(place)) < len(place):
        raise ModelError(Problem("se 'pcse' needs one row a unit and period: some units have two "
                                 "rows in one period"))
    wide = np.zeros(shape[0] * shape[1])
    here = np.zeros_like(wide)
    wide[place], here[place] = score.residuals, 1.0
    wide, here = wide.reshape(shape), here.reshape(shape)
    sigma = (wide @ wide.T) / np.maximum(here @ here.T, 1.0)
    pull = score.pull()
    flat = np.zeros((shape[0] * shape[1], pull.shape[1]))
    flat[place] = pull
    spread = flat.reshape(*shape, pull.shape[1])
    moved = np.einsum("ij,jtk->itk", sigma, spread)
    vcov = np.einsum("itk,itl->kl", spread, moved)
    done = nearest_positive((vcov + vcov.T) / 2)
    return Sandwich(
        done.vcov, done.repaired, Counting("plain"),
        f"Panel-corrected standard errors (Beck and Katz) for errors that are correlated across "
        f"{shape[0]} units within {shape[1]} periods")
