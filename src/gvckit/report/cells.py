"""A table before it is written: cells, rows, headers, notes and the unrounded numbers behind them.

Writers read a :class:`TableLayout` and nothing else, so a new file format needs only a new writer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gvckit.report.numbers import fixed, scientific, thousands

__all__ = [
    "Cell",
    "Column",
    "Data",
    "Empty",
    "Group",
    "HeaderRow",
    "Number",
    "Row",
    "Span",
    "TableLayout",
    "Text",
    "Value",
]

Bracket: TypeAlias = Literal["", "(", "["]
Value: TypeAlias = str | int | float | bool | None

_CLOSING = {"": "", "(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as printed.

    Attributes
    ----------
    value
        The unrounded number; it is finite.
    decimals
        Digits after the point; None prints powers of ten.
    stars
        How many stars follow.
    bracket
        The bracket around it, by its opening sign.
    thousands
        Whether commas stand between thousands.
    """

    value: float
    decimals: int | None = 3
    stars: int = 0
    bracket: Bracket = ""
    thousands: bool = False

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a printed number must be finite, not {self.value}")

    @property
    def closing(self) -> str:
        """The closing bracket."""
        return _CLOSING[self.bracket]

    @property
    def digits(self) -> str:
        """The number without stars and brackets."""
        if self.decimals is None:
            mantissa, power = scientific(self.value)
            return f"{mantissa}e{power}"
        if self.thousands:
            return thousands(self.value, self.decimals)
        return fixed(self.value, self.decimals)

    @property
    def text(self) -> str:
        """The number as plain text, with brackets and stars."""
        return f"{self.bracket}{self.digits}{self.closing}{'*' * self.stars}"


@dataclass(frozen=True, slots=True)
class Text:
    """A cell of words; ``marked``: names between grave accents are code."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """A cell with nothing in it."""

    @property
    def text(self) -> str:
        """Nothing."""
        return ""


Cell: TypeAlias = Number | Text | Empty


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the body: ``number`` aligns decimals, ``text`` centres, ``wrap`` breaks lines."""

    name: str
    kind: Literal["number", "text", "wrap"] = "number"


@dataclass(frozen=True, slots=True)
class Span:
    """A header over the columns ``first`` to ``last`` (from 0, both included)."""

    label: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """One row of headers; ``rule`` draws a short line under each."""

    spans: tuple[Span, ...]
    rule: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the body; ``indent`` is the depth of its label."""

    label: str
    cells: tuple[Cell, ...]
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stand together; a label makes them a panel."""

    rows: tuple[Row, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Data:
    """The unrounded numbers of a table: field names and rows, each row as long as ``fields``."""

    fields: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.fields):
                raise ValueError(f"a data row has {len(row)} values for {len(self.fields)} fields")


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A finished table, independent of the format in which it is written.

    Attributes
    ----------
    id
        Name of the table, its file name and its label.
    language
        ``en`` or ``zh``; decides the words that writers add (``Notes:``, ``注：``).
    stub
        Header of the label column.
    notes
        Paragraphs below the table.
    data
        The same table unrounded, for the CSV twin.
    sideways
        Whether it is turned by 90 degrees; None lets the writer decide by its width.
    """

    id: str
    title: str
    language: str
    columns: tuple[Column, ...]
    header: tuple[HeaderRow, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...] = ()
    stub: str = ""
    data: Data = field(default_factory=lambda: Data((), ()))
    sideways: bool | None = None

    def __post_init__(self) -> None:
        for group in self.groups:
            for row in group.rows:
                if len(row.cells) != len(self.columns):
                    raise ValueError(
                        f"row {row.label!r} has {len(row.cells)} cells for "
                        f"{len(self.columns)} columns"
                    )

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows of the body in order."""
        return tuple(row for group in self.groups for row in group.rows)
