"""Render a table of estimates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gvckit.models.mechanism import added, equations
from gvckit.models.result import Fit, NotEstimated
from gvckit.models.split import SplitFit
from gvckit.report.layout import regression_table
from gvckit.report.request import GroupInfo, TableRequest, dictionary_from, local_text
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.written import written


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
) -> Bundle:
    """Return the files of a table of estimates, one LaTeX file a language and one CSV."""
    dictionary = dictionary_from(params["dictionary"])
    table, fits = _columns(params["table"], dict(inputs["fits"]), dict(inputs.get("imputed", {})))
    if "adjusted" in inputs:
        table["adjusted"] = inputs["adjusted"]
    request = TableRequest.from_dict(params["id"], table)
    beside = dict(inputs.get("family") or {})
    family = _columns({"columns": list(beside)}, beside, {})[1]
    return written([regression_table(request, fits, dictionary, language, family)
                    for language in params["languages"]])


def _columns(table: Mapping[str, Any], fits: Mapping[str, Any], imputed: Mapping[str, Any]
             ) -> tuple[dict[str, Any], list[Any]]:
    """Return the table with one column for each group of a split model, and its fits.

    The equations of a model's channels stand beside it, and what they add to it is shown.
    """
    columns: list[str] = []
    groups: dict[str, GroupInfo] = {}
    counted: dict[str, Any] = {}
    samples = dict(table.get("samples") or {})
    show = list(table.get("show") or ())
    found: list[Any] = []
    for name in table["columns"]:
        shares = {one["group"]: one for one in imputed.get(name, ())}
        if not isinstance(fits[name], Mapping):
            channels = equations(fits[name])
            columns += [name, *(done.name for done in channels)]
            found += [fits[name], *channels]
            show += added(fits[name], channels) if show else []
            counted |= {name: shares[""]} if "" in shares else {}
            continue
        split = SplitFit.from_dict(fits[name])
        labels = (table.get("group_labels") or {}).get(name, {})
        values = {label.removeprefix(f"{split.split} = ") for label, _ in split.groups}
        for label, done in split.groups:
            column, value = f"{name}: {label}", label.removeprefix(f"{split.split} = ")
            columns.append(column)
            found.append(_without_tests(replace(done, name=column), split))
            counted |= {column: shares[value]} if value in shares else {}
            samples |= {column: samples[name]} if name in samples else {}
            groups[column] = GroupInfo(
                name, split.split, value, local_text(labels.get(value)),
                {d.term: (d.difference, d.p, d.words, d.wild_p) for d in split.differences
                 if d.group == label}, is_dummy=values == {"0", "1"},
                wild=done.further.get("difference_wild") or {} if isinstance(done, Fit) else {})
    return {**table, "columns": columns, "show": list(dict.fromkeys(show)), "samples": samples,
            "groups": groups, "imputed": counted}, found


def _without_tests(done: Fit | NotEstimated, split: SplitFit) -> Fit | NotEstimated:
    """Return a fit without the sentences on tests, which have rows of their own in a table."""
    if isinstance(done, NotEstimated):
        return done
    told = {d.sentence() for d in split.differences}
    return replace(done, warnings=tuple(w for w in done.warnings if w not in told))
