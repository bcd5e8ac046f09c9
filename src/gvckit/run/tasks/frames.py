"""Read a data file into a frame of keys and numbers."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.errors import DataError, InFile, Problem, SpecError, unknown
from gvckit.panel.derive import derive
from gvckit.run.bundle import Bundle
from gvckit.sources.frames import read_frame
from gvckit.sources.readers.entry import FrameEntry


def read(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> Bundle:
    """Return the frame of a file and the report of how it was read."""
    done = read_frame(files["file"], FrameEntry.from_mapping(params))
    frame, notes = _derived(done.frame, params)
    if params.get("years") is not None:
        frame = _during(frame, params["years"], done.report.source)
    report = {**done.report.to_dict(), "rows_kept": len(frame), **notes}
    return Bundle({"frame": frame, "report": report})


def _derived(frame: pd.DataFrame, params: Mapping[str, Any]
             ) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Return the frame with the values that are made of those read, and what became missing."""
    given = params.get("derive") or {}
    if not given:
        return frame, {}
    types = params.get("types") or {}
    years = [k for k in params["keys"] if types.get(k, k) == "year"]
    time = years[0] if years else None
    unit = [key for key in params["keys"] if key != time]
    try:
        found, notes = derive(frame, given, unit=unit, time=time)
    except (SpecError, DataError) as error:
        raise DataError([replace(p, at=("derive", *p.at[:1])) for p in error.problems]) from None
    empty = [name for name in given if bool(found[name].isna().all())]
    if empty:
        raise DataError([Problem(
            f"{name!r} has no value in any row" + "".join(
                f" ({note})" for note in notes if note.startswith(f"{name}:")),
            at=("derive", name)) for name in empty])
    return found, {"derived": list(notes)} if notes else {}


def _during(frame: pd.DataFrame, years: Sequence[int], file: str) -> pd.DataFrame:
    first, last = min(years), max(years)
    if "year" not in frame.columns:
        raise DataError(Problem("years are chosen, and no key is named year", InFile(file),
                                at=("years",)))
    chosen = frame[frame["year"].between(first, last).to_numpy()].reset_index(drop=True)
    if chosen.empty:
        raise DataError(Problem(
            f"it has no rows of {first}-{last}", InFile(file), at=("years",),
            allowed=f"years from {frame['year'].min()} to {frame['year'].max()}"))
    return chosen


def made(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> Bundle:
    """Return the frame of a source that is computed rather than read."""
    module, name = params["function"].split(":")
    frame = getattr(importlib.import_module(module), name)(**params["arguments"])
    absent = [unknown(f"column of {params['source']}", column, map(str, frame.columns),
                      at=(part, new))
              for part in ("keys", "take") for new, column in params[part].items()
              if column not in frame.columns]
    if absent:
        raise DataError(absent)
    columns = {**params["keys"], **params["take"]}
    frame = frame[list(columns.values())]
    frame, notes = _derived(frame.set_axis(list(columns), axis=1), params)
    report = {"source": params["source"], "rows_read": len(frame), "rows_kept": len(frame),
              "aliases": {}, "dropped": {}, "merged": 0,
              "missing": {name: int(frame[name].isna().sum()) for name in params["take"]}, **notes}
    return Bundle({"frame": frame, "report": report})
