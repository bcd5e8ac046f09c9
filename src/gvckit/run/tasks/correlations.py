"""Render a matrix of correlations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.report.descriptives import correlation_table
from gvckit.report.request import dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.select import SAMPLE
from gvckit.run.tasks.written import written


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
  ) -> Bundle:
    """Return the files of a matrix of correlations over a sample."""
    frame = inputs["rows"]["frame"]
    frame = frame[frame[SAMPLE].to_numpy()].drop(columns=SAMPLE)
    decimals = {"decimals": params["decimals"]} if "decimals" in params else {}
    return written([
        correlation_table(frame, params["variables"], dictionary_from(params["dictionary"]),
                          language, table_id=params["id"], title=params["title"], **decimals)
        for language in params["languages"]], params)
