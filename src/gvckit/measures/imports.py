"""Value added and double counting in a country's imports (handbook 2.6, perimeter of the importer).

Without the importer's purchases abroad: zero A_tr for all t ≠ r.  Then, with m_r the stacked
imports, B^{/P} m_r = B m_r − B_·r B_rr⁻¹ (B m_r)_r + L_rr B_rr⁻¹ (B m_r)_r.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.icio.leontief import Leontief

__all__ = ["ImportParts", "imports_by_origin", "imports_by_product"]

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
    xp, E = io.xp, io.E_bilateral
    made = io.solve(E)
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
    xp, E = io.xp, io.E_bilateral
    gap = io.vB - io.VL
    through = xp.concat([xp.linalg.solve(own.T, gap[a:b])
                         for own, (a, b) in zip(io.B_blocks, io.bounds, strict=True)])
    again = io.solve_t(io.stacked(through))
    return ImportParts(GIMP=E, VA=(io.vB[:, None] - again) * E, DC=again * E)
