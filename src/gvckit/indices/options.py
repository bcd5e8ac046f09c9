"""The options of a composite index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gvckit.errors import Problem, SpecError, unknown
from gvckit.indices.aggregate import AGGREGATORS
from gvckit.indices.missing import RULES
from gvckit.indices.normalise import NORMALISERS
from gvckit.indices.weights import SCHEMES

__all__ = ["Options", "parse_options"]

_KEYS = ("by", "missing", "max_gap", "normalise", "weights", "aggregate", "shift", "scale", "floor",
         "require", "pillar_weights", "leave_out")


@dataclass(frozen=True, slots=True)
class Options:
    """How indicators become an index.

    Attributes
    ----------
    missing, normalise, weights, aggregate
        Names in the registries.
    by
        Keys of the index, to be those of the call; empty: not said.
    max_gap
        Longest gap that the missing rule fills, in times; None: any.
    shift
        Added to normalised values in entropy weights.
    scale
        Factor of all scores.
    floor
        Normalised values are put on [floor, 1] before they are weighed and aggregated.
    require
        Share of its indicators that a row must have; the weights of the others take over.
    pillar_weights
        Pillar → weight among its siblings.
    leave_out
        Indicators left out of the tree.
    """

    missing: str = "none"
    normalise: str = "minmax-pooled"
    weights: str = "equal"
    aggregate: str = "arithmetic"
    by: tuple[str, ...] = ()
    max_gap: int | None = None
    shift: float = 0.0
    scale: float = 1.0
    floor: float = 0.0
    require: float = 1.0
    pillar_weights: Mapping[str, float] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The convention in words, for notes."""
        parts = [NORMALISERS[self.normalise].words, SCHEMES[self.weights].words,
                 AGGREGATORS[self.aggregate].words]
        if self.missing != "none":
            gap = "" if self.max_gap is None else f" over at most {self.max_gap} times"
            parts.append(f"missing values: {self.missing}{gap}")
        parts += [f"{name} {value:g}" for name, value, usual in
                  (("shift", self.shift, 0.0), ("scale", self.scale, 1.0),
                   ("floor", self.floor, 0.0), ("share of indicators required", self.require, 1.0))
                  if value != usual]
        parts += [f"without {', '.join(self.leave_out)}"] if self.leave_out else []
        return "; ".join(parts)


def parse_options(options: Mapping[str, Any]) -> Options:
    """Return the options that a mapping says.

    Raises
    ------
    SpecError
        With every unknown key and word, and combinations that cannot be: entropy weights of values
        that are not in [0, 1], a geometric mean without a floor.
    """
    problems = [unknown("option of a composite index", str(k), _KEYS) for k in options
                if k not in _KEYS]
    given = {k: v for k, v in options.items() if k in _KEYS and v is not None}
    for key, registry in (("missing", RULES), ("normalise", NORMALISERS), ("weights", SCHEMES),
                          ("aggregate", AGGREGATORS)):
        if key in given and given[key] not in registry:
            problems.append(unknown(key, str(given[key]), registry))
    for key, low, high in (("shift", 0.0, 1.0), ("floor", 0.0, 0.5), ("require", 0.0, 1.0),
                           ("scale", 1e-9, 1e9), ("max_gap", 0.0, 1e6)):
        value = given.get(key, low)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not low <= value <= high:
            problems.append(Problem(f"{key} {value!r} is out of range",
                                    allowed=f"{low:g} to {high:g}"))
    if problems:
        raise SpecError(problems)
    for key in ("by", "leave_out"):
        value = given.get(key, ())
        given[key] = (value,) if isinstance(value, str) else _words(value)
    found = Options(**given)
    if SCHEMES[found.weights].unit_interval and not NORMALISERS[found.normalise].unit_interval:
        problems.append(Problem(f"{found.weights} weights need values in [0, 1], which "
                                f"{found.normalise} does not give", allowed="minmax-pooled"))
    if found.shift and not found.weights.startswith("entropy"):
        problems.append(Problem(f"shift is for entropy weights, not for {found.weights}"))
    if AGGREGATORS[found.aggregate].positive and (
            not found.floor > 0 or not NORMALISERS[found.normalise].unit_interval):
        problems.append(Problem(f"the {found.aggregate} mean needs values above 0",
                                allowed="normalise: minmax-pooled with a floor, such as 0.01"))
    if problems:
        raise SpecError(problems)
    return found


def _words(value: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(v) for v in value)
