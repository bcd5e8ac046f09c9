"""Put the panel together, derive its variables, choose what one result needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.errors import DataError, Problem
from gvckit.panel.build import build_panel
from gvckit.panel.derive import derive
from gvckit.panel.merge import MergeSpec
from gvckit.panel.samples import apply_sample
from gvckit.run.bundle import Bundle

LIBRARIES = ("numpy", "pandas")
SAMPLE = "__sample__"


def rows(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> pd.DataFrame:
    """Return the rows of the panel: those of their source that ``keep`` and ``drop`` leave."""
    frame = _frame(inputs["source"])
    if not params["choose"]:
        return frame
    chosen = apply_sample(frame, params["choose"], params["unit"], params["time"])
    return frame[chosen.mask.to_numpy()].reset_index(drop=True)


def build(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
          ) -> Bundle:
    """Return the merged panel and the report of every merge."""
    frames = {name: _frame(part) for name, part in dict(inputs.get("sources", {})).items()}
    merges = [
        MergeSpec({name: frames[name] for name in merge["with"]}, tuple(merge["on"]),
                  merge["match"], merge["unmatched"], dict(merge["expect"]))
        for merge in params["merges"]
    ]
    panel = build_panel(inputs["rows"], merges, params["unit"], params["time"],
                        rows_name=params["rows_name"])
    reports = [report.to_dict() for report in panel.reports]
    return Bundle({"frame": panel.frame, "reports": reports})


def variables(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
              ) -> Bundle:
    """Return the panel with its derived variables, and what became missing on the way."""
    frame, notes = derive(inputs["panel"]["frame"], dict(params["variables"]),
                          unit=params["unit"], time=params["time"])
    for name, scale in params["scales"].items():
        frame[name] = frame[name] * scale
    empty = [name for name in params["variables"] if bool(frame[name].isna().all())]
    if empty:
        said = {name: [n for n in notes if n.startswith(f"{name}:")] for name in empty}
        raise DataError([
            Problem(f"variable {name!r} has no value in any row of the panel"
                    + (f" ({'; '.join(said[name])})" if said[name] else ""))
            for name in empty])
    return Bundle({"frame": frame, "notes": list(notes)})


def select(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
           ) -> Bundle:
    """Return the columns that one result needs, with its sample as the column ``__sample__``.

    Every row of the panel stays, because lags look beyond the sample.
    """
    frame: pd.DataFrame = inputs["variables"]["frame"]
    chosen = apply_sample(frame, params["sample"], params["unit"], params["time"])
    keys = [*params["unit"], params["time"]]
    out = frame[[*keys, *(c for c in params["columns"] if c not in keys)]].copy()
    out[SAMPLE] = chosen.mask.to_numpy()
    steps = [{"reason": reason, "rows": count} for reason, count in chosen.steps]
    return Bundle({"frame": out, "steps": steps})


def _frame(part: Any) -> pd.DataFrame:
    found: pd.DataFrame = part if isinstance(part, pd.DataFrame) else (
        part["frame"] if "frame" in part else part["scores"])
    return found
