"""Panels and references that the tests of the estimators share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def estimation(golden: Path) -> Callable[[str], tuple[pd.DataFrame, pd.DataFrame]]:
    """Return data and reference of one folder of estimation goldens."""

    def read(folder: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        where = golden / "estimation" / folder
        return pd.read_csv(where / "data.csv"), pd.read_csv(where / "reference.csv")

    return read


@pytest.fixture(scope="session")
def grunfeld(estimation) -> pd.DataFrame:
    return estimation("grunfeld")[0]


@pytest.fixture(scope="session")
def references(estimation) -> Callable[[str, str], pd.DataFrame]:
    """Return the rows of one id of one folder, by term."""

    def rows(folder: str, row: str) -> pd.DataFrame:
        table = estimation(folder)[1]
        found = table[table["id"] == row]
        assert len(found), f"no reference {row!r} in {folder}"
        return found.set_index("term")

    return rows


@pytest.fixture
def unbalanced() -> pd.DataFrame:
    """Return 15 units × up to 9 years with unit effects, two regressors and a group variable."""
    rng = np.random.default_rng(11)
    index = pd.MultiIndex.from_product([range(15), range(2000, 2009)], names=["unit", "year"])
    frame = index.to_frame(index=False)
    effect = rng.normal(size=15)[frame["unit"]]
    trend = rng.normal(size=15)[frame["unit"]] * 0.1
    frame["x"] = 0.5 * effect + rng.normal(size=len(frame))
    frame["z"] = rng.normal(size=len(frame)) + 0.3 * frame["x"]
    frame["w"] = rng.uniform(0.5, 2.0, size=len(frame))
    frame["g"] = frame["unit"] % 5
    frame["h"] = rng.integers(0, 4, size=len(frame))
    frame["lat"] = np.linspace(-40, 60, 15)[frame["unit"]]
    frame["lon"] = np.linspace(170, -170, 15)[frame["unit"]]
    frame["y"] = (1 + 1.5 * frame["x"] - 0.5 * frame["z"] + effect
                  + trend * (frame["year"] - 2000) + rng.normal(size=len(frame)))
    return frame.sample(frac=0.8, random_state=5).reset_index(drop=True)
