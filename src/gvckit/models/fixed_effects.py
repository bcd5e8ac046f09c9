"""Singletons, nesting and the number of parameters that fixed effects take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gvckit.models.codes import Codes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Absorbed", "absorbed", "components", "not_singleton", "refines"]


@dataclass(frozen=True, slots=True)
class Absorbed:
    """Parameters that ``Q`` fixed effects take up.

    Attributes
    ----------
    names
        Names of the fixed effects, length Q.
    levels
        Number of levels L_q of each.
    redundant
        Levels of each that earlier fixed effects already imply.  The first has none.  For q ≥ 2 it
        is the number of connected components of the graph between q and an earlier fixed effect,
        the largest over the earlier ones: exact for two fixed effects (Abowd, Creecy and Kramarz
        2002), a lower bound for three or more, so that K is never understated (the ``pairwise``
        rule of reghdfe).  Of slopes, the groups in which the variable is constant.
    slopes
        Whether each is a set of slopes.
    """

    names: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    redundant: tuple[int, ...] = ()
    slopes: tuple[bool, ...] = ()

    @property
    def simple(self) -> int:
        """Σ L_q − (Q − 1): the count of fixest, which takes one redundant level a fixed effect."""
        trends = [r for r, slope in zip(self.redundant, self.slopes, strict=False) if slope]
        return sum(self.levels) - sum(trends) - max(len(self.levels) - len(trends) - 1, 0)

    @property
    def pairwise(self) -> int:
        """Σ (L_q − redundant_q): exact for one or two fixed effects."""
        return sum(self.levels) - sum(self.redundant)


def absorbed(effects: Sequence[Codes]) -> Absorbed:
    """Return the parameters that ``effects`` take up."""
    redundant = [
        max((components(effect, e) for e in effects[:q] if e.slope is None), default=0)
        if effect.slope is None else _constant_slopes(effect)
        for q, effect in enumerate(effects)
    ]
    return Absorbed(tuple(e.name for e in effects), tuple(e.levels for e in effects),
                    tuple(redundant), tuple(e.slope is not None for e in effects))


def _constant_slopes(effect: Codes) -> int:
    size = np.bincount(effect.codes, weights=np.abs(np.asarray(effect.slope)),
                       minlength=effect.levels)
    return int((size == 0).sum())


def components(a: Codes, b: Codes) -> int:
    """Return the number of connected components of the bipartite graph of two groupings."""
    size = a.levels + b.levels
    edges = coo_array((np.ones(len(a.codes), dtype=np.int8), (a.codes, a.levels + b.codes)),
                      shape=(size, size))
    return int(connected_components(edges, directed=False, return_labels=False))


def refines(fine: Codes, coarse: Codes) -> bool:
    """Return whether every level of ``fine`` lies inside one level of ``coarse``."""
    owner = np.full(fine.levels, -1, dtype=np.int64)
    owner[fine.codes] = coarse.codes
    return bool(np.array_equal(owner[fine.codes], coarse.codes))


def not_singleton(effects: Sequence[Codes]) -> NDArray[np.bool_]:
    """Return which rows stay when rows alone in a group are removed until there are none.

    Removing a row can leave another alone in a group of a different fixed effect, hence the
    repetition (Correia 2015).  The result, shape (n,), does not depend on the order of removal.
    """
    keep = np.ones(len(effects[0].codes), dtype=bool)
    while True:
        before = int(keep.sum())
        for effect in effects:
            counts = np.bincount(effect.codes[keep], minlength=effect.levels)
            keep &= counts[effect.codes] > 1
        if int(keep.sum()) == before:
            return keep
