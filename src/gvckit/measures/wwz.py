"""Bilateral exports in sixteen terms (Wang, Wei and Zhu 2013)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import FLOW_LEVELS, check_level, level_is_by, summed, tidy
from gvckit.measures.identities import check
from gvckit.measures.satellite import leontief_of

__all__ = ["AGGREGATES", "KWW_MAP", "TERMS", "WwzTerms", "wwz", "wwz_aggregates", "wwz_terms",
           "wwz_to_kww"]

Floats = NDArray[np.float64]

TERMS = ("DVA_FIN", "DVA_INT", "INTrexI1", "INTrexF", "INTrexI2", "RDV_FIN", "RDV_FIN2",
         "RDV_INT", "DDC_FIN", "DDC_INT", "MVA_FIN", "MVA_INT", "MDC", "OVA_FIN", "OVA_INT", "ODC")
"""The sixteen terms, T1 to T16."""

AGGREGATES: Mapping[str, tuple[str, ...]] = {
    "DVA": TERMS[:8], "VAX": TERMS[:5], "RDV": TERMS[5:8],
    "FVA": ("MVA_FIN", "MVA_INT", "OVA_FIN", "OVA_INT"),
    "PDC": ("DDC_FIN", "DDC_INT", "MDC", "ODC"),
}
"""Sums of terms: domestic value added, absorbed abroad, returned; foreign; double counting."""

KWW_MAP: Mapping[str, tuple[str, ...]] = {
    "T1": ("DVA_FIN",), "T2": ("DVA_INT", "INTrexI1"), "T3": ("INTrexF", "INTrexI2"),
    "T4": ("RDV_FIN", "RDV_FIN2"), "T5": ("RDV_INT",), "T6": ("DDC_FIN", "DDC_INT"),
    "T7": ("MVA_FIN", "OVA_FIN"), "T8": ("MVA_INT", "OVA_INT"), "T9": ("MDC", "ODC"),
}
"""Koopman-Wang-Wei terms as sums of Wang-Wei-Zhu terms."""


@dataclass(frozen=True, slots=True)
class WwzTerms:
    """Exports and their terms by name; every array has shape (n, G), zero to the own country."""

    exports: Floats
    terms: Mapping[str, Floats]


def wwz_terms(io: Leontief) -> tuple[WwzTerms, dict[str, float]]:
    """Return the sixteen terms (handbook 2.4) and the identity that they close in every cell.

    Nothing but B Y, B·blockdiag(Y_ss), B·blockdiag(Σ_t Y_st), v_g B and B_rr is taken from the
    inverse.
    """
    xp, blocks = io.xp, io.B_blocks
    BY = io.BY
    home, abroad = io.BY_D, io.BY_F
    own_home, own_abroad = io.own(home), io.own(abroad)
    returned = io.by_block(blocks, io.Y)  # B_rr Y_rs in column s
    all_home, all_abroad = xp.sum(home, axis=1), xp.sum(abroad, axis=1)
    # What depends on the importer alone goes to every exporter at once ...
    each = io.exports_of(io.shipped(xp.stack(
        [own_home, all_home - own_home, own_abroad, all_abroad - own_abroad,
         io.local(io.Y_D), io.local(io.E), io.X], axis=1)))
    at_importer, rex_home, rex_final, rex_abroad, used, onward, inputs = (
        each[..., k] for k in range(7))
    # ... and what depends on the pair goes pair by pair.
    pair = io.shipped_by(xp.stack([home, abroad, BY, returned], axis=2))
    by_home, by_abroad, back, back_own = (pair[..., k] for k in range(4))
    Y = io.exports_of(io.Y)
    VL, VB, M = io.VL[:, None], io.VB[:, None], io.by_origin
    third = io.vB[:, None] - VB - M
    terms = {
        "DVA_FIN": VB * Y,
        "DVA_INT": VL * at_importer,
        "INTrexI1": VL * (rex_home - by_home),
        "INTrexF": VL * (rex_final - back_own),
        "INTrexI2": VL * (rex_abroad - by_abroad - back + by_home + back_own),
        "RDV_FIN": VL * back_own,
        "RDV_FIN2": VL * (back - by_home - back_own),
        "RDV_INT": VL * by_home,
        "DDC_FIN": VL * by_abroad,
        "DDC_INT": (VB - VL) * inputs,
        "MVA_FIN": M * Y, "MVA_INT": M * used, "MDC": M * onward,
        "OVA_FIN": third * Y, "OVA_INT": third * used, "ODC": third * onward,
    }
    return WwzTerms(io.E_bilateral, terms), _identities(io, terms)


def added(first: Floats, *others: Floats) -> Floats:
    """Return the sum of arrays."""
    for other in others:
        first = first + other
    return first


def _identities(io: Leontief, terms: Mapping[str, Floats]) -> dict[str, float]:
    total = added(*terms.values())
    closed = {}
    if io.account == "value added":
        name = "T1 + … + T16 = exports"
        closed[name] = check(io, name, total, io.E_bilateral)
    else:
        name = f"T1 + … + T16 = {io.account} in exports"
        closed[name] = check(io, name, total, io.vB[:, None] * io.E_bilateral)
    absorbed = io.by_country(io.v * io.xp.sum(io.exports_of(io.BY), axis=1))
    for name, names, other in (
            ("T1 + … + T5 = VAX", AGGREGATES["VAX"], absorbed),
            ("T1 + … + T8 = v L E", AGGREGATES["DVA"], io.by_country(io.VL * io.E))):
        total = io.xp.sum(added(*(terms[term] for term in names)), axis=1)
        closed[name] = check(io, name, io.by_country(total), other)
    return closed


@level_is_by
def wwz(
    io: IcioTable | Leontief, *, by: str | Sequence[str] = "bilateral-sector",
    aggregates: bool = False, satellite: Any = None,
) -> pd.DataFrame:
    """Return gross exports in sixteen terms.

    Wang, Wei and Zhu (2013, NBER 19677), equation 37; exports by exporter, sector and importer.
    Their split of foreign content into value added and double counting is not Borin and
    Mancini's; DVA, VAX, returned value and domestic double counting agree at country level.

    Parameters
    ----------
    io
        A table or its Leontief system.
    by
        ``bilateral-sector``, ``bilateral``, ``sector``, ``country`` or ``world``.
    aggregates
        Whether to add DVA (T1–T8), VAX (T1–T5), RDV (T6–T8), FVA (T11, T12, T14, T15) and PDC
        (T9, T10, T13, T16).
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`):
        terms then add up to the account embodied in exports.

    Returns
    -------
    DataFrame
        Keys exporter, sector, importer (own-country rows left out); columns exports, DVA_FIN,
        DVA_INT, INTrexI1, INTrexF, INTrexI2, RDV_FIN, RDV_FIN2, RDV_INT, DDC_FIN, DDC_INT,
        MVA_FIN, MVA_INT, MDC, OVA_FIN, OVA_INT, ODC: T1 … T16 in the table's unit.

    Raises
    ------
    DataError
        Unknown level; a cell whose terms do not add up to its exports to 1e-9.
    """
    io = leontief_of(io, satellite)
    keys = FLOW_LEVELS[check_level(by, FLOW_LEVELS)]
    parts, closed = wwz_terms(io)
    columns = {name: summed(io, value, keys)
               for name, value in {"exports": parts.exports, **parts.terms}.items()}
    frame = tidy(
        io, columns, keys,
        definition=f"gross exports in sixteen terms (Wang-Wei-Zhu 2013), counting {io.account}: "
                   "DVA and INTrex absorbed abroad, RDV returned, MVA and OVA foreign value "
                   "added of the importer and of others, DDC, MDC and ODC double counting",
        unit=io.table.unit, identities=closed)
    return wwz_aggregates(frame) if aggregates else frame


def _needed(frame: pd.DataFrame) -> None:
    missing = [name for name in TERMS if name not in frame.columns]
    if missing:
        raise DataError(Problem(f"not a Wang-Wei-Zhu frame: it lacks {listing(missing)}",
                                allowed="the result of gvckit.wwz(...)"))


def wwz_aggregates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a result of :func:`wwz` with columns DVA, VAX, RDV, FVA and PDC added."""
    _needed(frame)
    out = frame.assign(**{name: frame[list(terms)].sum(axis=1)
                          for name, terms in AGGREGATES.items()})
    out.attrs = dict(frame.attrs)
    return out


def wwz_to_kww(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a result of :func:`wwz` in Koopman-Wang-Wei terms, cell by cell.

    Summed over a country's exports they equal :func:`gvckit.kww`.  By sector or partner they are
    Wang-Wei-Zhu cells under other names: every term runs backward, which the nine-term formulas
    do not.

    Parameters
    ----------
    frame
        A result of :func:`wwz` at any level.

    Returns
    -------
    DataFrame
        The same keys; columns exports, T1 … T9.
    """
    _needed(frame)
    first = list(frame.columns).index("exports")
    out = frame[list(frame.columns[:first + 1])].assign(
        **{name: frame[list(terms)].sum(axis=1) for name, terms in KWW_MAP.items()})
    out.attrs = dict(frame.attrs) | {
        "definition": "Wang-Wei-Zhu terms summed to the nine of Koopman-Wang-Wei"}
    return out
