"""Groups of importers and sectors in a result: rows of members added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from gvckit.icio.leontief import Leontief

__all__ = ["grouped_rows", "of_exporters"]

Groups = Mapping[str, Sequence[str]]


def of_exporters(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the rows of these exporters."""
    out: pd.DataFrame = frame[frame["exporter"].isin(list(names))].reset_index(drop=True)
    out.attrs = dict(frame.attrs)
    return out


def grouped_rows(
    frame: pd.DataFrame, io: Leontief, partners: Groups, sectors: Groups, keys: tuple[str, ...]
) -> pd.DataFrame:
    """Return the frame with each group in its members' place, at the first member's position."""
    if not partners and not sectors:
        return frame
    out = frame.copy()
    for key, groups, names in (("importer", partners, io.countries),
                               ("sector", sectors, io.sectors)):
        if not groups:
            continue
        of = {name: group for group, own in groups.items() for name in own}
        order = list(dict.fromkeys(of.get(name, name) for name in names))
        labels = [of.get(name, name) for name in out[key].astype(str)]
        out[key] = pd.Categorical(labels, categories=order)
    total = out.groupby(list(keys), observed=True, sort=True).sum().reset_index()
    total.attrs = dict(frame.attrs)
    return total


def of_country(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows whose reporting country is ``name``.

    That is the country that sells; of imports and of final demand, the one that buys; of value
    added without either, the one that adds it.
    """
    key = next(key for key in _REPORTERS if key in frame.columns)
    out: pd.DataFrame = frame[frame[key] == name].reset_index(drop=True)
    out.attrs = dict(frame.attrs)
    return out


_REPORTERS = ("exporter", "country", "producer", "importer", "origin", "destination")


def beside(frame: pd.DataFrame, groups: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a result with the rows of groups below it; identities are the worst of all."""
    if not groups:
        return frame
    frames = [frame, *groups.values()]
    keys = [key for key in frame.columns if isinstance(frame[key].dtype, pd.CategoricalDtype)]
    names = {}
    for key in keys:
        more = [str(name) for one in groups.values()
                for name in one[key].cat.remove_unused_categories().cat.categories]
        names[key] = list(dict.fromkeys([*map(str, frame[key].cat.categories), *more]))
    out = pd.concat([one.astype({key: pd.CategoricalDtype(names[key]) for key in keys})
                     for one in frames], ignore_index=True)
    worst: dict[str, float] = {}
    for one in frames:
        for name, gap in one.attrs["identities"].items():
            worst[name] = max(gap, worst.get(name, 0.0))
    out.attrs = frame.attrs | {"identities": worst}
    return out
