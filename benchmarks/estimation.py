"""Times of specification curves and the wild bootstrap against pyfixest, in one run.

    python benchmarks/estimation.py [--full] [--only PART …] [--rows ROWS …] [--json FILE]

Prints seconds, ratios and the largest difference of coefficients.  Where wildboottest is not
installed, pyfixest's time for the wild bootstrap is the lower of two figures measured elsewhere,
and ``pyfixest_measured_here`` is 0.  Without ``--full`` the loop of ``pyfixest.feols`` runs over
every tenth specification and its time is multiplied by ten.  One regression with two fixed effects
runs in a process of its own for each program (Linux), so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import gvckit as gk

SPECIFICATIONS, ROWS = 2_000, 20_000
UNITS, YEARS, CLUSTERS = 2_000, 10, 50
WILD_CLUSTERS, WILD_YEARS, WILD_DRAWS = 545, 8, 9_999
BYTES_A_ROW = 700
"""Memory that pyfixest needs for a row of the two-way regressions, the data among it."""
PYFIXEST_WILD = (67.0, 101.0)
"""Seconds of pyfixest's wild bootstrap at 545 clusters with two fixed effects, measured where
wildboottest could be installed."""


def seconds(call: Callable[[], Any], repeat: int = 3) -> tuple[float, Any]:
    """Return the shortest of ``repeat`` times, and the last result."""
    shortest, result = np.inf, None
    for _ in range(repeat):
        start = time.perf_counter()
        result = call()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def two_way_panel(units: int = UNITS, years: int = YEARS, clusters: int = CLUSTERS
                  ) -> pd.DataFrame:
    """Return a balanced panel with ten controls, two outcomes and clusters of units."""
    rng = np.random.default_rng(20250101)
    n = units * years
    unit = np.repeat(np.arange(units), years)
    frame = pd.DataFrame({"unit": unit, "year": np.tile(np.arange(years), units),
                          "group": unit * clusters // units})
    effect = rng.normal(size=units)[unit]
    for j in range(10):
        frame[f"z{j}"] = rng.normal(size=n) + effect
    frame["x"] = rng.normal(size=n) + 0.3 * frame["z0"] + effect
    frame["y"] = 0.2 * frame["x"] + 0.5 * frame["z1"] + effect + rng.normal(size=n)
    frame["y2"] = 0.1 * frame["y"] + rng.normal(size=n)
    return frame


def control_sets(count: int) -> list[list[str]]:
    """Return the first ``count`` sets of ten controls, smallest first."""
    names = [f"z{j}" for j in range(10)]
    sets = (list(c) for k in range(11) for c in itertools.combinations(names, k))
    return list(itertools.islice(sets, count))


def curve_against_loop(full: bool) -> dict[str, float]:
    """Time 2,000 specifications, and their loop."""
    import pyfixest as pf

    frame = two_way_panel()
    vary = {"y": ["y", "y2"], "controls": control_sets(SPECIFICATIONS // 2)}
    model = {"y": "y", "x": ["x"], "fe": ["unit", "year"], "se": {"cluster": "group"}}
    ours, found = seconds(lambda: gk.curve(frame, model, vary=vary, unit="unit", time="year"))
    formulas = [f"{y} ~ {' + '.join(['x', *c])} | unit + year"
                for y in vary["y"] for c in vary["controls"]]
    step = 1 if full else 10
    pf.feols(formulas[0], frame, vcov={"CRV1": "group"})  # imports and compilation
    start = time.perf_counter()
    loop = [float(pf.feols(f, frame, vcov={"CRV1": "group"}).coef()["x"]) for f in formulas[::step]]
    theirs = (time.perf_counter() - start) * step
    difference = np.abs(found["estimate"].to_numpy()[::step] - np.array(loop)).max()
    samples = {f"s{k}": (frame["year"] != k).to_numpy() for k in range(5)}
    wider, _ = seconds(lambda: gk.curve(
        frame, model, vary={**vary, "sample": list(samples)}, samples=samples, unit="unit",
        time="year"), 1)
    joint, _ = seconds(lambda: gk.curve(frame, model, vary=vary, unit="unit", time="year",
                                        draws=500), 1)
    return {"specifications": len(found), "rows": len(frame), "curve_s": ours, "feols_s": theirs,
            "feols_measured": len(loop), "ratio": theirs / ours,
            "largest_difference": float(difference), "five_samples_s": wider,
            "with_joint_500_s": joint}


def wild_bootstrap() -> dict[str, Any]:
    """Time the wild cluster bootstrap, 545 clusters, two fixed effects, 9,999 draws."""
    from gvckit.models.wild_fit import wild_bootstrap as ours

    frame = two_way_panel(WILD_CLUSTERS, WILD_YEARS)
    model = {"y": "y", "x": ["x"], "controls": ["z0", "z1"], "fe": ["unit", "year"],
             "se": {"cluster": "unit"}}
    took, found = seconds(lambda: ours(frame, model, unit="unit", time="year",
                                       draws=WILD_DRAWS, level=None))
    theirs, measured = _pyfixest_wild(frame)
    return {"clusters": found["x"].clusters, "draws": found["x"].draws, "wild_s": took,
            "pyfixest_s": theirs, "pyfixest_measured_here": float(measured),
            "ratio": theirs / took}


def _pyfixest_wild(frame: pd.DataFrame) -> tuple[float, bool]:
    """Return pyfixest's seconds: measured, else the figure known for another machine."""
    import importlib.util

    # numba looks for the package coverage: the script beside this one is another thing.
    sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).parent]
    if importlib.util.find_spec("wildboottest") is None:
        return PYFIXEST_WILD[0], False
    import pyfixest as pf

    fit = pf.feols("y ~ x + z0 + z1 | unit + year", frame, vcov={"CRV1": "unit"})
    return seconds(lambda: fit.wildboottest(param="x", reps=WILD_DRAWS), 1)[0], True


