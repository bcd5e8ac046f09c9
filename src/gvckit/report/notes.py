"""The notes below a regression table: conventions, rows lost, what was dropped and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gvckit.report.channels import channel_notes, threshold_notes
from gvckit.report.columns import ColumnData
from gvckit.report.findings import (
    adjusted_note,
    detectable_note,
    randomise_note,
    region_notes,
    turn_notes,
    within_share_note,
)
from gvckit.report.labels import key_label, term_label
from gvckit.report.numbers import thousands
from gvckit.report.reasons import in_words
from gvckit.report.request import TableRequest, VariableInfo, in_language
from gvckit.report.words import KEYS, columns_phrase, join, say, sentences

__all__ = ["FEW_CLUSTERS", "errors_phrase", "regression_notes"]

#: Below this many clusters the note warns, as the fits do.
FEW_CLUSTERS = 50

#: Warnings of fits that repeat what the notes on clusters, dropped terms and rows say.
_SAID_ELSEWHERE = re.compile(r"few clusters: |dropped |\d+ rows left out: infinite ")

_SSC_NAMES = {"fixest": "fixest", "reghdfe": "reghdfe", "plm": "plm"}
_KINDS = {
    "iid": "errors_iid", "hc1": "errors_hc", "hc2": "errors_hc", "hc3": "errors_hc",
    "cluster": "errors_cluster", "crv1": "errors_cluster",
    "crv2": "errors_cr2", "crv3": "errors_cr3", "cr3": "errors_cr3", "pcse": "errors_pcse",
    "driscoll-kraay": "errors_driscoll-kraay", "newey-west": "errors_newey-west",
    "conley": "errors_conley", "bootstrap": "errors_bootstrap",
}

Dictionary = Mapping[str, VariableInfo]


def _merged(statements: Iterable[tuple[int, str]]) -> list[tuple[list[int], str]]:
    """Group columns that say the same, in order of first appearance."""
    groups: dict[str, list[int]] = {}
    for column, text in statements:
        groups.setdefault(text, []).append(column)
    return [(columns, text) for text, columns in groups.items()]


def errors_phrase(column: ColumnData, dictionary: Dictionary, language: str) -> str:
    """Return the kind of standard error of a column in words, with clusters and correction."""
    kind: Mapping[str, Any] = column.se_kind
    name = str(kind.get("kind", "")).lower()
    phrase = _KINDS.get(name)
    by = [str(b) for b in kind.get("by") or ()]
    details: list[str] = []
    if phrase is None:
        words = say("errors_other", language)
        details += [column.convention] if column.convention else []
    else:
        joined = (" and " if language == "en" else "和").join(
            key_label(b, dictionary, language) for b in by)
        words = say(phrase, language, by=joined)
        details += [say("detail_iid", language)] if name == "iid" else []
        details += [name.upper()] if phrase == "errors_hc" else []
    counts = kind.get("clusters") or [column.clusters[b] for b in by if b in column.clusters]
    if counts:
        numbers = (" and " if language == "en" else "和").join(thousands(int(c)) for c in counts)
        details.append(say("clusters", language, count=numbers))
    if kind.get("lag") is not None:
        details.append(say("lags", language, lag=kind["lag"]))
    ssc = str(kind.get("ssc") or "")
    if ssc in _SSC_NAMES:
        details.append(say("ssc", language, name=_SSC_NAMES[ssc]))
    elif ssc == "none":
        details.append(say("ssc_none", language))
    if not details:
        return words
    if language == "zh":
        return f"{words}（{'；'.join(details)}）"
    return f"{words} ({'; '.join(details)})"


def _brackets(
    request: TableRequest, columns: Sequence[ColumnData], dictionary: Dictionary, language: str
) -> list[str]:
    done = [(i, c) for i, c in enumerate(columns) if c.reason is None]
    groups = _merged((i, errors_phrase(c, dictionary, language)) for i, c in done)
    if not groups:
        return []
    if len(groups) == 1:
        return [_capital(say(f"brackets_{request.brackets}", language, errors=groups[0][1]))]
    parts = [
        say("errors_in_columns", language, errors=text, columns=columns_phrase(where, language))
        for where, text in groups
    ]
    return [say(f"brackets_{request.brackets}_many", language,
                list=("；" if language == "zh" else "; ").join(parts))]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text[:2] != "t " and text[:2] != "p " else text


def _stars(levels: Sequence[float], language: str) -> list[str]:
    if not levels:
        return []
    strict_first = sorted(levels)
    marks = ["*" * (len(strict_first) - i) for i in range(len(strict_first))]
    shown = [f"{100 * level:g}" for level in strict_first]
    if language == "zh":
        shown = [f"{s}%" for s in shown]
    return [say("stars" if len(levels) > 1 else "stars_one", language,
                marks=join(marks, language), levels=join(shown, language))]


def _label(name: str, dictionary: Dictionary, language: str) -> str:
    """Return the label of a name that may be a variable or a key of the panel."""
    if name in dictionary:
        return term_label(name, dictionary, language)
    known = all(part in KEYS for part in name.split("*"))
    return (key_label if known else term_label)(name, dictionary, language)


def _loss(key: str, count: int, dictionary: Dictionary, language: str) -> str:
    number = thousands(count)
    why, _, what = key.partition(" ")
    if why in ("missing", "infinite") and what:
        return say(why, language, count=number, name=_label(what, dictionary, language))
    if key in ("outside the sample", "singletons"):
        return say(key, language, count=number)
    return say("lost_other", language, count=number, name=key)


def _rows(columns: Sequence[ColumnData], dictionary: Dictionary, language: str) -> list[str]:
    statements = []
    for i, column in enumerate(columns):
        if "panel" not in column.rows or "used" not in column.rows:
            continue
        lost = [_loss(k, v, dictionary, language) for k, v in column.rows.items()
                if k not in ("panel", "used") and v]
        text = say("rows", language, columns="{columns}", used=thousands(column.rows["used"]),
                   panel=thousands(column.rows["panel"]))
        text += say("rows_lost", language, list=join(lost, language)) if lost else ""
        statements.append((i, text))
    return _with_columns(statements, language)


def _with_columns(statements: Iterable[tuple[int, str]], language: str) -> list[str]:
    """Fill ``{columns}``, the first thing in each statement, with the columns that share it."""
    return [
        _capital(text.replace("{columns}", columns_phrase(where, language), 1))
        for where, text in _merged(statements)
    ]


def _dropped(columns: Sequence[ColumnData], dictionary: Dictionary, language: str) -> list[str]:
    return _with_columns(
        ((i, say("dropped", language, columns="{columns}",
                 name=term_label(term, dictionary, language),
                 reason=_told(reason, dictionary, language)))
         for i, c in enumerate(columns) for term, reason in c.dropped), language)


def _few_clusters(
    columns: Sequence[ColumnData], dictionary: Dictionary, language: str
) -> list[str]:
    return _with_columns(
        ((i, say("few_clusters", language, columns="{columns}", count=count,
                 by=key_label(by, dictionary, language)))
         for i, c in enumerate(columns) for by, count in c.clusters.items()
         if count < FEW_CLUSTERS), language)


def _wild(columns: Sequence[ColumnData], dictionary: Dictionary, language: str) -> list[str]:
    """Return the p values of the wild cluster bootstrap, where fits have them."""
    statements = []
    for i, column in enumerate(columns):
        wild: Mapping[str, Any] = column.se_kind.get("wild") or {}
        if not wild or column.reason is not None:
            continue
        terms = [say("wild_term", language, name=term_label(term, dictionary, language),
                     p="< 0.001" if float(p) < 0.0005 else f"{float(p):.3f}")
                 for term, p in wild["p"].items()]
        draws = say("wild_all" if wild["enumerated"] else "wild_draws", language,
                    count=thousands(int(wild["draws"])), weights=str(wild["weights"]).capitalize())
        null = say("null_imposed" if wild["restricted"] else "null_free", language)
        statements.append((i, say(
            "wild", language, columns="{columns}", terms=join(terms, language), draws=draws,
            null=null, by=key_label(str(wild["by"]), dictionary, language))))
    return _with_columns(statements, language)


def _told(text: str, dictionary: Dictionary, language: str) -> str:
    """Return a sentence of a fit in the language of the table."""
    return in_words(text, language, lambda names: join(
        [_label(name, dictionary, language) for name in names.split(" + ")], language))


def _warnings(columns: Sequence[ColumnData], dictionary: Dictionary, language: str) -> list[str]:
    """Return the fits' own warnings, but for those that the notes put in words of their own."""
    return _with_columns(
        ((i, say("warning", language, columns="{columns}", text=_told(text, dictionary, language)))
         for i, c in enumerate(columns) for text in c.warnings
         if not _SAID_ELSEWHERE.match(text)), language)


