"""Exports by country and product, and what they say about sophistication."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.errors import DataError, Problem
from gvckit.run.tasks.parts import frame_of


def measure(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
            ) -> pd.DataFrame:
    """Return the keys, the time and one value of a measure of exports."""
    exports = frame_of(inputs["exports"]).rename(columns=dict(params["rename"]))
    time = params["time"]
    arguments = dict(params["arguments"])
    if "income" in inputs:
        arguments["income"] = _income(frame_of(inputs["income"]), params["income"], time)
    if arguments.get("adjust", "none") != "none":
        arguments["dva"] = "dva"
        if "dva" not in exports.columns:
            raise DataError(Problem(f"{params['name']}: adjust needs domestic value added, which "
                                    "only tables give", allowed="icio: a data entry with tables"))
    module, name = params["function"].split(":")
    done = getattr(importlib.import_module(module), name)(exports, time=time, **arguments)
    frame: pd.DataFrame = getattr(done, params["part"]) if params["part"] else done
    if params["value"] not in frame.columns:
        raise DataError(Problem(
            f"{params['name']}: the measure has no column {params['value']!r} with these "
            "parameters", allowed=", ".join(str(c) for c in frame.columns)))
    keys = list(params["keys"])
    out = frame[[*keys, *([time] if time else []), params["value"]]].copy()
    for key in keys:
        out[key] = out[key].astype(str)
    out = out.rename(columns={params["value"]: params["name"], **dict(params["named"])})
    if time:
        out[time] = out[time].astype("int64")
    out.attrs = {"definition": str(frame.attrs.get("definition", ""))}
    return out.reset_index(drop=True)


def _income(frame: pd.DataFrame, value: str, time: str | None) -> pd.DataFrame:
    keys = ["country", *([time] if time else [])]
    return frame[[*keys, value]].rename(columns={value: "income"}).dropna(subset=["income"])
