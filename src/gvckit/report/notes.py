"""The notes below a regression table: conventions, definitions, rows, what to know besides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gvckit.report.channels import channel_notes, threshold_notes
from gvckit.report.columns import ColumnData
from gvckit.report.definitions import definition_notes
from gvckit.report.findings import (
    adjusted_note,
    detectable_note,
    placebo_note,
    randomise_note,
    region_notes,
    turn_notes,
    within_share_note,
)
from gvckit.report.labels import term_label
from gvckit.report.notes_groups import difference_notes
from gvckit.report.notes_inference import brackets_note, clusters_notes, wild_notes
from gvckit.report.notes_rows import imputed_note, rows_notes, sentence_names
from gvckit.report.places import merged, numbers, spread, with_columns
from gvckit.report.reasons import in_words, said
from gvckit.report.request import TableRequest, VariableInfo, in_language
from gvckit.report.words import columns_phrase, join, knows, say, sentences

__all__ = ["regression_notes"]

#: Warnings of fits that repeat what the notes on clusters, dropped terms and rows say.
_SAID_ELSEWHERE = re.compile(r"few clusters: |dropped |\d+ rows left out: infinite ")

Dictionary = Mapping[str, VariableInfo]


def _stars(levels: Sequence[float], language: str, by_wild: bool) -> list[str]:
    if not levels:
        return []
    strict_first = sorted(levels)
    marks = ["*" * (len(strict_first) - i) for i in range(len(strict_first))]
    shown = [f"{100 * level:g}" for level in strict_first]
    if language == "zh":
        shown = [f"{s}%" for s in shown]
    return [say("stars" if len(levels) > 1 else "stars_one", language,
                marks=join(marks, language), levels=join(shown, language)),
            *([say("stars_by_wild", language)] if by_wild else [])]


def _told(text: str, dictionary: Dictionary, language: str) -> str:
    """Return a sentence of a fit in the language of the table."""
    return in_words(text, language, lambda names: sentence_names(names, dictionary, language))


def _dropped(columns: Sequence[ColumnData], dictionary: Dictionary, language: str) -> list[str]:
    return with_columns(
        ((i, say("dropped", language, columns="{columns}",
                 name=term_label(term, dictionary, language),
                 reason=_told(reason, dictionary, language)))
         for i, c in enumerate(columns) for term, reason in c.dropped), language)


def _warnings(columns: Sequence[ColumnData], dictionary: Dictionary, language: str) -> list[str]:
    """Return the fits' own warnings, but for those that the notes put in words of their own.

    A warning that gives a number is made once, with the number of each column.
    """
    plain: list[tuple[int, str]] = []
    valued: dict[str, list[tuple[int, str]]] = {}
    for i, column in enumerate(columns):
        for text in column.warnings:
            if _SAID_ELSEWHERE.match(text):
                continue
            head, value = said(text, language, lambda n: sentence_names(n, dictionary, language))
            if value:
                valued.setdefault(head, []).append((i, value))
            else:
                plain.append((i, say("warning", language, columns="{columns}", text=head)))
    done = [i for i, c in enumerate(columns) if c.reason is None]
    numbered = [head.replace("{value}", spread(values, done, language))
                for head, values in valued.items()]
    return numbered + with_columns(plain, language)


def _reasons(columns: Sequence[ColumnData], dictionary: Dictionary, language: str) -> list[str]:
    return [
        say("ne_reason", language, columns=columns_phrase(where, language),
            reason=reason)
        for where, reason in merged(
            (i, _told(c.reason, dictionary, language))
            for i, c in enumerate(columns) if c.reason is not None)
    ]


def _weighted(columns: Sequence[ColumnData], dictionary: Dictionary, language: str) -> list[str]:
    return with_columns(
        ((i, say("weighted", language, columns="{columns}",
                 name=term_label(c.weights, dictionary, language)))
         for i, c in enumerate(columns) if c.weights is not None), language)


def _estimators(columns: Sequence[ColumnData], dictionary: Dictionary, language: str
                ) -> list[str]:
    """Return the estimators that are not least squares, with what is instrumented by what."""
    found = []
    for i, column in enumerate(columns):
        if column.reason is not None or column.estimator in ("", "ols"):
            continue
        known = f"estimator_{column.estimator}"
        words = say(known, language) if knows(known) else column.estimator
        if column.method:
            named = f"method_{column.estimator}_{column.method}"
            method = say(named, language) if knows(named) else column.method
            words = say("by_method", language, estimator=words, method=method)
        for term, instruments in column.instruments.items():
            words = say("instrumented", language, estimator=words,
                        name=term_label(term, dictionary, language),
                        list=join([term_label(z, dictionary, language) for z in instruments],
                                  language))
        found.append((i, say("estimated", language, columns="{columns}", estimator=words)))
    return with_columns(found, language)


def _samples(request: TableRequest, columns: Sequence[ColumnData], language: str) -> list[str]:
    named = [(i, text) for i, c in enumerate(columns)
             if (text := in_language(request.samples.get(c.name, {}), language))]
    if not named:
        return []
    if len({text for _, text in named}) == 1 and len(named) == len(columns):
        return [say("sample", language, text=named[0][1])]
    return [say("sample_of", language, columns=columns_phrase(where, language), text=text)
            for where, text in merged(named)]


def _with_their_columns(terms: Sequence[str], columns: Sequence[ColumnData],
                        dictionary: Dictionary, language: str) -> str:
    """Return terms by their labels; those that only some of the columns with any have, with them.

    A term of every column that has one of them stands alone.
    """
    having = {t: [i for i, c in enumerate(columns) if t in c.terms] for t in terms}
    any_of = {i for own in having.values() for i in own}
    parts = [join([term_label(t, dictionary, language) for t in terms if set(having[t]) == any_of],
                  language)]
    some: dict[tuple[int, ...], list[str]] = {}
    for t in terms:
        if set(having[t]) != any_of:
            some.setdefault(tuple(having[t]), []).append(term_label(t, dictionary, language))
    parts += [say("in_columns", language, value=join(labels, language),
                  list=numbers(own, language)) for own, labels in some.items()]
    return ("；" if language == "zh" else "; ").join(part for part in parts if part)


def regression_notes(
    request: TableRequest,
    columns: Sequence[ColumnData],
    dictionary: Dictionary,
    language: str,
    *,
    controls: Sequence[str] = (),
    hidden: Sequence[str] = (),
    tests: int = 0,
    in_rows: frozenset[str] = frozenset(),
    family: Sequence[str] = (),
    by_wild: bool = False,
) -> tuple[str, ...]:
    """Return the notes of a regression table as paragraphs.

    Parameters
    ----------
    request, columns, dictionary, language
        As in :func:`gvckit.report.layout.regression_table`.
    controls, hidden
        Terms behind the row ``Controls``, and further terms that are estimated but not printed.
    tests
        Over how many coefficients p values are adjusted.
    in_rows
        What rows of the table say already: ``wild_p``, ``within_share``, ``mde``,
        ``imputed_share``.
    family
        Models beside the table that some of them are in.
    by_wild
        Whether stars of the table follow wild bootstrap p values.
    """
    first = brackets_note(request, columns, dictionary, language)
    first += _stars(request.stars, language, by_wild)
    first += _estimators(columns, dictionary, language)
    for phrase, terms in (("controls_are", controls), ("hidden", hidden)):
        if terms:
            first.append(say(phrase, language, list=_with_their_columns(
                terms, columns, dictionary, language)))
    defined = definition_notes(request.definitions, language)
    rows = _samples(request, columns, language)
    rows += rows_notes(request, columns, dictionary, language)
    if "within_share" not in in_rows:
        rows += within_share_note(columns, dictionary, language)
    if "imputed_share" not in in_rows:
        rows += imputed_note(request, columns, language)
    if "mde" not in in_rows:
        rows += detectable_note(request, columns, dictionary, language)
    inference = (
        clusters_notes(columns, language)
        + wild_notes(columns, dictionary, language, in_rows="wild_p" in in_rows)
        + randomise_note(columns, dictionary, language)
        + with_columns(placebo_note(columns, dictionary, language), language)
        + adjusted_note(request, tests, dictionary, language, family)
        + difference_notes(request, columns, dictionary, language))
    rest = (
        _weighted(columns, dictionary, language) + _reasons(columns, dictionary, language)
        + _dropped(columns, dictionary, language) + _warnings(columns, dictionary, language))
    found = [*turn_notes(columns, dictionary, language),
             *region_notes(columns, dictionary, language),
             *threshold_notes(columns, dictionary, language),
             *channel_notes(columns, dictionary, language)]
    rest += with_columns(found, language)
    last = [in_language(note, language) for note in request.notes]
    for phrase, text in (("sample", request.sample), ("source", request.source)):
        if in_language(text, language):
            last.append(say(phrase, language, text=in_language(text, language)))
    paragraphs = (sentences(part, language)
                  for part in (first, defined, rows, inference, rest, last))
    return tuple(p for p in paragraphs if p)
