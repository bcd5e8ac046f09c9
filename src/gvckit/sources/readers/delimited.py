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
from typing import IO

import numpy as np
import pandas as pd

from gvckit.errors import DataError, Problem, listing
from gvckit.sources.readers.guards import CountedStream
from gvckit.sources.readers.reader import Reader

__all__ = ["COMMA", "TAB"]


@contextmanager
def _text(path: Path) -> Iterator[IO[str]]:
    """Open the file as text; what it unpacks to is counted, and its faults become DataErrors."""
    try:
        with path.open("rb") as raw:
            if path.name.lower().endswith(".gz"):
                packed = gzip.GzipFile(fileobj=raw)
                binary: io.RawIOBase = CountedStream(packed, path)
                with io.TextIOWrapper(io.BufferedReader(binary), encoding="utf-8-sig",
                                      newline="") as text:
                    yield text
            else:
                with io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
                    yield text
    except UnicodeDecodeError as error:
        raise DataError(Problem(f"{path.name} is not UTF-8 text: {error.reason}",
                                allowed="UTF-8; save the file again in it")) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(Problem(f"{path.name} is damaged: {error}")) from error


def _columns(delimiter: str, path: Path, _: str | None) -> list[str]:
    with _text(path) as text:
        try:
            return next(csv.reader(text, delimiter=delimiter), [])
        except csv.Error as error:
            raise DataError(Problem(f"{path.name} has no readable header: {error}")) from error


def _read(delimiter: str, path: Path, columns: Sequence[str], _: str | None) -> pd.DataFrame:
    with _text(path) as text:
        try:
            frame = pd.read_csv(text, sep=delimiter, usecols=list(columns), dtype=str,
                                keep_default_na=False, na_filter=True, na_values=[],
                                skip_blank_lines=False)
        except pd.errors.ParserError as error:
            raise DataError(Problem(f"{path.name} is not a table: {error}")) from error
    short = np.flatnonzero(frame.isna().any(axis=1).to_numpy())
    # A blank last line is no row; any other row without all its cells is damaged.
    if short.size and short[-1] == len(frame) - 1 and frame.iloc[-1].fillna("").eq("").all():
        frame, short = frame.iloc[:-1], short[:-1]
    if short.size:
        rows = listing([str(i + 2) for i in short[:5]])
        raise DataError(Problem(f"{path.name}: {short.size} rows have too few cells: rows {rows}"))
    return frame[list(columns)]


COMMA = Reader(partial(_columns, ","), partial(_read, ","))
TAB = Reader(partial(_columns, "\t"), partial(_read, "\t"))
