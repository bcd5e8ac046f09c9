"""Notes on inference: which standard errors, how many clusters, the wild bootstrap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gvckit.report.columns import ColumnData
from gvckit.report.labels import key_label, term_label
from gvckit.report.numbers import thousands
from gvckit.report.places import capital, merged, of_whom, spread
from gvckit.report.request import TableRequest, VariableInfo
from gvckit.report.words import columns_phrase, say

__all__ = ["FEW_CLUSTERS", "brackets_note", "clusters_notes", "drawn_words", "errors_of_kind",
           "p_text", "wild_notes"]

#: Below this many clusters the note warns, as the fits do.
FEW_CLUSTERS = 50

_SSC_NAMES = {"fixest": "fixest", "reghdfe": "reghdfe", "plm": "plm"}
_KINDS = {
    "iid": "errors_iid", "hc0": "errors_hc", "hc1": "errors_hc", "hc2": "errors_hc",
    "hc3": "errors_hc", "cluster": "errors_cluster", "crv1": "errors_cluster",
    "crv2": "errors_cr2", "crv3": "errors_cr3", "cr3": "errors_cr3", "pcse": "errors_pcse",
    "driscoll-kraay": "errors_driscoll-kraay", "newey-west": "errors_newey-west",
    "conley": "errors_conley", "bootstrap": "errors_bootstrap",
}

#: Estimators that have a wild bootstrap: least squares on some rows, 2SLS, Poisson regression.
_BOOTSTRAPPED = ("", "ols", "pooled", "between", "first-difference", "re", "mundlak", "2sls",
                 "ppml")
_WILD = {"wild": "wild", "efficient": "wild_efficient", "score": "wild_score"}

Dictionary = Mapping[str, VariableInfo]
Places = Sequence[tuple[int, ColumnData]]


def p_text(p: float) -> str:
    """Return a p value as notes and rows print it."""
    return "< 0.001" if p < 0.0005 else f"{p:.3f}"


def brackets_note(request: TableRequest, columns: Sequence[ColumnData], dictionary: Dictionary,
                  language: str) -> list[str]:
    """Return what stands in the brackets: the standard errors, each kind once."""
    kinds: dict[tuple[str, tuple[str, ...]], list[tuple[int, ColumnData]]] = {}
    for i, column in enumerate(columns):
        if column.reason is None:
            words, details = _kind(column, dictionary, language)
            kinds.setdefault((words, tuple(details)), []).append((i, column))
    groups = [(_errors(words, details, where, language), [i for i, _ in where])
              for (words, details), where in kinds.items()]
    if not groups:
        return []
    if len(groups) == 1:
        return [capital(say(f"brackets_{request.brackets}", language, errors=groups[0][0]))]
    parts = [say("errors_in_columns", language, errors=text,
                 columns=columns_phrase(where, language)) for text, where in groups]
    return [say(f"brackets_{request.brackets}_many", language,
                list=("；" if language == "zh" else "; ").join(parts))]


def _and(texts: Sequence[str], language: str) -> str:
    return (" and " if language == "en" else "和").join(texts)


def _kind(column: ColumnData, dictionary: Dictionary, language: str) -> tuple[str, list[str]]:
    """Return the kind of standard error in words, and what is to know of it but the clusters."""
    kind: Mapping[str, Any] = column.se_kind
    name = str(kind.get("kind", "")).lower()
    phrase = _phrase(name, column.estimator)
    words = errors_of_kind(
        name, [key_label(str(b), dictionary, language) for b in kind.get("by") or ()], language,
        column.estimator)
    details: list[str] = []
    if phrase is None:
        details += [column.convention] if column.convention else []
    else:
        details += [say("detail_iid", language)] if phrase == "errors_iid" else []
        details += [name.upper()] if phrase == "errors_hc" else []
    if kind.get("lag") is not None:
        details.append(say("lags", language, lag=kind["lag"]))
    if kind.get("periods") is not None:
        details.append(say("periods", language, count=kind["periods"]))
    ssc = str(kind.get("ssc") or "")
    if ssc in _SSC_NAMES:
        details.append(say("ssc", language, name=_SSC_NAMES[ssc]))
    elif ssc == "none":
        details.append(say("ssc_none", language))
    return words, details


def _phrase(kind: str, estimator: str) -> str | None:
    return _KINDS.get(kind) if estimator != "fama-macbeth" else "errors_fama-macbeth"


def errors_of_kind(kind: str, by: Sequence[str], language: str, estimator: str = "") -> str:
    """Return a kind of standard error in words; ``by`` are labels of clustering variables."""
    return say(_phrase(kind, estimator) or "errors_other", language, by=_and(by, language))


def _counts(column: ColumnData, language: str) -> str:
    kind: Mapping[str, Any] = column.se_kind
    by = [str(b) for b in kind.get("by") or ()]
    counts = kind.get("clusters") or [column.clusters[b] for b in by if b in column.clusters]
    return _and([thousands(int(c)) for c in counts], language)


def _errors(words: str, details: Sequence[str], where: Places, language: str) -> str:
    """Return one kind of standard error with its clusters, by column where they differ."""
    counts = [(i, text) for i, column in where if (text := _counts(column, language))]
    shown = list(details)
    if counts:
        groups = merged(counts)
        if len(groups) == 1:
            clusters = say("clusters", language, count=groups[0][1])
        else:
            numbered = [(i, say("clusters_number", language, count=c)) for i, c in counts]
            clusters = say("clusters_spread", language,
                           list=spread(numbered, [i for i, _ in where], language))
        shown.insert(0, clusters)
    if not shown:
        return words
    if language == "zh":
        return f"{words}（{'；'.join(shown)}）"
    return f"{words} ({'; '.join(shown)})"


def clusters_notes(columns: Sequence[ColumnData], language: str) -> list[str]:
    """Return which columns have few clusters, whose tests may over-reject, and which have none."""
    few = [i for i, c in enumerate(columns) if _few(c)]
    none = [i for i, c in enumerate(columns) if c.reason is None and not c.clusters]
    notes = []
    if few:
        notes.append(say("few_clusters", language, most=FEW_CLUSTERS,
                         columns=columns_phrase(few, language)))
    if none:
        notes.append(say("not_clustered", language, columns=columns_phrase(none, language)))
    return notes


def _few(column: ColumnData) -> bool:
    return column.reason is None and any(n < FEW_CLUSTERS for n in column.clusters.values())


def wild_notes(columns: Sequence[ColumnData], dictionary: Dictionary, language: str, *,
               in_rows: bool = False) -> list[str]:
    """Return the p values of the wild cluster bootstrap, and why columns lack them.

    ``in_rows`` says that the table prints them: then the note says only how they were drawn.
    """
    methods: dict[tuple[str, str, int, str, str, str], list[int]] = {}
    for i, column in enumerate(columns):
        wild: Mapping[str, Any] = column.se_kind.get("wild") or {}
        if not wild or column.reason is not None:
            continue
        methods.setdefault((_WILD[wild["method"]], *_drawn(wild, dictionary, language)),
                           []).append(i)
    notes = []
    for (phrase, how, count, weights, by, null), where in methods.items():
        draws = _draws(how, count, weights, [columns[i].se_kind["wild"] for i in where], language)
        values: dict[str, list[tuple[int, str]]] = {}
        for i in where:
            for term, p in columns[i].se_kind["wild"]["p"].items():
                values.setdefault(term_label(term, dictionary, language), []).append(
                    (i, p_text(float(p))))
        every = [i for i, c in enumerate(columns) if c.reason is None]
        of, values_in = of_whom(values, every, language)
        if in_rows:
            phrase += "_in_rows_of" if phrase == "wild" and len(methods) > 1 else "_in_rows"
        notes.append(say(phrase, language, draws=draws, by=by, null=null, of=of,
                         list=values_in, columns=columns_phrase(where, language)))
    for key, value, words in (("errors", "crv1", "wild_crv1"), ("held", True, "wild_held")):
        told = [i for i, c in enumerate(columns) if c.reason is None
                and (c.se_kind.get("wild") or {}).get(key) == value]
        if told:
            notes.append(capital(say(words, language, columns=columns_phrase(told, language))))
    lacking = merged((i, why) for i, c in enumerate(columns)
                     if _few(c) and (why := _why_no_wild(c)))
    notes += [say("wild_none", language, columns=columns_phrase(where, language),
                  reason=say(f"no_wild_{why}", language)) for where, why in lacking]
    return notes


def _drawn(wild: Mapping[str, Any], dictionary: Dictionary, language: str
           ) -> tuple[str, int, str, str, str]:
    """Return what was drawn, how often, which multipliers, of whose clusters, under which null."""
    return ("wild_all" if wild["enumerated"] else "wild_draws", int(wild["draws"]),
            str(wild["weights"]).capitalize(), key_label(str(wild["by"]), dictionary, language),
            say("null_imposed" if wild["restricted"] else "null_free", language))


def _draws(how: str, count: int, weights: str, drawn: Sequence[Mapping[str, Any]], language: str
           ) -> str:
    draws = say(how, language, count=thousands(count), weights=weights)
    most = max(int(wild.get("left_out", 0)) for wild in drawn)
    return say("wild_left_out", language, draws=draws, count=thousands(most)) if most else draws


def drawn_words(wild: Mapping[str, Any], dictionary: Dictionary, language: str) -> str:
    """Return how a wild bootstrap was drawn, as ``Fit.se_kind["wild"]`` tells it."""
    how, count, weights, by, null = _drawn(wild, dictionary, language)
    return say("wild_how", language, draws=_draws(how, count, weights, [wild], language), by=by,
               null=null)


def _why_no_wild(column: ColumnData) -> str:
    """Return why a column with few clusters has no wild bootstrap, empty where it has one."""
    if column.se_kind.get("wild") or not any(t in column.terms for t in column.focal):
        return ""
    if column.asked_wild is False:
        return "asked"
    if any(w.startswith("no wild cluster bootstrap") for w in column.warnings):
        return ""  # the fit says why
    if column.estimator not in _BOOTSTRAPPED:
        return "estimator"
    if len(column.clusters) > 2:
        return "many"
    return "large"
