"""Designs too small for their instruments: statistics are left out or the model is refused."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import GvckitError
from gvckit.models.fit import fit

TWO_WAY = {"cluster": ["country", "year"]}


def design(seed: int, countries: int, years: int, instruments: int, exact: bool) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(f"C{c}", t) for c in range(countries) for t in range(years)],
                         columns=["country", "year"])
    z = rng.normal(size=(len(frame), instruments + 1))
    frame["x"] = z.sum(axis=1)
    frame["y"] = frame["x"] + (0 if exact else z[:, -1])
    return frame.assign(**{f"z{i}": z[:, i] for i in range(instruments)})


def model(estimator: str, se: dict[str, Any], instruments: int) -> dict[str, Any]:
    return {"y": "y", "x": ["x"], "fe": ["country", "year"], "se": se, "estimator": estimator,
            "instruments": {"x": [f"z{i}" for i in range(instruments)]},
            "report": ["first-stage", "kp-f", "kp-lm", "cragg-donald", "effective-f",
                       "anderson-rubin", "hansen-j"]}


@pytest.mark.parametrize("estimator", ["2sls", "liml", "gmm"])
def test_small_designs_end_in_numbers_or_in_a_sentence(estimator: str) -> None:
    kept = left = 0
    refused: list[str] = []
    sizes = itertools.product(range(12), ((4, 3), (5, 4), (20, 4)), (1, 3), (False, True),
                              (TWO_WAY, {"cluster": "country"}))
    for seed, (countries, years), instruments, exact, se in sizes:
        frame = design(seed, countries, years, instruments, exact)
        try:
            done = fit(frame, model(estimator, se, instruments), unit="country", time="year")
        except GvckitError as error:
            refused.append(str(error))
            continue
        kept += 1
        strength = done.stats.get("kp_f")
        left += strength is None
        assert strength is None or 0 <= strength < 1e12
        assert (strength is not None) or any("left out: too few clusters" in w
                                             for w in done.warnings)
    assert kept > 100
    assert left > 0
    assert all("exactly" in told or "singular" in told for told in refused)
    assert estimator == "2sls" or refused
