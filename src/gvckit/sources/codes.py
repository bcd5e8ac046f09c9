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

from gvckit.errors import DataError, Problem, Where, cut, listing, nearest

__all__ = ["NAMES", "CodeMap", "aliases_of", "code_map", "code_tables", "codes_elsewhere",
           "country_names", "iso2_codes", "iso3_codes", "look_up", "near_code",
           "normalise", "unknown_code"]

DATA_FILES = ("codes/*.csv",)
"""Read here, so part of what this module is."""

_EVERYWHERE = "*"
_ISO2 = "iso2"
NAMES = "names"
"""The table of country names, English and Chinese."""


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
    if source == NAMES:
        found |= {name.casefold(): (iso, "country name") for language in ("en", "zh")
                  for iso, name in country_names(language).items()}
    for wanted in (_EVERYWHERE, source):
        found |= {row["from"].casefold() if wanted == NAMES else row["from"]:
                  (row["to"], row["note"]) for row in rows if row["source"] == wanted}
    return found


def look_up(codes: Iterable[str], source: str | None = None) -> tuple[CodeMap, tuple[str, ...]]:
    """Return what the distinct ``codes`` of a source mean, and those that mean nothing, sorted."""
    known, aliases = frozenset(iso3_codes()), aliases_of(source)
    result = CodeMap({}, {}, {})
    unknown = []
    for code in sorted(set(codes)):
        target, note = _meaning(code, known, aliases)
        if target is None:
            unknown.append(code)
        elif not target:
            result.dropped[code] = note
        else:
            result.iso3[code] = target
            if target != code:
                result.aliases[code] = target
    return result, tuple(unknown)


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
    result, strange = look_up(codes, source)
    if strange and unknown != "drop":
        raise DataError([unknown_code(code, source, where) for code in strange])
    result.dropped.update((code, "unknown code" if code else "blank code") for code in strange)
    return result


def code_tables() -> tuple[str, ...]:
    """Return the names of all alias tables, sorted; ``iso2`` is one, and ``names``."""
    named = {row["source"] for row in _table("aliases.csv")} - {_EVERYWHERE}
    return tuple(sorted({*named, _ISO2, NAMES}))


def _meaning(code: str, known: frozenset[str],
             aliases: dict[str, tuple[str, str]]) -> tuple[str | None, str]:
    for form in dict.fromkeys((code, code.upper(), code.casefold())):
        if form in aliases:
            return aliases[form]
        if form in known:
            return form, ""
    return None, ""


def unknown_code(code: str, source: str | None = None, where: Where | str | None = None,
                 of: str = "") -> Problem:
    """Return the problem of a code that means nothing in a source; ``of`` says what it is in."""
    if not code:
        return Problem(f"a country code is blank{of}", where,
                       allowed="`unknown_codes: drop` leaves such rows out")
    known, aliases = iso3_codes(), aliases_of(source)
    also: dict[str, list[str]] = {}
    for table, to in codes_elsewhere(code):
        also.setdefault(to or "nothing", []).append(table)
    near, alike = (None, []) if also else near_code(
        code, [*known, *(a for a, (to, _) in aliases.items() if to)])
    lists = "; ".join(f"{to} in {listing(names, 3)}" for to, names in sorted(also.items()))
    hint = f"; it means {lists} (`codes:` names a list)" if also else ""
    hint = f", which is like {listing(alike, 6)}" if alike else hint
    named = any(row["source"] == source for row in _table("aliases.csv"))
    table = f", an alias of {source!r}" if named and source else ""
    return Problem(f"unknown country code {cut(code)!r}{of}{hint}", where,
                   allowed=f"ISO 3166-1 alpha-3{table}, or `unknown_codes: drop`",
                   nearest=near)


def codes_elsewhere(code: str) -> list[tuple[str, str]]:
    """Return the tables in which a code means something, each with what it means there."""
    if code.isdecimal():  # numbers mean something else in every list
        return []
    found = [(row["source"], row["to"]) for row in _table("aliases.csv")
             if row["from"] == code and row["source"] not in (_EVERYWHERE, NAMES)]
    two = iso2_codes().get(code)
    return [*found, (_ISO2, two)] if two and (_ISO2, two) not in found else found


def near_code(code: str, known: Iterable[str]) -> tuple[str | None, list[str]]:
    """Return the code that was probably meant, or several that differ in one letter.

    Examples
    --------
    >>> near_code("DUE", ["DEU", "USA"]), near_code("CHX", ["CHE", "CHN"])
    (('DEU', []), (None, ['CHE', 'CHN']))
    """
    named = aliases_of(NAMES).get(code.casefold())
    if named and named[0]:
        return named[0], []
    codes = [k for k in known if len(k) <= 4]
    word = code.upper()
    if len(word) != 3:  # upper case may be longer
        return (nearest(code, codes) if len(code) <= 4 else None), []
    turned = [k for k in codes if k in (word[1] + word[0] + word[2], word[0] + word[2] + word[1])]
    alike = turned or sorted({k for k in codes if len(k) == 3 and sum(
        a != b for a, b in zip(word, k, strict=True)) == 1})
    return (alike[0], []) if len(alike) == 1 else (None, alike)


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
