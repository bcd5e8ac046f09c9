"""Stata files (dta)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from gvckit.errors import DataError, Problem
from gvckit.sources.readers.reader import Reader

__all__ = ["STATA"]


def _columns(path: Path, _: str | None) -> list[str]:
    try:
        with pd.read_stata(path, iterator=True) as reader:
            return list(reader.variable_labels())
    except (ValueError, OSError, struct.error) as error:
        raise DataError(Problem(f"{path.name} is not a readable Stata file: {error}")) from error


def _read(path: Path, columns: Sequence[str], _: str | None) -> pd.DataFrame:
    try:
        frame = pd.read_stata(path, columns=list(columns), convert_categoricals=False,
                              preserve_dtypes=False)
    except (ValueError, OSError, struct.error) as error:
        raise DataError(Problem(f"{path.name} is not a readable Stata file: {error}")) from error
    return frame[list(columns)]


STATA = Reader(_columns, _read, first_row=1)
