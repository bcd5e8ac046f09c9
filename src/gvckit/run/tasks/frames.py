"""Read a data file into a frame of keys and numbers."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.run.bundle import Bundle
from gvckit.sources.frames import read_frame
from gvckit.sources.readers.entry import FrameEntry


def read(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> Bundle:
    """Return the frame of a file and the report of how it was read."""
    done = read_frame(files["file"], FrameEntry.from_mapping(params))
    return Bundle({"frame": done.frame, "report": done.report.to_dict()})


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
