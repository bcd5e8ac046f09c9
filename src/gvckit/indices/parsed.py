"""The tree and options of a composite index, checked together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gvckit.errors import Problem, SpecError, listing, unknown
from gvckit.indices.hierarchy import Judged, ahp, judgements
from gvckit.indices.missing import RULES
from gvckit.indices.normalise import NORMALISERS
from gvckit.indices.options import Options, parse_options
from gvckit.indices.treat import TREATMENTS
from gvckit.indices.tree import Indicator, Pillar, leaves, parse_tree, pillars_of, weighted, without

__all__ = ["Parsed", "parse_index", "with_options"]

_KEYS = ("composite", "pillars", "label", "labels", "unit", "note", "years", "merge_pillars",
         "prefix_pillars")


@dataclass(frozen=True, slots=True)
class Parsed:
    """Options, the tree, and what pairwise judgements gave (node → weights and ratio)."""

    options: Options
    root: Pillar
    judged: Mapping[str, Judged]


def with_options(tree: Mapping[str, Any] | Sequence[Any], options: Mapping[str, Any]
                 ) -> Mapping[str, Any]:
    """Return ``{"composite": options, "pillars": tree}`` of a tree in either form."""
    whole = isinstance(tree, Mapping) and ("pillars" in tree or "composite" in tree)
    entry: dict[str, Any] = dict(tree) if whole else {"pillars": tree}
    return {**entry, "composite": {**(entry.get("composite") or {}), **options}} if options \
        else entry


def parse_index(tree: Mapping[str, Any], keys: Sequence[str], time: str | None) -> Parsed:
    """Return what ``{"composite": options, "pillars": tree}`` says.

    Raises
    ------
    SpecError
        With everything that is wrong in it.
    """
    tree = with_options(tree, {})
    strange = [unknown("key of a composite index", str(k), ("composite", "pillars")) for k in tree
               if k not in _KEYS]
    if strange or tree.get("pillars") is None:
        raise SpecError(strange or "a composite index needs `pillars`")
    options = parse_options(tree.get("composite") or {})
    root = parse_tree(tree["pillars"], options.pillar_weights)
    if options.leave_out:
        root = without(root, options.leave_out)
    problems = _key_problems(options, keys) + _leaf_problems(options, leaves(root))
    problems += _weight_problems(options, root)
    rules = {r for leaf in leaves(root) for r in (leaf.missing or options.missing) if r in RULES}
    if time is None and any(RULES[r].needs_time for r in rules):
        problems.append(Problem("missing values can only be filled in time, and no time is "
                                "declared", allowed="missing: none"))
    if {"group-mean", "group-median"} & rules and options.group is None:
        problems.append(Problem("means of groups need `group`, a column"))
    if time is None and (options.normalise.endswith("-per-year") or options.scheme.per_time):
        problems.append(Problem("no time is declared, so nothing can be done within each"))
    judged: dict[str, Judged] = {}
    if options.judgements and not problems:
        root, judged = _judged(root, options)
    if problems:
        raise SpecError(problems)
    return Parsed(options, root, judged)


def _key_problems(options: Options, keys: Sequence[str]) -> list[Problem]:
    if options.by and set(options.by) != set(keys):
        return [Problem(f"the index is by {listing(options.by)}, but its keys are "
                        f"{listing(keys)}")]
    return []


def _leaf_problems(options: Options, indicators: Sequence[Indicator]) -> list[Problem]:
    problems = []
    for leaf in indicators:
        problems += [unknown(f"missing rule of {leaf.name}", rule, RULES)
                     for rule in leaf.missing or () if rule not in RULES]
        if leaf.treat is not None and leaf.treat not in TREATMENTS:
            problems.append(unknown(f"treatment of {leaf.name}", leaf.treat, TREATMENTS))
    uses = NORMALISERS[options.normalise].uses
    if uses == "targets":
        problems += [Problem(f"the indicator {i.name!r} has no `target`") for i in indicators
                     if i.target is None]
    if uses == "goalposts" and options.goalposts is None:
        problems += [Problem(f"the indicator {i.name!r} has no `goalposts`") for i in indicators
                     if i.goalposts is None]
    return problems


def _weight_problems(options: Options, root: Pillar) -> list[Problem]:
    below: list[Pillar | Indicator] = [*leaves(root), *pillars_of(root)]
    nodes = [n.name for n in below if n.weight is not None]
    if nodes and options.weights != ("given",):
        return [Problem(f"{listing(nodes)} have weights, but `weights: "
                        f"{'+'.join(options.weights)}` does not use them",
                        allowed="weights: given")]
    return []


def _judged(root: Pillar, options: Options) -> tuple[Pillar, dict[str, Judged]]:
    """Return the tree with the weights that the judgements give."""
    nodes = {n.name: n for n in (root, *pillars_of(root))}
    problems = [unknown("node with judgements", str(n), nodes) for n in options.judgements
                if n not in nodes]
    found, weights = {}, {}
    for name, node in nodes.items():
        if len(node.children) == 1:
            continue
        if name not in options.judgements:
            problems.append(Problem(f"no judgements for the children of {name!r}: "
                                    f"{listing([c.name for c in node.children])}"))
            continue
        try:
            A = judgements(options.judgements[name], len(node.children), name)
            found[name] = ahp(A)
        except SpecError as error:
            problems += error.problems
            continue
        if found[name].ratio > options.consistency:
            problems.append(Problem(
                f"the judgements of {name!r} contradict each other: consistency ratio "
                f"{found[name].ratio:.3f}, above {options.consistency:g}",
                allowed="revise them, or `consistency:` a larger bound"))
        weights.update({c.name: float(w) for c, w in zip(node.children, found[name].weights,
                                                         strict=True)})
    if problems:
        raise SpecError(problems)
    return weighted(replace(root), weights), found
