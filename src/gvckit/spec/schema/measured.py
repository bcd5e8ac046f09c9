"""The section ``indices``: measures of the tables, and composite indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator
from typing_extensions import TypeAliasType

from gvckit.spec.schema.base import Entry
from gvckit.spec.schema.built import BuiltEntry, FamilyEntry
from gvckit.spec.schema.coerce import fault
from gvckit.spec.schema.fields import (
    Boolean,
    Count,
    Name,
    Names,
    Number,
    OneOrMore,
    Scalar,
    Selection,
    Text,
    Word,
    Words,
    Years,
    shorthand,
    whole,
)

__all__ = ["CompositeEntry", "CompositeOptions", "IndexEntry", "Indicator", "MeasureEntry",
           "Pillars"]


Pair = tuple[Number, Number]
Numbers = Annotated[tuple[Number, ...], OneOrMore()]


class MeasureEntry(Entry):
    """One column of one measure: ``value`` of ``measure``, computed for each table of ``icio``."""

    SYNONYMS: ClassVar[dict[str, str]] = {"column": "value", "level": "by", "sector": "sectors"}
    PARAMETERS: ClassVar[tuple[str, ...]] = (
        "definition", "direction", "iv", "fv", "coefficient", "sectors", "origin", "flow",
        "perspective", "approach", "terms", "aggregates", "exporters", "use", "content", "counted",
        "goods", "origin_sector", "exporter", "producer", "importer", "destination",
        "inventories", "inventory", "weight", "industry",
        "method", "weights", "base", "adjust", "missing", "kind_", "convention", "presence",
        "rca_threshold", "disconnected", "outlook", "reference", "draws", "seed", "exclude",
        "among", "of", "balanced", "sign", "ddof", "standardise", "iterations", "min_population",
        "min_exports", "min_product_exports", "threshold", "va", "gaps", "without", "na",
        "effects", "outliers", "sigma",
    )

    measure: Word
    icio: Word | None = None
    exports: Word | None = None
    income: Word | None = None
    population: Word | None = None
    levels: Word | None = None
    industries: Word | None = None
    # an account in place of value added, and what industries without one have
    satellite: Word | None = None
    absent: Literal["error", "zero"] | None = None
    # groups of countries, each one more country; of importers and sectors, in place of members
    groups: dict[Scalar, Words] = Field(default_factory=dict)
    partners: dict[Scalar, Words] = Field(default_factory=dict)
    sector_groups: dict[Scalar, Words] = Field(default_factory=dict)
    quantity: Word | None = None
    dva: Word | None = None
    dvar: Word | None = None
    by: Names
    value: Word | None = None
    definition: Word | None = None
    direction: Word | None = None
    iv: Word | None = None
    fv: Word | None = None
    coefficient: Word | None = None
    sectors: Selection | None = None
    origin_: Annotated[Selection | None, Field(alias="origin")] = None
    flow: Word | None = None
    perspective: Word | None = None
    approach: Word | None = None
    terms: Word | None = None
    aggregates: Word | None = None
    exporters: Selection | None = None
    use: Word | None = None
    content: Word | None = None
    counted: Word | None = None
    goods: Word | None = None
    origin_sector: Selection | None = None
    exporter: Selection | None = None
    producer: Selection | None = None
    importer: Selection | None = None
    destination: Selection | None = None
    inventories: Word | None = None
    inventory: Word | None = None
    weight: Word | None = None
    industry: Word | None = None
    method: Word | None = None
    weights: Word | None = None
    base: Years | None = None
    adjust: Word | None = None
    missing: Word | None = None
    kind_: Annotated[Word | None, Field(alias="kind")] = None
    convention: Word | None = None
    presence: Word | None = None
    rca_threshold: Number | None = None
    disconnected: Word | None = None
    outlook: Word | None = None
    reference: Word | None = None
    draws: Annotated[int, whole(1, 100_000)] | None = None
    seed: Annotated[int, whole(0, 2**63 - 1)] | None = None
    exclude: Words | None = None
    among: Word | None = None
    of: Word | None = None
    balanced: Boolean | None = None
    sign: Word | None = None
    ddof: Annotated[int, whole(0, 1)] | None = None
    standardise: Word | None = None
    iterations: Count | None = None
    min_population: Number | None = None
    min_exports: Number | None = None
    min_product_exports: Number | None = None
    threshold: Number | None = None
    va: Word | None = None
    gaps: Word | None = None
    without: Words | None = None
    na: Word | None = None
    effects: Words | None = None
    outliers: Number | None = None
    sigma: Word | None = None
    label: Text | None = None
    unit: Text | None = None

    @property
    def kind(self) -> Literal["measure"]:
        """What stands behind the entry."""
        return "measure"

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the measure that the spec gives, as JSON values."""
        given = {key.rstrip("_"): getattr(self, "origin_" if key == "origin" else key)
                 for key in self.PARAMETERS}
        return {k: list(v) if isinstance(v, tuple) else v
                for k, v in given.items() if v is not None}

    @model_validator(mode="after")
    def _has_an_input(self) -> MeasureEntry:
        if self.icio is None and self.exports is None:
            raise fault("the measure does not say what it measures",
                        allowed="icio: a data entry with tables, or exports: one with exports")
        if self.absent is not None and self.satellite is None:
            raise fault("industries are absent from a satellite account, and none is given",
                        at=("absent",), allowed="satellite: a data entry with one value by "
                                                "country, sector, and time")
        return self


