"""Put indicators on one scale, over all units and times together or within each time.

A panel must be normalised over all its years: a scale of each year's own takes the change over time
out of the index.  Kernels take the indicators X (n, J) with NaN for missing and their signs (J,),
and see z = sign·x; a constant column becomes NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.indices import ranks
from gvckit.indices.rulers import Rulers, extremes, is_constant

__all__ = ["NORMALISERS", "PER_YEAR", "Normaliser", "distance_to_reference", "distance_to_target",
           "fraction_of_max", "goalposts", "is_constant", "minmax_pooled", "mpi", "normalise",
           "scaled", "vector", "zscore_pooled"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

PER_YEAR = "-per-year"


def minmax_pooled(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return (x - min)/(max - min), for sign -1 (max - x)/(max - min); a constant column is NaN."""
    low, high = extremes(X)
    width = np.where(is_constant(X, low, high), np.nan, high - low)
    if (signs > 0).all():
        Z: Matrix = X - low
    else:
        Z = np.where(signs > 0, X - low, high - X)
    Z /= width
    return Z


def _moments(X: Matrix, ddof: int) -> tuple[Vector, Vector]:
    count = np.maximum((~np.isnan(X)).sum(axis=0), ddof + 1)
    mean = np.nansum(X, axis=0) / count
    sd = np.sqrt(np.nansum((X - mean) ** 2, axis=0) / (count - ddof))
    return mean, np.where(is_constant(X), np.nan, sd)


