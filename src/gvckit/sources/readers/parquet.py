"""Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gvckit.errors import DataError, Problem, cut
from gvckit.sources.readers.reader import Layout, Reader

__all__ = ["PARQUET"]

_DAMAGE = (pa.ArrowException, OSError, ValueError, KeyError)
"""What the library raises on damaged bytes, wherever they are."""


def _columns(path: Path, _: Layout) -> list[str]:
    try:
        return [str(name) for name in pq.read_schema(path).names]
    except _DAMAGE as error:
        raise DataError(Problem(f"it is not a readable parquet file: {cut(error, 200)}")) from error


def _read(path: Path, columns: Sequence[str], _: Layout) -> pd.DataFrame:
    try:
        table = pq.read_table(path, columns=list(columns))
        nested = [field for field in table.schema if pa.types.is_nested(field.type)]
        if nested:
            raise DataError([
                Problem(f"the cells of column {cut(field.name)!r} are lists or records "
                        f"({cut(field.type)})", allowed="numbers or text") for field in nested])
        frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    except _DAMAGE as error:
        raise DataError(Problem(f"it is not a readable parquet file: {cut(error, 200)}")) from error
    return frame[list(columns)]


PARQUET = Reader(_columns, _read, first_row=1)
