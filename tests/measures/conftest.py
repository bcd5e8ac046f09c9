"""Tables that the tests of measures share."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.sources.read_icio import read_icio

# The toy table `leather` of methods.md 2.10 (a): Z | Y | X.
_LEATHER = """
16.1 5.1 1.8  3.2  4.3 0.4  3.1  2.8  4.9   21.5  6.1  8.4   77.7
 2.4 8.0 3.2  0.1  3.2 1.6  1.2  3.9 11.5   16.2  1.9  5.1   58.3
 0.9 0.5 4.0  0.0  0.1 0.3  0.0  0.4  0.5   11.0  0.5  0.8   19.0
 1.1 1.9 0.2 18.0 13.2 6.1  9.0  3.1  8.9    7.5 29.5 14.2  112.7
 0.3 2.8 0.1  6.1 28.1 6.3  2.1  2.5 25.6    8.9 24.9 16.9  124.6
 0.0 0.1 0.3  4.1  3.2 8.9  0.2  0.0  1.8    1.2 18.5  4.9   43.2
 1.2 4.2 0.3  4.1  1.2 0.6 29.0 19.5 17.9    9.2 17.9 51.2  156.3
 1.3 1.1 0.0  3.2  4.8 2.6  5.1 29.1 24.1    7.9 10.1 38.5  127.8
 2.1 1.4 3.0  4.1  3.1 3.9 11.3  8.1 51.3   25.1 35.2 68.4  217.0
"""


@pytest.fixture(scope="session")
def leather() -> Leontief:
    cells = np.array([float(x) for x in _LEATHER.split()]).reshape(9, 13)
    return Leontief(IcioTable.from_arrays(
        cells[:, :9], cells[:, 9:12], X=cells[:, 12], countries=("ARG", "TUR", "DEU"),
        sectors=("Agriculture", "Textile.and.Leather", "Transport.Equipment"), source="leather"))


@pytest.fixture(scope="session")
def wiod(shared_data: Path) -> Callable[[int], Leontief]:
    """Return the system of a WIOD year; only the last two years asked for are held."""
    @lru_cache(maxsize=2)
    def of(year: int) -> Leontief:
        return Leontief(read_icio("wiod2013", year, data=shared_data))
    return of
