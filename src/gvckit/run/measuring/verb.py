"""The verbs ``measure`` and ``sources``."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gvckit.errors import DataError, Problem
from gvckit.run.engine import execute
from gvckit.run.executors import make_executor
from gvckit.run.measuring.chosen import joined_keys
from gvckit.run.measuring.plan import frame_rows, year_steps
from gvckit.run.measuring.request import PLACE, Request, make_request, output_path
from gvckit.run.measuring.write import Files, joined, largest, tidy_year
from gvckit.run.memory import available_memory
from gvckit.run.progress import Reporter, reporter_for
from gvckit.run.store import Store

__all__ = ["Written", "measure", "measure_years", "sources"]


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written.

    Attributes
    ----------
    path, rows, columns
        Where, how long, how wide.
    notes
        Measure → its definition, unit and largest identity gaps.
    """

    path: Path
    rows: int
    columns: tuple[str, ...]
    notes: Mapping[str, Any]


def measure_years(
    request: Request, *, store: str | Path | None = None, workers: int = 1,
    reporter: Reporter | None = None,
) -> list[Written]:
    """Compute measures over years and write them.

    Finished years are in the store: the same call takes them from there.

    Parameters
    ----------
    request
        What is asked for.
    store
        Where finished years are kept; default: ``GVCKIT_STORE``, then ``.gvckit`` here.
    workers
        Years side by side, as far as memory allows.
    reporter
        Hears how it goes.

    Raises
    ------
    DataError
        A table or a measure that cannot be had; no output has changed.
    StoreError
        The store or the output cannot be written.
    """
    steps = year_steps(request)
    _check_memory(request, steps[0].memory)
    if reporter is not None:
        reporter.say(f"{len(steps)} {'year' if len(steps) == 1 else 'years'} of "
                     f"{request.source.name}, about {steps[0].memory / 2**20:.0f} MiB each")
    kept = Store(Path(store or os.environ.get("GVCKIT_STORE") or ".gvckit"))
    executor = make_executor(max(1, min(workers, len(steps))))
    try:
        result = execute(steps, None, kept, executor, reporter)
    finally:
        executor.close()
    error = result.error()
    if error is not None:
        raise error
    return _written(request, {
        year: result.outputs[step.name] for year, step in zip(request.years, steps, strict=True)})


def _check_memory(request: Request, needed: int) -> None:
    """Refuse a year that no process here can hold, before anything is computed."""
    free = available_memory()
    if free is not None and needed > free:
        longest = max(request.asked, key=lambda one: frame_rows(one, request.source.rows))
        rows = frame_rows(longest, request.source.rows)
        raise DataError(Problem(
            f"a year of {request.source.name} needs about {needed / 2**30:.1f} GiB, and "
            f"{free / 2**30:.1f} GiB are free: {longest.name} by "
            f"{', '.join(longest.keys) or 'world'} has about {rows:.1g} rows",
            allowed="fewer keys in --by, or --set KEY=NAMES where the measure takes it"))


def _written(request: Request, years: Mapping[int, Mapping[str, Any]]) -> list[Written]:
    """Write one year after the other, so that only one is in memory."""
    names = [one.name for one in request.asked]
    about = _notes(request, [year["notes"] for year in years.values()])
    apart = PLACE in request.out or len(names) == 1
    held = {name: [name] for name in names} if apart else {"joined": names}
    with Files({name: output_path(request.out, name) for name in held},
               {name: _about(request, {m: about[m] for m in held[name]}) for name in held}
               ) as files:
        for year, bundle in years.items():
            frames = {name: bundle[name] for name in names}
            if apart:
                for one in request.asked:
                    name = one.name
                    files.write(name, tidy_year(frames[name], one.keys, year))
            else:
                keys = joined_keys(request.asked[0])
                files.write("joined", tidy_year(joined(frames, keys), keys, year))
    return [Written(path, files.rows[name], tuple(files.columns[name]),
                    {m: about[m] for m in held[name]}) for name, path in files.paths.items()]


def _notes(
    request: Request, years: Sequence[Mapping[str, Mapping[str, Any]]]
) -> dict[str, dict[str, Any]]:
    """Return what each measure is, with the largest gap of each identity over the years."""
    return {
        one.name: {
            **{key: years[0][one.name][key] for key in ("definition", "unit")},
            "identities": largest(year[one.name]["identities"] for year in years)}
        for one in request.asked}


def _about(request: Request, measures: Mapping[str, Any]) -> dict[str, Any]:
    return {"source": request.source.name, "citation": request.source.citation,
            "measures": dict(measures)}


def measure(arguments: Namespace) -> int:
    """Compute measures over years; print each file and what is in it."""
    request = make_request(
        arguments.source, arguments.measures, arguments.years, arguments.out, by=arguments.by,
        settings=arguments.settings, data=arguments.data, groups=arguments.groups,
        satellite=arguments.satellite, policy=arguments.policy)
    for name, reason in request.left_out.items():
        sys.stderr.write(f"left out: {name} ({reason})\n")
    written = measure_years(
        request, store=arguments.store, workers=arguments.workers or os.cpu_count() or 1,
        reporter=reporter_for(sys.stderr))
    for file in written:
        sys.stdout.write(f"{file.path}: {file.rows} rows; {', '.join(file.columns)}\n")
        for name, note in file.notes.items():
            sys.stdout.write(f"  {name} ({note['unit']}): {note['definition']}\n")
    return 0


def sources(_: Namespace) -> int:
    """List the catalogue: what each source is, its years, the files it looks for."""
    from gvckit.sources.catalogue import sources as catalogue

    for source in catalogue():
        first, last = source.years
        span = f"{first}" if first == last else f"{first}-{last}"
        sys.stdout.write(f"{source.name}  {span}  {source.unit}\n")
        for language in sorted(source.title):
            sys.stdout.write(f"  {source.title[language]}\n")
        files = " or ".join(source.patterns) or "none: computed"
        sys.stdout.write(f"  files: {files}\n  cite: {source.citation}\n")
    return 0
