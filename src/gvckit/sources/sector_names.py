"""Names of sectors in English and Chinese: one file a source under ``sector_names/``."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

__all__ = ["sector_names"]

DATA_FILES = ("sector_names/*.csv",)
"""Read here, so part of what this module is."""


@lru_cache(maxsize=8)
def sector_names(source: str) -> dict[str, dict[str, str]]:
    """Return the sectors of a source of the catalogue by code, each with its name by language.

    Empty where the names are not known.
    """
    folder = files("gvckit.sources") / "sector_names"
    found = {file.name: file for file in folder.iterdir()}.get(f"{source}.csv")
    if found is None:
        return {}
    rows = csv.DictReader(found.read_text(encoding="utf-8").splitlines())
    return {row["sector"]: {"en": row["en"], "zh": row["zh"]} for row in rows}
