"""The files of a table: one LaTeX file a language, one CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gvckit.report.cells import TableLayout
from gvckit.report.registry import file_name, write
from gvckit.run.bundle import Bundle


def written(layouts: Sequence[TableLayout]) -> Bundle:
    """Return a LaTeX file for each layout (one a language) and the CSV of the first."""
    made: dict[str, Any] = {}
    for place, layout in enumerate(layouts):
        language = "en" if place == 0 else layout.language
        made[f"tables/{file_name(layout.id, 'latex', language)}"] = write(layout, "latex")
    made[f"tables/{file_name(layouts[0].id, 'csv')}"] = write(layouts[0], "csv")
    return Bundle({"files": Bundle(made)})
