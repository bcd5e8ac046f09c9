"""Aggregation of results, after the solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from gvckit.errors import DataError, Problem, listing
from gvckit.icio.partition import check_groups

__all__ = ["aggregate_results"]

Groups = Mapping[str, Sequence[str]]

_COUNTRY_KEYS = ("country", "exporter", "importer", "origin", "producer", "destination")
_SECTOR_KEYS = ("sector", "origin_sector")


def aggregate_results(
    frame: pd.DataFrame, *, countries: Groups | None = None, sectors: Groups | None = None,
) -> pd.DataFrame:
    """Return a result with members of groups added up *after* the solution.

    Every member keeps its own technology.  Flows among members stay in: a group as one exporter is
    ``borin_mancini(exporters=...)``, a coarser table :func:`gvckit.aggregate_table`.

    Parameters
    ----------
    frame
        A result of any measure in levels (ratios do not add up: take their parts).
    countries, sectors
        Members by name of the group; everything else stays as it is.

    Returns
    -------
    DataFrame
        The same columns, groups in place of their members at the first member's position.

    Raises
    ------
    DataError
        Unknown or repeated members; a frame without such a key; columns that are ratios.
    """
    ratios = [name for name in frame.attrs.get("ratios", ()) if name in frame.columns]
    problems = []
    if ratios:
        problems.append(Problem(
            f"ratios do not add up: {listing(ratios)}",
            allowed="columns in levels; or the measure at a coarser level"))
    keys = [key for key in frame.columns if isinstance(frame[key].dtype, pd.CategoricalDtype)]
    out = frame.copy()
    for groups, known, kind in ((countries or {}, _COUNTRY_KEYS, "country"),
                                (sectors or {}, _SECTOR_KEYS, "sector")):
        here = [key for key in keys if key in known]
        if groups and not here:
            problems.append(Problem(f"the result has no {kind} key", allowed=listing(known)))
        for key in here:
            names = [str(name) for name in frame[key].cat.categories]
            if groups:
                check_groups(groups, names, kind=kind)
            of = {name: group for group, own in groups.items() for name in own}
            out[key] = pd.Categorical(
                [of.get(name, name) for name in frame[key].astype(str)],
                categories=list(dict.fromkeys(of.get(name, name) for name in names)))
    if problems:
        raise DataError(problems)
    total = out.groupby(keys, observed=True, sort=True).sum().reset_index()
    total.attrs = dict(frame.attrs)
    return total
