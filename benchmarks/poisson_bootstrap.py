"""How often a true null of Poisson regression is rejected at 5 % with few clusters.

    python benchmarks/poisson_bootstrap.py [--draws 1000] [--reps 399]

Beside the column's own p stands that of the score wild cluster bootstrap.  Errors have shocks to
cluster and year (to the cluster in the last design), and so has the regressor.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np
import pandas as pd

import gvckit as gk
from gvckit.models.wild_fit import wild_bootstrap

YEARS = 8
LEVEL = 0.05


class Design(NamedTuple):
    """A regressor, the fixed effects, and whether one cluster is far larger than the others."""

    name: str
    regressor: str
    fe: tuple[str, ...]
    giant: bool = False


DESIGNS = (
    Design("varies by cluster and year", "cell", ("unit", "year")),
    Design("4 clusters treated midway", "treated", ("unit", "year")),
    Design("random walk, one giant cluster", "walk", ("unit", "year"), giant=True),
    Design("constant in the cluster, year effects", "cluster", ("year",)),
)


def panel(design: Design, groups: int, number: int) -> pd.DataFrame:
    """Return panel ``number``: units in clusters, a regressor x without effect, a control z."""
    rng = np.random.default_rng([number, groups, DESIGNS.index(design)])
    sizes = np.r_[60, np.full(groups - 1, 3)] if design.giant else rng.integers(2, 12, groups)
    group = np.repeat(np.repeat(np.arange(groups), sizes), YEARS)
    unit, year = np.repeat(np.arange(sizes.sum()), YEARS), np.tile(np.arange(YEARS), sizes.sum())
    own = rng.normal(size=len(group))
    shock = 0.6 * rng.normal(size=(groups, YEARS))[group, year]
    if design.regressor == "treated":
        x = ((group < 4) & (year >= YEARS // 2)).astype(float)
    elif design.regressor == "walk":
        x = np.cumsum(rng.normal(size=(groups, YEARS)), axis=1)[group, year] + 0.2 * own
    elif design.regressor == "cluster":
        x = rng.normal(size=groups)[group] + 0.3 * own
        shock = 0.6 * rng.normal(size=groups)[group]
    else:
        x = rng.normal(size=(groups, YEARS))[group, year] + 0.5 * own
    z = 0.5 * x + rng.normal(size=len(group))
    index = 0.5 * rng.normal(size=unit.max() + 1)[unit] + shock + 0.3 * z
    return pd.DataFrame({"unit": unit, "year": year, "group": group, "x": x, "z": z,
                         "y": rng.poisson(3 * np.exp(index)).astype(float)})


def rejections(design: Design, groups: int, draws: int, reps: int) -> tuple[float, float]:
    """Return the shares rejected by the column's p and by the bootstrap's."""
    model = {"y": "y", "x": ["x"], "controls": ["z"], "fe": list(design.fe),
             "estimator": "ppml", "se": {"cluster": "group"}}
    own = wild = 0
    for number in range(draws):
        frame = panel(design, groups, number)
        done = gk.fit(frame, {**model, "wild": False}, unit="unit", time="year")
        own += done.p["x"] <= LEVEL
        test = wild_bootstrap(frame, model, unit="unit", time="year", draws=reps, seed=number)
        wild += test["x"].p <= LEVEL
    return own / draws, wild / draws


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--reps", type=int, default=399)
    given = parser.parse_args()
    print(f"Rejections at {LEVEL:.0%}, {given.draws:,} panels, {given.reps} draws each")
    print(f"{'regressor':<40}{'clusters':>9}{'own p':>8}{'bootstrap':>11}")
    for design in DESIGNS:
        for groups in (15, 8):
            own, wild = rejections(design, groups, given.draws, given.reps)
            print(f"{design.name:<40}{groups:>9}{own:>8.3f}{wild:>11.3f}", flush=True)


if __name__ == "__main__":
    main()
