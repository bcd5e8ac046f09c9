"""Variables of a spec in words: what its labels, data columns and indices are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gvckit.panel.expressions import is_name, parse
from gvckit.panel.nodes import Binary, Name, Node, Number, Unary, walk
from gvckit.report.labels import term_label
from gvckit.report.places import capital, lowered
from gvckit.report.request import dictionary_from, in_language
from gvckit.report.words import KEYS, LANGUAGES, join, language_of
from gvckit.report.words_formula import PARTS
from gvckit.spec.compile.labels import dictionary
from gvckit.spec.compile.plan import names_in
from gvckit.spec.compile.spoken import Said, Speaker, atom
from gvckit.spec.resolved import Spec
from gvckit.spec.schema.sources import FileEntry

__all__ = ["in_words", "worded"]

Text = dict[str, str]
"""A text by language."""


def in_words(spec: Spec, node: Node, *, condition: bool = False) -> Text:
    """Return an expression in words by language, names by their labels.

    Parameters
    ----------
    spec
        Where the names are declared.
    node
        The expression.
    condition
        Whether it chooses rows; any other that is a condition is 1 where it holds.
    """
    found = {}
    for language in LANGUAGES:
        speaker = _Names(spec, language, sums=_is_sum(node) and not condition).speaker
        found[language] = (speaker.condition(node) if condition
                           else _joined(speaker.whole(node), language))
    return found


def worded(spec: Spec, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the dictionary of a table of definitions, each entry with its ``words``.

    Parameters
    ----------
    spec
        Where the names are declared.
    names
        The rows: variables, values, or expressions of them.

    Returns
    -------
    dict
        By name what :func:`gvckit.spec.compile.labels.dictionary` says, and ``words``: the
        definition by language, names in code between grave accents; empty where the label says it.
    """
    rows = list(names)
    found = dictionary(spec, [*rows, *names_in(rows)])
    known = dictionary_from(found)
    for name in rows:
        entry = found.setdefault(name, {})
        if not is_name(name) and "label" not in entry and any(
                term_label(name, known, language) == name for language in LANGUAGES):
            words = in_words(spec, parse(name).node)
            entry["label"] = {language: capital(text) for language, text in words.items()}
        label = {language: term_label(name, dictionary_from(found), language)
                 for language in LANGUAGES}
        entry["words"] = {language: _Names(spec, language, frozenset(rows)).row(name, label)
                          for language in LANGUAGES}
    return found


def _is_sum(node: Node) -> bool:
    """Whether an expression is arithmetic alone, which keeps the capitals of labels."""
    return all(isinstance(n, Name | Number) or (isinstance(n, Binary) and n.op in "+-*/^")
               or (isinstance(n, Unary) and n.op == "-") for n in walk(node))


def _code(name: str) -> str:
    return f"`{_uncoded(name)}`"


def _uncoded(text: str) -> str:
    return text.replace("`", "'")


def _joined(said: Said, language: str) -> str:
    return PARTS["also"][language_of(language)].join([said.text, *said.steps])


def _same(text: str, label: str) -> bool:
    return text.strip().casefold() == label.strip().casefold()


@dataclass
class _Names:
    """What names are called in one language, and the data columns that were named.

    Attributes
    ----------
    rows
        The rows of the table; of a data column among them the series is told there.
    columns
        Name -> the column of a data file that it is.
    entry
        The data entry that derives the values, where it is not the panel.
    sums
        Whether the expression is arithmetic alone.
    """

    spec: Spec
    language: str
    rows: frozenset[str] = frozenset()
    columns: dict[str, str] = field(default_factory=dict)
    entry: FileEntry | None = None
    sums: bool = False

    @property
    def speaker(self) -> Speaker:
        """What reads expressions out with these names."""
        panel = self.spec.panel
        entry = self.entry
        time = "year" if panel is None or (entry and "year" in entry.keys) else panel.time
        unit = tuple(k for k in entry.keys if k != time) if entry else panel.unit if panel else ()
        return Speaker(self.language, self.named, self.keyed, time, unit)

    def label(self, name: str) -> str:
        """Return the label of a name, empty where it has none."""
        label = dictionary(self.spec, [name]).get(name, {}).get("label")
        return _uncoded(in_language(label, self.language)) if label else ""

    def keyed(self, key: str) -> str:
        """Return what a key is called within a sentence."""
        label = self.label(key)
        if label:
            return lowered(label)
        return KEYS[key][language_of(self.language)] if key in KEYS else _code(key)

    def named(self, name: str) -> Said:
        """Return what a variable is called within a sentence.

        One without a label is told by what it is made of.
        """
        column = self.column(name)
        label = self.label(name)
        if label:
            if column and name not in self.rows:
                self.columns[name] = column
            return atom(label if self.sums else lowered(label))
        made = self.node(name)
        if made is not None:
            return self.speaker.said(made)
        if column:
            return Said(self._part("series", list=_code(column)))
        if self.spec.values.get(name) in self.spec.indices:
            return Said(self._part("index", name=_code(name)))
        return Said(self.keyed(name))

    def node(self, name: str) -> Node | None:
        """Return the expression that a name stands for, None where it is no derived one."""
        if name in self.spec.variables:
            variable = self.spec.variables[name]
            node = variable.expression.node
            if variable.scale is None:
                return node
            return Binary("*", Number(variable.scale), node)
        entry = self._entry(name)
        return parse(str(entry.derive[name])).node if entry and name in entry.derive else None

    def column(self, name: str) -> str:
        """Return the column of a data file that a value is, empty where it is none."""
        entry = self._entry(name)
        return str(entry.take.get(name, "")) if entry else ""

    def row(self, name: str, label: Text) -> str:
        """Return the definition of a row of the table."""
        column = self.column(name)
        if column:
            return capital(self._part("series", list=_code(column)))
        made = self.node(name) if is_name(name) else parse(name).node
        if made is None:
            formula = dictionary(self.spec, [name]).get(name, {}).get("formula") or ""
            return capital(_uncoded(in_language(formula, self.language)))
        self.entry = self._entry(name)
        self.sums = _is_sum(made)
        text = _joined(self.speaker.whole(made), self.language)
        if _same(text, label[self.language]):
            if isinstance(made, Name) and not self.columns:
                return self.row(made.name, label)
            text = ""
        listed = join([_code(c) for c in dict.fromkeys(self.columns.values())], self.language)
        series = self._part("series", list=listed) if listed else ""
        return capital(self._part("also").join(part for part in (text, series) if part))

    def _entry(self, name: str) -> FileEntry | None:
        if name in self.spec.variables:
            return None
        entry = self.spec.data.get(self.spec.values.get(name, ""))
        return entry if isinstance(entry, FileEntry) else None

    def _part(self, word: str, **parts: str) -> str:
        return PARTS[word][language_of(self.language)].format(**parts)
