"""Revealed comparative advantage: Balassa and its relatives (arrays in, arrays out).

Notation: x_ci exports of country c in product i, C_c and I_i their sums over products and over
countries, W the world total.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

__all__ = ["KINDS", "additive", "balassa", "normalised", "presence", "symmetric", "weighted"]

Floats = NDArray[np.float64]


def balassa(x: Floats) -> Floats:
    """Return RCA = (x_ci / C_c) / (I_i / W), shape of ``x``; rows and columns must not be empty."""
    share: Floats = x / x.sum(axis=1, keepdims=True)
    share /= x.sum(axis=0) / x.sum()
    return share


def symmetric(x: Floats) -> Floats:
    """Return SRCA = (RCA − 1) / (RCA + 1), in [−1, 1) (Laursen 2015)."""
    rca = balassa(x)
    result: Floats = (rca - 1.0) / (rca + 1.0)
    return result


def normalised(x: Floats) -> Floats:
    """Return NRCA = x_ci / W − C_c I_i / W² (Yu, Cai & Leung 2009); sums to 0 both ways."""
    share = x / x.sum()
    result: Floats = share - np.outer(share.sum(axis=1), share.sum(axis=0))
    return result


def additive(x: Floats) -> Floats:
    """Return ARCA = x_ci / C_c − I_i / W (Hoen & Oosterhaven 2006); sums to 0 over products."""
    result: Floats = x / x.sum(axis=1, keepdims=True) - x.sum(axis=0) / x.sum()
    return result


def weighted(x: Floats) -> Floats:
    """Return WRCA = RCA_ci / mean over products of RCA_c (Proudman & Redding 2000)."""
    rca = balassa(x)
    result: Floats = rca / rca.mean(axis=1, keepdims=True)
    return result


def presence(x: Floats, threshold: float) -> Floats:
    """Return M = 1 where RCA is ``threshold`` or more, shape of ``x``.

    RCA ≥ t is decided on the same quotient as :func:`balassa` prints, so that a count of M agrees
    with a count of RCA.
    """
    return (balassa(x) >= threshold).astype(np.float64)


KINDS: Mapping[str, tuple[Callable[[Floats], Floats], str]] = MappingProxyType({
    "balassa": (balassa, "RCA = (x_ci / C_c) / (I_i / W) (Balassa 1965)"),
    "symmetric": (symmetric, "SRCA = (RCA - 1) / (RCA + 1) (Laursen 2015)"),
    "normalised": (normalised, "NRCA = x_ci / W - C_c I_i / W^2 (Yu, Cai & Leung 2009)"),
    "additive": (additive, "ARCA = x_ci / C_c - I_i / W (Hoen & Oosterhaven 2006)"),
    "weighted": (weighted, "WRCA = RCA / country mean of RCA (Proudman & Redding 2000)"),
})
