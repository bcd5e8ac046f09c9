"""What is asked for on the command line: checked as a whole, everything wrong in one list."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gvckit.errors import DataError, Problem, SpecError, listing, unknown
from gvckit.measures.registry import MEASURES, SWITCH, Measure, measure
from gvckit.run.measuring.tables import table_files
from gvckit.run.step import FileRef
from gvckit.sources.catalogue import Source, source_named

__all__ = ["SUFFIXES", "Asked", "Request", "joined_keys", "make_request", "output_path"]

SUFFIXES = (".csv", ".parquet")
PLACE = "{measure}"

_SPAN = re.compile(r"(\d{4})(?:\s*-\s*(\d{4}))?")
_PLACE = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One measure as it is asked for.

    Attributes
    ----------
    row
        The measure.
    level
        Its level.
    arguments
        Parameters given for it.
    """

    row: Measure
    level: str
    arguments: Mapping[str, Any]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the frame."""
        return self.row.levels(self.arguments)[self.level]


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request.

    Attributes
    ----------
    source, years, asked
        Which tables, which years (sorted), which measures.
    out
        File to write; one a measure where its name holds ``{measure}``.
    files
        Year to its file; empty for a source that needs none.
    """

    source: Source
    years: tuple[int, ...]
    asked: tuple[Asked, ...]
    out: str
    files: Mapping[int, FileRef]


def make_request(
    source: str, measures: Sequence[str], years: str | None, out: str, *,
    by: str | None = None, settings: Sequence[str] = (), data: Sequence[str] = (),
) -> Request:
    """Return the request.

    Parameters
    ----------
    source
        Name in the catalogue.
    measures
        Names in the registry of measures.
    years
        ``1995-2011``, ``2000``, or several with commas; None takes a source's only year.
    out
        Path of the file, ``.parquet`` or ``.csv``.
    by
        Level (``country-sector``) or its keys (``country,sector``); default: each measure's own.
    settings
        ``name=value`` for every measure that has the parameter, ``measure.name=value`` for one.
    data
        Folders to look for tables in; then those of ``GVCKIT_DATA``.

    Raises
    ------
    SpecError
        With everything that is wrong, missing files included.
    """
    problems: list[Problem] = []
    found = _source(source, problems)
    span = _years(found, years, problems)
    files = table_files(found, span, data, problems) if found else {}
    rows = _measures(measures, problems)
    given = _settings(settings, rows, problems, complete=len(rows) == len(measures))
    asked = []
    for row in rows:
        _check_parameters(row, given[row.name], problems)
        level = _level(row, by, given[row.name], problems)
        if level is not None:
            asked.append(Asked(row, level, _switched(row, given[row.name])))
    _check_out(out, asked, problems)
    if problems or found is None:
        raise SpecError(list(dict.fromkeys(problems)))
    return Request(found, span, tuple(asked), out, files)


def output_path(out: str, name: str) -> Path:
    """Return the file of one measure."""
    return Path(out.replace(PLACE, name))


def joined_keys(asked: Asked) -> tuple[str, ...]:
    """Return the keys under which a measure is joined with others.

    An exporter without importers is a country as any other.
    """
    keys = asked.keys
    return keys if "importer" in keys else tuple("country" if k == "exporter" else k for k in keys)


def _source(name: str, problems: list[Problem]) -> Source | None:
    try:
        return source_named(name)
    except DataError as error:
        problems.extend(error.problems)
        return None


def _years(source: Source | None, text: str | None, problems: list[Problem]) -> tuple[int, ...]:
    first, last = source.years if source else (0, 9999)
    span = f"{first}-{last}" if source else "1995-2011"
    if text is None:
        if source and first == last:
            return (first,)
        problems.append(Problem("--years is missing", allowed=span))
        return ()
    years: list[int] = []
    for part in text.split(","):
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            problems.append(Problem(f"--years {part.strip()!r} is no year or range of years",
                                    allowed=span))
            continue
        start, end = int(match[1]), int(match[2] or match[1])
        if end < start:
            problems.append(Problem(f"--years {part.strip()} ends before it starts",
                                    nearest=f"{end}-{start}"))
        years += range(start, end + 1)
    outside = sorted({year for year in years if not first <= year <= last})
    if outside and source:
        problems.append(Problem(f"{source.name} has no year {listing(map(str, outside))}",
                                allowed=span))
    return tuple(sorted(set(years)))