def permutations() -> dict[str, float]:
    """Time 1,000 permutations of 2,000 units between two groups, and ten by a loop of fits."""
    from gvckit.models.split import split_fit

    frame = two_way_panel()
    frame["rich"] = (frame["unit"] % 3 == 0).astype(int)
    model = {"y": "y", "x": ["x"], "controls": ["z0", "z1"], "fe": ["unit", "year"],
             "se": {"cluster": "unit"}}
    took, _ = seconds(lambda: split_fit(frame, model, "rich", unit="unit", time="year",
                                        difference="permutation"), 1)
    loop, _ = seconds(lambda: [
        gk.fit(frame, model, unit="unit", time="year", sample=frame["rich"] == g)
        for g in (0, 1)], 3)
    return {"permutations": 1_000, "rows": len(frame), "permutation_s": took,
            "loop_of_fits_s": 1_000 * loop, "ratio": 1_000 * loop / took}


def two_way(rows: int, repeat: int) -> dict[str, float]:
    """Time one regression with two fixed effects, and its peak memory in a process of its own.

    Both programs have the threads that they take by themselves.
    """
    figures: dict[str, float] = {"rows": rows, "load": os.getloadavg()[0]}
    coefficients = []
    for engine in ("gvckit", "pyfixest"):
        done = subprocess.run(
            [sys.executable, __file__, "--one", engine, str(rows), str(repeat)],
            check=True, capture_output=True, text=True)
        took, before, peak, coefficient = map(float, done.stdout.split())
        figures |= {f"{engine}_s": took, f"{engine}_peak_mb": peak,
                    f"{engine}_above_data_mb": peak - before}
        coefficients.append(coefficient)
    return figures | {
        "time_ratio": figures["gvckit_s"] / figures["pyfixest_s"],
        "memory_ratio": figures["gvckit_above_data_mb"] / figures["pyfixest_above_data_mb"],
        "difference": abs(coefficients[0] - coefficients[1])}


def one_regression(engine: str, rows: int, repeat: int) -> None:
    """Print the seconds, the memory before and at the peak in MB, and the coefficient.

    The peak is that of the second call on, after imports and compilation.
    """
    frame = two_way_panel(rows // YEARS)[["unit", "year", "group", "x", "y", "z0", "z1"]].copy()
    small = frame[frame["unit"] % max(1, rows // YEARS // 200) == 0]
    if engine == "pyfixest":
        import pyfixest as pf

        def call(data: pd.DataFrame) -> float:
            fit = pf.feols("y ~ x + z0 + z1 | unit + year", data, vcov={"CRV1": "group"})
            return float(fit.coef()["x"])
    else:
        def call(data: pd.DataFrame) -> float:
            fit = gk.fit(data, {"y": "y", "x": ["x"], "controls": ["z0", "z1"],
                                "fe": ["unit", "year"], "se": {"cluster": "group"},
                                "wild": {"reps": 0}}, unit="unit", time="year")
            return float(fit.coef["x"])
    call(small)
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # from here on the peak is that of the calls
    took, coefficient = seconds(lambda: call(frame), repeat)
    print(took, before, _memory("VmHWM"), repr(coefficient))


def _available() -> float:
    """Return the free memory in bytes (Linux)."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return float(line.split()[1]) * 1024
    return float("inf")


def _memory(what: str) -> float:
    """Return a line of the process's status in MB (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return float(line.split()[1]) / 1024
    raise RuntimeError(f"no {what} in /proc/self/status")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="run the whole loop of feols")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000],
                        help="rows of the two-way regressions; 10000000 takes two minutes and 6 GB")
    parser.add_argument("--only", nargs="*", choices=["curve", "wild", "permutation", "two-way"])
    parser.add_argument("--one", nargs=3, metavar=("ENGINE", "ROWS", "REPEAT"),
                        help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        one_regression(chosen.one[0], int(chosen.one[1]), int(chosen.one[2]))
        return
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "curve": lambda: curve_against_loop(chosen.full), "wild": wild_bootstrap,
        "permutation": permutations}
    parts |= {f"two-way {rows:,}": partial(two_way, rows, 3 if rows <= 1_000_000 else 1)
              for rows in chosen.rows}
    free = _available()
    for rows in chosen.rows:
        if free < rows * BYTES_A_ROW:
            print(f"two-way {rows:,} left out: {free / 2**30:.1f} GiB of memory are free")
            del parts[f"two-way {rows:,}"]
    wanted = chosen.only or ["curve", "wild", "permutation", "two-way"]
    figures = {name: part() for name, part in parts.items() if name.split()[0] in wanted}
    for name, values in figures.items():
        print(name)
        for key, value in values.items():
            print(f"  {key:24s} {value:,.4g}")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
