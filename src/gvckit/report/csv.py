"""The unrounded twin of a table as CSV."""

from __future__ import annotations

import csv
import io
import math

from gvckit.report.cells import TableLayout, Value

__all__ = ["guarded", "render", "write"]

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula."""
    return "'" + text if text.startswith(_DANGEROUS) else text


def _field(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else ""
    return str(value)


def render(layout: TableLayout) -> str:
    """Return the data of ``layout`` as CSV: shortest digits that give the same number back."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([guarded(name) for name in layout.data.fields])
    writer.writerows([_field(v) for v in row] for row in layout.data.rows)
    return out.getvalue()


def write(layout: TableLayout) -> bytes:
    """Return the ``.csv`` file of ``layout``; a sign that has no UTF-8 form becomes ``?``."""
    return render(layout).encode("utf-8", errors="replace")
