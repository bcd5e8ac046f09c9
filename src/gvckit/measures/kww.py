"""Gross exports of a country in nine terms (Koopman, Wang and Wei 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import FLOW_LEVELS, check_level, level_is_by, tidy
from gvckit.measures.identities import check
from gvckit.measures.satellite import leontief_of

__all__ = ["KwwTerms", "kww", "kww_terms"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KwwTerms:
    """The nine terms and their neighbours; every array has shape (G,).

    Attributes
    ----------
    exports
        Gross exports.
    T1, T2, T3
        Domestic value added absorbed abroad: in final goods, in intermediates used by the direct
        importer, in intermediates re-exported to third countries.
    T4, T5, T6
        Domestic value added that returns in final and in intermediate imports; pure domestic
        double counting.
    T7, T8, T9
        Foreign value added in final goods and in intermediates; pure foreign double counting.
    VS1
        Domestic content of other countries' exports.
    """

    exports: Floats
    T1: Floats
    T2: Floats
    T3: Floats
    T4: Floats
    T5: Floats
    T6: Floats
    T7: Floats
    T8: Floats
    T9: Floats
    VS1: Floats

    @property
    def FC(self) -> Floats:  # noqa: N802 - the field's own symbol
        """Foreign content of exports, double counting included."""
        return self.T7 + self.T8 + self.T9

    @property
    def FVA(self) -> Floats:  # noqa: N802
        """Foreign value added in exports, without double counting."""
        return self.T7 + self.T8


def kww_terms(io: Leontief) -> tuple[KwwTerms, dict[str, float]]:
    """Return the nine terms, by direct formulas (handbook 2.3), and the identities they close."""
    return io.once(_nine)


def _nine(io: Leontief) -> tuple[KwwTerms, dict[str, float]]:
    """Every v_s B_sr is a part of v_s B, which all measures share."""
    xp, total = io.xp, io.by_country

    def held(right: Floats) -> Floats:
        """Return v_s B_s· right[:, s] for each country s, shape (G,)."""
        value: Floats = xp.sum(io.by_origin * right, axis=0)
        return value

    foreign = io.vB - io.VB
    each = io.exports_of(io.shipped(xp.stack([io.home, io.outward], axis=1)))
    at_home = total(io.VB * io.Y_D)
    third_final = io.exports_of(io.Y_F[:, None] - io.Y)
    terms = KwwTerms(
        exports=total(io.E),
        T1=total(io.VB * io.Y_F),
        T2=held(io.Y_D[:, None]) - at_home,
        T3=held(third_final),
        T4=held(io.Y) - at_home,
        T5=held(each[..., 0]),
        T6=held(each[..., 1]),
        T7=total(foreign * io.Y_F),
        T8=total(foreign * xp.sum(each[..., 0], axis=1)),
        T9=total(foreign * xp.sum(each[..., 1], axis=1)),
        VS1=held(io.E[:, None]) - total(io.VB * io.E),
    )
    domestic_value = terms.T1 + terms.T2 + terms.T3 + terms.T4 + terms.T5
    absorbed_abroad = total(io.v * xp.sum(io.exports_of(io.BY), axis=1))
    plain = io.account == "value added"
    sides = {
        f"T1 + … + T9 = {'exports' if plain else f'{io.account} in exports'}": (
            domestic_value + terms.T6 + terms.FC,
            terms.exports if plain else total(io.vB * io.E)),
        "T1 + … + T5 = v L E": (domestic_value, total(io.VL * io.E)),
        "T1 + T2 + T3 = VAX": (terms.T1 + terms.T2 + terms.T3, absorbed_abroad),
    }
    return terms, {name: check(io, name, *pair) for name, pair in sides.items()}


@level_is_by
def kww(
    io: IcioTable | Leontief, *, by: str | Sequence[str] = "country", satellite: Any = None,
) -> pd.DataFrame:
    """Return gross exports of each country in nine terms.

    Koopman, Wang and Wei (2014, American Economic Review 104(2)).  Valid for country totals only:
    terms 1–6 follow value added forward, 7–9 backward.

    Parameters
    ----------
    io
        A table or its Leontief system.
    by
        ``country`` or ``world``.
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`):
        terms then add up to the account embodied in exports.

    Returns
    -------
    DataFrame
        Key exporter; columns exports, T1 … T9 in the table's unit.

    Raises
    ------
    DataError
        Any other level; an identity that fails by more than 1e-9.
    """
    io = leontief_of(io, satellite)
    level = check_level(by, FLOW_LEVELS)
    if level not in ("country", "world"):
        raise DataError(Problem(
            f"Koopman, Wang and Wei's terms have no level {level!r}: by sector or partner, terms "
            "1-6 run forward and terms 7-9 backward, and they do not add up to exports",
            allowed="country or world; or wwz_to_kww(wwz(...)), cells of Wang-Wei-Zhu under "
                    "these names"))
    terms, closed = kww_terms(io)
    values = {name: io.numpy(getattr(terms, name))
              for name in ("exports", *(f"T{k}" for k in range(1, 10)))}
    if level == "world":
        values = {name: value.sum(keepdims=True) for name, value in values.items()}
    return tidy(
        io, values, FLOW_LEVELS[level],
        definition=f"gross exports in nine terms (Koopman-Wang-Wei 2014), counting {io.account}: "
                   "T1-T3 domestic value added absorbed abroad, T4-T5 returned, T6 domestic "
                   "double counting, T7-T8 foreign value added, T9 foreign double counting",
        unit=io.table.unit, identities=closed)
