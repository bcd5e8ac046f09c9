"""The readers, by the end of the file's name: one line each."""

from __future__ import annotations

from pathlib import Path

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


def reader_of(path: Path) -> Reader:
    """Return the reader of a file whose name ends as one of :data:`READERS`."""
    name = path.name.lower()
    return next(READERS[suffix] for suffix in sorted(READERS, key=len, reverse=True)
                if name.endswith(suffix))
