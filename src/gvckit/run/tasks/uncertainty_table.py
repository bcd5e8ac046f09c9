"""Render a table of models over the variants of an index."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.models.result import NotEstimated
from gvckit.report.request import dictionary_from
from gvckit.report.uncertainty_table import Uncertain, uncertainty_table
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.written import written


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
           ) -> Bundle:
    """Return the files of a table of coefficients over the variants of an index."""
    done = dict(inputs["done"])
    rows = []
    for name, varied in zip(params["columns"], params["vary"], strict=True):
        fit = done[name]["fit"]
        reason = fit.reason if isinstance(fit, NotEstimated) else None
        y = str(fit.model.get("y", "")) if isinstance(fit, NotEstimated) else fit.y
        summary = [] if reason is not None else done[name]["summary"].to_dict("records")
        rows.append(Uncertain(name, y, summary, tuple(varied["vary"]), reason))
    return written([
        uncertainty_table(rows, dictionary_from(params["dictionary"]), language,
                          table_id=params["id"], title=params["title"], labels=params["labels"],
                          decimals=params.get("decimals", 3))
        for language in params["languages"]], params)
