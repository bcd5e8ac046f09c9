"""The tree of a composite index: pillars of any depth, indicators as leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gvckit.errors import Problem, SpecError, unknown

__all__ = ["IMPUTED", "INDEX", "Indicator", "Pillar", "height", "leaves", "parse_tree",
           "pillars_of", "weighted", "without"]

INDEX = "index"
# Behind the name of an index: the column with the share of its indicators that were filled.
IMPUTED = "_imputed"
_INDICATOR_KEYS = ("is", "direction", "weight", "missing", "treat", "target", "goalposts", "label")


@dataclass(frozen=True, slots=True)
class Indicator:
    """A leaf: a column of the frame.

    Attributes
    ----------
    name
        The column.
    sign
        1 where more is better, -1 where less is.
    weight
        Its weight among its siblings where weights are given.
    missing
        Its own rule for missing values, or several one after another.
    treat
        Its own treatment of outliers.
    target
        The value to reach, in its own unit.
    goalposts
        Its low and high posts, in its own unit.
    """

    name: str
    sign: int = 1
    weight: float | None = None
    missing: tuple[str, ...] | None = None
    treat: str | None = None
    target: float | None = None
    goalposts: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Pillar:
    """A node with children; the root is named ``index``."""

    name: str
    children: tuple[Pillar | Indicator, ...]
    weight: float | None = None


def parse_tree(pillars: object, weights: Mapping[str, float] | None = None) -> Pillar:
    """Return the tree that a mapping describes.

    Parameters
    ----------
    pillars
        Pillar → its indicators (a column, or ``{is: column, direction: "+" | "-", weight:,
        missing:, treat:, target:, goalposts: [low, high]}``) or a mapping of pillars below it; or a
        bare list of indicators.
    weights
        Pillar → its weight among its siblings.

    Raises
    ------
    SpecError
        With everything that is wrong: empty pillars, unknown keys, directions that are neither,
        names that stand twice.
    """
    problems: list[Problem] = []
    root = _node(INDEX, pillars, dict(weights or {}), problems)
    names = [n.name for n in _below(root)]
    problems += [Problem(f"{name!r} stands twice in the tree of the index")
                 for name in sorted({n for n in names if n and names.count(n) > 1})]
    if INDEX in names:
        problems.append(Problem(f"{INDEX!r} is the name of the whole index",
                                allowed="another name for the pillar or the indicator"))
    known = [p.name for p in pillars_of(root)]
    problems += [unknown("pillar with a weight", n, known) for n in (weights or {})
                 if n not in known]
    if problems:
        raise SpecError(problems)
    return root


def _node(name: str, below: object, weights: Mapping[str, float],
          problems: list[Problem]) -> Pillar:
    children: list[Pillar | Indicator] = []
    if isinstance(below, Mapping):
        children = [_node(str(k), v, weights, problems) for k, v in below.items()]
    elif isinstance(below, Sequence) and not isinstance(below, str):
        children = [_leaf(item, name, problems) for item in below]
    elif isinstance(below, str):
        children = [Indicator(below)]
    else:
        problems.append(Problem(f"pillar {name!r} is neither a list nor a mapping"))
        return Pillar(name, ())
    if not children:
        problems.append(Problem(f"pillar {name!r} has no indicators"))
    return Pillar(name, tuple(children), _weight(weights.get(name), name, problems))


def _leaf(item: object, pillar: str, problems: list[Problem]) -> Indicator:
    if isinstance(item, str):
        return Indicator(item)
    if not isinstance(item, Mapping) or not isinstance(item.get("is"), str):
        problems.append(Problem(f"an indicator of {pillar!r} has no name",
                                allowed='a name, or {is: name, direction: "-"}'))
        return Indicator("")
    name = item["is"]
    problems += [unknown(f"key of the indicator {name}", str(k), _INDICATOR_KEYS) for k in item
                 if k not in _INDICATOR_KEYS]
    direction = item.get("direction") or "+"
    if direction not in ("+", "-", 1, -1):
        problems.append(unknown(f"direction of {name}", str(direction), ("+", "-")))
    return Indicator(name, -1 if direction in ("-", -1) else 1,
                     _weight(item.get("weight"), name, problems), _rules(item.get("missing")),
                     None if item.get("treat") is None else str(item["treat"]),
                     _value(item.get("target"), f"target of {name!r}", problems),
                     _posts(item.get("goalposts"), name, problems))


def _rules(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(str(v) for v in value)
    return (str(value),)


def _value(value: Any, what: str, problems: list[Problem]) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        problems.append(Problem(f"the {what} is no number: {value!r}"))
        return None
    return float(value)


def _posts(value: Any, name: str, problems: list[Problem]) -> tuple[float, float] | None:
    if value is None:
        return None
    pair = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
    ends = [_value(v, f"goalpost of {name!r}", problems) for v in pair]
    if len(ends) != 2 or ends[0] is None or ends[1] is None or not ends[0] < ends[1]:
        problems.append(Problem(f"the goalposts of {name!r} are {value!r}",
                                allowed="[low, high] in its own unit, whatever its direction"))
        return None
    return ends[0], ends[1]


def _weight(value: Any, name: str, problems: list[Problem]) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        problems.append(Problem(f"the weight {value!r} of {name!r} is no number from 0"))
        return None
    return float(value)


def _below(node: Pillar) -> Iterator[Pillar | Indicator]:
    for child in node.children:
        yield child
        if isinstance(child, Pillar):
            yield from _below(child)


def leaves(node: Pillar) -> tuple[Indicator, ...]:
    """Return the indicators below ``node``, in order."""
    return tuple(n for n in _below(node) if isinstance(n, Indicator))


def pillars_of(node: Pillar) -> tuple[Pillar, ...]:
    """Return the pillars below ``node``, each before those below it."""
    return tuple(n for n in _below(node) if isinstance(n, Pillar))


def without(node: Pillar, names: Sequence[str]) -> Pillar:
    """Return the tree without some indicators; pillars left empty go with them.

    Raises
    ------
    SpecError
        Where a name is no indicator, or nothing is left.
    """
    known = [leaf.name for leaf in leaves(node)]
    strange = [unknown("indicator to leave out", n, known) for n in names if n not in known]
    if strange:
        raise SpecError(strange)
    left = _pruned(node, frozenset(names))
    if not left.children:
        raise SpecError(Problem("no indicator of the index is left"))
    return left


def _pruned(node: Pillar, names: frozenset[str]) -> Pillar:
    children: list[Pillar | Indicator] = []
    for child in node.children:
        if isinstance(child, Pillar):
            below = _pruned(child, names)
            children += [below] if below.children else []
        elif child.name not in names:
            children.append(child)
    return Pillar(node.name, tuple(children), node.weight)


def height(node: Pillar) -> int:
    """Return how many levels are below ``node``: 1 where it has indicators only."""
    return 1 + max((height(c) for c in node.children if isinstance(c, Pillar)), default=0)


def weighted(node: Pillar, weights: Mapping[str, float]) -> Pillar:
    """Return the tree with the weights of some nodes among their siblings replaced."""
    children = tuple(
        replace(weighted(c, weights) if isinstance(c, Pillar) else c,
                weight=weights.get(c.name, c.weight)) for c in node.children)
    return Pillar(node.name, children, node.weight)
