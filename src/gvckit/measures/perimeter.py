"""Value added and double counting in bilateral exports, in the exporter's perimeter.

Borin and Mancini (2019, 2023); handbook 2.6.  The perimeter of country s are all its exports:
A^{/s} is A without s's foreign intermediate cells, B^{/s} = (I − A^{/s})⁻¹.  Its columns are an
N×N update, B^{/s}_·s = B_·s B_ss⁻¹ L_ss, and B^{/s} y = B y − B_·s B_ss⁻¹ [(B y)_s − L_ss y_s].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gvckit.icio.leontief import Leontief

__all__ = ["ExportParts", "sink", "source", "source_terms", "world_sink", "world_source"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ExportParts:
    """Bilateral exports and their parts; every array has shape (n, G), zero to the own country.

    Attributes
    ----------
    GEXP
        Gross exports.
    DC, DVA, VAX, REF, DDC
        Domestic content; value added, absorbed abroad, returned; double counting.
    FC, FVA, FDC
        Foreign content, value added and double counting.
    more
        Further parts by name (DAVAX, VAXIM, single terms).
    """

    GEXP: Floats
    DC: Floats
    DVA: Floats
    VAX: Floats
    REF: Floats
    DDC: Floats
    FC: Floats
    FVA: Floats
    FDC: Floats
    more: Mapping[str, Floats] = field(default_factory=dict)

    def columns(self) -> dict[str, Floats]:
        """Return every part by name."""
        names = ("GEXP", "DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC")
        return {name: getattr(self, name) for name in names} | dict(self.more)


def absorbed_directly(io: Leontief) -> Floats:
    """Return Y_sr + A_sr L_rr Y_rr, shape (n, G): what the direct importer absorbs."""
    return io.once(_absorbed_directly)


def _absorbed_directly(io: Leontief) -> Floats:
    return io.exports_of(io.Y + io.shipped(io.home))


def absorbed_again(io: Leontief) -> Floats:
    """Return A_sr (B Y)_rs, shape (n, G): intermediate exports that end as final use at home."""
    return io.once(_absorbed_again)


def _absorbed_again(io: Leontief) -> Floats:
    cells: Floats = io.shipped_by(io.BY[:, :, None])[..., 0]
    return cells


def foreign_value(io: Leontief) -> Floats:
    """Return Σ_{t≠s} v_t B^{/s}_ts, shape (n,): foreign value added of a unit, counted once."""
    return io.once(_foreign_value)


def _foreign_value(io: Leontief) -> Floats:
    xp, foreign = io.xp, io.vB - io.VB
    through = [xp.linalg.solve(own.T, foreign[a:b])
               for own, (a, b) in zip(io.B_blocks, io.bounds, strict=True)]
    return io.local_t(xp.concat(through))


def source(io: Leontief) -> ExportParts:
    """Return exports with value added counted the first time it leaves the country."""
    return io.once(_source)


def _source(io: Leontief) -> ExportParts:
    E, VL, VB = io.E_bilateral, io.VL[:, None], io.VB[:, None]
    FC = (io.vB[:, None] - VB) * E
    FVA = foreign_value(io)[:, None] * E
    REF = VL * absorbed_again(io)
    DVA = VL * E
    return ExportParts(
        GEXP=E, DC=VB * E, DVA=DVA, VAX=DVA - REF, REF=REF, DDC=(VB - VL) * E,
        FC=FC, FVA=FVA, FDC=FC - FVA, more={"DAVAX": VL * absorbed_directly(io)})


def source_terms(io: Leontief) -> dict[str, Floats]:
    """Return VAX1 … VAX4, REF1, REF2 and FVA1 … FVA4 of the source approach, each (n, G).

    1 final goods, 2 intermediates absorbed by the direct importer, 3 re-exported as final goods,
    4 re-exported as intermediates; of what returns, 1 as final goods and 2 otherwise.
    """
    xp, VL, foreign = io.xp, io.VL[:, None], foreign_value(io)[:, None]
    local_Y = io.local(io.Y)
    total = xp.sum(local_Y, axis=1)
    each = io.exports_of(io.shipped(xp.stack([io.own(local_Y), total, io.X], axis=1)))
    used, all_final, output = (each[..., k] for k in range(3))
    pair = io.shipped_by(xp.stack([local_Y, io.BY], axis=2))
    final_back, all_back = pair[..., 0], pair[..., 1]
    Y = io.exports_of(io.Y)
    onward = all_final - used
    return {
        "VAX1": VL * Y, "VAX2": VL * used, "VAX3": VL * (onward - final_back),
        "VAX4": VL * (output - all_back - all_final + final_back),
        "REF1": VL * final_back, "REF2": VL * (all_back - final_back),
        "FVA1": foreign * Y, "FVA2": foreign * used, "FVA3": foreign * onward,
        "FVA4": foreign * (output - all_final),
    }


def sink(io: Leontief) -> ExportParts:
    """Return exports with value added counted the last time it leaves the country."""
    return io.once(_sink)


def _sink(io: Leontief) -> ExportParts:
    xp, E, VB = io.xp, io.E_bilateral, io.VB[:, None]
    foreign = io.vB[:, None] - VB
    E_local, Y_local = io.outward, io.own(io.BY) - io.home
    weights = [xp.linalg.solve(own, xp.stack([E_local[a:b], Y_local[a:b]], axis=1))
               for own, (a, b) in zip(io.B_blocks, io.bounds, strict=True)]
    left = xp.concat(weights)
    both = io.solve(xp.concat([io.stacked(left[:, k]) for k in range(2)], axis=1))
    again = both[:, :io.G]              # B^{/s}_rs E_s in column s
    back = io.BY - both[:, io.G:]       # (B^{/s} Y^{/s})_rs in column s
    pair = io.shipped_by(xp.stack([again, back, _at_importer(io)], axis=2))
    returns, to_exporter, to_importer = (pair[..., k] for k in range(3))
    last = E - returns
    REF = VB * to_exporter
    return ExportParts(
        GEXP=E, DC=VB * E, DVA=VB * last, VAX=VB * last - REF, REF=REF, DDC=VB * returns,
        FC=foreign * E, FVA=foreign * last, FDC=foreign * returns,
        more={"VAXIM": VB * (io.exports_of(io.Y) + to_importer)})


def _at_importer(io: Leontief) -> Floats:
    """Return (B^{/s} Y^{/s})_rr for rows of r and column s, shape (n, G).

    (B Y)_rr − B_rs B_ss⁻¹ (B Y)_sr: the only part that needs off-diagonal blocks of B.
    """
    xp, B, home = io.xp, io.B, io.own(io.BY)
    columns = []
    for own, (a, b) in zip(io.B_blocks, io.bounds, strict=True):
        bought = xp.linalg.solve(own, io.BY[a:b, :])
        passed = [B[c:d, a:b] @ bought[:, r] for r, (c, d) in enumerate(io.bounds)]
        columns.append(home - xp.concat(passed))
    out: Floats = xp.stack(columns, axis=1)
    return out


def world_source(io: Leontief) -> ExportParts:
    """Return exports with foreign value added counted once in the world, at its first re-export.

    FVA_s = Σ_{t≠s} v_t L_tt A_ts L_ss E_s; domestic parts as in the exporter's perimeter.
    """
    parts = source(io)
    FVA = io.local_t(io.foreign_t(io.VL))[:, None] * parts.GEXP
    return _with_foreign(parts, FVA)


def world_sink(io: Leontief) -> ExportParts:
    """Return exports with foreign value added counted once in the world, at its last re-export.

    Σ_{t≠s} v_t B_ts [Σ_{r≠s,t} d_sr + Y_st + A_st L_tt (Y_tt + Σ_{k≠t} d_tk)] with
    d_sr = Y_sr + A_sr L_rr Y_rr; the terms of importer r go to the flow towards r.
    """
    direct = absorbed_directly(io)
    M = io.by_origin
    third = io.vB[:, None] - io.VB[:, None] - M
    through = io.local(io.Y_D + io.xp.sum(direct, axis=1))
    to_origin = io.exports_of(io.Y + io.shipped(through))
    return _with_foreign(sink(io), third * direct + M * to_origin)


def _with_foreign(parts: ExportParts, FVA: Floats) -> ExportParts:
    return ExportParts(parts.GEXP, parts.DC, parts.DVA, parts.VAX, parts.REF, parts.DDC,
                       parts.FC, FVA, parts.FC - FVA, parts.more)
