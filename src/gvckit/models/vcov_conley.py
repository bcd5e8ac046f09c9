"""Covariance for errors that are correlated over space (Conley 1999)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.vcov import Counting, Sandwich, Score, nearest_positive

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EARTH", "conley", "great_circle"]

EARTH = 6371.01
"""Mean radius of the Earth in km."""

BLOCK = 2_000


def conley(score: Score) -> Sandwich:
    """Return ``Σ_i Σ_j K(d_ij / cutoff) ψ_i ψ_j'``.

    d_ij is the great-circle distance in km; K is 1 up to the cutoff (uniform) or ``1 − d/cutoff``
    (bartlett).  With ``periods: same`` only rows of one period count as neighbours, with ``any``
    (the default, as R fixest) rows of all periods, so that a place is correlated with itself over
    time.

    Raises
    ------
    ModelError
        Coordinates outside ±90 and ±180 degrees; ``periods: same`` without a time key.
    """
    options = score.options
    lat, lon = (score.columns[options[key]] for key in ("lat", "lon"))
    _check(lat, options["lat"], 90.0)
    _check(lon, options["lon"], 180.0)
    same = options["periods"] == "same"
    if same and score.period is None:
        raise ModelError(Problem("se 'conley' with periods: same needs a time key"))
    psi, n = score.influence, len(lat)
    smoothed = np.empty_like(psi)
    for start in range(0, n, BLOCK):
        rows = slice(start, min(start + BLOCK, n))
        distance = great_circle(lat[rows, None], lon[rows, None], lat[None, :], lon[None, :])
        weight = _kernel(distance, float(options["cutoff"]), str(options["kernel"]))
        if same and score.period is not None:
            weight *= score.period[rows, None] == score.period[None, :]
        smoothed[rows] = weight @ psi
    total = psi.T @ smoothed
    done = nearest_positive((total + total.T) / 2)
    across = "within periods" if same else "over all periods"
    return Sandwich(
        done.vcov, done.repaired, Counting("hc1"),
        f"Conley standard errors, robust to correlation up to {float(options['cutoff']):g} km "
        f"{across}, {options['kernel']} kernel")


def great_circle(
    lat1: NDArray[np.float64], lon1: NDArray[np.float64], lat2: NDArray[np.float64],
    lon2: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the haversine distance in km of points in degrees; shapes broadcast."""
    a, b, c, d = (np.radians(v) for v in (lat1, lon1, lat2, lon2))
    inside = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return np.asarray(2 * EARTH * np.arcsin(np.sqrt(np.minimum(inside, 1.0))), dtype=np.float64)


def _kernel(distance: NDArray[np.float64], cutoff: float, kernel: str) -> NDArray[np.float64]:
    if kernel == "uniform":
        return np.asarray(distance <= cutoff, dtype=np.float64)
    return np.asarray(np.maximum(1 - distance / cutoff, 0.0), dtype=np.float64)


def _check(values: NDArray[np.float64], name: str, most: float) -> None:
    wrong = int((np.abs(values) > most).sum())
    if wrong:
        raise ModelError(Problem(f"se 'conley': {name!r} is not in degrees in {wrong} rows",
                                 allowed=f"−{most:g} to {most:g}"))
