"""What was done to variables within groups, and which sectors are meant, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gvckit.report.labels import key_label
from gvckit.report.request import in_language
from gvckit.report.words import join, say

__all__ = ["sectors_sentence", "step_words"]


def step_words(step: Sequence[Any], language: str) -> str:
    """Return a step that is done within groups or over some rows in words, else nothing.

    ``["standardise", keys, condition]`` and ``["winsor", share, keys]``; keys are names, or labels
    by language; the condition is such a label, left out for all rows.
    """
    if step[0] == "standardise" and len(step) > 1:
        over = (say("over_some", language, condition=_lower(in_language(step[2], language)))
                if len(step) > 2 else say("over_all", language))
        return say("standardised_over", language, within=_within(step[1], language), over=over)
    if step[0] == "winsor":
        return say("winsorised_within", language, percent=f"{100 * float(step[1]):g}",
                   within=_within(step[2] if len(step) > 2 else (), language))
    return ""


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _within(keys: Sequence[str | Mapping[str, str]], language: str) -> str:
    if not keys:
        return ""
    words = [key_label(key, {}, language) if isinstance(key, str)
             else _lower(in_language(key, language)) for key in keys]
    return say("within_keys", language, keys=(" and " if language == "en" else "、").join(words))


def sectors_sentence(sectors: Sequence[Mapping[str, Any]], language: str) -> str:
    """Return which sectors codes stand for: ``code`` and ``label`` by language of each."""
    named = [say("with_own", language, name=one["code"],
                 own=_lower(in_language(one["label"], language))) for one in sectors]
    return say("sectors_are", language, list=join(named, language))
