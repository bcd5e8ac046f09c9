"""Run every spec whose data are present, and compare with everything that was published.

    python replication/run.py --data ../shared/data --out out

writes each paper to ``out/NAME`` as ``gvckit run`` would, and for all of them one report card
(``out/report-card.md``, ``.json``) and one page that links everything (``out/index.html``).  Beside
each data folder a folder ``golden`` is looked in too.

Exit status, as ``gvckit run``: 0 all done; 1 our defect or the machine's; 2 something that you can
mend; 3 a published number that must be reproduced was not.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

STARTED = time.perf_counter()
HERE = Path(__file__).resolve().parent
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

from gvckit.errors import GvckitError  # noqa: E402 - after the path
from gvckit.run.engine import execute  # noqa: E402
from gvckit.run.executors import make_executor  # noqa: E402
from gvckit.run.fingerprint import default_roots  # noqa: E402
from gvckit.run.manifest import build_manifest  # noqa: E402
from gvckit.run.progress import reporter_for  # noqa: E402
from gvckit.run.publish import check_out, check_places, publish  # noqa: E402
from gvckit.run.result import RunResult  # noqa: E402
from gvckit.run.store import Store  # noqa: E402
from gvckit.sources.roots import DataRoots  # noqa: E402
from replication.card import headline, merged_card, missed  # noqa: E402
from replication.page import index_page  # noqa: E402
from replication.papers import (  # noqa: E402
    Paper,
    Ready,
    find_papers,
    finish,
    prefixed,
    ready,
    sliced,
    targets_of,
    told,
)
from replication.targets import read_targets, target_steps  # noqa: E402
from replication.usage import Peak  # noqa: E402

SPECS = HERE.parent / "specs"
TARGETS = "targets"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the specs and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", action="append", default=[], metavar="DIR", type=Path,
                        help="a data root; may be repeated; a folder golden beside it counts too")
    parser.add_argument("--out", default=Path("out"), metavar="DIR", type=Path)
    parser.add_argument("--specs", default=SPECS, metavar="DIR", type=Path,
                        help="the folder of the specs (default: specs/)")
    parser.add_argument("--store", metavar="DIR", type=Path,
                        help="where finished steps are kept (default: GVCKIT_STORE, or .gvckit "
                             "in the folder of the specs)")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    arguments = parser.parse_args(argv)
    with Peak() as peak:
        try:
            status = replicate(arguments.specs, with_golden(arguments.data), arguments.out,
                               arguments.store, arguments.workers)
        except GvckitError as error:
            sys.stderr.write(f"{error}\n")
            status = error.exit_code
    sys.stderr.write(f"{time.perf_counter() - STARTED:.1f} s, at most {peak.bytes / 2**30:.2f} "
                     "GiB of memory\n")
    return status


def with_golden(data: Sequence[Path]) -> tuple[Path, ...]:
    """Return the data folders, and behind them each folder ``golden`` that lies beside one."""
    beside = [folder.resolve().parent / "golden" for folder in data]
    return tuple(dict.fromkeys([*data, *(folder for folder in beside if folder.is_dir())]))


def replicate(specs: Path, data: Sequence[Path], out: Path, store: Path | None = None,
              workers: int = 2) -> int:
    """Run all papers and targets as one graph, write everything, and return the exit status."""
    chosen = store or Path(os.environ.get("GVCKIT_STORE") or specs / ".gvckit")
    check_out(out, "replication")
    check_places(out, chosen, specs, data)
    found = [ready(name, path, data, out) for name, path in find_papers(specs)]
    runnable = [paper for paper in found if isinstance(paper, Ready)]
    groups, targets = read_targets()
    plan = target_steps(groups, targets, DataRoots(specs, data, os.environ.get("GVCKIT_DATA")))
    steps = [step for paper in runnable
             for step in prefixed(paper.name, paper.prepared.compiled.steps)]
    steps += prefixed(TARGETS, plan.steps)
    wanted = [name for paper in runnable for name in targets_of(paper)]
    wanted += [f"{TARGETS}:{name}" for name in plan.verdicts]
    executor = make_executor(workers)
    try:
        result = execute(steps, wanted, Store(chosen), executor, reporter_for(sys.stderr),
                         roots={**default_roots(), "replication": HERE})
    finally:
        executor.close()
    papers = [finish(paper, result, out) if isinstance(paper, Ready) else paper for paper in found]
    own = sliced(result, TARGETS)
    checks = [row for name in plan.verdicts if name in own.records for row in own.outputs[name]]
    rows = [*(row for paper in papers for row in paper.checks), *checks]
    absent = {paper.name: paper.line for paper in papers if not paper.files}
    absent |= {f"{TARGETS}.{name}": why for name, why in plan.absent.items()}
    absent |= {f"{TARGETS}.{name}": told(error) for name, error in own.failed.items()}
    page = index_page(papers, checks, {
        name.removeprefix(f"{TARGETS}."): why for name, why in absent.items()
        if name.startswith(f"{TARGETS}.")})
    manifest = {**build_manifest(plan.steps, own), "paper": "replication",
                "papers": [paper.name for paper in papers if paper.files]}
    publish(out, {**merged_card(rows, absent), "index.html": page.encode()}, manifest)
    _say(papers, own)
    for row in missed(rows):
        sys.stderr.write(f"published {row['target']} {row['quantity']} = {row['printed']} "
                         f"({row['paper']}), ours {row['ours']}: {row['verdict']}\n")
    sys.stdout.write(f"{headline(rows)}\n{out / 'index.html'}\n")
    codes = {paper.status for paper in papers} | {own.exit_code, 3 if missed(rows) else 0}
    return next((code for code in (1, 2, 3) if code in codes), 0)


def _say(papers: Sequence[Paper], targets: RunResult) -> None:
    for paper in papers:
        sys.stdout.write(f"{paper.name:<28} {paper.line}\n")
    line = f"{len(targets.executed)} steps ran, {len(targets.hits)} kept"
    sys.stdout.write(f"{TARGETS:<28} {line}\n")
    for name, error in targets.failed.items():
        sys.stderr.write(f"{TARGETS}.{name}: {error}\n")


if __name__ == "__main__":
    sys.exit(main())
