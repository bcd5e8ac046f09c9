"""The sections ``paper`` and ``data``."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from gvckit.spec.schema.base import Entry
from gvckit.spec.schema.coerce import fault
from gvckit.spec.schema.fields import (
    Columns,
    CountOrSelection,
    Hash,
    Name,
    OneOrMore,
    PaperKey,
    Scalar,
    Scalars,
    Stars,
    Text,
    Word,
    Words,
    Years,
    whole,
)

__all__ = ["DataEntry", "FileEntry", "IcioEntry", "Long", "Paper"]


class Paper(Entry):
    """What paper this is, its seed, and how its tables look unless a table says otherwise."""

    key: PaperKey
    title: Text | None = None
    authors: Words = ()
    seed: Annotated[int, whole(0, 2**63 - 1)] = 0
    languages: Annotated[
        tuple[Literal["en", "zh"], ...], OneOrMore(), Field(min_length=1)] = ("en",)
    brackets: Literal["se", "t", "p"] = "se"
    decimals: Annotated[int, whole(0, 8)] = 3
    stars: Stars = (0.10, 0.05, 0.01)
    stars_by: Literal["own", "wild"] = "own"
    note: Text | None = None


class IcioEntry(Entry):
    """Inter-country input-output tables, one a year: of a source in the catalogue, or own files.

    ``file`` is a name with ``{year}`` in it, ending in .npz or .RData.  ``policy`` names what is
    done with each defect; ``countries`` and ``sectors`` are numbers, for the sample world.
    """

    SYNONYMS: ClassVar[dict[str, str]] = {"year": "years", "policies": "policy"}

    source: Word | None = None
    file: Word | None = None
    years: Years | None = None
    policy: dict[Word, Word] = Field(default_factory=dict)
    countries: CountOrSelection | None = None
    sectors: CountOrSelection | None = None
    seed: Annotated[int, whole(0, 2**63 - 1)] | None = None
    sha256: dict[Scalar, Hash] = Field(default_factory=dict)
    label: Text | None = None
    citation: Text | None = None

    @property
    def kind(self) -> Literal["icio"]:
        """What stands behind the entry."""
        return "icio"

    @model_validator(mode="before")
    @classmethod
    def _says_where_from(cls, value: Any) -> Any:
        if isinstance(value, dict) and ("source" in value) == ("file" in value):
            raise fault("the data entry does not say where the data come from"
                        if "source" not in value else
                        "the data entry has both a source and a file",
                        allowed="source: a name in the catalogue, or file: a path")
        return value


class Long(Entry):
    """A file with one row a value: the columns that hold the variable's name and its value."""

    SYNONYMS: ClassVar[dict[str, str]] = {"variable": "name"}

    variable: Annotated[Scalar, Field(alias="name")]
    value: Scalar


class FileEntry(Entry):
    """A table of data in a file: its keys, the columns taken, and how odd rows are treated."""

    SYNONYMS: ClassVar[dict[str, str]] = {
        "path": "file", "columns": "take", "values": "take", "index": "keys", "missing": "na",
        "sep": "delimiter", "separator": "delimiter", "dec": "decimal"}

    file: Word | None = None
    source: Word | None = None
    keys: Annotated[Columns, Field(min_length=1)]
    long: Long | None = None
    # empty for a concordance, which is nothing but keys
    take: Columns
    # values made of those taken: name → expression
    derive: dict[Name, Scalar] = Field(default_factory=dict)
    types: dict[Name, Literal["country", "year", "text"]] = Field(default_factory=dict)
    na: Scalars = ()
    codes: Word | None = None
    unknown_codes: Literal["error", "drop"] = "error"
    duplicates: Literal["error", "first", "mean"] = "error"
    keep: dict[Scalar, Scalars] = Field(default_factory=dict)
    years: Years | None = None
    seed: Annotated[int, whole(0, 2**63 - 1)] | None = None
    sheet: Scalar | None = None
    # of text files; left out: what the end of the name says, a point, UTF-8
    delimiter: Literal[",", ";", "tab", "|"] | None = None
    decimal: Literal[".", ","] | None = None
    encoding: Literal["utf-8", "gb18030", "big5", "shift_jis", "euc-kr", "cp1252", "latin-1",
                      "utf-16"] | None = None
    sha256: Hash | None = None
    label: Text | None = None
    labels: dict[Name, Text] = Field(default_factory=dict)
    unit: Text | None = None
    units: dict[Name, Text] = Field(default_factory=dict)
    citation: Text | None = None
    licence: Word | None = None

    @property
    def kind(self) -> Literal["file"]:
        """What stands behind the entry."""
        return "file"

    @property
    def values(self) -> dict[str, str]:
        """What the entry brings: name → the column that it is, or the expression."""
        return {**self.take, **self.derive}

    @property
    def reading(self) -> dict[str, Any]:
        """How the file is read, as JSON values: the keys of a frame entry."""
        long = {"name": self.long.variable, "value": self.long.value} if self.long else None
        return {
            "keys": dict(self.keys), "take": dict(self.take), "long": long,
            "types": dict(self.types), "codes": self.codes, "unknown_codes": self.unknown_codes,
            "duplicates": self.duplicates, "na": list(self.na),
            "keep": {column: list(cells) for column, cells in self.keep.items()},
            "sheet": self.sheet,
            **{key: value for key, value in (
                ("delimiter", "\t" if self.delimiter == "tab" else self.delimiter),
                ("decimal", self.decimal), ("encoding", self.encoding)) if value},
        }

    @model_validator(mode="after")
    def _says_where_from(self) -> FileEntry:
        if self.file is None and self.source is None:
            raise fault("the data entry does not say where the data come from",
                        allowed="file: a path, or source: a name in the catalogue")
        if not self.take and len(self.keys) < 2:
            raise fault("nothing is taken", at=("take",),
                        allowed="take: {new_name: column}; only a concordance of two keys may "
                                "take nothing")
        for part, given in (("take", self.take), ("derive", self.derive)):
            for name in given:
                if name in self.keys:
                    raise fault(f"{name!r} is both a key and a variable", at=(part, name))
        for name in self.derive:
            if name in self.take:
                raise fault(f"{name!r} is taken and derived", at=("derive", name))
        for key in self.types:
            if key not in self.keys:
                raise fault(f"{key!r} is not among the keys", at=("types", key))
        for option, names in (("labels", self.labels), ("units", self.units)):
            for name in names:
                if name not in self.values:
                    raise fault(f"{name!r} is not among the names taken", at=(option, name))
        return self


_ICIO_ONLY = frozenset({"policy", "countries", "sectors"})
_TABLES = (".npz", ".rdata")
_FILE_ONLY = frozenset({"file", "keys", "take", "derive", "long", "sheet", "na", "duplicates",
                        "delimiter", "decimal", "encoding", "unknown_codes", "types", "keep",
                        "codes"})


def _data_kind(value: object) -> str:
    keys = set(value) if isinstance(value, dict) else set()
    if (isinstance(value, dict) and str(value.get("file", "")).lower().endswith(_TABLES)
            and not {"keys", "take"} <= keys):
        return "<icio>"
    return "<file>" if keys & _FILE_ONLY and not keys & _ICIO_ONLY else "<icio>"


DataEntry = Annotated[
    Annotated[IcioEntry, Tag("<icio>")] | Annotated[FileEntry, Tag("<file>")],
    Discriminator(_data_kind),
]
