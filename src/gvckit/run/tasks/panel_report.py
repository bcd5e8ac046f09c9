"""Tell how the panel came about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.run.bundle import Bundle


def write(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
  ) -> Bundle:
    """Return how the panel came about: files read, merges, what derivations made missing."""
    report = {
        "sources": {name: part["report"] for name, part in dict(inputs["sources"]).items()},
        "tables": _audits(inputs),
        "merges": inputs["panel"]["reports"],
        "variables": inputs["variables"]["notes"],
    }
    text = json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return Bundle({"files": Bundle({"panel-report.json": text})})


def _audits(inputs: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return source → year → audit entries, years without any left out."""
    found: dict[str, dict[str, Any]] = {}
    for name, entries in dict(inputs.get("audits", {})).items():
        source, year = name.rsplit(".", 1)
        if entries:
            found.setdefault(source, {})[year] = entries
    return found
