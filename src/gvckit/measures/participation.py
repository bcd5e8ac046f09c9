"""Participation in global value chains, by the definition that is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import DataError, Problem
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import (
    FLOW_LEVELS,
    LEVELS,
    check_level,
    choose,
    level_is_by,
    ratio,
    summed,
    tidy,
)
from gvckit.measures.koopman import FV, IV, koopman_parts
from gvckit.measures.output_cells import split_output
from gvckit.measures.production import split_production
from gvckit.measures.satellite import leontief_of
from gvckit.measures.trade import split_trade

__all__ = ["DEFINITIONS", "participation"]


@dataclass(frozen=True, slots=True)
class _Definition:
    """A definition of participation: its function, its levels and the level it starts from."""

    compute: Callable[[Leontief, str, str | None, str | None], pd.DataFrame]
    levels: Mapping[str, tuple[str, ...]]
    by: str


@level_is_by
def participation(
    io: IcioTable | Leontief, *, definition: str = "production", iv: str | None = None,
    fv: str | None = None, by: str | Sequence[str] | None = None, satellite: Any = None,
) -> pd.DataFrame:
    """Return participation in global value chains.

    Parameters
    ----------
    io
        A table or its Leontief system.
    definition
        ``production`` (per value added and final output; Wang, Wei, Yu and Zhu 2017a), ``trade``
        (per exports; Borin and Mancini 2019), ``tripartite`` (per exports, pure forward, pure
        backward and two-sided; Borin, Mancini and Taglioni 2021), ``koopman`` (per exports;
        Koopman et al. 2010) or ``output_cells`` (per gross output, seven cells that add up;
        :mod:`gvckit.measures.output_cells`).  Per exports and per output differ by a factor of
        three.
    iv, fv
        For ``koopman``, as in :func:`gvckit.measures.position.position`.
    by
        production, output_cells: ``country-sector`` (default), ``country``, ``world``.  trade,
        tripartite: ``country-sector`` (= ``sector``, default), ``bilateral-sector``,
        ``bilateral``, ``country``, ``world``.  koopman: ``country`` (default),
        ``country-sector``, ``world``.
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`),
        in every definition but ``koopman``: shares are then of the account that exports, final
        output or output hold.

    Returns
    -------
    DataFrame
        Columns participation, forward, backward; tripartite also exports, DAVAX, PF, PB, TS;
        output_cells also output, D, RT, PF, PB, TS, MH_1, MH_2.

    Raises
    ------
    DataError
        Unknown definition or level; an identity that fails by more than 1e-9.
    """
    io = leontief_of(io, satellite)
    row = DEFINITIONS[choose("definition of participation", definition, DEFINITIONS)]
    if definition != "koopman" and (iv is not None or fv is not None):
        raise DataError(Problem(f"iv and fv belong to definition='koopman', not to {definition!r}"))
    if definition == "koopman" and io.account != "value added":
        raise DataError(Problem("the Koopman definition sets value added against exports: it "
                                f"cannot count {io.account}", allowed="another definition"))
    found = row.compute(io, check_level(row.by if by is None else by, row.levels), iv, fv)
    if io.account != "value added":
        found.attrs["definition"] += f"; counting {io.account} in place of value added"
    return found


def _production(io: Leontief, level: str, _iv: str | None, _fv: str | None) -> pd.DataFrame:
    keys = LEVELS[level]
    forward, first = split_production(io, "forward")
    backward, second = split_production(io, "backward")
    f, b, VA, Y = (summed(io, x, keys)
                   for x in (forward.GVC, backward.GVC, forward.total, backward.total))
    columns = {"participation": ratio(f + b, VA + Y), "forward": ratio(f, VA),
               "backward": ratio(b, Y)}
    return tidy(
        io, columns, keys, ratios=list(columns),
        definition="production-based participation (Wang-Wei-Yu-Zhu 2017a): forward = V_GVC / VA, "
                   "backward = Y_GVC / Y, participation = (V_GVC + Y_GVC) / (VA + Y)",
        unit="share", identities={**first, **second})


def _trade(io: Leontief, level: str, _iv: str | None, _fv: str | None) -> pd.DataFrame:
    keys = FLOW_LEVELS[level]
    parts, closed = split_trade(io)
    exports, forward, backward = (
        summed(io, x, keys) for x in (parts.exports, parts.PF, parts.PB + parts.TS))
    columns = {"participation": ratio(forward + backward, exports),
               "forward": ratio(forward, exports), "backward": ratio(backward, exports)}
    return tidy(
        io, columns, keys, ratios=list(columns),
        definition="trade-based participation (Borin-Mancini): (E - DAVAX) / E; forward = "
                   "(DVA - DAVAX) / E, backward = import content / E",
        unit="share", identities=closed)


def _tripartite(io: Leontief, level: str, _iv: str | None, _fv: str | None) -> pd.DataFrame:
    keys = FLOW_LEVELS[level]
    parts, closed = split_trade(io)
    sums = {name: summed(io, getattr(parts, name), keys)
            for name in ("exports", "DAVAX", "PF", "PB", "TS")}
    columns = {
        "participation": ratio(sums["PF"] + sums["PB"] + sums["TS"], sums["exports"]),
        "forward": ratio(sums["PF"], sums["exports"]),
        "backward": ratio(sums["PB"], sums["exports"]),
    }
    return tidy(
        io, {**columns, **sums}, keys, ratios=list(columns),
        definition="trade-based participation (Borin-Mancini-Taglioni): PF pure forward, PB pure "
                   "backward, TS two-sided; participation = (PF + PB + TS) / E, forward = PF / E, "
                   "backward = PB / E",
        unit=io.table.unit, identities=closed)


def _output_cells(io: Leontief, level: str, _iv: str | None, _fv: str | None) -> pd.DataFrame:
    keys = LEVELS[level]
    cells, closed = split_output(io)
    sums = {name: summed(io, getattr(cells, name), keys)
            for name in ("output", "D", "RT", "PF", "PB", "TS", "MH_1", "MH_2")}
    columns = {
        "participation": ratio(sums["PF"] + sums["PB"] + sums["TS"] + sums["MH_2"],
                               sums["output"]),
        "forward": ratio(sums["PF"], sums["output"]),
        "backward": ratio(sums["PB"] + sums["MH_2"], sums["output"]),
    }
    return tidy(
        io, {**columns, **sums}, keys, ratios=list(columns),
        definition="output-based participation by additive cells: share of gross output that "
                   "crosses two borders or more, (PF + PB + TS + MH_2) / X; forward = PF / X, "
                   "backward = (PB + MH_2) / X; D and RT domestic content absorbed at home and by "
                   "the direct importer, PF re-exported; PB and TS import content in the latter "
                   "two; MH_1 and MH_2 import content used at home after one border, after more",
        unit=io.table.unit, identities=closed)


def _koopman(io: Leontief, level: str, iv: str | None, fv: str | None) -> pd.DataFrame:
    parts, closed = koopman_parts(io, iv, fv, by_sector=level == "country-sector")
    values = [parts.iv, parts.fv, parts.exports]
    if level == "world":
        values = [np.array([value.sum()]) for value in values]
    forward, backward = ratio(values[0], values[2]), ratio(values[1], values[2])
    columns = {"participation": forward + backward, "forward": forward, "backward": backward}
    return tidy(
        io, columns, LEVELS[level], ratios=list(columns),
        definition="GVC participation (Koopman et al. 2010): IV/E + FV/E; "
                   f"IV is {IV[str(iv)]}; FV is {FV[str(fv)]}",
        unit="share", identities=closed)


DEFINITIONS: Mapping[str, _Definition] = {
    "production": _Definition(_production, LEVELS, "country-sector"),
    "trade": _Definition(_trade, FLOW_LEVELS, "country-sector"),
    "tripartite": _Definition(_tripartite, FLOW_LEVELS, "country-sector"),
    "koopman": _Definition(_koopman, LEVELS, "country"),
    "output_cells": _Definition(_output_cells, LEVELS, "country-sector"),
}
"""Definitions of participation."""
