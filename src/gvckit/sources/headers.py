"""The columns of a data file, read from its first bytes: large files stay quick.

Nothing here needs pandas, so that ``gvckit check`` can look into every file.  Messages leave the
file's name to their callers.
"""

from __future__ import annotations

import csv
import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, cast
from xml.etree.ElementTree import ParseError

from gvckit.errors import DataError, Problem, cut, listing
from gvckit.sources.header_stata import stata_header
from gvckit.sources.header_workbook import workbook_header
from gvckit.sources.readers.guards import CountedStream

__all__ = ["DELIMITERS", "FORMATS", "absent_arrays", "delimited_header", "header", "not_encoded",
           "other_delimiter"]

DELIMITERS = {".csv": ",", ".csv.gz": ",", ".tsv": "\t", ".tsv.gz": "\t"}
FORMATS = (*DELIMITERS, ".parquet", ".xlsx", ".dta")
_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def header(path: Path, *, sheet: str | None = None, delimiter: str | None = None,
           encoding: str = "utf-8") -> tuple[str, ...] | None:
    """Return the names of a file's columns; None where only its reader can tell.

    Parameters
    ----------
    path
        A csv, tsv (plain or gzipped), parquet, xlsx or dta file.
    sheet
        Sheet of a workbook; None: the first.
    delimiter, encoding
        Of a text file; the delimiter is what the end of its name says where it is None.

    Raises
    ------
    DataError
        Where a text file is empty, damaged or in another encoding.  Of the other formats, what
        cannot be read gives None: their readers know better what is wrong.
    """
    name = path.name.lower()
    for suffix, usual in DELIMITERS.items():
        if name.endswith(suffix):
            return tuple(delimited_header(path, delimiter or usual, encoding))
    try:
        if name.endswith(".parquet"):
            return _parquet(path)
        if name.endswith(".xlsx"):
            return workbook_header(path, sheet)
        if name.endswith(".dta"):
            return stata_header(path)
    except (DataError, OSError, ValueError, KeyError, IndexError, struct.error, zlib.error,
            zipfile.BadZipFile, EOFError, NotImplementedError, ParseError):
        return None
    return None


def delimited_header(path: Path, delimiter: str, encoding: str = "utf-8") -> list[str]:
    """Return the cells of a text file's first line that is not blank.

    Raises
    ------
    DataError
        Where there is none, or it cannot be read.
    """
    try:
        with path.open("rb") as raw, io.TextIOWrapper(
                _unpacked(path, raw), encoding=_marked(encoding), newline="") as text:
            found = next((row for row in csv.reader(text, delimiter=delimiter) if row), None)
    except UnicodeError:
        raise not_encoded(encoding) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(Problem(f"it is damaged, or not gzipped: {error}")) from error
    except csv.Error as error:
        raise DataError(Problem(f"it has no readable header: {error}")) from error
    if found is not None and any("\0" in cell for cell in found):
        raise not_encoded(encoding)  # two bytes a character
    if found is None:
        raise DataError(Problem("the file is empty", allowed="a line with the names of the "
                                "columns, then a line for each row"))
    return found


def _unpacked(path: Path, raw: BinaryIO) -> BinaryIO:
    if not path.name.lower().endswith(".gz"):
        return raw
    counted = CountedStream(gzip.GzipFile(fileobj=raw), path)
    return cast(BinaryIO, io.BufferedReader(counted))


def _marked(encoding: str) -> str:
    """Return the encoding that leaves a byte order mark out."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def not_encoded(encoding: str) -> DataError:
    """Return the error of a text file in another encoding than the entry says."""
    return DataError(Problem(
        f"it is not {encoding.upper()} text", at=("file",),
        allowed="a file saved in UTF-8, or its encoding: `encoding: gb18030` (Chinese), big5, "
                "shift_jis, euc-kr, cp1252 (western Windows), utf-16"))


def other_delimiter(columns: Sequence[str], delimiter: str) -> Problem | None:
    """Return the problem of a header that is one cell because its cells are separated otherwise."""
    if len(columns) != 1:
        return None
    found = [sign for sign in _WORDS if sign != delimiter and sign in columns[0]]
    if not found:
        return None
    sign = max(found, key=columns[0].count)
    return Problem(
        f"its first line is one column, {cut(columns[0])!r}: the cells are separated by a "
        f"{_WORDS[sign]}, not by a {_WORDS.get(delimiter, repr(delimiter))}", at=("file",),
        allowed=f"`delimiter: {_written(sign)}`"
                + (" (and `decimal: \",\"` where numbers look like 1,5)" if sign == ";" else ""))


def _written(sign: str) -> str:
    return "tab" if sign == "\t" else f'"{sign}"'


def absent_arrays(names: Iterable[str]) -> Problem | None:
    """Return the problem of a table's archive that lacks what every table has; None: it has all."""
    held = set(names)
    lacks = [name for name in ("Z", "countries", "sectors") if name not in held]
    if not held & {"F", "Y"}:
        lacks.insert(0 if "Z" in held else 1, "F (or Y)")
    if not lacks:
        return None
    return Problem(f"the archive has no {listing(lacks)}; it has {listing(sorted(held), 12)}",
                   at=("file",), allowed="Z, F or Y, countries, sectors")


def _parquet(path: Path) -> tuple[str, ...] | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return tuple(str(name) for name in pq.read_schema(path).names)
    except pa.ArrowException:
        return None
