"""Writers of tables by name; a new format is one file and one line here."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from gvckit.errors import SpecError, unknown
from gvckit.report.cells import TableLayout

__all__ = ["WRITERS", "Writer", "file_name", "write"]


@dataclass(frozen=True, slots=True)
class Writer:
    """A file format: the function ``module:name`` turns a layout into bytes."""

    function: str
    suffix: str


WRITERS: dict[str, Writer] = {
    "latex": Writer("gvckit.report.latex:write", "tex"),
    "csv": Writer("gvckit.report.csv:write", "csv"),
}


def _writer(name: str) -> Writer:
    if name not in WRITERS:
        raise SpecError(unknown("table writer", name, WRITERS))
    return WRITERS[name]


def file_name(table_id: str, writer: str, language: str = "en") -> str:
    """Return a table's file name: ``tab2.tex``, and ``tab2.zh.tex`` in another language."""
    inner = "" if language == "en" else f".{language}"
    return f"{table_id}{inner}.{_writer(writer).suffix}"


def write(layout: TableLayout, writer: str) -> bytes:
    """Return ``layout`` in the format ``writer``; SpecError where there is no such format."""
    module, _, name = _writer(writer).function.partition(":")
    function = cast(Callable[[TableLayout], bytes], getattr(importlib.import_module(module), name))
    return function(layout)
