"""Position in global value chains: lengths, ends of chains, or indirect against foreign value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gvckit.errors import DataError, Problem
from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import LEVELS, check_level, choose, level_is_by, ratio, summed, tidy
from gvckit.measures.koopman import FV, IV, koopman_parts
from gvckit.measures.lengths import count_output, lengths
from gvckit.measures.production import split_production
from gvckit.measures.upstreamness import upstreamness

__all__ = ["DEFINITIONS", "position"]

DEFINITIONS: Mapping[str, str] = {
    "wwyz": "forward over backward length of value chains (Wang-Wei-Yu-Zhu 2017b)",
    "koopman": "ln(1 + IV/E) - ln(1 + FV/E) (Koopman et al. 2010)",
    "ou-id": "output upstreamness over input downstreamness (Miller-Temurshoev 2017)",
    "u-d": "upstreamness minus downstreamness (Antras-Chor 2018)",
}
"""Definitions of position."""


@level_is_by
def position(
    io: IcioTable | Leontief, *, definition: str = "wwyz", iv: str | None = None,
    fv: str | None = None, inventories: str | None = None,
    inventory: str | Sequence[str] | None = None, by: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the position in global value chains; higher is more upstream, not better.

    ``wwyz``: forward length of value-chain activity over its backward length (Wang, Wei, Yu and
    Zhu 2017, NBER 23261).  ``koopman``: ln(1 + IV/E) − ln(1 + FV/E) (Koopman, Powers, Wang and
    Wei 2010, NBER 16426).  ``ou-id``: mean length of all sales chains over that of all purchase
    chains, of lengths PL forward and backward.  ``u-d``: upstreamness minus downstreamness, both
    weighted by output at coarser levels; zero in the world.

    Parameters
    ----------
    io
        A table or its Leontief system.
    definition
        ``wwyz``, ``koopman``, ``ou-id`` or ``u-d``.
    iv, fv
        For ``koopman``, which term is indirect and which is foreign value; neither has a default
        (:data:`gvckit.measures.koopman.IV`, :data:`~gvckit.measures.koopman.FV`).
    inventories, inventory
        For ``u-d``, as in :func:`gvckit.measures.upstreamness.upstreamness` (default: net).
    by
        ``country-sector`` (default), ``country`` (default of koopman) or ``world``.
        Koopman by sector exists for iv ``wwz-…`` with fv ``wwz-fva`` or ``fc``.

    Returns
    -------
    DataFrame
        Keys country, sector; columns position and forward, backward (wwyz, ou-id, u-d) or iv, fv,
        exports (koopman); missing where there is no value-chain activity, or are no exports.

    Raises
    ------
    DataError
        Unknown definition or level; iv or fv missing, unknown, or not defined at the level; an
        identity that fails by more than 1e-9.
    """
    io = as_leontief(io)
    choose("definition of position", definition, DEFINITIONS)
    _check_belongs(definition, "koopman", {"iv": iv, "fv": fv}, "iv and fv belong")
    _check_belongs(definition, "u-d", {"inventories": inventories, "inventory": inventory},
                   "inventories and inventory belong")
    if definition == "koopman":
        return _koopman(io, iv, fv, check_level("country" if by is None else by))
    level = check_level("country-sector" if by is None else by)
    if definition == "ou-id":
        return _ou_id(io, level)
    if definition == "u-d":
        return _u_d(io, inventories or "net", inventory, level)
    return _wwyz(io, level)


def _check_belongs(definition: str, owner: str, given: Mapping[str, object], words: str) -> None:
    if definition != owner and any(value is not None for value in given.values()):
        raise DataError(Problem(f"{words} to definition={owner!r}, not to {definition!r}"))


def _wwyz(io: Leontief, level: str) -> pd.DataFrame:
    keys = LEVELS[level]
    found, closed = {}, {}
    for direction in ("forward", "backward"):
        value, first = split_production(io, direction)
        output, second = count_output(io, direction)
        stages = output.S_dom + output.S_intl + output.C_dom + output.C_intl
        found[direction] = ratio(summed(io, stages, keys), summed(io, value.GVC, keys),
                                 summed(io, value.total, keys))
        closed.update({f"{name} ({direction})": gap for name, gap in {**first, **second}.items()})
    columns = {"position": found["forward"] / found["backward"], **found}
    return tidy(
        io, columns, keys, ratios=list(columns),
        definition="GVC position (Wang-Wei-Yu-Zhu 2017b): forward over backward production length "
                   "of value-chain activity; above 1 is relatively upstream",
        unit="ratio", identities=closed)


def _ou_id(io: Leontief, level: str) -> pd.DataFrame:
    forward, backward = (lengths(io, direction=d, by=level) for d in ("forward", "backward"))
    ends = {"forward": forward["PL"].to_numpy(), "backward": backward["PL"].to_numpy()}
    columns = {"position": ends["forward"] / ends["backward"], **ends}
    return tidy(
        io, columns, LEVELS[level], ratios=list(columns),
        definition="OU / ID: output upstreamness (forward, row sums of the Ghosh inverse; coarser "
                   "levels weighted by value added) over input downstreamness (backward, column "
                   "sums of the Leontief inverse; weighted by final output); above 1 is "
                   "relatively upstream",
        unit="ratio", identities={
            f"{name} ({frame})": gap for frame, found in
            (("forward", forward), ("backward", backward))
            for name, gap in found.attrs["identities"].items()})


def _u_d(
    io: Leontief, inventories: str, inventory: str | Sequence[str] | None, level: str
) -> pd.DataFrame:
    found = upstreamness(io, inventories=inventories, inventory=inventory, by=level)
    U, D = found["U"].to_numpy(), found["D"].to_numpy()
    return tidy(
        io, {"position": U - D, "forward": U, "backward": D}, LEVELS[level],
        ratios=["position", "forward", "backward"],
        definition=f"U - D: upstreamness (forward) minus downstreamness (backward); above 0 is "
                   f"relatively upstream. {found.attrs['definition']}",
        unit="stages", identities=found.attrs["identities"])


def _koopman(io: Leontief, iv: str | None, fv: str | None, level: str) -> pd.DataFrame:
    keys = LEVELS[level]
    parts, closed = koopman_parts(io, iv, fv, by_sector=level == "country-sector")
    values = {name: getattr(parts, name) for name in ("iv", "fv", "exports")}
    if level == "world":
        values = {name: np.array([value.sum()]) for name, value in values.items()}
    with np.errstate(invalid="ignore"):  # a ratio below -1, of negative exports, has no position
        index = (np.log1p(ratio(values["iv"], values["exports"]))
                 - np.log1p(ratio(values["fv"], values["exports"])))
    return tidy(
        io, {"position": index, **values}, keys, ratios=["position"],
        definition="GVC position (Koopman et al. 2010): ln(1 + IV/E) - ln(1 + FV/E); "
                   f"IV is {IV[str(iv)]}; FV is {FV[str(fv)]}",
        unit="log points", identities=closed)
