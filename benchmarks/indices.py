"""Time a 200-country, 25-year, 40-indicator index: once, in 1,000 variants, with free weights.

    python benchmarks/indices.py

Limits: once under 50 times what NumPy takes to min-max the array; 1,000 variants under 30 s.  The
ratio is of processor time, which a busy machine does not change; the limit in seconds is of the
clock on the wall.  Benefit of the doubt solves a linear programme for each of the 5,000 rows.
"""

from __future__ import annotations

import os
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


def best(function: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Return the least time that the function took, of the processor and on the wall."""
    taken = []
    for _ in range(repeats):
        start, wall = time.process_time(), time.perf_counter()
        function()
        taken.append((time.process_time() - start, time.perf_counter() - wall))
    return min(t for t, _ in taken), min(t for _, t in taken)


def main() -> int:
    frame, names = panel()
    size = INDICATORS // PILLARS
    tree = {"composite": {"missing": "interpolate-carry", "weights": "entropy"},
            "pillars": {f"p{k}": names[k * size:(k + 1) * size] for k in range(PILLARS)}}
    filled = frame[names].fillna(1.0).to_numpy()
    plain, _ = best(lambda: (filled - filled.min(axis=0)) / np.ptp(filled, axis=0), 20)
    once, wall = best(lambda: composite(frame, tree, unit="country", time="year"), 10)
    plan = {"variants": 1000, "missing": ["interpolate-carry", "carry", "mean"],
            "weights": ["entropy", "equal", "critic"], "aggregate": ["arithmetic", "geometric"]}
    work, many = best(
        lambda: variants(frame, tree, unit="country", time="year", plan=plan, seed=1), 1)
    print(f"min-max in NumPy   {1e3 * plain:8.2f} ms")
    print(f"the index once     {1e3 * once:8.2f} ms = {once / plain:.1f} × (limit {TIMES_NUMPY:g}; "
          f"on the wall {1e3 * wall:.2f} ms)")
    print(f"1,000 variants     {many:8.2f} s  (limit {SECONDS:g}; processor {work:.2f} s)")
    for count in (5, 10, INDICATORS):
        free = {"composite": {"missing": "interpolate-carry", "treat": "log", "floor": 0.01,
                              "weights": "benefit-of-the-doubt"}, "pillars": names[:count]}
        doubt, wall = best(lambda free=free: composite(  # type: ignore[misc]
            frame, free, unit="country", time="year"), 1)
        print(f"free weights of {count:2d} {wall:8.2f} s  (processor {doubt:.2f} s)")
    print("load of the machine " + ", ".join(f"{n:.1f}" for n in os.getloadavg())
          + f" on {os.cpu_count()} processors")
    return int(once > TIMES_NUMPY * plain or many > SECONDS)


if __name__ == "__main__":
    sys.exit(main())
