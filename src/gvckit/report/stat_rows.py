"""The rows below the coefficients: statistics of models and of single terms, clusters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gvckit.errors import SpecError
from gvckit.report.cells import Cell, Empty, Number, Row, Text
from gvckit.report.columns import ColumnData
from gvckit.report.labels import key_label, term_label
from gvckit.report.numbers import decimals_for
from gvckit.report.request import TableRequest, VariableInfo
from gvckit.report.stats_known import stat_problem
from gvckit.report.words import STATS, TERM_STATS, say

__all__ = ["check_stats", "count_cell", "difference_rows", "stat_rows", "told_in_rows"]

Dictionary = Mapping[str, VariableInfo]
Shown = Sequence[frozenset[str]]


def check_stats(request: TableRequest, columns: Sequence[ColumnData], terms: Sequence[str]
                ) -> None:
    """Complain about statistics that nobody knows; SpecError with all of them."""
    computed = {name for c in columns for name in c.stats}
    focal = {t for c in columns for t in c.focal}
    place = f"table {request.id}, stats"
    problems = [problem for name in request.stats if name not in computed
                and (problem := stat_problem(name, terms, focal, place))]
    if problems:
        raise SpecError(problems)


def told_in_rows(request: TableRequest, columns: Sequence[ColumnData], shown: Shown
                 ) -> frozenset[str]:
    """Return the statistics of terms that rows give for every focal term of every column."""
    told = set()
    for head in (*TERM_STATS, "imputed_share"):
        rows = {name.partition(":")[2] for name in request.stats if name.partition(":")[0] == head}
        everything = all(
            "" in rows or term in rows for c in columns if c.reason is None for term in c.focal
            if f"{head}:{term}" in c.stats)
        hidden = any(term not in seen for c, seen in zip(columns, shown, strict=True)
                     for term in c.focal if f"{head}:{term}" in c.stats)
        if rows and everything and not (hidden and "" in rows):
            told.add(head)
    return frozenset(told)


def stat_rows(
    request: TableRequest, columns: Sequence[ColumnData], shown: Shown, dictionary: Dictionary,
    language: str
) -> tuple[Row, ...]:
    """Return the rows of the statistics that the table asks for, in its order."""
    rows: list[Row] = []
    for name in request.stats:
        head, _, term = name.partition(":")
        if name == "clusters":
            rows += _cluster_rows(columns, dictionary, language)
        elif name == "n":
            cells = tuple(count_cell(c.n) for c in columns)
            rows.append(Row(STATS["n"].label(language), cells))
        elif name == "imputed_share":
            rows.append(_imputed_row(request, columns, language))
        elif head in TERM_STATS:
            rows += _term_rows(head, term, request, columns, shown, dictionary, language)
        else:
            rows.append(_stat_row(name, request.decimals, columns, language))
    return tuple(rows)


def difference_rows(request: TableRequest, columns: Sequence[ColumnData], dictionary: Dictionary,
                    language: str) -> tuple[Row, ...]:
    """Return for each tested term the difference from the first group and its p value."""
    tests = [request.groups[c.name].differences if c.name in request.groups else {}
             for c in columns]
    terms = list(dict.fromkeys(t for found in tests for t in found))
    rows = []
    for term in terms:
        own = [found.get(term) for found in tests]
        name = term_label(term, dictionary, language)
        for place, phrase in ((0, "difference_from"), (1, "difference_p")):
            label = say(phrase, language)
            if len(terms) > 1:
                label = say("of_term", language, what=label, name=name)
            rows.append(Row(label, tuple(
                Empty() if one is None else
                Number(one[0], decimals_for(one[0], request.decimals)) if place == 0 else
                _p_cell(one[1], request.decimals) for one in own)))
    return tuple(rows)


def _p_cell(p: float, decimals: int) -> Cell:
    least = 10.0 ** -decimals
    return Text(f"<{least:.{decimals}f}") if p < least / 2 else Number(p, decimals)


def _term_rows(
    head: str, term: str, request: TableRequest, columns: Sequence[ColumnData], shown: Shown,
    dictionary: Dictionary, language: str
) -> list[Row]:
    """Return the rows of a statistic of terms.

    Without a term it is one row with that of each column's only focal term, or, where a column has
    several, one row a term.
    """
    label = TERM_STATS[head].label(language)
    own = [[t for t in c.focal if t in seen] for c, seen in zip(columns, shown, strict=True)]
    if term:
        name = say("of_term", language, what=label, name=term_label(term, dictionary, language))
        return [Row(name, tuple(_term_cell(head, term, c, request.decimals) for c in columns))]
    if all(len(terms) <= 1 for terms in own):
        return [Row(label, tuple(
            _term_cell(head, terms[0], c, request.decimals) if terms else Empty()
            for terms, c in zip(own, columns, strict=True)))]
    return [row for t in dict.fromkeys(t for terms in own for t in terms)
            for row in _term_rows(head, t, request, columns, shown, dictionary, language)]


def _term_cell(head: str, term: str, column: ColumnData, decimals: int) -> Cell:
    value = column.stats.get(f"{head}:{term}", math.nan)
    if column.reason is not None or not math.isfinite(value):
        return Empty()
    if head.endswith("_p"):
        return _p_cell(value, decimals)
    return Number(value, decimals_for(value, decimals))


def _imputed_row(request: TableRequest, columns: Sequence[ColumnData], language: str) -> Row:
    cells: list[Cell] = []
    for column in columns:
        found = request.imputed.get(column.name)
        share = found["imputed"] / found["rows"] if found and found["rows"] else 0.0
        cells.append(Empty() if column.reason is not None else
                     Number(share, decimals_for(share, request.decimals)))
    return Row(STATS["imputed_share"].label(language), tuple(cells))


def _stat_row(name: str, decimals: int, columns: Sequence[ColumnData], language: str) -> Row:
    words = STATS.get(name)
    label = words.label(language) if words else name
    digits = words.decimals if words and words.decimals is not None else decimals
    cells: list[Cell] = []
    for column in columns:
        value = column.stats.get(name, math.nan)
        if not math.isfinite(value):
            cells.append(Empty())
        elif digits == 0:
            cells.append(count_cell(value))
        elif name.endswith("_p"):
            cells.append(_p_cell(value, digits))
        else:
            cells.append(Number(value, decimals_for(value, digits)))
    return Row(label, tuple(cells))


def count_cell(value: float | None) -> Cell:
    """Return a count as a cell, empty where there is none."""
    return Empty() if value is None else Number(value, 0, thousands=True)


def _cluster_rows(
    columns: Sequence[ColumnData], dictionary: Dictionary, language: str
) -> list[Row]:
    label = STATS["clusters"].label(language)
    names = dict.fromkeys(name for c in columns for name in c.clusters)
    return [
        Row(label.format(name=key_label(name, dictionary, language)),
            tuple(count_cell(c.clusters.get(name)) for c in columns))
        for name in names
    ]
