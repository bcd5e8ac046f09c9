"""What is wrong with the options of a composite index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gvckit.errors import Problem, unknown
from gvckit.indices.aggregate import AGGREGATORS
from gvckit.indices.combine import COMBINERS
from gvckit.indices.missing import RULES
from gvckit.indices.normalise import NORMALISERS
from gvckit.indices.treat import TREATMENTS
from gvckit.indices.weights import SCHEMES

if TYPE_CHECKING:
    from gvckit.indices.options import Options

__all__ = ["check_options", "faults_of"]

_WORDS: dict[str, Iterable[str]] = {
    "missing": RULES, "normalise": NORMALISERS, "weights": SCHEMES, "aggregate": AGGREGATORS,
    "treat": TREATMENTS, "combine": COMBINERS, "ties": ("min", "average", "max"),
}
_POOLED = "-pooled"
_NUMBERS = {"shift": (0.0, 1.0), "floor": (0.0, 0.5), "require": (0.0, 1.0),
            "require_unit": (0.0, 1.0), "consistency": (0.0, 10.0), "scale": (1e-9, 1e9),
            "max_gap": (0.0, 1e6), "cut": (0.0, 0.49), "points": (0.0, 1e6), "power": (-20.0, 20.0),
            "orness": (0.0, 1.0)}
_PAIRS = {"range": (0.0, 1e6), "goalposts": (-1e300, 1e300), "shares": (0.0, 1.0)}


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _listed(value: object) -> list[Any]:
    whole = isinstance(value, Sequence) and not isinstance(value, str)
    return list(value) if whole else [value]  # type: ignore[call-overload]


def faults_of(options: Mapping[str, Any], keys: Sequence[str]) -> list[Problem]:
    """Return every unknown key and word, and every number out of range."""
    problems = [unknown("option of a composite index", str(k), keys) for k in options
                if k not in keys]
    given = {k: v for k, v in options.items() if k in keys and v is not None}
    for key, registry in _WORDS.items():
        problems += [unknown(key, str(word), registry) for word in _listed(given.get(key, ()))
                     if word not in registry and f"{word}{_POOLED}" not in registry]
    for key, (low, high) in _NUMBERS.items():
        value = given.get(key, low)
        if not _number(value) or not low <= value <= high:
            problems.append(Problem(f"{key} {value!r} is out of range",
                                    allowed=f"{low:g} to {high:g}"))
    for key, (low, high) in _PAIRS.items():
        pair = _listed(given.get(key, (low, high)))
        if len(pair) != 2 or not all(map(_number, pair)) or not low <= pair[0] < pair[1] <= high:
            problems.append(Problem(f"{key} {given.get(key)!r} is not a low and a high number",
                                    allowed=f"two from {low:g} to {high:g}, the lower first"))
    pair = _listed(given.get("moments", (0.0, 1.0)))
    if len(pair) != 2 or not all(map(_number, pair)) or not pair[1] > 0:
        problems.append(Problem(f"moments {given.get('moments')!r} are no mean and deviation",
                                allowed="two numbers, the second above 0"))
    for share in _listed(given.get("require_within", ())):
        if not _number(share) or not 0 <= share <= 1:
            problems.append(Problem(f"require_within {share!r} is out of range",
                                    allowed="0 to 1"))
    return problems


def check_options(found: Options) -> list[Problem]:
    """Return the combinations of options that cannot be."""
    problems = []
    normaliser, scheme = NORMALISERS[found.normalise], found.scheme
    if scheme.unit_interval and not (normaliser.unit_interval or normaliser.above_zero):
        problems.append(Problem(f"{'+'.join(found.weights)} weights need values in [0, 1], which "
                                f"{found.normalise} does not give", allowed="minmax-pooled"))
    if found.shift and not any(w.startswith("entropy") for w in found.weights):
        problems.append(Problem("shift is for entropy weights, not for "
                                f"{'+'.join(found.weights)}"))
    ends = found.ends
    for name in found.aggregate:
        lifted = normaliser.unit_interval and ends is not None and ends[0] > 0
        centred = found.normalise.startswith("zscore") and found.moments[0] > 0
        if AGGREGATORS[name].positive and not (lifted or centred or normaliser.above_zero):
            problems.append(Problem(f"the {name} mean needs values above 0",
                                    allowed="normalise: minmax-pooled with a floor, such as 0.01"))
        outside = not normaliser.unit_interval or (ends is not None and ends[1] > 1)
        if AGGREGATORS[name].interval and outside:
            problems.append(Problem(f"{name} needs values in [0, 1], which {found.normalise} "
                                    "does not give", allowed="normalise: minmax-pooled"))
    if ends is not None and not normaliser.unit_interval:
        problems.append(Problem(f"{'range' if found.range else 'floor'} is for values in [0, 1], "
                                f"which {found.normalise} does not give"))
    if found.range is not None and found.floor:
        problems.append(Problem("floor and range say the same thing", allowed="one of them"))
    if normaliser.uses == "reference" and found.reference is None:
        problems.append(Problem(f"{found.normalise} needs `reference`, a unit"))
    problems += _check_weights(found)
    return problems


def _check_weights(found: Options) -> list[Problem]:
    problems = []
    several = len(found.weights) > 1
    odd = [w for w in found.weights if SCHEMES[w].kernel is None or not SCHEMES[w].flat
           or SCHEMES[w].per_time or w == "benefit-of-the-doubt"]
    if several and odd:
        problems.append(Problem(f"{', '.join(odd)} weights cannot be put together with others",
                                allowed="schemes over all indicators: " + ", ".join(
                                    sorted(n for n, s in SCHEMES.items()
                                           if s.flat and not s.per_time))))
    doubt = "benefit-of-the-doubt"
    if (doubt in found.weights) != (doubt in found.aggregate):
        problems.append(Problem("benefit of the doubt weighs and aggregates at once",
                                allowed=f"weights: {doubt} without `aggregate`"))
    if bool(found.judgements) != (found.weights == ("ahp",)):
        problems.append(Problem("`judgements` go with `weights: ahp`"))
    if "copeland" in found.aggregate and found.scale != 1.0:
        problems.append(Problem("Copeland scores are counts, which have no scale"))
    return problems
