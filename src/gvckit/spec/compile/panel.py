"""Steps of the panel: its rows, the merges, derived variables, and what each result needs."""

from __future__ import annotations

from collections.abc import Sequence

from gvckit.run.step import Step
from gvckit.spec.compile.data import TABLE_MEMORY, table_years
from gvckit.spec.compile.plan import Draft, names_in, plain, step_of
from gvckit.spec.positions import Parts

__all__ = ["add_selection", "compile_panel"]

LIBRARIES = ("numpy", "pandas")


def compile_panel(draft: Draft) -> None:
    """Add the steps ``rows``, ``panel`` and ``variables``, and the panel's report."""
    spec = draft.spec
    panel = spec.panel
    if panel is None:
        return
    unit, time = draft.keys()
    parts = Parts(spec.document, ("panel",))
    choose = {key: value for key, value in (
        ("keep", plain(panel.keep)), ("drop", plain(panel.drop)),
        ("balanced", panel.balanced)) if value}
    draft.add(Step("rows", "gvckit.run.tasks.rows:choose",
                   params={"unit": unit, "time": time, "choose": choose},
                   inputs={"source": step_of(draft, panel.rows)}, libraries=LIBRARIES,
                   origin=panel.origin, parts=parts))
    merges = [{"with": list(m.sources), "on": list(m.on), "match": m.match,
               "unmatched": m.unmatched, "expect": plain(m.expect)} for m in panel.merge]
    merged = {name: step_of(draft, name) for merge in panel.merge for name in merge.sources}
    draft.add(Step("panel", "gvckit.run.tasks.merge:build",
                   params={"unit": unit, "time": time, "merges": merges, "rows_name": panel.rows},
                   inputs={"rows": "rows", "sources": merged}, libraries=LIBRARIES,
                   origin=panel.origin, parts=parts))
    scales = {v.name: v.scale for v in spec.variables.values() if v.scale is not None}
    draft.add(Step("variables", "gvckit.run.tasks.derive:variables",
                   params={"unit": unit, "time": time, "scales": scales,
                           "variables": {v.name: v.expression.text
                                         for v in spec.variables.values()}},
                   inputs={"panel": "panel"}, libraries=LIBRARIES,
                   origin=spec.where("variables", key=True) if spec.variables else panel.origin,
                   parts=Parts(spec.document, ("variables",))))
    files = {name: f"data.{name}" for name in spec.data if f"data.{name}" in draft.steps}
    audits = {f"{name}.{year}": draft.add(Step(
        f"audit.{name}.{year}", "gvckit.run.tasks.audit:audit",
        inputs={"table": f"data.{name}.{year}"}, libraries=("numpy",),
        origin=spec.where("data", name, key=True), memory=TABLE_MEMORY))
        for name in spec.data for year in table_years(draft, name)}
    draft.outputs.append(draft.add(Step(
        "panel-report", "gvckit.run.tasks.panel_report:write",
        inputs={"sources": files, "audits": audits, "panel": "panel",
                "variables": "variables"},
        origin=panel.origin)))


def add_selection(draft: Draft, owner: str, texts: Sequence[str], sample: str | None,
                  expressions: Sequence[str] = (), suffix: str = "") -> str:
    """Add the step that chooses columns and sample for ``owner``, and return its name.

    ``texts`` are what it uses; ``expressions`` become columns of their own; ``suffix`` tells the
    samples of one owner apart.
    """
    spec = draft.spec
    unit, time = draft.keys()
    chosen = spec.samples[sample] if sample else None
    params = {"unit": unit, "time": time, "columns": names_in(texts),
              "expressions": list(expressions),
              "sample": {k: v for k, v in chosen.to_dict().items() if v} if chosen else {}}
    return draft.add(Step(
        f"rows.{owner}{suffix}", "gvckit.run.tasks.select:select", params=params,
        inputs={"variables": "variables"}, libraries=LIBRARIES,
        origin=chosen.origin if chosen else spec.where(*owner.split(".", 1), key=True),
        parts=Parts(spec.document, ("samples", str(sample)))))
