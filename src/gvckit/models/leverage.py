"""Leverage of each row in a regression with fixed effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOST_LEVELS", "hat_blocks", "leverage"]

MOST_LEVELS = 4_000
"""Levels of all fixed effects but the largest: their dense cross-product must fit in memory."""


def leverage(
    X: NDArray[np.float64], bread: NDArray[np.float64], effects: Sequence[Codes],
    weights: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """Return the diagonal, shape (n,), of ``W^½ R (R'WR)⁻¹ R' W^½`` with R = [X, dummies].

    Parameters
    ----------
    X
        Shape (n, k), with the effects (or the constant) partialled out.
    bread
        ``(X'WX)⁻¹``, shape (k, k).
    effects
        Fixed effects; without any, the constant.
    weights
        Shape (n,), or None.

    Notes
    -----
    Leverage adds up over orthogonal blocks: X within the effects, the largest effect
    (``w_i / Σ_g w``), and the dummies of the others with the largest partialled out.

    Raises
    ------
    ModelError
        Where the other effects have more than ``MOST_LEVELS`` levels together; slopes.
    """
    w = np.ones(len(X)) if weights is None else weights
    own = np.einsum("ij,jk,ik->i", X, bread, X) * w
    if not effects:
        return np.asarray(own + w / w.sum(), dtype=np.float64)
    if any(e.slope is not None for e in effects):
        raise ModelError(Problem("leverages are not available with slopes as fixed effects"))
    largest, *others = sorted(effects, key=lambda e: -e.levels)
    mass = np.asarray(
        np.bincount(largest.codes, weights=w, minlength=largest.levels), dtype=np.float64)
    total = own + w / mass[largest.codes]
    if others:
        total += w * _others(largest, mass, others, w)
    return np.asarray(total, dtype=np.float64)


def _others(largest: Codes, mass: NDArray[np.float64], others: Sequence[Codes],
            w: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``d̃_i' (D̃'WD̃)⁺ d̃_i``, D̃ the dummies of ``others`` less their group means."""
    columns, share, inverse = _others_inverse(largest, mass, others, w)
    mixed = share @ inverse
    total = np.einsum("gl,gl->g", mixed, share)[largest.codes]
    for a in range(len(others)):
        total -= 2 * mixed[largest.codes, columns[:, a]]
        for b in range(len(others)):
            total += inverse[columns[:, a], columns[:, b]]
    return np.asarray(total, dtype=np.float64)


def _others_inverse(
    largest: Codes, mass: NDArray[np.float64], others: Sequence[Codes], w: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the columns of each row among the levels of ``others``, shape (n, Q), the mean
    dummies in each group of ``largest``, shape (G, L), and ``(D̃'WD̃)⁺``, shape (L, L).
    """
    levels = sum(e.levels for e in others)
    if levels > MOST_LEVELS:
        raise ModelError(Problem(
            f"leverages need the smaller fixed effects to have at most {MOST_LEVELS} levels "
            f"together, not {levels}", allowed="hc1 or cluster"))
    offsets = np.cumsum([0, *(e.levels for e in others[:-1])])
    columns = np.column_stack([e.codes + o for e, o in zip(others, offsets, strict=True)])
    share = np.zeros((largest.levels, levels))
    cross = np.zeros((levels, levels))
    for a in range(len(others)):
        np.add.at(share, (largest.codes, columns[:, a]), w)
        for b in range(len(others)):
            np.add.at(cross, (columns[:, a], columns[:, b]), w)
    cross -= share.T @ (share / mass[:, None])
    share /= mass[:, None]
    inverse = np.asarray(np.linalg.pinv(cross, rcond=1e-10, hermitian=True), dtype=np.float64)
    return columns.astype(np.int64), share, inverse


def hat_blocks(X: NDArray[np.float64], bread: NDArray[np.float64], effects: Sequence[Codes]
               ) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
    """Return the function of positions (m,) to their block, shape (m, m), of the hat matrix.

    Parameters and errors are those of :func:`leverage`; unweighted.
    """
    if any(e.slope is not None for e in effects):
        raise ModelError(Problem("leverages are not available with slopes as fixed effects"))
    if not effects:
        return lambda at: X[at] @ bread @ X[at].T + 1.0 / len(X)
    largest, *others = sorted(effects, key=lambda e: -e.levels)
    mass = np.asarray(np.bincount(largest.codes, minlength=largest.levels), dtype=np.float64)
    parts = _others_inverse(largest, mass, others, np.ones(len(X))) if others else None

    def block(at: NDArray[np.int64]) -> NDArray[np.float64]:
        own = largest.codes[at]
        total = X[at] @ bread @ X[at].T + (own[:, None] == own[None, :]) / mass[own]
        if parts is not None:
            columns, share, inverse = parts
            dummies = np.zeros((len(at), len(inverse)))
            np.add.at(dummies, (np.arange(len(at))[:, None], columns[at]), 1.0)
            dummies -= share[own]
            total += dummies @ inverse @ dummies.T
        return np.asarray(total, dtype=np.float64)

    return block
