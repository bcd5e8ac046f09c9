"""Factors of a plan that do not exclude each other, as Sobol indices need them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from gvckit.errors import DataError, SpecError
from gvckit.indices.plan import AXES, DECLARED, Choice, Plan, compatible, options_of
from gvckit.indices.variants import Bench

__all__ = ["independent"]


def independent(bench: Bench) -> tuple[Plan, tuple[str, ...]]:
    """Return the plan without the options that exclude others, and what is left out, in words.

    An option is left out where combinations with it cannot be, by its nature or in these data: the
    one that stands in most of them first, what the index itself has last.

    Raises
    ------
    SpecError
        Where the index as declared cannot be combined with itself.
    """
    axes = {axis: list(getattr(bench.plan, axis) or (DECLARED,)) for axis in AXES}
    left: list[str] = []
    while failed := _failed(bench, axes):
        counts = Counter((axis, name) for names in failed
                         for axis, name in zip(AXES, names, strict=True)
                         if len(axes[axis]) > 1 and name != DECLARED)
        if not counts:
            raise SpecError("no combination of the plan is possible")
        shares = {pair: count / _size(axes, pair[0]) for pair, count in counts.items()}
        # Of equals the first in the order of the plan.
        axis, name = max(shares, key=lambda pair: shares[pair])
        axes[axis].remove(name)
        left.append(f"{axis} {name}")
    kept = {axis: tuple(names) for axis, names in axes.items() if getattr(bench.plan, axis)}
    return replace(bench.plan, **kept), tuple(left)  # type: ignore[arg-type]


def _size(axes: dict[str, list[str]], axis: str) -> int:
    """Return in how many combinations each option of an axis stands."""
    size = 1
    for other, names in axes.items():
        size *= len(names) if other != axis else 1
    return size


def _failed(bench: Bench, axes: dict[str, list[str]]) -> list[Sequence[str]]:
    """Return the combinations of options that cannot be."""
    base = bench.prepared.parsed.options
    out: list[Sequence[str]] = []
    for names in product(*(axes[axis] for axis in AXES)):
        choice = Choice.of(**dict(zip(AXES, names, strict=True)))
        if compatible(options_of(base, choice, bench.plan.floor)):
            out.append(names)
            continue
        try:
            bench.scores(choice)
        except (DataError, SpecError):
            out.append(names)
    return out
