"""Complexity of countries and products: eigenvector, reflections, fitness (arrays in, arrays out).

M is the presence of country c in product p, shape (C, P), with no empty row or column; k_c = Σ_p M
is diversity, k_p = Σ_c M ubiquity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.sparse import csgraph

__all__ = ["Fitness", "Spectrum", "components", "fitness", "reflections", "spectrum",
           "standardised"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Second eigenvector of the country matrix, and the products' averages of it.

    Attributes
    ----------
    values
        The (up to) three largest eigenvalues, descending; the first is 1.
    country
        Right eigenvector of D⁻¹ M U⁻¹ M' for the second eigenvalue, shape (C,).
    product
        Right eigenvector of U⁻¹ M' D⁻¹ M, shape (P,), scaled so that
        country = D⁻¹ M product: the index of a country is the mean of its products'.
    """

    values: Floats
    country: Floats
    product: Floats


@dataclass(frozen=True, slots=True)
class Fitness:
    """Fitness and product complexity after a fixed number of iterations.

    Attributes
    ----------
    country, product
        F (C,) and Q (P,), each with mean 1.
    change
        Largest relative change of a country's fitness in the last iteration.
    moves
        Number of countries whose rank changed in the last iteration.
    """

    country: Floats
    product: Floats
    change: float
    moves: int


def components(M: Floats) -> NDArray[np.int32]:
    """Return the connected component of each country and then of each product, shape (C + P,)."""
    links = sparse.csr_array(M)
    both = sparse.block_array([[None, links], [links.T, None]], format="csr")
    labels: NDArray[np.int32] = csgraph.connected_components(both, directed=False)[1]
    return labels


def spectrum(M: Floats) -> Spectrum:
    """Return the second eigenvector by the symmetric form S = D^-½ M U^-½.

    S S' is similar to D⁻¹ M U⁻¹ M' and symmetric, so that its eigenvectors are real, orthogonal
    and computed stably; S' S is taken instead where there are fewer products than countries.
    """
    diversity, ubiquity = M.sum(axis=1), M.sum(axis=0)
    S = M / np.sqrt(diversity)[:, None]
    S /= np.sqrt(ubiquity)
    tall = M.shape[0] > M.shape[1]
    gram = S.T @ S if tall else S @ S.T
    size = len(gram)
    values, vectors = linalg.eigh(gram, subset_by_index=[max(size - 3, 0), size - 1],
                                  check_finite=False)
    values, second = values[::-1], vectors[:, -2] if size > 1 else np.zeros(size)
    if tall:
        product = second / np.sqrt(ubiquity)
        return Spectrum(values, (M @ product) / diversity, product)
    country = second / np.sqrt(diversity)
    # D⁻¹ M (U⁻¹ M' v) = λ v: dividing by λ makes the country's index the mean of its products'.
    root = values[1] if size > 1 and values[1] > 0 else np.nan
    return Spectrum(values, country, (country @ M) / ubiquity / root)


def reflections(M: Floats, order: int) -> tuple[Floats, Floats]:
    """Return k_{c,n} and k_{p,n+1} of the method of reflections, n = ``order`` (even).

    k_{c,n} = (1/k_c) Σ_p M k_{p,n−1} and k_{p,n} = (1/k_p) Σ_c M k_{c,n−1} (Hidalgo & Hausmann
    2009), from diversity and ubiquity.  k_{p,n+1} is the average of k_{c,n} over the exporters.

    Both converge to a constant, so that the part that tells countries apart is carried on its own:
    averaging leaves a constant as it is.
    """
    diversity, ubiquity = M.sum(axis=1), M.sum(axis=0)
    centre = float((diversity @ diversity) / diversity.sum())
    country = diversity - centre
    product = (country @ M) / ubiquity
    for _ in range(order // 2):
        country = (M @ product) / diversity
        product = (country @ M) / ubiquity
    return country + centre, product + centre


def fitness(M: Floats, iterations: int) -> Fitness:
    """Return fitness and product complexity (Tacchella et al. 2012).

    F_c ← Σ_p M Q_p and Q_p ← 1 / Σ_c M / F_c, both from the previous step and divided by their
    mean; F = Q = 1 at the start.
    """
    F, Q = np.ones(M.shape[0]), np.ones(M.shape[1])
    before = F
    for _ in range(iterations):
        before = F
        F, Q = M @ Q, 1.0 / ((1.0 / F) @ M)
        F, Q = F / F.mean(), Q / Q.mean()
    change = float(np.abs(F / before - 1.0).max())
    moves = int((_order(F) != _order(before)).sum())
    return Fitness(F, Q, change, moves)


def _order(x: Floats) -> NDArray[np.intp]:
    return np.argsort(np.argsort(-x, kind="stable"), kind="stable")


def standardised(x: Floats, like: Floats, ddof: int) -> Floats:
    """Return (x − mean(like)) / sd(like)."""
    result: Floats = (x - like.mean()) / like.std(ddof=ddof)
    return result
