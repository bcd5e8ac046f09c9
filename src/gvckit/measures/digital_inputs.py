"""How much an industry relies on inputs of digital sectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import LEVELS, check_level, choose, level_is_by, ratio, summed, tidy
from gvckit.measures.identities import closed_accounts
from gvckit.measures.sets import chosen_sectors

__all__ = ["COEFFICIENTS", "ORIGINS", "WEIGHTS", "DigitalParts", "digital_inputs"]

Floats = NDArray[np.float64]

ORIGINS: Mapping[str, str] = {
    "all": "of all countries", "domestic": "of the own country", "foreign": "of other countries",
}
"""Whose digital sectors count."""

WEIGHTS = ("output", "exports")
"""What industries weigh at coarser levels."""


@dataclass(frozen=True, slots=True)
class DigitalParts:
    """Per unit of each industry's output; every array has shape (n,).

    Attributes
    ----------
    digital
        Inputs from the digital sectors.
    inputs
        Inputs from all sectors of all countries.
    value_added
        Value added of the digital sectors embodied in the industry's output.
    """

    digital: Floats
    inputs: Floats
    value_added: Floats


def _from(
    io: Leontief, weights: Floats, origin: str, apply: Callable[[Floats], Floats]
) -> Floats:
    """Return Σ_i weights_i M_ij over rows i of the origin, where ``apply`` is x → M'x."""
    if origin == "all":
        return apply(weights)
    at_home = io.own(apply(io.stacked(weights)))
    return at_home if origin == "domestic" else apply(weights) - at_home


def _direct(io: Leontief, x: Floats) -> Floats:
    return io.A.T @ x


def _complete(io: Leontief, x: Floats) -> Floats:
    return io.solve_t(x) - x


COEFFICIENTS: Mapping[str, Callable[[Leontief, Floats], Floats]] = {
    "direct": _direct, "complete": _complete,
}
"""Consumption coefficients: x → A'x, and x → (B − I)'x."""

_WORDS = {"direct": "a_dj", "complete": "(B - I)_dj"}


@level_is_by
def digital_inputs(
    io: IcioTable | Leontief, *, sectors: str | Sequence[str], coefficient: str = "complete",
    origin: str = "all", weight: str = "output", by: str | Sequence[str] = "country-sector",
) -> pd.DataFrame:
    """Return what industries use from digital sectors, per unit of output and as a share.

    For industry j and digital sectors D: coefficient Σ_D a_dj (``direct``) or Σ_D (B − I)_dj
    (``complete``); share of the same sum over all sectors; digital_va_share Σ_D v_d B_dj
    (handbook 5.6).

    Parameters
    ----------
    io
        A table or its Leontief system.
    sectors
        Sector names, or the name of a set (:func:`gvckit.measures.sets.sector_sets`).
    coefficient
        ``direct`` or ``complete``.
    origin
        Whose digital sectors: ``all`` countries, ``domestic`` or ``foreign``.  The denominator of
        ``share`` is inputs of every origin.
    weight
        ``output`` or ``exports``: what an industry counts with at coarser levels.  With
        ``exports``, digital_va_share is the digital value added in exports over exports.
    by
        ``country-sector``, ``country`` or ``world``.

    Returns
    -------
    DataFrame
        Keys country, sector; columns coefficient, share, digital_va_share; missing where there is
        no output (no exports, where they weigh).

    Raises
    ------
    DataError
        Unknown set, sector, coefficient, origin, weight or level; v B = 1 fails by more than 1e-9.
    """
    io = as_leontief(io)
    choose("coefficient", coefficient, COEFFICIENTS)
    choose("origin", origin, ORIGINS)
    choose("weight", weight, WEIGHTS)
    keys = LEVELS[check_level(by)]
    named = chosen_sectors(sectors, io.sectors)
    parts = _parts(io, named, coefficient, origin)
    closed = closed_accounts(io)
    flow = io.X if weight == "output" else io.E
    digital, inputs, value, output = (
        summed(io, x, keys)
        for x in (parts.digital * flow, parts.inputs * flow, parts.value_added * flow, flow))
    columns = {"coefficient": ratio(digital, output), "share": ratio(digital, inputs),
               "digital_va_share": ratio(value, output)}
    return tidy(
        io, columns, keys, ratios=list(columns),
        definition=f"{coefficient} consumption of digital inputs: sum of {_WORDS[coefficient]} "
                   f"over sectors {', '.join(named)} {ORIGINS[origin]}; share of the same sum over "
                   "all sectors; digital_va_share: value added of these sectors in output; coarser "
                   f"levels weighted by {weight}",
        unit="share", identities=closed)


def _parts(io: Leontief, named: Sequence[str], coefficient: str, origin: str) -> DigitalParts:
    is_digital = np.isin(np.asarray(io.sectors), np.asarray(named))
    marked = io.backend.asarray(is_digital.astype(np.float64)[io.sector_of_row])
    through = COEFFICIENTS[coefficient]
    return DigitalParts(
        digital=_from(io, marked, origin, lambda x: through(io, x)),
        inputs=through(io, io.backend.asarray(np.ones(io.n))),
        value_added=_from(io, io.v * marked, origin, io.solve_t))
