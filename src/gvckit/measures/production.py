"""Value added and final output by border crossings (Wang, Wei, Yu and Zhu 2017a)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import LEVELS, check_level, choose, level_is_by, ratio, summed, tidy
from gvckit.measures.identities import check, closed_accounts
from gvckit.measures.satellite import leontief_of

__all__ = ["DIRECTIONS", "ProductionParts", "production", "split_production"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ProductionParts:
    """A total split by how often production crosses borders; every array has shape (n,).

    Attributes
    ----------
    total
        Value added (forward) or final output (backward).
    D
        Pure domestic.
    RT
        Traditional trade: crosses once, as a final good.
    GVC_S
        Simple value-chain activity: crosses once for production, absorbed by the direct importer.
    GVC_C
        Complex value-chain activity: all other crossings.
    """

    total: Floats
    D: Floats
    RT: Floats
    GVC_S: Floats
    GVC_C: Floats

    @property
    def GVC(self) -> Floats:  # noqa: N802 - the field's own symbol
        """Value-chain activity, simple and complex."""
        return self.GVC_S + self.GVC_C


def _forward(io: Leontief) -> ProductionParts:
    """Row sums of V̂LŶᴰ + V̂LŶᶠ + V̂LAᶠLŶᴰ + V̂LAᶠ(BŶ − LŶᴰ)."""
    xp, v, home = io.xp, io.v, io.home
    twice = io.local(io.foreign(xp.stack([home, io.By - home], axis=1)))
    return ProductionParts(total=io.VA, D=v * home, RT=v * io.local(io.Y_F),
                           GVC_S=v * twice[:, 0], GVC_C=v * twice[:, 1])


def _backward(io: Leontief) -> ProductionParts:
    """Column sums of the same matrices."""
    vL = io.VL
    imported = io.foreign_t(vL)
    simple = io.local_t(imported) * io.Y_D
    return ProductionParts(
        total=io.y if io.account == "value added" else io.vB * io.y,
        D=vL * io.Y_D, RT=vL * io.Y_F, GVC_S=simple,
        GVC_C=io.solve_t(imported) * io.y - simple)


DIRECTIONS: Mapping[str, Callable[[Leontief], ProductionParts]] = {
    "forward": _forward, "backward": _backward,
}

_WORDS = {
    "forward": "where value added of the producer goes: total is value added",
    "backward": "where the value of the producer's final output comes from: total is final output",
}


def split_production(io: Leontief, direction: str) -> tuple[ProductionParts, dict[str, float]]:
    """Return the parts and the identities that they close.

    Raises
    ------
    DataError
        Where B Y = X, or total = D + RT + GVC_S + GVC_C, fails by more than 1e-9 in a row.
    """
    return io.once(_split, direction)


def _split(io: Leontief, direction: str) -> tuple[ProductionParts, dict[str, float]]:
    parts = DIRECTIONS[direction](io)
    total = "VA" if direction == "forward" else "Y"
    if io.account != "value added":
        total = f"{io.account} of the producer" if direction == "forward" else (
            f"{io.account} in final output")
    closed = closed_accounts(io)
    name = f"D + RT + GVC_S + GVC_C = {total}"
    closed[name] = check(io, name, parts.D + parts.RT + parts.GVC, parts.total)
    return parts, closed


@level_is_by
def production(
    io: IcioTable | Leontief, *, direction: str = "forward",
    by: str | Sequence[str] = "country-sector", satellite: Any = None,
) -> pd.DataFrame:
    """Return value added (forward) or final output (backward) by border crossings.

    V̂BŶ = V̂LŶᴰ + V̂LŶᶠ + V̂LAᶠLŶᴰ + V̂LAᶠ(BŶ − LŶᴰ): pure domestic, traditional trade, simple and
    complex value-chain activity (Wang, Wei, Yu and Zhu 2017, NBER 23222).  Row sums are forward,
    column sums backward.  Ratios of coarser levels are ratios of sums.

    Parameters
    ----------
    io
        A table or its Leontief system.
    direction
        ``forward`` or ``backward``.
    by
        ``country-sector``, ``country`` or ``world``.
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`).

    Returns
    -------
    DataFrame
        Keys country, sector; columns total, D, RT, GVC_S, GVC_C in the table's unit, and
        participation, participation_simple, participation_complex as shares of total (missing
        where there is no output).

    Raises
    ------
    DataError
        Unknown direction or level; an identity that fails by more than 1e-9.
    """
    io = leontief_of(io, satellite)
    choose("direction", direction, DIRECTIONS)
    keys = LEVELS[check_level(by)]
    parts, closed = split_production(io, direction)
    sums = {name: summed(io, getattr(parts, name), keys)
            for name in ("total", "D", "RT", "GVC_S", "GVC_C")}
    shares = {
        "participation": ratio(sums["GVC_S"] + sums["GVC_C"], sums["total"]),
        "participation_simple": ratio(sums["GVC_S"], sums["total"]),
        "participation_complex": ratio(sums["GVC_C"], sums["total"]),
    }
    return tidy(
        io, {**sums, **shares}, keys, ratios=list(shares),
        definition=f"production-based participation, {direction} (Wang-Wei-Yu-Zhu 2017a): "
                   f"{_WORDS[direction]}; participation = (GVC_S + GVC_C) / total"
                   + ("" if io.account == "value added" else
                      f"; counting {io.account} in place of value added"),
        unit=io.table.unit, identities=closed)
