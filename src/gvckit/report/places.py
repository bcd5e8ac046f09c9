"""Values with the columns that have them: ``4.8% in (1), 4.9% in (2, 3)``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gvckit.report.words import columns_phrase, join, say

__all__ = ["capital", "listed", "lowered", "merged", "numbers", "of_whom", "spread", "with_columns"]

_PROPER = frozenset((
    "Africa", "African", "America", "American", "Asia", "Asian", "Britain", "British", "Canada",
    "Canadian", "China", "Chinese", "Europe", "European", "France", "French", "German", "Germany",
    "Gini", "India", "Indian", "Italian", "Italy", "Japan", "Japanese", "Korea", "Korean", "Latin",
    "Pacific", "Russia", "Russian", "Taiwan", "Theil", "Worldwide"))
"""First words of labels that keep their capital within a sentence."""


def merged(statements: Iterable[tuple[int, str]]) -> list[tuple[list[int], str]]:
    """Group columns that say the same, in order of first appearance."""
    groups: dict[str, list[int]] = {}
    for column, text in statements:
        groups.setdefault(text, []).append(column)
    return [(columns, text) for text, columns in groups.items()]


def numbers(columns: Sequence[int], language: str) -> str:
    """Return column numbers (from 0) as ``1, 3–5`` or ``1、3—5``."""
    dash = "—" if language == "zh" else "–"
    runs: list[list[int]] = []
    for column in sorted(set(columns)):
        if runs and runs[-1][-1] == column - 1:
            runs[-1].append(column)
        else:
            runs.append([column])
    texts: list[str] = []
    for run in runs:
        first, last = run[0] + 1, run[-1] + 1
        texts += [f"{first}{dash}{last}"] if len(run) > 2 else [str(c + 1) for c in run]
    return join(texts, language)


def spread(values: Sequence[tuple[int, str]], among: Sequence[int], language: str) -> str:
    """Return the values of columns (from 0), each once, with the columns that have it.

    Where all the columns ``among`` have one value it stands alone.
    """
    groups = merged(values)
    if len(groups) == 1 and set(groups[0][0]) == set(among):
        return groups[0][1]
    return join([say("in_columns", language, value=text, list=numbers(columns, language))
                 for columns, text in groups], language)


def listed(found: Mapping[str, Sequence[tuple[int, str]]], among: Sequence[int], language: str
           ) -> str:
    """Return ``label value in (…); label value``: the values of several things."""
    parts = [say("term_value", language, name=name, value=spread(values, among, language))
             for name, values in found.items()]
    return ("；" if language == "zh" else "; ").join(parts)


def of_whom(found: Mapping[str, Sequence[tuple[int, str]]], among: Sequence[int], language: str
            ) -> tuple[str, str]:
    """Return of what values are, and the values with their columns.

    The one thing that they are all of is named once; where each column has the value of one thing
    only, that is its regressor of interest and needs no name; else each value has its name.
    """
    columns = [i for values in found.values() for i, _ in values]
    if len(found) == 1:
        name, values = next(iter(found.items()))
        return say("of_one", language, name=name), spread(values, among, language)
    if len(set(columns)) == len(columns):
        values = sorted(pair for values in found.values() for pair in values)
        return say("of_each", language), spread(values, among, language)
    return say("of_all", language), listed(found, among, language)


def with_columns(statements: Iterable[tuple[int, str]], language: str) -> list[str]:
    """Fill ``{columns}``, the first thing in each statement, with the columns that share it."""
    return [
        capital(text.replace("{columns}", columns_phrase(where, language), 1))
        for where, text in merged(statements)
    ]


def capital(text: str) -> str:
    """Return a sentence with a capital; ``t`` and ``p`` values keep their letter."""
    return text[:1].upper() + text[1:] if text[:2] not in ("t ", "p ") else text


def lowered(text: str) -> str:
    """Return a label inside a sentence; names such as GDP and Asia keep their capitals."""
    first = text.split(maxsplit=1)[0].rstrip(",;:'’") if text.strip() else ""
    keeps = first in _PROPER or not text[1:2].islower()
    return text if keeps else text[:1].lower() + text[1:]