def _reasons(columns: Sequence[ColumnData], dictionary: Dictionary, language: str) -> list[str]:
    return [
        say("ne_reason", language, columns=columns_phrase(where, language),
            reason=_told(reason, dictionary, language))
        for where, reason in _merged(
            (i, c.reason) for i, c in enumerate(columns) if c.reason is not None)
    ]


def _weighted(columns: Sequence[ColumnData], dictionary: Dictionary, language: str) -> list[str]:
    return [
        say("weighted", language, columns=columns_phrase(where, language),
            name=term_label(name, dictionary, language))
        for where, name in _merged(
            (i, c.weights) for i, c in enumerate(columns) if c.weights is not None)
    ]


def regression_notes(
    request: TableRequest,
    columns: Sequence[ColumnData],
    dictionary: Dictionary,
    language: str,
    *,
    controls: Sequence[str] = (),
    hidden: Sequence[str] = (),
    tests: int = 0,
    family: Sequence[str] = (),
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
    family
        Models beside the table that some of them are in.
    """
    first = _brackets(request, columns, dictionary, language) + _stars(request.stars, language)
    for phrase, terms in (("controls_are", controls), ("hidden", hidden)):
        if terms:
            labels = [term_label(t, dictionary, language) for t in terms]
            first.append(say(phrase, language, list=join(labels, language)))
    rows = _rows(columns, dictionary, language)
    rows += within_share_note(columns, dictionary, language)
    rows += detectable_note(request, columns, dictionary, language)
    found = [*turn_notes(columns, dictionary, language),
             *region_notes(columns, dictionary, language),
             *threshold_notes(columns, dictionary, language),
             *channel_notes(columns, dictionary, language)]
    drawn = list(randomise_note(columns, dictionary, language))
    rest = (
        _weighted(columns, dictionary, language) + _reasons(columns, dictionary, language)
        + _dropped(columns, dictionary, language)
        + _few_clusters(columns, dictionary, language) + _warnings(columns, dictionary, language)
    )
    rest += _with_columns(found, language)
    wild = _wild(columns, dictionary, language) + _with_columns(drawn, language)
    wild += adjusted_note(request, tests, dictionary, language, family)
    last = [in_language(note, language) for note in request.notes]
    for phrase, text in (("sample", request.sample), ("source", request.source)):
        if in_language(text, language):
            last.append(say(phrase, language, text=in_language(text, language)))
    paragraphs = (sentences(part, language) for part in (first, rows, rest, wild, last))
    return tuple(p for p in paragraphs if p)
