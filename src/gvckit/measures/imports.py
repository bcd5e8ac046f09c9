"""Value added and double counting in a country's imports (handbook 2.6, perimeter of the importer).

Without the importer's purchases abroad: zero A_tr for all t ≠ r.  Then, with m_r the stacked
imports, B^{/P} m_r = B m_r − B_·r B_rr⁻¹ (B m_r)_r + L_rr B_rr⁻¹ (B m_r)_r.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.icio.leontief import Leontief
from gvckit.measures.frames import summed
from gvckit.measures.identities import check, closed_accounts

__all__ = ["ImportParts", "imports_by_origin", "imports_by_product", "imports_frame"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ImportParts:
    """Value added and double counting in imports; every array has shape (n, G) by importer.

    Attributes
    ----------
    GIMP
        Gross imports from each row.
    VA, DC
        Value added and double counting: of the row, or in the row's product.
    """

    GIMP: Floats
    VA: Floats
    DC: Floats


def imports_by_origin(io: Leontief) -> ImportParts:
    """Return whose value added imports hold: rows are origins, the importer's own included."""
    return io.once(_by_origin)


def _by_origin(io: Leontief) -> ImportParts:
    xp, E, made = io.xp, io.E_bilateral, io.BE
    at_home = io.own(made)
    through = xp.concat([xp.linalg.solve(own, at_home[a:b])
                         for own, (a, b) in zip(io.B_blocks, io.bounds, strict=True)])
    once = made - io.solve(io.stacked(through)) + io.stacked(io.local(through))
    v = io.v[:, None]
    return ImportParts(GIMP=E, VA=v * once, DC=v * (made - once))


def imports_by_product(io: Leontief) -> ImportParts:
    """Return value added in imported products: rows are the products' sellers.

    (v B^{/P})_t = (v B)_t − [(v B)_r − v_r L_rr] B_rr⁻¹ B_rt for t ≠ r.
    """
    return io.once(_by_product)


def _by_product(io: Leontief) -> ImportParts:
    xp, E = io.xp, io.E_bilateral
    gap = io.vB - io.VL
    through = xp.concat([xp.linalg.solve(own.T, gap[a:b])
                         for own, (a, b) in zip(io.B_blocks, io.bounds, strict=True)])
    again = io.solve_t(io.stacked(through))
    return ImportParts(GIMP=E, VA=(io.vB[:, None] - again) * E, DC=again * E)


def imports_frame(io: Leontief, level: str) -> pd.DataFrame:
    """Return imports at a level of :func:`gvckit.borin_mancini`.

    ``country`` and ``sector`` split gross imports by the product's sector; ``bilateral`` and
    ``bilateral-sector`` say which country's (and sector's) value added they hold.

    Raises
    ------
    DataError
        Where value added and double counting do not add up to imports, by product or by origin.
    """
    origin, product = imports_by_origin(io), imports_by_product(io)
    total = product.VA + product.DC
    name = "VA + DC = imports"
    expected = origin.GIMP if io.account == "value added" else io.vB[:, None] * origin.GIMP
    closed = {name: check(io, name, total, expected)} | closed_accounts(io)
    name = "VA by product = VA by origin"
    closed[name] = check(io, name, io.xp.sum(product.VA, axis=0), io.xp.sum(origin.VA, axis=0))
    by_sector, by_origin = "sector" in level, level.startswith("bilateral")
    parts = origin if by_origin else product
    sums = {column: _by_importer(io, getattr(parts, column), by_origin, by_sector)
            for column in (("VA", "DC") if by_origin else ("GIMP", "VA", "DC"))}
    keys = ["importer", *(["origin"] if by_origin else []), *(["sector"] if by_sector else [])]
    names = {"importer": io.countries, "origin": io.countries, "sector": io.sectors}
    sizes = [len(names[key]) for key in keys]
    codes = np.unravel_index(np.arange(int(np.prod(sizes))), sizes)
    frame = pd.DataFrame({key: pd.Categorical.from_codes(code, categories=pd.Index(names[key]))
                          for key, code in zip(keys, codes, strict=True)} | sums)
    frame.attrs = {
        "definition": f"imports (Borin-Mancini), counting {io.account} once within all imports of "
                      "the importer" + (", by origin" if by_origin else ""),
        "unit": io.table.unit, "identities": closed}
    return frame


def _by_importer(io: Leontief, cells: Floats, by_origin: bool, by_sector: bool) -> Floats:
    """Return (importer, origin, sector) flattened, dropped keys summed over."""
    keys = ("country", "sector") if by_sector else ("country",)
    out = np.stack([summed(io, cells[:, r], keys) for r in range(io.G)])
    if not by_origin:
        out = out.reshape(io.G, io.G, -1).sum(axis=1)
    flat: Floats = out.ravel()
    return flat
