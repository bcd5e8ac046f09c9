"""How industries hang on digital suppliers and on digital users; whose digital value they hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.digital_inputs import ORIGINS, WEIGHTS
from gvckit.measures.frames import (
    LEVELS,
    by_country_sector,
    check_level,
    choose,
    level_is_by,
    ratio,
    summed,
    tidy,
)
from gvckit.measures.identities import check, closed_accounts
from gvckit.measures.sets import chosen_sectors

__all__ = ["digital_linkages", "digital_value_origin", "supplier_use"]

Floats = NDArray[np.float64]


@level_is_by
def digital_linkages(
    io: IcioTable | Leontief, *, sectors: str | Sequence[str],
    by: str | Sequence[str] = "country-sector",
) -> pd.DataFrame:
    """Return the backward and the forward linkage of industries with digital sectors D.

    backward = Σ_{d∈D} (B − I)_dj / Σ_i (B − I)_ij, the digital share of all that stands behind
    industry j; forward = Σ_{d∈D} (G − I)_id / Σ_k (G − I)_ik with the Ghosh inverse
    G = diag(X)⁻¹ B diag(X), the digital share of all uses ahead of industry i.  Rasmussen's column
    sums and their Ghosh twin, cut to D.

    Parameters
    ----------
    io
        A table or its Leontief system.
    sectors
        Sector names, or the name of a set.
    by
        ``country-sector``, ``country`` or ``world``; coarser levels weigh by output.

    Returns
    -------
    DataFrame
        Keys country, sector; columns backward, forward (shares), missing where there is no output
        or nothing behind or ahead.

    Raises
    ------
    DataError
        Unknown set, sector or level.
    """
    io = as_leontief(io)
    keys = LEVELS[check_level(by)]
    named = chosen_sectors(sectors, io.sectors)
    xp = io.xp
    both = xp.stack([_marked(io, named), io.backend.asarray(np.ones(io.n))], axis=1)
    behind = (io.solve_t(both) - both) * io.X[:, None]
    # X_i (G − I)_id summed over d is ((B − I) diag(X) 1_D)_i.
    ahead = io.solve(io.X[:, None] * both) - io.X[:, None] * both
    name = "sum of B X - X from both sides"
    closed = closed_accounts(io) | {name: check(io, name, xp.sum(behind[:, 1], keepdims=True),
                          xp.sum(ahead[:, 1], keepdims=True))}
    sums = [summed(io, x, keys) for x in (behind[:, 0], behind[:, 1], ahead[:, 0], ahead[:, 1])]
    columns = {"backward": ratio(sums[0], sums[1]), "forward": ratio(sums[2], sums[3])}
    return tidy(
        io, columns, keys, ratios=list(columns), unit="share", identities=closed,
        definition="digital linkages: backward, the share of sectors "
                   f"{', '.join(named)} in all inputs behind output (Leontief); forward, their "
                   "share in all uses ahead of output (Ghosh); coarser levels weighted by output")


@level_is_by
def digital_value_origin(
    io: IcioTable | Leontief, *, sectors: str | Sequence[str], use: str = "exports",
    by: str | Sequence[str] = "country-sector",
) -> pd.DataFrame:
    """Return the digital value added in exports, final output or output, by country of origin.

    value_{o,j} = Σ_{d∈D of o} v_d B_dj f_j with f exports, final sales or gross output.

    Parameters
    ----------
    io
        A table or its Leontief system.
    sectors
        Sector names, or the name of a set.
    use
        ``exports``, ``final`` or ``output``.
    by
        ``country-sector`` or ``country`` of the user.

    Returns
    -------
    DataFrame
        Keys origin, country[, sector]; columns value (unit of the table) and share, of the use's
        total, missing where there is none.

    Raises
    ------
    DataError
        Unknown set, sector, use or level.
    """
    io = as_leontief(io)
    choose("use", use, ("exports", "final", "output"))
    level = check_level(by)
    choose("level", level, ("country-sector", "country"))
    marked = _marked(io, chosen_sectors(sectors, io.sectors)) * io.v
    per_unit = io.solve_t(io.stacked(marked))
    flow = {"exports": io.E, "final": io.y, "output": io.X}[use]
    value = io.numpy(per_unit * flow[:, None])
    everywhere = io.solve_t(marked) * flow
    name = "origins sum to the whole"
    closed = closed_accounts(io) | {name: check(io, name, value.sum(axis=1), everywhere)}
    cells = by_country_sector(io, value)
    if level == "country":
        cells = cells.sum(axis=1, keepdims=True)
    keys = {"origin": io.countries, "country": io.countries, "sector": io.sectors}
    names = {key: keys[key] for key in ("origin", *LEVELS[level])}
    codes = np.unravel_index(np.arange(cells.size), [len(own) for own in names.values()])
    data: dict[str, object] = {
        key: pd.Categorical.from_codes(code, categories=pd.Index(own))
        for (key, own), code in zip(names.items(), codes, strict=True)}
    amount = cells.transpose(2, 0, 1).ravel()
    total = np.tile(np.asarray(summed(io, flow, LEVELS[level])), io.G)
    out = pd.DataFrame(data | {"value": amount, "share": ratio(amount, total)})
    out.attrs = {"definition": f"value added of digital sectors in {use}, by country of origin; "
                               "share of the whole use",
                 "unit": io.table.unit, "identities": closed, "ratios": ["share"]}
    return out


@level_is_by
def supplier_use(
    io: IcioTable | Leontief, *, coefficient: str = "complete", origin: str = "all",
    of: str = "share", weight: str = "output", by: str | Sequence[str] = "country-sector",
) -> pd.DataFrame:
    """Return what industries use of each supplier sector, one column a sector.

    The sum over a set of sectors is the column ``of`` of :func:`digital_inputs` for that set: what
    placebo tests with random sets of suppliers start from
    (:func:`gvckit.measures.digital_placebo.supplier_draws`).

    Parameters
    ----------
    io
        A table or its Leontief system.
    coefficient
        ``direct`` (a_ij) or ``complete`` ((B − I)_ij).
    origin
        Whose suppliers: ``all`` countries, ``domestic`` or ``foreign``.
    of
        ``share`` of the inputs of every origin, ``coefficient`` per unit of output, or
        ``digital_va_share``: value added of the supplier in output, v_i B_ij.
    weight, by
        As in :func:`gvckit.measures.digital_inputs.digital_inputs`.

    Returns
    -------
    DataFrame
        Keys country, sector; a column for each supplier sector.

    Raises
    ------
    DataError
        Unknown coefficient, origin, column, weight or level; v B = 1 fails by more than 1e-9.
    """
    io = as_leontief(io)
    choose("coefficient", coefficient, ("direct", "complete"))
    choose("origin", origin, ORIGINS)
    choose("column", of, ("share", "coefficient", "digital_va_share"))
    choose("weight", weight, WEIGHTS)
    keys = LEVELS[check_level(by)]
    suppliers = io.backend.asarray(np.eye(io.N)[io.sector_of_row])
    if of == "digital_va_share":
        suppliers = suppliers * io.v[:, None]
        used = _used(io, suppliers, "content", origin)
    else:
        used = _used(io, suppliers, coefficient, origin)
    ones = io.backend.asarray(np.ones(io.n))
    inputs = io.A.T @ ones if coefficient == "direct" else io.solve_t(ones) - ones
    flow = io.X if weight == "output" else io.E
    whole = summed(io, (inputs if of == "share" else ones) * flow, keys)
    names = io.sectors
    columns = {name: ratio(summed(io, used[:, k] * flow, keys), whole)
               for k, name in enumerate(names)}
    words = {"share": f"share of each supplier sector {ORIGINS[origin]} in {coefficient} inputs",
             "coefficient": f"{coefficient} use of each supplier sector {ORIGINS[origin]} per unit "
                            "of output",
             "digital_va_share": f"value added of each supplier sector {ORIGINS[origin]} in output"}
    closed = closed_accounts(io)
    return tidy(io, columns, keys, ratios=list(columns), unit="share", identities=closed,
                definition=words[of])


def _used(io: Leontief, suppliers: Floats, through: str, origin: str) -> Floats:
    """Return M'S for M = A, B − I or B, shape (n, N), over suppliers of the origin."""
    everywhere, home = suppliers * 0.0, suppliers * 0.0
    less = suppliers if through == "complete" else suppliers * 0.0
    if origin != "domestic":
        everywhere = (io.A.T @ suppliers if through == "direct"
                      else io.solve_t(suppliers) - less)
    if origin != "all":
        blocks = io.A_blocks if through == "direct" else io.B_blocks
        home = io.by_block([own.T for own in blocks], suppliers) - less
    return home if origin == "domestic" else everywhere - home


def _marked(io: Leontief, named: Sequence[str]) -> Floats:
    chosen = np.isin(np.asarray(io.sectors), np.asarray(named)).astype(np.float64)
    marked: Floats = io.backend.asarray(chosen[io.sector_of_row])
    return marked