class CompositeOptions(Entry):
    """How indicators become one index: missing, outliers, scale, weights, aggregation."""

    SYNONYMS: ClassVar[dict[str, str]] = {
        "normalize": "normalise", "weight": "weights", "aggregation": "aggregate",
        "impute": "missing", "outliers": "treat", "ahp": "judgements", "l_u": "range"}

    by: Names
    missing: Words | None = None
    max_gap: Count | None = None
    group: Name | None = None
    treat: Word | None = None
    points: Count | None = None
    cut: Number | None = None
    normalise: Word | None = None
    range: Pair | None = None
    moments: Pair | None = None
    goalposts: Pair | None = None
    reference: Scalar | None = None
    cap: Boolean | None = None
    ties: Word | None = None
    shift: Number | None = None
    scale: Number | None = None
    floor: Number | None = None
    require: Number | None = None
    require_unit: Number | None = None
    require_within: Numbers | None = None
    weights: Words | None = None
    combine: Word | None = None
    shares: Pair | None = None
    judgements: dict[Name, tuple[tuple[Number, ...], ...]] = Field(default_factory=dict)
    consistency: Number | None = None
    aggregate: Words | None = None
    power: Number | None = None
    orness: Number | None = None
    pillar_weights: dict[Name, Number] = Field(default_factory=dict)
    leave_out: Names = ()


class Indicator(Entry):
    """A leaf of the tree: a name or an expression, and which way is better."""

    SYNONYMS: ClassVar[dict[str, str]] = {"expression": "is", "variable": "is", "sign": "direction"}

    expression: Annotated[Word, Field(alias="is")]
    direction: Literal["+", "-"] = "+"
    weight: Number | None = None
    missing: Words | None = None
    treat: Word | None = None
    target: Number | None = None
    goalposts: Pair | None = None
    label: Text | None = None


def _branch_kind(value: object) -> str:
    tree = isinstance(value, dict) and not {"is", "direction"} & set(value)
    return "<tree>" if tree else "<leaves>"


Indicators: TypeAlias = Annotated[
    tuple[Annotated[Indicator, shorthand("is")], ...], OneOrMore(), Field(min_length=1)]

if TYPE_CHECKING:
    Pillars: TypeAlias = "dict[str, Pillars] | tuple[Indicator, ...]"
else:
    Pillars = TypeAliasType(
        "Pillars",
        Annotated[
            Annotated[Indicators, Tag("<leaves>")]
            | Annotated[dict[Name, "Pillars"], Field(min_length=1), Tag("<tree>")],
            Discriminator(_branch_kind),
        ],
    )


class CompositeEntry(Entry):
    """A composite index: its options and its tree of pillars, of any depth."""

    SYNONYMS: ClassVar[dict[str, str]] = {"tree": "pillars", "indicators": "pillars",
                                          "options": "composite"}

    composite: CompositeOptions
    pillars: Pillars
    # the years of the index; those of the panel's rows where left out
    years: Years | None = None
    label: Text | None = None
    unit: Text | None = None
    note: Text | None = None
    # labels of pillars
    labels: dict[Name, Text] = Field(default_factory=dict)
    # pillars too are merged into the panel, under their own names or as INDEX_PILLAR
    merge_pillars: Boolean = False
    prefix_pillars: Boolean = False

    @property
    def kind(self) -> Literal["composite"]:
        """What stands behind the entry."""
        return "composite"

    @property
    def by(self) -> tuple[str, ...]:
        """The keys of the index."""
        return self.composite.by

    def pillar_column(self, name: str, pillar: str) -> str | None:
        """Return the panel's column of a pillar of the index ``name``; None: it is not merged."""
        if self.prefix_pillars:
            return f"{name}_{pillar}"
        return pillar if self.merge_pillars else None


def _index_kind(value: object) -> str:
    keys = set(value) if isinstance(value, dict) else set()
    if "measure" in keys:
        return "<measure>"  # whose ``use`` is a word of its own
    if "use" in keys:
        return "<family>"
    if "build" in keys:
        return "<built>"
    return "<composite>" if keys & {"composite", "pillars"} else "<measure>"


if TYPE_CHECKING:
    # An entry of a family is written out before the schema sees it.
    IndexEntry: TypeAlias = MeasureEntry | CompositeEntry | BuiltEntry
else:
    IndexEntry = Annotated[
        Annotated[MeasureEntry, Tag("<measure>")] | Annotated[CompositeEntry, Tag("<composite>")]
        | Annotated[BuiltEntry, Tag("<built>")] | Annotated[FamilyEntry, Tag("<family>")],
        Discriminator(_index_kind),
    ]
