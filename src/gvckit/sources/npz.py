"""Reader of tables in NumPy's ``.npz``: Z, F or Y, countries, sectors, and what else there is."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gvckit.errors import DataError, Problem, listing
from gvckit.icio.table import IcioTable
from gvckit.sources.catalogue import Source
from gvckit.sources.icio_codes import table_codes

__all__ = ["read"]


def read(
    path: Path | None, *, year: int | None = None, source: Source | None = None,
    policy: Mapping[str, Any] | None = None,
) -> IcioTable:
    """Return the table of a ``.npz`` file.

    Understood: Z; F or Y (country-major columns); countries; sectors; X; VA; year; row_labels
    (``"AUS.c1"``, checked, and taken as sector names where ``sectors`` holds long titles);
    fd_codes (category of each final-demand column); unit.

    Parameters
    ----------
    path
        The file.
    year
        The year that the file must be of, where both say one.
    source
        The catalogue entry, where the file belongs to one.
    policy
        Policies that differ from the defaults.

    Raises
    ------
    DataError
        A file that is no such archive, lacks an array, is of another year, or has defects that
        the policies refuse.
    """
    if path is None:
        raise DataError(Problem("an .npz table needs a file"))
    data = _load(path)
    final = "F" if "F" in data else "Y"
    missing = [name for name in ("Z", final, "countries", "sectors") if name not in data]
    if missing:
        missing = ["F (or Y)" if name == "Y" else name for name in missing]
        raise DataError(Problem(f"the archive has no {listing(missing)}", path.name,
                                allowed="Z, F or Y, countries, sectors"))
    when = _year(data, year, path)
    labels = [str(c) for c in data["countries"].ravel()]
    sectors, rows = _rows(data, labels)
    return IcioTable.from_arrays(
        data["Z"], data[final], X=data.get("X"), VA=data.get("VA"),
        countries=table_codes(labels, source), sectors=sectors, labels=labels,
        categories=_categories(data, len(labels)), row_labels=rows, year=when,
        unit=str(data["unit"]) if "unit" in data else (source.unit if source else None),
        source=source.name if source else path.name, policy=policy,
        defaults=source.policy if source else None)


def _load(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not hasattr(archive, "files"):
                raise ValueError("it holds a single array")
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(Problem(f"cannot be read as an .npz archive: {error}", path.name)) from None


def _year(data: Mapping[str, np.ndarray], year: int | None, path: Path) -> int | None:
    if "year" not in data:
        return year
    held = data["year"]
    if held.size != 1 or held.dtype.kind not in "iu":
        raise DataError(Problem(f"year holds {listing(held.ravel())}", path.name,
                                allowed="one whole number"))
    found = int(held.ravel()[0])
    if year is not None and found != year:
        raise DataError(Problem(f"the file is of year {found}, not {year}", path.name))
    return found


def _rows(
    data: Mapping[str, np.ndarray], labels: list[str]
) -> tuple[list[str], list[tuple[str, str]] | None]:
    """Return the sector names, and the (country, sector) of each row where the file says it."""
    sectors = [str(s) for s in data["sectors"].ravel()]
    if "row_labels" not in data:
        return sectors, None
    parted = [str(label).partition(".") for label in data["row_labels"].ravel()]
    rows = [(country, sector) for country, _, sector in parted]
    short = [sector for _, sector in rows[:len(sectors)]]
    # Other names are codes for long titles; the same names in another order are a contradiction.
    if (len(set(short)) == len(sectors) and set(short) != set(sectors)
            and len(rows) == len(sectors) * len(labels)):
        sectors = short
    return sectors, rows


def _categories(data: Mapping[str, np.ndarray], G: int) -> list[str] | None:
    if "fd_codes" not in data:
        return None
    codes = [str(code) for code in data["fd_codes"].ravel()]
    return codes[:len(codes) // G]
