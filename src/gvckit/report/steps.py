"""What was done to variables, and which sectors are meant, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gvckit.report.labels import key_label
from gvckit.report.places import lowered
from gvckit.report.request import in_language
from gvckit.report.words import join, language_of, say
from gvckit.report.words_formula import PARTS, STEPS

__all__ = ["sectors_sentence", "step_words"]


def step_words(step: Sequence[Any], language: str) -> str:
    """Return what a step does to a variable, in words.

    ``["winsor", share, keys]``, ``["standardise", keys, condition]``, ``["only", condition]``,
    ``["log"]``; keys (left out where there are none) are names, or labels by language, the
    condition is such a label; without one a variable is standardised over all rows.
    """
    name = step[0]
    if name == "log":
        return say("step_log", language)
    if name == "only":
        return _said("only", language, condition=lowered(in_language(step[1], language)))
    if name == "winsor":
        return _said("winsor", language, percent=f"{100 * float(step[1]):g}",
                     within=_within(step[2] if len(step) > 2 else (), language))
    over = (say("over_some", language, condition=lowered(in_language(step[2], language)))
            if len(step) > 2 else say("over_all", language))
    return say("standardised_over", language, over=over,
               within=_within(step[1] if len(step) > 1 else (), language))


def _said(name: str, language: str, **parts: str) -> str:
    return STEPS[name][language_of(language)].format(**parts)


def _within(keys: Sequence[str | Mapping[str, str]], language: str) -> str:
    if not keys:
        return ""
    words = [key_label(key, {}, language) if isinstance(key, str)
             else lowered(in_language(key, language)) for key in keys]
    listed = (" and " if language == "en" else "、").join(words)
    return PARTS["within"][language_of(language)].format(keys=listed)


def sectors_sentence(sectors: Sequence[Mapping[str, Any]], language: str) -> str:
    """Return which sectors codes stand for: ``code`` and ``label`` by language of each."""
    named = [say("with_own", language, name=one["code"],
                 own=lowered(in_language(one["label"], language))) for one in sectors]
    return say("sectors_are", language, list=join(named, language))
