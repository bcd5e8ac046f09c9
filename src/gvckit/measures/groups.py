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
