"""Time and memory of the decompositions, in units of one matrix inverse of the same size.

    python benchmarks/decomposition.py [--sizes 44x56,77x45,81x50] [--threads 2] [--repeats 5]
                                       [--wiod DATA]

The unit is the fastest of numpy.linalg.inv, scipy.linalg.inv and LU + getri with the queried work
size, on the table's own I − A.  Everything of one size runs in one process, rounds interleaved, on
the same threads; the peak memory is that of a fresh process that makes a table and calls `wwz` and
`borin_mancini`.  Tables are dense and random.  What the process frees it keeps (where the C library
can be told to): on a virtual machine the first touch of a page may cost more than all that is
computed in it, and would fall on whichever side came first.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import importlib.util
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import scipy.linalg
from scipy.linalg import lapack
from threadpoolctl import threadpool_limits

import gvckit as gk


def dense_table(G: int, N: int, seed: int = 1) -> gk.IcioTable:
    """Return a dense balanced table."""
    rng, n = np.random.default_rng(seed), G * N
    A = rng.uniform(size=(n, n))
    A *= rng.uniform(0.3, 0.7, n) / A.sum(axis=0)
    # Two categories, the second of them changes in inventories.
    F = np.stack([rng.uniform(1, 10, (n, G)), rng.uniform(-0.2, 0.2, (n, G))], axis=2)
    F = F.reshape(n, 2 * G)
    A[np.diag_indices(n)] -= 1
    X = np.linalg.solve(A, -F.sum(axis=1))
    A[np.diag_indices(n)] += 1
    A *= X
    return gk.IcioTable.from_arrays(A, F, countries=[f"C{g:02d}" for g in range(G)],
                                    sectors=[f"s{i:02d}" for i in range(N)],
                                    categories=("final", "inventories"), unit="M USD",
                                    policy={"output": "row-sums"})


CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
clock = time.perf_counter


def timed(call: Callable[[], object]) -> float:
    gc.collect()
    start = clock()
    call()
    return clock() - start


def inverses(matrix: np.ndarray) -> dict[str, Callable[[], object]]:
    def getri() -> object:
        lu, pivots, _ = lapack.dgetrf(matrix.T)
        return lapack.dgetri(lu, pivots, lwork=int(lapack.dgetri_lwork(len(lu))[0]))

    return {"numpy.linalg.inv": lambda: np.linalg.inv(matrix),
            "scipy.linalg.inv": lambda: scipy.linalg.inv(matrix),
            "LU + getri": getri}


def flagship(table: gk.IcioTable) -> None:
    io = gk.Leontief(table)
    gk.wwz(io)
    gk.borin_mancini(io)


MEASURES: dict[str, Callable[[gk.Leontief], object]] = {
    "wwz": gk.wwz,
    "borin_mancini source": gk.borin_mancini,
    "borin_mancini sink": lambda io: gk.borin_mancini(io, approach="sink"),
    "borin_mancini self, bilateral-sector": lambda io: gk.borin_mancini(io, perspective="self"),
    "borin_mancini self, bilateral": lambda io: gk.borin_mancini(
        io, perspective="self", level="bilateral"),
    "borin_mancini self, sector": lambda io: gk.borin_mancini(
        io, perspective="self", level="sector"),
    "borin_mancini world source": lambda io: gk.borin_mancini(
        io, perspective="world", level="country"),
    "borin_mancini world sink": lambda io: gk.borin_mancini(
        io, perspective="world", level="country", approach="sink"),
    "borin_mancini imports": lambda io: gk.borin_mancini(io, flow="imports", level="sector"),
    "kww": gk.kww, "vs": gk.vs, "vax": lambda io: gk.vax(io, by="bilateral-sector"),
    "tiva": lambda io: gk.tiva(io, by="bilateral-sector"),
    "value_added_origin, country by flow": lambda io: gk.value_added_origin(
        io, by=("origin", "exporter", "importer")),
    "value_added_origin, final demand": lambda io: gk.value_added_origin(io, use="final"),
    "production forward": gk.production,
    "production backward": lambda io: gk.production(io, direction="backward"),
    "lengths forward": gk.lengths,
    "lengths backward": lambda io: gk.lengths(io, direction="backward"),
    "position wwyz": gk.position,
    "position koopman": lambda io: gk.position(io, definition="koopman", iv="t3", fv="fva"),
    "participation production": gk.participation,
    "participation trade": lambda io: gk.participation(io, definition="trade"),
    "participation tripartite": lambda io: gk.participation(
        io, definition="tripartite", by="bilateral-sector"),
    "participation koopman": lambda io: gk.participation(
        io, definition="koopman", iv="t3", fv="fva"),
    "participation output cells": lambda io: gk.participation(io, definition="output_cells"),
    "value_added_origin, output": lambda io: gk.value_added_origin(
        io, use="output", by=("origin", "producer", "sector")),
    "borin_mancini imports by origin": lambda io: gk.borin_mancini(
        io, flow="imports", level="bilateral-sector"),
    "upstreamness net": lambda io: gk.upstreamness(io, inventory=io.table.categories[-1]),
    "upstreamness raw": lambda io: gk.upstreamness(io, inventories="raw"),
    "position upstreamness minus downstreamness": lambda io: gk.position(
        io, definition="u-d", inventories="raw"),
    "position ou-id": lambda io: gk.position(io, definition="ou-id"),
    "border_crossings forward": gk.border_crossings,
    "border_crossings backward": lambda io: gk.border_crossings(io, direction="backward"),
    "apl forward": gk.apl,
    "apl backward": lambda io: gk.apl(io, direction="backward"),
    "apl country pairs": lambda io: gk.apl(io, by="country-pair"),
}
"""What is timed on one table, in this order, on one Leontief system."""

ALONE: dict[str, Callable[[gk.Leontief], object]] = {
    "value_added_origin, full origin × exporter cube": gk.value_added_origin,
    "extraction of one exporter": lambda io: gk.extraction(io, exporters=[io.countries[0]]),
    "apl pairwise": lambda io: gk.apl(io, by="pairwise"),
}
"""What prints its own ratio: work that is a solve or a cube by definition."""


def keep_memory() -> None:
    """Tell glibc to give no memory back; elsewhere nothing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(-4, 0)              # M_MMAP_MAX: no mappings of their own for large arrays
        mallopt(-1, 2**31 - 1)      # M_TRIM_THRESHOLD


