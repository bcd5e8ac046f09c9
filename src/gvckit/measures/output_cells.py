"""Gross output by the borders that it crosses: an exactly additive split.

Not the output-based measure of Borin, Mancini and Taglioni, whose published code does not add up;
the handbook (2.7) derives this one, hence another name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.icio.leontief import Leontief
from gvckit.measures.identities import check

__all__ = ["OutputCells", "split_output"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OutputCells:
    """Gross output in seven cells; every array has shape (n,).

    Attributes
    ----------
    output
        Gross output; of another account than value added, what it holds of it.
    D
        Domestic content of output that ends at home: crosses no border.
    RT
        Domestic content of output that the direct importer absorbs: crosses one.
    PF
        Pure forward: domestic content of output that the importer re-exports.
    PB
        Pure backward: import content of output that the direct importer absorbs.
    TS
        Two-sided: import content of output that the importer re-exports.
    MH_1
        Import content of output that ends at home, which crossed one border.
    MH_2
        Import content of output that ends at home, which crossed more than one.
    """

    output: Floats
    D: Floats
    RT: Floats
    PF: Floats
    PB: Floats
    TS: Floats
    MH_1: Floats
    MH_2: Floats


def split_output(io: Leontief) -> tuple[OutputCells, dict[str, float]]:
    """Return the cells and the identity that they close.

    With VL = v_s L_ss and m = vB − VL, output L Y_ss (ends at home), L Σ_r (Y_sr + A_sr L_rr Y_rr)
    (absorbed by the direct importer) and L Σ_r A_sr L_rr E_r (re-exported) are each split in VL
    and m; of m # L Y_ss, what crossed one border is (Σ_t v_t L_tt A_ts L_ss)' # L Y_ss.
    """
    xp, VL, home = io.xp, io.VL, io.home
    m = io.vB - VL
    sent = io.foreign(xp.stack([home, io.outward], axis=1))
    ended = io.local(xp.stack([io.Y_F + sent[:, 0], sent[:, 1]], axis=1))
    absorbed, onward = ended[:, 0], ended[:, 1]
    one_border = io.local_t(io.foreign_t(VL))
    output = io.X if io.account == "value added" else io.vB * io.X
    cells = OutputCells(
        output=output, D=VL * home, RT=VL * absorbed, PF=VL * onward, PB=m * absorbed,
        TS=m * onward, MH_1=one_border * home, MH_2=(m - one_border) * home)
    name = "D + RT + PF + PB + TS + MH_1 + MH_2 = X"
    total = (cells.D + cells.RT + cells.PF + cells.PB + cells.TS + cells.MH_1 + cells.MH_2)
    return cells, {name: check(io, name, total, output)}
