"""The ways to weigh the tree, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.indices import components, dispersion
from gvckit.indices import entropy as entropies
from gvckit.indices.balance import balanced
from gvckit.indices.combine import COMBINERS
from gvckit.indices.dispersion import critic
from gvckit.indices.entropy import entropy
from gvckit.indices.weighing import Parts, Weighing, plain, usable

__all__ = ["SCHEMES", "Parts", "Scheme", "Weighing", "combined", "critic", "entropy", "equal"]

Matrix = NDArray[np.float64]


def equal(Z: Matrix, shift: float = 0.0) -> Weighing:
    """Return 1/J for each of the J columns that vary."""
    return plain(usable(Z).astype(np.float64))


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to weigh the tree.

    Attributes
    ----------
    kernel
        :class:`~gvckit.indices.weighing.Parts` → weights; None: the weights that the tree gives.
    flat
        True: one set of weights over all indicators, a pillar's weight being the sum of its own;
        False: children of each node among themselves.
    unit_interval
        Whether it needs values that are not negative.
    words
        What it is.
    per_time
        Whether each time has weights of its own.
    """

    kernel: Callable[[Parts], Weighing] | None
    flat: bool
    unit_interval: bool
    words: str
    per_time: bool = False


def _entropy(parts: Parts) -> Weighing:
    return entropy(parts.Z, parts.shift)


def _of_values(kernel: Callable[[Matrix], Weighing]) -> Callable[[Parts], Weighing]:
    return lambda parts: kernel(parts.Z)


SCHEMES: dict[str, Scheme] = {
    "equal": Scheme(_of_values(equal), False, False,
                    "equal weights among the children of each node"),
    "equal-flat": Scheme(_of_values(equal), True, False, "equal weights over all indicators"),
    "given": Scheme(None, False, False, "weights as given, scaled to sum 1 under each node"),
    "ahp": Scheme(None, False, False, "analytic hierarchy process"),
    "entropy": Scheme(_entropy, True, True, "panel entropy over all indicators, k = 1/ln(T·U)"),
    "entropy-by-level": Scheme(_entropy, False, True,
                               "panel entropy among the children of each node, k = 1/ln(T·U)"),
    "entropy-per-year": Scheme(_entropy, True, True,
                               "entropy over all indicators within each time, k = 1/ln(U)", True),
    "entropy-raw": Scheme(entropies.entropy_raw, True, False,
                          "panel entropy of the shares of raw values, k = 1/ln(T·U)"),
    "entropy-ln-units": Scheme(entropies.entropy_ln_units, True, True,
                               "panel entropy with k = 1/ln(U) in place of 1/ln(T·U)"),
    "entropy-ln-times": Scheme(entropies.entropy_ln_times, True, True,
                               "panel entropy with k = 1/ln(T) in place of 1/ln(T·U)"),
    "benefit-of-the-doubt": Scheme(_of_values(equal), True, False,
                                   "each row weighed as suits it best (mean shares shown)"),
    "critic": Scheme(_of_values(critic), True, False, "CRITIC over all indicators, sd n-1"),
    "critic-by-level": Scheme(_of_values(critic), False, False,
                              "CRITIC among the children of each node, sd n-1"),
    "balanced-by-level": Scheme(_of_values(balanced), False, False,
                                "equal correlations of the children with their node"),
    "cv": Scheme(dispersion.variation, True, False,
                 "coefficient of variation of raw values over all indicators"),
    "standard-deviation": Scheme(_of_values(dispersion.standard_deviation), True, False,
                                 "standard deviation over all indicators"),
    "variance": Scheme(_of_values(dispersion.variance), True, False,
                       "variance over all indicators"),
    "gini": Scheme(dispersion.gini, True, False, "Gini coefficient of raw values"),
    "merec": Scheme(dispersion.merec, True, False, "MEREC: effect of removing the indicator"),
    "pca": Scheme(_of_values(components.pca), True, False,
                  "principal components with λ > 1: |eigenvectors| × explained variance"),
    "pca-squared": Scheme(_of_values(components.pca_squared), True, False,
                          "principal components with λ > 1: squared eigenvectors × explained "
                          "variance"),
    "pca-first": Scheme(_of_values(components.first_component), True, False,
                        "squared loadings on the first principal component"),
    "pca-by-level": Scheme(_of_values(components.first_component), False, False,
                           "squared loadings on the first component among each node's children"),
}


def combined(names: Sequence[str], how: str) -> Scheme:
    """Return the scheme that puts several flat schemes together by ``how`` (COMBINERS)."""
    schemes = [SCHEMES[n] for n in names]

    def kernel(parts: Parts) -> Weighing:
        sets = [s.kernel(parts).weights for s in schemes if s.kernel is not None]
        return plain(COMBINERS[how](np.stack(sets)))

    return Scheme(kernel, True, any(s.unit_interval for s in schemes),
                  f"{how} combination of " + " and ".join(s.words for s in schemes))
