"""Notes on the groups of split models: how differences between them are tested."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gvckit.report.columns import ColumnData
from gvckit.report.labels import term_label
from gvckit.report.notes_inference import drawn_words, p_text
from gvckit.report.notes_rows import sentence_names
from gvckit.report.places import of_whom, spread
from gvckit.report.reasons import difference_words
from gvckit.report.request import TableRequest, VariableInfo
from gvckit.report.words import columns_phrase, say

__all__ = ["difference_notes"]

Dictionary = Mapping[str, VariableInfo]


def difference_notes(request: TableRequest, columns: Sequence[ColumnData], dictionary: Dictionary,
                     language: str) -> list[str]:
    """Return how differences between groups are tested, and both p values where there are two."""
    ways: dict[str, list[tuple[int, str]]] = {}
    for i, column in enumerate(columns):
        group = request.groups.get(column.name)
        for _, _, words, _ in group.differences.values() if group else ():
            head, value = difference_words(words, language,
                                           lambda n: sentence_names(n, dictionary, language))
            if (i, value) not in ways.setdefault(head, []):
                ways[head].append((i, value))
    tested = sorted({i for values in ways.values() for i, _ in values})
    told = []
    for head, values in ways.items():
        words = head.replace("{value}", spread(values, tested, language))
        if len(ways) > 1 and words == head:
            words = say("difference_in", language, words=words,
                        columns=columns_phrase([i for i, _ in values], language))
        told.append(say("difference", language, words=words))
    return told + _bootstrapped(request, columns, dictionary, language, tested)


def _bootstrapped(request: TableRequest, columns: Sequence[ColumnData], dictionary: Dictionary,
                  language: str, tested: Sequence[int]) -> list[str]:
    """Return the p value of t beside that of the wild bootstrap, one sentence a way of drawing."""
    methods: dict[tuple[str, str], dict[str, list[tuple[int, str]]]] = {}
    for i, column in enumerate(columns):
        group = request.groups.get(column.name)
        for term, (_, p, _, wild_p) in group.differences.items() if group else ():
            if group is None or math.isnan(wild_p):
                continue
            text = say("difference_ps", language, p=_equal(p), wild=_equal(wild_p))
            how = (str(group.wild["method"]),
                   drawn_words(group.wild, dictionary, language))
            methods.setdefault(how, {}).setdefault(
                term_label(term, dictionary, language), []).append((i, text))
    notes = []
    for (method, drawn), values in methods.items():
        of, shown = of_whom(values, tested, language)
        notes.append(say("difference_wild", language, of=of, list=shown,
                         method=say(f"bootstrap_{method}", language), how=drawn))
    return notes


def _equal(p: float) -> str:
    text = p_text(p)
    return text if text.startswith("<") else f"= {text}"
