"""Indices that are built from data by rules of their own, and those taken from a family."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from gvckit.errors import nearest
from gvckit.indices.builders import BUILDERS
from gvckit.spec.families import families, main_index
from gvckit.spec.schema.base import Entry
from gvckit.spec.schema.coerce import fault
from gvckit.spec.schema.fields import Boolean, Names, Number, Text, Word, Words, Years

__all__ = ["BuiltEntry", "Family", "FamilyEntry"]


def _family(name: str) -> str:
    if name not in families():
        raise fault(f"there is no family {name!r}", allowed=", ".join(families()),
                    nearest=nearest(name, families()))
    return name


Family = Annotated[Word, AfterValidator(_family)]


class BuiltEntry(Entry):
    """An index of barriers or commitments: the rule, and the values that it is built from."""

    SYNONYMS: ClassVar[dict[str, str]] = {"from": "of", "method": "build", "gather": "how"}
    PARAMETERS: ClassVar[tuple[str, ...]] = (
        "how", "value", "most", "least", "distance", "shares", "years")

    build: Word
    of: Annotated[Words, Field(min_length=1)]
    by: Names
    weights: Word | None = None
    until: Word | None = None
    years: Years | None = None
    how: Word | None = None
    value: Word | None = None
    most: Number | None = None
    least: Number | None = None
    distance: Word | None = None
    shares: tuple[Number, ...] = ()
    label: Text | None = None
    unit: Text | None = None
    citation: Text | None = None
    note: Text | None = None

    @property
    def kind(self) -> Literal["built"]:
        """What stands behind the entry."""
        return "built"

    @property
    def names(self) -> tuple[str, ...]:
        """The values that it is built from."""
        return (*self.of, *(n for n in (self.weights, self.until) if n))

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the rule that the spec gives, as JSON values."""
        given = {key: getattr(self, key) for key in self.PARAMETERS}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in given.items()
                if v not in (None, ())}

    @model_validator(mode="after")
    def _fits_its_rule(self) -> BuiltEntry:
        builder = BUILDERS.get(self.build)
        if builder is None:
            raise fault(f"there is no rule {self.build!r}", allowed=", ".join(BUILDERS),
                        nearest=nearest(self.build, BUILDERS), at=("build",))
        if self.by not in builder.keys:
            allowed = "; ".join(f"by: [{', '.join(keys)}]" for keys in builder.keys)
            raise fault(f"{self.build} gives no index by {', '.join(self.by)}", allowed=allowed,
                        at=("by",))
        for key in (*self.parameters, *(k for k in ("weights", "until") if getattr(self, k))):
            if key not in builder.parameters:
                raise fault(f"unknown key {key!r} for {self.build}",
                            allowed=", ".join(builder.parameters), at=(key,))
        for key in builder.needs:
            if not getattr(self, key):
                raise fault(f"{self.build} needs {key!r}", allowed=builder.parameters[key])
        if not builder.many and len(self.of) > 1:
            raise fault(f"{self.build} is of one value, not {len(self.of)}", at=("of",))
        return self


class FamilyEntry(Entry):
    """An index of a family: which, and what is changed in it."""

    use: Word
    composite: dict[Word, Any] = Field(default_factory=dict)
    pillars: dict[Word, Any] = Field(default_factory=dict)
    by: Names | None = None
    years: Years | None = None
    label: Text | None = None
    unit: Text | None = None
    note: Text | None = None
    merge_pillars: Boolean = False
    prefix_pillars: Boolean = False

    @model_validator(mode="after")
    def _is_written_out(self) -> FamilyEntry:
        """Say what is wrong: an entry whose family is known has been replaced by the index."""
        if main_index(self.use) is None:
            known = [name for name in families() if main_index(name)]
            raise fault(f"there is no family {self.use!r} with an index",
                        allowed=", ".join(known), nearest=nearest(self.use, known))
        raise fault("use: is written out when the spec is read from its file")
