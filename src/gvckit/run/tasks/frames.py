"""Read a data file into a frame of keys and numbers."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.errors import DataError, Problem
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
        first, last = min(params["years"]), max(params["years"])
        if "year" not in frame.columns:
            raise DataError(Problem("years are chosen, and no key is named year"))
        frame = frame[frame["year"].between(first, last).to_numpy()].reset_index(drop=True)
        if frame.empty:
            raise DataError(Problem(f"{done.report.source} has no rows of {first}-{last}"))
    report = {**done.report.to_dict(), "rows_kept": len(frame)}
    return Bundle({"frame": frame, "report": report})


def made(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> Bundle:
    """Return the frame of a source that is computed rather than read."""
    module, name = params["function"].split(":")
    frame = getattr(importlib.import_module(module), name)(**params["arguments"])
    columns = {**params["keys"], **params["take"]}
    frame = frame[list(columns.values())]
    frame.columns = list(columns)
    report = {"source": params["source"], "rows_read": len(frame), "rows_kept": len(frame),
              "aliases": {}, "dropped": {}, "merged": 0,
              "missing": {name: int(frame[name].isna().sum()) for name in params["take"]}}
    return Bundle({"frame": frame, "report": report})
