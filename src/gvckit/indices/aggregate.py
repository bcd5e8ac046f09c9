"""The ways to put the children of a node together, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.indices import ideal, means, outrank
from gvckit.indices.doubt import benefit_of_the_doubt
from gvckit.indices.means import arithmetic, geometric

__all__ = ["AGGREGATORS", "Aggregator", "Mixing", "arithmetic", "geometric"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mixing:
    """Parameters of aggregators: the power of a generalised mean, orness, bounds on shares."""

    power: float = 1.0
    orness: float = 0.5
    shares: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Aggregator:
    """An aggregation.

    Attributes
    ----------
    kernel
        ``(Z, weights, mixing)`` → scores (n,).
    positive
        Whether it needs values above 0.
    words
        What it is.
    flat
        Whether a node is made of the indicators below it, not of its children's scores.
    monotone
        Whether a row that is nowhere lower scores no lower.
    own_scale
        Whether scores leave the range of the values (counts, closeness).
    interval
        Whether it needs values in [0, 1].
    """

    kernel: Callable[[Matrix, Vector, Mixing], Vector]
    positive: bool
    words: str
    flat: bool = False
    monotone: bool = True
    own_scale: bool = False
    interval: bool = False


def _plain(kernel: Callable[[Matrix, Vector], Vector]
           ) -> Callable[[Matrix, Vector, Mixing], Vector]:
    return lambda Z, weights, mixing: kernel(Z, weights)


def _doubt(Z: Matrix, weights: Vector, mixing: Mixing) -> Vector:
    used = weights > 0
    if not used.any():
        return np.full(len(Z), np.nan)
    return benefit_of_the_doubt(Z[:, used], *mixing.shares).scores


def _coupled(Z: Matrix, weights: Vector, mixing: Mixing) -> Vector:
    used = weights > 0
    if not used.any():
        return np.full(len(Z), np.nan)
    return ideal.coordination(Z[:, used], weights[used]).degree


AGGREGATORS: dict[str, Aggregator] = {
    "arithmetic": Aggregator(_plain(arithmetic), False, "weighted arithmetic mean"),
    "geometric": Aggregator(_plain(geometric), True, "weighted geometric mean"),
    "harmonic": Aggregator(_plain(means.harmonic), True, "weighted harmonic mean"),
    "generalised": Aggregator(lambda Z, w, m: means.generalised(Z, w, m.power), True,
                              "weighted generalised mean"),
    "ordered": Aggregator(lambda Z, w, m: ideal.ordered(Z, w, m.orness), False,
                          "ordered weighted mean"),
    "topsis": Aggregator(_plain(ideal.topsis), False, "TOPSIS closeness of the values as "
                         "normalised", True, own_scale=True),
    "topsis-vector": Aggregator(_plain(ideal.topsis_vector), False,
                                "TOPSIS closeness, columns on vector norm", True, own_scale=True),
    "mazziotta-pareto": Aggregator(_plain(means.mazziotta_pareto), True,
                                   "Mazziotta-Pareto: mean less penalty", monotone=False),
    "mazziotta-pareto-plus": Aggregator(
        lambda Z, w, m: means.mazziotta_pareto(Z, w, 1.0), True,
        "Mazziotta-Pareto for a negative phenomenon: mean plus penalty", monotone=False),
    "copeland": Aggregator(_plain(outrank.copeland), False,
                           "Copeland: rows beaten less rows that beat it", own_scale=True),
    "coupling-coordination": Aggregator(
        _coupled, False, "coupling coordination degree √(C·T) of the children",
        monotone=False, interval=True),
    "benefit-of-the-doubt": Aggregator(_doubt, False, "benefit of the doubt", True),
}
