"""The files of a source's years, or everything that is missing of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gvckit.errors import DataError, Problem, SpecError, listing
from gvckit.run.files import is_folder
from gvckit.run.step import FileRef
from gvckit.sources.catalogue import Source
from gvckit.sources.read_icio import data_roots

__all__ = ["table_files"]


def table_files(
    source: Source, years: Sequence[int], data: Sequence[str], problems: list[Problem]
) -> dict[int, FileRef]:
    """Return the file of each year of the source; note what is missing in ``problems``."""
    absent = [folder for folder in data if not is_folder(Path(folder))]
    problems.extend(Problem(f"there is no data folder {folder}") for folder in absent)
    if absent or not source.patterns:
        return {}
    roots = data_roots(list(data))
    found: dict[int, FileRef] = {}
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
