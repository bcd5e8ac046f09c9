"""Steps of the tables that audit a composite index; tables that ask for the same one share it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gvckit.indices.vary import VARIED, plan_of
from gvckit.run.canonical import dumps, sha256_text
from gvckit.run.step import Step
from gvckit.spec.compile.labels import dictionary, indicator_labels
from gvckit.spec.compile.plan import Draft, plain
from gvckit.spec.schema.measured import CompositeEntry
from gvckit.spec.schema.shown import Table

__all__ = ["index_audit_step"]

VARIANTS, POINTS = 500, 128


def index_audit_step(draft: Draft, name: str, table: Table, code: tuple[str, ...]) -> Step:
    """Return the step of the table ``name``."""
    spec = draft.spec
    index = spec.indices[str(table.of)]
    assert isinstance(index, CompositeEntry)
    vary = list(table.vary or VARIED)
    points = POINTS if table.points is None else table.points
    audit, keys = _audit(draft, str(table.of), vary, table.variants or VARIANTS, points)
    labels = {**dictionary(spec, [str(table.of)]), **indicator_labels(spec, index)}
    return Step(
        f"tables.{name}", "gvckit.run.tasks.index_audit:render",
        code=(*code, "gvckit.report.audit_tables"),
        params={"id": name, "kind": table.kind, "index": str(table.of), "vary": vary,
                "points": points, "unit": [k for k in keys["keys"] if k != keys["time"]],
                "time": keys["time"], "year": table.year,
                "languages": list(spec.paper.languages), "title": plain(table.title) or None,
                "notes": plain(table.notes), "dictionary": dict(sorted(labels.items()))},
        inputs={"audit": audit}, libraries=("numpy", "pandas"),
        origin=spec.where("tables", name, key=True))


def _audit(draft: Draft, index: str, vary: list[str], variants: int, points: int
           ) -> tuple[str, dict[str, Any]]:
    """Add the step of the audit; return its name and the keys of the index."""
    base = draft.steps[f"indices.{index}"]
    plan = plan_of(variants, vary)
    said = sha256_text(dumps([plan, points, base.params["tree"]]))
    name = f"audit-index.{index}.{said[:12]}"
    seed = int(sha256_text(dumps([draft.spec.paper.seed, name]))[:12], 16)
    draft.add(replace(base, name=name, fn="gvckit.run.tasks.index_audit:audit",
                      params={**base.params, "plan": plan, "points": points, "seed": seed}))
    return name, {"keys": base.params["keys"], "time": base.params["time"]}
