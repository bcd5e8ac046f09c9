"""One door to every table: a source's name, a file, or another library's object."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gvckit.errors import DataError, Problem, listing
from gvckit.icio.table import IcioTable
from gvckit.sources import npz, wiod2013
from gvckit.sources.catalogue import Reader, Source, source_named, sources
from gvckit.sources.roots import DataRoots

__all__ = ["SUFFIXES", "data_roots", "read_icio", "source_file"]

SUFFIXES: Mapping[str, Reader] = {".npz": npz.read, ".rdata": wiod2013.read}
"""Reader by file suffix, in lower case."""

Folders = str | Path | Sequence[str | Path] | None


def read_icio(
    source: Any, year: int | None = None, *, data: Folders = None,
    policy: Mapping[str, Any] | None = None,
) -> IcioTable:
    """Return a validated table.

    Parameters
    ----------
    source
        A name from the catalogue (``"wiod2013"``), a path to an ``.npz`` or ``.RData`` file, or a
        pymrio system (an object with frames Z and Y labelled by region and sector).
    year
        The year; needed for sources with several.
    data
        Folder or folders to look in; then those in the environment variable GVCKIT_DATA.
    policy
        What to do about defects, by name (:data:`gvckit.icio.policies.POLICIES`).

    Returns
    -------
    IcioTable
        What was found and changed is in ``.audit``.

    Raises
    ------
    DataError
        Unknown source, a year outside the source, no file, an unreadable file, or a defect that
        the policies refuse.
    """
    if hasattr(source, "Z") and hasattr(source, "Y"):
        return _from_system(source, year, policy)
    if not isinstance(source, str | Path):
        raise DataError(Problem(f"cannot read a table from a {type(source).__name__}",
                                allowed="a source name, a path, or a pymrio system"))
    path = Path(source)
    if isinstance(source, Path) or path.suffix.lower() in SUFFIXES or len(path.parts) > 1:
        return _from_path(path, year, policy)
    row = source_named(source)
    when = row.check_year(year)
    return row.load()(source_file(row, when, data), year=when, source=row, policy=policy)


def source_file(source: Source, year: int, data: Folders = None) -> Path | None:
    """Return the file of a source's year; None where the source needs no file.

    Raises
    ------
    DataError
        Where no data folder has it.
    """
    if not source.patterns:
        return None
    return data_roots(data).first(source.files(year))


def data_roots(data: Folders = None) -> DataRoots:
    """Return the given folders, then those of GVCKIT_DATA, then the current folder."""
    folders = [data] if isinstance(data, str | Path) else list(data or ())
    named = [part for part in os.environ.get("GVCKIT_DATA", "").split(os.pathsep) if part]
    first, *rest = [Path(f).expanduser() for f in [*folders, *named]] or [Path.cwd()]
    return DataRoots(first, rest)


def _from_path(path: Path, year: int | None, policy: Mapping[str, Any] | None) -> IcioTable:
    path = path.expanduser()
    reader = SUFFIXES.get(path.suffix.lower())
    problems = []
    if reader is None:
        names = listing(row.name for row in sources())
        problems.append(Problem(f"no reader for files that end in {path.suffix!r}", str(path),
                                f"{', '.join(SUFFIXES)}, or a source: {names}"))
    if not path.is_file():
        problems.append(Problem("there is no such file", str(path)))
    if problems or reader is None:
        raise DataError(problems)
    return reader(path, year=year, source=None, policy=policy)


def _from_system(
    system: Any, year: int | None, policy: Mapping[str, Any] | None
) -> IcioTable:
    """Return the table of an object with frames Z and Y as pymrio has them."""
    Z, Y = system.Z, system.Y
    if not all(hasattr(frame, "index") and frame.index.nlevels == 2
               and frame.columns.nlevels == 2 for frame in (Z, Y)):
        raise DataError(Problem("the system's Z and Y are not labelled by two levels",
                                allowed="rows (region, sector), columns (region, category)"))
    countries, sectors = (list(dict.fromkeys(Z.index.get_level_values(k))) for k in (0, 1))
    x = getattr(system, "x", None)
    X = x.iloc[:, 0] if x is not None and getattr(x, "ndim", 0) == 2 else x
    name = getattr(getattr(system, "meta", None), "name", None) or type(system).__name__
    return IcioTable.from_arrays(
        Z, Y, X=X, countries=countries, sectors=sectors,
        categories=list(dict.fromkeys(Y.columns.get_level_values(1))), year=year,
        source=str(name), policy=policy)
