"""Models and their indices: variants of an index, and indicators that the outcome is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gvckit.panel.expressions import Expression, parse
from gvckit.spec.names import Reader
from gvckit.spec.resolved import ModelSpec, VariableSpec
from gvckit.spec.schema.built import BuiltEntry
from gvckit.spec.schema.measured import CompositeEntry
from gvckit.spec.schema.root import SpecFile
from gvckit.spec.schema.sources import FileEntry
from gvckit.spec.sources import Brought, indicators
from gvckit.spec.validate import Checked

__all__ = ["AUTO", "Lineage", "check_index_models", "words_of"]

AUTO = "auto"


def words_of(text: str) -> tuple[str, ...]:
    """Return the variables of a term, which may be names joined by ``*``."""
    from gvckit.errors import SpecError
    from gvckit.panel.expressions import parse

    try:
        return parse(text).names
    except SpecError:
        return tuple(part.strip() for part in text.split("*"))


class Lineage:
    """What variables are made of: columns of files, and composite indices on the way."""

    def __init__(self, data: Mapping[str, Any], indices: Mapping[str, Any],
                 variables: Mapping[str, VariableSpec], values: Mapping[str, str]) -> None:
        self.data, self.composed, self.values = data, indices, values
        self.expressions: dict[str, Expression] = {n: v.expression for n, v in variables.items()}

    def of(self, text: str) -> frozenset[tuple[str, str]]:
        """Return the (file, column) pairs that a term is made of; a measure counts by its name."""
        return frozenset().union(*(self._name(name, ()) for name in words_of(text)))

    def indices(self, text: str) -> tuple[str, ...]:
        """Return the composite indices that a term uses directly or through variables, sorted."""
        found: set[str] = set()
        waiting, seen = list(words_of(text)), set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in self.expressions:
                waiting += self.expressions[name].names
            source = self.values.get(name)
            if source is not None and isinstance(self.composed.get(source), CompositeEntry):
                found.add(source)
        return tuple(sorted(found))

    def leaves(self, index: str) -> tuple[str, ...]:
        """Return the indicators of a composite index, without those that it leaves out."""
        entry = self.composed[index]
        assert isinstance(entry, CompositeEntry)
        return tuple(leaf.expression for leaf, _ in indicators(entry.pillars)
                     if leaf.expression not in entry.composite.leave_out)

    def shared(self, index: str, y: str) -> tuple[str, ...]:
        """Return the indicators of an index that share a column of a file with ``y``."""
        own = self.of(y)
        return tuple(leaf for leaf in self.leaves(index) if self.of(leaf) & own)

    def _name(self, name: str, above: tuple[str, ...]) -> frozenset[tuple[str, str]]:
        if name in above:
            return frozenset()
        path = (*above, name)
        if name in self.expressions:
            return self._all(self.expressions[name].names, path)
        source = self.values.get(name)
        if source is None:
            return frozenset()
        entry = self.data.get(source)
        if isinstance(entry, FileEntry):
            if name in entry.derive:
                return self._all(parse(entry.derive[name]).names, path)
            return frozenset({(entry.file or entry.source or "", entry.take.get(name, name))})
        index = self.composed.get(source)
        if isinstance(index, CompositeEntry):
            texts = [t for leaf in self.leaves(source) for t in words_of(leaf)]
            return self._all(texts, path)
        if isinstance(index, BuiltEntry):
            return self._all(index.names, path)
        return frozenset({("", source)})

    def _all(self, names: tuple[str, ...] | list[str], path: tuple[str, ...]
             ) -> frozenset[tuple[str, str]]:
        return frozenset().union(*(self._name(n, path) for n in names))


def check_index_models(file: SpecFile, models: Mapping[str, ModelSpec],
                       variables: Mapping[str, VariableSpec], brought: Brought, checked: Checked,
                       reader: Reader) -> None:
    """Check ``index_uncertainty`` and ``leave_out`` of every model."""
    lineage = Lineage(file.data, file.indices, variables, brought.values)
    composites = {n for n, e in file.indices.items() if isinstance(e, CompositeEntry)}
    known = composites | (checked.declared("indices") - set(file.indices))
    for model in models.values():
        used = {i for term in model.terms for i in lineage.indices(term)}
        uncertain = model.model.get("index_uncertainty")
        if uncertain is not None:
            for key, given in (("split", model.model.get("split")), ("vary", model.vary)):
                if given:
                    reader.complain(
                        f"index_uncertainty is of one estimate, and {key!r} makes several of "
                        f"{model.name!r}", model.sources["index_uncertainty"],
                        allowed="a model for each, with a sample of its own, or "
                                "index_uncertainty: ~ to leave it out")
            path = (*model.sources["index_uncertainty"], "index")
            if reader.reference(uncertain["index"], path, known, "composite index",
                                checked.tolerated) and uncertain["index"] in composites - used:
                reader.complain(f"no regressor of {model.name!r} uses the index "
                                f"{uncertain['index']!r}", path)
        for index, names in (model.model.get("leave_out") or {}).items():
            path = (*model.sources["leave_out"], index)
            if not reader.reference(index, path, known, "composite index", checked.tolerated,
                                    on_key=True) or index not in composites:
                continue
            if index not in used:
                reader.complain(f"no regressor of {model.name!r} uses the index {index!r}", path,
                                on_key=True)
            alone = names == [AUTO]
            for i, name in enumerate([] if alone else names):
                at = (*path, i) if (*path, i) in reader.document.positions else path
                reader.reference(name, at, lineage.leaves(index), "indicator",
                                 within=f" in {index!r}")
            if alone and model.model.get("y") and not lineage.shared(index, model.model["y"]):
                reader.complain(f"no indicator of {index!r} shares a source with the outcome "
                                f"{model.model['y']!r}", path, allowed="the indicators by name")
