"""What the spec says about a data file, and what reading it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from gvckit.errors import Problem, SpecError, Where, unknown

__all__ = ["FrameEntry", "FrameReport"]

_COUNTRY_KEYS = frozenset({"country", "exporter", "importer", "origin", "destination", "partner",
                           "reporter"})
_TYPES = ("country", "year", "text")
_DUPLICATES = ("error", "first", "mean")
_UNKNOWN = ("error", "drop")
DELIMITERS = (",", ";", "\t", "|")
DECIMALS = (".", ",")
ENCODINGS = ("utf-8", "gb18030", "big5", "shift_jis", "euc-kr", "cp1252", "latin-1", "utf-16")


@dataclass(frozen=True, slots=True)
class FrameEntry:
    """How a data file is read.

    Attributes
    ----------
    keys
        Name in the panel → column of the file.
    take
        New name → column of a wide file, or variable of a long one.
    long
        Columns ``{"name": …, "value": …}`` of a long file; None for a wide one.
    types
        Kind of a key: ``country``, ``year`` (a whole number) or ``text``.  Left out: country,
        exporter, importer, origin, destination, partner, reporter are countries, year is a year,
        others are text.
    codes
        Table of country aliases; left out: the file's name without its ending.
    unknown_codes
        ``error``, or ``drop`` to leave rows with unknown codes out and report them.
    duplicates
        What several rows with the same keys are: ``error``, or take their ``first`` or ``mean``.
    na
        Markers of missing values besides blank, NA, NaN and ``..``.
    keep
        Column of the file → the cells (as text) whose rows are read.
    sheet
        Sheet of a workbook; left out: the first.
    delimiter
        What separates the cells of a text file; left out: what the end of its name says.
    decimal
        The sign before decimals in text cells, ``.`` or ``,``.
    encoding
        Encoding of a text file.
    where
        Place in the spec, for messages.
    """

    keys: Mapping[str, str]
    take: Mapping[str, str]
    long: Mapping[str, str] | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    codes: str | None = None
    unknown_codes: str = "error"
    duplicates: str = "error"
    na: tuple[str, ...] = ()
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sheet: str | None = None
    delimiter: str | None = None
    decimal: str = "."
    encoding: str = "utf-8"
    where: Where | None = None

    def __post_init__(self) -> None:
        problems = []
        if not self.keys:
            problems.append(Problem("a data file needs `keys`", self.where,
                                    allowed="keys: {country: …, year: …}"))
        # Nothing but keys is a concordance: which group an item belongs to.
        if not self.take and len(self.keys) < 2:
            problems.append(Problem("a data file needs `take`", self.where))
        problems += [Problem(f"{name!r} is both a key and a variable", self.where)
                     for name in self.take if name in self.keys]
        problems += [unknown("type", t, _TYPES, self.where) for t in self.types.values()
                     if t not in _TYPES]
        problems += [unknown("key in `types`", k, self.keys, self.where) for k in self.types
                     if k not in self.keys]
        if self.duplicates not in _DUPLICATES:
            problems.append(unknown("rule for duplicates", self.duplicates, _DUPLICATES,
                                    self.where))
        if self.unknown_codes not in _UNKNOWN:
            problems.append(unknown("rule for unknown codes", self.unknown_codes, _UNKNOWN,
                                    self.where))
        if self.long is not None and set(self.long) != {"name", "value"}:
            problems.append(Problem("`long` needs the two columns", self.where,
                                    allowed="long: {name: …, value: …}"))
        if self.delimiter is not None and self.delimiter not in DELIMITERS:
            problems.append(unknown("delimiter", self.delimiter, DELIMITERS, self.where))
        if self.decimal not in DECIMALS:
            problems.append(unknown("decimal sign", self.decimal, DECIMALS, self.where))
        if self.encoding not in ENCODINGS:
            problems.append(unknown("encoding", self.encoding, ENCODINGS, self.where))
        if problems:
            raise SpecError(problems)

    @classmethod
    def from_mapping(cls, entry: Mapping[str, Any], where: Where | None = None) -> FrameEntry:
        """Return the entry that a spec's mapping says; ``take`` and ``na`` may be lists."""
        known = {f.name for f in fields(cls)} - {"where"}
        other = {"file", "source", "sha256", "label", "unit", "citation", "licence", "years",
                 "derive"}
        bad = [unknown("key of a data file", k, known, where) for k in entry
               if k not in known | other]
        if bad:
            raise SpecError(bad)
        values: dict[str, Any] = {k: v for k, v in entry.items() if k in known and v is not None}
        take = values.get("take", {})
        values["take"] = dict(take) if isinstance(take, Mapping) else {str(t): str(t) for t in take}
        values["na"] = tuple(str(v) for v in values.get("na", ()))
        values["keep"] = {c: tuple(str(v) for v in (vs if isinstance(vs, list | tuple) else [vs]))
                          for c, vs in dict(values.get("keep", {})).items()}
        return cls(keys=dict(values.pop("keys", {})), where=where, **values)

    def kind(self, key: str) -> str:
        """Return the kind of a key."""
        default = "country" if key in _COUNTRY_KEYS else "year" if key == "year" else "text"
        return self.types.get(key, default)


@dataclass(frozen=True, slots=True)
class FrameReport:
    """What reading a file did.

    Attributes
    ----------
    source
        The file's name.
    rows_read, rows_kept
        Rows of the file that were looked at (of the wanted variables), and rows of the frame.
    aliases
        Code as read → (code used, rows).
    dropped
        Code left out → rows.
    merged
        Rows that were merged with another of the same keys.
    missing
        Variable → rows of the frame without a value.
    """

    source: str
    rows_read: int
    rows_kept: int
    aliases: dict[str, tuple[str, int]]
    dropped: dict[str, int]
    merged: int
    missing: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {"source": self.source, "rows_read": self.rows_read, "rows_kept": self.rows_kept,
                "aliases": {k: list(v) for k, v in self.aliases.items()},
                "dropped": dict(self.dropped), "merged": self.merged,
                "missing": dict(self.missing)}
