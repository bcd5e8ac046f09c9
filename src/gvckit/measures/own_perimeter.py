"""Value added and double counting in exports, each flow in its own perimeter.

Perimeter P: rows I of country s towards partners R.  A^{/P} is A without these intermediate cells,
and (v B^{/P})_I = (v B)_I (I + K)⁻¹ with K = Σ_{r∈R} A_Ir B_rI: a small solve (handbook 2.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gvckit.icio.leontief import Leontief
from gvckit.measures.perimeter import ExportParts, absorbed_directly

__all__ = ["Perimeters", "own_perimeter"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Perimeters:
    """How the cells of every exporter fall into perimeters.

    Attributes
    ----------
    sectors
        Index of the sector group of each of N sectors.
    partners
        Sets of countries; every country is in one.
    """

    sectors: Sequence[int]
    partners: Sequence[Sequence[int]]


def own_perimeter(io: Leontief, how: Perimeters) -> ExportParts:
    """Return exports with value added counted once within each flow."""
    xp, E = io.xp, io.E_bilateral
    VB, foreign = io.VB, io.vB - io.VB
    domestic, abroad = (xp.zeros((io.n, io.G), dtype=xp.float64) for _ in range(2))
    of_row = np.asarray(how.sectors)[io.sector_of_row]
    for s, (a, b) in enumerate(io.bounds):
        groups = [np.flatnonzero(of_row[a:b] == g) for g in dict.fromkeys(of_row[a:b].tolist())]
        both = xp.stack([VB[a:b], foreign[a:b]], axis=1)
        loops = _loops(io, s)
        for own in how.partners:
            abroad_of_s = [r for r in own if r != s]
            if not abroad_of_s:
                continue
            loop = loops[abroad_of_s[0]]
            for r in abroad_of_s[1:]:
                loop = loop + loops[r]
            once = _once(xp, loop, both, groups)
            for r in abroad_of_s:
                domestic[a:b, r], abroad[a:b, r] = once[:, 0], once[:, 1]
    DVA, FVA = domestic * E, abroad * E
    REF = domestic * io.shipped_by(io.BY[:, :, None])[..., 0]
    DC, FC = VB[:, None] * E, foreign[:, None] * E
    return ExportParts(GEXP=E, DC=DC, DVA=DVA, VAX=DVA - REF, REF=REF, DDC=DC - DVA,
                       FC=FC, FVA=FVA, FDC=FC - FVA,
                       more={"DAVAX": domestic * absorbed_directly(io)})


def _loops(io: Leontief, s: int) -> list[Any]:
    """Return A_sr B_rs for every r, each of the size of s."""
    xp, (a, b) = io.xp, io.bounds[s]
    if not io.even:
        return [io.A[a:b, c:d] @ io.B[c:d, a:b] for c, d in io.bounds]
    N = io.N
    sold = xp.permute_dims(xp.reshape(io.A[a:b, :], (N, io.G, N)), (1, 0, 2))
    loops = sold @ xp.reshape(io.B[:, a:b], (io.G, N, N))
    return [loops[r, ...] for r in range(io.G)]


def _once(xp: Any, loop: Any, both: Any, groups: Sequence[NDArray[np.intp]]) -> Any:
    """Return both row vectors times (I + K_II)⁻¹, sector group by sector group."""
    size = loop.shape[0]
    eye = xp.eye(size, dtype=xp.float64)
    if len(groups) == 1:
        return xp.linalg.solve((eye + loop).T, both)
    if len(groups) == size:
        return both / (1.0 + xp.sum(loop * eye, axis=0))[:, None]
    # Cells between groups are outside every perimeter: without them the groups solve at once.
    same = np.zeros((size, size))
    for own in groups:
        same[np.ix_(own, own)] = 1.0
    return xp.linalg.solve((eye + loop * xp.asarray(same)).T, both)
