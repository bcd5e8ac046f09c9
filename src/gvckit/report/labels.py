"""Labels of terms, fixed effects and keys, out of the variable dictionary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gvckit.report.request import VariableInfo, in_language
from gvckit.report.words import KEYS, language_of, say

__all__ = ["fe_label", "key_label", "names_in", "related", "term_label"]

_CONSTANTS = frozenset({"const", "constant", "_cons", "intercept", "(intercept)"})
_NAME = re.compile(r"[^\W\d]\w*")
_CALL = re.compile(r"(lag|lead|diff|growth|log)\((.*?)(?:,\s*(?:k\s*=\s*)?(\d+)\s*)?\)")
_POWER = re.compile(r"(.+?)\s*(?:\*\*|\^)\s*([23])")
_CROSSED = re.compile(r"\s*[*^:#×]\s*")
_TIMES = frozenset({"year", "time", "month", "quarter", "period", "trend"})
_POWERS = {"2": "²", "3": "³"}
_NUMBER = r"-?[0-9.]+(?:e[+-]?[0-9]+)?"
_REGIME = re.compile(rf"\((?:({_NUMBER})<)?(.+?)(<=|>)({_NUMBER})\)")


def names_in(term: str) -> frozenset[str]:
    """Return the identifiers that occur in the text of a term, functions included."""
    return frozenset(_NAME.findall(term))


def related(entry: str, terms: Sequence[str]) -> list[str]:
    """Return the terms of a column that ``show: entry`` asks for.

    The term itself; where the column has not that term, those built on it (``lag(dig)`` where
    ``dig`` was swapped for its lag), so that a variation of the baseline is not an empty column.
    """
    if entry in terms:
        return [entry]
    return [t for t in terms if entry in names_in(t)]


def _depths(text: str) -> list[int]:
    """Return the depth of parentheses before each character; negative where they do not match."""
    depth, depths = 0, []
    for sign in text:
        depths.append(depth)
        depth += (sign in "([") - (sign in ")]")
    return [*depths, depth]


def _balanced(text: str) -> bool:
    depths = _depths(text)
    return depths[-1] == 0 and min(depths) >= 0


def _factors(term: str) -> list[str]:
    """Return the factors of a product written with ``*`` or ``:`` outside parentheses."""
    if not _balanced(term):
        return [term]
    depths = _depths(term)
    parts, start = [], 0
    for place, sign in enumerate(term):
        alone = "*" not in (term[place - 1:place], term[place + 1:place + 2])
        if depths[place] == 0 and (sign == ":" or (sign == "*" and alone)):
            parts.append(term[start:place].strip())
            start = place + 1
    parts.append(term[start:].strip())
    return parts if all(parts) else [term]


def term_label(term: str, dictionary: Mapping[str, VariableInfo], language: str) -> str:
    """Return the label of a term: its own, or built from those of the variables in it.

    ``lag(x)`` becomes ``X (t−1)``, ``a * b`` ``A × B``, ``x^2`` ``X²``, ``(q<=1)`` ``(Q ≤ 1)``;
    every other expression without a label of its own is printed as it was written.
    """
    term = term.strip()
    known = dictionary.get(term)
    label = in_language(known.label, language) if known else ""
    if label:
        return label
    if term.lower() in _CONSTANTS:
        return say("constant", language)
    return _built_label(term, dictionary, language)


def _built_label(term: str, dictionary: Mapping[str, VariableInfo], language: str) -> str:
    factors = _factors(term)
    if len(factors) > 1:
        if len(factors) == 2 and factors[0] == factors[1]:
            return term_label(factors[0], dictionary, language) + "²"
        return " × ".join(term_label(f, dictionary, language) for f in factors)
    power = _POWER.fullmatch(term)
    if power and (_NAME.fullmatch(power[1]) or _CALL.fullmatch(power[1])
                  or (power[1][0] == "(" and _balanced(power[1][1:-1]))):
        base = power[1][1:-1] if power[1][0] == "(" else power[1]
        return term_label(base, dictionary, language) + _POWERS[power[2]]
    regime = _REGIME.fullmatch(term)
    if regime and _balanced(regime[2]):
        low = f"{regime[1]} < " if regime[1] else ""
        sign = "≤" if regime[3] == "<=" else ">"
        inner = f"{low}{term_label(regime[2], dictionary, language)} {sign} {regime[4]}"
        return f"({inner})".replace("-", "−")
    call = _CALL.fullmatch(term)
    if call and _balanced(call[2]) and "," not in call[2]:
        k = call[3] or "1"
        if k == "1" or call[1] in ("lag", "lead"):
            return say(call[1], language, name=term_label(call[2], dictionary, language), k=k)
    return term


def key_label(key: str, dictionary: Mapping[str, VariableInfo], language: str) -> str:
    """Return the label of a panel key, or of keys joined by ``*``.

    The dictionary's label, else a word that is known here, else the name.
    """
    cross = "×" if language == "zh" else " × "
    parts = [p for p in _CROSSED.split(key.strip()) if p]
    return cross.join(_one_key(p, dictionary, language) for p in parts)


def _one_key(key: str, dictionary: Mapping[str, VariableInfo], language: str) -> str:
    known = dictionary.get(key)
    label = in_language(known.label, language) if known else ""
    if label:
        return label
    return KEYS[key][language_of(language)] if key in KEYS else key


def fe_label(effect: str, dictionary: Mapping[str, VariableInfo], language: str) -> str:
    """Return the row label of a fixed effect: ``Country × sector FE``, ``国家×行业固定效应``.

    ``country[year]`` is ``Country trends``, ``country[size]`` ``Country slopes of Size``.
    """
    keys, bracket, slope = effect.strip().partition("[")
    name = key_label(keys, dictionary, language)
    name = name[:1].upper() + name[1:]
    if not bracket:
        return say("fe", language, name=name)
    slope = slope.removesuffix("]").strip()
    if slope in _TIMES:
        return say("trends", language, name=name)
    return say("slopes", language, name=name, slope=term_label(slope, dictionary, language))
