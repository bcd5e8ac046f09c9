"""Position in global value chains: production lengths, or indirect against foreign value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gvckit.errors import DataError, Problem
from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import LEVELS, check_level, choose, ratio, summed, tidy
from gvckit.measures.koopman import FV, IV, koopman_parts
from gvckit.measures.lengths import count_output
from gvckit.measures.production import split_production

__all__ = ["DEFINITIONS", "position"]

DEFINITIONS: Mapping[str, str] = {
    "wwyz": "forward over backward length of value chains (Wang-Wei-Yu-Zhu 2017b)",
    "koopman": "ln(1 + IV/E) - ln(1 + FV/E) (Koopman et al. 2010)",
}
"""Definitions of position."""


def position(
    io: IcioTable | Leontief, *, definition: str = "wwyz", iv: str | None = None,
    fv: str | None = None, by: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the position in global value chains; higher is more upstream, not better.

    ``wwyz``: forward length of value-chain activity over its backward length (Wang, Wei, Yu and
    Zhu 2017, NBER 23261).  ``koopman``: ln(1 + IV/E) − ln(1 + FV/E) (Koopman, Powers, Wang and
    Wei 2010, NBER 16426).

    Parameters
    ----------
    io
        A table or its Leontief system.
    definition
        ``wwyz`` or ``koopman``.
    iv, fv
        For ``koopman``, which term is indirect and which is foreign value; neither has a default
        (:data:`gvckit.measures.koopman.IV`, :data:`~gvckit.measures.koopman.FV`).
    by
        ``country-sector`` (default of wwyz), ``country`` (default of koopman) or ``world``.
        Koopman by sector exists for iv ``wwz-…`` with fv ``wwz-fva`` or ``fc``.

    Returns
    -------
    DataFrame
        Keys country, sector; columns position and forward, backward (wwyz) or iv, fv, exports
        (koopman); missing where there is no value-chain activity, or are no exports.

    Raises
    ------
    DataError
        Unknown definition or level; iv or fv missing, unknown, or not defined at the level; an
        identity that fails by more than 1e-9.
    """
    io = as_leontief(io)
    choose("definition of position", definition, DEFINITIONS)
    if definition == "koopman":
        return _koopman(io, iv, fv, check_level("country" if by is None else by))
    if iv is not None or fv is not None:
        raise DataError(Problem("iv and fv belong to definition='koopman', not to 'wwyz'"))
    return _wwyz(io, check_level("country-sector" if by is None else by))


def _wwyz(io: Leontief, level: str) -> pd.DataFrame:
    keys = LEVELS[level]
    lengths, closed = {}, {}
    for direction in ("forward", "backward"):
        value, first = split_production(io, direction)
        output, second = count_output(io, direction)
        stages = output.S_dom + output.S_intl + output.C_dom + output.C_intl
        lengths[direction] = ratio(summed(io, stages, keys), summed(io, value.GVC, keys),
                                   summed(io, value.total, keys))
        closed.update({f"{name} ({direction})": gap for name, gap in {**first, **second}.items()})
    columns = {"position": lengths["forward"] / lengths["backward"], **lengths}
    return tidy(
        io, columns, keys, ratios=list(columns),
        definition="GVC position (Wang-Wei-Yu-Zhu 2017b): forward over backward production length "
                   "of value-chain activity; above 1 is relatively upstream",
        unit="ratio", identities=closed)


def _koopman(io: Leontief, iv: str | None, fv: str | None, level: str) -> pd.DataFrame:
    keys = LEVELS[level]
    parts, closed = koopman_parts(io, iv, fv, by_sector=level == "country-sector")
    values = {name: getattr(parts, name) for name in ("iv", "fv", "exports")}
    if level == "world":
        values = {name: np.array([value.sum()]) for name, value in values.items()}
    index = (np.log1p(ratio(values["iv"], values["exports"]))
             - np.log1p(ratio(values["fv"], values["exports"])))
    return tidy(
        io, {"position": index, **values}, keys, ratios=["position"],
        definition="GVC position (Koopman et al. 2010): ln(1 + IV/E) - ln(1 + FV/E); "
                   f"IV is {IV[str(iv)]}; FV is {FV[str(fv)]}",
        unit="log points", identities=closed)
