"""What Koopman et al. (2010) compare: indirect (IV) and foreign (FV) value in exports.

Papers disagree on both, with effect on the sign of the index; so each definition has a name and
none is a default.  Definitions from Koopman-Wang-Wei terms hold for country totals only; those
from Wang-Wei-Zhu sums also by exporting sector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing, unknown
from gvckit.icio.leontief import Leontief
from gvckit.measures.frames import summed
from gvckit.measures.identities import check
from gvckit.measures.kww import kww_terms

__all__ = ["FV", "IV", "KoopmanParts", "WwzSums", "koopman_parts", "wwz_sums"]

Floats = NDArray[np.float64]

IV: Mapping[str, str] = {
    "t3": "KWW T3: domestic value added in intermediates re-exported to third countries",
    "t3-returned": "KWW T3 + T4 + T5: T3 and the domestic value added that returns home",
    "vs1": "VS1: domestic content of other countries' exports, double counting included",
    "wwz-t345": "WWZ T3 + T4 + T5, summed over importers",
    "wwz-t45": "WWZ T4 + T5, summed over importers",
}
"""Definitions of indirect value added in exports."""

FV: Mapping[str, str] = {
    "fva": "KWW T7 + T8: foreign value added in exports, without double counting",
    "fc": "foreign content of exports, double counting included",
    "wwz-fva": "WWZ T11 + T12 + T14 + T15, summed over importers",
}
"""Definitions of foreign value added in exports."""

_BY_SECTOR = {"iv": ("wwz-t345", "wwz-t45"), "fv": ("fc", "wwz-fva")}


@dataclass(frozen=True, slots=True)
class KoopmanParts:
    """IV, FV and exports, each of shape (G,) by country or (G·N,) by exporting sector."""

    iv: Floats
    fv: Floats
    exports: Floats


@dataclass(frozen=True, slots=True)
class WwzSums:
    """Sums over importers of Wang-Wei-Zhu terms, by exporting sector; every array has shape (n,).

    Attributes
    ----------
    T345, T45
        Terms 3 + 4 + 5 and 4 + 5: domestic value added re-exported by the importer.
    FVA
        Terms 11 + 12 + 14 + 15: foreign value added.
    FC
        Terms 11 to 16: foreign content.
    """

    T345: Floats
    T45: Floats
    FVA: Floats
    FC: Floats


def wwz_sums(io: Leontief) -> tuple[WwzSums, dict[str, float]]:
    """Return sums over importers of Wang-Wei-Zhu terms and the identity that they close."""
    return io.once(_sums)


def _sums(io: Leontief) -> tuple[WwzSums, dict[str, float]]:
    """Sums over importers (handbook 2.4).

    T3 + T4 + T5 = VL # Σ_r A_sr [(B y*)_r − B_rr Y_rr] with y*_t = Y_t − Y_ts for t ≠ s, else 0;
    T3 = VL # Σ_r A_sr [(B Yᴰ)_r − B_rs Y_ss − B_rr Y_rr].
    """
    xp, VL, domestic, foreign = io.xp, io.VL, io.VB, io.vB - io.VB

    def shipped(per_exporter: Floats) -> Floats:
        """Return (A_s· q_s) over foreign blocks, for column s of ``per_exporter`` (n, G)."""
        total: Floats = xp.sum(io.shipped_by(per_exporter[:, :, None])[..., 0], axis=1)
        return total

    at_home = io.own(io.BY_D)
    # B y*, y*_t = Y_t − Y_ts for t ≠ s, else 0: all of B y less what ends in s and starts there.
    elsewhere = io.By[:, None] - io.BY - io.BY_F
    T345 = VL * shipped(elsewhere - at_home[:, None])
    T3 = VL * shipped(xp.sum(io.BY_D, axis=1)[:, None] - io.BY_D - at_home[:, None])
    absorbed = io.foreign(io.home)
    T1, T2 = domestic * io.Y_F, VL * io.foreign(at_home)
    vax = io.v * xp.sum(io.exports_of(io.BY), axis=1)
    name = "WWZ T1 + … + T5 = VAX"
    by_country = [io.by_country(x) for x in (T1 + T2 + T345, vax)]
    closed = {name: check(io, name, by_country[0], by_country[1])}
    sums = WwzSums(T345, T345 - T3, foreign * (io.Y_F + absorbed), foreign * io.E)
    return sums, closed


def _check(iv: object, fv: object, by_sector: bool) -> None:
    problems = []
    for role, word, allowed in (("iv", iv, IV), ("fv", fv, FV)):
        fit = _BY_SECTOR[role] if by_sector else tuple(allowed)
        if word is None:
            problems.append(Problem(
                f"{role} is missing: papers define it differently, and the sign can depend on it",
                allowed=listing(fit)))
        elif word not in allowed:
            problems.append(unknown(role, str(word), allowed))
        elif word not in fit:
            problems.append(Problem(
                f"{role}={word!r} is a Koopman-Wang-Wei term: valid for country totals only (at "
                "sector level its domestic terms run forward, its foreign terms backward)",
                allowed=f"by='country', or one of {listing(fit)}"))
    if problems:
        raise DataError(problems)


def koopman_parts(
    io: Leontief, iv: str | None, fv: str | None, *, by_sector: bool = False
) -> tuple[KoopmanParts, dict[str, float]]:
    """Return IV, FV and exports under the named definitions, and the identities closed.

    Raises
    ------
    DataError
        A missing or unknown definition, or one that does not exist by sector.
    """
    _check(iv, fv, by_sector)
    if by_sector:
        sums, closed = wwz_sums(io)
        picked = {"wwz-t345": sums.T345, "wwz-t45": sums.T45, "fc": sums.FC, "wwz-fva": sums.FVA}
        parts = [summed(io, value, ("country", "sector"))
                 for value in (picked[str(iv)], picked[str(fv)], io.E)]
        return KoopmanParts(*parts), closed
    terms, closed = kww_terms(io)
    totals = {"t3": terms.T3, "t3-returned": terms.T3 + terms.T4 + terms.T5, "vs1": terms.VS1,
              "fva": terms.FVA, "fc": terms.FC}
    if iv not in totals or fv not in totals:
        sums, more = wwz_sums(io)
        closed = {**closed, **more}
        for name, values in (("wwz-t345", sums.T345), ("wwz-t45", sums.T45),
                             ("wwz-fva", sums.FVA)):
            totals[name] = io.by_country(values)
    picked_totals = (totals[str(iv)], totals[str(fv)], terms.exports)
    return KoopmanParts(*(io.numpy(value) for value in picked_totals)), closed