def one_size(G: int, N: int, repeats: int) -> None:
    table = dense_table(G, N)
    matrix = np.eye(table.n) - gk.Leontief(table).A
    times: dict[str, list[float]] = {}

    def note(name: str, seconds: float) -> None:
        times.setdefault(name, []).append(seconds)

    for _ in range(repeats):
        for name, call in inverses(matrix).items():
            note(name, timed(call))
        note("LU", timed(lambda: lapack.dgetrf(matrix.T)))
        note("wwz + borin_mancini source", timed(lambda: flagship(table)))
        io = gk.Leontief(table)
        steps = {"the system itself": timed(lambda: gk.Leontief(table))}
        steps |= {name: timed(partial(call, io)) for name, call in MEASURES.items()}
        for name, seconds in steps.items():
            note(name, seconds)
        note("every measure", sum(steps.values()))
    io = gk.Leontief(table)
    for name, call in ALONE.items():
        note(name, timed(partial(call, io)))
    peer = pymrio_system(table)
    if peer is not None:
        note("pymrio calc_system", min(timed(peer) for _ in range(repeats)))
    report(G, N, {name: min(seconds) for name, seconds in times.items()})


def pymrio_system(table: gk.IcioTable) -> Callable[[], object] | None:
    if importlib.util.find_spec("pymrio") is None:
        print("pymrio is not installed here, so its calc_system is not timed: pip install pymrio")
        return None
    import pandas as pd
    import pymrio

    rows = pd.MultiIndex.from_product([table.countries, table.sectors], names=["region", "sector"])
    columns = pd.MultiIndex.from_product([table.countries, table.categories],
                                         names=["region", "category"])
    Z = pd.DataFrame(np.array(table.Z), index=rows, columns=rows)
    Y = pd.DataFrame(np.array(table.F), index=rows, columns=columns)
    return lambda: pymrio.IOSystem(Z=Z, Y=Y).calc_system()


def report(G: int, N: int, best: dict[str, float]) -> None:
    unit = min(best[name] for name in ("numpy.linalg.inv", "scipy.linalg.inv", "LU + getri"))
    print(f"\n{G}×{N} (n = {G * N}): one unit = {unit:.3f} s")
    print(f"{'':52}{'seconds':>9}{'units':>8}{'LU':>8}")
    for name, seconds in best.items():
        print(f"{name:52}{seconds:9.3f}{seconds / unit:8.2f}{seconds / best['LU']:8.2f}")
    if "pymrio calc_system" in best:
        ratio = best["wwz + borin_mancini source"] / best["pymrio calc_system"]
        print(f"wwz + borin_mancini source take {ratio:.2f} of pymrio's calc_system")


def wiod(data: str, workers: int) -> None:
    """Time the command that computes every measure of 17 years, interpreters and all."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "gvckit.cli", "measure", "wiod2013", "all",
                   "--set", "sectors=wiod2013-digital", "--years", "1995-2011", "--data", data,
                   "--out", f"{out}/{{measure}}.parquet", "--store", f"{out}/store",
                   "--workers", str(workers)]
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        files = list(Path(out).glob("*.parquet"))
        size = sum(file.stat().st_size for file in files) / 2**20
        print(f"\n17 years of WIOD 2013, every measure, {len(files)} Parquet files "
              f"({size:.0f} MiB): {seconds:.1f} s with {workers} workers, of "
              f"{used.ru_utime + used.ru_stime:.1f} s of processor time")


def high_water() -> float:
    """Return this process's peak memory in GiB (ru_maxrss would inherit the parent's)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
    return int(line.split()[1]) / 2**20


def peak(G: int, N: int) -> float:
    """Return the peak memory in GiB of a fresh process that runs `wwz` and `borin_mancini`."""
    command = [sys.executable, str(Path(__file__).resolve()), "--memory-of", f"{G}x{N}"]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(out.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="44x56,77x45,81x50")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--clock", choices=CLOCKS, default="wall",
                        help="cpu: processor time, for a machine that does other things too")
    parser.add_argument("--wiod", metavar="DATA", help="folder that holds icio/wiod2013/")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    globals()["clock"] = CLOCKS[options.clock]
    with threadpool_limits(options.threads):
        if options.memory_of:
            G, N = map(int, options.memory_of.split("x"))
            flagship(dense_table(G, N))
            print(high_water())
            return
        keep_memory()
        if options.wiod:
            wiod(options.wiod, options.threads)
        for size in filter(None, options.sizes.split(",")):
            G, N = map(int, size.split("x"))
            one_size(G, N, options.repeats)
            print(f"peak memory of wwz + borin_mancini source: {peak(G, N):.2f} GiB")


if __name__ == "__main__":
    main()
