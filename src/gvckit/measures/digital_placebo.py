"""Random sets of suppliers in the place of the digital ones: is an effect specific to them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing, nearest, unknown
from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.digital_inputs import digital_inputs
from gvckit.measures.digital_linkages import supplier_use
from gvckit.measures.frames import LEVELS, check_level, level_is_by
from gvckit.measures.sets import chosen_sectors

__all__ = ["DRAWS", "SupplierDraws", "digital_placebo", "placebo_sets", "supplier_draws"]

Floats = NDArray[np.float64]

DRAWS = 200
AMONG = ("others", "all")
COLUMNS = ("coefficient", "share", "digital_va_share")


@dataclass(frozen=True, slots=True)
class SupplierDraws:
    """What industries use of random sets of suppliers.

    Attributes
    ----------
    choices
        One row a draw, (V, 1): ``sectors``, the names of the set joined by a blank.
    scores
        Shape (V, rows): the use of each set; NaN where an industry belongs to the set and own
        sectors are left out.
    keys
        The keys of the rows, (rows, …).
    baseline
        Shape (rows,): the use of the set that the draws stand in for.
    chosen
        That set.
    sets
        The V sets, in the order of ``scores``.
    """

    choices: pd.DataFrame
    scores: Floats
    keys: pd.DataFrame
    baseline: Floats
    chosen: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]


def placebo_sets(
    sectors: Sequence[str], chosen: Sequence[str], *, draws: int = DRAWS, seed: int = 0,
    exclude: Sequence[str] = (), among: str = "others",
) -> tuple[tuple[str, ...], ...]:
    """Return random sets of as many sectors as ``chosen``.

    Parameters
    ----------
    sectors
        All supplier sectors, in table order.
    chosen
        The set that the draws stand in for.
    among
        ``others``: no sector of ``chosen`` is drawn, which shows what other suppliers do; sets of
        few candidates overlap much, so a rank among them is a description and no exact test.
        ``all``: any set but ``chosen`` itself, so that under exchangeable suppliers the rank of
        the true set is uniform.
    draws
        Number of sets, all different; where there are no more than this, all of them, in table
        order.
    seed
        Seed of the draws: the same seed, sectors and set give the same draws in every year.
    exclude
        Further sectors that are never drawn.

    Raises
    ------
    DataError
        With everything wrong: unknown sectors, no draws, fewer candidates than the set has sectors.
    """
    problems = [Problem(f"the table has no sector {word!r}", allowed=listing(sectors),
                        nearest=nearest(str(word), sectors))
                for word in (*chosen, *exclude) if word not in sectors]
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        problems.append(Problem(f"draws is {draws!r}", allowed="a whole number from 1"))
    if among not in AMONG:
        problems.append(unknown("among", str(among), AMONG))
    true = tuple(s for s in sectors if s in chosen)
    out = set(exclude) if among == "all" else {*chosen, *exclude}
    pool = [s for s in sectors if s not in out or (among == "all" and s in true)]
    size = len(tuple(chosen))
    if not problems and len(pool) <= size - (among == "others"):
        problems.append(Problem(
            f"{len(pool)} sectors are left to draw {size} from: {listing(pool)}",
            allowed="a set of at most half of the sectors, or fewer excluded"))
    if problems:
        raise DataError(problems)
    every = comb(len(pool), size) - (among == "all")
    if every <= draws:
        return tuple(each for each in combinations(pool, size) if each != true)
    rng = np.random.default_rng(seed)
    found: dict[tuple[str, ...], None] = {}
    while len(found) < draws:
        places = np.sort(rng.choice(len(pool), size, replace=False))
        each = tuple(pool[i] for i in places)
        if each != true:
            found[each] = None
    return tuple(found)


def supplier_draws(
    use: pd.DataFrame, sectors: Sequence[str], *, draws: int = DRAWS, seed: int = 0,
    exclude: Sequence[str] = (), among: str = "others", own: str = "keep",
    keys: Sequence[str] | None = None,
) -> SupplierDraws:
    """Return what industries use of random sets of suppliers, as large as ``sectors``.

    The complete coefficients come from one factorisation a table: a draw only adds up columns.

    Parameters
    ----------
    use
        From :func:`supplier_use`, the years below each other with a column of years: the key
        columns, and one column a supplier.
    sectors, draws, seed, exclude, among
        As in :func:`placebo_sets`.
    own
        ``keep``, or ``drop``: an industry has no value in draws that hold its own sector.
    keys
        The key columns; those of country, sector, year that ``use`` has where not given.

    Raises
    ------
    DataError
        As :func:`placebo_sets`; no key columns, or ``own`` without a key ``sector``.
    """
    if own not in ("keep", "drop"):
        raise DataError(Problem(f"unknown own {own!r}", allowed="keep, drop"))
    key_names = [k for k in ("country", "sector", "year") if k in use] if keys is None else list(
        keys)
    absent = [k for k in (*key_names, *(["sector"] if own == "drop" else [])) if k not in use]
    if absent or not key_names:
        raise DataError(Problem(f"the use of suppliers has no key {listing(absent)}",
                                allowed=listing(map(str, use.columns))))
    suppliers = [str(c) for c in use.columns if c not in key_names]
    sets = placebo_sets(suppliers, tuple(sectors), draws=draws, seed=seed, exclude=exclude,
                        among=among)
    values = use[suppliers].to_numpy(dtype=np.float64)
    place = {name: i for i, name in enumerate(suppliers)}
    scores = np.stack([_summed(values, [place[s] for s in each]) for each in sets])
    if own == "drop":
        users = use["sector"].astype(str).to_numpy()
        for i, each in enumerate(sets):
            scores[i, np.isin(users, np.asarray(each))] = np.nan
    return SupplierDraws(
        pd.DataFrame({"sectors": [" ".join(each) for each in sets]}), scores,
        use[key_names].reset_index(drop=True),
        _summed(values, [place[s] for s in sectors]), tuple(sectors), sets)


def _summed(values: Floats, places: Sequence[int]) -> Floats:
    total: Floats = values[:, list(places)].sum(axis=1)
    return total


@level_is_by
def digital_placebo(
    io: IcioTable | Leontief, *, sectors: str | Sequence[str], draws: int = DRAWS, seed: int = 0,
    exclude: Sequence[str] = (), among: str = "others", coefficient: str = "complete",
    origin: str = "all", weight: str = "output", by: str | Sequence[str] = "country-sector",
) -> pd.DataFrame:
    """Return :func:`digital_inputs` of the digital set and of random sets of as many suppliers.

    Parameters
    ----------
    io
        A table or its Leontief system.
    sectors, coefficient, origin, weight, by
        As in :func:`gvckit.measures.digital_inputs.digital_inputs`.
    draws, seed, exclude, among
        As in :func:`placebo_sets`.

    Returns
    -------
    DataFrame
        Keys draw, country, sector; columns coefficient, share, digital_va_share.  Draw 0 is the
        digital set; ``attrs["sets"]`` lists the sectors of each draw.

    Raises
    ------
    DataError
        As ``digital_inputs`` and ``placebo_sets``.
    """
    io = as_leontief(io)
    named = chosen_sectors(sectors, io.sectors)
    # The keys of the result name its level too.
    level = check_level(by if isinstance(by, str) else [key for key in by if key != "draw"])
    keys = list(LEVELS[level])
    whole = digital_inputs(io, sectors=named, coefficient=coefficient, origin=origin,
                           weight=weight, by=level)
    sets = placebo_sets(io.sectors, named, draws=draws, seed=seed, exclude=exclude, among=among)
    apart = (*(named if among == "others" else ()), *exclude)
    place = {name: i for i, name in enumerate(io.sectors)}
    parts: dict[str, Floats] = {}
    for column in COLUMNS:
        use = supplier_use(io, coefficient=coefficient, origin=origin, of=column, weight=weight,
                           by=level)[list(io.sectors)].to_numpy()
        parts[column] = np.concatenate([
            whole[column].to_numpy(),
            *(_summed(use, [place[s] for s in each]) for each in sets)])
    out = pd.concat([whole[keys]] * (len(sets) + 1), ignore_index=True) if keys else (
        pd.DataFrame(index=range(len(sets) + 1)))
    out.insert(0, "draw", np.repeat(np.arange(len(sets) + 1), len(whole)))
    for column in COLUMNS:
        out[column] = parts[column]
    out.attrs = {
        "definition": f"{whole.attrs['definition']}; draw 0: these sectors, the others: random "
                      "sets of as many sectors"
                      + (f" without {', '.join(apart)}" if apart else ""),
        "unit": "share", "identities": whole.attrs["identities"], "ratios": list(COLUMNS),
        "sets": [list(named), *(list(each) for each in sets)]}
    return out