def zscore_pooled(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return m + s·sign·(x - mean)/sd, sd with n - 1, m and s 0 and 1 or ``rulers.moments``."""
    centre, size = (rulers or Rulers()).moments
    mean, sd = _moments(X, 1)
    Z: Matrix = centre + size * (signs * (X - mean) / sd)
    return Z


def mpi(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return 100 ± 10 (x - mean)/sd, sd with n: the Mazziotta-Pareto scale."""
    mean, sd = _moments(X, 0)
    Z: Matrix = 100.0 + 10.0 * signs * (X - mean) / sd
    return Z


def ampi(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return 70 + 60·min-max: the scale of the adjusted Mazziotta-Pareto index for panels."""
    return 70.0 + 60.0 * minmax_pooled(X, signs)


def ampi_centred(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return 70 + 60·(x - lo)/(hi - lo) with goalposts reference ± (max - min)/2, costs mirrored.

    The reference is the mean over the first time: 100 is that time's average.
    Mazziotta and Pareto (2016).
    """
    first = (rulers or Rulers()).first
    mean = _moments(X if first is None else X[first], 0)[0]
    low, high = extremes(X)
    half = np.where(is_constant(X), np.nan, (high - low) / 2)
    Z: Matrix = 100.0 + 30.0 * signs * (X - mean) / half
    return Z


def distance_to_target(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return (z - min)/(target - min); what has reached the target is 1 where ``cap``."""
    given = rulers or Rulers()
    z = signs * X
    low = np.fmin.reduce(z, axis=0)
    width = signs * given.targets - low
    Z = (z - low) / np.where(is_constant(X) | ~(width > 0), np.nan, width)
    return np.asarray(np.minimum(Z, 1.0) if given.cap else Z)


def distance_to_reference(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return 1 - (r - z)/(r - min), r the reference unit's mean; ahead of it is 1 where ``cap``."""
    given = rulers or Rulers()
    z = signs * X
    part = z[given.reference] if given.reference is not None else z[:0]
    count = (~np.isnan(part)).sum(axis=0)
    r = np.nansum(part, axis=0) / np.where(count > 0, count, np.nan)
    width = r - np.fmin.reduce(z, axis=0)
    Z = 1.0 - (r - z) / np.where(is_constant(X) | ~(width > 0), np.nan, width)
    return np.asarray(np.minimum(Z, 1.0) if given.cap else Z)


def scaled(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return (x - lo)/(hi - lo), for sign -1 (hi - x)/(hi - lo), with the posts given."""
    given = rulers or Rulers()
    low, high = given.lows, given.highs
    width = np.where(is_constant(X) | ~(high > low), np.nan, high - low)
    Z: Matrix = np.where(signs > 0, X - low, high - X) / width
    return Z


def goalposts(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return :func:`scaled` cut at 0 and 1."""
    return np.clip(scaled(X, signs, rulers), 0.0, 1.0)


def fraction_of_max(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return x/max, and for sign -1 min/x: less is better, and the least has 1.

    Values must be above 0 (0 is allowed for sign 1); other columns become NaN.
    """
    low, high = extremes(X)
    fit = ~is_constant(X) & np.where(signs > 0, low >= 0, low > 0)
    safe = np.where(fit, X, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):  # the side that is not taken
        Z: Matrix = np.where(signs > 0, safe / high, low / safe)
    return Z


def vector(X: Matrix, signs: Vector, rulers: Rulers | None = None) -> Matrix:
    """Return x/√Σx², for sign -1 one minus it (TOPSIS)."""
    size = np.sqrt(np.nansum(X**2, axis=0))
    share = X / np.where(is_constant(X), np.nan, size)
    return np.where(signs > 0, share, 1.0 - share)


@dataclass(frozen=True, slots=True)
class Normaliser:
    """A normaliser.

    Attributes
    ----------
    kernel
        ``(X, signs, rulers)`` → Z.
    unit_interval
        Whether its result lies in [0, 1], so that it can be put on another range.
    words
        What it is.
    uses
        What it must be told: ``targets``, ``goalposts``, ``reference``; empty: nothing.
    ratio
        Whether it divides, so that values must not be negative.
    above_zero
        Whether its result is above 0 in practice, as a geometric mean needs.
    """

    kernel: Callable[[Matrix, Vector, Rulers | None], Matrix]
    unit_interval: bool
    words: str
    uses: str = ""
    ratio: bool = False
    above_zero: bool = False


_BASES: dict[str, Normaliser] = {
    "minmax": Normaliser(minmax_pooled, True, "min-max"),
    "zscore": Normaliser(zscore_pooled, False, "z-score (sd n-1)"),
    "rank": Normaliser(ranks.rank, False, "rank (highest is best)", above_zero=True),
    "percentile": Normaliser(ranks.percentile, True, "percentile rank (rank - 1)/(n - 1)"),
    "borda": Normaliser(ranks.borda, False, "Borda count (rank - 1)"),
    "distance-to-max": Normaliser(minmax_pooled, True, "distance to the best value"),
    "distance-to-target": Normaliser(distance_to_target, False, "distance to the target",
                                     "targets"),
    "distance-to-reference": Normaliser(distance_to_reference, False,
                                        "distance to the reference unit", "reference"),
    "goalposts": Normaliser(goalposts, True, "goalposts, cut at both", "goalposts"),
    "scaled": Normaliser(scaled, False, "scaled by goalposts, not cut", "goalposts"),
    "fraction-of-max": Normaliser(fraction_of_max, True, "fraction of the best", ratio=True),
    "vector": Normaliser(vector, True, "vector norm", ratio=True),
    "mpi": Normaliser(mpi, False, "z-score on 100 ± 10 (sd n)", above_zero=True),
    "ampi": Normaliser(ampi, False, "min-max on 70 to 130", above_zero=True),
    "ampi-centred": Normaliser(ampi_centred, False,
                               "goalposts around the first time's mean on 70 to 130",
                               above_zero=True),
}


def _named(base: Normaliser, where: str) -> Normaliser:
    return Normaliser(base.kernel, base.unit_interval, f"{base.words} {where}", base.uses,
                      base.ratio, base.above_zero)


NORMALISERS: dict[str, Normaliser] = {
    **{f"{k}-pooled": _named(v, "over all units and times") for k, v in _BASES.items()},
    **{f"{k}{PER_YEAR}": _named(v, "within each time, which takes common change out")
       for k, v in _BASES.items()},
}


def normalise(name: str, X: Matrix, signs: Vector, times: NDArray[np.int64],
              rulers: Rulers) -> Matrix:
    """Return the normalised columns (n, J) by a name in :data:`NORMALISERS`; times (n,)."""
    kernel = NORMALISERS[name].kernel
    if not name.endswith(PER_YEAR):
        return kernel(X, signs, rulers)
    Z = np.full(X.shape, np.nan)
    for time in np.unique(times):
        own = times == time
        Z[own] = kernel(X[own], signs, rulers.within(own))
    return Z
