"""Stata files (dta)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from gvckit.errors import DataError, Problem, cut
from gvckit.sources.readers.reader import Layout, Reader

__all__ = ["STATA"]


def _columns(path: Path, _: Layout) -> list[str]:
    try:
        with pd.read_stata(path, iterator=True) as reader:
            return list(reader.variable_labels())
    except (ValueError, OSError, struct.error) as error:
        raise _unreadable(error) from error


def _read(path: Path, columns: Sequence[str], layout: Layout) -> pd.DataFrame:
    try:
        frame = pd.read_stata(path, columns=list(columns), convert_categoricals=False,
                              preserve_dtypes=False)
        labelled = [c for c in columns if c in layout.labelled]
        if labelled:
            words = pd.read_stata(path, columns=labelled)
            for column in labelled:
                if isinstance(words[column].dtype, pd.CategoricalDtype):
                    # Numbers without a label stay numbers: no code, and told as such.
                    frame[column] = words[column].astype(object)
    except (ValueError, OSError, struct.error) as error:
        raise _unreadable(error) from error
    return frame[list(columns)]


def _unreadable(error: Exception) -> DataError:
    return DataError(Problem(f"it is not a readable Stata file: {cut(error, 200)}"))


STATA = Reader(_columns, _read, first_row=1)
