"""Exports of an inter-country input-output table by country and sector, as a long frame."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import summed
from gvckit.sophistication.flows import Keys, check_choices, tidy

__all__ = ["sector_exports"]

DVA = {
    "backward": "dva_cj = (v_c L_cc)_j e_cj: domestic value added in what sector j exports",
    "forward": "dva_ci = v_ci (L_cc e_c)_i: value added of sector i in the country's exports "
               "(the basis of RCA in value added, Wang, Wei, Yu & Zhu)",
}


def sector_exports(
    io: IcioTable | Leontief, *, dva: Literal["backward", "forward"] = "backward",
    negative: Literal["keep", "zero"] = "keep",
) -> pd.DataFrame:
    """Return gross exports and the domestic value added in them, by country and sector.

    What PRODY, complexity and advantage take as ``exports`` when the products are a table's
    sectors.  e is gross exports, L_cc = (I − A_cc)⁻¹ the local inverse.

    Parameters
    ----------
    io
        A table, or its Leontief system.
    dva
        ``"backward"``: in what the sector exports; ``"forward"``: of the sector, in what its
        country exports.
    negative
        Negative exports (a sector whose foreign buyers ran down stocks): ``"keep"``, and the
        measures that take shares refuse them; or ``"zero"``, and ``attrs["set to zero"]`` lists
        what each was.

    Returns
    -------
    Columns country, product (the sector), value and dva (unit of the table).

    Raises
    ------
    SpecError
        Where an option is not known.
    """
    check_choices(dva=(dva, DVA), negative=(negative, ("keep", "zero")))
    system = as_leontief(io)
    table = system.table
    added = (system.local_t(system.v) * system.E if dva == "backward"
             else system.v * system.local(system.E))
    country, sector = np.divmod(np.arange(system.G * system.N), system.N)
    keys: Keys = {"country": (country, pd.Index(system.countries)),
                  "product": (sector, pd.Index(system.sectors))}
    columns = {name: summed(system, x, ("country", "sector"))
               for name, x in (("value", system.E), ("dva", added))}
    below = {name: {_place(system, int(k)): float(x[k]) for k in np.flatnonzero(x < 0)}
             for name, x in columns.items()}
    if negative == "zero":
        columns = {name: np.maximum(x, 0.0) for name, x in columns.items()}
    return tidy(keys, columns, unit=table.unit, definition=f"gross exports; {DVA[dva]}",
                **({"set to zero": below} if negative == "zero" else {}))


def _place(system: Leontief, cell: int) -> str:
    """Return country, sector and year of a cell, as error messages say it."""
    country, sector = divmod(cell, system.N)
    words = [system.countries[country], system.sectors[sector]]
    return " ".join(words if system.table.year is None else [*words, str(system.table.year)])
