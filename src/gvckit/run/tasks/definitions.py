"""Render a table that defines variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.report.descriptives import definitions_table
from gvckit.report.request import dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.written import written


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
 ) -> Bundle:
    """Return the files of a table that defines variables and names their sources."""
    return written([
        definitions_table(params["variables"], dictionary_from(params["dictionary"]), language,
                          table_id=params["id"], title=params["title"])
        for language in params["languages"]], params)
