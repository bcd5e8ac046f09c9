"""Production lengths: how often value added is counted as output (Wang, Wei, Yu and Zhu 2017b)."""

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
from gvckit.measures.identities import check
from gvckit.measures.production import split_production
from gvckit.measures.satellite import leontief_of

__all__ = ["LengthParts", "count_output", "lengths"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LengthParts:
    """Output that value added gives rise to, by part of the chain; every array has shape (n,).

    Attributes
    ----------
    total, D, RT
        All chains, pure domestic, traditional trade.
    S_dom, S_intl, C_dom, C_intl
        Simple and complex value chains: stages before the first production crossing, and after.
    crossings
        Border crossings for production along value chains.
    """

    total: Floats
    D: Floats
    RT: Floats
    S_dom: Floats
    S_intl: Floats
    C_dom: Floats
    C_intl: Floats
    crossings: Floats


def _forward(io: Leontief) -> LengthParts:
    """Row sums of the numerators, from right to left: B B Ŷ, L L Ŷᴰ, …"""
    xp, v, L, X = io.xp, io.v, io.local, io.By
    home = io.home
    twice = L(xp.stack([home, L(io.Y_F)], axis=1))
    home2, all2 = twice[:, 0], io.solve(X)
    # One pass over A for all that goes through it.
    sent = io.foreign(xp.stack([home, X - home, home2, all2 - home2, X], axis=1))
    first = L(sent[:, :4])
    second = L(first[:, :2])
    return LengthParts(
        total=v * all2, D=v * home2, RT=v * twice[:, 1],
        S_dom=v * second[:, 0], S_intl=v * first[:, 2],
        C_dom=v * second[:, 1], C_intl=v * first[:, 3],
        crossings=v * io.solve(sent[:, 4]))


def _backward(io: Leontief) -> LengthParts:
    """Column sums of the same numerators, from left to right."""
    xp, L, B, vL, vB = io.xp, io.local_t, io.solve_t, io.VL, io.vB
    vLL = L(vL)
    # One pass over A, and one over the factors, for all that goes through them.
    sent = io.foreign_t(xp.stack([vL, vLL, vB], axis=1))
    local = L(sent[:, :2])
    S_dom = local[:, 1] * io.Y_D
    S_intl = L(local[:, 0]) * io.Y_D
    through = B(xp.concat([sent, vB[:, None]], axis=1))
    return LengthParts(
        total=through[:, 3] * io.y, D=vLL * io.Y_D, RT=vLL * io.Y_F,
        S_dom=S_dom, S_intl=S_intl,
        C_dom=through[:, 1] * io.y - S_dom, C_intl=B(through[:, 0]) * io.y - S_intl,
        crossings=through[:, 2] * io.y)


_COUNTERS: Mapping[str, Callable[[Leontief], LengthParts]] = {
    "forward": _forward, "backward": _backward,
}


def count_output(io: Leontief, direction: str) -> tuple[LengthParts, dict[str, float]]:
    """Return the numerators of all lengths, and the identity that they close.

    Raises
    ------
    DataError
        Where BB = LL + LLAᶠB + LAᶠBB fails by more than 1e-9 in a row.
    """
    return io.once(_counted, direction)


def _counted(io: Leontief, direction: str) -> tuple[LengthParts, dict[str, float]]:
    parts = _COUNTERS[direction](io)
    name = "V BB Y = D + RT + GVC lengths"
    pieces = (parts.D + parts.RT + parts.S_dom + parts.S_intl + parts.C_dom + parts.C_intl)
    return parts, {name: check(io, name, pieces, parts.total)}


@level_is_by
def lengths(
    io: IcioTable | Leontief, *, direction: str = "forward",
    by: str | Sequence[str] = "country-sector", satellite: Any = None,
) -> pd.DataFrame:
    """Return production lengths by part of the chain.

    A length is output over value added of the same part: V̂BBŶ over V̂BŶ in total, V̂LLŶᴰ over V̂LŶᴰ
    at home, and so on (Wang, Wei, Yu and Zhu 2017, NBER 23261).  ``CB`` is the mean number of
    border crossings for production, V̂BAᶠBŶ over value-chain activity.

    Parameters
    ----------
    io
        A table or its Leontief system.
    direction
        ``forward`` (row sums, over value added) or ``backward`` (column sums, over final output).
    by
        ``country-sector``, ``country`` or ``world``.
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`):
        how often emissions, say, are counted in output along each part of the chain.

    Returns
    -------
    DataFrame
        Keys country, sector; columns PL, PL_D, PL_RT, PL_GVC, PL_GVC_S, PL_GVC_C, their domestic
        and international segments, and CB; missing where a part is empty.

    Raises
    ------
    DataError
        Unknown direction or level; an identity that fails by more than 1e-9.
    """
    io = leontief_of(io, satellite)
    choose("direction", direction, _COUNTERS)
    keys = LEVELS[check_level(by)]
    value, closed = split_production(io, direction)
    output, more = count_output(io, direction)
    size = summed(io, value.total, keys)

    def length(stages: Floats, worth: Floats) -> Floats:
        return ratio(summed(io, stages, keys), summed(io, worth, keys), size)

    simple, complex_ = output.S_dom + output.S_intl, output.C_dom + output.C_intl
    columns = {
        "PL": length(output.total, value.total), "PL_D": length(output.D, value.D),
        "PL_RT": length(output.RT, value.RT), "PL_GVC": length(simple + complex_, value.GVC),
        "PL_GVC_S": length(simple, value.GVC_S), "PL_GVC_C": length(complex_, value.GVC_C),
        "PL_GVC_S_dom": length(output.S_dom, value.GVC_S),
        "PL_GVC_S_intl": length(output.S_intl, value.GVC_S),
        "PL_GVC_C_dom": length(output.C_dom, value.GVC_C),
        "PL_GVC_C_intl": length(output.C_intl, value.GVC_C),
        "CB": length(output.crossings, value.GVC),
    }
    per = io.account if direction == "forward" else "final output"
    if io.account != "value added" and direction == "backward":
        per = f"{io.account} in final output"
    return tidy(
        io, columns, keys, ratios=list(columns),
        definition=f"production length, {direction} (Wang-Wei-Yu-Zhu 2017b): output counted along "
                   f"the chain per unit of {per} of the same part; CB border crossings for "
                   "production per unit of value-chain activity",
        unit="stages", identities={**closed, **more})
