"""Arithmetic of the wild restricted efficient cluster bootstrap of two-stage least squares.

Davidson and MacKinnon (2010), with clusters Finlay and Magnusson (2019), computed in the manner of
Roodman, MacKinnon, Nielsen and Webb (2019).  Fixed effects and all exogenous regressors but the one
looked at are partialled out (M), rows are scaled by the root of their weight, and Q is an
orthonormal basis of the instruments, that regressor among them where it is exogenous.

Under the null ``y = Xγ + u`` without the focal column of X, by 2SLS on Q (nothing is left of X
where there is one endogenous regressor: least squares).  First stages take u in, for efficiency:
``X_j = Qκ_j + δ_j u + e``, and their residual leaves it there, ``v_j = X_j − Qκ_j``.  A draw w, one
number a cluster, multiplies both: ``X_j* = Qκ_j + M(w∘v_j)`` and ``y* = X*γ + M(w∘u)``.  The focal
coefficient of 2SLS and its residuals are those of ``y* − X*γ``, so that γ leaves a draw.  With
``C_s = Q's*``, β = C_X⁺C_y and ``d = C_X(C_X'C_X)⁻¹e_f`` the influence of cluster g is

``d'[ (Q'Q)_g c + Σ_s b_s Σ_h w_h T_shg ]``,  ``T_shg = Σ_{i∈g} q_i [M(e_s∘1_h)]_i``,

c and b the parts of the residual in Q and in the noises e_s = (u, v_1 … v_m): no draw touches a
row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.codes import Codes
from gvckit.models.wild_forms import Form

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Restricted", "Sums", "observed", "restricted", "statistics", "sums_of"]

SINGULAR = 1e-10
"""A draw is not identified where a first stage keeps less than this share of its size."""


@dataclass(frozen=True, slots=True)
class Restricted:
    """The system estimated under the null.

    Attributes
    ----------
    Q
        Shape (n, L): orthonormal instruments.
    kappa
        Shape (L, p): the first stages of the p regressors, the focal one last.
    noises
        Shape (n, 1 + m): u, and v of the m endogenous regressors.
    endogenous
        Places of the m endogenous regressors among the p.
    """

    Q: NDArray[np.float64]
    kappa: NDArray[np.float64]
    noises: NDArray[np.float64]
    endogenous: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sums:
    """What draws are made of: sums over clusters.

    Attributes
    ----------
    noises
        Shape (1 + m, H, L): ``Σ_{i∈h} e_si q_i``.
    products
        For each clustering variable, shape (G, L, L): ``Σ_{i∈g} q_i q_i'``.
    maps
        For each clustering variable, noise and column of Q the map T.
    signs
        Of the clustering variables in the variance.
    """

    noises: NDArray[np.float64]
    products: list[NDArray[np.float64]]
    maps: list[list[list[Form]]]
    signs: tuple[float, ...]


def restricted(y: NDArray[np.float64], X: NDArray[np.float64], endogenous: NDArray[np.int64],
               Z: NDArray[np.float64]) -> Restricted:
    """Estimate the system with a coefficient of zero on the last column of X.

    Parameters
    ----------
    y, X, Z
        Shapes (n,), (n, p), (n, L): what is left of them, rows scaled by the root of their weight.
        A focal column that is exogenous is a column of Z too.
    endogenous
        Places of the endogenous columns of X.
    """
    Q = _basis(Z)
    others = X[:, :-1]
    gamma = np.linalg.lstsq(Q.T @ others, Q.T @ y, rcond=None)[0]
    u = y - others @ gamma
    beyond = u - Q @ (Q.T @ u)
    kappa = Q.T @ X
    size = float(beyond @ beyond)
    if size > 0:
        kappa[:, endogenous] -= np.outer(Q.T @ u, beyond @ X[:, endogenous] / size)
    noises = np.column_stack([u, X[:, endogenous] - Q @ kappa[:, endogenous]])
    return Restricted(Q, kappa, noises, endogenous)


def observed(y: NDArray[np.float64], X: NDArray[np.float64], Z: NDArray[np.float64],
             clusters: Sequence[Codes], signs: Sequence[float]) -> tuple[float, float]:
    """Return the 2SLS coefficient of the last column of X, and its variance before the factor."""
    Q = _basis(Z)
    first = Q.T @ X
    beta = np.linalg.lstsq(first, Q.T @ y, rcond=None)[0]
    unit = np.zeros(X.shape[1])
    unit[-1] = 1.0
    influence = (Q @ (first @ np.linalg.solve(first.T @ first, unit))) * (y - X @ beta)
    variance = sum(sign * float((np.bincount(c.codes, weights=influence) ** 2).sum())
                   for sign, c in zip(signs, clusters, strict=True))
    return float(beta[-1]), float(variance)


def sums_of(system: Restricted, maps: list[list[list[Form]]], draws: Codes,
            clusters: Sequence[Codes], signs: tuple[float, ...]) -> Sums:
    """Return the sums of a system whose maps are known; ``draws`` are the multiplied groups."""
    Q, L = system.Q, system.Q.shape[1]
    noises = np.empty((system.noises.shape[1], draws.levels, L))
    for s, e in enumerate(system.noises.T):
        for j, q in enumerate(Q.T):
            noises[s, :, j] = np.bincount(draws.codes, weights=q * e, minlength=draws.levels)
    products = [np.empty((c.levels, L, L)) for c in clusters]
    for out, groups in zip(products, clusters, strict=True):
        for i in range(L):
            for j in range(i, L):
                out[:, i, j] = out[:, j, i] = np.bincount(
                    groups.codes, weights=Q[:, i] * Q[:, j], minlength=groups.levels)
    return Sums(noises, products, maps, signs)


def statistics(system: Restricted, sums: Sums, factor: float,
               blocks: Iterator[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return t* of every draw, shape (B,); nan where it is not identified or has no variance.

    ``blocks`` are multipliers (b, H), ``factor`` is the small-sample factor of the variance.
    """
    return np.concatenate([_block(system, sums, factor, w) for w in blocks])


