"""Resolve what brings data: data entries, indices, the panel, and the names that come of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gvckit.errors import Problem, Where, listing
from gvckit.indices.tree import IMPUTED
from gvckit.sophistication.registry import TRADE_MEASURES
from gvckit.spec.names import Namespace, Reader
from gvckit.spec.positions import TreePath
from gvckit.spec.resolved import PanelSpec, Values
from gvckit.spec.schema.arranged import Panel
from gvckit.spec.schema.built import BuiltEntry
from gvckit.spec.schema.coerce import parse_years
from gvckit.spec.schema.measured import CompositeEntry, Indicator, MeasureEntry
from gvckit.spec.schema.root import SpecFile
from gvckit.spec.schema.sources import FileEntry, IcioEntry
from gvckit.spec.validate import Checked

__all__ = ["Brought", "brought_values", "filter_values", "indicators", "namespace",
           "pillars", "resolve_indices", "resolve_panel"]


@dataclass(frozen=True, slots=True)
class Brought:
    """What sources bring: value → source, value → where it is declared, source → its keys.

    ``keys`` of a source are without time for an index (time is the panel's).
    """

    values: dict[str, str] = field(default_factory=dict)
    places: dict[str, TreePath] = field(default_factory=dict)
    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)


def brought_values(file: SpecFile, reader: Reader) -> Brought:
    """Return every value that a data file or an index brings; complain about names used twice."""
    brought = Brought()
    for name, entry in file.data.items():
        if isinstance(entry, FileEntry):
            brought.sources[name] = tuple(entry.keys)
            for value in entry.take:
                _bring(brought, value, name, ("data", name, "take", value), reader)
            for value in _derived(entry, ("data", name, "derive"), reader):
                _bring(brought, value, name, ("data", name, "derive", value), reader)
    time = file.panel.time if file.panel else None
    for name, index in file.indices.items():
        if name in file.data:
            reader.complain(f"{name!r} names a data entry and an index", ("indices", name),
                            on_key=True)
        keys = index.by
        if isinstance(index, MeasureEntry) and time and time not in keys and _timed(
                index, file, time):
            keys = (*keys, time)
        brought.sources[name] = keys
        _bring(brought, name, name, ("indices", name), reader)
        if isinstance(index, CompositeEntry):
            _bring(brought, f"{name}{IMPUTED}", name, ("indices", name), reader)
            for pillar, path in pillars(index.pillars, ("indices", name, "pillars")):
                column = index.pillar_column(name, pillar)
                if column is not None:
                    _bring(brought, column, name, path, reader)
    return brought


def _derived(entry: FileEntry, base: TreePath, reader: Reader) -> Iterator[str]:
    """Return the values made of those that an entry takes; check their expressions.

    Each may use those before it, so that none needs itself.
    """
    known = {*entry.keys, *entry.take}
    for value, text in entry.derive.items():
        reader.expression(text, (*base, value), Namespace(frozenset(known), what="value"))
        known.add(value)
        yield value


def _timed(index: MeasureEntry, file: SpecFile, time: str) -> bool:
    """Return whether a measure has a value a year: not of a cross-section of exports."""
    row = TRADE_MEASURES.get(index.measure)
    if row is None:
        return True
    exports = file.data.get(index.exports or "")
    cross = isinstance(exports, FileEntry) and time not in exports.keys
    return not cross and not row.timeless(index.parameters)


def _bring(brought: Brought, value: str, source: str, path: TreePath, reader: Reader) -> None:
    if value in brought.values:
        first = reader.document.key_at(brought.places[value])
        reader.complain(f"{value!r} comes from {source!r} and from {brought.values[value]!r} "
                        f"({first}); give one of them another name", path, on_key=True)
        return
    brought.values[value], brought.places[value] = source, path


def pillars(tree: Any, path: TreePath = ()) -> Iterator[tuple[str, TreePath]]:
    """Return the pillars of a tree with their paths, each before those below it."""
    if isinstance(tree, dict):
        for name, branch in tree.items():
            yield name, (*path, name)
            yield from pillars(branch, (*path, name))


def indicators(tree: Any, path: TreePath = ()) -> Iterator[tuple[Indicator, TreePath]]:
    """Return the leaves of a tree of pillars with their paths."""
    if isinstance(tree, dict):
        for name, branch in tree.items():
            yield from indicators(branch, (*path, name))
    else:
        for i, leaf in enumerate(tree):
            yield leaf, (*path, i)


def resolve_indices(file: SpecFile, brought: Brought, checked: Checked, reader: Reader) -> None:
    """Check what the indices are computed from."""
    broken = checked.declared("data") - set(file.data)
    tables = {n for n, e in file.data.items() if isinstance(e, IcioEntry)} | broken
    frames = {n for n, e in file.data.items() if isinstance(e, FileEntry)} | broken
    names = Namespace(frozenset(brought.values), tolerated=frozenset(checked.tolerated),
                      what="indicator")
    uses: dict[str, list[str]] = {}
    for name, index in file.indices.items():
        base: TreePath = ("indices", name)
        if isinstance(index, CompositeEntry):
            uses[name] = _leaves(index, base, brought, names, reader)
            continue
        if isinstance(index, BuiltEntry):
            uses[name] = _ingredients(index, base, brought, checked, reader)
            continue
        for key, declared, what in (
                ("icio", tables, "data entry with tables"),
                *((key, frames, "data file") for key in ("exports", "income", "population",
                                                         "levels", "satellite"))):
            reference = getattr(index, key)
            if reference is not None:
                reader.reference(reference, (*base, key), declared, what)
    for loop in cycles(uses):
        reader.complain(f"{' needs '.join(loop)}: an index cannot need itself",
                        ("indices", loop[0]), on_key=True)


def _leaves(index: CompositeEntry, base: TreePath, brought: Brought, names: Namespace,
            reader: Reader) -> list[str]:
    """Check the expressions of a composite; return the indices that they use."""
    used: list[str] = []
    seen: dict[str, Where] = {}
    for leaf, path in indicators(index.pillars, (*base, "pillars")):
        path = (*path, "is")
        where = reader.document.value_at(path)
        if leaf.expression in seen:
            reader.problems.append(Problem(
                f"the indicator {leaf.expression!r} stands in the index twice; "
                f"first at {seen[leaf.expression]}", where))
        seen.setdefault(leaf.expression, where)
        expression = reader.expression(leaf.expression, path, names)
        if expression is not None:
            used += [brought.values[n] for n in expression.names if n in brought.values]
    return used


def _ingredients(index: BuiltEntry, base: TreePath, brought: Brought, checked: Checked,
                 reader: Reader) -> list[str]:
    """Check the values that an index is built from; return the sources that they come from."""
    places: list[tuple[str, TreePath]] = [(name, (*base, "of", i))
                                          for i, name in enumerate(index.of)]
    places += [(name, (*base, key)) for key in ("weights", "until")
               if (name := getattr(index, key)) is not None]
    return [brought.values[name] for name, path in places
            if reader.reference(name, path, brought.values, "value", checked.tolerated)
            and name in brought.values]


def cycles(uses: Mapping[str, list[str]]) -> list[list[str]]:
    """Return the loops among names that use one another, each once, from its first name on."""
    loops: list[list[str]] = []
    done: set[str] = set()
    for start in uses:
        stack: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            stack.append((start, iter(uses[start])))
        while stack:
            name, following = stack[-1]
            on_path = [n for n, _ in stack]
            for used in following:
                if used in on_path:
                    loops.append([*on_path[on_path.index(used) :], used])
                elif used in uses and used not in done:
                    stack.append((used, iter(uses[used])))
                    break
            else:
                done.add(name)
                stack.pop()
    return loops


def resolve_panel(panel: Panel, brought: Brought, checked: Checked, reader: Reader) -> PanelSpec:
    """Check the keys, the rows and the merges of the panel."""
    for i, key in enumerate(panel.unit):
        if key in (*panel.unit[:i], panel.time):
            reader.complain(f"the key {key!r} is given twice", ("panel", "unit", i))
    for key in panel.keys:
        if key in brought.values:
            reader.complain(f"{key!r} is a key of the panel and a value of "
                            f"{brought.values[key]!r}", brought.places[key], on_key=True)
    if reader.reference(panel.rows, ("panel", "rows"), brought.sources, "index or data entry",
                        checked.tolerated):
        given = brought.sources[panel.rows]
        if set(given) != set(panel.keys):
            reader.complain(f"the rows {panel.rows!r} have the keys {listing(given)}; the panel "
                            f"has {listing(panel.keys)}", ("panel", "rows"))
    seen = {panel.rows}
    for i, merge in enumerate(panel.merge):
        base: TreePath = ("panel", "merge", i)
        for j, key in enumerate(merge.on):
            reader.reference(key, (*base, "on", j), panel.keys, "panel key")
        for j, name in enumerate(merge.sources):
            path = (*base, "with", j)
            if name in seen:
                reader.complain(f"{name!r} is in the panel already", path)
            elif reader.reference(name, path, brought.sources, "index or data entry",
                                  checked.tolerated):
                seen.add(name)
                given = brought.sources[name]
                if set(given) != set(merge.on) <= set(panel.keys):
                    reader.complain(f"{name!r} has the keys {listing(given)}, but is merged on "
                                    f"{listing(merge.on)}", path)
    origin = reader.document.key_at(("panel",))
    return PanelSpec(panel.unit, panel.time, panel.rows, panel.merge,
                     filter_values(panel.keep, panel.keys, panel.time, ("panel", "keep"), reader),
                     filter_values(panel.drop, panel.keys, panel.time, ("panel", "drop"), reader),
                     panel.balanced, origin)


def filter_values(given: Mapping[str, tuple[str, ...]], keys: tuple[str, ...], time: str,
                  base: TreePath, reader: Reader) -> Values:
    """Return the values by key with years as numbers; complain about unknown keys."""
    values: dict[str, tuple[str | int, ...]] = {}
    for key, texts in given.items():
        if not reader.reference(key, (*base, key), keys, "panel key", on_key=True):
            continue
        if key != time:
            values[key] = texts
            continue
        years: list[int] = []
        for i, text in enumerate(texts):
            span = parse_years(text)
            if isinstance(span, str):
                reader.complain(span, (*base, key, i))
            else:
                years += span
        values[key] = tuple(sorted(set(years)))
    return values


def namespace(panel: PanelSpec | None, brought: Brought, variables: Mapping[str, Any],
              checked: Checked) -> Namespace:
    """Return the names that variables, samples and models may use; any where there is no panel."""
    if panel is None:
        return Namespace(closed=False)
    merged = set(panel.sources)
    names = {value for value, source in brought.values.items() if source in merged}
    return Namespace(
        frozenset({*panel.keys, *names, *variables}),
        {v: s for v, s in brought.values.items() if s not in merged},
        frozenset(checked.tolerated))
