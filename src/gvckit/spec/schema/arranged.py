"""The sections ``panel``, ``variables`` and ``samples``."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gvckit.spec.schema.base import Entry
from gvckit.spec.schema.fields import (
    Boolean,
    Name,
    Names,
    Number,
    Scalars,
    Text,
    Word,
    Words,
    Years,
)

__all__ = ["Filter", "Merge", "Panel", "Sample", "Variable"]

Filter = dict[Word, Scalars]
"""Values by panel key: ``{year: [2008, 2009], country: ROW}``; years may be a range."""


class Merge(Entry):
    """One step of the merge: what is brought in, on which keys, with which cardinality."""

    SYNONYMS: ClassVar[dict[str, str]] = {"by": "on", "using": "with", "how": "unmatched",
                                          "validate": "match", "source": "with"}

    sources: Annotated[Words, Field(alias="with", min_length=1)]
    on: Annotated[Names, Field(min_length=1)]
    match: Literal["one-to-one", "many-to-one"]
    unmatched: Literal["report", "drop", "error"] = "report"
    expect: dict[Name, Number] = Field(default_factory=dict)


class Panel(Entry):
    """The panel: its keys, what gives its rows, and what is merged into it."""

    SYNONYMS: ClassVar[dict[str, str]] = {"merges": "merge", "units": "unit", "years": "time",
                                          "keys": "unit"}

    unit: Annotated[Names, Field(min_length=1, max_length=4)]
    time: Name
    rows: Word
    merge: tuple[Merge, ...] = ()
    keep: Filter = Field(default_factory=dict)
    drop: Filter = Field(default_factory=dict)
    balanced: Boolean = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Unit keys, then time."""
        return (*self.unit, self.time)


class Variable(Entry):
    """A derived variable: an expression, and how it is called in tables."""

    SYNONYMS: ClassVar[dict[str, str]] = {"expression": "is", "formula": "is", "units": "unit"}

    expression: Annotated[Word, Field(alias="is")]
    label: Text | None = None
    unit: Text | None = None
    scale: Number | None = None
    note: Text | None = None


class Sample(Entry):
    """Which rows are used: rows to keep or to drop by panel key, a condition, a balanced panel."""

    SYNONYMS: ClassVar[dict[str, str]] = {"only": "keep", "exclude": "drop", "if": "where"}

    keep: Filter = Field(default_factory=dict)
    drop: Filter = Field(default_factory=dict)
    years: Years | None = None
    where: Word | None = None
    balanced: Boolean = False
    label: Text | None = None
