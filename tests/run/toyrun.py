"""The toy paper's steps, and a program that runs them: toyrun.py STORE PACKAGE KIND [WORKERS]."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from gvckit.run.engine import execute
from gvckit.run.executors import make_executor
from gvckit.run.progress import Lines
from gvckit.run.step import Step
from gvckit.run.store import Store

PACKAGE = Path(__file__).resolve().parent / "toypaper"
ROOTS = {"toypaper": PACKAGE}
YEARS = (2000, 2001, 2002)


def paper_steps(title: str = "Sum") -> list[Step]:
    """Tables of three years, two measures each, two reports."""
    steps = []
    for year in YEARS:
        steps += [
            Step(f"table@{year}", "toypaper.tables:make", {"year": year}),
            Step(f"scale@{year}", "toypaper.measures:scale", inputs={"table": f"table@{year}"}),
            Step(f"parity@{year}", "toypaper.measures:parity", inputs={"table": f"table@{year}"}),
        ]
    return [
        *steps,
        Step("report", "toypaper.report:text", {"title": title},
             {"values": [f"scale@{year}" for year in YEARS]}),
        Step("flags", "toypaper.report:flags",
             inputs={"flags": {f"y{year}": f"parity@{year}" for year in YEARS}}),
    ]


def slow_steps(log: Path, width: int = 4, depth: int = 10, seconds: float = 0.04) -> list[Step]:
    """A grid of steps that sleep; each takes two of the row before."""
    steps = []
    for row in range(depth):
        for column in range(width):
            before = [f"s{row - 1}{c}" for c in (column, (column + 1) % width)] if row else []
            name = f"s{row}{column}"
            steps.append(Step(
                name, "toypaper.faults:slow", {"name": name, "log": str(log), "seconds": seconds},
                {"before": before} if before else {}))
    return steps


def array_steps() -> list[Step]:
    steps = [Step(f"matrix{i}", "toypaper.arrays:matrix", {"seed": i, "n": 120},
                  libraries=("numpy",)) for i in range(3)]
    steps += [Step(f"solve{i}", "toypaper.arrays:solve", inputs={"matrix": f"matrix{i}"})
              for i in range(3)]
    return [
        *steps,
        Step("summary", "toypaper.arrays:summarise",
             inputs={"bundles": [f"solve{i}" for i in range(3)]}),
        Step("spoilt", "toypaper.arrays:spoil", inputs={"bundle": "solve0"}),
    ]


def main(store: str, package: str, kind: str, workers: str = "1") -> None:
    # Before this file's own folder, for workers too.
    sys.path.insert(0, str(Path(package).parent))
    roots = {"toypaper": Path(package)}
    steps = {
        "paper": paper_steps,
        "arrays": array_steps,
        "slow": lambda: slow_steps(Path(store).parent / "log"),
    }[kind]()
    executor = make_executor(int(workers))
    result = execute(steps, None, Store(store), executor, Lines(sys.stderr), roots=roots)
    executor.close()
    print(json.dumps({
        "executed": result.executed, "hits": result.hits,
        "failed": {name: str(error) for name, error in result.failed.items()},
        "digests": {name: record.output.digest for name, record in result.records.items()}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)  # as the command line ends
