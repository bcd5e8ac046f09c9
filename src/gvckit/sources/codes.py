"""Country codes: the list that gvckit uses, and what each source calls its countries.

``codes/iso3.csv`` is ISO 3166-1 alpha-3 with the rest of the world (ROW) and Kosovo (XKX);
``codes/aliases.csv`` says, for each source, what its other codes mean.  An alias to nothing is an
aggregate or a place without a code: its rows are left out and reported.  Source ``*`` holds for
every source.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from gvckit.errors import DataError, Problem, Where, listing, nearest

__all__ = ["CodeMap", "aliases_of", "code_map", "code_tables", "country_names", "iso2_codes",
           "iso3_codes", "normalise"]

DATA_FILES = ("codes/*.csv",)
"""Read here, so part of what this module is."""

_EVERYWHERE = "*"
_ISO2 = "iso2"


@dataclass(frozen=True, slots=True)
class CodeMap:
    """What became of the codes of a source.

    Attributes
    ----------
    iso3
        Code as read → code used; codes that are left out are not in it.
    aliases
        The part of ``iso3`` in which the two differ.
    dropped
        Code left out → why.
    """

    iso3: dict[str, str]
    aliases: dict[str, str]
    dropped: dict[str, str]


@lru_cache(maxsize=1)
def _countries() -> tuple[dict[str, str], ...]:
    return tuple(_table("iso3.csv"))


@lru_cache(maxsize=4)
def _table(name: str) -> list[dict[str, str]]:
    text = (files("gvckit.sources") / "codes" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def iso3_codes() -> tuple[str, ...]:
    """Return the codes of the list, sorted."""
    return tuple(sorted(row["iso3"] for row in _countries()))


@lru_cache(maxsize=1)
def iso2_codes() -> dict[str, str]:
    """Return ISO 3166-1 alpha-2 → alpha-3."""
    return {row["iso2"]: row["iso3"] for row in _countries() if row["iso2"]}


def country_names(language: str = "en") -> dict[str, str]:
    """Return alpha-3 code → short name in ``en`` or ``zh``."""
    return {row["iso3"]: row[language] for row in _countries()}


@lru_cache(maxsize=64)
def aliases_of(source: str | None) -> dict[str, tuple[str, str]]:
    """Return code → (alpha-3 code or "", note) for a source, what holds everywhere included."""
    found: dict[str, tuple[str, str]] = {}
    rows = _table("aliases.csv")
    if source == _ISO2:
        found |= {two: (three, "ISO 3166-1 alpha-2") for two, three in iso2_codes().items()}
    for wanted in (_EVERYWHERE, source):
        found |= {row["from"]: (row["to"], row["note"]) for row in rows if row["source"] == wanted}
    return found


def code_map(codes: Iterable[str], source: str | None = None, *, unknown: str = "error",
             where: Where | str | None = None) -> CodeMap:
    """Return what the distinct ``codes`` of a source mean.

    Parameters
    ----------
    codes
        Codes as read.  A code in other letter case than the list's is an alias of it.
    source
        Name in the alias table, such as ``wiod2013`` or ``barro_lee``; ``iso2`` for two letters.
    unknown
        ``error``, or ``drop`` to leave unknown codes out.
    where
        Place for the problems.

    Raises
    ------
    DataError
        Listing every unknown code with the nearest known one.
    """
    known, aliases = frozenset(iso3_codes()), aliases_of(source)
    result = CodeMap({}, {}, {})
    problems = []
    for code in sorted(set(codes)):
        target, note = _meaning(code, known, aliases)
        if target is None and unknown == "drop":
            result.dropped[code] = "unknown code" if code else "blank code"
        elif target is None:
            problems.append(_unknown(code, known, aliases, source, where))
        elif not target:
            result.dropped[code] = note
        else:
            result.iso3[code] = target
            if target != code:
                result.aliases[code] = target
    if problems:
        raise DataError(problems)
    return result


def code_tables() -> tuple[str, ...]:
    """Return the names of all alias tables, sorted; ``iso2`` is the list of two-letter codes."""
    named = {row["source"] for row in _table("aliases.csv")} - {_EVERYWHERE}
    return tuple(sorted({*named, _ISO2}))


def _meaning(code: str, known: frozenset[str],
             aliases: dict[str, tuple[str, str]]) -> tuple[str | None, str]:
    for form in dict.fromkeys((code, code.upper())):
        if form in aliases:
            return aliases[form]
        if form in known:
            return form, ""
    return None, ""


def _unknown(code: str, known: frozenset[str], aliases: dict[str, tuple[str, str]],
             source: str | None, where: Where | str | None) -> Problem:
    if not code:
        return Problem("a country code is blank", where, allowed="`unknown_codes: drop` leaves "
                       "such rows out")
    also: dict[str, list[str]] = {}
    if not code.isdecimal():  # numbers mean something else in every list
        for row in _table("aliases.csv"):
            if row["from"] == code and row["source"] != _EVERYWHERE:
                also.setdefault(row["to"] or "nothing", []).append(row["source"])
    near = None if also else _near(code, [*known, *(a for a, (to, _) in aliases.items() if to)])
    lists = "; ".join(f"{to} in {listing(names, 3)}" for to, names in sorted(also.items()))
    hint = f"; it means {lists} (`codes:` names a list)" if also else ""
    table = f", an alias of {source!r}" if aliases and source else ""
    return Problem(f"unknown country code {code!r}{hint}", where,
                   allowed=f"ISO 3166-1 alpha-3{table}, or `unknown_codes: drop`",
                   nearest=near)


def _near(code: str, known: list[str]) -> str | None:
    """Return the code of a country's name, else the nearest code of about the same length."""
    for language in ("en", "zh"):
        for iso, name in country_names(language).items():
            if code.casefold() == name.casefold():
                return iso
    return nearest(code, known) if len(code) <= 4 else None


def normalise(codes: Sequence[str], source: str | None = None, *, unknown: str = "error",
              where: Where | str | None = None) -> tuple[list[str | None], CodeMap]:
    """Return the alpha-3 code of each of ``codes`` (None: left out), and the map that was used.

    Parameters and errors as in :func:`code_map`.

    Examples
    --------
    >>> normalise(["ROM", "DEU", "RoW"], "wiod2013")[0]
    ['ROU', 'DEU', 'ROW']
    >>> normalise(["ROM", "ROU"], "barro_lee")[0]
    ['MDA', 'ROU']
    """
    found = code_map(codes, source, unknown=unknown, where=where)
    return [found.iso3.get(code) for code in codes], found
