"""Whose value added final output is made of: the producer's country, or others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import LEVELS, check_level, level_is_by, ratio, summed, tidy
from gvckit.measures.identities import check, closed_accounts
from gvckit.measures.satellite import leontief_of
from gvckit.measures.sets import chosen_sectors

__all__ = ["final_shares"]


@level_is_by
def final_shares(
    io: IcioTable | Leontief, *, sectors: str | Sequence[str] | None = None,
    by: str | Sequence[str] = "country-sector", satellite: Any = None,
) -> pd.DataFrame:
    """Return the own-country and the foreign share of value added in final output.

    The value chain of a final product ends with its producer (s,j); of its value, Σ_i v_i B_ij is
    value added of industries i of the own country s, the rest is foreign (Timmer, Erumban, Los,
    Stehrer and de Vries 2014).

    Parameters
    ----------
    io
        A table or its Leontief system.
    sectors
        Producers of the final output: sector names, or the name of a set; default: all.
    by
        ``country-sector`` (the chosen sectors), ``country`` or ``world``.  Ratios of coarser
        levels are ratios of sums.
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`):
        shares are then shares of the account in final output.

    Returns
    -------
    DataFrame
        Keys country, sector; columns final_output, own, foreign in the table's unit, own_share
        and foreign_share of final output.

    Raises
    ------
    DataError
        Unknown set, sector or level; own + foreign ≠ final output by more than 1e-9.
    """
    io = leontief_of(io, satellite)
    keys = LEVELS[check_level(by)]
    named = io.sectors if sectors is None else chosen_sectors(sectors, io.sectors)
    is_chosen = np.isin(np.asarray(io.sectors), np.asarray(named))
    final = io.backend.asarray(is_chosen.astype(np.float64)[io.sector_of_row]) * io.y
    own, foreign = io.VB * final, (io.vB - io.VB) * final
    closed = closed_accounts(io)
    if io.account == "value added":
        name = "own + foreign = final output"
        closed[name] = check(io, name, own + foreign, final)
    else:
        final = io.vB * final
    sums = {column: summed(io, values, keys) for column, values in
            (("final_output", final), ("own", own), ("foreign", foreign))}
    shares = {"own_share": ratio(sums["own"], sums["final_output"]),
              "foreign_share": ratio(sums["foreign"], sums["final_output"])}
    what = "all sectors" if sectors is None else f"sectors {', '.join(named)}"
    frame = tidy(
        io, {**sums, **shares}, keys, ratios=list(shares),
        definition=f"{io.account} in final output of {what} by origin: own country of the last "
                   "producer, or foreign (Timmer et al. 2014)",
        unit=io.table.unit, identities=closed)
    if "sector" in keys and sectors is not None:
        attrs = frame.attrs
        frame = frame[frame["sector"].isin(list(named))].reset_index(drop=True)
        frame.attrs = attrs
    return frame
