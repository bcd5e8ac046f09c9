"""A specification curve as a table: how the estimates come out under each choice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gvckit.report.cells import (
    Cell,
    Column,
    Data,
    Empty,
    HeaderRow,
    Number,
    Row,
    Span,
    TableLayout,
)
from gvckit.report.cells import Group as Panel
from gvckit.report.curve_errors import errors_sentences
from gvckit.report.curve_figure import curve_summary
from gvckit.report.labels import key_label, term_label
from gvckit.report.numbers import decimals_for, thousands
from gvckit.report.request import LocalText, VariableInfo, in_language
from gvckit.report.words import KEYS, language_of, say, sentences

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["curve_table"]

COUNTS = ("specifications", "estimated")
SHARES = ("positive", "significant")
COLUMNS = ("specifications", "estimated", "median", "lowest", "highest", "positive", "significant")


def curve_table(
    curve: pd.DataFrame, dictionary: Mapping[str, VariableInfo], language: str = "en", *,
    table_id: str = "curve", title: LocalText | None = None, notes: Sequence[LocalText] = (),
    decimals: int = 3,
) -> TableLayout:
    """Return one row a choice: specifications, median, range, shares positive and significant.

    Parameters
    ----------
    curve
        What :func:`gvckit.models.curve.curve` returns; its joint tests stand in the note.
    dictionary
        Labels of variables and keys.
    language
        ``en`` or ``zh``.
    table_id, title, notes
        Name, title (with a default) and further notes.
    decimals
        Digits after the point of coefficients.
    """
    language_of(language)
    summary = curve_summary(curve).to_dict("records")
    panels = [Panel((Row(say("curve_all", language), _cells(summary[0], decimals)),))]
    for key in dict.fromkeys(str(s["choice"]) for s in summary[1:]):
        own = [s for s in summary[1:] if s["choice"] == key]
        panels.append(Panel(tuple(
            Row(_alternative(str(s["alternative"]), dictionary, language), _cells(s, decimals),
                indent=1) for s in own), say(f"choice_{key}", language)))
    shown = list(dict.fromkeys(str(c) for c in curve["coefficient"]))
    name = (term_label(shown[0], dictionary, language) if len(shown) == 1
            else say("curve_first", language))
    paragraphs = (
        sentences([say("curve_note", language, name=name), *_joint(curve, dictionary, language),
                   *errors_sentences(curve, language,
                                     lambda key: key_label(key, dictionary, language))], language),
        sentences([in_language(n, language) for n in notes], language))
    return TableLayout(
        id=table_id, title=in_language(title or {}, language, say("curve", language)),
        language=language, columns=tuple(Column(c) for c in COLUMNS),
        header=(HeaderRow(tuple(Span(say(f"curve_{c}", language), i, i)
                                for i, c in enumerate(COLUMNS))),),
        groups=tuple(panels), notes=tuple(p for p in paragraphs if p),
        stub=say("curve_choice", language),
        data=Data(("table", "choice", "alternative", *COLUMNS), tuple(
            (table_id, str(s["choice"]), str(s["alternative"]), *(_plain(s[c]) for c in COLUMNS))
            for s in summary)))


def _alternative(text: str, dictionary: Mapping[str, VariableInfo], language: str) -> str:
    if text == "none":
        return say("curve_none", language)
    return " + ".join(_label(part, dictionary, language) for part in text.split(" + "))


def _label(name: str, dictionary: Mapping[str, VariableInfo], language: str) -> str:
    known = all(part.strip() in KEYS for part in name.split("*"))
    return (key_label if known else term_label)(name, dictionary, language)


def _cells(summary: Mapping[Any, Any], decimals: int) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for name in COLUMNS:
        value = float(summary[name])
        if not math.isfinite(value):
            cells.append(Empty())
        elif name in COUNTS:
            cells.append(Number(value, 0, thousands=True))
        else:
            cells.append(Number(value, 2 if name in SHARES else decimals_for(value, decimals)))
    return tuple(cells)


def _joint(curve: pd.DataFrame, dictionary: Mapping[str, VariableInfo], language: str
           ) -> list[str]:
    joint: Mapping[str, Any] = curve.attrs.get("joint") or {}
    if "p_median" not in joint:
        return []
    p = {key: f"{float(joint[f'p_{key}']):.3f}" for key in ("median", "share", "stouffer")}
    return [say("curve_tests", language, draws=thousands(int(joint["draws"])),
                by=key_label(str(joint["by"]), dictionary, language),
                clusters=thousands(int(joint["clusters"])), **p)]


def _plain(value: Any) -> int | float | None:
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and not isinstance(value, float) else number
