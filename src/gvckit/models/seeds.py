"""Seeds of random steps: the same numbers for any number of workers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["generator", "seed_of"]


def seed_of(seed: int | Sequence[int], *names: str) -> tuple[int, ...]:
    """Return the entropy of the step ``names`` of a paper with ``seed``.

    A name is its UTF-8 bytes as one whole number, so that no two names share a stream.
    """
    numbers = (seed,) if isinstance(seed, int) else tuple(int(s) for s in seed)
    return (*numbers, *(int.from_bytes(b"\x01" + name.encode(), "big") for name in names))


def generator(seed: int | Sequence[int], *names: str) -> np.random.Generator:
    """Return the generator of the step ``names``."""
    return np.random.default_rng(np.random.SeedSequence(list(seed_of(seed, *names))))
