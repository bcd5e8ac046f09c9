"""Notes on thresholds and on the channels of an effect."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gvckit.report.columns import ColumnData
from gvckit.report.labels import key_label, term_label
from gvckit.report.notes_inference import p_text
from gvckit.report.numbers import thousands
from gvckit.report.request import VariableInfo
from gvckit.report.words import join, say

__all__ = ["channel_notes", "threshold_notes"]

Dictionary = Mapping[str, VariableInfo]
Statement = tuple[int, str]


def threshold_notes(columns: Sequence[ColumnData], dictionary: Dictionary, language: str
                    ) -> Iterable[Statement]:
    """Yield the tests of thresholds: (column, sentence with ``{columns}``)."""
    for i, column in enumerate(columns):
        found: Mapping[str, Any] = column.further.get("threshold") or {}
        if not found:
            continue
        tested = found["tested"]
        parts = [say("threshold_test", language, number=k, gamma=_short(one["gamma"]),
                     low=_short(one["low"]), high=_short(one["high"]), F=_short(one["F"]),
                     p=_bootstrapped(one, language)) for k, one in enumerate(tested, start=1)]
        drawn = next((one["draws"] for one in tested if one["draws"]), 0)
        how = say(f"threshold_{found['bootstrap']}", language, count=thousands(drawn),
                  by=key_label(str(found["by"]), dictionary, language)
                  ) if drawn else say("threshold_untested", language)
        yield i, say(
            "threshold", language, columns="{columns}", parts=join(parts, language), how=how,
            name=term_label(found["regime_of"], dictionary, language),
            variable=term_label(found["variable"], dictionary, language),
            rows=" / ".join(thousands(int(rows)) for rows in found["rows"]))


def channel_notes(columns: Sequence[ColumnData], dictionary: Dictionary, language: str
                  ) -> Iterable[Statement]:
    """Yield the products of the paths and what they rest on: (column, sentence)."""
    for i, column in enumerate(columns):
        found: Mapping[str, Any] = column.further.get("mechanism") or {}
        if not found:
            continue
        for effect in found.get("effects", ()):
            text = say("indirect", language, columns="{columns}",
                       name=term_label(effect["x"], dictionary, language),
                       through=term_label(effect["through"], dictionary, language),
                       effect=_short(effect["indirect"]), z=f"{effect['sobel_z']:.2f}".replace(
                           "-", "−"), p=p_text(effect["sobel_p"]))
            if "low" in effect:
                text += say("indirect_draws", language, low=_short(effect["low"]),
                            high=_short(effect["high"]), count=thousands(int(found["draws"])),
                            by=key_label(str(found["by"]), dictionary, language))
            else:
                text += say("indirect_end", language)
            yield i, text
        yield i, say(f"caveat_{found['style']}", language, columns="{columns}")


def _bootstrapped(one: Mapping[str, Any], language: str) -> str:
    p = float(one["p"])
    return "" if math.isnan(p) else say("threshold_p", language, p=p_text(p))


def _short(value: float) -> str:
    return f"{float(value):.4g}".replace("-", "−")
