"""Which countries and years the data of indices support, as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from gvckit.report.cells import (
    Cell,
    Column,
    Data,
    Empty,
    Group,
    HeaderRow,
    Number,
    Row,
    Span,
    TableLayout,
    Text,
    Value,
)
from gvckit.report.labels import term_label
from gvckit.report.request import LocalText, VariableInfo, in_language
from gvckit.report.words import join, language_of, say, sentences

__all__ = ["Covered", "coverage_table"]

_LISTED = 60
"""Units with a score are listed below the table where they are no more than these."""

_COLUMNS = (("direction", "text"), ("source_head", "wrap"), ("units_observed", "number"),
            ("years_observed", "text"), ("absent", "wrap"), ("observed", "number"),
            ("filled", "number"), ("mean", "number"), ("sd", "number"))
_FIELDS = ("rows", "units", "units_observed", "observed", "filled", "first", "last", "absent",
           "with_values", "never", "mean", "sd", "min", "max")


@dataclass(frozen=True, slots=True)
class Covered:
    """An index or a data entry: its coverage, the directions of its indicators, a note.

    ``frame`` is that of :func:`gvckit.indices.coverage.coverage`; with ``tree`` its first row is
    the index and the others are its indicators.
    """

    name: str
    frame: pd.DataFrame
    directions: Mapping[str, str]
    tree: bool
    note: LocalText | None = None


def coverage_table(
    covered: Sequence[Covered],
    dictionary: Mapping[str, VariableInfo],
    language: str = "en",
    *,
    table_id: str = "coverage",
    title: LocalText | None = None,
    notes: Sequence[LocalText] = (),
) -> TableLayout:
    """Return one row an index and an indicator: source, units, years, gaps, values.

    Columns of words that no row fills are left out.

    Parameters
    ----------
    covered
        The indices, in order.
    dictionary
        Labels, units and sources of indices and indicators.
    language
        ``en`` or ``zh``.
    table_id, title, notes
        Name, title (with a default), and notes besides those of the indices.
    """
    language_of(language)
    groups, data, listed = [], [], []
    for one in covered:
        rows = []
        for place, found in enumerate(one.frame.to_dict("records")):
            node = str(found["node"])
            info = dictionary.get(node, VariableInfo())
            label = term_label(node, dictionary, language)
            sign = one.directions.get(node, "")
            unit, source = in_language(info.unit, language), in_language(info.source, language)
            cells = _cells({str(k): v for k, v in found.items()}, sign, source)
            rows.append(Row(label, cells, indent=int(one.tree and place > 0)))
            numbers = [_plain(found.get(f)) for f in _FIELDS]
            data.append((table_id, one.name, node, label, sign, unit, source, *numbers))
            units = str(found["with_values"]).split()
            if one.tree and place == 0 and 0 < len(units) <= _LISTED:
                listed.append(say("scored", language, name=label, list=join(units, language)))
        groups.append(Group(tuple(rows)))
    places = [i for i, (_, kind) in enumerate(_COLUMNS) if kind == "number" or any(
        not isinstance(row.cells[i], Empty) for group in groups for row in group.rows)]
    shown = [_COLUMNS[i] for i in places]
    groups = [Group(tuple(replace(row, cells=tuple(row.cells[i] for i in places))
                          for row in group.rows)) for group in groups]
    listing = "listed" if any(name == "absent" for name, _ in shown) else "complete"
    own = [in_language(one.note or {}, language) for one in covered]
    given = [in_language(n, language) for n in notes]
    paragraphs = (sentences([say(f"coverage_{listing}", language)], language),
                  sentences([*own, *given], language), sentences(listed, language))
    return TableLayout(
        id=table_id, title=in_language(title or {}, language, say("coverage", language)),
        language=language,
        columns=tuple(Column(name, kind) for name, kind in shown),  # type: ignore[arg-type]
        header=(HeaderRow(tuple(Span(say(name, language), i, i)
                                for i, (name, _) in enumerate(shown))),),
        groups=tuple(groups), notes=tuple(p for p in paragraphs if p),
        stub=say("indicator", language),
        data=Data(("table", "index", "node", "label", "direction", "unit", "source", *_FIELDS),
                  tuple(data)))


def _cells(found: Mapping[str, Any], sign: str, source: str) -> tuple[Cell, ...]:
    years = ""
    if _is_number(found["first"]):
        first, last = int(found["first"]), int(found["last"])
        years = str(first) if first == last else f"{first}–{last}"
    filled = found.get("filled")
    return (
        Text(sign.replace("-", "−")) if sign else Empty(), _text(source),
        _count(found["units_observed"]), _text(years), _text(str(found["absent"])),
        _count(found["observed"]), _count(filled) if _is_number(filled) else Empty(),
        _size(found["mean"]), _size(found["sd"]))


def _text(text: str) -> Cell:
    return Text(text) if text else Empty()


def _count(value: Any) -> Cell:
    return Number(float(value), 0, thousands=True)


def _size(value: Any) -> Cell:
    if not _is_number(value):
        return Empty()
    return Number(float(value), 3 if abs(value) < 100 else 0, thousands=abs(value) >= 100)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _plain(value: Any) -> Value:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value
