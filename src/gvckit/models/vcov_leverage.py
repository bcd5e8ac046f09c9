"""Heteroskedasticity-robust covariances that weigh each row by its leverage: HC0, HC2, HC3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.vcov import Counting, Sandwich, Score, grouped

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["hc0", "hc2", "hc3"]

FITTED = 1e-9
"""A row whose leverage leaves less than this is fitted by a parameter of its own."""

HEAD = "Standard errors robust to heteroskedasticity"


def hc0(score: Score) -> Sandwich:
    """Return ``Σ_i ψ_i ψ_i'`` (White 1980)."""
    return Sandwich(grouped(score.influence, None), counting=Counting("plain"),
                    head=f"{HEAD} (HC0)")


def hc2(score: Score) -> Sandwich:
    """Return ``Σ_i ψ_i ψ_i' / (1 − h_i)`` (MacKinnon and White 1985).

    h_i is the leverage in the regression with all dummies.

    Raises
    ------
    ModelError
        Rows with h_i = 1, and estimators without a leverage.
    """
    left = _left(score, "hc2")
    return Sandwich(grouped(score.influence / np.sqrt(left)[:, None], None),
                    counting=Counting("plain"), head=f"{HEAD} (HC2: divided by 1 − leverage)")


def hc3(score: Score) -> Sandwich:
    """Return ``Σ_i ψ_i ψ_i' / (1 − h_i)²`` (MacKinnon and White 1985, in its usual short form)."""
    left = _left(score, "hc3")
    return Sandwich(grouped(score.influence / left[:, None], None),
                    counting=Counting("plain"), head=f"{HEAD} (HC3: divided by (1 − leverage)²)")


def _left(score: Score, kind: str) -> NDArray[np.float64]:
    if score.leverage is None:
        raise ModelError(Problem(f"se {kind!r} needs the leverage of each row, which this "
                                 "estimator does not have", allowed="hc0, hc1, cluster"))
    left = 1.0 - score.leverage()
    count = int((left < FITTED).sum())
    if count:
        raise ModelError(Problem(f"se {kind!r} cannot be computed: {count} rows have leverage 1, "
                                 "a regressor or fixed effect fits each of them alone"))
    return np.asarray(left, dtype=np.float64)
