"""Compute one measure of one table, and stack the years."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.errors import DataError, Problem
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.satellite import leontief_of
from gvckit.run.tasks.measured import group_views, with_groups

_LAST: list[tuple[str, Leontief]] = []


def one_year(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> pd.DataFrame:
    """Return the keys, the time and one value of a measure, named as the spec names it."""
    module, name = params["function"].split(":")
    measure = getattr(importlib.import_module(module), name)
    system = system_of(inputs["table"])
    if "account" in params:
        system = _counting(system, inputs["satellite"]["frame"], params)
    try:
        views = group_views(system, params)
    except DataError as error:
        raise error.under("groups") from None
    frame = with_groups(
        lambda view, flows: measure(view, by=params["level"], **{**params["arguments"], **flows}),
        measure, system, views, params)
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


def _counting(system: Leontief, frame: pd.DataFrame, params: Mapping[str, Any]) -> Leontief:
    """Return the system that counts the account of the year."""
    year = params["year"]
    if params["account"]["timed"]:
        frame = frame[(frame[params["time"]] == year).to_numpy()]
        if frame.empty:
            raise DataError(Problem(f"the satellite account has no row of {year}",
                                    at=("satellite",)))
    try:
        return leontief_of(system, _account(frame, system, params["account"]))
    except DataError as error:
        raise DataError([replace(p, what=f"{year}: {p.what}", at=("satellite",))
                         for p in error.problems]) from None


def _account(frame: pd.DataFrame, system: Leontief, rule: Mapping[str, Any]) -> pd.Series:
    """Return the account of every industry of the table."""
    account: pd.Series = frame.set_index(["country", "sector"])[rule["value"]]
    if rule["absent"] == "zero":
        values = {(c, s): 0.0 for c in system.table.countries for s in system.table.sectors}
        known = frame.dropna(subset=[rule["value"]])
        values.update(zip(zip(known["country"], known["sector"], strict=True),
                          known[rule["value"]], strict=True))
        account = pd.Series(values, name=account.name)
    return account


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
