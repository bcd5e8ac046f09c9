"""Render a table of models with placebos."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.models.result import NotEstimated
from gvckit.report.placebo_table import Drawn, placebo_table
from gvckit.report.request import dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.written import written


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
           ) -> Bundle:
    """Return the files of a table that says where true coefficients lie among placebos."""
    rows = []
    for name, asked in zip(params["columns"], params["asked"], strict=True):
        done = inputs["done"][name]
        fit = done["fit"]
        if isinstance(fit, NotEstimated):
            rows.append(Drawn(name, str(fit.model.get("y", "")), (), (), asked, fit.reason))
        else:
            rows.append(Drawn(name, fit.y, done["summary"].to_dict("records"),
                              tuple(done["chosen"]), asked))
    return written([
        placebo_table(rows, dictionary_from(params["dictionary"]), language,
                      table_id=params["id"], title=params["title"], labels=params["labels"],
                      notes=params["notes"], sectors=params["sectors"])
        for language in params["languages"]])
