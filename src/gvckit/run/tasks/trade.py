"""Exports by country and product, and what they say about sophistication."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.errors import DataError, Problem, unknown
from gvckit.run.tasks.parts import frame_of
from gvckit.sophistication.sectors import product_shares


def measure(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
            ) -> pd.DataFrame:
    """Return the keys, the time and one value of a measure of exports."""
    time = params["time"]
    exports = _without(frame_of(inputs["exports"]).rename(columns=dict(params["columns"])),
                       params["without"], params["name"])
    arguments = dict(params["arguments"])
    for role, (argument, column) in params["roles"].items():
        arguments[argument] = _keyed(frame_of(inputs[role]), column, argument, time)
    industry = _industry(inputs, params, exports)
    asked = params["industry"] or {}
    if asked.get("argument") == "column":
        exports = exports.assign(industry=exports["product"].map(industry))
    elif asked.get("argument"):
        arguments[asked["argument"]] = industry
    note = ""
    if params["adjust"] != "none":
        exports, added, note = _added(inputs, params, exports, industry)
        arguments |= added
    module, name = params["function"].split(":")
    done = getattr(importlib.import_module(module), name)(exports, time=time, **arguments)
    frame: pd.DataFrame = getattr(done, params["part"]) if params["part"] else done
    if params["value"] not in frame.columns:
        raise DataError(Problem(
            f"{params['name']}: the measure has no column {params['value']!r} with these "
            "parameters", allowed=", ".join(str(c) for c in frame.columns)))
    keys = list(params["keys"])
    time = time if time in frame.columns else None
    out = frame[[*keys, *([time] if time else []), params["value"]]].copy()
    for key in keys:
        out[key] = out[key].astype(str)
    out = out.rename(columns={params["value"]: params["name"], **dict(params["named"])})
    if time:
        out[time] = out[time].astype("int64")
    out.attrs = {"definition": str(frame.attrs.get("definition", "")) + note}
    return out.reset_index(drop=True)


def _without(exports: pd.DataFrame, countries: list[str], name: str) -> pd.DataFrame:
    if not countries:
        return exports
    known = sorted(set(exports["country"].astype(str)))
    absent = [c for c in countries if c not in known]
    if absent:
        raise DataError([unknown(f"country of without in {name}", c, known) for c in absent])
    stays = ~exports["country"].astype(str).isin(countries).to_numpy()
    return exports[stays].reset_index(drop=True)


def _keyed(frame: pd.DataFrame, value: str, name: str, time: str | None) -> pd.DataFrame:
    keys = [k for k in ("country", "product", time) if k is not None and k in frame]
    return frame[[*keys, value]].rename(columns={value: name}).dropna(subset=[name])


def _industry(inputs: Mapping[str, Any], params: Mapping[str, Any], exports: pd.DataFrame
              ) -> dict[Any, str]:
    """Return product → industry; empty where none is asked for."""
    asked = params["industry"]
    if asked is None:
        return {}
    if asked["column"] is not None:
        pairs, keys = exports, ["product", asked["column"]]
    else:
        pairs, keys = frame_of(inputs["industries"]), asked["keys"]
    pairs = pairs[keys].drop_duplicates().astype(str)
    several = sorted(set(pairs.loc[pairs[keys[0]].duplicated(), keys[0]]))
    if several:
        raise DataError(Problem(f"{params['name']}: products lie in more than one industry: "
                                f"{', '.join(several[:12])}"))
    of = dict(zip(pairs[keys[0]], pairs[keys[1]], strict=True))
    lost = sorted(set(exports["product"].astype(str)) - set(of))
    if lost:
        raise DataError(Problem(f"{params['name']}: {len(lost)} products have no industry: "
                                f"{', '.join(lost[:12])}", allowed="a row in the concordance"))
    return {label: of[str(label)] for label in exports["product"].unique()}


def _added(inputs: Mapping[str, Any], params: Mapping[str, Any], exports: pd.DataFrame,
           industry: dict[Any, str]) -> tuple[pd.DataFrame, dict[str, Any], str]:
    """Return the exports, the argument that has domestic value added, and a note on both."""
    for column in ("dva", "dvar"):
        if column in exports and "tables" not in inputs and "shares" not in inputs:
            return exports, {column: column}, ""
    if "shares" in inputs:
        frame = frame_of(inputs["shares"])
        shares = _keyed(frame, params["shares"], "dvar", params["time"])
        return exports, {"dvar": shares}, ""
    shares = product_shares(inputs["tables"], industry, gaps=params["gaps"], time=params["time"])
    there = exports["country"].astype(str).isin(set(shares["country"])).to_numpy()
    apart = sorted(set(exports.loc[~there, "country"].astype(str)))
    if apart and (params["missing"] == "error" or not there.any()):
        raise DataError(Problem(
            f"{params['name']}: the tables do not have {len(apart)} countries: "
            f"{', '.join(apart[:12])}", allowed="missing: drop, without: [...], or other tables"))
    note = f"; without {len(apart)} countries that the tables do not have" if apart else ""
    return exports[there].reset_index(drop=True), {"dvar": shares}, note
