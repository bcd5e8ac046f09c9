"""The heads of a regression table: dependent variables, labels of columns and groups, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from gvckit.report.cells import HeaderRow, Span
from gvckit.report.columns import ColumnData
from gvckit.report.labels import term_label
from gvckit.report.request import GroupInfo, TableRequest, VariableInfo, in_language
from gvckit.report.tex import width
from gvckit.report.words import say

__all__ = ["group_label", "header_rows"]

Dictionary = Mapping[str, VariableInfo]

#: A label of a sample that is wider, in letters, stands in the note alone.
_WIDEST_SAMPLE = 28
_BINARY = {"0": "group_no", "1": "group_yes"}


def header_rows(
    request: TableRequest, columns: Sequence[ColumnData], dictionary: Dictionary, language: str
) -> tuple[HeaderRow, ...]:
    """Return the head rows: outcomes, then split models and groups, labels, numbers."""
    spans = []
    for y, members in groupby(enumerate(columns), key=lambda pair: pair[1].y):
        places = [i for i, _ in members]
        spans.append(Span(term_label(y, dictionary, language) if y else "", places[0], places[-1]))
    rows = [HeaderRow(tuple(spans), rule=True)] if any(s.label for s in spans) else []
    splits = _split_spans(request, columns, dictionary, language)
    if splits:
        rows.append(HeaderRow(splits, rule=True))
    labels = [_label(request, c.name, language) for c in columns]
    if any(labels):
        rows.append(HeaderRow(tuple(Span(label, i, i) for i, label in enumerate(labels))))
    rows.append(HeaderRow(tuple(Span(f"({i + 1})", i, i) for i in range(len(columns)))))
    return tuple(rows)


def _label(request: TableRequest, name: str, language: str) -> str:
    """Return the label of a column: its own, that of its group, that of its sample."""
    group = request.groups.get(name)
    if name in request.labels:
        return in_language(request.labels[name], language)
    if group is not None:
        return group_label(group, language)
    sample = in_language(request.sample_heads.get(name, {}), language)
    return sample if width(sample) <= _WIDEST_SAMPLE else ""


def group_label(group: GroupInfo, language: str) -> str:
    """Return the label of a group: its own, yes or no of a dummy, else its value."""
    own = in_language(group.label, language)
    if own:
        return own
    return say(_BINARY[group.value], language) if group.is_dummy else group.value


def _split_spans(request: TableRequest, columns: Sequence[ColumnData], dictionary: Dictionary,
                 language: str) -> tuple[Span, ...]:
    """Return a head over the columns of each split model: its label, else what splits it.

    Groups that all have labels of their own need no name of what splits them.
    """
    def model_of(pair: tuple[int, ColumnData]) -> str:
        group = request.groups.get(pair[1].name)
        return group.model if group else f" {pair[0]}"

    spans = []
    for model, members in groupby(enumerate(columns), key=model_of):
        pairs = list(members)
        first = pairs[0][0]
        known = [request.groups[c.name] for _, c in pairs if c.name in request.groups]
        label = in_language(request.labels.get(model, {}), language)
        if known and not label and not all(in_language(g.label, language) for g in known):
            label = term_label(known[0].split, dictionary, language)
        spans.append(Span(label if known else "", first, pairs[-1][0]))
    return tuple(spans) if any(s.label for s in spans) else ()
