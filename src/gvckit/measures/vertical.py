"""Vertical specialisation by each of its definitions, and value-added exports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import FLOW_LEVELS, check_level, level_is_by, summed, tidy
from gvckit.measures.identities import check, closed_accounts
from gvckit.measures.satellite import leontief_of

__all__ = ["VS_LEVELS", "vax", "vs"]

VS_LEVELS = {name: FLOW_LEVELS[name] for name in ("country", "sector", "country-sector", "world")}
"""Levels of :func:`vs`."""


@level_is_by
def vs(
    io: IcioTable | Leontief, *, by: str | Sequence[str] = "country", satellite: Any = None,
) -> pd.DataFrame:
    """Return vertical specialisation under each of its names.

    VS_HIY = E − v_s L_ss E_s (Hummels, Ishii and Yi 2001: everything that is not domestic value
    added leaving for the first time); VS_KWW = Σ_{t≠s} v_t B_ts E_s, foreign content; VS1 =
    v_s Σ_{r≠s} B_sr E_r, domestic content of other countries' exports; VS1_star = v_s Σ_{r≠s} B_sr
    E_rs, the part of it in their exports to s.  VS_HIY exceeds VS_KWW by domestic double counting.

    Parameters
    ----------
    io
        A table or its Leontief system.
    by
        ``country``, ``sector`` or ``world``.  By sector VS_HIY and VS_KWW go by the exporting
        sector, VS1 and VS1_star by the sector that adds the value.
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`).

    Returns
    -------
    DataFrame
        Keys exporter[, sector]; columns exports, VS_HIY, VS_KWW, VS1, VS1_star.

    Raises
    ------
    DataError
        Unknown level; the world's foreign content differs from its VS1 by more than 1e-9.
    """
    io = leontief_of(io, satellite)
    keys = VS_LEVELS[check_level(by, VS_LEVELS)]
    xp, E = io.xp, io.E
    values = {
        "exports": E, "VS_HIY": (io.vB - io.VL) * E, "VS_KWW": (io.vB - io.VB) * E,
        "VS1": io.v * (xp.sum(io.BE_own, axis=1) - io.own(io.BE_own)),
        "VS1_star": io.v * io.own(io.BE),
    }
    name = "world foreign content = world VS1"
    # Within exports, so that countries that trade nothing onward do not compare rounding errors.
    world = xp.sum(E, keepdims=True)
    swapped = world - xp.sum(values["VS_KWW"], keepdims=True) + xp.sum(values["VS1"], keepdims=True)
    return tidy(
        io, {column: summed(io, value, keys) for column, value in values.items()}, keys,
        definition=f"vertical specialisation, counting {io.account}: VS_HIY = E - v L E; VS_KWW "
                   "foreign content; VS1 domestic content of others' exports, VS1_star of their "
                   "exports to the country itself",
        unit=io.table.unit,
        identities=closed_accounts(io) | {name: check(io, name, swapped, world)})


@level_is_by
def vax(
    io: IcioTable | Leontief, *, by: str | Sequence[str] = "country", satellite: Any = None,
) -> pd.DataFrame:
    """Return value-added exports: value added absorbed in final demand abroad.

    VAX_sr = v_s Σ_t B_st Y_tr (Johnson and Noguera 2012).  By sector it goes by the sector that
    adds the value, by partner by the country that absorbs it: both may exceed gross exports.

    Parameters
    ----------
    io
        A table or its Leontief system.
    by
        ``country``, ``sector``, ``bilateral``, ``bilateral-sector`` or ``world``.
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`).

    Returns
    -------
    DataFrame
        Keys exporter, sector, importer (the absorbing country); columns exports, VAX.

    Raises
    ------
    DataError
        Unknown level; value added absorbed anywhere differs from value added by more than 1e-9.
    """
    io = leontief_of(io, satellite)
    keys = FLOW_LEVELS[check_level(by, FLOW_LEVELS)]
    absorbed = io.v[:, None] * io.BY
    name = f"{io.account} absorbed anywhere = {io.account}"
    closed = closed_accounts(io)
    closed[name] = check(io, name, io.xp.sum(absorbed, axis=1), io.v * io.X)
    values = {"exports": io.E_bilateral, "VAX": io.exports_of(absorbed)}
    return tidy(
        io, {column: summed(io, value, keys) for column, value in values.items()}, keys,
        definition=f"{io.account} absorbed abroad (Johnson-Noguera 2012), by the sector that adds "
                   "it and the country that absorbs it",
        unit=io.table.unit, identities=closed)
