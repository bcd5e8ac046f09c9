"""Weigh and aggregate a tree of normalised indicators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import Problem, SpecError, listing
from gvckit.indices.aggregate import Aggregator
from gvckit.indices.tree import Indicator, Pillar, leaves
from gvckit.indices.weights import Scheme, Weighing

__all__ = ["NodeWeight", "Scored", "score_tree"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


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


@dataclass(slots=True)
class _Work:
    """What the walk down the tree needs and fills."""

    columns: dict[str, Vector]
    flat: dict[str, tuple[float, float, float]] | None
    scheme: Scheme
    aggregator: Aggregator
    shift: float
    scores: dict[str, Vector]
    local: dict[str, tuple[tuple[Pillar | Indicator, float, float, float], ...]]


def score_tree(root: Pillar, Z: Matrix, scheme: Scheme, aggregator: Aggregator,
               shift: float = 0.0) -> Scored:
    """Return the scores and weights of a tree.

    Parameters
    ----------
    root
        The tree; its leaves are the columns of Z, in order.
    Z
        (n, J) normalised indicators, NaN for missing, all NaN for constant.
    scheme, aggregator
        How to weigh and to aggregate.
    shift
        Added to z in entropy weights.

    Raises
    ------
    SpecError
        Where weights are to be given but a node has none, or no indicator can have a weight.
    """
    names = [leaf.name for leaf in leaves(root)]
    flat = None
    if scheme.flat and scheme.kernel is not None:
        found = scheme.kernel(Z, shift)
        if not found.weights.sum() > 0:
            raise SpecError(Problem("no indicator of the index varies, so none has a weight"))
        flat = {name: (float(found.weights[j]), float(found.entropy[j]), float(found.divergence[j]))
                for j, name in enumerate(names)}
    work = _Work({name: Z[:, j] for j, name in enumerate(names)}, flat, scheme, aggregator, shift,
                 {}, {})
    _score(root, work)
    return Scored(work.scores, tuple(_listed(root, 1, 1.0, work)))


def _score(node: Pillar, work: _Work) -> Vector:
    """Score ``node`` from its children up, keeping scores and weights on the way."""
    parts = np.stack([_score(c, work) if isinstance(c, Pillar) else work.columns[c.name]
                      for c in node.children], axis=1)
    found = _weigh(node, parts, work)
    work.local[node.name] = tuple(
        (child, float(found.weights[j]), float(found.entropy[j]), float(found.divergence[j]))
        for j, child in enumerate(node.children))
    work.scores[node.name] = work.aggregator.kernel(parts, found.weights)
    return work.scores[node.name]


def _weigh(node: Pillar, parts: Matrix, work: _Work) -> Weighing:
    if work.flat is not None:
        rows = [work.flat[c.name] if isinstance(c, Indicator) else
                (sum(work.flat[leaf.name][0] for leaf in leaves(c)), np.nan, np.nan)
                for c in node.children]
        raw, e, d = np.array(rows, dtype=np.float64).T
        return Weighing(raw / raw.sum() if raw.sum() > 0 else raw, e, d)
    if work.scheme.kernel is not None:
        return work.scheme.kernel(parts, work.shift)
    lacking = [c.name for c in node.children if c.weight is None]
    # An only child needs no weight.
    given = [1.0 if len(node.children) == 1 else c.weight for c in node.children]
    if lacking and len(node.children) > 1:
        raise SpecError(Problem(f"weights are to be given, but {listing(lacking)} below "
                                f"{node.name!r} have none"))
    raw = np.array(given, dtype=np.float64)
    raw = np.where(np.isnan(parts).all(axis=0), 0.0, raw)
    nothing = np.full(len(raw), np.nan)
    return Weighing(raw / raw.sum() if raw.sum() > 0 else raw, nothing, nothing)


def _listed(node: Pillar, level: int, above: float, work: _Work) -> list[NodeWeight]:
    out = []
    for child, weight, e, d in work.local[node.name]:
        out.append(NodeWeight(level, child.name, node.name, weight, above * weight, e, d))
        if isinstance(child, Pillar):
            out += _listed(child, level + 1, above * weight, work)
    return out
