"""What stands below a table that is not of regressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gvckit.report.cells import TableLayout
from gvckit.report.definitions import definition_notes
from gvckit.report.request import in_language, local_text
from gvckit.report.words import say, sentences

__all__ = ["with_below"]


def with_below(layout: TableLayout, below: Mapping[str, Any], sideways: bool | None = None
               ) -> TableLayout:
    """Return a table with what a spec says below it.

    Parameters
    ----------
    layout
        The table with the notes of its kind.
    below
        ``definitions`` of indices (:func:`gvckit.report.definitions.definition_notes`); ``sample``,
        ``notes`` and ``source``, texts by language.
    sideways
        Whether it is turned; None leaves it to its width.
    """
    language = layout.language
    defined = definition_notes(below.get("definitions") or {}, language)
    own = []
    for phrase in ("sample", "source"):
        text = in_language(local_text(below.get(phrase)), language)
        if text:
            own.append((phrase, say(phrase, language, text=text)))
    notes = [in_language(local_text(note), language) for note in below.get("notes") or ()]
    last = [*(t for p, t in own if p == "sample"), *notes, *(t for p, t in own if p == "source")]
    paragraphs = [p for p in (sentences(defined, language), sentences(last, language)) if p]
    return replace(layout, notes=(*layout.notes, *paragraphs), sideways=sideways)
