"""The rows of a table country by country: which belong together, and sums over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gvckit.icio.backend import Backend
from gvckit.icio.partition import Partition
from gvckit.icio.table import IcioTable

__all__ = ["Layout"]

# Arrays of the backend's library; NumPy's in every ordinary use.
Floats = NDArray[np.float64]


class Layout:
    """Rows in country order, with sums and products that go country by country.

    Parameters
    ----------
    table
        A validated table.
    partition
        Which of the table's blocks are one country.
    backend
        The array library.

    Attributes
    ----------
    countries, sectors
        G country and N sector names.
    G, N, n
        Numbers of countries, sectors and rows; n is G·N unless a country holds several blocks.
    bounds
        First and past-the-end row of each country.
    order
        The table's row behind each row, shape (n,).
    """

    def __init__(self, table: IcioTable, partition: Partition, backend: Backend) -> None:
        self.table, self.partition = table, partition
        self.backend, self.xp = backend, backend.xp
        self.countries, self.sectors = partition.names, table.sectors
        self.G, self.N, self.n = len(partition.names), table.N, table.n
        self.order, self.bounds = partition.rows(table.N), partition.bounds(table.N)
        self.moved = not bool((self.order == np.arange(self.n)).all())
        self.even = all(b - a == self.N for a, b in self.bounds)

    def rows_of(self, values: Floats) -> Floats:
        """Return ``values`` of the table's rows, shape (n, …), in this order."""
        out: Floats = self.backend.asarray(values[self.order] if self.moved else values)
        return out

    def numpy(self, values: Any) -> Floats:
        """Return an array of the backend's library as NumPy's."""
        return self.backend.numpy(values)

    @property
    def country_of_row(self) -> NDArray[np.intp]:
        """Index of each row's country, shape (n,)."""
        return np.repeat(np.arange(self.G), [b - a for a, b in self.bounds])

    @property
    def sector_of_row(self) -> NDArray[np.intp]:
        """Index of each row's sector, shape (n,)."""
        return self.table.sector_of_row[self.order]

    def place(self, row: int) -> str:
        """Return country, sector and year of a row, as error messages say it."""
        return self.table.place(int(self.order[row]))

    def exports_of(self, flows: Floats) -> Floats:
        """Return flows by destination, shape (n, G, …), with the own country's set to zero."""
        abroad: Floats = self.xp.asarray(flows, copy=True)
        for s, (a, b) in enumerate(self.bounds):
            abroad[a:b, s, ...] = 0.0
        return abroad

    def stacked(self, x: Floats) -> Floats:
        """Return shape (n, G): country s's part of ``x`` (n,) in column s, zero elsewhere."""
        out: Floats = self.xp.zeros((self.n, self.G), dtype=self.xp.float64)
        for s, (a, b) in enumerate(self.bounds):
            out[a:b, s] = x[a:b]
        return out

    def own(self, matrix: Floats) -> Floats:
        """Return shape (n,): of ``matrix`` (n, G), each row's cell in its own country's column."""
        own: Floats = self.xp.concat([matrix[a:b, s] for s, (a, b) in enumerate(self.bounds)])
        return own

    def by_country(self, x: Floats) -> Floats:
        """Return shape (G, …): ``x`` (n, …) summed within countries."""
        total: Floats = self.xp.stack([self.xp.sum(x[a:b, ...], axis=0) for a, b in self.bounds])
        return total

    def blocks(self, matrix: Floats) -> list[Floats]:
        """Return the diagonal blocks of an (n, n) matrix."""
        return [matrix[a:b, a:b] for a, b in self.bounds]

    def by_block(self, blocks: Sequence[Floats], x: Floats) -> Floats:
        """Return the block-diagonal matrix times x of shape (n,) or (n, k)."""
        product: Floats = self.xp.concat(
            [own @ x[a:b, ...] for own, (a, b) in zip(blocks, self.bounds, strict=True)])
        return product
