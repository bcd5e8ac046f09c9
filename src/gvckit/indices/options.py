"""The options of a composite index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gvckit.errors import SpecError
from gvckit.indices.aggregate import AGGREGATORS, Mixing
from gvckit.indices.checks import check_options, faults_of
from gvckit.indices.hierarchy import CONSISTENT
from gvckit.indices.missing import RULES
from gvckit.indices.normalise import NORMALISERS
from gvckit.indices.treat import TREATMENTS, Doses
from gvckit.indices.weights import SCHEMES, Scheme, combined

__all__ = ["Options", "parse_options"]

_LISTS = ("by", "leave_out", "missing", "weights", "aggregate")


@dataclass(frozen=True, slots=True)
class Options:
    """How indicators become an index.

    Attributes
    ----------
    missing
        Names of the rules for missing values, applied one after another.
    normalise
        Name of the normaliser; without ``-per-year`` it is over all units and times.
    weights
        Names of the weighting schemes; several are put together as ``combine`` says.
    aggregate
        Names of the aggregators from the pillars next to the indicators up; the last holds above.
    treat
        Name of the treatment of outliers, before normalisation.
    by
        Keys of the index, to be those of the call; empty: not said.
    max_gap
        Longest gap that rules in time fill, in times; None: any.
    group
        Column with the groups of ``group-mean`` and ``group-median``.
    shift
        Added to normalised values in entropy weights.
    scale
        Factor of all scores.
    floor
        Normalised values are put on [floor, 1] before they are weighed and aggregated.
    range
        Normalised values in [0, 1] are put on this range in place of [floor, 1].
    moments
        Mean and standard deviation of z-scores.
    goalposts
        Low and high posts of indicators that have none of their own.
    reference
        The unit that is the reference.
    cap
        Whether distances to a target or reference end at 1.
    ties
        Rank of equal values: ``min``, ``average``, ``max``.
    require
        Share of its indicators that a row must have; the weights of the others take over.
    require_unit
        Share of its values, over all its rows of the index and before any is filled, that a unit
        must have; units below it have no score and enter neither bounds nor weights.
    require_within
        Share of its children that every node must have, or one for each level from below.
    points, cut, power
        Passes of winsorisation; share cut at each end by ``winsor``; λ of Box-Cox and the exponent
        of the generalised mean.
    orness
        Of the ordered mean.
    shares
        Bounds on each indicator's share in benefit of the doubt.
    combine
        How several weighting schemes become one.
    pillar_weights
        Pillar → weight among its siblings.
    judgements
        Node → pairwise judgements of its children, for ``ahp``.
    consistency
        Largest consistency ratio of judgements that is accepted.
    leave_out
        Indicators left out of the tree.
    """

    missing: tuple[str, ...] = ("none",)
    normalise: str = "minmax-pooled"
    weights: tuple[str, ...] = ("equal",)
    aggregate: tuple[str, ...] = ("arithmetic",)
    treat: str = "none"
    by: tuple[str, ...] = ()
    max_gap: int | None = None
    group: str | None = None
    shift: float = 0.0
    scale: float = 1.0
    floor: float = 0.0
    range: tuple[float, float] | None = None
    moments: tuple[float, float] = (0.0, 1.0)
    goalposts: tuple[float, float] | None = None
    reference: str | None = None
    cap: bool = False
    ties: str = "average"
    require: float = 1.0
    require_unit: float = 0.0
    require_within: tuple[float, ...] = ()
    points: int = 5
    cut: float = 0.01
    power: float = 1.0
    orness: float = 0.5
    shares: tuple[float, float] = (0.0, 1.0)
    combine: str = "multiplicative"
    pillar_weights: Mapping[str, float] = field(default_factory=dict)
    judgements: Mapping[str, Any] = field(default_factory=dict)
    consistency: float = CONSISTENT
    leave_out: tuple[str, ...] = ()

    @property
    def scheme(self) -> Scheme:
        """How the tree is weighed."""
        one = len(self.weights) == 1
        return SCHEMES[self.weights[0]] if one else combined(self.weights, self.combine)

    @property
    def doses(self) -> Doses:
        """How strong treatments are."""
        return Doses(self.points, self.cut, self.power if self.treat == "boxcox" else 0.0)

    @property
    def mixing(self) -> Mixing:
        """Parameters of the aggregators."""
        return Mixing(self.power, self.orness, self.shares)

    @property
    def ends(self) -> tuple[float, float] | None:
        """The range that values in [0, 1] are put on, None: [0, 1]."""
        if self.range is not None:
            return self.range
        return (self.floor, 1.0) if self.floor else None

    @property
    def words(self) -> str:
        """The convention in words, for notes."""
        aggregates = [AGGREGATORS[a].words for a in self.aggregate]
        parts = [TREATMENTS[self.treat].words] if self.treat != "none" else []
        parts += [NORMALISERS[self.normalise].words, self.scheme.words,
                  ", above that ".join(aggregates)]
        if self.missing != ("none",):
            gap = "" if self.max_gap is None else f" over at most {self.max_gap} times"
            rules = ", then ".join(f"{r} ({RULES[r].words})" for r in self.missing)
            parts.append(f"missing values: {rules}{gap}")
        usual = Options()
        for name, what in _SAID.items():
            value = getattr(self, name)
            if value != getattr(usual, name):
                shown = " to ".join(f"{v:g}" for v in value) if isinstance(value, tuple) else (
                    f"{value:g}" if isinstance(value, float) else str(value))
                parts.append(f"{what} {shown}")
        parts += [f"without {', '.join(self.leave_out)}"] if self.leave_out else []
        return "; ".join(parts)


_SAID = {
    "shift": "shift", "scale": "scale", "floor": "floor", "require": "share of indicators required",
    "require_unit": "share of a unit's values required",
    "require_within": "share of children required", "range": "range", "moments": "moments",
    "goalposts": "goalposts", "reference": "reference", "cap": "cap", "ties": "ties",
    "points": "points winsorised at most", "cut": "share cut at each end", "power": "power",
    "orness": "orness", "shares": "shares", "group": "groups",
}


def parse_options(options: Mapping[str, Any]) -> Options:
    """Return the options that a mapping says.

    Raises
    ------
    SpecError
        With every unknown key and word, and combinations that cannot be: entropy weights of values
        that may be negative, a geometric mean of values that may be 0.
    """
    problems = faults_of(options, Options.__slots__)
    if problems:
        raise SpecError(problems)
    given = {k: v for k, v in options.items() if v is not None}
    for key in _LISTS:
        if key in given:
            given[key] = _words(given[key])
    if given.get("normalise") not in NORMALISERS and "normalise" in given:
        given["normalise"] = f"{given['normalise']}-pooled"
    for key in ("range", "moments", "goalposts", "shares"):
        if key in given:
            given[key] = tuple(float(v) for v in given[key])
    if "require_within" in given:
        value = given["require_within"]
        given["require_within"] = tuple(float(v) for v in (
            [value] if isinstance(value, int | float) else value))
    if "benefit-of-the-doubt" in given.get("weights", ()) and "aggregate" not in given:
        given["aggregate"] = ("benefit-of-the-doubt",)
    found = Options(**given)
    problems = check_options(found)
    if problems:
        raise SpecError(problems)
    return found


def _words(value: str | Sequence[Any]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(v) for v in value)
