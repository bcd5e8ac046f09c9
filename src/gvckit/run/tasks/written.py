"""The files of a table: one LaTeX file a language, one CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gvckit.report.below import with_below
from gvckit.report.cells import TableLayout
from gvckit.report.registry import file_name, write
from gvckit.run.bundle import Bundle


def written(layouts: Sequence[TableLayout], params: Mapping[str, Any] | None = None) -> Bundle:
    """Return a LaTeX file for each layout (one a language) and the CSV of the first.

    ``params`` may say what stands ``below`` the table and whether it is turned ``sideways``.
    """
    if params is not None:
        layouts = [with_below(layout, params.get("below") or {}, params.get("sideways"))
                   for layout in layouts]
    made: dict[str, Any] = {}
    for place, layout in enumerate(layouts):
        language = "en" if place == 0 else layout.language
        made[f"tables/{file_name(layout.id, 'latex', language)}"] = write(layout, "latex")
    made[f"tables/{file_name(layouts[0].id, 'csv')}"] = write(layouts[0], "csv")
    return Bundle({"files": Bundle(made)})
