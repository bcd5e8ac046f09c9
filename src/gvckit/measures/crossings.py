"""How many borders value added crosses on its way to final demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import LEVELS, check_level, choose, level_is_by, ratio, summed, tidy
from gvckit.measures.identities import check
from gvckit.measures.lengths import count_output
from gvckit.measures.production import split_production

__all__ = ["CrossingParts", "border_crossings", "count_crossings"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CrossingParts:
    """Value added times the borders that it crosses; every array has shape (n,).

    Attributes
    ----------
    production
        Crossings as an intermediate good.
    final
        Crossings as a final good.
    """

    production: Floats
    final: Floats


def _forward(io: Leontief) -> CrossingParts:
    """Row sums of V̂BAᶠBŶ and V̂BŶᶠ."""
    return CrossingParts(count_output(io, "forward")[0].crossings,
                         io.v * io.xp.sum(io.BY_F, axis=1))


def _backward(io: Leontief) -> CrossingParts:
    """Column sums of the same matrices."""
    return CrossingParts(count_output(io, "backward")[0].crossings, io.vB * io.Y_F)


_COUNTERS: Mapping[str, Callable[[Leontief], CrossingParts]] = {
    "forward": _forward, "backward": _backward,
}


def count_crossings(io: Leontief, direction: str) -> tuple[CrossingParts, dict[str, float]]:
    """Return crossings, and the identity that world crossings are world exports.

    Every crossing of a border is an export: Σ V̂BAᶠBŶ = intermediate exports, Σ V̂BŶᶠ = final ones.
    """
    parts = _COUNTERS[direction](io)
    name = "world crossings = world exports"
    xp = io.xp
    total = xp.sum(parts.production, keepdims=True) + xp.sum(parts.final, keepdims=True)
    return parts, {name: check(io, name, total, xp.sum(io.E, keepdims=True))}


@level_is_by
def border_crossings(
    io: IcioTable | Leontief, *, direction: str = "forward",
    by: str | Sequence[str] = "country-sector",
) -> pd.DataFrame:
    """Return how many borders a unit of value added, or of final output, crosses on average.

    As an intermediate V̂BAᶠBŶ, as a final good V̂BŶᶠ, over V̂BŶ (handbook 3.2).  ``value_chain`` is
    the first over value-chain activity only: the column ``CB`` of
    :func:`gvckit.measures.lengths.lengths`.  In the world, ``crossings`` is exports over
    value added.

    Parameters
    ----------
    io
        A table or its Leontief system.
    direction
        ``forward`` (borders that the producer's value added crosses) or ``backward`` (borders that
        the value in the producer's final output has crossed, the sale of it included).
    by
        ``country-sector``, ``country`` or ``world``.

    Returns
    -------
    DataFrame
        Keys country, sector; columns crossings, as_input, as_final, value_chain; missing
        where there is no value added, final output or value-chain activity.

    Raises
    ------
    DataError
        Unknown direction or level; an identity that fails by more than 1e-9.
    """
    io = as_leontief(io)
    choose("direction", direction, _COUNTERS)
    keys = LEVELS[check_level(by)]
    value, closed = split_production(io, direction)
    parts, more = count_crossings(io, direction)
    production, final, total, chain = (
        summed(io, x, keys) for x in (parts.production, parts.final, value.total, value.GVC))
    columns = {"crossings": ratio(production + final, total),
               "as_input": ratio(production, total), "as_final": ratio(final, total),
               "value_chain": ratio(production, chain, total)}
    per = "value added" if direction == "forward" else "final output"
    return tidy(
        io, columns, keys, ratios=list(columns),
        definition=f"border crossings, {direction}, per unit of {per}: as_input as an "
                   "intermediate, as_final as a final good; value_chain: as_input per unit of "
                   "value-chain activity (Wang-Wei-Yu-Zhu 2017b)",
        unit="crossings", identities={**closed, **more})
