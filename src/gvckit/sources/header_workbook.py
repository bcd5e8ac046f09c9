"""The first row of a workbook's sheet, without reading the rest of it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO
from xml.etree.ElementTree import Element, iterparse

from gvckit.sources.readers.guards import check_zip

__all__ = ["error_cells", "workbook_header"]

_MAX_PARSED = 64 * 1024**2
"""Bytes of one part of the archive that are looked at before giving up."""


def workbook_header(path: Path, sheet: str | None) -> tuple[str, ...] | None:
    """Return the cells of the first row of a sheet; None where it is not plain text and numbers.

    Raises
    ------
    KeyError, ValueError, zipfile.BadZipFile, xml.etree.ElementTree.ParseError
        A file that is no such workbook, or has no such sheet.
    """
    check_zip(path)
    with zipfile.ZipFile(path) as archive:
        cells = _first_row(archive, _sheet_part(archive, sheet))
        if cells is None:
            return None
        wanted = {int(text) for kind, text in cells.values() if kind == "s"}
        strings = _shared(archive, wanted)
        names = {column: strings[int(text)] if kind == "s" else text
                 for column, (kind, text) in cells.items()}
        return tuple(names.get(i, "") for i in range(max(names, default=-1) + 1))


def error_cells(path: Path, sheet: str | None) -> list[tuple[int, int, str]]:
    """Return row, column (from 0) and text of the cells of a sheet that hold an error (#DIV/0!).

    Raises
    ------
    KeyError, ValueError, zipfile.BadZipFile, xml.etree.ElementTree.ParseError
        As :func:`workbook_header`.
    """
    found: list[tuple[int, int, str]] = []
    with zipfile.ZipFile(path) as archive, archive.open(_sheet_part(archive, sheet)) as stream:
        left = b""
        while block := stream.read(1 << 20):
            left += block
            end = left.rfind(b"</c>") + 1
            found += [(int(cell[2]) - 1, _column(cell[1].decode(), 0), cell[3].decode())
                      for cell in _ERROR.finditer(left[:end + 3])]
            left = left[end:]
    return found


_ERROR = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*? t="e"[^>]*>(?:<f[^<]*(?:</f>|/>))?'
                    rb"<v>([^<]{1,20})</v></c>")


def _limited(archive: zipfile.ZipFile, part: str) -> IO[bytes]:
    return _Limited(archive.open(part))  # type: ignore[return-value]


class _Limited:
    """A stream of plain XML: one that is too long or declares entities ends with an error."""

    def __init__(self, inner: IO[bytes]) -> None:
        self.inner, self.left, self.last = inner, _MAX_PARSED, b""

    def read(self, size: int = -1) -> bytes:
        block = self.inner.read(size if size > 0 else 65536)
        self.left -= len(block)
        if self.left < 0:
            raise ValueError("too much to look at")
        if not self.last and not block.removeprefix(b"\xef\xbb\xbf").startswith(b"<"):
            raise ValueError("no XML in UTF-8")
        if b"<!DOCTYPE" in self.last + block:
            raise ValueError("XML with declarations of its own")
        self.last = block[-16:] or self.last
        return block


def _elements(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, Element]]:
    """Yield the elements of a part as they end, by their names without namespace."""
    # Bombs need declarations, which the stream refuses.
    for _, element in iterparse(_limited(archive, part), events=("end",)):  # noqa: S314
        yield element.tag.rpartition("}")[2], element


def _sheet_part(archive: zipfile.ZipFile, sheet: str | None) -> str:
    sheets = {}
    for tag, element in _elements(archive, "xl/workbook.xml"):
        if tag == "sheet":
            link = next(v for k, v in element.attrib.items() if k.endswith("}id"))
            sheets[element.attrib["name"]] = link
    link = sheets[sheet] if sheet is not None else next(iter(sheets.values()))
    for tag, element in _elements(archive, "xl/_rels/workbook.xml.rels"):
        if tag == "Relationship" and element.attrib["Id"] == link:
            target = element.attrib["Target"]
            return target.lstrip("/") if target.startswith("/") else str(
                PurePosixPath("xl") / target)
    raise KeyError(link)


def _first_row(archive: zipfile.ZipFile, part: str) -> dict[int, tuple[str, str]] | None:
    """Return column → (kind, text) of row 1; None where a cell is neither text nor plain number."""
    for tag, row in _elements(archive, part):
        if tag != "row":
            continue
        if row.attrib.get("r", "1") != "1":
            return None  # blank rows come first: the reader knows what to make of them
        cells: dict[int, tuple[str, str]] = {}
        for at, cell in enumerate(row):
            column = _column(cell.attrib.get("r"), at)
            found = _cell(cell)
            if found is None:
                return None
            cells[column] = found
        return cells
    return {}


def _column(reference: str | None, at: int) -> int:
    """Return the number of a column from 0: ``AB1`` is 27."""
    letters = re.match(r"[A-Z]+", reference or "")
    if letters is None:
        return at
    number = 0
    for letter in letters[0]:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _cell(cell: Element) -> tuple[str, str] | None:
    kind = cell.attrib.get("t", "n")
    texts = {part.tag.rpartition("}")[2]: part for part in cell}
    if kind == "inlineStr":
        return kind, "".join(t.text or "" for t in cell.iter() if t.tag.endswith("}t"))
    value = texts["v"].text or "" if "v" in texts else ""
    if kind in ("s", "str"):
        return kind, value
    if not value:
        return "str", ""
    if kind != "n" or not re.fullmatch(r"-?[0-9]+", value):
        return None  # a date, a truth value, a formula's error
    return (kind, value) if cell.attrib.get("s", "0") == "0" else None


def _shared(archive: zipfile.ZipFile, wanted: set[int]) -> dict[int, str]:
    """Return the shared strings with these numbers."""
    found: dict[int, str] = {}
    if not wanted:
        return found
    number = 0
    for tag, element in _elements(archive, "xl/sharedStrings.xml"):
        if tag != "si":
            continue
        if number in wanted:
            # Readings of Chinese and Japanese characters (rPh) are no part of the text.
            found[number] = "".join(t.text or "" for t in element.iter()
                                    if t.tag.endswith("}t") and not _reading(element, t))
            if len(found) == len(wanted):
                break
        number += 1
        element.clear()
    return found


def _reading(item: Element, text: Element) -> bool:
    return any(text in list(part) for part in item if part.tag.endswith("}rPh"))
