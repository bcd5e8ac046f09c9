"""The product space: proximity, density, outlook (arrays in, arrays out).

M is presence (C, P) with no empty column; φ is proximity (P, P).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "correlation_proximity", "density", "outlook_gain", "proximity"]

Floats = NDArray[np.float64]

BLOCK = 64
"""Rows of φ that are divided at once: what lies beside φ stays in the cache."""


def proximity(M: Floats) -> Floats:
    """Return φ_pq = Σ_c M_cp M_cq / max(k_p, k_q), shape (P, P): min of both conditionals.

    Hidalgo, Klinger, Barabási & Hausmann (2007).  φ_pp = 1.
    """
    ubiquity = M.sum(axis=0)
    if ((M == 0) | (M == 1)).all() and len(M) < 2**24:
        # Counts below 2^24 are exact in single precision, which takes half the time and space.
        half = M.astype(np.float32)
        phi = (half.T @ half).astype(np.float64)
    else:
        phi = M.T @ M
    for start in range(0, len(phi), BLOCK):
        block = phi[start:start + BLOCK]
        block /= np.maximum.outer(ubiquity[start:start + BLOCK], ubiquity)
    return phi


def correlation_proximity(R: Floats) -> Floats:
    """Return φ = (1 + corr) / 2 over the columns of R, shape (P, P); constant columns give NaN."""
    deviation = R - R.mean(axis=0)
    norm = np.sqrt((deviation**2).sum(axis=0))
    deviation /= np.where(norm > 0, norm, np.nan)
    phi: Floats = (1.0 + deviation.T @ deviation) / 2.0
    np.fill_diagonal(phi, np.where(norm > 0, 1.0, np.nan))
    return phi


def density(M: Floats, phi: Floats) -> Floats:
    """Return ω_cp = Σ_q M_cq φ_qp / Σ_q φ_qp, shape (C, P), in [0, 1]."""
    result: Floats = (M @ phi) / phi.sum(axis=0)
    return result


def outlook_gain(M: Floats, phi: Floats, index: Floats) -> Floats:
    """Return Σ_q (φ_pq / Σ_r φ_rq) (1 − M_cq) PCI_q for the products c lacks, shape (C, P).

    Products that c has get 0.
    """
    absent = 1.0 - M
    weighted = absent * (index / phi.sum(axis=0))
    gain: Floats = absent * (weighted @ phi)
    return gain
