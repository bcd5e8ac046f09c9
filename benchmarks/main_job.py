"""Time the main job, cold and warm, as ratios to things measured in the same run.

    python benchmarks/main_job.py --data ../shared/data

Cold is the whole run in a new process with an empty store; its unit is reading the 17 WIOD tables
and factorising each once, in one process and one thread.  Start-up is in units of
``python -c "import sys"``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

SPEC = Path(__file__).resolve().parent.parent / "specs" / "digital-gvc" / "paper.yaml"
UNIT = """
import sys
from scipy.linalg import lu_factor
import numpy as np, gvckit as gk
for year in range(1995, 2012):
    table = gk.read_icio("wiod2013", year, data=sys.argv[1])
    A = np.divide(table.Z, table.X, out=np.zeros_like(table.Z), where=table.X > 0)
    lu_factor(np.eye(table.n) - A)
"""


def seconds(command: Sequence[str], repeat: int = 1) -> float:
    """Return the least wall time of a command."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    taken = []
    for _ in range(repeat):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=env)
        taken.append(time.perf_counter() - start)
    return min(taken)


def peak(command: Sequence[str]) -> tuple[float, float]:
    """Return wall time and the peak resident memory (GiB) of a command and its children."""
    import psutil

    start = time.perf_counter()
    process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.02):
            total = 0
            try:
                for one in [process, *process.children(recursive=True)]:
                    total += one.memory_info().rss
            except psutil.Error:
                continue
            most = max(most, total)

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    done.set()
    watcher.join()
    if status:
        raise SystemExit(f"the run ended with status {status}")
    return time.perf_counter() - start, most / 2**30


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--workers", default="2")
    arguments = parser.parse_args()
    gvckit = [sys.executable, "-m", "gvckit.cli"]
    with tempfile.TemporaryDirectory() as folder:
        run = [*gvckit, "run", str(SPEC), "--data", arguments.data, "--out", f"{folder}/out",
               "--store", f"{folder}/store", "--workers", arguments.workers]
        cold, memory = peak(run)
        warm = seconds(run, 3)
        size = sum(p.stat().st_size for p in Path(folder, "store").rglob("*") if p.is_file())
        out = sum(p.stat().st_size for p in Path(folder, "out").rglob("*") if p.is_file())
    unit = seconds([sys.executable, "-c", UNIT, arguments.data])
    nothing = seconds([sys.executable, "-c", "import sys"], 10)
    imported = seconds([sys.executable, "-c", "import gvckit"], 10)
    helped = seconds([*gvckit, "--help"], 10)
    print(f"read 17 tables and factorise each (unit)  {unit:6.2f} s")
    print(f"cold run, {arguments.workers} workers                       {cold:6.2f} s   "
          f"{cold / unit:5.2f} units   peak {memory:.2f} GiB")
    print(f"again                                     {warm:6.2f} s   {warm / unit:5.2f} units")
    print(f"store {size / 2**20:.0f} MiB, outputs {out:,} bytes")
    print(f"import gvckit {imported / nothing:.1f}x, --help {helped / nothing:.1f}x "
          f"python -c 'import sys' ({nothing * 1000:.0f} ms)")


if __name__ == "__main__":
    main()
