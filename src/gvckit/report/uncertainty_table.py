"""Coefficients over the variants of an index, as a table."""

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
from gvckit.report.cells import Group as Panel
from gvckit.report.labels import term_label
from gvckit.report.model_panels import model_panel, not_estimated, plain
from gvckit.report.numbers import decimals_for
from gvckit.report.request import LocalText, VariableInfo, in_language
from gvckit.report.words import join, language_of, say, sentences

__all__ = ["Uncertain", "uncertainty_table"]

_COLUMNS = ("estimate", "se", "mean", "sd", "p05", "p95", "same_sign", "significant", "total_se",
            "variants")
_SHARES = frozenset({"same_sign", "significant"})
_FIELDS = ("estimate", "se", "mean", "sd", "p05", "p50", "p95", "same_sign", "significant",
           "total_se", "variants", "failed")
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A model over variants: its outcome, one summary a term, what varied, or why there is none."""

    name: str
    y: str
    summary: Sequence[Mapping[Any, Any]]
    vary: tuple[str, ...]
    reason: str | None = None


def uncertainty_table(
    models: Sequence[Uncertain],
    dictionary: Mapping[str, VariableInfo],
    language: str = "en",
    *,
    table_id: str = "uncertainty",
    title: LocalText | None = None,
    labels: Mapping[str, LocalText] | None = None,
    notes: Sequence[LocalText] = (),
    decimals: int = 3,
) -> TableLayout:
    """Return one row a model and term: the point estimate and its distribution.

    Parameters
    ----------
    models
        In order; a model that could not be estimated prints ``n.e.`` and its reason below.
    dictionary
        Labels of variables.
    language
        ``en`` or ``zh``.
    table_id, title, labels, notes, decimals
        Name, title (with a default), labels of models, further notes, digits after the point.
    """
    language_of(language)
    panels: list[Panel] = []
    data = []
    # Models of one outcome, and without labels, are told apart by their numbers.
    bare = [m.y for m in models if not (labels or {}).get(m.name)]
    alike = len(set(bare)) < len(bare)
    for model in models:
        heading = in_language((labels or {}).get(model.name, {}), language) or term_label(
            model.y, dictionary, language)
        heading = f"({len(panels) + 1}) {heading}" if alike else heading
        panels.append(model_panel(model, heading, dictionary, language,
                                  lambda s: _cells(s, decimals), len(_COLUMNS)))
        data += [(table_id, model.name, model.y, str(s["term"]),
                  *(plain(s[f]) for f in _FIELDS)) for s in model.summary]
    varied = list(dict.fromkeys(v for m in models for v in m.vary))
    words = join([say(f"vary_{v}", language) for v in varied], language)
    reasons = not_estimated(models, panels, language)
    paragraphs = (
        sentences([say("uncertainty_note", language, vary=words, level=f"{LEVEL:g}")], language),
        sentences([*reasons, *(in_language(n, language) for n in notes)], language))
    return TableLayout(
        id=table_id, title=in_language(title or {}, language, say("uncertainty", language)),
        language=language, columns=tuple(Column(c) for c in _COLUMNS),
        header=(HeaderRow(tuple(Span(say(c, language), i, i)
                                for i, c in enumerate(_COLUMNS))),),
        groups=tuple(panels), notes=tuple(p for p in paragraphs if p),
        stub=say("variable", language),
        data=Data(("table", "model", "y", "term", *_FIELDS), tuple(data)))


def _cells(summary: Mapping[Any, Any], decimals: int) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for name in _COLUMNS:
        value = float(summary[name])
        if not math.isfinite(value):
            cells.append(Empty())
        elif name == "variants":
            cells.append(Number(value, 0, thousands=True))
        else:
            cells.append(Number(value, 2 if name in _SHARES else decimals_for(value, decimals)))
    return tuple(cells)
