"""Observations that keep a Poisson maximum-likelihood estimate from existing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes
from gvckit.models.demean import centre, demean
from gvckit.models.design import Design
from gvckit.models.fixed_effects import not_singleton
from gvckit.models.separation_program import separated_by_program

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["empty_groups", "separated", "without_separated"]

PENALTY = 1e6
"""Weight of rows with y > 0 relative to rows with y = 0."""

POSITIVE = 1e-3
SURE = 100.0
"""A fitted value is positive where it exceeds the largest error by this factor."""

MOST_ROUNDS = 100
"""Rounds after which a linear program decides."""

RANK = 1e-8
"""A direction in which unit columns have less than this norm is rounding."""


def empty_groups(y: NDArray[np.float64], effects: Sequence[Codes]) -> NDArray[np.bool_]:
    """Return which rows, shape (n,), lie in a group of a fixed effect whose y are all zero."""
    gone = np.zeros(len(y), dtype=bool)
    for effect in effects:
        if effect.slope is None:
            sums = np.bincount(effect.codes, weights=y, minlength=effect.levels)
            gone |= (sums == 0)[effect.codes]
    return gone


def separated(
    y: NDArray[np.float64], X: NDArray[np.float64], effects: Sequence[Codes]
) -> tuple[NDArray[np.bool_], bool]:
    """Return which rows, shape (n,), are separated, and whether the search converged.

    A row with y = 0 is separated where some combination of regressors and fixed effects is
    positive in it, not negative in any row with y = 0, and zero in all rows with y > 0: the
    likelihood then grows without end.  Found by the iterative rectifier of Correia, Guimarães and
    Zylkin (2021): regress a positive variable on everything, rows with y > 0 weighing much more,
    keep the positive part of the fit, and repeat.  Where that settles nothing, a linear program
    does.
    """
    zero = y == 0
    if not zero.any():
        return zero, True
    weights = np.where(zero, 1.0, PENALTY)
    root = np.sqrt(weights)[:, None]
    q = _basis(X, effects, weights)
    u = zero.astype(np.float64)
    for _ in range(MOST_ROUNDS):
        left = demean(u[:, None], effects, weights, tolerance=1e-9) * root
        residual = (left - q @ (q.T @ left)) / root
        fitted = u - residual[:, 0]
        if float(fitted[zero].max()) < POSITIVE:
            return np.zeros(len(y), dtype=bool), True
        # What ought to be zero or above and is not says how far the fit is from a proof.
        wrong = max(-float(fitted[zero].min()), float(np.abs(fitted[~zero]).max()))
        clear = zero & (fitted > max(POSITIVE, SURE * wrong))
        unclear = zero & ~clear & (fitted > max(POSITIVE, wrong))
        if clear.any() and not unclear.any():
            return clear, True
        u = np.where(zero, np.maximum(fitted, 0.0), 0.0)
    return separated_by_program(zero, q / root, effects)


def without_separated(design: Design, name: str) -> tuple[Design, list[str]]:
    """Return the design without separated rows, which it counts, and notes.

    Raises
    ------
    ModelError
        No row is left.
    """
    stays = np.arange(design.n)
    effects = design.effects
    y, X = design.y, design.X
    notes: list[str] = []
    counts = {"separated": 0, "singletons": 0}
    while True:
        gone = empty_groups(y, effects)
        if not gone.any():
            gone, converged = separated(y, X, effects)
            if not converged:
                notes.append("the search for separated observations did not converge")
        alone = ~gone & ~not_singleton(effects) if effects else np.zeros(len(y), dtype=bool)
        counts["separated"] += int(gone.sum())
        counts["singletons"] += int(alone.sum())
        keep = np.flatnonzero(~gone & ~alone).astype(np.int64)
        if len(keep) == len(y):
            break
        if len(keep) == 0:
            lonely = (f", and {counts['singletons']} are alone in a group then"
                     if counts["singletons"] else "")
            raise ModelError(Problem(
                f"{counts['separated']} of {design.n} observations are separated (fixed effects "
                f"or regressors fit their zeros alone){lonely}: none is left",
                f"model {name!r}"))
        stays, y, X = stays[keep], y[keep], X[keep]
        effects = tuple(e.take(keep) for e in effects)
    if counts["separated"]:
        notes.append(f"{counts['separated']} separated observations left out: y is zero there and "
                     "regressors or fixed effects fit them alone")
    if len(stays) == design.n:
        return design, notes
    rows = dict(design.rows)
    del rows["used"]
    rows["singletons"] = rows.get("singletons", 0) + counts["singletons"]
    rows |= {"separated": counts["separated"], "used": len(stays)}
    return replace(
        design, y=y, X=X, effects=effects, clusters=tuple(c.take(stays) for c in design.clusters),
        weights=None if design.weights is None else design.weights[stays], rows=rows,
        positions=design.positions[stays],
        unit=None if design.unit is None else design.unit.take(stays),
        period=None if design.period is None else design.period[stays],
        columns={key: values[stays] for key, values in design.columns.items()}), notes


def _basis(X: NDArray[np.float64], effects: Sequence[Codes], weights: NDArray[np.float64]
           ) -> NDArray[np.float64]:
    """Return an orthonormal basis, shape (n, r), of the weighted columns without the effects."""
    root = np.sqrt(weights)[:, None]
    _, centred = centre(X, weights)
    size = np.linalg.norm(centred * root, axis=0)
    within = demean(X, effects, weights)[:, size > 0] * root / size[size > 0]
    if within.shape[1] == 0:
        return np.asarray(within, dtype=np.float64)
    U, singular, _ = np.linalg.svd(within, full_matrices=False)
    return np.asarray(U[:, singular > RANK], dtype=np.float64)
