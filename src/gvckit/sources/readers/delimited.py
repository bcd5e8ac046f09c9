"""Text files with a delimiter, plain or gzipped, in UTF-8."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from gvckit.errors import DataError, Problem, listing
from gvckit.sources.readers.guards import CountedStream
from gvckit.sources.readers.reader import Reader

__all__ = ["COMMA", "TAB"]


@contextmanager
def _bytes(path: Path) -> Iterator[io.BufferedReader[Any]]:
    """Open the file, unpacked and counted; faults on the way become DataErrors."""
    try:
        with path.open("rb") as raw:
            if path.name.lower().endswith(".gz"):
                with io.BufferedReader(CountedStream(gzip.GzipFile(fileobj=raw), path)) as stream:
                    yield stream
            else:
                yield raw
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(Problem(f"{path.name} is damaged: {error}")) from error


def _not_utf8(path: Path) -> DataError:
    return DataError(Problem(f"{path.name} is not UTF-8 text",
                             allowed="UTF-8; save the file again in it"))


def _columns(delimiter: str, path: Path, _: str | None) -> list[str]:
    try:
        with _bytes(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
            return next(csv.reader(text, delimiter=delimiter), [])
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error
    except csv.Error as error:
        raise DataError(Problem(f"{path.name} has no readable header: {error}")) from error


def _read(delimiter: str, path: Path, columns: Sequence[str], _: str | None) -> pd.DataFrame:
    uneven: list[str] = []

    def note(row: pc.InvalidRow) -> str:
        uneven.append(f"row {row.number} has {row.actual_columns} of {row.expected_columns}")
        return "skip"

    try:
        with _bytes(path) as raw:
            table = pc.read_csv(
                raw,
                # Rows are numbered on one thread only.
                read_options=pc.ReadOptions(use_threads=False),
                parse_options=pc.ParseOptions(delimiter=delimiter, newlines_in_values=True,
                                              invalid_row_handler=note),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.string()),
                    include_columns=list(columns), strings_can_be_null=False))
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise _not_utf8(path) from error
        raise DataError(Problem(f"{path.name} is not a table: {error}")) from error
    if uneven:
        raise DataError(Problem(f"{path.name}: {len(uneven)} rows have another number of cells "
                                f"than the header: {listing(uneven, 5)}"))
    frame: pd.DataFrame = table.to_pandas()
    return frame


COMMA = Reader(partial(_columns, ","), partial(_read, ","))
TAB = Reader(partial(_columns, "\t"), partial(_read, "\t"))
