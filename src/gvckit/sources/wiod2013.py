"""Reader of the WIOD 2013 tables in R's format (one list a file: inter, final, output, labels)."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import warnings
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, cut
from gvckit.icio.table import IcioTable
from gvckit.sources.catalogue import Source, source_named
from gvckit.sources.icio_codes import table_codes
from gvckit.sources.readers.guards import CountedStream

__all__ = ["read"]

CATEGORIES = ("c37", "c38", "c39", "c41", "c42")
"""Households, non-profit institutions, government, investment, inventories."""

_PARTS = ("year", "countries", "industries", "final", "output", "inter")


def read(
    path: Path | None, *, year: int | None = None, source: Source | None = None,
    policy: Mapping[str, Any] | None = None,
) -> IcioTable:
    """Return one year of WIOD 2013.

    Flows are rounded to M USD and do not balance to the last unit.  Defaults: output is the row
    sum; value added is the residual; output of −1 or −2 is rounding and set to 0, its remainder
    added to the row's most negative final-demand cell (a fall in inventories).  All in the audit.

    Parameters
    ----------
    path
        The ``.RData`` file.
    year
        The year that the file must be of, where given.
    source
        The catalogue entry; ``wiod2013`` where not given.
    policy
        Policies that differ from the defaults.

    Raises
    ------
    DataError
        A file that is no such list, of another year, or with defects that the policies refuse.
    """
    if path is None:
        raise DataError(Problem("wiod2013 needs a file"))
    try:
        return _read(path, year, source or source_named("wiod2013"), policy)
    except DataError as error:
        raise error.in_file(path.name) from None


def _read(path: Path, year: int | None, source: Source,
          policy: Mapping[str, Any] | None) -> IcioTable:
    parts = _parse(path)
    found = int(_numbers(parts["year"], "year")[0])
    if year is not None and found != year:
        raise DataError(Problem(f"the file is of year {found}, not {year}", at=("years",)))
    labels, sectors = (_texts(parts[k], k) for k in ("countries", "industries"))
    n = len(labels) * len(sectors)
    # R stores columns one after the other.
    Z = _numbers(parts["inter"], "inter", n * n).reshape(n, n).T
    F = _numbers(parts["final"], "final")
    if F.size % n:
        raise DataError(Problem(f"final has {F.size} values, not a multiple of {n}"))
    return IcioTable.from_arrays(
        Z, F.reshape(-1, n).T, X=_numbers(parts["output"], "output", n),
        countries=table_codes(labels, source, policy), sectors=sectors, labels=labels,
        categories=CATEGORIES if F.size == n * len(labels) * len(CATEGORIES) else None,
        year=found, unit=source.unit, source=source.name, policy=policy, defaults=source.policy)


def _parse(path: Path) -> dict[str, Any]:
    """Return the R objects of the list by name, without the slow conversion to labelled arrays."""
    from rdata import parser  # 1 s to import, and only needed here

    try:
        with warnings.catch_warnings():
            # The list has an R class that rdata has no constructor for; its parts are plain.
            warnings.simplefilter("ignore", UserWarning)
            held = parser.parse_data(_unpacked(path), extension=".RData").object.value[0]
        names = [item.value.decode() for item in held.attributes.value[0].value]
        parts = dict(zip(names, held.value, strict=True))
    except (OSError, EOFError, ValueError, TypeError, AttributeError, IndexError, KeyError,
            AssertionError, NotImplementedError, OverflowError, RecursionError, struct.error,
            zlib.error, lzma.LZMAError) as error:
        raise DataError(Problem(
            "it cannot be read as an R file with one list: "
            f"{cut(error, 200) or 'it is damaged'}", at=("file",),
            allowed=f"a list of {', '.join(_PARTS)}")) from None
    missing = [name for name in _PARTS if name not in parts]
    if missing:
        raise DataError(Problem(f"the R list has no {', '.join(missing)}", at=("file",),
                                allowed=f"a list of {', '.join(_PARTS)}"))
    return parts


def _unpacked(path: Path) -> bytes:
    """Return the bytes of a file, unpacked as R packs files, but not beyond what is sound."""
    with path.open("rb") as raw:
        start = raw.read(6)
        raw.seek(0)
        stream: Any = raw
        for mark, opened in _PACKED.items():
            if start.startswith(mark):
                stream = CountedStream(opened(raw), path)
        return bytes(stream.read())


_PACKED: Mapping[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": lambda raw: gzip.GzipFile(fileobj=raw),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
"""How R packs files, by their first bytes."""


def _numbers(item: Any, name: str, size: int | None = None) -> NDArray[Any]:
    values = item.value
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "if" or not values.size:
        raise DataError(Problem(f"{name} holds no numbers"))
    if size is not None and values.size != size:
        raise DataError(Problem(f"{name} has {values.size} values instead of {size}"))
    if values.dtype.kind == "i":
        # R's missing integer is the lowest one.
        lowest = np.iinfo(values.dtype).min
        if (values == lowest).any():
            return np.where(values == lowest, np.nan, values)
    return values


def _texts(item: Any, name: str) -> list[str]:
    try:
        return [text.value.decode() for text in item.value]
    except (AttributeError, TypeError, UnicodeDecodeError) as error:
        raise DataError(Problem(f"{name} holds no labels: {cut(error, 200)}")) from None
