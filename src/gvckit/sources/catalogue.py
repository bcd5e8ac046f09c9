"""The catalogue of sources: which files hold a table, which reader reads them."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

from gvckit.errors import DataError, Problem, Where, unknown
from gvckit.icio.table import IcioTable

__all__ = ["Reader", "Source", "source_named", "sources"]


class Reader(Protocol):
    """A reader of one file format."""

    def __call__(
        self, path: Path | None, *, year: int | None, source: Source | None,
        policy: Mapping[str, Any] | None,
    ) -> IcioTable:
        """Return the table of one year."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source of tables.

    Attributes
    ----------
    name
        Name in specs and on the command line.
    kind
        ``icio``.
    title
        Title by language.
    patterns
        Relative file names with ``{year}``, in order of preference; empty where no file is needed.
    years
        First and last year.
    unit
        Unit of the flows.
    codes
        Source name in the table of country aliases; empty where labels are kept.
    reader
        ``module:function``.
    citation
        How to cite it.
    policy
        The source's own policy defaults.
    rows
        Rows of a table, from which memory is estimated; 0 where nobody says.
    """

    name: str
    kind: str
    title: Mapping[str, str]
    patterns: tuple[str, ...]
    years: tuple[int, int]
    unit: str
    codes: str
    reader: str
    citation: str
    policy: Mapping[str, str | float]
    rows: int = 0

    def files(self, year: int) -> tuple[str, ...]:
        """Return the relative names that the year's file may have."""
        return tuple(pattern.format(year=year) for pattern in self.patterns)

    def check_year(self, year: int | None, where: Where | str | None = None) -> int:
        """Return the year, or the only one where none is given; raise where there is none such."""
        first, last = self.years
        span = str(first) if first == last else f"{first}-{last}"
        if year is None and first == last:
            return first
        if year is None or isinstance(year, bool) or not hasattr(year, "__index__"):
            what = "needs a year" if year is None else f"cannot read year {year!r}"
            raise DataError(Problem(f"{self.name} {what}", where, span))
        if not first <= year <= last:
            raise DataError(Problem(f"{self.name} has no year {year}", where, span))
        return int(year)

    def load(self) -> Reader:
        """Import and return the reader."""
        module, name = self.reader.split(":")
        reader: Reader = getattr(importlib.import_module(module), name)
        return reader


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Return all sources, sorted by name."""
    text = resources.files("gvckit.sources").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return tuple(
        Source(name, row["kind"], row["title"], tuple(row["patterns"]),
               (row["years"][0], row["years"][1]), row["unit"], row["codes"], row["reader"],
               row["citation"], row.get("policy", {}), row.get("rows", 0))
        for name, row in sorted(tomllib.loads(text).items()))


def source_named(name: str, where: Where | str | None = None) -> Source:
    """Return the source with this name; raise DataError with the nearest where there is none."""
    found = {source.name: source for source in sources()}
    if name not in found:
        raise DataError(unknown("source", name, found, where))
    return found[name]
