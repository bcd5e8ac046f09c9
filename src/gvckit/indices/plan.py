"""Which plausible variants an index has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from gvckit.errors import Problem, SpecError, unknown
from gvckit.indices.aggregate import AGGREGATORS
from gvckit.indices.checks import check_options
from gvckit.indices.missing import RULES
from gvckit.indices.normalise import NORMALISERS
from gvckit.indices.options import Options
from gvckit.indices.treat import TREATMENTS
from gvckit.indices.weights import SCHEMES

__all__ = ["AXES", "DECLARED", "Choice", "Plan", "compatible", "options_of", "parse_plan"]

_REGISTRIES: dict[str, Mapping[str, Any]] = {
    "missing": RULES, "treat": TREATMENTS, "normalise": NORMALISERS, "weights": SCHEMES,
    "aggregate": AGGREGATORS,
}
_MOST = 100_000


# In place of a name: what the index itself has.
DECLARED = "declared"
AXES = ("missing", "treat", "normalise", "weights", "aggregate")


@dataclass(frozen=True, slots=True)
class Plan:
    """What varies from one variant of an index to the next.

    Attributes
    ----------
    variants
        How many are drawn.
    missing, treat, normalise, weights, aggregate
        Names to draw from, ``declared`` being what the index has; empty: ``declared`` alone.
    noise
        Weights among siblings are multiplied by draws from 1 ± noise, then scaled to sum 1.
    drop
        Whether one indicator, or none, is left out.
    floor
        Floor of values in [0, 1] where the aggregator needs values above 0 and the index has none.
    """

    variants: int = 200
    missing: tuple[str, ...] = ()
    treat: tuple[str, ...] = ()
    normalise: tuple[str, ...] = ("minmax-pooled", "zscore-pooled", "percentile-pooled")
    weights: tuple[str, ...] = ()
    aggregate: tuple[str, ...] = ("arithmetic", "geometric")
    noise: float = 0.25
    drop: bool = True
    floor: float = 0.01


@dataclass(frozen=True, slots=True)
class Choice:
    """One variant; ``None`` is what the index has, ``noise`` the number of the weight draw."""

    missing: str | None = None
    treat: str | None = None
    normalise: str | None = None
    weights: str | None = None
    aggregate: str | None = None
    drop: str | None = None
    noise: int | None = None


    @classmethod
    def of(cls, **axes: str | None) -> Choice:
        """Return the choice of names, ``declared`` being None."""
        given = {k: None if v == DECLARED else v for k, v in axes.items()}
        return cls(missing=given.get("missing"), treat=given.get("treat"),
                   normalise=given.get("normalise"), weights=given.get("weights"),
                   aggregate=given.get("aggregate"))


def parse_plan(plan: Plan | Mapping[str, Any] | None) -> Plan:
    """Return the plan that a mapping says.

    Raises
    ------
    SpecError
        With every unknown key and word and every number out of range.
    """
    if isinstance(plan, Plan):
        return plan
    given = {k: v for k, v in (plan or {}).items() if v is not None}
    keys = [f.name for f in fields(Plan)]
    problems = [unknown("key of the plan of variants", str(k), keys) for k in given
                if k not in keys]
    for key, registry in _REGISTRIES.items():
        value = given.get(key, ())
        words = (value,) if isinstance(value, str) else tuple(map(str, _list(value)))
        problems += [unknown(key, word, (*registry, DECLARED)) for word in words
                     if word not in registry and word != DECLARED]
        if key in given:
            given[key] = tuple(dict.fromkeys(words))
    for key, low, high in (("variants", 1, _MOST), ("noise", 0.0, 0.99), ("floor", 1e-6, 0.5)):
        value = given.get(key, low)
        if isinstance(value, bool) or not isinstance(value, int | float) \
                or not low <= value <= high or (key == "variants" and value != int(value)):
            problems.append(Problem(f"{key} {value!r} is out of range",
                                    allowed=f"{low:g} to {high:g}"))
    if not isinstance(given.get("drop", True), bool):
        problems.append(Problem(f"drop {given['drop']!r} is neither true nor false"))
    if problems:
        raise SpecError(problems)
    return Plan(**given)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, Sequence) else [value]


def options_of(base: Options, choice: Choice, floor: float) -> Options:
    """Return the options of one variant."""
    changes: dict[str, Any] = {}
    if choice.treat is not None:
        changes["treat"] = choice.treat
    if choice.normalise is not None:
        changes["normalise"] = choice.normalise
    for key in ("missing", "weights", "aggregate"):
        if getattr(choice, key) is not None:
            changes[key] = (getattr(choice, key),)
    made = replace(base, **changes)
    if not NORMALISERS[made.normalise].unit_interval:
        return replace(made, floor=0.0, range=None)
    positive = any(AGGREGATORS[a].positive for a in made.aggregate)
    return replace(made, floor=floor) if positive and made.ends is None else made


def compatible(options: Options) -> list[Problem]:
    """Return why a variant cannot be; weights that need shares are made from min-max there."""
    if {"group-mean", "group-median"} & set(options.missing) and options.group is None:
        return [Problem("means of groups need `group`, a column")]
    doubt = "benefit-of-the-doubt" in options.weights
    return check_options(options if doubt else replace(
        options, weights=("equal",), shift=0.0, judgements={}))
