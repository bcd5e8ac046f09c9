"""What a spec says once every name is resolved and every model is written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gvckit.errors import Where
from gvckit.models.products import Product, parse_products
from gvckit.panel.expressions import Expression
from gvckit.spec.positions import Document, TreePath

if TYPE_CHECKING:
    from gvckit.spec.schema.arranged import Merge
    from gvckit.spec.schema.built import BuiltEntry
    from gvckit.spec.schema.measured import CompositeEntry, MeasureEntry
    from gvckit.spec.schema.shown import Figure, Published, Table
    from gvckit.spec.schema.sources import FileEntry, IcioEntry, Paper

__all__ = ["ModelSpec", "PanelSpec", "SampleSpec", "Spec", "Target", "VariableSpec"]

Label = Mapping[str, str]
Values = Mapping[str, tuple[str | int, ...]]
"""Values by panel key; years are whole numbers, the others codes as they were typed."""


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """The panel: unit keys, time key, what gives the rows, merges, rows kept and dropped."""

    unit: tuple[str, ...]
    time: str
    rows: str
    merge: tuple[Merge, ...]
    keep: Values
    drop: Values
    balanced: bool
    origin: Where

    @property
    def keys(self) -> tuple[str, ...]:
        """Unit keys, then time."""
        return (*self.unit, self.time)

    @property
    def sources(self) -> tuple[str, ...]:
        """The rows, then everything that is merged, in order."""
        return (self.rows, *(name for merge in self.merge for name in merge.sources))


@dataclass(frozen=True, slots=True)
class VariableSpec:
    """A derived variable."""

    name: str
    expression: Expression
    origin: Where
    label: Label | None = None
    unit: Label | None = None
    scale: float | None = None
    note: Label | None = None


@dataclass(frozen=True, slots=True)
class SampleSpec:
    """Which rows of the panel are used."""

    name: str
    origin: Where
    keep: Values = field(default_factory=dict)
    drop: Values = field(default_factory=dict)
    where: Expression | None = None
    balanced: bool = False
    label: Label | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the sample as JSON values, without its place."""
        return {
            "keep": {k: list(v) for k, v in self.keep.items()},
            "drop": {k: list(v) for k, v in self.drop.items()},
            "where": self.where.text if self.where else None, "balanced": self.balanced,
        }


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model with everything that it inherits written out.

    Attributes
    ----------
    model
        The keys that ``gvckit.fit`` takes (y, x, controls, fe, se, ssc, weights, estimator,
        instruments, report, split, difference, mechanism, threshold), as JSON values; only what
        the spec says, defaults are the estimator's.
    sample, must, label, note, vary
        The other keys; ``must``, ``label`` and ``note`` are never inherited, ``vary`` is a mapping
        of choices to their alternatives.
    chain
        The models that it is like, nearest first.
    sources
        For each key, the path in the document that decides it.
    """

    name: str
    origin: Where
    model: Mapping[str, Any]
    sample: str | None = None
    must: bool = False
    label: Label | None = None
    note: Label | None = None
    vary: Mapping[str, Any] | None = None
    chain: tuple[str, ...] = ()
    sources: Mapping[str, TreePath] = field(default_factory=dict)

    @property
    def terms(self) -> tuple[str, ...]:
        """The regressors: x with squares and interactions, then controls."""
        return (*self.focal, *self._completed[1])

    @property
    def focal(self) -> tuple[str, ...]:
        """The regressors of interest, squares and interactions among them."""
        return self._completed[0]

    @property
    def channels(self) -> tuple[str, ...]:
        """The mediators of the model's mechanism, which its further equations have as terms."""
        return tuple((self.model.get("mechanism") or {}).get("through", ()))

    @property
    def products(self) -> Mapping[str, str]:
        """Squares and interactions, each with the regressor that it is shown with."""
        return {p.term: p.left for p in self._completed[2]}

    @property
    def _completed(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Product, ...]]:
        x, controls = (tuple(self.model.get(key) or ()) for key in ("x", "controls"))
        return parse_products(self.model, x, controls, "", [])


@dataclass(frozen=True, slots=True)
class Target:
    """A published number, and the cell that it is compared with."""

    name: str
    table: str
    model: str
    term: str
    entry: Published
    origin: Where


@dataclass(frozen=True, slots=True)
class Spec:
    """A resolved spec; mappings keep the order of the file, variables the order of use.

    Attributes
    ----------
    values
        Every value that a source brings: name → source (a data entry or an index).
    """

    path: str
    paper: Paper
    data: Mapping[str, IcioEntry | FileEntry]
    indices: Mapping[str, MeasureEntry | CompositeEntry | BuiltEntry]
    panel: PanelSpec | None
    variables: Mapping[str, VariableSpec]
    samples: Mapping[str, SampleSpec]
    models: Mapping[str, ModelSpec]
    tables: Mapping[str, Table]
    figures: Mapping[str, Figure]
    published: Mapping[str, Target]
    values: Mapping[str, str]
    document: Document

    def where(self, *path: str | int, key: bool = False) -> Where:
        """Return where an entry stands: ``spec.where("models", "iv", "instruments")``."""
        return self.document.key_at(path) if key else self.document.value_at(path)
