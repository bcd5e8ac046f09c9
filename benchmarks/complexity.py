"""Time of the complexity indices, against Python ecomplexity where it is installed.

    python benchmarks/complexity.py [--years 25] [--countries 230] [--products 5000]

Prints one line a measurement: seconds, what is allowed, and the ratio to it, with the load of the
machine.  Exit status 1 where a limit is missed.  ecomplexity (0.5.3; it needs scikit-learn) is
compared with where it is installed; it is no dependency.  The first measurement uses the trade of
1998-2000 in the shared data folder (GVCKIT_SHARED, or ../shared), or random trade of that size.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gvckit.sophistication.complexity import complexity
from gvckit.sophistication.proximity import proximity

RUNS = 5


def shared_trade() -> pd.DataFrame | None:
    """Return trade of 1998-2000 from the shared folder, or None where it is absent."""
    root = Path(os.environ.get("GVCKIT_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    path = root / "golden/trade/economiccomplexity/in_trade.csv"
    return pd.read_csv(path, dtype={"product": str}) if path.exists() else None


def random_trade(countries: int, products: int, years: int, seed: int = 1) -> pd.DataFrame:
    """Return trade in which capable countries export more products, labels as categoricals."""
    rng = np.random.default_rng(seed)
    capability = np.sort(rng.normal(size=countries))[:, None]
    difficulty = np.sort(rng.normal(size=products))
    parts = []
    for year in range(years):
        chance = 1.0 / (1.0 + np.exp(difficulty - capability - 0.2))
        c, p = np.nonzero(rng.random((countries, products)) < chance)
        parts.append((c, p, np.full(len(c), 1995 + year), rng.lognormal(10.0, 2.0, len(c))))
    c, p, t, value = (np.concatenate(each) for each in zip(*parts, strict=True))
    country = pd.Categorical.from_codes(c, [f"C{i:03d}" for i in range(countries)])
    product = pd.Categorical.from_codes(p, [f"{i:06d}" for i in range(products)])
    return pd.DataFrame({"country": country, "product": product, "year": t, "value": value})


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of the wall clock and of the processor; the shortest of several runs."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.3f} s ({self.cpu:.3f} s of processor time)"


def timed(run: Callable[[], object]) -> Took:
    """Return what one run takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def best(runs: Sequence[Took]) -> Took:
    """Return the shortest of several runs, wall clock and processor apart."""
    return Took(min(r.wall for r in runs), min(r.cpu for r in runs))


def peak_gib() -> float:
    """Return the largest memory that this process has had, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def tell(what: str, got: float, limit: float, unit: str = "s") -> bool:
    """Print a measurement and return whether it is within its limit."""
    within = got <= limit
    print(f"{what:62} {got:8.3f} {unit:4} of {limit:8.3f}  ratio {got / limit:6.3f}  "
          f"{'ok' if within else 'MISSED'}", flush=True)
    return within


def load() -> str:
    """Return how busy the machine is, in words."""
    return (f"load average {', '.join(f'{x:.2f}' for x in os.getloadavg())} on "
            f"{os.cpu_count()} processors")


def against_ecomplexity(trade: pd.DataFrame) -> list[bool]:
    """Compare with ecomplexity in time and in numbers; its own log check is switched off."""
    from ecomplexity import ecomplexity
    from ecomplexity import proximity as their_proximity

    names = {"time": "year", "loc": "country", "prod": "product", "val": "value"}
    dated = trade.assign(year=2000)

    def theirs() -> tuple[pd.DataFrame, pd.DataFrame]:
        # It prints the year and warns of products that nobody has.
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return (ecomplexity(dated, names, check_logsupermodularity=False, verbose=False),
                    their_proximity(dated, names))

    def ours() -> object:
        return complexity(trade), proximity(trade)

    # Turn by turn, so that what else the machine does slows both.
    turns = [(timed(ours), timed(theirs)) for _ in range(RUNS)]
    mine, other = best([a for a, _ in turns]), best([b for _, b in turns])
    reference, near = theirs()
    result = complexity(trade, convention="ecomplexity")
    eci = reference.groupby("country")["eci"].first()
    pci = reference.groupby("product")["pci"].first()
    got_eci, got_pci = (f.set_index(k)["index"] for f, k in (
        (result.country, "country"), (result.product, "product")))
    phi = proximity(trade)
    differences = [np.abs(got_eci.to_numpy() - eci[got_eci.index.astype(str)].to_numpy()).max(),
                   np.abs(got_pci.to_numpy() - pci[got_pci.index.astype(str)].to_numpy()).max(),
                   np.abs(phi.to_numpy().ravel() - near["proximity"].to_numpy()).max()]
    print(f"ECI + PCI + proximity, {trade['country'].nunique()} x {trade['product'].nunique()}: "
          f"{mine}; ecomplexity {other}; largest differences of ECI, PCI, proximity: "
          + ", ".join(f"{d:.1e}" for d in differences))
    return [tell("ECI + PCI + proximity against ecomplexity / 10, wall clock", mine.wall,
                 other.wall / 10),
            tell("ECI + PCI + proximity against ecomplexity / 10, processor", mine.cpu,
                 other.cpu / 10),
            *(d < 1e-9 for d in differences)]


def main() -> int:
    """Run all measurements; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=25)
    parser.add_argument("--countries", type=int, default=230)
    parser.add_argument("--products", type=int, default=5000)
    chosen = parser.parse_args()
    trade = shared_trade()
    if trade is None:
        trade = random_trade(226, 785, 1).drop(columns="year")
    done = []
    print(load())
    if importlib.util.find_spec("ecomplexity"):
        done += against_ecomplexity(trade)
    else:
        alone = best([timed(lambda: (complexity(trade), proximity(trade))) for _ in range(RUNS)])
        print(f"ECI + PCI + proximity, 226 x 785: {alone} (ecomplexity is not installed)")
    big = random_trade(chosen.countries, chosen.products, chosen.years)
    size = f"{chosen.countries} x {chosen.products}"
    print(f"{len(big):,} rows of {size} x {chosen.years} years; {peak_gib():.2f} GiB so far; "
          f"{load()}")
    took = timed(lambda: complexity(big, time="year"))
    done.append(tell(f"ECI + PCI, {size} x {chosen.years} years, wall clock", took.wall, 60.0))
    print(f"{'':62} {took.cpu:8.3f} s of processor time")
    years = [timed(lambda part=part: proximity(part.drop(columns="year")))
             for _, part in big.groupby("year", sort=True)]
    done.append(tell(f"proximity, {size}, the slowest of {chosen.years} years, wall clock",
                     max(y.wall for y in years), 5.0))
    total = took.wall + sum(y.wall for y in years)
    done.append(tell(f"ECI + PCI and proximity of all {chosen.years} years, wall clock", total,
                     60.0))
    print(f"{'':62} {took.cpu + sum(y.cpu for y in years):8.3f} s of processor time; {load()}")
    done.append(tell("peak memory", peak_gib(), 3.0, "GiB"))
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
