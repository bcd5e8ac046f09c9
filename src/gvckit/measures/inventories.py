"""Which column of final demand is the change in inventories, and the correction for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing, unknown
from gvckit.icio.leontief import Leontief

__all__ = ["NAMES", "NetInventories", "inventory_columns", "net_inventories"]

Floats = NDArray[np.float64]

NAMES: Mapping[str, str] = {
    "c42": "WIOD 2013", "Stock variation": "long-run WIOD", "inventories": "sample world",
    "INVEN": "WIOD 2016", "INVNT": "OECD ICIO", "P5M": "FIGARO",
    "Changes in inventories": "EXIOBASE, Eora26, ADB MRIO",
    "Changes in valuables": "EXIOBASE",
    "Acquisitions less disposals of valuables": "Eora26",
}
"""Category that holds changes in inventories and valuables → source that calls it so."""


@dataclass(frozen=True, slots=True)
class NetInventories:
    """The correction for changes in inventories; every array has shape (n,).

    Attributes
    ----------
    factor
        X / (X − INV) of each row: sales to stocks spread over all other uses.  1 in rows that are
        not corrected.
    final
        Final demand after the correction.
    uncorrected
        Rows with output whose sales other than to stocks are not positive: left as they are.
    """

    factor: Floats
    final: Floats
    uncorrected: NDArray[np.bool_]


def inventory_columns(
    categories: Sequence[str], inventory: str | Sequence[str] | None
) -> tuple[str, ...]:
    """Return the categories that hold changes in inventories.

    Parameters
    ----------
    categories
        The table's.
    inventory
        One or more of them; None takes those with a known name (:data:`NAMES`).

    Raises
    ------
    DataError
        Where the table has none of that name, or none with a known name.
    """
    if inventory is None:
        found = tuple(name for name in categories if name in NAMES)
        if not found:
            raise DataError(Problem(
                "no final-demand category has the name of changes in inventories; the "
                "net-inventory correction needs it",
                allowed=f"inventory= one of {listing(categories)}; or inventories='raw'"))
        return found
    wanted = (inventory,) if isinstance(inventory, str) else tuple(inventory)
    wrong = [unknown("final-demand category", str(name), categories)
             for name in wanted if name not in categories]
    if wrong or not wanted:
        raise DataError(wrong or Problem("inventory names no category",
                                         allowed=listing(categories)))
    return wanted


def net_inventories(io: Leontief, columns: Sequence[str]) -> NetInventories:
    """Return the correction of Antràs and Chor (2018): rows of Z and F times X / (X − INV).

    INV_i sums what producer i sells into stocks anywhere (handbook 3.5).
    """
    table = io.table
    stocks = np.isin(np.asarray(table.categories), np.asarray(columns))
    by_use = table.F.reshape(table.n, table.G, table.K).sum(axis=1)[io.order]
    X = table.X[io.order]
    other_sales = X - by_use[:, stocks].sum(axis=1)
    # A difference of sums may leave last bits of them behind.
    fine = other_sales > 1e-12 * (np.abs(X) + np.abs(by_use).sum(axis=1))
    factor = np.divide(X, other_sales, out=np.ones(io.n), where=fine)
    final = np.where(fine, factor * by_use[:, ~stocks].sum(axis=1), by_use.sum(axis=1))
    asarray = io.backend.asarray
    return NetInventories(asarray(factor), asarray(np.where(io.zero, 0.0, final)),
                          ~fine & ~io.zero)
