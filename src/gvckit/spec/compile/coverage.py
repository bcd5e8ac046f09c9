"""The step of a table of coverage: its indices, and what is known of their indicators."""

from __future__ import annotations

from typing import Any

from gvckit.run.step import Step
from gvckit.spec.compile.labels import dictionary, indicator_labels
from gvckit.spec.compile.plan import Draft, names_in, plain, step_of
from gvckit.spec.schema.measured import CompositeEntry
from gvckit.spec.schema.shown import Table
from gvckit.spec.sources import indicators

__all__ = ["coverage_step"]


def coverage_step(draft: Draft, name: str, table: Table, code: tuple[str, ...]) -> Step:
    """Return the step of the coverage table ``name``."""
    spec = draft.spec
    labels: dict[str, dict[str, Any]] = {}
    for index in table.indices:
        labels |= _labels(draft, index)
    return Step(
        f"tables.{name}", "gvckit.run.tasks.coverage:render", code=code,
        params={"id": name, "of": [_entry(draft, index) for index in table.indices],
                "languages": list(spec.paper.languages), "title": plain(table.title) or None,
                "dictionary": dict(sorted(labels.items()))},
        inputs={"parts": {index: step_of(draft, index) for index in table.indices}},
        libraries=("numpy", "pandas"), origin=spec.where("tables", name, key=True))


def _entry(draft: Draft, name: str) -> dict[str, Any]:
    """Return what the table shows of an index or a data entry."""
    spec = draft.spec
    time = spec.panel.time if spec.panel else "year"
    index = spec.indices.get(name)
    if isinstance(index, CompositeEntry):
        signs = {leaf.expression: leaf.direction for leaf, _ in indicators(index.pillars)}
        return {"name": name, "tree": True, "directions": signs, "note": plain(index.note)}
    entry: Any = index if index is not None else spec.data[name]
    keys = list(entry.by if index is not None else entry.keys)
    if index is not None and index.kind == "measure" and time not in keys:
        keys.append(time)
    return {"name": name, "tree": False, "directions": {},
            "columns": [name] if index is not None else list(entry.values),
            "unit": [k for k in keys if k != time], "time": time if time in keys else None,
            "note": plain(getattr(entry, "note", None))}


def _labels(draft: Draft, name: str) -> dict[str, dict[str, Any]]:
    spec = draft.spec
    index = spec.indices.get(name)
    if index is None:
        return dictionary(spec, getattr(spec.data[name], "values", ()))
    found = dictionary(spec, [name])
    if isinstance(index, CompositeEntry):
        labels = indicator_labels(spec, index)
        for leaf, _ in indicators(index.pillars):
            known = labels.get(leaf.expression, {})
            used = names_in([leaf.expression])
            if not leaf.expression.isidentifier() and len(used) == 1:
                # An expression of one value keeps its source.
                known = {**{k: v for k, v in dictionary(spec, used).get(used[0], {}).items()
                            if k == "source"}, **known}
            if known:
                found[leaf.expression] = known
    return found
