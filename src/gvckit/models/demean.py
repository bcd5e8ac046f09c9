"""Within transformation for any number of fixed effects: the one adapter of pyfixest.

pyfixest's alternating projections run on columns that are centred and scaled here, so that the
tolerance means the same for every variable, and on codes made here, so that nothing depends on the
order in which pyfixest would encode fixed effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes
from gvckit.models.conjugate import conjugate_gradients

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_ITERATIONS", "SWEEPS", "TOLERANCE", "ConvergenceError", "centre", "demean",
           "demean_centred"]

TOLERANCE = 1e-13
"""Largest change in one sweep, relative to the largest deviation of the column from its mean."""

SWEEPS = 1_000
"""Sweeps of alternating projections before conjugate gradients take over."""

TALL = 2_000_000
"""Rows from which conjugate gradients are used at once: they hold fewer copies of the columns."""

MAX_ITERATIONS = 20_000
"""Iterations of conjugate gradients before giving up."""


class ConvergenceError(ModelError):
    """An iteration did not converge; no change of the spec is known to mend it."""

    exit_code = 1


def demean(
    columns: NDArray[np.float64],
    effects: Sequence[Codes],
    weights: NDArray[np.float64] | None = None,
    *,
    tolerance: float = TOLERANCE,
    sweeps: int = SWEEPS,
    max_iterations: int = MAX_ITERATIONS,
) -> NDArray[np.float64]:
    """Return the residuals of ``columns`` on the dummies of ``effects``.

    Parameters
    ----------
    columns
        Shape (n, m); every column is residualised on its own.
    effects
        Groupings of the n rows; without any, columns are centred at their (weighted) mean.
    weights
        Shape (n,), strictly positive, or None.
    tolerance, sweeps, max_iterations
        When the alternating projections stop, when conjugate gradients take over from them, and
        when those give up.

    Returns
    -------
    Shape (n, m), Fortran order.

    Raises
    ------
    ConvergenceError
        Where conjugate gradients do not converge either.
    """
    _, centred = centre(columns, weights)
    return demean_centred(centred, effects, weights, tolerance=tolerance, sweeps=sweeps,
                          max_iterations=max_iterations)


def demean_centred(
    centred: NDArray[np.float64],
    effects: Sequence[Codes],
    weights: NDArray[np.float64] | None = None,
    *,
    tolerance: float = TOLERANCE,
    sweeps: int = SWEEPS,
    max_iterations: int = MAX_ITERATIONS,
) -> NDArray[np.float64]:
    """Return what :func:`demean` does of columns with mean zero, Fortran order, overwriting them.

    Raises
    ------
    ConvergenceError
        As :func:`demean`.
    """
    if len(effects) == 0:
        return centred
    if len(effects) == 1 and effects[0].slope is None:
        return _one_way(centred, effects[0], weights)
    # Powers of two: scaling and its undoing are exact.
    largest = np.array([max(float(c.max(initial=0.0)), -float(c.min(initial=0.0)))
                        for c in centred.T])
    scale = np.exp2(np.ceil(np.log2(np.where(largest > 0, largest, 1.0))))
    scaled = np.divide(centred, scale, out=centred)
    residuals, converged = scaled, False
    if all(e.slope is None for e in effects) and len(scaled) < TALL:
        residuals, converged = _alternating_projections(scaled, effects, weights, tolerance, sweeps)
    if not converged:
        residuals, converged = conjugate_gradients(
            np.asfortranarray(scaled), effects, weights, tolerance, max_iterations)
    if not converged:
        names = " + ".join(e.name for e in effects)
        raise ConvergenceError(Problem(
            f"the within transformation for {names} did not converge in {sweeps} sweeps and "
            f"{max_iterations} conjugate gradient steps (tolerance {tolerance:g})"))
    residuals = np.asfortranarray(residuals)
    return np.multiply(residuals, scale, out=residuals)


def centre(
    columns: NDArray[np.float64], weights: NDArray[np.float64] | None, *, overwrite: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the (weighted) means, shape (m,), and ``columns`` (n, m) less their means.

    The second is in Fortran order, as columns are read one after another; ``overwrite`` takes the
    memory of ``columns`` for it, which must be in that order.
    """
    centred = columns if overwrite else np.array(columns, dtype=np.float64, order="F")
    mean = np.zeros(centred.shape[1])
    mass = len(centred) if weights is None else float(weights.sum())
    for j, column in enumerate(centred.T):
        for _ in range(2):  # the second pass removes the rounding of the first
            step = float((column if weights is None else column * weights).sum()) / mass
            column -= step
            mean[j] += step
    return mean, centred


def _one_way(
    centred: NDArray[np.float64], effect: Codes, weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    mass = np.bincount(effect.codes, weights=weights, minlength=effect.levels)
    for column in centred.T:
        for _ in range(2):  # the second pass removes the rounding of the first
            weighted = column if weights is None else column * weights
            means = np.bincount(effect.codes, weights=weighted, minlength=effect.levels) / mass
            column -= means[effect.codes]
    return centred


def _alternating_projections(
    columns: NDArray[np.float64], effects: Sequence[Codes], weights: NDArray[np.float64] | None,
    tolerance: float, sweeps: int,
) -> tuple[NDArray[np.float64], bool]:
    """Return the residuals of ``columns`` (n, m), and whether all of them converged."""
    from pyfixest.core.demean import demean as pyfixest_demean

    # The effect with most levels first: its sweep is the one with random access.
    order = sorted(range(len(effects)), key=lambda q: (-effects[q].levels, q))
    codes = np.empty((len(columns), len(order)), dtype=np.uint64)
    for place, q in enumerate(order):
        codes[:, place] = effects[q].codes
    mass = np.ones(len(columns)) if weights is None else weights
    residuals, converged = pyfixest_demean(
        np.asfortranarray(columns), codes, mass, tolerance, sweeps)
    return np.asarray(residuals, dtype=np.float64), bool(converged)
