"""Bootstrap draws of indirect effects: whole clusters with replacement.

A draw counts how often each cluster is in it, so its regressions are weighted by that count.  With
the fixed effects inside clusters partialled out once, each is a small system in the sums of the
clusters' cross-products, dummies of the other fixed effects among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.codes import Codes
from gvckit.models.demean import demean
from gvckit.models.fixed_effects import refines
from gvckit.models.permute import MOST_LEVELS, unit_moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["counts_of", "indirect_draws"]

BLOCK = 64
SINGULAR = 1e-10


def counts_of(groups: int, draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return how often each group is drawn, shape (draws, groups)."""
    return np.asarray(rng.multinomial(groups, np.full(groups, 1.0 / groups), size=draws),
                      dtype=np.int64)


def indirect_draws(
    y: NDArray[np.float64], M: NDArray[np.float64], X: NDArray[np.float64],
    effects: Sequence[Codes], groups: Codes, counts: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the paths of each draw.

    Parameters
    ----------
    y, M, X
        Shapes (n,), (n, m), (n, k): outcome, mediators, regressors.
    effects, groups
        Fixed effects; the clusters that are drawn.
    counts
        Shape (B, G).

    Returns
    -------
    ``a``, shape (B, k, m): slopes of the mediators on X; ``b``, shape (B, m): slopes of y on the
    mediators beside X.  A draw with a singular system is missing.
    """
    across = [e for e in effects if not refines(e, groups)]
    if sum(e.levels for e in across) > MOST_LEVELS or any(e.slope is not None for e in effects):
        return _by_demeaning(y, M, X, effects, groups, counts)
    m, k = M.shape[1], X.shape[1]
    moments = unit_moments(y, np.column_stack([M, X]), effects, groups, None)
    size = moments.products.shape[1]
    flat = moments.products.reshape(groups.levels, size * size)
    rest = np.arange(1 + m, size)  # X, then dummies
    beside = np.arange(1, size)
    a, b = np.empty((len(counts), k, m)), np.empty((len(counts), m))
    for start in range(0, len(counts), BLOCK):
        part = slice(start, min(start + BLOCK, len(counts)))
        sums = (counts[part].astype(np.float64) @ flat).reshape(-1, size, size)
        a[part] = _solved(sums, rest, np.arange(1, 1 + m), k)
        b[part] = _solved(sums, beside, np.array([0]), m)[:, :, 0]
    return a, b


def _solved(sums: NDArray[np.float64], on: NDArray[np.int64], of: NDArray[np.int64], first: int
            ) -> NDArray[np.float64]:
    """Return the first slopes of columns ``of`` on columns ``on``: shape (B, first, len(of))."""
    left, right = sums[:, on][:, :, on], sums[:, on][:, :, of]
    scale = np.sqrt(np.maximum(np.diagonal(left, axis1=1, axis2=2), np.finfo(float).tiny))
    scaled = left / (scale[:, :, None] * scale[:, None, :])
    inverse = np.linalg.pinv(scaled, rcond=SINGULAR, hermitian=True)
    return np.asarray(((inverse @ (right / scale[:, :, None])) / scale[:, :, None])[:, :first])


def _by_demeaning(
    y: NDArray[np.float64], M: NDArray[np.float64], X: NDArray[np.float64],
    effects: Sequence[Codes], groups: Codes, counts: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the paths by one weighted within transformation a draw."""
    m, k = M.shape[1], X.shape[1]
    a, b = np.empty((len(counts), k, m)), np.empty((len(counts), m))
    columns = np.column_stack([y, M, X])
    for draw, count in enumerate(counts):
        at = np.flatnonzero(count[groups.codes])
        weights = count[groups.codes[at]].astype(np.float64)
        Z = demean(columns[at], [e.take(at) for e in effects], weights, tolerance=SINGULAR)
        Z = Z * np.sqrt(weights)[:, None]
        a[draw] = np.linalg.lstsq(Z[:, 1 + m:], Z[:, 1:1 + m], rcond=SINGULAR)[0]
        b[draw] = np.linalg.lstsq(Z[:, 1:], Z[:, 0], rcond=SINGULAR)[0][:m]
    return a, b
