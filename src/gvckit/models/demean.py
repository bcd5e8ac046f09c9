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

__all__ = ["MAX_ITERATIONS", "SWEEPS", "TOLERANCE", "ConvergenceError", "centre", "demean"]

TOLERANCE = 1e-13
"""Largest change in one sweep, relative to the largest deviation of the column from its mean."""

SWEEPS = 1_000
"""Sweeps of alternating projections before conjugate gradients take over."""

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
    if len(effects) == 0:
        return np.asfortranarray(centred)
    if len(effects) == 1:
        return _one_way(centred, effects[0], weights)
    # Powers of two: scaling and its undoing are exact.
    largest = np.abs(centred).max(axis=0, initial=0.0)
    scale = np.exp2(np.ceil(np.log2(np.where(largest > 0, largest, 1.0))))
    scaled = centred / scale
    residuals, converged = scaled, False
    if all(e.slope is None for e in effects):
        residuals, converged = _alternating_projections(scaled, effects, weights, tolerance, sweeps)
    if not converged:
        residuals, converged = conjugate_gradients(
            scaled, effects, weights, tolerance, max_iterations)
    if not converged:
        names = " + ".join(e.name for e in effects)
        raise ConvergenceError(Problem(
            f"the within transformation for {names} did not converge in {sweeps} sweeps and "
            f"{max_iterations} conjugate gradient steps (tolerance {tolerance:g})"))
    return np.asfortranarray(residuals * scale)


def centre(
    columns: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the (weighted) means, shape (m,), and ``columns`` (n, m) less their means."""
    mean = np.average(columns, axis=0, weights=weights)
    centred = columns - mean
    # The second pass removes the rounding of a sum of n terms from a constant column.
    rest = np.average(centred, axis=0, weights=weights)
    return mean + rest, centred - rest


def _one_way(
    centred: NDArray[np.float64], effect: Codes, weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    mass = np.bincount(effect.codes, weights=weights, minlength=effect.levels)
    out = np.empty(centred.shape, order="F")
    for j in range(centred.shape[1]):
        column = centred[:, j]
        for _ in range(2):  # the second pass removes the rounding of the first
            weighted = column if weights is None else column * weights
            means = np.bincount(effect.codes, weights=weighted, minlength=effect.levels) / mass
            column = column - means[effect.codes]
        out[:, j] = column
    return out


def _alternating_projections(
    columns: NDArray[np.float64], effects: Sequence[Codes], weights: NDArray[np.float64] | None,
    tolerance: float, sweeps: int,
) -> tuple[NDArray[np.float64], bool]:
    from pyfixest.core.demean import demean as pyfixest_demean

    # The effect with most levels first: its sweep is the one with random access.
    order = sorted(range(len(effects)), key=lambda q: (-effects[q].levels, q))
    codes = np.column_stack([effects[q].codes for q in order]).astype(np.uint64)
    mass = np.ones(len(columns)) if weights is None else weights
    residuals, converged = pyfixest_demean(
        np.asfortranarray(columns), codes, mass, tolerance, sweeps)
    return np.asarray(residuals, dtype=np.float64), bool(converged)
