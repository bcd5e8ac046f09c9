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
from gvckit.measures.perimeter import ExportParts, absorbed_again, absorbed_directly

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
    both = xp.stack([VB, foreign], axis=1)
    once = xp.zeros((io.n, io.G, 2), dtype=xp.float64)
    of_row = np.asarray(how.sectors)[io.sector_of_row]
    for s, (a, b) in enumerate(io.bounds):
        abroad = [[r for r in own if r != s] for own in how.partners]
        sets = [own for own in abroad if own]
        if not sets:
            continue
        parts = _once(xp, _joined(xp, _loops(io, s), sets), both[a:b, :], of_row[a:b])
        for k, own in enumerate(sets):
            for r in own:
                once[a:b, r, :] = parts[k, ...]
    DVA, FVA = once[..., 0] * E, once[..., 1] * E
    REF = once[..., 0] * absorbed_again(io)
    DC, FC = VB[:, None] * E, foreign[:, None] * E
    return ExportParts(GEXP=E, DC=DC, DVA=DVA, VAX=DVA - REF, REF=REF, DDC=DC - DVA,
                       FC=FC, FVA=FVA, FDC=FC - FVA,
                       more={"DAVAX": once[..., 0] * absorbed_directly(io)})


def _loops(io: Leontief, s: int) -> Any:
    """Return A_sr B_rs for every r, shape (G, m, m) for m rows of s."""
    xp, (a, b) = io.xp, io.bounds[s]
    if not io.even:
        return xp.stack([io.A[a:b, c:d] @ io.B[c:d, a:b] for c, d in io.bounds])
    N = io.N
    sold = xp.permute_dims(xp.reshape(io.A[a:b, :], (N, io.G, N)), (1, 0, 2))
    return sold @ xp.reshape(io.B[:, a:b], (io.G, N, N))


def _joined(xp: Any, loops: Any, sets: Sequence[Sequence[int]]) -> Any:
    """Return the loops of each set of partners, added up: shape (sets, m, m)."""
    if all(len(own) == 1 for own in sets):
        return xp.take(loops, xp.asarray([own[0] for own in sets]), axis=0)
    return xp.stack([xp.sum(xp.take(loops, xp.asarray(own), axis=0), axis=0) for own in sets])


def _once(xp: Any, loops: Any, both: Any, group: NDArray[np.intp]) -> Any:
    """Return both row vectors times (I + K_II)⁻¹ of every K, sector group by sector group.

    Shape (sets, m, 2) for K of shape (sets, m, m) and vectors (m, 2).
    """
    size, groups = len(group), len(set(group.tolist()))
    eye = xp.eye(size, dtype=xp.float64)
    if groups == size:
        return both / (1.0 + xp.sum(loops * eye, axis=1))[..., None]
    if groups > 1:
        # Cells between groups are outside every perimeter: without them the groups solve at once.
        loops = loops * xp.asarray((group[:, None] == group).astype(np.float64))
    right = xp.broadcast_to(both, (loops.shape[0], size, 2))
    return xp.linalg.solve(xp.permute_dims(eye + loops, (0, 2, 1)), right)
