"""Render a table of estimates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gvckit.models.mechanism import added, equations
from gvckit.models.split import SplitFit
from gvckit.report.layout import regression_table
from gvckit.report.request import TableRequest, dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.written import written


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
) -> Bundle:
    """Return the files of a table of estimates, one LaTeX file a language and one CSV."""
    dictionary = dictionary_from(params["dictionary"])
    table, fits = _columns(params["table"], dict(inputs["fits"]))
    if "adjusted" in inputs:
        table = {**table, "adjusted": inputs["adjusted"]}
    request = TableRequest.from_dict(params["id"], table)
    family = _columns({"columns": list(inputs.get("family") or ())},
                      dict(inputs.get("family") or {}))[1]
    return written([regression_table(request, fits, dictionary, language, family)
                     for language in params["languages"]])


def _columns(table: Mapping[str, Any], fits: Mapping[str, Any]
             ) -> tuple[dict[str, Any], list[Any]]:
    """Return the table with one column for each group of a split model, and its fits.

    The equations of a model's channels stand beside it, and what they add to it is shown.
    """
    columns: list[str] = []
    labels = dict(table.get("labels") or {})
    show = list(table.get("show") or ())
    found: list[Any] = []
    for name in table["columns"]:
        if not isinstance(fits[name], Mapping):
            channels = equations(fits[name])
            columns += [name, *(done.name for done in channels)]
            found += [fits[name], *channels]
            if show:
                show += added(fits[name], channels)
            continue
        for label, done in SplitFit.from_dict(fits[name]).groups:
            column = f"{name}: {label}"
            columns.append(column)
            found.append(replace(done, name=column))
            labels.setdefault(column, {"en": label, "zh": label})
    show = list(dict.fromkeys(show))
    return {**table, "columns": columns, "labels": labels, "show": show}, found
