"""The files of a source's years, or everything that is missing of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from gvckit.errors import DataError, Problem, SpecError, listing
from gvckit.run.files import is_folder
from gvckit.run.step import FileRef
from gvckit.sources.catalogue import Source
from gvckit.sources.read_icio import data_roots

__all__ = ["file_source", "table_files"]

_READERS = {".npz": "gvckit.sources.npz:read", ".rdata": "gvckit.sources.wiod2013:read"}


def file_source(name: str, years: str | None) -> Source | None:
    """Return the source of a user's own files, ``tables/{year}.npz``; None for other names."""
    reader = _READERS.get(Path(name).suffix.lower())
    if reader is None:
        return None
    named = [int(year) for year in re.findall(r"\d{4}", years or "")] or [0]
    stem = Path(name).stem.replace("{year}", "").strip(" _-.") or "tables"
    return Source(stem, "icio", {}, (name,), (min(named), max(named)), "", "", reader, "", {})


def table_files(
    source: Source, years: Sequence[int], data: Sequence[str], problems: list[Problem]
) -> dict[int, FileRef]:
    """Return the file of each year of the source; note what is missing in ``problems``."""
    absent = [folder for folder in data if not is_folder(Path(folder))]
    problems.extend(Problem(f"there is no data folder {folder}") for folder in absent)
    if absent or not source.patterns:
        return {}
    found: dict[int, FileRef] = {}
    if not source.title:
        _own_files(source, years, found, problems)
        return found
    roots = data_roots(list(data))
    missing: list[int] = []
    first, last = source.years
    for year in (year for year in years if first <= year <= last):
        names = source.files(year)
        try:
            found[year] = FileRef(roots.first(names), None, names[0])
        except (DataError, SpecError) as error:
            if not missing:
                problems.extend(error.problems)
            missing.append(year)
    if missing[1:]:
        problems.append(Problem(
            f"nor is there a file of {source.name} for {listing(map(str, missing[1:]), 20)}"))
    return found


def _own_files(
    source: Source, years: Sequence[int], found: dict[int, FileRef], problems: list[Problem]
) -> None:
    pattern = source.patterns[0]
    if "{year}" not in pattern and len(years) > 1:
        problems.append(Problem(f"{pattern} is one file for {len(years)} years",
                                allowed="a name with {year} in it, such as tables/{year}.npz"))
        return
    for year in years:
        path = Path(pattern.replace("{year}", str(year)))
        if path.is_file():
            found[year] = FileRef(path, None, path.name)
        else:
            problems.append(Problem(f"there is no file {path}"))
