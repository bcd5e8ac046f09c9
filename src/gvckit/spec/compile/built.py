"""Steps of indices that are built from barriers, agreements and trade."""

from __future__ import annotations

from gvckit.indices.builders import BUILDERS
from gvckit.run.step import Step
from gvckit.spec.compile.plan import Draft, step_of
from gvckit.spec.schema.built import BuiltEntry

__all__ = ["add_built"]


def add_built(draft: Draft, name: str, entry: BuiltEntry) -> None:
    """Add the step of the index ``name``."""
    builder = BUILDERS[entry.build]
    sources = dict.fromkeys(draft.spec.values[value] for value in entry.names)
    given = {**entry.parameters, **({"weights": entry.weights} if entry.weights else {}),
             **({"until": entry.until} if entry.until else {})}
    draft.add(Step(
        f"indices.{name}", "gvckit.run.tasks.built:build",
        params={"function": builder.function, "name": name, "of": list(entry.of),
                "by": list(entry.by), "parameters": given,
                "values": {value: draft.spec.values[value] for value in entry.names}},
        inputs={"sources": {source: step_of(draft, source) for source in sources}},
        code=(builder.function.split(":")[0],), libraries=("numpy", "pandas"),
        origin=draft.spec.where("indices", name, key=True)))
