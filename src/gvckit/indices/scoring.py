"""Weigh and aggregate a tree of normalised indicators."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError, listing
from gvckit.indices.aggregate import Aggregator, Mixing
from gvckit.indices.tree import Indicator, Pillar, height, leaves
from gvckit.indices.weighing import Parts, Weighing
from gvckit.indices.weights import Scheme

__all__ = ["NodeWeight", "Recipe", "Scored", "score_tree"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class NodeWeight:
    """The weight of a node.

    Attributes
    ----------
    level
        1 below the index, 2 below that, …
    node, parent
        Names.
    weight
        Among its siblings.
    effective
        In the whole index: the product of the weights on the way to it.
    entropy, divergence
        e and d of entropy weights, else NaN.
    """

    level: int
    node: str
    parent: str
    weight: float
    effective: float
    entropy: float
    divergence: float


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores (n,) of every pillar and of the root by name, and the weights from the top down."""

    scores: dict[str, Vector]
    weights: tuple[NodeWeight, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How nodes are aggregated.

    Attributes
    ----------
    aggregators
        From the pillars next to the indicators up; the last holds above.
    mixing
        Their parameters.
    require
        Share of its children that a node must have, by level from below, the last holding above;
        empty: any.
    factors
        Node → factor of its weight among its siblings (noise); others 1.
    """

    aggregators: tuple[Aggregator, ...]
    mixing: Mixing = field(default_factory=Mixing)
    require: tuple[float, ...] = ()
    factors: dict[str, float] | None = None


@dataclass(slots=True)
class _Work:
    """What the walk down the tree needs and fills."""

    parts: Parts
    columns: dict[str, int]
    flat: dict[str, tuple[float, float, float]] | None
    scheme: Scheme
    recipe: Recipe
    scores: dict[str, Vector]
    local: dict[str, tuple[tuple[Pillar | Indicator, float, float, float], ...]]


def score_tree(root: Pillar, Z: Matrix, scheme: Scheme, aggregator: Aggregator | Recipe,
               parts: Parts | None = None, flat: Weighing | None = None) -> Scored:
    """Return the scores and weights of a tree.

    Parameters
    ----------
    root
        The tree; its leaves are the columns of Z, in order.
    Z
        (n, J) normalised indicators, NaN for missing, all NaN for constant.
    scheme, aggregator
        How to weigh and to aggregate.
    parts
        What weights are made from; None: Z alone.
    flat
        Weights of the leaves known already, for a flat scheme.

    Raises
    ------
    SpecError
        Where weights are to be given but a node has none, or no indicator can have a weight.
    """
    recipe = Recipe((aggregator,)) if isinstance(aggregator, Aggregator) else aggregator
    rows = np.zeros(len(Z), dtype=np.int64)
    parts = Parts(Z, Z, rows, rows) if parts is None else parts
    names = [leaf.name for leaf in leaves(root)]
    shared = None
    if scheme.flat and scheme.kernel is not None:
        found = scheme.kernel(parts) if flat is None else flat
        if not found.weights.sum() > 0:
            raise SpecError(Problem("no indicator of the index varies in a way that gives it a "
                                    "weight, so none has one"))
        shared = {name: (float(found.weights[j]), float(found.entropy[j]),
                         float(found.divergence[j])) for j, name in enumerate(names)}
    work = _Work(parts, {name: j for j, name in enumerate(names)}, shared, scheme, recipe, {}, {})
    _score(root, Z, work)
    return Scored(work.scores, tuple(_listed(root, 1, 1.0, work)))


def _score(node: Pillar, Z: Matrix, work: _Work) -> Vector:
    """Score ``node`` from its children up, keeping scores and weights on the way."""
    if any(isinstance(c, Pillar) for c in node.children):
        below = np.stack([_score(c, Z, work) if isinstance(c, Pillar)
                          else Z[:, work.columns[c.name]] for c in node.children], axis=1)
    else:
        # Leaves stand in the order of the tree: those of one node side by side.
        first = work.columns[node.children[0].name]
        below = Z[:, first:first + len(node.children)]
    found = _weigh(node, below, work)
    if work.recipe.factors:
        raw = found.weights * [work.recipe.factors.get(c.name, 1.0) for c in node.children]
        total = raw.sum()
        found = Weighing(raw / total if total > 0 else raw, found.entropy, found.divergence)
    work.local[node.name] = tuple(
        (child, float(found.weights[j]), float(found.entropy[j]), float(found.divergence[j]))
        for j, child in enumerate(node.children))
    scores = _aggregate(node, Z, below, found.weights, work)
    work.scores[node.name] = scores
    return scores


def _aggregate(node: Pillar, Z: Matrix, below: Matrix, weights: Vector, work: _Work) -> Vector:
    level = height(node) - 1
    recipe = work.recipe
    aggregator = recipe.aggregators[min(level, len(recipe.aggregators) - 1)]
    if aggregator.flat:
        own = {w.node: w.effective for w in _listed(node, 1, 1.0, work)}
        names = [leaf.name for leaf in leaves(node)]
        below = Z[:, [work.columns[name] for name in names]]
        weights = np.array([own[name] for name in names])
    _check_range(node, aggregator, below, weights)
    scores = aggregator.kernel(below, weights, recipe.mixing)
    if recipe.require:
        least = recipe.require[min(level, len(recipe.require) - 1)]
        there = (~np.isnan(below)).mean(axis=1)
        scores = np.where(there < least - 1e-12, np.nan, scores)
    return scores


def _check_range(node: Pillar, aggregator: Aggregator, below: Matrix, weights: Vector) -> None:
    """Refuse scores of children that the aggregator cannot take.

    Raises
    ------
    DataError
        Where a mean that needs values above 0 meets others, or coordination values outside [0, 1].
    """
    part = below[:, weights > 0]
    bad, what = 0, ""
    if aggregator.positive:
        bad, what = int((part <= 0).sum()), "above 0"
    elif aggregator.interval:
        bad, what = int(((part < -_ROUNDING) | (part > 1.0 + _ROUNDING)).sum()), "in [0, 1]"
    if bad:
        raise DataError(Problem(f"the children of {node.name!r} have {bad} scores that are not "
                                f"{what}, which the {aggregator.words} cannot take",
                                allowed="another scale or aggregation below"))


def _weigh(node: Pillar, below: Matrix, work: _Work) -> Weighing:
    if work.flat is not None:
        rows = [work.flat[c.name] if isinstance(c, Indicator) else
                (sum(work.flat[leaf.name][0] for leaf in leaves(c)), np.nan, np.nan)
                for c in node.children]
        raw, e, d = np.array(rows, dtype=np.float64).T
        return Weighing(raw / raw.sum() if raw.sum() > 0 else raw, e, d)
    if work.scheme.kernel is not None:
        own = work.scheme.kernel(Parts(below, below, work.parts.units, work.parts.times,
                                       work.parts.shift))
        if not own.weights.sum() > 0 and not np.isnan(below).all():
            raise SpecError(Problem(
                f"no child of {node.name!r} varies in a way that gives it a weight, so none has "
                f"one: {listing([c.name for c in node.children])}", allowed="another weighting"))
        return own
    lacking = [c.name for c in node.children if c.weight is None]
    # An only child needs no weight.
    given = [1.0 if len(node.children) == 1 else c.weight for c in node.children]
    if lacking and len(node.children) > 1:
        raise SpecError(Problem(f"weights are to be given, but {listing(lacking)} below "
                                f"{node.name!r} have none"))
    raw = np.array(given, dtype=np.float64)
    if not raw.sum() > 0:
        raise SpecError(Problem(f"all weights below {node.name!r} are 0, so it has no score",
                                allowed="leave_out, to leave them out"))
    raw = np.where(np.isnan(below).all(axis=0), 0.0, raw)
    nothing = np.full(len(raw), np.nan)
    return Weighing(raw / raw.sum() if raw.sum() > 0 else raw, nothing, nothing)


def _listed(node: Pillar, level: int, above: float, work: _Work) -> list[NodeWeight]:
    out = []
    for child, weight, e, d in work.local[node.name]:
        out.append(NodeWeight(level, child.name, node.name, weight, above * weight, e, d))
        if isinstance(child, Pillar):
            out += _listed(child, level + 1, above * weight, work)
    return out
