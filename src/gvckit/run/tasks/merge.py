"""Merge sources to the rows of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.panel.build import build_panel
from gvckit.panel.merge import MergeSpec
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.parts import frame_of


def build(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
          ) -> Bundle:
    """Return the merged panel and the report of every merge."""
    frames = {name: frame_of(part) for name, part in dict(inputs.get("sources", {})).items()}
    merges = [
        MergeSpec({name: frames[name] for name in merge["with"]}, tuple(merge["on"]),
                  merge["match"], merge["unmatched"], dict(merge["expect"]))
        for merge in params["merges"]
    ]
    panel = build_panel(inputs["rows"], merges, params["unit"], params["time"],
                        rows_name=params["rows_name"])
    reports = [report.to_dict() for report in panel.reports]
    return Bundle({"frame": panel.frame, "reports": reports})
