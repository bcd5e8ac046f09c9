"""Search for the thresholds of Hansen's (1999) fixed-effects panel threshold regression.

With the fixed effects and all other regressors projected out, the column ``x·1(q ≤ γ)`` lowers the
sum of squared residuals by ``(d_γ'y)² / d_γ'd_γ``: one column and one product a grid point, for
the data and for every bootstrap draw alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.codes import Codes
from gvckit.models.demean import TOLERANCE, demean

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Reductions", "Regimes", "critical_ratio", "grid_of"]

NUMBERS = 20_000_000
"""Numbers held at once while the columns of grid points are projected."""

EMPTY = 1e-8
"""A column with less than this share of its norm left is spanned by the others."""


def critical_ratio(level: float = 0.95) -> float:
    """Return ``−2 log(1 − √level)``: 7.35 at 95 % (Hansen 1999, equation 14)."""
    return float(-2.0 * np.log(1.0 - np.sqrt(level)))


def grid_of(q: NDArray[np.float64], trim: float, points: int) -> NDArray[np.float64]:
    """Return the candidate thresholds: quantiles of q (n,) that q takes, ascending, each once.

    ``points`` quantiles evenly from ``trim`` to ``1 − trim``; all values between the two where
    there are no more of them.
    """
    values = np.unique(q)
    low, high = np.quantile(q, [trim, 1.0 - trim], method="inverted_cdf")
    inside = values[(values >= low) & (values <= high) & (values < values[-1])]
    if len(inside) <= points:
        return np.asarray(inside, dtype=np.float64)
    shares = np.linspace(trim, 1.0 - trim, points)
    found = np.unique(np.quantile(q, shares, method="inverted_cdf"))
    return np.asarray(found[found < values[-1]], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Regimes:
    """What the thresholds are searched in.

    Attributes
    ----------
    x, q
        Shape (n,): the regressor whose slope changes, the threshold variable.
    effects
        Fixed effects; without any, the constant.
    trim
        Least share of rows in each regime.
    """

    x: NDArray[np.float64]
    q: NDArray[np.float64]
    effects: tuple[Codes, ...]
    trim: float

    def column(self, gamma: float) -> NDArray[np.float64]:
        """Return ``x·1(q ≤ gamma)``, shape (n,)."""
        return np.where(self.q <= gamma, self.x, 0.0)

    def allowed(self, grid: NDArray[np.float64], found: Sequence[float]) -> NDArray[np.bool_]:
        """Return which grid points leave every regime its share of rows, beside those found."""
        n = len(self.q)
        ordered = np.sort(self.q)
        below = np.searchsorted(ordered, grid, side="right")
        ends = np.array([0, *(np.searchsorted(ordered, g, side="right") for g in sorted(found)), n])
        after = np.searchsorted(ends, below, side="left")
        left = below - ends[np.maximum(after - 1, 0)]
        right = ends[np.minimum(after, len(ends) - 1)] - below
        least = max(1.0, np.ceil(self.trim * n - 1e-9))
        return np.asarray((left >= least) & (right >= least), dtype=bool)


def _basis(columns: NDArray[np.float64], effects: Sequence[Codes]) -> NDArray[np.float64]:
    """Return an orthonormal basis, shape (n, r), of ``columns`` (n, k) without the effects."""
    within = demean(columns, effects)
    size = np.linalg.norm(within, axis=0)
    total = np.linalg.norm(columns - columns.mean(axis=0), axis=0)
    good = within[:, size > EMPTY * total]
    if good.shape[1] == 0:
        return np.empty((len(columns), 0))
    U, singular, _ = np.linalg.svd(good / np.linalg.norm(good, axis=0), full_matrices=False)
    return np.asarray(U[:, singular > EMPTY], dtype=np.float64)


class Reductions:
    """By how much each grid point lowers the sum of squared residuals.

    Parameters
    ----------
    regimes, grid
        The regressor, the threshold variable and the candidates, shape (g,).
    others
        Shape (n, k): everything else in the regression, ``x`` itself and earlier regimes too.
    """

    def __init__(self, regimes: Regimes, grid: NDArray[np.float64],
                 others: NDArray[np.float64]) -> None:
        self.regimes, self.grid = regimes, grid
        self.basis = _basis(others, regimes.effects)
        size = len(regimes.x) * max(len(grid), 1)
        self._kept = list(self._blocks()) if size <= NUMBERS else None

    def left(self, Y: NDArray[np.float64], tolerance: float = TOLERANCE) -> NDArray[np.float64]:
        """Return the residuals of the columns of Y (n, B) on everything but the regimes."""
        within = demean(Y, self.regimes.effects, tolerance=tolerance)
        return np.asarray(within - self.basis @ (self.basis.T @ within), dtype=np.float64)

    def of(self, residuals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the reductions, shape (g, B), of what :meth:`left` gives, shape (n, B)."""
        parts = [(block.T @ residuals) ** 2
                 for block in (self._blocks() if self._kept is None else self._kept)]
        return np.concatenate(parts)

    def _blocks(self) -> Iterator[NDArray[np.float64]]:
        """Yield unit columns, shape (n, block), of the grid points; zero where nothing is left."""
        width = max(1, NUMBERS // (4 * len(self.regimes.x)))
        for start in range(0, len(self.grid), width):
            raw = np.column_stack([self.regimes.column(g) for g in self.grid[start:start + width]])
            left = self.left(raw)
            size = np.linalg.norm(left, axis=0)
            total = np.linalg.norm(raw, axis=0)
            real = size > EMPTY * np.where(total > 0, total, 1.0)
            yield np.where(real, left / np.where(real, size, 1.0), 0.0)
