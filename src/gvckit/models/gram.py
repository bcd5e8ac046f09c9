"""Many least-squares problems on the same residualised columns, from their cross-products.

With the columns partialled out once, a specification is a choice of columns: its coefficients
need only the Gram matrix, its clustered variance only the cross-products within clusters.  Write
``d`` for the vector with 1 at y and −b at the regressors, so that the residual is ``Z d``, and
``e`` for the column of ``(X'WX)⁻¹`` that belongs to the coefficient looked at.  The influence of
cluster g on that coefficient is the bilinear form ``ψ_g = e' (Z_g'W_g Z_g) d``, and its clustered
variance is ``Σ_g ψ_g²`` (Liang and Zeger 1986).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.codes import Codes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Gram", "Solved", "cluster_influence", "gram_of", "row_influence", "solve_many",
           "two_way_variance"]

PIVOT = 1e-2
"""Below this share of a regressor left by earlier ones, cross-products lose digits that QR keeps:
their error is about eps / PIVOT²."""

SMALL_RESIDUAL = 1e-6
"""Below this share of residual variation, a difference of cross-products has lost digits."""

POSITIVE = 1e-9
"""An eigenvalue above this share of the largest is positive, whatever the scale of a column."""

BLOCK = 4_000_000
"""Numbers held at once, so that memory does not grow with the number of specifications."""


@dataclass(frozen=True, slots=True)
class Gram:
    """Residualised columns of unit norm and their cross-products.

    Attributes
    ----------
    Z
        Shape (n, v), Fortran order: columns divided by ``scale``.
    scale
        Shape (v,): weighted norm of each column, 1 where it is zero.
    cross
        Shape (v, v): ``Z'WZ``.
    weights
        Shape (n,), or None.
    """

    Z: NDArray[np.float64]
    scale: NDArray[np.float64]
    cross: NDArray[np.float64]
    weights: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True)
class Solved:
    """S least-squares problems.

    Attributes
    ----------
    coef
        Shape (S,): the coefficient looked at, in the units of the data.
    bread
        Shape (S,): its entry of ``(X'WX)⁻¹``, in the units of the data.
    ssr
        Shape (S,): weighted sum of squared residuals, in the units of y.
    residual, direction
        d and e, shape (v, S), in units of the scaled columns.
    unit
        Shape (S,): what turns ``e' C d`` into the units of the coefficient.
    sound
        Shape (S,): whether the cross-products carry enough digits.
    """

    coef: NDArray[np.float64]
    bread: NDArray[np.float64]
    ssr: NDArray[np.float64]
    residual: NDArray[np.float64]
    direction: NDArray[np.float64]
    unit: NDArray[np.float64]
    sound: NDArray[np.bool_]


def gram_of(columns: NDArray[np.float64], weights: NDArray[np.float64] | None) -> Gram:
    """Return the Gram matrix of residualised ``columns`` (n, v)."""
    weighted = columns if weights is None else columns * weights[:, None]
    norm = np.sqrt((columns * weighted).sum(axis=0))
    scale = np.where(norm > 0, norm, 1.0)
    Z = np.asfortranarray(columns / scale)
    cross = Z.T @ (Z if weights is None else Z * weights[:, None])
    return Gram(Z, scale, (cross + cross.T) / 2, weights)


def solve_many(
    gram: Gram, outcomes: Sequence[int], regressors: Sequence[Sequence[int]],
    focal: Sequence[int],
) -> Solved:
    """Regress columns on columns, many times.

    Parameters
    ----------
    gram
        The columns.
    outcomes
        For each of the S problems, the column of y.
    regressors
        For each, the columns of X in order.
    focal
        For each, which place in its ``regressors`` is looked at.
    """
    count, v = len(outcomes), len(gram.scale)
    blank = np.full((4, count), np.nan)
    out = Solved(blank[0], blank[1], blank[2], np.zeros((v, count)), np.zeros((v, count)),
                 blank[3], np.zeros(count, dtype=bool))
    sizes = np.array([len(r) for r in regressors])
    for k in sorted(set(sizes.tolist())):
        _solve_equal(gram, np.asarray(outcomes), regressors, np.asarray(focal),
                     np.flatnonzero(sizes == k), out)
    return out


def _solve_equal(
    gram: Gram, outcomes: NDArray[np.int64], regressors: Sequence[Sequence[int]],
    focal: NDArray[np.int64], which: NDArray[np.int64], out: Solved,
) -> None:
    """Fill ``out`` for the problems ``which``, which have equally many regressors."""
    index = np.array([regressors[i] for i in which])
    y, at = outcomes[which], focal[which]
    matrices = gram.cross[index[:, :, None], index[:, None, :]]
    right = gram.cross[index, y[:, None]]
    sound = _smallest_pivot(matrices) > PIVOT
    matrices[~sound] = np.eye(index.shape[1])
    inverse = np.linalg.inv(matrices)
    coef = np.einsum("sjk,sk->sj", inverse, right)
    here = np.arange(len(which))
    direction = inverse[here, :, at]
    left = gram.cross[y, y] - (coef * right).sum(axis=1)
    scale_y, scale_x = gram.scale[y], gram.scale[index[here, at]]
    out.sound[which] = sound & (left > SMALL_RESIDUAL)
    out.coef[which] = coef[here, at] * scale_y / scale_x
    out.bread[which] = direction[here, at] / scale_x**2
    out.ssr[which] = left * scale_y**2
    out.unit[which] = scale_y / scale_x
    out.residual[index, which[:, None]] = -coef
    out.residual[y, which] = 1.0
    out.direction[index, which[:, None]] = direction


def _smallest_pivot(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, shape (S,), the smallest pivot of a Cholesky factor of matrices (S, k, k).

    Pivots are clipped where rounding has made them negative, so nothing is raised.
    """
    work = matrices.copy()
    smallest = np.full(len(work), np.inf)
    for j in range(work.shape[1]):
        pivot = work[:, j, j]
        smallest = np.minimum(smallest, pivot)
        row = work[:, j, j:] / np.maximum(pivot, PIVOT**4)[:, None]
        work[:, j:, j:] -= work[:, j:, j, None] * row[:, None, :]
    return np.asarray(np.sqrt(np.maximum(smallest, 0.0)), dtype=np.float64)


def cluster_influence(
    gram: Gram, clusters: Codes, residual: NDArray[np.float64], direction: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return ``e_s' C_g d_s``, shape (G, S), in scaled units.

    ``C_g`` is symmetric, so the form is a product of its v(v+1)/2 distinct entries with those of
    ``e d' + d e'``: one matrix product for all clusters and specifications.
    """
    used = np.flatnonzero((residual != 0).any(axis=1) | (direction != 0).any(axis=1))
    left, right = np.triu_indices(len(used))
    entries = _cluster_products(gram, clusters, used)
    left, right = used[left], used[right]
    out = np.empty((clusters.levels, residual.shape[1]))
    for part in _blocks(residual.shape[1], len(left)):
        d, e = residual[:, part], direction[:, part]
        pairs = e[left] * d[right]
        off = left != right
        pairs[off] += e[right[off]] * d[left[off]]
        out[:, part] = entries @ pairs
    return out


def _cluster_products(
    gram: Gram, clusters: Codes, used: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the upper triangles of ``Z_g'W_g Z_g``, shape (G, u(u+1)/2), of some columns."""
    order = np.argsort(clusters.codes, kind="stable")
    starts = np.searchsorted(clusters.codes[order], np.arange(clusters.levels))
    Z = gram.Z[order][:, used]
    weighted = Z if gram.weights is None else Z * gram.weights[order, None]
    width = len(used)
    out = np.empty((clusters.levels, width * (width + 1) // 2))
    place = 0
    for j in range(width):
        products = weighted[:, j, None] * Z[:, j:]
        out[:, place:place + width - j] = np.add.reduceat(products, starts, axis=0)
        place += width - j
    return out


def two_way_variance(
    gram: Gram, clusters: Sequence[Codes], residual: NDArray[np.float64],
    direction: NDArray[np.float64], outcomes: Sequence[int],
    regressors: Sequence[Sequence[int]],
) -> NDArray[np.float64]:
    """Return the variances of V_1 + V_2 − V_12, shape (S,), in scaled units.

    ``clusters`` are the two variables and their intersection.  Where the whole matrix has a
    negative eigenvalue the entry is nan: what is done then takes more than one coefficient.
    """
    used = np.flatnonzero((residual != 0).any(axis=1) | (direction != 0).any(axis=1))
    entries = [_cluster_products(gram, groups, used) for groups in clusters]
    left, right = np.triu_indices(len(used))
    where = np.zeros(gram.cross.shape, dtype=np.int64)
    where[used[left], used[right]] = where[used[right], used[left]] = np.arange(len(left))
    out = np.full(len(outcomes), np.nan)
    for s, (y, columns) in enumerate(zip(outcomes, regressors, strict=True)):
        own = np.asarray(columns)
        involved = np.array([y, *columns])
        place, d = where[np.ix_(own, involved)], residual[involved, s]
        meat = np.zeros((len(own), len(own)))
        for sign, products in zip((1.0, 1.0, -1.0), entries, strict=True):
            scores = products[:, place] @ d
            meat += sign * (scores.T @ scores)
        bread = np.linalg.inv(gram.cross[np.ix_(own, own)])
        vcov = bread @ ((meat + meat.T) / 2) @ bread
        values = np.linalg.eigvalsh((vcov + vcov.T) / 2)
        if values[0] > POSITIVE * values[-1]:
            out[s] = direction[own, s] @ meat @ direction[own, s]
    return out


def row_influence(
    gram: Gram, residual: NDArray[np.float64], direction: NDArray[np.float64]
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield blocks of specifications with ``w_i (Z e_s)_i (Z d_s)_i``, shape (n, block)."""
    for part in _blocks(residual.shape[1], len(gram.Z)):
        product = (gram.Z @ direction[:, part]) * (gram.Z @ residual[:, part])
        if gram.weights is not None:
            product *= gram.weights[:, None]
        yield part, product


def _blocks(count: int, height: int) -> Iterator[slice]:
    width = max(1, BLOCK // max(height, 1))
    for start in range(0, count, width):
        yield slice(start, min(start + width, count))
