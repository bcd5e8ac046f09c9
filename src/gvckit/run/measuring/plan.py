"""One step a year: read the table, factorise once, compute every measure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gvckit.run.measuring.request import Request
from gvckit.run.step import Step
from gvckit.sources.catalogue import Source

__all__ = ["LIBRARIES", "table_memory", "year_steps"]

LIBRARIES = ("numpy", "pandas", "pyarrow", "rdata", "scipy")
# Rows of a table where the catalogue does not say: that of the largest in common use.
UNKNOWN_ROWS = 4050
READING = 120 << 20
MATRICES = 8


def table_memory(rows: int, pairwise: bool = False) -> int:
    """Return the estimated peak of a year's step, bytes.

    Parameters
    ----------
    rows
        Rows of the table; 0 means unknown.
    pairwise
        Whether a measure returns a row for each pair of producers.
    """
    n = rows or UNKNOWN_ROWS
    return READING + (MATRICES + (10 if pairwise else 0)) * 8 * n * n


def year_steps(request: Request) -> list[Step]:
    """Return the steps of a request, one a year."""
    source, files = request.source, request.files
    measures = [
        {"name": one.row.name, "function": one.row.function, "level": one.level,
         "keys": list(one.keys), "arguments": dict(one.arguments)} for one in request.asked]
    modules = sorted({one.row.function.split(":")[0] for one in request.asked})
    pairwise = any("partner_sector" in one.keys for one in request.asked)
    return [
        Step(f"{source.name}.{year}", "gvckit.run.tasks.measured:one_year",
             params={"source": _plain(source), "year": year, "measures": measures},
             files={"table": files[year]} if year in files else {},
             code=(source.reader.split(":")[0], *modules), libraries=LIBRARIES,
             memory=table_memory(source.rows, pairwise))
        for year in request.years]


def _plain(source: Source) -> dict[str, Any]:
    """Return the catalogue's row; what it is called does not change what is read."""
    row = asdict(source)
    return {**row, "patterns": list(source.patterns), "years": list(source.years)}
