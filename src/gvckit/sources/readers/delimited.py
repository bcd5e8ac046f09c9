"""Text files with a delimiter, plain or gzipped."""

from __future__ import annotations

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

from gvckit.errors import DataError, Problem, cut, listing
from gvckit.sources.headers import delimited_header, not_encoded
from gvckit.sources.readers.guards import CountedStream
from gvckit.sources.readers.reader import Layout, Reader

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
        raise DataError(Problem(f"it is damaged, or not gzipped: {error}")) from error


def _columns(delimiter: str, path: Path, layout: Layout) -> list[str]:
    return delimited_header(path, layout.delimiter or delimiter, layout.encoding)


def _read(delimiter: str, path: Path, columns: Sequence[str], layout: Layout) -> pd.DataFrame:
    uneven: list[str] = []

    def note(row: pc.InvalidRow) -> str:
        uneven.append(f"row {row.number} has {row.actual_columns} of {row.expected_columns}")
        return "skip"

    try:
        with _bytes(path) as raw:
            table = pc.read_csv(
                raw,
                # Rows are numbered on one thread only.
                read_options=pc.ReadOptions(use_threads=False, encoding=layout.encoding),
                parse_options=pc.ParseOptions(delimiter=layout.delimiter or delimiter,
                                              newlines_in_values=True, invalid_row_handler=note),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.string()),
                    include_columns=list(columns), strings_can_be_null=False))
    except UnicodeError:
        raise not_encoded(layout.encoding) from None
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise not_encoded(layout.encoding) from None
        raise DataError(Problem(f"it is not a table: {cut(error, 200)}")) from error
    if uneven:
        rows = "1 row has" if len(uneven) == 1 else f"{len(uneven)} rows have"
        raise DataError(Problem(f"{rows} another number of cells than the header: "
                                f"{listing(uneven, 5)}", allowed='"…" around cells with a '
                                "delimiter in them, each opened and closed; no notes above or "
                                "below the table"))
    frame: pd.DataFrame = table.to_pandas()
    return frame


COMMA = Reader(partial(_columns, ","), partial(_read, ","))
TAB = Reader(partial(_columns, "\t"), partial(_read, "\t"))
