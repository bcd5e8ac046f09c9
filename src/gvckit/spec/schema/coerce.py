"""Coerce the text of a spec: to numbers, truth values, years, names; say what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from pydantic_core import PydanticCustomError

from gvckit.errors import listing

__all__ = [
    "EARLIEST", "LANGUAGES", "LATEST", "MAX_NAME", "MOST_STARS", "as_list", "falling", "fault",
    "flat_years", "kind_of", "parse_years", "to_boolean", "to_columns", "to_count_or_selection",
    "to_hash", "to_labels", "to_language", "to_levels", "to_name", "to_number", "to_paper_key",
    "to_selection", "to_setting", "to_text", "to_word", "to_years", "whole_between",
]

LANGUAGES = ("en", "zh")
MAX_NAME = 40
MOST_STARS = 3
_NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{MAX_NAME - 1}}}")
_KEBAB = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_WHOLE = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?")
_YEARS = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?")
EARLIEST, LATEST = 1800, 2200
_WORDS_FOR_TRUTH = {"yes": "true", "on": "true", "y": "true", "1": "true", "true": "true",
                    "no": "false", "off": "false", "n": "false", "0": "false", "false": "false"}


def fault(what: str, *, allowed: str | None = None, nearest: str | None = None,
          at: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """Return the error to raise in a validator; ``at`` names a place below the validated value."""
    return PydanticCustomError("spec", "{what}", {
        "what": what, "allowed": allowed, "nearest": nearest, "at": at})


def kind_of(value: object) -> str:
    """Return what a value is, in a spec's words."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value)
    return repr(text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…")


def to_text(value: object, wanted: str = "text") -> str:
    """Return a scalar as text; a fault says that ``wanted`` was expected."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise fault(f"expected {wanted}, found {kind_of(value)}")


def to_word(value: object) -> str:
    """Return a scalar as text that is not blank, without blanks around it."""
    text = to_text(value).strip()
    if not text:
        raise fault("expected text, found nothing")
    return text


def to_name(value: object) -> str:
    """Return a name that the spec declares: snake_case, at most 40 characters."""
    text = to_text(value, "a name")
    if _NAME.fullmatch(text):
        return text
    if text.endswith(")"):
        raise fault(f"stray key {text!r}: quote the expression")
    fixed = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)).strip("_").lower()
    raise fault(f"the name {kind_of(text)} is not in snake_case",
                allowed=f"a-z, 0-9 and _, at most {MAX_NAME}, first a letter",
                nearest=fixed if _NAME.fullmatch(fixed) else None)


def to_paper_key(value: object) -> str:
    """Return the key of a paper: kebab-case, at most 80 characters."""
    text = to_text(value, "a key")
    if not _KEBAB.fullmatch(text) or len(text) > 2 * MAX_NAME:
        raise fault(f"{kind_of(text)} is not in kebab-case",
                    allowed=f"a-z, 0-9 and -, at most {2 * MAX_NAME}, first a letter")
    return text


def whole_between(low: int, high: int) -> Callable[[object], int]:
    """Return the function that reads a whole number from ``low`` to ``high``."""

    def whole(value: object) -> int:
        text = to_text(value, "a whole number").strip()
        if not _WHOLE.fullmatch(text):
            raise fault(f"expected a whole number, found {kind_of(text)}")
        if not low <= int(text) <= high:
            raise fault(f"{text} is out of range", allowed=f"{low} to {high}")
        return int(text)

    return whole


def to_number(value: object) -> float:
    """Return a finite number."""
    text = to_text(value, "a number").strip()
    number = float(text) if _NUMBER.fullmatch(text) else float("inf")
    if abs(number) == float("inf"):
        raise fault(f"expected a number, found {kind_of(text)}")
    return number


def to_boolean(value: object) -> bool:
    """Return a truth value; only ``true`` and ``false`` are one."""
    text = to_text(value, "true or false").strip()
    if text in ("true", "false"):
        return text == "true"
    raise fault(f"expected true or false, found {kind_of(text)}",
                nearest=_WORDS_FOR_TRUTH.get(text.lower()))


def to_years(value: object) -> tuple[int, ...]:
    """Return the years of ``2011`` or ``1995-2011``."""
    text = to_text(value, "a year or a range of years").strip()
    found = _YEARS.fullmatch(text)
    if not found:
        dashed = re.sub(r"\s*([–—−:/]|\.\.|to)\s*", "-", text)
        raise fault(f"expected a year or a range of years, found {kind_of(text)}",
                    allowed="2011 or 1995-2011",
                    nearest=dashed if _YEARS.fullmatch(dashed) else None)
    first, last = int(found[1]), int(found[2] or found[1])
    if not EARLIEST <= first <= LATEST or not EARLIEST <= last <= LATEST:
        raise fault(f"the year {kind_of(text)} is out of range",
                    allowed=f"{EARLIEST} to {LATEST}")
    if last < first:
        raise fault(f"the range {text} ends before it starts", nearest=f"{last}-{first}")
    return tuple(range(first, last + 1))


def parse_years(text: str) -> tuple[int, ...] | str:
    """Return the years of ``2011`` or ``1995-2011``, or what is wrong with it."""
    try:
        return to_years(text)
    except PydanticCustomError as error:
        return str(error)


def flat_years(spans: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
    """Return the years of several spans, sorted; a year may stand there once."""
    years = [year for span in spans for year in span]
    twice = sorted({year for year in years if years.count(year) > 1})
    if twice:
        raise fault(f"years given twice: {listing([str(y) for y in twice])}")
    return tuple(sorted(years))


def to_columns(value: object) -> object:
    """``[a, b]`` stands for ``{a: a, b: b}``: columns that keep their names."""
    value = as_list(value)
    if isinstance(value, list | tuple):
        names = [to_name(item) for item in value]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise fault(f"given twice: {listing(twice)}")
        return dict(zip(names, names, strict=True))
    return value


def to_levels(value: object) -> object:
    """Return the list of levels of stars; ``false`` is none."""
    return [] if value in ("false", False) else as_list(value)


def falling(levels: tuple[float, ...]) -> tuple[float, ...]:
    """Return levels of stars that are at most three, falling, between 0 and 1."""
    in_order = all(a > b for a, b in pairwise(levels))
    if len(levels) > MOST_STARS or not in_order or not all(0 < level < 1 for level in levels):
        raise fault("expected at most three falling numbers between 0 and 1, or false")
    return levels


def to_selection(value: object) -> str | tuple[str, ...]:
    """Return the name of a list of codes, or the codes themselves."""
    if isinstance(value, list | tuple):
        for i, item in enumerate(value):
            if not isinstance(item, str | int | float):
                raise fault(f"expected a code, found {kind_of(item)}", at=(i,))
        return tuple(to_text(item) for item in value)
    return to_word(value)


def to_count_or_selection(value: object) -> int | str | tuple[str, ...]:
    """Return a count, the name of a list of codes, or the codes."""
    chosen = to_selection(value)
    return int(chosen) if isinstance(chosen, str) and _WHOLE.fullmatch(chosen) else chosen


def _plain(value: object) -> Any:
    """A value of a setting as JSON: numbers and truth values as such, names as text."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if not isinstance(value, str):
        return value
    if _WHOLE.fullmatch(value):
        return int(value)
    if value in ("true", "false"):
        return value == "true"
    return float(value) if _NUMBER.fullmatch(value) else value


def to_setting(value: object) -> str | dict[str, Any]:
    """Return a word, or a mapping of one word to its value."""
    if not isinstance(value, dict):
        return to_word(value)
    if len(value) != 1:
        raise fault(f"expected one setting, found {len(value)}",
                    allowed="a word such as iid, or a mapping of one such as {cluster: country}")
    key, setting = next(iter(value.items()))
    if setting is None or setting in ([], {}):
        raise fault("expected a value, found nothing", at=(key,))
    return {str(key): _plain(setting)}


def to_hash(value: object) -> str:
    """Return a SHA-256 sum in lower case."""
    text = to_text(value, "a SHA-256 sum").strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise fault(f"expected a SHA-256 sum of 64 hexadecimal digits, found {kind_of(text)}")
    return text


def as_list(value: object) -> object:
    """Return a scalar as a list of one; anything else as it is."""
    return [value] if isinstance(value, str | int | float) else value


def to_labels(value: object) -> object:
    """Return a plain text as a text in every language; anything else as it is."""
    if isinstance(value, str | int | float):
        return dict.fromkeys(LANGUAGES, to_word(value))
    return value


def to_language(value: object) -> str:
    """Return the code of a language that tables can be written in."""
    text = to_text(value, "a language")
    if text not in LANGUAGES:
        raise fault(f"unknown language {kind_of(text)}", allowed=listing(LANGUAGES))
    return text
