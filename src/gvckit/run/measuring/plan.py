"""One step a year: read the table, factorise once, compute every measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gvckit.run.measuring.chosen import Asked
from gvckit.run.measuring.request import Request
from gvckit.run.step import Step
from gvckit.sources.catalogue import Source

__all__ = ["LIBRARIES", "frame_rows", "table_memory", "year_steps"]

LIBRARIES = ("numpy", "pandas", "pyarrow", "rdata", "scipy")
# Rows of a table where the catalogue does not say: that of the largest in common use.
UNKNOWN_ROWS = 4050
READING = 120 << 20
MATRICES = 8
# A row of a long frame: codes of its keys, its values, and copies while it is written.
ROW = 80


def table_memory(rows: int, frame_rows: float = 0) -> int:
    """Return the estimated peak of a year's step, bytes.

    Parameters
    ----------
    rows
        Rows of the table; 0 means unknown.
    frame_rows
        Rows of the longest frame, as :func:`frame_rows` estimates them.
    """
    n = rows or UNKNOWN_ROWS
    return READING + MATRICES * 8 * n * n + int(ROW * frame_rows)


def frame_rows(asked: Asked, rows: int) -> float:
    """Return about how many rows a measure has a year: a key has √n names, or those of a slice."""
    size = (rows or UNKNOWN_ROWS) ** 0.5
    count = 1.0
    for key in asked.keys:
        only = asked.arguments.get(key)
        count *= size if only is None else 1 if isinstance(only, str) else len(only)
    return count


def year_steps(request: Request) -> list[Step]:
    """Return the steps of a request, one a year."""
    source, files, groups = request.source, request.files, request.groups
    measures = [
        {"name": one.name, "function": one.row.function, "level": one.level,
         "keys": list(one.keys), "arguments": dict(one.arguments)} for one in request.asked]
    more = {key: value for key, value in {
        "groups": _lists(groups.country), "partners": _lists(groups.importer),
        "sectors": _lists(groups.sector), "policy": dict(request.policy)}.items() if value}
    modules = sorted({one.row.function.split(":")[0] for one in request.asked})
    longest = max(frame_rows(one, source.rows) for one in request.asked)
    account = {} if request.account is None else {"account": request.account}
    return [
        Step(f"{source.name}.{year}", "gvckit.run.tasks.measured:one_year",
             params={"source": _plain(source), "year": year, "measures": measures, **more},
             files=({"table": files[year]} if year in files else {}) | account,
             code=(source.reader.split(":")[0], *modules), libraries=LIBRARIES,
             memory=table_memory(source.rows, longest))
        for year in request.years]


def _lists(groups: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(members) for name, members in groups.items()}


def _plain(source: Source) -> dict[str, Any]:
    """Return the catalogue's row; what it is called does not change what is read."""
    row = asdict(source)
    return {**row, "patterns": list(source.patterns), "years": list(source.years)}
