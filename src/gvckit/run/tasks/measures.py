"""Compute one measure of one table, and stack the years."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.errors import DataError, Problem
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable

_LAST: list[tuple[str, Leontief]] = []


def one_year(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> pd.DataFrame:
    """Return the keys, the time and one value of a measure, named as the spec names it."""
    module, name = params["function"].split(":")
    measure = getattr(importlib.import_module(module), name)
    system = system_of(inputs["table"])
    frame = measure(system, by=params["level"], **params["arguments"])
    keys, value = list(params["keys"]), params["value"]
    if value not in frame.columns:
        raise DataError(Problem(
            f"{params['name']}: the measure has no column {value!r} with these parameters",
            allowed=", ".join(str(c) for c in frame.columns if c not in keys), at=("value",)))
    roles = ("country", "exporter", "producer")
    wanted = next((key for key in keys if key in roles), None)
    if wanted is not None and wanted not in frame.columns:
        frame = frame.rename(columns=dict.fromkeys(roles, wanted))
    out: pd.DataFrame = frame[[*keys, value]].rename(columns={value: params["name"]})
    for key in keys:
        out[key] = out[key].astype(str)
    out.insert(len(keys), params["time"], params["year"])
    out.attrs = {"definition": str(frame.attrs.get("definition", ""))}
    return out


def stack(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
          ) -> pd.DataFrame:
    """Return the years of a measure, one below the other."""
    years = list(inputs["years"])
    out: pd.DataFrame = pd.concat(years, ignore_index=True)
    out.attrs = dict(years[0].attrs)
    return out


def system_of(table: IcioTable) -> Leontief:
    """Return the table's Leontief system; the last one is kept, steps of a year come together."""
    if not _LAST or _LAST[0][0] != table.hash:
        _LAST[:] = [(table.hash, Leontief(table))]
    return _LAST[0][1]
