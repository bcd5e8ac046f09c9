"""Fixed effects with slopes: ``country[year]`` gives each country its own level and trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gvckit.models.codes import Codes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["project_slope", "slope_of", "with_slopes"]

CONSTANT = 1e-9
"""A slope variable with less than this share of its size left in a group is constant there."""


def slope_of(text: str) -> str:
    """Return the variable in brackets of a fixed effect, empty without brackets."""
    return text[:-1].partition("[")[2].strip() if text.endswith("]") else ""


def with_slopes(
    effects: Sequence[Codes], slopes: Mapping[str, NDArray[np.float64]], texts: Sequence[str],
    weights: NDArray[np.float64] | None,
) -> tuple[Codes, ...]:
    """Return the groups of ``effects``, each once, and after them the slopes in groups.

    Parameters
    ----------
    effects
        One a text of ``texts``.
    slopes
        Text of the fixed effect -> slope variable, shape (n,).
    texts
        The fixed effects as written.
    weights
        Shape (n,), or None.

    Notes
    -----
    The slope variable is centred in each group, where the group has a level of its own as well:
    levels and slopes are then orthogonal.  Where it is constant in a group its slope is nothing.
    """
    levels: dict[str, Codes] = {e.name: e for e in effects}
    trends = []
    for text, effect in zip(texts, effects, strict=True):
        if text not in slopes:
            continue
        values = slopes[text]
        w = np.ones(len(values)) if weights is None else weights
        mass = np.bincount(effect.codes, weights=w, minlength=effect.levels)
        centred = values
        for _ in range(2):  # the second pass removes the rounding of the first
            centred = centred - (np.bincount(effect.codes, weights=w * centred,
                                             minlength=effect.levels) / mass)[effect.codes]
        size = np.bincount(effect.codes, weights=w * values**2, minlength=effect.levels)
        left = np.bincount(effect.codes, weights=w * centred**2, minlength=effect.levels)
        varies = left > CONSTANT**2 * size
        trends.append(replace(effect, name=text,
                              slope=np.where(varies[effect.codes], centred, 0.0)))
    return (*levels.values(), *trends)


def project_slope(
    column: NDArray[np.float64], effect: Codes, weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return the fit, shape (n,), of ``column`` on the slope variable in each group."""
    slope = effect.slope
    if slope is None:
        raise ValueError(f"{effect.name} has no slope")
    weighted = slope if weights is None else slope * weights
    above = np.bincount(effect.codes, weights=weighted * column, minlength=effect.levels)
    below = np.bincount(effect.codes, weights=weighted * slope, minlength=effect.levels)
    ratio = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return np.asarray(ratio[effect.codes] * slope, dtype=np.float64)
