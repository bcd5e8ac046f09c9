"""A regression table as a layout: which rows there are, and what stands in each cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gvckit.errors import SpecError, unknown
from gvckit.report.adjust import Adjusted, adjusted_p, tested_beside
from gvckit.report.cells import (
    Cell,
    Column,
    Data,
    Empty,
    Group,
    Number,
    Row,
    TableLayout,
    Text,
    Value,
)
from gvckit.report.columns import ColumnData, Estimate, Fitted, read_column
from gvckit.report.header import header_rows
from gvckit.report.labels import fe_label, related, term_label
from gvckit.report.notes import regression_notes
from gvckit.report.numbers import decimals_for, decimals_together
from gvckit.report.request import TableRequest, VariableInfo, in_language
from gvckit.report.stars import follows_wild, stars_of
from gvckit.report.stat_rows import check_stats, difference_rows, stat_rows, told_in_rows
from gvckit.report.words import language_of, say

__all__ = ["regression_table"]

Dictionary = Mapping[str, VariableInfo]

_CONSTANTS = frozenset({"const", "constant", "_cons", "intercept", "(intercept)"})
_DATA_FIELDS = (
    "table", "column", "model", "y", "kind", "term", "label", "shown",
    "estimate", "se", "t", "p", "low", "high", "value", "text", "stars",
)


def regression_table(
    request: TableRequest,
    fits: Sequence[Fitted],
    dictionary: Dictionary,
    language: str = "en",
    family: Sequence[Fitted] = (),
) -> TableLayout:
    """Return a table of estimates, one column a fit.

    Parameters
    ----------
    request
        What to show.
    fits
        A ``Fit`` or a ``NotEstimated`` for each column, in order; a column that could not be
        estimated prints ``n.e.`` and its reason in the notes.
    dictionary
        Labels of variables and keys.
    language
        ``en`` or ``zh``.
    family
        Further models over which p values are adjusted.

    Raises
    ------
    SpecError
        Where ``show`` names a term of no model, or ``stats`` a statistic that does not exist.
    """
    language_of(language)
    columns = [read_column(fit) for fit in fits]
    terms = _shown_terms(request, columns)
    check_stats(request, columns, terms)
    shown = _shown_by_column(terms, columns)
    controls, hidden = _unshown(columns, shown)
    others = [read_column(fit) for fit in family]
    adjusted = adjusted_p(request, columns, shown, others)
    beside = tested_beside(request, others) if request.adjust else []
    groups = [
        Group(_estimate_rows(request, columns, terms, adjusted, dictionary, language)),
        Group(difference_rows(request, columns, dictionary, language)),
        Group(_tick_rows(columns, shown, dictionary, language)),
        Group(stat_rows(request, columns, shown, dictionary, language)),
    ]
    return TableLayout(
        id=request.id,
        title=in_language(request.title, language, request.id),
        language=language,
        columns=tuple(Column(c.name) for c in columns),
        header=header_rows(request, columns, dictionary, language),
        groups=tuple(g for g in groups if g.rows),
        notes=regression_notes(request, columns, dictionary, language,
                               controls=controls, hidden=hidden,
                               tests=len(adjusted) + len(beside),
                               family=list(dict.fromkeys(model for model, *_ in beside)),
                               in_rows=told_in_rows(request, columns, shown),
                               by_wild=any(follows_wild(request, c, t) for c, seen in
                                           zip(columns, shown, strict=True) for t in seen)),
        data=_data(request, columns, shown, adjusted, dictionary, language),
        sideways=request.sideways,
    )


def _known_terms(columns: Sequence[ColumnData]) -> list[str]:
    """Return all terms in order of first appearance, focal ones before controls, constant last."""
    names = [t for c in columns for t in (c.terms if c.reason is None else c.focal)]
    unique = list(dict.fromkeys(names))
    declared = {t for c in columns for t in c.controls or ()}
    return sorted(unique, key=lambda t: (t.lower() in _CONSTANTS) * 2 + (t in declared))


def _shown_terms(request: TableRequest, columns: Sequence[ColumnData]) -> list[str]:
    everything = _known_terms(columns)
    if not request.show:
        return everything
    terms: list[str] = []
    problems = []
    for entry in request.show:
        found = [
            t for c in columns
            for t in related(entry, list(c.terms) if c.reason is None
                              else [*c.focal, *(c.controls or ())])
        ]
        gone = any(entry == term for c in columns for term, _ in c.dropped)
        if not found and not gone and any(c.reason is None for c in columns):
            problems.append(unknown("term", entry, everything, f"table {request.id}, show"))
        terms += found
    if problems:
        raise SpecError(problems)
    return list(dict.fromkeys(terms))


def _shown_by_column(terms: Sequence[str], columns: Sequence[ColumnData]) -> list[frozenset[str]]:
    return [frozenset(t for t in terms if t in c.terms) for c in columns]


def _unshown(
    columns: Sequence[ColumnData], shown: Sequence[frozenset[str]]
) -> tuple[list[str], list[str]]:
    """Return the unprinted terms: controls, and those that no model declares as controls."""
    controls: list[str] = []
    hidden: list[str] = []
    for column, seen in zip(columns, shown, strict=True):
        for term in column.terms:
            if term in seen or term.lower() in _CONSTANTS:
                continue
            is_control = column.controls is None or term in column.controls
            (controls if is_control else hidden).append(term)
    return list(dict.fromkeys(controls)), list(dict.fromkeys(hidden))


def _number(value: float, decimals: int | None, language: str, *, stars: int = 0) -> Cell:
    if not math.isfinite(value):
        return Text(say("not_available", language))
    return Number(value, decimals, stars=stars)


def _bracket_cell(
    request: TableRequest, estimate: Estimate, decimals: int | None, language: str
) -> Cell:
    value = {"se": estimate.se, "t": estimate.t, "p": estimate.p}[request.brackets]
    if not math.isfinite(value):
        return Text(f"({say('not_available', language)})")
    if request.brackets == "p" and 0 <= value < 10.0 ** -request.decimals / 2:
        return Text(f"(<{10.0 ** -request.decimals:.{request.decimals}f})")
    if request.brackets != "se":
        decimals = decimals_for(value, request.decimals)
    return Number(value, decimals, bracket="(")


def _estimate_cells(
    request: TableRequest, column: ColumnData, term: str, language: str
) -> tuple[Cell, Cell]:
    """Return the cells of one term in one column: the estimate, and the bracket below it."""
    if column.reason is not None:
        own = (*column.focal, *(column.controls or ()))
        mine = term in own or not own
        return (Text(say("not_estimated", language)) if mine else Empty()), Empty()
    estimate = column.terms.get(term)
    if estimate is None:
        return Empty(), Empty()
    pair = tuple(v for v in (estimate.b, estimate.se) if math.isfinite(v))
    decimals = (decimals_together(pair, request.decimals) if request.brackets == "se"
                else decimals_for(estimate.b, request.decimals))
    top = _number(estimate.b, decimals, language, stars=stars_of(request, column, term))
    return top, _bracket_cell(request, estimate, decimals, language)


def _estimate_rows(
    request: TableRequest,
    columns: Sequence[ColumnData],
    terms: Sequence[str],
    adjusted: Adjusted,
    dictionary: Dictionary,
    language: str,
) -> tuple[Row, ...]:
    rows = []
    for term in terms:
        pairs = [_estimate_cells(request, c, term, language) for c in columns]
        rows.append(Row(term_label(term, dictionary, language), tuple(p[0] for p in pairs)))
        rows.append(Row("", tuple(p[1] for p in pairs)))
        own = [adjusted.get((i, term)) for i in range(len(columns))]
        if any(p is not None for p in own):
            label = say("adjusted_p", language, name=say(f"adjust_{request.adjust}", language))
            rows.append(Row(label, tuple(_adjusted_cell(request, p) for p in own), indent=1))
    return tuple(rows)


def _adjusted_cell(request: TableRequest, p: float | None) -> Cell:
    if p is None:
        return Empty()
    if p < 10.0 ** -request.decimals / 2:
        return Text(f"<{10.0 ** -request.decimals:.{request.decimals}f}")
    return Number(p, request.decimals)


def _tick(ticked: bool, language: str) -> Text:
    return Text(say("yes" if ticked else "no", language))


def _tick_rows(
    columns: Sequence[ColumnData],
    shown: Sequence[frozenset[str]],
    dictionary: Dictionary,
    language: str,
) -> tuple[Row, ...]:
    """Return the row of controls, where some are not printed, and one row a fixed effect."""
    rows = []
    unprinted = [_unshown([c], [s])[0] for c, s in zip(columns, shown, strict=True)]
    if any(unprinted):
        rows.append(Row(say("controls", language), tuple(
            _tick(bool(u) if c.reason is None else bool(c.controls), language)
            for u, c in zip(unprinted, columns, strict=True))))
    rows += [
        Row(fe_label(effect, dictionary, language),
            tuple(_tick(effect in c.fe, language) for c in columns))
        for effect in dict.fromkeys(e for c in columns for e in c.fe)
    ]
    return tuple(rows)


def _data(
    request: TableRequest,
    columns: Sequence[ColumnData],
    shown: Sequence[frozenset[str]],
    adjusted: Adjusted,
    dictionary: Dictionary,
    language: str,
) -> Data:
    """Return the unrounded table: every term of every column, then what else is known of it."""
    rows: list[tuple[Value, ...]] = []
    for i, (column, seen) in enumerate(zip(columns, shown, strict=True)):
        head: tuple[Value, ...] = (request.id, i + 1, column.name, column.y)
        none: tuple[Value, ...] = (None,) * 6
        for term, e in column.terms.items():
            label = term_label(term, dictionary, language)
            rows.append((*head, "term", term, label, "yes" if term in seen else "no",
                         e.b, e.se, e.t, e.p, e.low, e.high, None,
                         "stars by wild p" if follows_wild(request, column, term) else None,
                         stars_of(request, column, term)))
        facts: list[tuple[str, str, float | None, str | None]] = []
        if column.reason is None:
            facts += [("adjusted p", t, adjusted[i, t], request.adjust)
                      for t in column.terms if (i, t) in adjusted]
            facts.append(("stat", "n", column.n, None))
            facts += [("stat", k, v, None) for k, v in column.stats.items() if k != "n"]
            facts += [("clusters", k, v, None) for k, v in column.clusters.items()]
            facts += [("fe", k, None, "yes") for k in column.fe]
            facts += [("rows", k, v, None) for k, v in column.rows.items()]
            facts += [("dropped", t, None, reason) for t, reason in column.dropped]
            facts += [("imputed", one["name"], one["imputed"], None)
                      for one in request.imputed.get(column.name, {}).get("indices", ())]
            group = request.groups.get(column.name)
            facts += [(kind, term, value, words)
                      for term, (gap, p, words, _) in (group.differences if group else {}).items()
                      for kind, value in (("difference", gap), ("difference p", p))]
            facts.append(("convention", "", None, column.convention))
        else:
            facts.append(("not estimated", "", None, column.reason))
        rows += [(*head, kind, name, None, None, *none, value, text, None)
                 for kind, name, value, text in facts]
    return Data(_DATA_FIELDS, tuple(rows))
