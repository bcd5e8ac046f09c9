"""Check that a decomposition adds up, or say where it does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.icio.leontief import Leontief

__all__ = ["check", "closed_accounts"]

Floats = NDArray[np.float64]

RELATIVE = 1e-9


def check(io: Leontief, name: str, got: Floats, expected: Floats) -> float:
    """Return the largest gap relative to the largest value, or raise where a row does not close.

    Parameters
    ----------
    io
        The system that the numbers come from: names the row, and tells how far the table itself
        is out of balance (an identity cannot close better than its table does).
    name
        The identity in words.
    got, expected
        Both sides, shape (n,), (G,) or, by importer, (n, G).

    Raises
    ------
    DataError
        With the country, sector and year of the worst row, where it is off by more than 1e-9.
    """
    got, expected = io.numpy(got), io.numpy(expected)
    gap = np.abs(got - expected)
    size = np.abs(expected)
    # Rows far below the table's scale carry its rounding error, hence the share of the total.
    allowed = RELATIVE * size + 1e-15 * size.sum() + 100 * io.table.imbalance
    if not (gap <= allowed).all():
        row = int(np.argmax(np.where(np.isnan(gap), np.inf, gap - allowed)))
        raise DataError(Problem(
            f"identity fails: {name}: {got.flat[row]:.15g} instead of "
            f"{expected.flat[row]:.15g}", _place(io, row, got.shape)))
    return float(gap.max() / max(float(size.max()), np.finfo(float).tiny))


def closed_accounts(io: Leontief) -> dict[str, float]:
    """Return the gaps of B Y = X and, of value added, v B X = X: what every measure rests on.

    Raises
    ------
    DataError
        Where one fails by more than 1e-9, with the country, sector and year.
    """
    return dict(io.once(_closed_accounts))


def _closed_accounts(io: Leontief) -> dict[str, float]:
    closed = {"B Y = X": check(io, "B Y = X", io.By, io.X)}
    if io.account == "value added":
        closed["v B X = X"] = check(io, "v B X = X", io.vB * io.X, io.X)
    return closed


def _place(io: Leontief, row: int, shape: tuple[int, ...]) -> str:
    if shape == (io.n, io.G):
        return f"{io.place(row // io.G)} to {io.countries[row % io.G]}"
    if shape == (io.n,):
        return io.place(row)
    year = [] if io.table.year is None else [str(io.table.year)]
    return " ".join([io.countries[row] if shape == (io.G,) else "world", *year])
