"""Read a data file into a frame of keys and numbers."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.errors import DataError, InFile, Problem, unknown
from gvckit.run.bundle import Bundle
from gvckit.sources.frames import read_frame
from gvckit.sources.readers.entry import FrameEntry


def read(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> Bundle:
    """Return the frame of a file and the report of how it was read."""
    entry = {key: value for key, value in params.items() if key != "years"}
    done = read_frame(files["file"], FrameEntry.from_mapping(entry))
    frame = done.frame
    if params.get("years") is not None:
        frame = _during(frame, params["years"], done.report.source)
    report = {**done.report.to_dict(), "rows_kept": len(frame)}
    return Bundle({"frame": frame, "report": report})


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
    frame.columns = list(columns)
    report = {"source": params["source"], "rows_read": len(frame), "rows_kept": len(frame),
              "aliases": {}, "dropped": {}, "merged": 0,
              "missing": {name: int(frame[name].isna().sum()) for name in params["take"]}}
    return Bundle({"frame": frame, "report": report})
