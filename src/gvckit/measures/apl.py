"""Average propagation lengths (Dietzenbacher, Romero and Bosma 2005)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import (
    by_country_sector,
    check_level,
    choose,
    level_is_by,
    ratio,
    summed,
    tidy,
)
from gvckit.measures.identities import closed_accounts

__all__ = ["APL_LEVELS", "apl", "pairwise_apl"]

Floats = NDArray[np.float64]

APL_LEVELS: Mapping[str, tuple[str, ...]] = {
    "country-sector": ("country", "sector"), "country": ("country",), "world": (),
    "country-pair": ("country", "partner"),
    "pairwise": ("country", "sector", "partner", "partner_sector"),
}
"""Keys of each level."""


def pairwise_apl(io: Leontief) -> Floats:
    """Return H_ij / (B − I)_ij with H = B(B − I), shape (n, n); NaN where nothing flows.

    Takes the whole inverse: 2 n³ multiplications more than a factorisation.
    """
    through = io.B - io.xp.eye(io.n, dtype=io.xp.float64)
    # B(B − I) = (B − I) + (B − I)²: the second form adds small numbers to small numbers.
    steps, indirect = io.numpy(through @ through), io.numpy(through)
    steps = steps + indirect
    # Below this, what a solve leaves in an empty cell.
    floor = 1e-15 * np.abs(indirect).max()
    out = np.full(indirect.shape, np.nan)
    np.divide(steps, indirect, out=out, where=np.abs(indirect) > floor)
    out[io.zero] = out[:, io.zero] = np.nan
    return out


@level_is_by
def apl(
    io: IcioTable | Leontief, *, direction: str = "forward",
    by: str | Sequence[str] = "country-sector",
) -> pd.DataFrame:
    """Return average propagation lengths: the stages between a producer and a user.

    Of a pair, H_ij / (B − I)_ij with H = B(B − I): the mean number of rounds in which an impulse
    at j reaches i.  Coarser levels are ratios of sums of V̂HŶ over V̂(B − I)Ŷ: pairs weigh by
    the value added of i that reaches final output of j through other industries.  So at
    ``country-sector`` forward it is (OU − 1) / (1 − F/X), and backward (ID − 1) / (1 − VA/X).

    Parameters
    ----------
    io
        A table or its Leontief system.
    direction
        ``forward`` (from the producer to all users) or ``backward`` (from all producers to the
        user).  Pairs have no direction.
    by
        ``country-sector``, ``country``, ``world``; ``country-pair``; ``pairwise`` (n² rows, and
        the whole inverse: 2 n² numbers in memory).

    Returns
    -------
    DataFrame
        Column apl with keys country, sector, or those of the producer and partner,
        partner_sector of the user; missing where nothing flows.

    Raises
    ------
    DataError
        Unknown direction or level; an identity that fails by more than 1e-9.
    """
    io = as_leontief(io)
    choose("direction", direction, ("forward", "backward"))
    level = check_level(by, APL_LEVELS)
    closed = closed_accounts(io)
    words = {"forward": "from the producer to all users", "backward":
             "from all producers to the user"}[direction]
    if level in ("country-pair", "pairwise"):
        if direction != "forward":
            raise DataError(Problem(f"pairs have no direction {direction!r}",
                                    allowed="direction='forward', or another level"))
        words = "from country (and sector) to partner (and its sector)"
    definition = (f"average propagation length {words} (Dietzenbacher-Romero-Bosma 2005): "
                  "B(B - I) over B - I; coarser levels weighted by value added that reaches final "
                  "output through other industries")
    if level == "pairwise":
        pairs = pairwise_apl(io) if io.n == io.G * io.N else _pairs_of_wholes(io)
        return _pairs(io, pairs, APL_LEVELS[level], definition, closed)
    if level == "country-pair":
        indirect = io.BY_D + io.BY_F - io.stacked(io.y)
        steps, links = (io.numpy(io.by_country(io.v[:, None] * x))
                        for x in (io.solve(indirect), indirect))
        pairs = ratio(steps, links, np.broadcast_to(links.sum(axis=1)[:, None], links.shape))
        return _pairs(io, pairs, APL_LEVELS[level], definition, closed)
    steps, links, size = _forward(io) if direction == "forward" else _backward(io)
    keys = APL_LEVELS[level]
    steps, links, size = (summed(io, x, keys) for x in (steps, links, size))
    return tidy(io, {"apl": ratio(steps, links, size)}, keys, ratios=["apl"],
                definition=definition, unit="stages", identities=closed)


def _forward(io: Leontief) -> tuple[Floats, Floats, Floats]:
    """Row sums of V̂HŶ and V̂(B − I)Ŷ, and what the second is small against."""
    size, indirect = io.xp.abs, io.X - io.y
    return io.v * io.solve(indirect), io.v * indirect, size(io.v) * (io.X + size(io.y))


def _backward(io: Leontief) -> tuple[Floats, Floats, Floats]:
    """Column sums of the same matrices."""
    size, vB = io.xp.abs, io.vB
    indirect = vB - io.v
    return io.solve_t(indirect) * io.y, indirect * io.y, size(io.y) * (vB + size(io.v))


def _pairs_of_wholes(io: Leontief) -> Floats:
    """Return pairs where countries come in parts: sums of V̂HŶ over sums of V̂(B − I)Ŷ."""
    indirect, added, sold = io.numpy(io.B) - np.eye(io.n), io.numpy(io.v), io.numpy(io.y)
    steps, links = (
        _by_pair(io, added[:, None] * x * sold) for x in (indirect @ indirect + indirect, indirect))
    # As of single producers: what a solve leaves in an empty cell.
    v, y = (by_country_sector(io, np.abs(x)).ravel() for x in (added, sold))
    return ratio(steps, links, 0.01 * np.abs(indirect).max() * np.outer(v, y))


def _by_pair(io: Leontief, cells: Floats) -> Floats:
    """Return an (n, n) matrix summed to pairs of producers, shape (G N, G N)."""
    rows = by_country_sector(io, cells).reshape(io.G * io.N, io.n)
    return by_country_sector(io, rows.T).reshape(io.G * io.N, io.G * io.N).T


def _pairs(
    io: Leontief, values: Floats, keys: tuple[str, ...], definition: str,
    identities: Mapping[str, float],
) -> pd.DataFrame:
    names = {"country": io.countries, "partner": io.countries,
             "sector": io.sectors, "partner_sector": io.sectors}
    sizes = [len(names[key]) for key in keys]
    codes = np.unravel_index(np.arange(values.size), sizes)
    frame = pd.DataFrame({
        key: pd.Categorical.from_codes(codes[axis], categories=pd.Index(names[key]))
        for axis, key in enumerate(keys)})
    frame["apl"] = values.ravel()
    frame.attrs = {"definition": definition, "unit": "stages", "identities": dict(identities)}
    return frame
