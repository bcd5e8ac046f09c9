"""The sentences of fits - reasons and warnings - in the language of a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from gvckit.report.reasons_words import SENTENCES, TESTS
from gvckit.report.words import language_of

__all__ = ["difference_words", "in_words", "said"]

Labeller = Callable[[str], str]


class _Known(NamedTuple):
    """A sentence: its pattern, its words by language, and the number in it, if any."""

    pattern: re.Pattern[str]
    words: tuple[str, str]
    value: tuple[str, str]


_KNOWN = tuple(
    _Known(re.compile(p), (en, zh), (value, value) if isinstance(value, str) else value)
    for p, en, zh, value in SENTENCES)
_TESTS = tuple(_Known(re.compile(p), (en, zh), (value, value)) for p, en, zh, value in TESTS)

#: Groups that hold names of variables; ``why`` is a sentence of its own; the others are numbers.
_NAMES = frozenset({"name", "other", "third"})
_MODEL = re.compile(r"model '[^']*': ")
_LONG = re.compile(r"-?\d+\.\d{4,}(?:e[-+]?\d+)?")


def said(text: str, language: str, label: Labeller) -> tuple[str, str]:
    """Return the sentence ``text`` in ``language``, with ``{value}`` where its number stands.

    The number is the second part, empty where there is none.  A sentence that is not known stays
    as it is.

    Parameters
    ----------
    text
        A reason or warning of a fit.
    language
        ``en`` or ``zh``.
    label
        Turns the names in the sentence into labels.
    """
    return _of(_KNOWN, _MODEL.sub("", text), language, label)


def _of(sentences: tuple[_Known, ...], text: str, language: str, label: Labeller
        ) -> tuple[str, str]:
    for known in sentences:
        found = known.pattern.fullmatch(text)
        if found:
            parts = {k: _part(k, v, language, label) for k, v in found.groupdict().items()}
            head = known.words[language_of(language)].format(**parts, value="{value}")
            return head, known.value[language_of(language)].format(**parts)
    return text, ""


def _part(group: str, text: str | None, language: str, label: Labeller) -> str:
    if text is None:
        return ""
    if group in _NAMES:
        return label(text.replace("'", ""))
    if group == "why":
        return in_words(text, language, label)
    return _LONG.sub(lambda m: f"{float(m[0]):#.3g}", text).replace("-", "−")


def in_words(text: str, language: str, label: Labeller) -> str:
    """Return the sentences ``text`` in ``language``; those that are not known stay English."""
    head, value = said(text, language, label)
    if head == _MODEL.sub("", text) and "; " in text:
        return ("；" if language == "zh" else "; ").join(
            in_words(part, language, label) for part in text.split("; "))
    return head.replace("{value}", value)


def difference_words(text: str, language: str, label: Labeller) -> tuple[str, str]:
    """Return how a difference between groups was tested, as :func:`said` does."""
    return _of(_TESTS, text, language, label)
