"""Coefficients of subgroups under many random groupings of whole units (Fisher's permutation test).

With the fixed effects that lie inside units partialled out once, what a unit adds to the normal
equations of its group is its own cross-products, dummies of the other fixed effects among them.
A draw is then a sum over the units of each group and one small system.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes
from gvckit.models.demean import demean
from gvckit.models.fixed_effects import refines

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOST_LEVELS", "UnitMoments", "group_coefficients", "unit_moments"]

MOST_LEVELS = 150
"""Levels of fixed effects across units up to which dummies are carried."""

BLOCK = 64
TOLERANCE = 1e-10


class UnitMoments:
    """Cross-products of y, the regressors and dummies within units.

    Parameters
    ----------
    products
        Shape (U, m, m), in the order y, k regressors, dummies.
    regressors
        k.
    """

    __slots__ = ("products", "regressors")

    def __init__(self, products: NDArray[np.float64], regressors: int) -> None:
        self.products = products
        self.regressors = regressors


def unit_moments(
    y: NDArray[np.float64], X: NDArray[np.float64], effects: Sequence[Codes], units: Codes,
    weights: NDArray[np.float64] | None,
) -> UnitMoments:
    """Return the cross-products within ``units`` of y (n,) and X (n, k).

    Raises
    ------
    ModelError
        More than ``MOST_LEVELS`` levels of fixed effects across units.
    """
    inside = [e for e in effects if refines(e, units)]
    across = [e for e in effects if not refines(e, units)]
    if sum(e.levels for e in across) > MOST_LEVELS:
        names = " + ".join(e.name for e in across)
        raise ModelError(Problem(
            f"permutations carry at most {MOST_LEVELS} dummies across units: {names} have "
            f"{sum(e.levels for e in across)} levels", allowed="difference: stacked"))
    if not effects:
        across = [Codes("constant", np.zeros(len(y), dtype=np.int64), 1)]
    dummies = [np.eye(e.levels)[e.codes] for e in across]
    Z = np.column_stack([y, X, *dummies])
    if inside:
        Z = demean(Z, inside, weights)
    scale = np.sqrt((Z**2).sum(axis=0))
    Z = Z / np.where(scale > 0, scale, 1.0)
    order = np.argsort(units.codes, kind="stable")
    starts = np.searchsorted(units.codes[order], np.arange(units.levels))
    Z = Z[order]
    weighted = Z if weights is None else Z * weights[order, None]
    m = Z.shape[1]
    products = np.empty((units.levels, m, m))
    for j in range(m):
        products[:, j] = np.add.reduceat(weighted[:, [j]] * Z, starts, axis=0)
    # back to the units of the data for y and X, so that groups can be compared
    back = np.ones(m)
    back[:1 + X.shape[1]] = np.where(scale > 0, scale, 1.0)[:1 + X.shape[1]]
    return UnitMoments(products * back[:, None] * back, X.shape[1])


def group_coefficients(moments: UnitMoments, member: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the coefficients of the regressors in the groups ``member`` (B, U): shape (B, k)."""
    U, m, _ = moments.products.shape
    flat = moments.products.reshape(U, m * m)
    k = moments.regressors
    out = np.empty((len(member), k))
    for start in range(0, len(member), BLOCK):
        part = slice(start, min(start + BLOCK, len(member)))
        sums = (member[part].astype(np.float64) @ flat).reshape(-1, m, m)
        left, right = sums[:, 1:, 1:], sums[:, 1:, 0]
        scale = np.sqrt(np.maximum(np.diagonal(left, axis1=1, axis2=2), np.finfo(float).tiny))
        scaled = left / (scale[:, :, None] * scale[:, None, :])
        inverse = np.linalg.pinv(scaled, rcond=TOLERANCE, hermitian=True)
        solved = np.einsum("bij,bj->bi", inverse, right / scale) / scale
        out[part] = solved[:, :k]
    return out
