"""Render a table of what the data of indices support."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.indices.coverage import coverage
from gvckit.report.coverage_table import Covered, coverage_table
from gvckit.report.request import dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.parts import frame_of
from gvckit.run.tasks.written import written


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
           ) -> Bundle:
    """Return the files of a table of coverage."""
    parts = dict(inputs["parts"])
    covered = [Covered(entry["name"], _coverage(parts[entry["name"]], entry), entry["directions"],
                       entry["tree"], entry["note"]) for entry in params["of"]]
    return written([
        coverage_table(covered, dictionary_from(params["dictionary"]), language,
                       table_id=params["id"], title=params["title"])
        for language in params["languages"]], params)


def _coverage(part: Any, entry: Mapping[str, Any]) -> pd.DataFrame:
    if entry["tree"]:
        found: pd.DataFrame = part["coverage"]
        return found
    return coverage(frame_of(part), entry["columns"], entry["unit"], entry["time"])
