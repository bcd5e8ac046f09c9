"""Render tables, weights, descriptive statistics and the report card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.report.cells import TableLayout
from gvckit.report.registry import file_name, write
from gvckit.report.request import TableRequest, dictionary_from
from gvckit.run.bundle import Bundle

LIBRARIES = ("numpy", "pandas")


def regression(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
               ) -> Bundle:
    """Return the files of a table of estimates, one LaTeX file a language and one CSV."""
    from gvckit.report.layout import regression_table

    request = TableRequest.from_dict(params["id"], params["table"])
    dictionary = dictionary_from(params["dictionary"])
    fits = [dict(inputs["fits"])[name] for name in request.columns]
    return _written([regression_table(request, fits, dictionary, language)
                     for language in params["languages"]])


def descriptives(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
                 ) -> Bundle:
    """Return the files of a table of descriptive statistics over a sample."""
    from gvckit.report.descriptives import descriptives_table
    from gvckit.run.tasks.panels import SAMPLE

    frame = inputs["rows"]["frame"]
    frame = frame[frame[SAMPLE].to_numpy()].drop(columns=SAMPLE)
    return _written([
        descriptives_table(frame, params["variables"], dictionary_from(params["dictionary"]),
                           language, table_id=params["id"], title=params["title"])
        for language in params["languages"]])


def weights(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
            ) -> Bundle:
    """Return the files of a table of an index's weights."""
    from gvckit.report.weights_table import weights_table

    return _written([
        weights_table(inputs["index"]["weights"], dictionary_from(params["dictionary"]), language,
                      table_id=params["id"], title=params["title"])
        for language in params["languages"]])


def definitions(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
                ) -> Bundle:
    """Return the files of a table that defines variables and names their sources."""
    from gvckit.report.descriptives import definitions_table

    return _written([
        definitions_table(params["variables"], dictionary_from(params["dictionary"]), language,
                          table_id=params["id"], title=params["title"])
        for language in params["languages"]])


def card(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> Bundle:
    """Return the report card's files and the targets with status must that were missed."""
    from gvckit.report.card import Target, report_card, values_of_fit

    fits = dict(inputs["fits"])
    targets = [Target.from_dict(name, entry["published"])
               for name, entry in params["targets"].items()]
    values = {name: values_of_fit(fits[entry["model"]], entry["term"])
              for name, entry in params["targets"].items()}
    done = report_card(targets, values)
    missed = [f"{check.key} {check.quantity}" for check in done.failures]
    return Bundle({"files": Bundle(dict(done.files())), "missed": missed,
                   "counts": dict(done.counts)})


def panel_report(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
                 ) -> Bundle:
    """Return how the panel came about: files read, merges, what derivations made missing."""
    import json

    report = {
        "sources": {name: part["report"] for name, part in dict(inputs["sources"]).items()},
        "merges": inputs["panel"]["reports"],
        "variables": inputs["variables"]["notes"],
    }
    text = json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return Bundle({"files": Bundle({"panel-report.json": text})})


def _written(layouts: list[TableLayout]) -> Bundle:
    """Return a LaTeX file for each layout (one a language) and the CSV of the first."""
    made: dict[str, Any] = {}
    for place, layout in enumerate(layouts):
        language = "en" if place == 0 else layout.language
        made[f"tables/{file_name(layout.id, 'latex', language)}"] = write(layout, "latex")
    made[f"tables/{file_name(layouts[0].id, 'csv')}"] = write(layouts[0], "csv")
    return Bundle({"files": Bundle(made)})
