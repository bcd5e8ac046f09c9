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


@pytest.fixture(scope="session")
def leather(golden: Path) -> Leontief:
    """The toy table `leather` of methods.md 2.10 (a), read where the reference numbers lie."""
    folder = golden / "decomposition" / "decompr6_leather"
    Z, F, X = (np.loadtxt(folder / f"in_{name}.csv", delimiter=",", skiprows=1,
                          usecols=range(1, width + 1))
               for name, width in (("Z", 9), ("Y", 3), ("X", 1)))
    return Leontief(IcioTable.from_arrays(
        Z, F, X=X, countries=("ARG", "TUR", "DEU"),
        sectors=("Agriculture", "Textile.and.Leather", "Transport.Equipment"), source="leather"))


@pytest.fixture(scope="session")
def wiod(shared_data: Path) -> Callable[[int], Leontief]:
    """Return the system of a WIOD year; only the last two years asked for are held."""
    @lru_cache(maxsize=2)
    def of(year: int) -> Leontief:
        return Leontief(read_icio("wiod2013", year, data=shared_data))
    return of
