"""Render a specification curve as a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.report.curve_table import curve_table
from gvckit.report.request import dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.written import written


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
           ) -> Bundle:
    """Return the files of the table, and every specification as a csv."""
    curve = inputs["curve"]
    done = written([
        curve_table(curve, dictionary_from(params["dictionary"]), language,
                    table_id=params["id"], title=params["title"], notes=params["notes"],
                    decimals=params["decimals"])
        for language in params["languages"]])
    rows = curve.to_csv(index=False, float_format="%.10g", lineterminator="\n").encode()
    made = dict(done["files"]) | {f"tables/{params['id']}.specifications.csv": rows}
    return Bundle({"files": Bundle(made)})
