"""The linear maps of the wild cluster bootstrap of one coefficient.

A draw is ``u* = u ∘ v``, v constant within the clusters h of the bootstrap.  With
``a_i = w_i x̃_i' (X'WX)⁻¹ e_f`` (x̃: fixed effects partialled out) the coefficient moves by
``Σ_h v_h s_h``, ``s_h = Σ_{i∈h} a_i u_i``.  The residuals of the regression of u* are
``Σ_h v_h r_h`` with ``r_h = M(u ∘ 1_h)``, M the annihilator of regressors and fixed effects, so the
influence of cluster g in that regression is ``Σ_h v_h Q_hg``, ``Q_hg = Σ_{i∈g} a_i r_hi``: no draw
touches a row.  Q is linear in u and in a: estimators with several of them have a Q for each pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import pinvh
from scipy.sparse import coo_array

from gvckit.models.codes import Codes
from gvckit.models.demean import demean
from gvckit.models.fixed_effects import refines

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Form", "Regression", "forms", "forms_of", "is_structured"]

MOST_LEVELS = 1_500
"""Levels of fixed effects across clusters up to which their cross-products are inverted."""

COLUMNS = 2_000_000
"""Numbers held at once while the columns ``u ∘ 1_h`` are demeaned."""

IMPLIED = 1e-10
"""A column with less than this share of its squares left is implied by the nested effects."""

DENSE = 20_000_000
"""Rows times levels across clusters up to which their dummies are written out."""

WORTH = 4
"""Written-out dummies are demeaned once a level, ``u ∘ 1_h`` once a cluster: how many more of the
former are worth it, for they converge sooner, with fewer effects."""


@dataclass(frozen=True, slots=True)
class Regression:
    """A least-squares regression with its fixed effects partialled out.

    Attributes
    ----------
    X
        Shape (n, k): residualised regressors.
    bread
        ``(X'WX)⁻¹``, shape (k, k).
    focal
        Place of the coefficient looked at.
    weights
        Shape (n,), or None.
    effects
        The fixed effects; without any, the constant is partialled out.
    """

    X: NDArray[np.float64]
    bread: NDArray[np.float64]
    focal: int
    weights: NDArray[np.float64] | None
    effects: tuple[Codes, ...]

    def weigh(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``W`` times ``values`` (n,) or (n, m)."""
        if self.weights is None:
            return values
        return values * (self.weights if values.ndim == 1 else self.weights[:, None])

    @property
    def influence(self) -> NDArray[np.float64]:
        """The vector a, shape (n,)."""
        return self.weigh(self.X @ self.bread[:, self.focal])


@dataclass(frozen=True, slots=True)
class Form:
    """Q, shape (H, G), as ``diag(own) − left @ right`` or, where own is None, as ``left``."""

    own: NDArray[np.float64] | None
    left: NDArray[np.float64]
    right: NDArray[np.float64]

    def apply(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``v @ Q``, shape (B, G), for multipliers (B, H)."""
        if self.own is None:
            return v @ self.left
        H, rank = self.left.shape
        if 2 * rank < H:
            return v * self.own - (v @ self.left) @ self.right
        return v @ (np.diag(self.own) - self.left @ self.right)


def is_structured(regression: Regression, clusters: Codes) -> bool:
    """Return whether the maps of one-way clustering need no demeaning of columns.

    ``u ∘ 1_h`` is orthogonal to all effects and slopes nested in the clusters already, so that the
    others are all that is left to project on: they must have few levels.
    """
    nested, across = _split(regression.effects, clusters)
    levels = sum(e.levels for e in across)
    return levels <= MOST_LEVELS and (
        not nested or _finest(nested) is not None
        or (levels <= WORTH * clusters.levels and levels * len(regression.X) <= DENSE))


def forms(
    regression: Regression, u: NDArray[np.float64], draws: Codes, clusters: Sequence[Codes]
) -> list[Form]:
    """Return Q for each clustering variable; ``draws`` are the groups that are multiplied."""
    pairs = forms_of(regression, u[:, None], regression.influence[:, None], draws, clusters)
    return [of_cluster[0][0] for of_cluster in pairs]


def forms_of(
    regression: Regression, u: NDArray[np.float64], a: NDArray[np.float64], draws: Codes,
    clusters: Sequence[Codes],
) -> list[list[list[Form]]]:
    """Return Q for each clustering variable, column of ``u`` (n, S) and of ``a`` (n, L).

    Each column of ``u`` is orthogonal to the fixed effects, each of ``a`` (weighted) to them and to
    the regressors, none of which need be the one looked at.
    """
    if len(clusters) == 1 and clusters[0] is draws and is_structured(regression, draws):
        return [_structured(regression, u, a, draws)]
    return _general(regression, u, a, draws, clusters)


def _split(effects: Sequence[Codes], clusters: Codes) -> tuple[list[Codes], list[Codes]]:
    inside = [refines(e, clusters) for e in effects]
    return ([e for e, yes in zip(effects, inside, strict=True) if yes],
            [e for e, yes in zip(effects, inside, strict=True) if not yes])


def _finest(effects: Sequence[Codes]) -> Codes | None:
    """Return the effect that implies all others; slopes are implied by none."""
    if any(e.slope is not None for e in effects):
        return None
    return next((e for e in effects if all(refines(e, other) for other in effects)), None)


def _times_slope(values: NDArray[np.float64], effect: Codes) -> NDArray[np.float64]:
    return values if effect.slope is None else values * effect.slope


def _structured(regression: Regression, u: NDArray[np.float64], a: NDArray[np.float64],
                groups: Codes) -> list[list[Form]]:
    G = groups.levels
    nested, across = _split(regression.effects, groups)
    if not regression.effects:
        across = [Codes("constant", np.zeros(len(a), dtype=np.int64), 1)]
    inverse = _inverse_of_dummies(regression, nested, across) if across else np.empty((0, 0))
    shape = (G, len(inverse))
    weighted = regression.weigh(u)
    left, right = [], []
    for column in weighted.T:
        left.append(_sums(column[:, None] * regression.X, groups) @ regression.bread)
        if across:
            left[-1] = np.column_stack([left[-1],
                                        _cells(column, groups, across, shape) @ inverse])
    for column in a.T:
        right.append(_sums(column[:, None] * regression.X, groups))
        if across:
            right[-1] = np.column_stack([right[-1], _cells(column, groups, across, shape)])
    return [[Form(_sums((x * y)[:, None], groups)[:, 0], left[s], right[place].T)
             for place, x in enumerate(a.T)] for s, y in enumerate(u.T)]


def _inverse_of_dummies(
    regression: Regression, nested: Sequence[Codes], across: Sequence[Codes]
) -> NDArray[np.float64]:
    """Return the pseudo-inverse of ``D'WD``, D the columns across clusters without ``nested``."""
    n = len(regression.X)
    mass = np.ones(n) if regression.weights is None else regression.weights
    offsets = np.cumsum([0, *(e.levels for e in across)])
    rows = np.tile(np.arange(n), len(across))
    columns = np.concatenate([e.codes + o for e, o in zip(across, offsets[:-1], strict=True)])
    entries = np.concatenate([_times_slope(np.ones(n), e) for e in across])
    D = coo_array((entries, (rows, columns)), shape=(n, offsets[-1])).tocsr()
    inner = _finest(nested) if nested else None
    if nested and inner is None:
        dense = demean(D.toarray(), nested, regression.weights)
        product = dense.T @ regression.weigh(dense)
    else:
        product = (D.T @ (D * mass[:, None])).toarray()
    if inner is not None:
        inside = coo_array((np.ones(n), (inner.codes, np.arange(n))),
                           shape=(inner.levels, n)).tocsr()
        joint = inside @ (D * mass[:, None]).tocsr()
        sizes = np.bincount(inner.codes, weights=mass, minlength=inner.levels)
        product -= (joint.T @ (joint / sizes[:, None])).toarray()
    # What the nested effects imply has only rounding left: it is in none of the directions.
    whole = np.asarray((D.multiply(D)).T @ mass).ravel()
    real = np.diag(product) > IMPLIED * whole
    scale = np.sqrt(np.where(real, np.diag(product), 1.0))
    inverse = pinvh(np.where(np.outer(real, real), product, 0.0) / np.outer(scale, scale),
                    rtol=1e-10)
    return np.asarray(inverse / np.outer(scale, scale), dtype=np.float64)


def _cells(values: NDArray[np.float64], groups: Codes, across: Sequence[Codes],
           shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return the sums of ``values`` by cluster and level of the effects across, side by side."""
    parts = []
    for effect in across:
        joint = groups.codes * effect.levels + effect.codes
        sums = np.bincount(joint, weights=_times_slope(values, effect),
                           minlength=groups.levels * effect.levels)
        parts.append(sums.reshape(groups.levels, effect.levels))
    return np.asarray(np.column_stack(parts).reshape(shape), dtype=np.float64)


def _sums(values: NDArray[np.float64], groups: Codes) -> NDArray[np.float64]:
    out = np.empty((groups.levels, values.shape[1]))
    for j, column in enumerate(values.T):
        out[:, j] = np.bincount(groups.codes, weights=column, minlength=groups.levels)
    return out


def _general(
    regression: Regression, u: NDArray[np.float64], a: NDArray[np.float64], draws: Codes,
    clusters: Sequence[Codes],
) -> list[list[list[Form]]]:
    """Return Q by demeaning the columns ``u ∘ 1_h``, a block of them at a time."""
    n, S, L = len(u), u.shape[1], a.shape[1]
    out = [np.empty((S, L, draws.levels, c.levels)) for c in clusters]
    width = max(1, COLUMNS // n)
    for s in range(S):
        for start in range(0, draws.levels, width):
            some = np.arange(start, min(start + width, draws.levels))
            columns = np.where(draws.codes[:, None] == some, u[:, s, None], 0.0)
            columns = demean(columns, regression.effects, regression.weights)
            columns -= regression.X @ (
                regression.bread @ (regression.X.T @ regression.weigh(columns)))
            for Q, groups in zip(out, clusters, strict=True):
                for place in range(L):
                    Q[s, place, some] = _sums(a[:, place, None] * columns, groups).T
    none = np.empty((0, 0))
    return [[[Form(None, Q[s, place], none) for place in range(L)] for s in range(S)]
            for Q in out]
