"""The sections ``tables``, ``figures`` and ``published``."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from gvckit.spec.schema.base import Entry
from gvckit.spec.schema.coerce import EARLIEST, LATEST, fault, kind_of
from gvckit.spec.schema.fields import Boolean, Stars, Text, Texts, Word, Words, whole

__all__ = ["Figure", "Published", "Table"]

# Digits as they are printed: a sign, commas between thousands, a point.
_PRINTED = re.compile(r"[-+−]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)?(\.[0-9]+)?")


def _power(points: int) -> int:
    if points & (points - 1):
        raise fault(f"{points} base points are no power of 2", allowed="64, 128, 256, …")
    return points


class Table(Entry):
    """A table: regressions, statistics or definitions of variables, weights of an index, …"""

    SYNONYMS: ClassVar[dict[str, str]] = {"models": "columns", "keep": "show", "rows": "show",
                                          "caption": "title", "note": "notes",
                                          "statistics": "stats"}

    kind: Literal["regression", "descriptives", "correlations", "definitions", "weights",
                  "coverage", "index-uncertainty", "placebo", "specification-curve",
                  "index-structure", "index-correlations", "index-sensitivity",
                  "index-ranks"] = "regression"
    title: Text | None = None
    columns: Words = ()
    variables: Words = ()
    of: Word | None = None
    coefficient: Word | None = None
    indices: Words = ()
    sample: Word | None = None
    show: Words = ()
    hide: Words = ()
    stats: Words | None = None
    labels: dict[Word, Text] = Field(default_factory=dict)
    notes: Texts = ()
    source: Text | None = None
    brackets: Literal["se", "t", "p"] | None = None
    decimals: Annotated[int, whole(0, 8)] | None = None
    stars: Stars | None = None
    stars_by: Literal["own", "wild"] | None = None
    sideways: Boolean | None = None
    adjust: Literal["holm", "bh", "romano-wolf"] | None = None
    family: Words = ()
    mde: Boolean | None = None
    # of the audit of an index: what varies, how many variants, base points of Sobol indices
    vary: tuple[Literal["missing", "normalise", "weights", "aggregate", "drop_one"], ...] = ()
    variants: Annotated[int, whole(10, 100_000)] | None = None
    points: Annotated[int, whole(8, 65_536), AfterValidator(_power)] | None = None
    year: Annotated[int, whole(EARLIEST, LATEST)] | None = None


class Figure(Entry):
    """A figure of a model, an index or a variable."""

    SYNONYMS: ClassVar[dict[str, str]] = {"model": "of", "term": "coefficient",
                                          "type": "kind", "caption": "title"}

    kind: Word
    of: Words
    coefficient: Word | None = None
    by: Words = ()
    title: Text | None = None
    notes: Texts = ()


def _printed(value: object) -> str:
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    if not re.search("[0-9]", text) or not _PRINTED.fullmatch(text):
        raise fault(f"expected a number as it is printed, found {kind_of(value)}",
                    allowed='"0.132" or "41,230"; stars and brackets are left out')
    return text


Printed = Annotated[str, BeforeValidator(_printed), WithJsonSchema({"type": ["string", "number"]})]


class Published(Entry):
    """A printed number to compare with; its last digit sets the tolerance."""

    SYNONYMS: ClassVar[dict[str, str]] = {"coef": "b", "estimate": "b", "std": "se",
                                          "obs": "n", "tolerance": "rule"}

    b: Printed | None = None
    se: Printed | None = None
    t: Printed | None = None
    p: Printed | None = None
    n: Printed | None = None
    source: Word | None = None
    status: Literal["must", "info", "open"] = "info"
    rule: Literal["printed", "interval"] = "printed"
    note: Text | None = None

    @property
    def numbers(self) -> dict[str, str]:
        """The printed numbers that are given, by what they are."""
        named = {"b": self.b, "se": self.se, "t": self.t, "p": self.p, "n": self.n}
        return {key: text for key, text in named.items() if text is not None}
