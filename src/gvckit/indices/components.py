"""Principal components of columns, and weights from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.indices.dispersion import correlations
from gvckit.indices.weighing import Weighing, complete, plain, usable

__all__ = ["Components", "components", "first_component", "pca", "pca_squared"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Components:
    """Principal components of correlations.

    Attributes
    ----------
    eigenvalues
        (J,), falling.
    vectors
        (J, J), a component a column, of length 1, its sum not negative.
    loadings
        (J, J) correlations of columns with components, vectors·√λ.
    """

    eigenvalues: Vector
    vectors: Matrix
    loadings: Matrix


def components(part: Matrix) -> Components:
    """Return the principal components of the correlations of complete columns (n, J)."""
    values, vectors = np.linalg.eigh(correlations(part))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    # A component's sign is arbitrary: its largest entry decides where the sum is nothing.
    total = vectors.sum(axis=0)
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(len(values))]
    way = np.where(np.abs(total) > 1e-12, total, largest)
    vectors = vectors * np.where(way < 0, -1.0, 1.0)
    return Components(values, vectors, vectors * np.sqrt(values))


def _from(Z: Matrix, power: int, only_first: bool) -> Weighing:
    able = usable(Z)
    part = complete(Z, able)
    if able.sum() < 2 or len(part) < 2 or not (part.std(axis=0) > 0).all():
        return plain(able.astype(np.float64))
    found = components(part)
    kept = found.eigenvalues > 1.0
    kept[0] = True
    if only_first:
        kept[1:] = False
    raw = np.zeros(Z.shape[1])
    raw[able] = (np.abs(found.vectors[:, kept]) ** power * found.eigenvalues[kept]).sum(axis=1)
    return plain(raw)


def pca(Z: Matrix) -> Weighing:
    """Return Σₖ |aⱼₖ| λₖ over the components with λ > 1, a the eigenvectors, scaled to sum 1.

    Absolute values, so that no weight is negative and no sign convention matters.
    """
    return _from(Z, 1, False)


def pca_squared(Z: Matrix) -> Weighing:
    """Return Σₖ aⱼₖ² λₖ over the components with λ > 1, scaled to sum 1 (OECD/JRC handbook)."""
    return _from(Z, 2, False)


def first_component(Z: Matrix) -> Weighing:
    """Return the squared loadings on the first component, scaled to sum 1."""
    return _from(Z, 2, True)