def _block(system: Restricted, sums: Sums, factor: float, w: NDArray[np.float64]
           ) -> NDArray[np.float64]:
    L, p = system.kappa.shape
    ours = system.endogenous
    moved = np.stack([w @ of_noise for of_noise in sums.noises])  # (1 + m, b, L)
    first = np.broadcast_to(system.kappa, (len(w), L, p)).copy()
    first[:, :, ours] += np.moveaxis(moved[1:], 0, 2)
    q, r = np.linalg.qr(first)
    size = np.linalg.norm(first, axis=1)
    good = (np.abs(np.diagonal(r, axis1=1, axis2=2)) > SINGULAR * size).all(axis=1)
    r[~good] = np.eye(p)
    beta = np.linalg.solve(r, np.einsum("blp,bl->bp", q, moved[0])[:, :, None])[:, :, 0]
    # Only the last row of the inverse of R is not zero in the focal place.
    d = q[:, :, -1] / r[:, -1, -1, None]
    inside = -beta @ system.kappa.T
    mixed = np.column_stack([np.ones(len(w)), -beta[:, ours]])
    variance = np.zeros(len(w))
    for sign, products, maps in zip(sums.signs, sums.products, sums.maps, strict=True):
        score = np.zeros((len(w), len(products)))
        for j in range(L):
            part = inside @ products[:, j, :].T
            for s, of_noise in enumerate(maps):
                part += mixed[:, s, None] * of_noise[j].apply(w)
            score += d[:, j, None] * part
        variance += sign * factor * np.einsum("bg,bg->b", score, score)
    good &= variance > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(good, beta[:, -1] / np.sqrt(variance), np.nan)


def _basis(Z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an orthonormal basis of the columns of Z, shape (n, L)."""
    Q, _ = np.linalg.qr(Z / np.linalg.norm(Z, axis=0))
    return np.asarray(Q, dtype=np.float64)
