"""Exports by what crosses more than one border (Borin and Mancini; Borin, Mancini and Taglioni).

Bilateral flows in the exporter's perimeter, source approach.  Arrays have shape (n, G): exporting
row by importer, zero towards the own country.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.icio.leontief import Leontief
from gvckit.measures.identities import check
from gvckit.measures.perimeter import absorbed_directly

__all__ = ["TradeParts", "split_trade"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TradeParts:
    """Bilateral exports in four parts; every array has shape (n, G).

    Attributes
    ----------
    exports
        Gross exports; of another account than value added, what they hold of it.
    DAVAX
        Domestic value added that the direct importer absorbs: traditional trade.
    PF
        Pure forward: domestic value added that the importer re-exports.
    PB
        Pure backward: import content in what the importer absorbs.
    TS
        Two-sided: import content in what the importer re-exports.
    """

    exports: Floats
    DAVAX: Floats
    PF: Floats
    PB: Floats
    TS: Floats


def split_trade(io: Leontief) -> tuple[TradeParts, dict[str, float]]:
    """Return exports in four parts and the identity that they close."""
    return io.once(_split)


def _split(io: Leontief) -> tuple[TradeParts, dict[str, float]]:
    """Return exports in four parts and the identity that they close.

    With VL = v_s L_ss and m = vB − VL: DAVAX = VL [Y_sr + A_sr L_rr Y_rr], PF = VL A_sr L_rr E_r,
    PB = m [Y_sr + A_sr L_rr Y_rr], TS = m A_sr L_rr E_r (handbook 2.6, 2.7).
    """
    VL = io.VL[:, None]
    m = io.vB[:, None] - VL
    absorbed = absorbed_directly(io)
    onward = io.exports_of(io.shipped(io.outward))
    exports = (io.E_bilateral if io.account == "value added"
               else io.vB[:, None] * io.E_bilateral)
    parts = TradeParts(exports, VL * absorbed, VL * onward, m * absorbed, m * onward)
    name = "DAVAX + PF + PB + TS = exports"
    total = parts.DAVAX + parts.PF + parts.PB + parts.TS
    xp = io.xp
    return parts, {name: check(io, name, xp.sum(total, axis=1), xp.sum(exports, axis=1))}
