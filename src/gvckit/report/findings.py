"""Notes on what was computed from the estimates: variance within, turning points, regions, …"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gvckit.report.columns import ColumnData
from gvckit.report.labels import key_label, term_label
from gvckit.report.notes_inference import p_text
from gvckit.report.notes_rows import percent
from gvckit.report.numbers import thousands
from gvckit.report.places import of_whom
from gvckit.report.reasons import in_words
from gvckit.report.request import TableRequest, VariableInfo, in_language
from gvckit.report.words import join, say

__all__ = ["adjusted_note", "detectable_note", "placebo_note", "randomise_note", "region_notes",
           "turn_notes", "within_share_note"]

LEVEL = 0.05
"""Above this p of Lind and Mehlum's test a parabola is not called a curve that turns."""

Dictionary = Mapping[str, VariableInfo]
Statement = tuple[int, str]


def within_share_note(columns: Sequence[ColumnData], dictionary: Dictionary, language: str
                      ) -> list[str]:
    """Return the share of the focal regressors' variance that each model's effects leave."""
    with_effects = [c if c.fe else None for c in columns]
    return _by_term(with_effects, "within_share", percent, dictionary, language)


def detectable_note(request: TableRequest, columns: Sequence[ColumnData], dictionary: Dictionary,
                    language: str) -> list[str]:
    """Return the minimum detectable effects, where the table asks for them."""
    if not request.mde:
        return []
    return _by_term(columns, "mde", _short, dictionary, language)


def _by_term(columns: Sequence[ColumnData | None], stat: str, words: Callable[[float], str],
             dictionary: Dictionary, language: str) -> list[str]:
    """Return one sentence: for each focal term its values, with the columns that have them."""
    values: dict[str, list[tuple[int, str]]] = {}
    for i, column in enumerate(columns):
        if column is None or column.reason is not None:
            continue
        for term in column.focal:
            value = column.stats.get(f"{stat}:{term}")
            if value is not None and math.isfinite(value) and term in column.terms:
                values.setdefault(term_label(term, dictionary, language), []).append(
                    (i, words(value)))
    if not values:
        return []
    done = [i for i, c in enumerate(columns) if c is not None and c.reason is None]
    of, shown = of_whom(values, done, language)
    return [say(stat, language, of=of, list=shown)]


def turn_notes(columns: Sequence[ColumnData], dictionary: Dictionary, language: str
               ) -> Iterable[Statement]:
    """Yield the turning points of quadratics: (column, sentence with ``{columns}``)."""
    for i, column in enumerate(columns):
        for turn in column.further.get("turns", ()):
            low, high = float(turn["low"]), float(turn["high"])
            if math.isinf(low) and math.isinf(high):
                interval = say("interval_unbounded", language)
            elif low > high:
                interval = say("interval_outside", language, low=_short(high), high=_short(low))
            else:
                interval = f"[{_short(low)}, {_short(high)}]"
            said = "turn" if float(turn["p"]) < LEVEL else "turn_none"
            yield i, say(said, language, columns="{columns}",
                         name=term_label(turn["term"], dictionary, language),
                         shape=say(f"shape_{turn['shape']}", language), p=p_text(float(turn["p"])),
                         point=_short(float(turn["point"])), interval=interval,
                         share=percent(float(turn["share_beyond"])))


def region_notes(columns: Sequence[ColumnData], dictionary: Dictionary, language: str
                 ) -> Iterable[Statement]:
    """Yield marginal effects and regions of Johnson and Neyman: (column, sentence)."""
    for i, column in enumerate(columns):
        for region in column.further.get("regions", ()):
            moderator = term_label(region["moderator"], dictionary, language)
            effects = join([say("effect_at", language, at=_short(at), effect=_short(b),
                                se=_short(se)) for at, b, se, _ in region["effects"]], language)
            yield i, say("region", language, columns="{columns}", effects=effects,
                         name=term_label(region["term"], dictionary, language),
                         moderator=moderator, region=_where(region, moderator, language),
                         share=percent(float(region["share"])))


def _where(region: Mapping[str, Any], moderator: str, language: str) -> str:
    bounds = [_short(float(b)) for b in region["bounds"]]
    if not bounds:
        return say("region_everywhere" if region["inside"] else "region_nowhere", language)
    return say("region_inside" if region["inside"] else "region_outside", language,
               moderator=moderator, low=bounds[0], high=bounds[-1])


def randomise_note(columns: Sequence[ColumnData], dictionary: Dictionary, language: str
                   ) -> list[str]:
    """Return the p values of randomisation inference, each way of dealing once."""
    ways: dict[tuple[str, str], dict[str, list[tuple[int, str]]]] = {}
    for i, column in enumerate(columns):
        found = column.further.get("randomise")
        if not found:
            continue
        by = key_label("*".join(found["by"]), dictionary, language) if found["by"] else ""
        within = key_label("*".join(found["within"]), dictionary, language)
        groups = "dealt_paths" if found.get("paths") else "dealt_groups"
        between = say(groups, language, by=by) if by else say("dealt_rows", language)
        alone = int(found.get("alone", 0))
        between += say("dealt_alone", language, count=alone) if alone else ""
        between += say("dealt_within", language, within=within) if found["within"] else ""
        values = ways.setdefault((thousands(int(found["draws"])), between), {})
        for term, p in found["p"].items():
            values.setdefault(term_label(term, dictionary, language), []).append(
                (i, p_text(float(p))))
    done = [i for i, c in enumerate(columns) if c.reason is None]
    notes = []
    for (count, between), values in ways.items():
        of, shown = of_whom(values, done, language)
        notes.append(say("randomise", language, count=count, between=between, of=of, list=shown))
    return notes


def placebo_note(columns: Sequence[ColumnData], dictionary: Dictionary, language: str
                 ) -> Iterable[Statement]:
    """Yield where coefficients lie among those of random suppliers: (column, sentence)."""
    for i, column in enumerate(columns):
        found = column.further.get("placebo")
        if not found:
            continue
        terms = join([say("placebo_term", language, name=term_label(t, dictionary, language),
                          p=p_text(v["p"]), rank=p_text(v["p_rank"]),
                          place=percent(v["percentile"]))
                      for t, v in found["terms"].items()], language)
        yield i, say("placebo_note", language, columns="{columns}", terms=terms,
                     count=thousands(int(found["draws"])))


def adjusted_note(request: TableRequest, tests: int, dictionary: Dictionary, language: str,
                  family: Sequence[str] = ()) -> list[str]:
    """Return which adjustment the rows of adjusted p values have, over how many coefficients."""
    if not request.adjust:
        return []
    reason = request.adjusted.get("reason")
    if reason:
        return [say("adjust_none", language, name=say(f"adjust_{request.adjust}", language),
                    reason=in_words(str(reason), language, lambda names: names))]
    labels = [in_language(request.labels.get(m, {}), language, m) for m in family]
    words = say("adjust_family" if family else "adjust", language, count=tests,
                name=say(f"adjust_{request.adjust}", language), list=join(labels, language))
    if request.adjust == "romano-wolf":
        by = key_label(str(request.adjusted.get("by", "")), dictionary, language)
        words += say("adjust_draws", language, by=by,
                     count=thousands(int(request.adjusted.get("draws", 0))))
    return [words]


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−") if math.isfinite(value) else "∞"
