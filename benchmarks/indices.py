"""Time a 200-country, 25-year, 40-indicator index: once, and in 1,000 variants.

    python benchmarks/indices.py

Limits: once under 50 times what NumPy takes to min-max the array; 1,000 variants under 30 s.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from gvckit.indices.composite import composite
from gvckit.indices.variants import variants

COUNTRIES, YEARS, INDICATORS, PILLARS = 200, 25, 40, 5
TIMES_NUMPY, SECONDS = 50.0, 30.0


def panel() -> tuple[pd.DataFrame, list[str]]:
    rng = np.random.default_rng(1)
    names = [f"x{j:02d}" for j in range(INDICATORS)]
    values = rng.lognormal(size=(COUNTRIES * YEARS, INDICATORS))
    values[rng.random(values.shape) < 0.05] = np.nan
    frame = pd.DataFrame(values, columns=names)
    frame["country"] = np.repeat([f"C{i:03d}" for i in range(COUNTRIES)], YEARS)
    frame["year"] = np.tile(np.arange(2000, 2000 + YEARS), COUNTRIES)
    return frame, names


def best(function: Callable[[], object], repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> int:
    frame, names = panel()
    size = INDICATORS // PILLARS
    tree = {"composite": {"missing": "interpolate-carry", "weights": "entropy"},
            "pillars": {f"p{k}": names[k * size:(k + 1) * size] for k in range(PILLARS)}}
    filled = frame[names].fillna(1.0).to_numpy()
    plain = best(lambda: (filled - filled.min(axis=0)) / np.ptp(filled, axis=0), 20)
    once = best(lambda: composite(frame, tree, unit="country", time="year"), 10)
    plan = {"variants": 1000, "missing": ["interpolate-carry", "carry", "mean"],
            "weights": ["entropy", "equal", "critic"], "aggregate": ["arithmetic", "geometric"]}
    many = best(lambda: variants(frame, tree, unit="country", time="year", plan=plan, seed=1), 1)
    print(f"min-max in NumPy   {1e3 * plain:8.2f} ms")
    print(f"the index once     {1e3 * once:8.2f} ms = {once / plain:.1f} × (limit {TIMES_NUMPY:g})")
    print(f"1,000 variants     {many:8.2f} s  (limit {SECONDS:g})")
    return int(once > TIMES_NUMPY * plain or many > SECONDS)


if __name__ == "__main__":
    sys.exit(main())
