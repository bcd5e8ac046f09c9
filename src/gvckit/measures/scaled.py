"""Chains in a table whose rows are scaled, from the factors of the table itself.

With f the scale of each row, (I − f̂A)⁻¹X and (I − f̂A)⁻ᵀ1.  Since f̂⁻¹(I − f̂A) = I − A − d̂ with
d = 1 − 1/f, both are fixed points that take one solve with the factors of I − A a step:
x = B(X/f + d x), and z = B'(1 + d z) with z = f y.  Where d is small, as shares of inventories in
output are, a few steps reach the last bit; where it is not, the scaled system is factored.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.icio.leontief import Leontief

__all__ = ["scaled_ends"]

Floats = NDArray[np.float64]

# On two threads, a factorisation costs as much as 2 n / 128 solves.
SIZE_PER_STEP = 128


def scaled_ends(io: Leontief, factor: Floats) -> tuple[Floats, Floats]:
    """Return (I − f̂A)⁻¹X and (I − f̂A)⁻ᵀ1, each of shape (n,).

    Raises
    ------
    DataError
        Where the scaled system is singular.
    """
    ones = io.backend.asarray(np.ones(io.n))
    if bool(io.xp.all(factor > 0)):
        less = 1 - 1 / factor
        forward = _settled(io, lambda x: io.solve(io.X / factor + less * x), io.X)
        if forward is not None:
            backward = _settled(io, lambda z: io.solve_t(ones + less * z), ones)
            if backward is not None:
                return forward, backward / factor
    factors = io.backend.factor(_system(io, factor))
    if io.backend.singular(factors):
        raise DataError(Problem(
            "the system corrected for inventories is singular",
            f"{io.table.source} {io.table.year or ''}".strip() or None, "inventories='raw'"))
    return (io.backend.solve(factors, io.X),
            io.backend.solve(factors, ones, transposed=True))


def _system(io: Leontief, factor: Floats) -> Floats:
    """Return I − f̂A."""
    flat = io.xp.reshape(io.A * -factor[:, None], (-1,))
    flat[::io.n + 1] = flat[::io.n + 1] + 1.0
    matrix: Floats = io.xp.reshape(flat, (io.n, io.n))
    return matrix


def _settled(io: Leontief, step: Callable[[Floats], Floats], x: Floats) -> Floats | None:
    """Return where the steps end, or None where factoring would take less time."""
    before = None
    for left in range(io.n // SIZE_PER_STEP, -1, -1):
        x, last = step(x), x
        change = float(io.xp.max(io.xp.abs(x - last) / (io.xp.abs(x) + TINY)))
        # What is still to come is a geometric series.
        rate = 1.0 if before is None else change / before
        if change * rate < EXACT:
            return x
        if before is not None and not change * rate ** left < EXACT:
            return None
        before = change
    return None


EXACT = 1e-15
"""Share of a value below which nothing is left to gain."""
TINY = float(np.finfo(np.float64).tiny)
