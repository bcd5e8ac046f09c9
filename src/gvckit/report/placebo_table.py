"""Where true coefficients lie among those of random suppliers, as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gvckit.report.cells import (
    Cell,
    Column,
    Data,
    Empty,
    HeaderRow,
    Number,
    Span,
    TableLayout,
)
from gvckit.report.labels import term_label
from gvckit.report.model_panels import model_panel, not_estimated, plain
from gvckit.report.numbers import decimals_for, thousands
from gvckit.report.request import LocalText, VariableInfo, in_language
from gvckit.report.steps import sectors_sentence
from gvckit.report.words import join, language_of, say, sentences

__all__ = ["Drawn", "placebo_table", "sets_phrase"]

# column of the summary -> words of its heading
_COLUMNS = {"estimate": "estimate", "se": "se", "p05": "p05", "p50": "p50", "p95": "p95",
            "percentile": "percentile", "beyond": "beyond", "p": "placebo_p",
            "p_rank": "placebo_p_rank", "draws": "placebo_draws"}
_SHARES = frozenset({"percentile", "beyond"})
_TESTS = frozenset({"p", "p_rank"})
_FIELDS = ("estimate", "se", "t", "mean", "sd", "p05", "p50", "p95", "percentile", "beyond",
           "beyond_t", "p", "p_t", "p_rank", "draws", "failed")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A model with a placebo: its outcome, one summary a term, the set, what was asked for.

    ``asked`` has the keys draws, exclude, among, own and scale of the spec; ``reason`` says why
    there is no estimate.
    """

    name: str
    y: str
    summary: Sequence[Mapping[Any, Any]]
    chosen: tuple[str, ...]
    asked: Mapping[str, Any]
    reason: str | None = None


def placebo_table(
    models: Sequence[Drawn],
    dictionary: Mapping[str, VariableInfo],
    language: str = "en",
    *,
    table_id: str = "placebo",
    title: LocalText | None = None,
    labels: Mapping[str, LocalText] | None = None,
    notes: Sequence[LocalText] = (),
    sectors: Sequence[Mapping[str, Any]] = (),
) -> TableLayout:
    """Return one row a model and term: the true coefficient, and where it lies.

    Parameters
    ----------
    models
        In order; a model that could not be estimated prints ``n.e.`` and its reason below.
    dictionary
        Labels of variables.
    language
        ``en`` or ``zh``.
    table_id, title, labels, notes
        Name, title (with a default), labels of models, and further notes.
    sectors
        What :func:`gvckit.report.steps.sectors_sentence` reads, of the codes in the notes.
    """
    language_of(language)
    panels, data, sets = [], [], []
    for model in models:
        heading = in_language((labels or {}).get(model.name, {}), language) or (
            f"{term_label(model.y, dictionary, language)} ({model.name})")
        if model.reason is None:
            sets.append(_set(model, heading, language))
        panels.append(model_panel(model, heading, dictionary, language, _cells, len(_COLUMNS)))
        data += [(table_id, model.name, model.y, str(s["term"]), " ".join(model.chosen),
                  *(plain(s[f]) for f in _FIELDS)) for s in model.summary]
    reasons = not_estimated(models, panels, language)
    paragraphs = (
        sentences([say("placebo_table_note", language), *sets,
                   *([sectors_sentence(sectors, language)] if sectors else [])], language),
        sentences([*reasons, *(in_language(n, language) for n in notes)], language))
    return TableLayout(
        id=table_id, title=in_language(title or {}, language, say("placebo", language)),
        language=language, columns=tuple(Column(c) for c in _COLUMNS),
        header=(HeaderRow(tuple(Span(say(words, language), i, i)
                                for i, words in enumerate(_COLUMNS.values()))),),
        groups=tuple(panels), notes=tuple(p for p in paragraphs if p),
        stub=say("variable", language),
        data=Data(("table", "model", "y", "term", "sectors", *_FIELDS), tuple(data)))


def _set(model: Drawn, heading: str, language: str) -> str:
    """Return the sentence on which sets were drawn for a model."""
    count = max(int(s["draws"]) + int(s["failed"]) for s in model.summary)
    return say("placebo_set", language, name=heading,
               sets=sets_phrase(count, model.chosen, model.asked, language))


def sets_phrase(count: int, chosen: Sequence[str], asked: Mapping[str, Any], language: str) -> str:
    """Return in words which sets of suppliers were drawn, and how many."""
    everyone = asked["among"] == "all"
    never = [*(() if everyone else chosen), *asked["exclude"]]
    phrase = "placebo_sets" if count == asked["draws"] else "placebo_sets_all"
    words = say(phrase, language, size=len(chosen), count=thousands(count))
    words += say("placebo_without", language, list=join(never, language)) if never else ""
    if everyone:
        words += say("placebo_among", language, chosen=join(chosen, language))
    words += say("placebo_own", language) if asked["own"] == "drop" else ""
    return words + (say("placebo_scale", language) if asked["scale"] == "sd" else "")


def _cells(summary: Mapping[Any, Any]) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for name in _COLUMNS:
        value = float(summary[name])
        if not math.isfinite(value):
            cells.append(Empty())
        elif name == "draws":
            cells.append(Number(value, 0, thousands=True))
        elif name in _SHARES or name in _TESTS:
            cells.append(Number(value, 2 if name in _SHARES else 3))
        else:
            cells.append(Number(value, decimals_for(value, 3)))
    return tuple(cells)