def _measures(names: Sequence[str], problems: list[Problem]) -> list[Measure]:
    if not names:
        problems.append(Problem("no measure is named", allowed=listing(sorted(MEASURES), 40)))
    rows: dict[str, Measure] = {}
    for name in names:
        try:
            row = measure(name)
        except DataError as error:
            problems.extend(error.problems)
            continue
        if row.name in rows:
            problems.append(Problem(f"the measure {row.name} is named twice"))
        rows[row.name] = row
    return list(rows.values())


def _settings(
    texts: Sequence[str], rows: Sequence[Measure], problems: list[Problem], *, complete: bool
) -> dict[str, dict[str, Any]]:
    """Return the parameters of each measure.

    Where a measure's name is wrong (not ``complete``), what may belong to it is not complained of.
    """
    given: dict[str, dict[str, Any]] = {row.name: {} for row in rows}
    for text in texts:
        left, equals, value = text.partition("=")
        target, dot, name = left.strip().rpartition(".")
        value = value.strip()
        if not equals or not name or not value:
            problems.append(Problem(f"--set {text!r} is not name=value",
                                    allowed="direction=backward or position.definition=koopman"))
            continue
        target = target.replace("_", "-")
        if dot and target not in given:
            if complete or target in MEASURES:
                problems.append(unknown("measure of --set", target, given))
            continue
        takers = [row for row in rows if row.name == target or not dot]
        having = [row for row in takers if any(p.name == name for p in row.parameters)]
        if complete and not having:
            problems.append(unknown("parameter of --set", name,
                                    {p.name for row in takers for p in row.parameters}))
        for row in having:
            if name in given[row.name] and not dot:
                problems.append(Problem(f"--set gives {name} of {row.name} twice"))
            words = next(p.allowed for p in row.parameters if p.name == name)
            given[row.name][name] = value if words or "," not in value else [
                part.strip() for part in value.split(",") if part.strip()]
    return given


def _check_parameters(row: Measure, given: Mapping[str, Any], problems: list[Problem]) -> None:
    koopman = given.get("definition") == "koopman"
    for parameter in row.parameters:
        name, allowed = parameter.name, parameter.allowed
        if name in given:
            if allowed and given[name] not in allowed:
                problems.append(unknown(f"{name} of {row.name}", str(given[name]), allowed))
        elif parameter.required:
            problems.append(Problem(f"{row.name} needs --set {name}=…",
                                    allowed=", ".join(allowed) or parameter.words))
        elif koopman and name in ("iv", "fv"):
            problems.append(Problem(
                f"the Koopman definition needs --set {row.name}.{name}=…: papers disagree, and "
                "the choice can turn the sign", allowed=", ".join(allowed)))


def _switched(row: Measure, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with yes and no as true and false."""
    switches = {p.name for p in row.parameters if p.allowed == SWITCH}
    return {name: value == "yes" if name in switches else value for name, value in given.items()}


def _level(
    row: Measure, by: str | None, given: Mapping[str, Any], problems: list[Problem]
) -> str | None:
    levels = row.levels(given)
    if by is None:
        return next(iter(levels))
    wanted = tuple(part.strip() for part in by.split(","))
    for level, keys in levels.items():
        if by.strip() == level or wanted == keys:
            return level
    case = row.case(given)
    name = f"level of {row.name}" + (f" with {case.parameter}={case.word}" if case else "")
    problems.append(unknown(name, by, levels))
    return None


def _check_out(out: str, asked: Sequence[Asked], problems: list[Problem]) -> None:
    path = Path(out)
    if path.suffix.lower() not in SUFFIXES:
        problems.append(Problem(f"--out {out!r} has no format: its name ends in "
                                f"{path.suffix or 'nothing'}", allowed=" or ".join(SUFFIXES)))
    problems.extend(
        Problem(f"--out holds {place}", allowed=f"{PLACE}: one file for each measure")
        for place in _PLACE.findall(out) if place != PLACE)
    if PLACE not in out and len({joined_keys(one) for one in asked}) > 1:
        words = "; ".join(f"{one.row.name} by {', '.join(one.keys) or 'world'}" for one in asked)
        problems.append(Problem(
            f"these measures have different keys and cannot share a file: {words}",
            allowed=f"{PLACE} in --out, or --by a level that all of them have"))
    paths = [output_path(out, one.row.name) for one in asked] if PLACE in out else [path]
    for target in paths:
        if target.is_dir():
            problems.append(Problem(f"--out {target} is a folder",
                                    allowed="a file name in it"))
        blocked = next((p for p in target.parents if os.path.lexists(p) and not p.is_dir()), None)
        if blocked is not None:
            problems.append(Problem(f"--out lies below {blocked}, which is not a folder"))


