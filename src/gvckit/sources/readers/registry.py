"""The readers, by the end of the file's name: one line each."""

from __future__ import annotations

from pathlib import Path

from gvckit.errors import DataError, Problem, Where, cut, listing
from gvckit.sources.readers import delimited, excel, parquet, stata
from gvckit.sources.readers.reader import Reader

__all__ = ["READERS", "reader_of"]

READERS: dict[str, Reader] = {
    ".csv": delimited.COMMA,
    ".csv.gz": delimited.COMMA,
    ".tsv": delimited.TAB,
    ".tsv.gz": delimited.TAB,
    ".parquet": parquet.PARQUET,
    ".xlsx": excel.EXCEL,
    ".dta": stata.STATA,
}


def reader_of(path: Path, where: Where | None = None) -> Reader:
    """Return the reader of a file.

    Raises
    ------
    DataError
        Where the end of its name is not known.
    """
    name = path.name.lower()
    for suffix in sorted(READERS, key=len, reverse=True):
        if name.endswith(suffix):
            return READERS[suffix]
    raise DataError(Problem(f"no reader for {cut(path.name)!r}", where, allowed=listing(READERS),
                            at=("file",)))
