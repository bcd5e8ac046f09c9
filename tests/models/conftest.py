"""Panels that the tests of the models share."""

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
        # "NA" marks a missing number, and is no level of a fixed effect in these data.
        return pd.read_csv(where / "data.csv"), pd.read_csv(where / "reference.csv")

    return read


@pytest.fixture
def panel() -> pd.DataFrame:
    """Return 12 countries × 5 sectors × 8 years with noise, unbalanced, in shuffled order."""
    rng = np.random.default_rng(7)
    index = pd.MultiIndex.from_product(
        [[f"C{i:02d}" for i in range(12)], list("abcde"), range(2000, 2008)],
        names=["country", "sector", "year"])
    frame = index.to_frame(index=False)
    n = len(frame)
    effect = rng.normal(size=12)[frame["country"].str[1:].astype(int)]
    frame["x"] = effect + rng.normal(size=n)
    frame["z"] = rng.normal(size=n) + 0.3 * frame["x"]
    frame["w"] = rng.uniform(0.5, 3.0, size=n)
    frame["y"] = 1.5 * frame["x"] - 0.5 * frame["z"] + 2 * effect + rng.normal(size=n)
    return frame.sample(frac=0.85, random_state=3).reset_index(drop=True)
