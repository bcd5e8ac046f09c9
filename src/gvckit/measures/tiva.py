"""Indicators under the names of the OECD's Trade in Value Added database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import (
    FLOW_LEVELS,
    by_country_sector,
    check_level,
    level_is_by,
    summed,
    summed_cube,
    tidy,
)
from gvckit.measures.identities import check
from gvckit.measures.satellite import leontief_of

__all__ = ["tiva"]

Floats = NDArray[np.float64]


@level_is_by
def tiva(
    io: IcioTable | Leontief, *, by: str | Sequence[str] = "country", satellite: Any = None,
) -> pd.DataFrame:
    """Return indicators as the TiVA database defines them (handbook 2.9).

    EXGR gross exports, IMGR gross imports (each of final goods FNL and intermediates INT), BALGR;
    EXGR_DVA = EXGR_DDC + EXGR_IDC + EXGR_RIM domestic *content* of exports: of the exporting
    industry v_i (L_ss)_ii E_i, of other domestic industries, and re-imported; EXGR_FVA foreign
    content.  DEXFVAP is foreign value added in exports by partner of origin, FEXDVAP domestic
    value added in a partner's exports.  FFD_DVA domestic value added in foreign final demand,
    DFD_FVA foreign value added in domestic final demand, BALVAFD their difference.  Without
    partner also DXD_DVA (domestic in domestic), FD_VA = FFD_DVA + DXD_DVA, VA and PROD.

    TiVA itself treats taxes apart; here value added is the table's.

    Parameters
    ----------
    io
        A table or its Leontief system.
    by
        ``country``, ``sector``, ``bilateral``, ``bilateral-sector`` or ``world``.  The sector is
        the exporting one in EXGR and DEXFVAP, the product's in IMGR, the partner's exporting one
        in FEXDVAP, the one that adds the value in FFD_DVA and DFD_FVA.
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`).

    Returns
    -------
    DataFrame
        Keys exporter, sector, importer (the partner); the columns above in the table's unit.

    Raises
    ------
    DataError
        Unknown level; an identity that fails by more than 1e-9.
    """
    io = leontief_of(io, satellite)
    keys = FLOW_LEVELS[check_level(by, FLOW_LEVELS)]
    flows, closed = _flows(io)
    cubes = {name: by_country_sector(io, io.numpy(values)) for name, values in flows.items()}
    for name, other in (("IMGR", "EXGR"), ("IMGR_FNL", "EXGR_FNL"), ("IMGR_INT", "EXGR_INT"),
                        ("DFD_FVA", "FFD_DVA"), ("FEXDVAP", "DEXFVAP")):
        # The partner's flow to the country: exporter and partner change places.
        cubes[name] = cubes[other].transpose(2, 1, 0)
    cubes["BALGR"] = cubes["EXGR"] - cubes["IMGR"]
    cubes["BALVAFD"] = cubes["FFD_DVA"] - cubes["DFD_FVA"]
    columns = {name: summed_cube(cubes[name], keys) for name in _FLOWS}
    if "importer" not in keys:
        home = {"DXD_DVA": io.v * io.own(io.BY), "VA": io.v * io.X, "PROD": io.X}
        columns |= {name: summed(io, value, keys) for name, value in home.items()}
        columns["FD_VA"] = columns["FFD_DVA"] + columns["DXD_DVA"]
    return tidy(
        io, columns, keys,
        definition=f"indicators as in the OECD's TiVA, counting {io.account}: EXGR_DVA and "
                   "EXGR_FVA are contents, double counting included",
        unit=io.table.unit, identities=closed)


_FLOWS = ("EXGR", "EXGR_FNL", "EXGR_INT", "IMGR", "IMGR_FNL", "IMGR_INT", "BALGR", "EXGR_DVA",
          "EXGR_DDC", "EXGR_IDC", "EXGR_RIM", "EXGR_FVA", "DEXFVAP", "FEXDVAP", "FFD_DVA",
          "DFD_FVA", "BALVAFD")


def _flows(io: Leontief) -> tuple[Mapping[str, Floats], dict[str, float]]:
    """Return indicators by row and partner, each (n, G), and the identities that they close."""
    xp, E = io.xp, io.E_bilateral
    diagonal = xp.concat([xp.sum(own * xp.eye(own.shape[0], dtype=xp.float64), axis=0)
                          for own in io.L])
    per_unit = {"EXGR_DVA": io.VB, "EXGR_DDC": io.v * diagonal,
                "EXGR_IDC": io.VL - io.v * diagonal, "EXGR_RIM": io.VB - io.VL,
                "EXGR_FVA": io.vB - io.VB}
    flows = {"EXGR": E, "EXGR_FNL": io.exports_of(io.Y), "EXGR_INT": E - io.exports_of(io.Y)}
    flows |= {name: weight[:, None] * E for name, weight in per_unit.items()}
    flows["DEXFVAP"] = io.exports_of(io.by_origin) * io.E[:, None]
    flows["FFD_DVA"] = io.exports_of(io.v[:, None] * io.BY)
    total = E if io.account == "value added" else io.vB[:, None] * E
    names = {"EXGR_DVA + EXGR_FVA = EXGR": (flows["EXGR_DVA"] + flows["EXGR_FVA"], total)}
    if io.account == "value added":
        forward = xp.sum(flows["FFD_DVA"], axis=1)
        balance = io.by_country(forward) - xp.sum(flows["FFD_DVA"], axis=0)
        gross = io.by_country(io.E) - xp.sum(E, axis=0)
        trade = io.by_country(io.E)
        names["BALVAFD = BALGR"] = (balance - gross + trade, trade)
    return flows, {name: check(io, name, *sides) for name, sides in names.items()}
