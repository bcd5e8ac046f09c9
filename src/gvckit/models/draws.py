"""Multipliers of the wild bootstrap: drawn in numbered blocks, or enumerated."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BLOCK", "WEIGHTS", "multipliers", "support_size"]

BLOCK = 1_000

WEIGHTS: dict[str, tuple[float, ...]] = {
    "rademacher": (-1.0, 1.0),
    "webb": (-(1.5**0.5), -1.0, -(0.5**0.5), 0.5**0.5, 1.0, 1.5**0.5),
}
"""Equally likely values: Rademacher; the six points of Webb (2023)."""


def support_size(weights: str, groups: int) -> int:
    """Return how many different vectors of multipliers there are."""
    return int(len(WEIGHTS[weights]) ** groups)


def multipliers(
    weights: str, groups: int, draws: int, seed: Sequence[int], *, enumerate_all: bool
) -> Iterator[NDArray[np.float64]]:
    """Yield blocks of multipliers, shape (block, groups).

    Each block of ``BLOCK`` draws has a generator of its own, seeded by ``(seed, number of the
    block)``: whoever computes it, and in whatever order, gets the same numbers.
    """
    points = np.asarray(WEIGHTS[weights])
    if enumerate_all:
        every = itertools.product(range(len(points)), repeat=groups)
        while rows := list(itertools.islice(every, BLOCK)):
            yield points[np.array(rows, dtype=np.int64)]
        return
    for number, start in enumerate(range(0, draws, BLOCK)):
        rng = np.random.default_rng(np.random.SeedSequence([*seed, number]))
        size = (min(BLOCK, draws - start), groups)
        yield points[rng.integers(0, len(points), size=size, dtype=np.int8)]
