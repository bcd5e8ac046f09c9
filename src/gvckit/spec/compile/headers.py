"""Look into every data file for the columns that the spec names, without reading it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

from gvckit.errors import DataError, Problem, together
from gvckit.run.step import Step
from gvckit.sources.columns import column_problems
from gvckit.sources.headers import DELIMITERS, FORMATS, absent_arrays, header
from gvckit.sources.readers.entry import FrameEntry
from gvckit.spec.render import in_order

__all__ = ["check_headers"]

_MOST_BYTES = 16 * 1024**2
"""Files up to here are given to their reader where their first bytes do not tell."""


def check_headers(steps: Iterable[Step]) -> None:
    """Check that the files of a compiled spec have the columns and arrays that it names.

    Only the first bytes of a file are read, so large files stay quick; cells are seen by a run.

    Raises
    ------
    DataError
        With everything that is absent, at its place in the spec, with the nearest name.
    """
    problems: list[Problem] = []
    for step in steps:
        for file in step.files.values():
            try:
                if step.fn == "gvckit.run.tasks.frames:read":
                    _check_columns(file.path, FrameEntry.from_mapping(step.params))
                elif file.path.suffix.lower() == ".npz":
                    _check_arrays(file.path)
            except DataError as error:
                problems += error.in_file(file.label).located(
                    step.origin, step.parts, step.subject).problems
    if problems:
        raise DataError(together(in_order(problems)))


def _check_columns(path: Path, entry: FrameEntry) -> None:
    try:
        found = header(path, sheet=entry.sheet, delimiter=entry.delimiter,
                       encoding=entry.encoding)
    except OSError as error:
        raise DataError(Problem(f"it cannot be read: {error.strerror}", at=("file",))) from None
    problems = column_problems(path.name, entry, found or ())
    if found is not None and not problems:
        return
    if path.name.lower().endswith((*DELIMITERS,)) or not path.name.lower().endswith(FORMATS):
        raise DataError(problems)
    if path.stat().st_size <= _MOST_BYTES or found is not None:
        # Its reader has the last word, and the words for a file that is damaged.
        from gvckit.sources.frames import check_columns

        check_columns(path, entry)


def _check_arrays(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            absent = absent_arrays(n.removesuffix(".npy") for n in archive.namelist())
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise DataError(Problem(f"it is no zip archive, or damaged: {error}", at=("file",))
                        ) from None
    if absent is not None:
        raise DataError(absent)
