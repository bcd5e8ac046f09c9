"""Render a table of an index's weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.report.request import dictionary_from
from gvckit.report.weights_table import weights_table
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.written import written


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
            ) -> Bundle:
    """Return the files of a table of an index's weights."""
    decimals = {"decimals": params["decimals"]} if "decimals" in params else {}
    audit = inputs["index"]["audit"]
    # An only child needs no judgement, and two cannot contradict each other.
    judged = audit[(audit["item"] == "consistency ratio").to_numpy() & (audit["count"] > 2)]
    consistency = {str(r.node): float(str(r.note).split(",")[0]) for r in judged.itertuples()}
    return written([
        weights_table(inputs["index"]["weights"], dictionary_from(params["dictionary"]), language,
                      table_id=params["id"], title=params["title"], consistency=consistency,
                      **decimals)
        for language in params["languages"]], params)
