"""Coverage of 95 % intervals over simulated panels, true slope known.

    python benchmarks/coverage.py [--draws 1000]

The errors and the regressor are correlated within clusters, all else is standard normal; every row
says what theory promises.  Where few clusters make an interval too short, the shortfall is shown.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import gvckit as gk
from gvckit.models.wild_fit import wild_bootstrap

SLOPE = 0.5


INSTRUMENTED = ("Anderson-Rubin, F ≈ 2", "2SLS, F ≈ 2")
"""Intervals under two weak instruments; that of 2SLS may fail."""


class Case(NamedTuple):
    """A design: its panel, its model, the interval looked at, and whether 95 % is promised."""

    name: str
    clusters: int
    units: int
    years: int
    se: Any
    wild: bool
    promised: bool
    uneven: bool = False


CASES = (
    Case("iid errors, iid", 60, 1, 10, "iid", False, True),
    Case("cluster, G = 60", 60, 3, 8, {"cluster": "group"}, False, True),
    Case("cluster, G = 50, T = 30", 50, 1, 30, {"cluster": "group"}, False, True),
    Case("cluster, G = 10", 10, 3, 8, {"cluster": "group"}, False, False),
    Case("cluster, G = 10, uneven", 10, 3, 8, {"cluster": "group"}, False, False, True),
    Case("wild, G = 10", 10, 3, 8, {"cluster": "group"}, True, True),
    Case("hc1 under clustering", 60, 3, 8, "hc1", False, False),
)


def panels(case: Case, draws: int, seed: int = 1) -> Iterator[pd.DataFrame]:
    """Yield panels of ``case``: shocks to a cluster's years hit regressor and error alike."""
    sizes = np.full(case.clusters, case.units)
    if case.uneven:
        sizes = np.maximum(1, np.round(case.units * case.clusters * 0.5 ** np.arange(
            1, case.clusters + 1))).astype(int)
    unit = np.arange(sizes.sum())
    frame = pd.DataFrame({
        "unit": np.repeat(unit, case.years), "year": np.tile(np.arange(case.years), len(unit)),
        "group": np.repeat(np.repeat(np.arange(case.clusters), sizes), case.years)})
    n = len(frame)
    cell = frame["group"] * case.years + frame["year"]
    for r in range(draws):
        rng = np.random.default_rng([seed, case.clusters, case.years, r])
        shared = case.se != "iid"
        x, e = (rng.normal(size=n) + shared * rng.normal(size=case.clusters * case.years)[cell]
                for _ in range(2))
        effect = rng.normal(size=len(unit))[frame["unit"]] + rng.normal(size=case.years)[
            frame["year"]]
        yield frame.assign(x=x + effect, y=SLOPE * (x + effect) + effect + e)


def covered(case: Case, frame: pd.DataFrame) -> bool:
    """Return whether the interval of ``case`` holds the true slope."""
    model = {"y": "y", "x": ["x"], "fe": ["unit", "year"], "se": case.se, "wild": {"reps": 0}}
    if case.wild:
        # inside the interval of the test that inverts: not rejected at the true value
        test = wild_bootstrap(frame, model, unit="unit", time="year", null=SLOPE, draws=999,
                              weights="webb", level=None)["x"]
        return test.p > 0.05
    interval = gk.fit(frame, model, unit="unit", time="year").ci()
    return bool(interval.loc["x", "low"] <= SLOPE <= interval.loc["x", "high"])


def coverage(case: Case, draws: int) -> float:
    """Return the share of ``draws`` panels whose interval holds the true slope."""
    return float(np.mean([covered(case, frame) for frame in panels(case, draws)]))


def weak_instruments(draws: int, seed: int = 1, rows: int = 200) -> tuple[dict[str, float], float]:
    """Return the coverage of each of ``INSTRUMENTED``, and the mean effective F."""
    counts = dict.fromkeys(INSTRUMENTED, 0)
    strength = 0.0
    for r in range(draws):
        rng = np.random.default_rng([seed, rows, r])
        z, e = rng.normal(size=(rows, 2)), rng.normal(size=rows)
        x = z @ [0.08, 0.08] + e
        frame = pd.DataFrame({"z1": z[:, 0], "z2": z[:, 1], "x": x, "i": range(rows),
                              "y": SLOPE * x + 0.9 * e + rng.normal(size=rows)})
        done = gk.fit(frame, {"y": "y", "x": ["x"], "instruments": {"x": ["z1", "z2"]},
                              "se": "hc1"}, unit="i")
        stats, interval = done.stats, done.ci()
        strength += stats["effective_f"] / draws
        inside = (
            any(stats[f"ar_low_{i}"] <= SLOPE <= stats[f"ar_high_{i}"]
                for i in range(1, int(stats["ar_sets"]) + 1)),
            bool(interval.loc["x", "low"] <= SLOPE <= interval.loc["x", "high"]))
        for name, covers in zip(INSTRUMENTED, inside, strict=True):
            counts[name] += covers
    return {name: count / draws for name, count in counts.items()}, strength


def main(echo: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=1_000)
    draws = parser.parse_args().draws
    echo(f"coverage of 95 % intervals, {draws:,} draws")
    for case in CASES:
        share = coverage(case, draws)
        word = "promised" if case.promised else "not promised"
        verdict = ("" if not case.promised else
                   "  ok" if 0.93 <= share <= 0.97 else "  OUTSIDE 93-97 %")
        echo(f"  {case.name:28s} {100 * share:5.1f} %  {word}{verdict}")


    shares, strength = weak_instruments(draws)
    echo(f"two weak instruments, mean effective F {strength:.2f}")
    for name, share in shares.items():
        promised = name.startswith("Anderson-Rubin")
        verdict = "" if not promised else "  ok" if 0.93 <= share <= 0.97 else "  OUTSIDE 93-97 %"
        echo(f"  {name:28s} {100 * share:5.1f} %  "
             f"{'promised' if promised else 'not promised'}{verdict}")


if __name__ == "__main__":
    main()
