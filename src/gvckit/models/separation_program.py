"""Separated observations by linear programming, where iteration does not settle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, hstack, vstack

from gvckit.models.codes import Codes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["separated_by_program"]

POSITIVE = 1e-6
"""A fitted value is positive from here on; the largest possible is 1."""

MOST_STEPS = 200_000


def separated_by_program(
    zero: NDArray[np.bool_], basis: NDArray[np.float64], effects: Sequence[Codes]
) -> tuple[NDArray[np.bool_], bool]:
    """Return rows that are separated, shape (n,), and whether the program was solved.

    ``max Σ_i z_i`` over rows with y = 0, where ``0 ≤ z ≤ 1`` there, ``z = 0`` in rows with y > 0,
    and z is a combination of regressors and fixed effects (Konis 2007, for logistic regression).
    The solution may leave separated rows at 0 where others are at 1: repeat it without what was
    found until nothing is.

    Parameters
    ----------
    zero
        Shape (n,): where y = 0.
    basis
        Shape (n, r): regressors, with or without the effects partialled out.
    effects
        The fixed effects; without any, a constant.
    """
    n = len(zero)
    columns = [csr_array(basis / np.maximum(np.abs(basis).max(axis=0), 1e-300))]
    for effect in effects or [Codes("constant", np.zeros(n, dtype=np.int64), 1)]:
        entries = np.ones(n) if effect.slope is None else effect.slope
        scale = max(float(np.abs(entries).max()), 1e-300)
        columns.append(coo_array((entries / scale, (np.arange(n), effect.codes)),
                                 shape=(n, effect.levels)).tocsr())
    A = hstack(columns, format="csr")
    ours, others = A[np.flatnonzero(zero)], A[np.flatnonzero(~zero)]
    inside = vstack([ours, -ours], format="csr")
    bounds = np.concatenate([np.ones(ours.shape[0]), np.zeros(ours.shape[0])])
    found = linprog(-np.asarray(ours.sum(axis=0)).ravel(), A_ub=inside, b_ub=bounds, A_eq=others,
                    b_eq=np.zeros(others.shape[0]), bounds=(None, None), method="highs",
                    options={"maxiter": MOST_STEPS})
    gone = np.zeros(n, dtype=bool)
    if found.status != 0:
        return gone, False
    gone[zero] = ours @ found.x > POSITIVE
    return gone, True
