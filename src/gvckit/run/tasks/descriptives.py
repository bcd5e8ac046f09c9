"""Render a table of descriptive statistics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.report.descriptives import descriptives_table
from gvckit.report.request import dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.select import SAMPLE
from gvckit.run.tasks.written import written


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
  ) -> Bundle:
    """Return the files of a table of descriptive statistics over a sample."""
    frame = inputs["rows"]["frame"]
    frame = frame[frame[SAMPLE].to_numpy()].drop(columns=SAMPLE)
    return written([
        descriptives_table(frame, params["variables"], dictionary_from(params["dictionary"]),
                           language, table_id=params["id"], title=params["title"],
                           stats=params.get("stats"), decimals=params.get("decimals"))
        for language in params["languages"]], params)
