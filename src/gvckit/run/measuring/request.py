"""What is asked for on the command line: checked as a whole, everything wrong in one list."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gvckit.errors import DataError, Problem, SpecError, listing
from gvckit.run.measuring.chosen import Asked, choose_measures, joined_keys
from gvckit.run.measuring.extras import Groups, account_file, chosen_policies, named_groups
from gvckit.run.measuring.tables import file_source, table_files
from gvckit.run.step import FileRef
from gvckit.sources.catalogue import Source, source_named

__all__ = ["SUFFIXES", "Request", "make_request", "output_path"]

SUFFIXES = (".csv", ".parquet")
PLACE = "{measure}"

_SPAN = re.compile(r"(\d{4})(?:\s*-\s*(\d{4}))?")
_PLACE = re.compile(r"\{[^{}]*\}")


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
    groups
        Groups of countries, importers and sectors.
    account
        The file of a satellite account.
    policy
        What is done about defects of the tables.
    left_out
        What ``all`` leaves out, each with its reason.
    """

    source: Source
    years: tuple[int, ...]
    asked: tuple[Asked, ...]
    out: str
    files: Mapping[int, FileRef]
    groups: Groups = field(default_factory=Groups)
    account: FileRef | None = None
    policy: Mapping[str, str | float] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


def make_request(
    source: str, measures: Sequence[str], years: str | None, out: str, *,
    by: str | Sequence[str] | None = None, settings: Sequence[str] = (),
    data: Sequence[str] = (), groups: Sequence[str] = (), satellite: str | None = None,
    policy: Sequence[str] = (),
) -> Request:
    """Return the request.

    Parameters
    ----------
    source
        Name in the catalogue, or a file name with ``{year}`` that ends in .npz or .RData.
    measures
        Names in the registry of measures, or ``all``.
    years
        ``1995-2011``, ``2000``, or several with commas; None takes a source's only year.
    out
        Path of the file, ``.parquet`` or ``.csv``.
    by
        Level (``country-sector``) or its keys (``country,sector``), of one measure as
        ``measure=level``; default: each measure's own.
    settings
        ``name=value`` for every measure that has the parameter, ``measure.name=value`` for one.
    data
        Folders to look for tables in; then those of ``GVCKIT_DATA``.
    groups
        ``EU=DEU,FRA``: one more country; ``importer:EU=…`` and ``sector:FOOD=…``: in place of
        their members.
    satellite
        A csv file of an account to count in place of value added.
    policy
        ``name=choice``: what is done about a defect of the tables.

    Raises
    ------
    SpecError
        With everything that is wrong, missing files included.
    """
    problems: list[Problem] = []
    found = _source(source, years, problems)
    span = _years(found, years, problems)
    files = table_files(found, span, data, problems) if found else {}
    named = named_groups(groups, problems)
    account = account_file(satellite, span, problems)
    policies = chosen_policies(policy, problems)
    takes = (*named.takes, *(["satellite"] if satellite is not None else []))
    levels = [by] if isinstance(by, str) else list(by or ())
    chosen = choose_measures(measures, settings, levels, takes, problems)
    problems.extend(Problem(f"{one.name} by the world has no country to group")
                    for one in chosen.asked if named.country and not one.keys)
    _check_out(out, chosen.asked, problems)
    if problems or found is None:
        raise SpecError(list(dict.fromkeys(problems)))
    return Request(found, span, chosen.asked, out, files, named, account, policies,
                   chosen.left_out)


def output_path(out: str, name: str) -> Path:
    """Return the file of one measure."""
    return Path(out.replace(PLACE, name))


def _source(name: str, years: str | None, problems: list[Problem]) -> Source | None:
    found = file_source(name, years)
    if found is not None:
        return found
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


def _check_out(out: str, asked: Sequence[Asked], problems: list[Problem]) -> None:
    path = Path(out)
    if path.suffix.lower() not in SUFFIXES:
        problems.append(Problem(f"--out {out!r} has no format: its name ends in "
                                f"{path.suffix or 'nothing'}", allowed=" or ".join(SUFFIXES)))
    problems.extend(
        Problem(f"--out holds {place}", allowed=f"{PLACE}: one file for each measure")
        for place in _PLACE.findall(out) if place != PLACE)
    if PLACE not in out and len({joined_keys(one) for one in asked}) > 1:
        words = "; ".join(f"{one.name} by {', '.join(one.keys) or 'world'}" for one in asked)
        problems.append(Problem(
            f"these measures have different keys and cannot share a file: {words}",
            allowed=f"{PLACE} in --out, or --by a level that all of them have"))
    paths = [output_path(out, one.name) for one in asked] if PLACE in out else [path]
    for target in paths:
        if target.is_dir():
            problems.append(Problem(f"--out {target} is a folder",
                                    allowed="a file name in it"))
        blocked = next((p for p in target.parents if os.path.lexists(p) and not p.is_dir()), None)
        if blocked is not None:
            problems.append(Problem(f"--out lies below {blocked}, which is not a folder"))


