"""Read one year's table and compute every measure that is asked of it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.icio.leontief import Leontief
from gvckit.icio.partition import check_groups
from gvckit.measures.groups import beside, of_country
from gvckit.measures.satellite import leontief_of
from gvckit.run.bundle import Bundle
from gvckit.run.tasks import tables
from gvckit.run.tasks.account import read_account

__all__ = ["group_views", "one_year", "with_groups"]

Groups = Mapping[str, Sequence[str]]


def one_year(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> Bundle:
    """Return the frame of each measure of ``params["measures"]`` by its name, and ``notes``.

    Notes say, measure by measure, what the numbers are and how well they add up.  Each group of
    ``params["groups"]`` is one more country: in a system of its own, in which it alone is merged.
    """
    system = Leontief(tables.read(inputs, files, params))
    if "account" in files:
        account = read_account(files["account"], int(params["year"]))
        system = leontief_of(system, pd.Series(account.values, name=account.name))
    views = group_views(system, params)
    frames = {one["name"]: with_groups(
        partial(_measured, one=one), _function(one), system, views, params)
        for one in params["measures"]}
    notes = {name: dict(frame.attrs) for name, frame in frames.items()}
    return Bundle({**frames, "notes": notes})


def group_views(system: Leontief, params: Mapping[str, Any]) -> dict[str, Leontief]:
    """Return a system of each group of ``params["groups"]``, in which it alone is merged.

    Raises
    ------
    DataError
        Unknown or repeated members, a group with a country's name.
    """
    groups: Groups = params.get("groups") or {}
    check_groups(groups, system.countries, overlap=True, beside=True)
    return {name: system.joined({name: members}) for name, members in groups.items()}


def with_groups(
    measured: Callable[..., pd.DataFrame], function: Callable[..., pd.DataFrame],
    system: Leontief, views: Mapping[str, Leontief], params: Mapping[str, Any],
) -> pd.DataFrame:
    """Return a measure of every country, and of each group as one more country.

    Parameters
    ----------
    measured
        The measure of a system, given it and ``flows``: further arguments of ``function``.
    function
        The measure's own function.
    system, views
        The table's system, and what :func:`group_views` returns of it.
    params
        Those of the step: ``groups``, ``partners``, ``sectors``.
    """
    others = {name: of_country(measured(view, flows={
        **_of_flows(params, params["groups"][name]), **_only_exporter(function, name)}), name)
        for name, view in views.items()}
    return beside(measured(system, flows=_of_flows(params, ())), others)


def _of_flows(params: Mapping[str, Any], members: Sequence[str]) -> dict[str, Groups]:
    """Return groups of importers and sectors, without importers that are the exporter itself."""
    partners = {name: [c for c in own if c not in members]
                for name, own in params.get("partners", {}).items()}
    found = {"partners": {name: own for name, own in partners.items() if own},
             "sectors": params.get("sectors", {})}
    return {name: groups for name, groups in found.items() if groups}


def _only_exporter(measure: Callable[..., pd.DataFrame], exporter: str) -> dict[str, list[str]]:
    """Return the request of one exporter, where the measure solves exporter by exporter."""
    takes = "exporters" in inspect.signature(measure).parameters
    return {"exporters": [exporter]} if takes and measure.__name__ != "borin_mancini" else {}


def _function(one: Mapping[str, Any]) -> Callable[..., pd.DataFrame]:
    module, name = one["function"].split(":")
    function: Callable[..., pd.DataFrame] = getattr(importlib.import_module(module), name)
    return function


def _measured(system: Leontief, one: Mapping[str, Any], flows: Mapping[str, Any]
              ) -> pd.DataFrame:
    measure = _function(one)
    # A measure with a single level takes none.
    named = [word for word in ("by", "level") if word in inspect.signature(measure).parameters]
    level = {named[0]: one["level"]} if named else {}
    frame = measure(system, **level, **{**one["arguments"], **flows})
    keys = list(one["keys"])
    if "country" in keys and "country" not in frame.columns:
        attrs = frame.attrs
        frame = frame.rename(columns={"exporter": "country", "producer": "country"})
        frame.attrs = attrs
    return frame
