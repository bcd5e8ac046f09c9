"""Run every spec whose data are present and print one line for each.

    python replication/run.py --data ../shared/data --out out

Exit status: 0 all done; otherwise the highest status of a spec (1, 2 or 3, as ``gvckit run``).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from gvckit.errors import DataError, GvckitError
from gvckit.run import api

SPECS = Path(__file__).resolve().parent.parent / "specs"


def main(argv: list[str] | None = None) -> int:
    """Run the specs and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", action="append", default=[], metavar="DIR")
    parser.add_argument("--out", default="out", metavar="DIR")
    parser.add_argument("--store", metavar="DIR", help="default: .gvckit beside each spec")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    arguments = parser.parse_args(argv)
    worst = 0
    for path in sorted(SPECS.rglob("paper.yaml")):
        name = path.parent.relative_to(SPECS).as_posix()
        status, line = one(path, name, arguments)
        worst = max(worst, status)
        sys.stdout.write(f"{name:<24} {line}\n")
        sys.stdout.flush()
    return worst


def one(path: Path, name: str, arguments: argparse.Namespace) -> tuple[int, str]:
    """Run one spec; return its exit status and what to print."""
    started = time.perf_counter()
    try:
        api.prepare(path, arguments.data)
    except DataError as error:
        return 0, f"data not present: {str(error).splitlines()[0]}"
    except GvckitError as error:
        if all("no file" in problem.what for problem in error.problems):
            return 0, f"data not present: {error.problems[0].what}"
        return error.exit_code, f"failed: {error}"
    store = Path(arguments.store) / name if arguments.store else None
    try:
        summary = api.run(path, Path(arguments.out) / name, arguments.data, store=store,
                          workers=arguments.workers)
    except GvckitError as error:
        return error.exit_code, f"failed ({error.exit_code}): {str(error).splitlines()[0]}"
    seconds = time.perf_counter() - started
    card = ", ".join(f"{count} {verdict}" for verdict, count in summary.card.items() if count)
    return 0, (f"{len(summary.executed)} steps ran, {len(summary.hits)} kept, "
               f"{len(summary.files)} files, {seconds:.1f} s"
               + (f"; published: {card}" if card else ""))


if __name__ == "__main__":
    sys.exit(main())
