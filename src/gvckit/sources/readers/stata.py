"""Stata files (dta)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from gvckit.errors import DataError, Problem, cut, listing
from gvckit.sources.readers.reader import Layout, Reader

__all__ = ["STATA"]

_TAG = b"<stata_dta>"
_DAMAGE = (ValueError, OSError, KeyError, IndexError, OverflowError, struct.error)
"""What the library raises on damaged bytes, wherever they are."""


_RELEASES = range(102, 116)
_ORDERS = (1, 2)


def _columns(path: Path, _: Layout) -> list[str]:
    with path.open("rb") as stream:
        start = stream.read(len(_TAG))
    old = len(start) > 1 and start[0] in _RELEASES and start[1] in _ORDERS
    if start != _TAG and not old:
        raise DataError(Problem("it is not a Stata file"))
    try:
        with pd.read_stata(path, iterator=True) as reader:
            return list(reader.variable_labels())
    except _DAMAGE as error:
        raise _unreadable(error) from error


def _read(path: Path, columns: Sequence[str], layout: Layout) -> pd.DataFrame:
    try:
        frame = pd.read_stata(path, columns=list(columns), convert_categoricals=False,
                              preserve_dtypes=False)
        labelled = [c for c in columns if c in layout.labelled]
        if labelled:
            words = _labels(path, labelled)
            for column in labelled:
                if isinstance(words[column].dtype, pd.CategoricalDtype):
                    # Numbers without a label stay numbers: no code, and told as such.
                    frame[column] = words[column].astype(object)
    except _DAMAGE as error:
        raise _unreadable(error) from error
    return frame[list(columns)]


def _labels(path: Path, columns: list[str]) -> pd.DataFrame:
    """Return columns with value labels in place of the numbers that have one."""
    try:
        return pd.read_stata(path, columns=columns)
    except ValueError as error:
        if "not unique" not in str(error):
            raise
        twice = str(error).split("-\n")[-1].split()
        raise DataError(Problem(
            f"two numbers of a key column carry the same value label: {listing(twice, 6)}",
            allowed="a label for each number", at=("keys",))) from None


def _unreadable(error: Exception) -> DataError:
    text = "it is cut off" if isinstance(error, struct.error) else cut(error, 200)
    return DataError(Problem(f"it is not a readable Stata file: {text}"))


STATA = Reader(_columns, _read, first_row=1)
