"""Reader of tables in NumPy's ``.npz``: Z, F or Y, countries, sectors, and what else there is."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gvckit.errors import DataError, Problem, cut, listing
from gvckit.icio.table import IcioTable
from gvckit.sources.catalogue import Source
from gvckit.sources.headers import absent_arrays
from gvckit.sources.icio_codes import table_codes
from gvckit.sources.readers.guards import check_zip

__all__ = ["read"]

_NUMBERS = ("Z", "F", "Y", "X", "VA", "year")
_TEXTS = ("countries", "sectors", "row_labels", "fd_codes", "unit")
_MOST_BYTES = 64 * 1024**3
"""A table of 80,000 rows."""


def read(
    path: Path | None, *, year: int | None = None, source: Source | None = None,
    policy: Mapping[str, Any] | None = None,
) -> IcioTable:
    """Return the table of a ``.npz`` file.

    Understood: Z; F or Y (country-major columns); countries; sectors; X; VA; year; row_labels
    (``"AUS.c1"``, checked, and taken as sector names where ``sectors`` holds long titles);
    fd_codes (category of each final-demand column); unit.  Other arrays are not looked at.

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
        the policies refuse; every problem names the file.
    """
    if path is None:
        raise DataError(Problem("an .npz table needs a file"))
    try:
        return _read(path, year, source, policy)
    except DataError as error:
        raise error.in_file(path.name) from None


def _read(path: Path, year: int | None, source: Source | None,
          policy: Mapping[str, Any] | None) -> IcioTable:
    data = _load(path)
    final = "F" if "F" in data else "Y"
    when = _year(data, year)
    labels = _texts(data["countries"])
    sectors, rows = _rows(data, labels)
    return IcioTable.from_arrays(
        data["Z"], data[final], X=data.get("X"), VA=data.get("VA"),
        countries=table_codes(labels, source, policy), sectors=sectors, labels=labels,
        categories=_categories(data, len(labels)), row_labels=rows, year=when,
        unit=_texts(data["unit"])[0] if "unit" in data else (source.unit if source else None),
        source=source.name if source else path.name, policy=policy,
        defaults=source.policy if source else None)


def _load(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays that are understood, after looking at what the archive declares."""
    entries = {entry.filename: entry for entry in check_zip(path, _MOST_BYTES)}
    absent = absent_arrays(name.removesuffix(".npy") for name in entries)
    problems = [absent] if absent is not None else []
    wanted = [name for name in (*_NUMBERS, *_TEXTS) if f"{name}.npy" in entries]
    try:
        with zipfile.ZipFile(path) as archive:
            problems += [p for name in wanted
                         for p in _declared(archive, entries[f"{name}.npy"], name)]
        if problems:
            raise DataError(problems)
        with np.load(path, allow_pickle=False) as held:
            return {name: held[name] for name in wanted}
    except (OSError, ValueError, EOFError, KeyError, NotImplementedError, zlib.error,
            zipfile.BadZipFile, RuntimeError) as error:
        raise DataError(Problem(f"it cannot be read as an .npz archive: {cut(error, 200)}",
                                at=("file",))) from None


def _declared(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> list[Problem]:
    """Return what is wrong with the type and size that an array declares."""
    with archive.open(entry) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            return [Problem(f"{name} is written in version {version[0]} of NumPy's format",
                            allowed="versions 1 and 2")]
        read_header = (np.lib.format.read_array_header_1_0 if version == (1, 0)
                       else np.lib.format.read_array_header_2_0)
        shape, _, dtype = read_header(stream)
        start = stream.tell()
    if dtype.hasobject:
        return [Problem(f"{name} holds Python objects, which are never read",
                        allowed="names as text: np.array(names, dtype=str); numbers as float64")]
    if name in _TEXTS and dtype.kind not in "USiu":
        return [Problem(f"{name} holds values of type {dtype}", allowed="text")]
    if math.prod(shape) * dtype.itemsize != entry.file_size - start:
        return [Problem(f"{name} declares {math.prod(shape) * dtype.itemsize:,} bytes and has "
                        f"{entry.file_size - start:,}")]
    return []


def _texts(held: np.ndarray) -> list[str]:
    return [word.decode("utf-8", errors="replace") if isinstance(word, bytes) else str(word)
            for word in held.ravel().tolist()]


def _year(data: Mapping[str, np.ndarray], year: int | None) -> int | None:
    if "year" not in data:
        return year
    held = data["year"]
    whole = held.dtype.kind in "iu" or (held.dtype.kind == "f" and (held == np.round(held)).all())
    if held.size != 1 or not whole:
        raise DataError(Problem(f"year holds {listing(map(str, held.ravel()), 6)}", at=("file",),
                                allowed="one whole number"))
    found = int(held.ravel()[0])
    if year is not None and found != year:
        raise DataError(Problem(f"the file is of year {found}, not {year}", at=("years",)))
    return found


def _rows(
    data: Mapping[str, np.ndarray], labels: list[str]
) -> tuple[list[str], list[tuple[str, str]] | None]:
    """Return the sector names, and the (country, sector) of each row where the file says it."""
    sectors = _texts(data["sectors"])
    if "row_labels" not in data:
        return sectors, None
    parted = [label.partition(".") for label in _texts(data["row_labels"])]
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
    codes = _texts(data["fd_codes"])
    return codes[:len(codes) // G] if G else None
