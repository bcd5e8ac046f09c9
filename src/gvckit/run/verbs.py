"""What the verbs of the command line do."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

from gvckit.errors import ReplicationMismatch, SpecError, listing, unknown
from gvckit.run.progress import reporter_for

__all__ = ["check", "explain", "plan", "run", "schema", "verify"]


def run(arguments: Namespace) -> int:
    """Run a spec; print one line about each thing that was written."""
    from gvckit.run import api

    workers = 1 if arguments.scheduler else arguments.workers or os.cpu_count() or 1
    reporter = reporter_for(sys.stderr)
    summary = api.run_spec(
        arguments.spec, arguments.out, arguments.data, store=arguments.store,
        workers=workers, scheduler=arguments.scheduler, only=arguments.only,
        reporter=reporter)
    for name, reason in summary.not_estimated.items():
        sys.stderr.write(f"not estimated: {name}: {reason}\n")
    for name, what in summary.dropped.items():
        sys.stderr.write(f"warning: model {name}: {what}\n")
    for name, reason in summary.not_made.items():
        sys.stderr.write(f"not made: {name}: {reason}\n")
    if summary.earlier:
        sys.stderr.write("of an earlier run, with other code, data or spec: "
                         f"{listing(summary.earlier)}\n")
    for name in summary.files:
        sys.stdout.write(f"{Path(arguments.out) / name}\n")
    if summary.card:
        counts = ", ".join(f"{count} {verdict}" for verdict, count in summary.card.items() if count)
        sys.stdout.write(f"report card: {counts}\n")
    if summary.missed:
        sys.stdout.write(summary.card_text)
        raise ReplicationMismatch(list(summary.missed))
    return 0


def check(arguments: Namespace) -> int:
    """Say that a spec is right and its files have what it names; what is wrong is raised."""
    from gvckit.run import api
    from gvckit.spec.compile.headers import check_headers

    prepared = api.prepare(arguments.spec, arguments.data)
    check_headers(prepared.compiled.steps)
    spec = prepared.spec
    sys.stdout.write(
        f"{arguments.spec}: {len(spec.data)} data entries, {len(spec.indices)} indices, "
        f"{len(spec.models)} models, {len(spec.tables)} tables, "
        f"{len(prepared.compiled.steps)} steps; nothing is wrong\n")
    for name, reason in prepared.compiled.not_made.items():
        sys.stdout.write(f"not made: {name}: {reason}\n")
    return 0


def plan(arguments: Namespace) -> int:
    """Say which steps would run, and why."""
    from gvckit.run import api, explain

    prepared = api.prepare(arguments.spec, arguments.data)
    compiled = prepared.compiled
    targets = [*compiled.outputs,
               *(s.name for s in compiled.steps if s.name.startswith("models."))]
    planned = explain.plan(compiled.steps, targets, api.open_store(prepared, arguments.store))
    for step in planned:
        sys.stdout.write(f"{step}\n")
    counts = {status: sum(s.status == status for s in planned)
              for status in ("run", "cached", "blocked")}
    sys.stdout.write(", ".join(f"{n} {status}" for status, n in counts.items() if n) + "\n")
    return 0


def explain(arguments: Namespace) -> int:
    """Say what a model, step or cell consists of; without a name, list what can be explained."""
    from gvckit.run import api, provenance
    from gvckit.run.explain import explain as explain_step
    from gvckit.spec.explain import explain_model

    prepared = api.prepare(arguments.spec, arguments.data)
    spec, steps = prepared.spec, prepared.compiled.steps
    names = {s.name for s in steps}
    if arguments.name is None:
        for name in spec.models:
            sys.stdout.write(explain_model(spec, name) + "\n\n")
        sys.stdout.write(f"steps: {listing([s.name for s in steps], 400)}\n")
        return 0
    name = arguments.name
    found = [n for n in (name, f"models.{name}", f"tables.{name}", f"indices.{name}",
                         f"data.{name}") if n in names]
    if name in spec.models:
        sys.stdout.write(explain_model(spec, name) + "\n\n")
    elif name in spec.variables:
        variable = spec.variables[name]
        sys.stdout.write(f"{name} = {variable.expression.text}  # {variable.origin}\n\n")
        found = ["variables"]
    elif not found and (cell := provenance.find_cell(spec, name)) is not None:
        sys.stdout.write(provenance.provenance(
            spec, prepared.compiled, cell, api.open_store(prepared, arguments.store)))
        return 0
    if not found:
        raise SpecError(unknown("model, variable, table, cell or step", name,
                                {*spec.models, *spec.variables, *names}))
    sys.stdout.write(explain_step(steps, found[0], api.open_store(prepared, arguments.store)))
    return 0


def verify(arguments: Namespace) -> int:
    """Rehash the outputs; exit status 2 where one differs from its manifest."""
    from gvckit.run.verified import remarks
    from gvckit.run.verified import verify as differences

    out = Path(arguments.out)
    problems = differences(out)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if not problems:
        sys.stdout.write(f"{arguments.out}: every output is as its manifest says\n")
    for remark in remarks(out):
        sys.stdout.write(f"{remark}\n")
    return 2 if problems else 0


def schema(arguments: Namespace) -> int:
    """Print the JSON Schema of a spec."""
    import json

    from gvckit.spec.schema.root import spec_json_schema

    sys.stdout.write(json.dumps(spec_json_schema(), ensure_ascii=False, indent=2) + "\n")
    return 0
