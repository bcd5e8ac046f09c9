"""Notes on the observations: rows lost by reason, and those that rest on imputed values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gvckit.report.columns import ColumnData
from gvckit.report.labels import key_label, term_label
from gvckit.report.numbers import thousands
from gvckit.report.places import listed, spread
from gvckit.report.request import TableRequest, VariableInfo, in_language
from gvckit.report.words import KEYS, join, say

__all__ = ["imputed_note", "name_label", "percent", "rows_notes", "sentence_names"]

Dictionary = Mapping[str, VariableInfo]

_NAMED = ("missing", "infinite", "zero weight")
_PLAIN = ("outside the sample", "singletons", "separated", "without a previous period",
          "periods too small", "averaged into units")


def name_label(name: str, dictionary: Dictionary, language: str) -> str:
    """Return the label of a name that may be a variable or a key of the panel."""
    known = all(part in KEYS for part in name.split("*"))
    return (key_label if known else term_label)(name, dictionary, language)


def sentence_names(text: str, dictionary: Dictionary, language: str) -> str:
    """Return labels for the names in a sentence of a fit, which are joined by + or commas."""
    return join([name_label(name, dictionary, language)
                 for name in re.split(r" \+ |, (?![^(]*\))", text)], language)


def percent(share: float) -> str:
    """Return a share as a percentage with two digits or so."""
    value = 100.0 * share
    if value == 0:
        return "0%"
    if value < 0.01:
        return "< 0.01%"
    return f"{value:.0f}%" if value >= 10 else f"{value:.1f}%" if value >= 1 else f"{value:.2f}%"


def rows_notes(request: TableRequest, columns: Sequence[ColumnData], dictionary: Dictionary,
               language: str) -> list[str]:
    """Return the rows of the panel, those lost by reason, each reason once."""
    counted = [(i, c) for i, c in enumerate(columns) if {"panel", "used"} <= set(c.rows)]
    if not counted:
        return []
    every = [i for i, _ in counted]
    panel = spread([(i, thousands(c.rows["panel"])) for i, c in counted], every, language)
    lost: dict[str, list[tuple[int, str]]] = {}
    for i, column in counted:
        for key, count in column.rows.items():
            if key not in ("panel", "used") and count:
                lost.setdefault(key, []).append(
                    (i, say("row_count", language, count=thousands(count))))
    parts = [say("lost", language, reason=_reason(key, dictionary, language),
                 values=spread(lost[key], every, language)) for key in sorted(lost, key=_order)]
    notes = [say("rows_lost", language, panel=panel, list=_semicolons(parts, language))
             if parts else say("rows_lost_none", language, panel=panel)]
    if "n" not in request.stats:
        used = [(i, say("row_count", language, count=thousands(c.rows["used"])))
                for i, c in counted]
        notes.append(say("rows_used", language, list=spread(used, every, language)))
    return notes


def _order(key: str) -> int:
    """Return where a reason stands: the sample first, groups of one row last."""
    return {"outside the sample": 0, "singletons": 2, "separated": 2}.get(key, 1)


def _semicolons(parts: Sequence[str], language: str) -> str:
    return ("；" if language == "zh" else "; ").join(parts)


def _reason(key: str, dictionary: Dictionary, language: str) -> str:
    for phrase in _NAMED:
        if key.startswith(f"{phrase} "):
            name = key.removeprefix(f"{phrase} ")
            return say(phrase, language, name=name_label(name, dictionary, language))
    return say(key, language) if key in _PLAIN else say("lost_other", language, name=key)


def imputed_note(request: TableRequest, columns: Sequence[ColumnData], language: str
                 ) -> list[str]:
    """Return the share of observations that rest on imputed values, by index."""
    known = [(i, request.imputed.get(c.name)) for i, c in enumerate(columns) if c.reason is None]
    if not known:
        return []
    if not request.definitions.get("indices"):
        return [say("imputed_no_index", language)]
    values: dict[str, list[tuple[int, str]]] = {}
    for i, found in known:
        for one in (found or {}).get("indices", ()):
            if one["imputed"]:
                label = in_language(one["label"], language, one["name"])
                share = float(one["imputed"]) / float(one["rows"])
                values.setdefault(label, []).append((i, percent(share)))
    if not values:
        return [say("imputed_none", language)]
    every = [i for i, _ in known]
    pairs = sorted(pair for one in values.values() for pair in one)
    if len(values) == 1:
        return [say("imputed", language, name=next(iter(values)),
                    list=spread(pairs, every, language))]
    if len({i for i, _ in pairs}) == len(pairs):
        return [say("imputed", language, name=say("its_index", language),
                    list=spread(pairs, every, language))]
    return [say("imputed", language, name=say("of_indices", language),
                list=listed(values, every, language))]
