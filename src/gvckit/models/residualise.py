"""Variables with the fixed effects partialled out, ready to be regressed in many ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.codes import Codes
from gvckit.models.demean import TOLERANCE, centre, demean_centred
from gvckit.models.fixed_effects import Absorbed, absorbed

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Residualised", "residualise"]

ABSORBED = 1e-6
"""A regressor whose within norm is below this share of its total norm has no within variation."""


@dataclass(frozen=True, slots=True)
class Residualised:
    """``y`` and ``X`` with fixed effects (or, without any, the constant) partialled out.

    By the theorem of Frisch, Waugh and Lovell a regression of ``y`` on any columns of ``X``,
    weighted by ``weights``, has the coefficients of the regression with dummies.

    Attributes
    ----------
    y
        Shape (n,).
    X
        Shape (n, k), Fortran order, columns as in ``terms``.
    terms
        Names of the k columns.
    weights
        Shape (n,), or None.
    effects
        The fixed effects, in the order of the model.
    absorbed
        How many parameters they take.
    y_mean, X_mean
        Weighted means before the transformation: scalar and shape (k,).
    y_total, X_total
        Weighted sums of squares about those means: scalar and shape (k,).
    y_within, X_within
        Weighted sums of squares after the transformation: scalar and shape (k,).
    mass
        Sum of the weights, or n.
    """

    y: NDArray[np.float64]
    X: NDArray[np.float64]
    terms: tuple[str, ...]
    weights: NDArray[np.float64] | None
    effects: tuple[Codes, ...]
    absorbed: Absorbed
    y_mean: float
    X_mean: NDArray[np.float64]
    y_total: float
    X_total: NDArray[np.float64]
    y_within: float
    X_within: NDArray[np.float64]
    mass: float

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.y)

    @property
    def constant(self) -> bool:
        """Whether an intercept is estimated: only without fixed effects."""
        return not self.effects

    def varies(self) -> NDArray[np.bool_]:
        """Return, shape (k,), which regressors vary once the fixed effects are out."""
        return _varies(self.X_within, self.X_total, self.X_mean, self.mass)

    def y_varies(self) -> bool:
        """Return whether ``y`` varies once the fixed effects are out."""
        return bool(_varies(np.array([self.y_within]), np.array([self.y_total]),
                            np.array([self.y_mean]), self.mass)[0])


def residualise(
    y: NDArray[np.float64],
    X: NDArray[np.float64],
    terms: Sequence[str],
    effects: Sequence[Codes] = (),
    weights: NDArray[np.float64] | None = None,
    *,
    tolerance: float = TOLERANCE,
) -> Residualised:
    """Partial ``effects`` (or the constant) out of ``y`` (n,) and the columns of ``X`` (n, k).

    Raises
    ------
    ConvergenceError
        Where the within transformation does not converge.
    """
    columns = np.empty((len(y), 1 + X.shape[1]), order="F")
    columns[:, 0], columns[:, 1:] = y, X
    mean, centred = centre(columns, weights, overwrite=True)
    total = _squares(centred, weights)
    # What was centred is overwritten, or freed: there is one more copy at most.
    within = demean_centred(centred, effects, weights, tolerance=tolerance)
    squares = _squares(within, weights)
    return Residualised(
        y=within[:, 0], X=within[:, 1:], terms=tuple(terms), weights=weights,
        effects=tuple(effects), absorbed=absorbed(effects),
        y_mean=float(mean[0]), X_mean=mean[1:], y_total=float(total[0]), X_total=total[1:],
        y_within=float(squares[0]), X_within=squares[1:],
        mass=float(len(y) if weights is None else weights.sum()),
    )


def _squares(
    columns: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    return np.array([float((c**2 if weights is None else c**2 * weights).sum())
                     for c in columns.T])


def _varies(within: NDArray[np.float64], total: NDArray[np.float64], mean: NDArray[np.float64],
            mass: float) -> NDArray[np.bool_]:
    # A column equal to 0.1 everywhere has a total of rounding errors only.
    rounding = mass * (8 * np.finfo(np.float64).eps * np.abs(mean)) ** 2
    return np.asarray(within > np.maximum(ABSORBED**2 * total, rounding))
