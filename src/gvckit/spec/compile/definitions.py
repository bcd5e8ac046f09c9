"""What made the indices behind the variables of a table, for its note."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from gvckit.errors import GvckitError, SpecError
from gvckit.indices.options import Options, parse_options
from gvckit.measures.registry import MEASURES
from gvckit.measures.sets import sector_sets
from gvckit.panel.expressions import parse
from gvckit.panel.nodes import Call, Name, Node, children
from gvckit.run.canonical import dumps
from gvckit.sophistication.registry import TRADE_MEASURES
from gvckit.spec.compile.labels import dictionary, indicator_labels
from gvckit.spec.compile.plan import plain
from gvckit.spec.compile.sectors import names_of, sectors_of
from gvckit.spec.compile.wording import in_words
from gvckit.spec.resolved import Spec
from gvckit.spec.schema.built import BuiltEntry
from gvckit.spec.schema.measured import CompositeEntry, MeasureEntry
from gvckit.spec.schema.sources import FileEntry
from gvckit.spec.sources import indicators

__all__ = ["definitions"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SAID = ("winsor", "only", "standardise", "log")
"""Functions of one variable that a note tells; ``lag`` and the like are told by labels."""

_SILENT = ("lag", "lead", "diff", "growth")
_SHOWN_BY_LABEL = re.compile(r"\bln\b|\blog|对数", re.IGNORECASE)
_OPTIONS = ("shift", "scale", "floor", "range", "require", "require_unit", "require_within",
            "consistency", "moments", "goalposts", "reference", "cap", "ties", "points", "cut",
            "power", "orness", "shares", "group", "leave_out")
_BUILT_DEFAULTS = {"partners": {"how": "mean"}, "heterogeneity": {"distance": "differs"},
                   "commitments": {"value": "depth"}}

Labels = dict[str, str]


def definitions(spec: Spec, terms: Iterable[str], *, told: Collection[str] = ()
                ) -> dict[str, Any]:
    """Return what :func:`gvckit.report.definitions.definition_notes` reads, for some terms.

    A term, which may be an expression, is traced through derived variables back to indices.  How
    variables that are ``told`` elsewhere are made of them is left out.
    """
    found = _Trace(spec, told)
    for term in dict.fromkeys(terms):
        for name in _words(term):
            found.variable(name)
    out = {"indices": [_index(spec, name, users) for name, users in found.indices.items()],
           "formulas": found.formulas, "changed": found.changed(),
           "sectors": sectors_of(spec, found.indices)}
    return {key: value for key, value in out.items() if value}


def _words(term: str) -> list[str]:
    """Return the variables of a term, which may be names joined by ``*``."""
    try:
        return list(parse(term).variables)
    except SpecError:
        return _NAME.findall(term)


class _Trace:
    """Follows variables to the indices that they are made of."""

    def __init__(self, spec: Spec, told: Collection[str]) -> None:
        self.spec, self.told = spec, frozenset(told)
        self.indices: dict[str, list[Labels]] = {}
        self.formulas: list[dict[str, Any]] = []
        self._changes: dict[str, tuple[list[list[Any]], list[Labels]]] = {}
        self._seen: set[str] = set()

    def changed(self) -> list[dict[str, Any]]:
        """Return what was done to variables, each change with their labels."""
        return [{"steps": steps, "variables": labels}
                for steps, labels in self._changes.values()]

    def variable(self, name: str) -> None:
        """Follow one variable."""
        if name in self._seen:
            return
        self._seen.add(name)
        label = _label(self.spec, name)
        source = self.spec.values.get(name, "")
        if source in self.spec.indices:
            self.indices.setdefault(source, []).append(label)
            return
        if name not in self.spec.variables:
            return
        steps, base = self._chain(self.spec.variables[name].expression.node, label)
        if steps and name not in self.told:
            self._changes.setdefault(dumps(steps), (steps, []))[1].append(label)
        if isinstance(base, Name):
            for index in self._indices_of(base.name):
                self.indices.setdefault(index, []).append(label)
            if base.name in self.spec.variables:
                self.variable(base.name)
            return
        below = _made_of(base)
        if name not in self.told and any(self._indices_of(n) for n in below):
            self.formulas.append({"label": label, "text": in_words(
                self.spec, self.spec.variables[name].expression.node)})
        for used in below:
            if self._indices_of(used):
                self.variable(used)

    def _chain(self, node: Node, label: Labels) -> tuple[list[list[Any]], Node]:
        """Return the changes from the outside in, and what they are made to."""
        steps: list[list[Any]] = []
        while isinstance(node, Call) and node.args and node.function in (*_SAID, *_SILENT):
            if node.function == "winsor":
                by = node.key("by")
                steps.append(["winsor", node.number("p"), *([self._keys(by)] if by else [])])
            elif node.function == "only":
                steps.append(["only", self._condition(node.args[1])])
            elif node.function == "standardise":
                steps.append(["standardise", self._keys(node.key("by"))])
            elif node.function == "log" and not any(map(_SHOWN_BY_LABEL.search, label.values())):
                steps.append(["log"])
            node = self._inside(node.args[0])
        return _over(steps), node

    def _inside(self, node: Node) -> Node:
        """Return the change behind a variable that is nothing but a change of another."""
        if isinstance(node, Name) and node.name in self.spec.variables:
            made = self.spec.variables[node.name].expression.node
            if isinstance(made, Call) and made.args and made.function in (*_SAID, *_SILENT):
                return made
        return node

    def _keys(self, names: Iterable[str]) -> list[str | Labels]:
        """Return keys as they are, and variables that group rows by their labels."""
        return [_label(self.spec, name) if name in self.spec.variables else name
                for name in names]

    def _condition(self, node: Node) -> Labels:
        if isinstance(node, Name):
            return _label(self.spec, node.name)
        return in_words(self.spec, node, condition=True)

    def _indices_of(self, name: str) -> list[str]:
        """Return the indices that a name is made of."""
        found: dict[str, None] = {}
        waiting, seen = [name], {name}
        while waiting:
            one = waiting.pop(0)
            source = self.spec.values.get(one, "")
            if source in self.spec.indices:
                found[source] = None
            elif one in self.spec.variables:
                fresh = [n for n in _made_of(self.spec.variables[one].expression.node)
                         if n not in seen]
                seen.update(fresh)
                waiting += fresh
        return list(found)


def _over(steps: list[list[Any]]) -> list[list[Any]]:
    """Return the steps with the rows that values are standardised over.

    They are those of the next ``only`` inside, which is told with it where it comes next.
    """
    found: list[list[Any]] = []
    for i, step in enumerate(steps):
        if step[0] == "standardise":
            over = next((later[1] for later in steps[i + 1:] if later[0] == "only"), None)
            found.append([*step, *([over] if over else [])])
        elif not (step[0] == "only" and i and steps[i - 1][0] == "standardise"):
            found.append(step)
    return found


def _made_of(node: Node) -> list[str]:
    """Return the variables whose values a value is made of; conditions only choose among them."""
    found: dict[str, None] = {}
    waiting = [node]
    while waiting:
        current = waiting.pop(0)
        if isinstance(current, Name):
            found[current.name] = None
        elif isinstance(current, Call) and current.function == "only":
            waiting.append(current.args[0])
        elif isinstance(current, Call) and current.function == "where":
            waiting += current.args[1:]
        else:
            waiting += children(current)
    return list(found)


def _label(spec: Spec, name: str) -> Labels:
    label = dictionary(spec, [name]).get(name, {}).get("label")
    return dict(label) if label else {"en": name, "zh": name}


def _index(spec: Spec, name: str, users: list[Labels]) -> dict[str, Any]:
    entry = spec.indices[name]
    own = {"name": name, "label": _label(spec, name), "users": users}
    if isinstance(entry, CompositeEntry):
        return {**own, "kind": "composite", **_composite(spec, entry)}
    if isinstance(entry, BuiltEntry):
        return {**own, "kind": "built", **_built(spec, entry)}
    account = _account(spec, entry.satellite, entry.absent) if entry.satellite else {}
    return {**own, "kind": "measure", **_measure(entry, names_of(spec, entry)), **account}


def _account(spec: Spec, source: str, absent: str | None) -> dict[str, Any]:
    """Return the account that a measure counts: its label, and what stands for no value."""
    data = spec.data[source]
    assert isinstance(data, FileEntry)
    value = next(iter(data.values))
    label = data.labels.get(value) or data.label or {"en": value, "zh": value}
    return {"account": dict(label), "absent": absent or "error"}


def _measure(entry: MeasureEntry, names: Mapping[str, Labels]) -> dict[str, Any]:
    row: Any = MEASURES.get(entry.measure) or TRADE_MEASURES.get(entry.measure)
    parameters = dict(plain(entry.parameters))
    value, words = entry.value or "", ""
    if row is not None:
        standard = {p.name: p.default for p in row.parameters if p.default is not None}
        parameters = {**standard, **parameters}
        words = row.words
        value = value or (row.value if isinstance(row.value, str) else "")
    found = {"measure": entry.measure, "value": value, "parameters": parameters, "words": words}
    sets = {s.name: list(s.sectors) for s in sector_sets()}
    named = parameters.get("sectors")
    if isinstance(named, list) and len(named) == 1:
        named = named[0]
    if isinstance(named, str) and named in sets:
        known = bool(names) and set(sets[named]) <= set(names)
        found["parameters"] = {**parameters, "sectors": sets[named] if known else named}
        if not known:  # where the sectors have names, these say more than that of the set
            found["members"] = sets[named]
    return found


def _composite(spec: Spec, entry: CompositeEntry) -> dict[str, Any]:
    given = {k: v for k, v in plain(entry.composite.model_dump()).items()
             if v not in (None, [], {})}
    try:
        options = parse_options(given)
    except GvckitError:
        return {"count": 0, "normalise": "", "weights": [], "aggregate": [], "missing": []}
    usual = Options()
    leaves = [leaf for leaf, _ in indicators(entry.pillars)
              if leaf.expression not in options.leave_out]
    labels = indicator_labels(spec, entry)
    further = {key: plain(getattr(options, key)) for key in _OPTIONS
               if getattr(options, key) != getattr(usual, key)}
    if len(options.weights) > 1:
        further["combine"] = options.combine
    named = {leaf.expression: labels[leaf.expression]["label"] for leaf in leaves
             if labels.get(leaf.expression, {}).get("label")}
    own = [{"label": labels.get(leaf.expression, {}).get("label")
            or {"en": leaf.expression, "zh": leaf.expression}, "missing": list(leaf.missing)}
           for leaf in leaves if leaf.missing and tuple(leaf.missing) != options.missing]
    return {"count": len(leaves), "normalise": options.normalise,
            "weights": list(options.weights), "aggregate": list(options.aggregate),
            "missing": list(options.missing), "max_gap": options.max_gap, "treat": options.treat,
            "own": own, "options": further, **({"names": named} if further else {})}


def _built(spec: Spec, entry: BuiltEntry) -> dict[str, Any]:
    parameters: Mapping[str, Any] = {
        **_BUILT_DEFAULTS.get(entry.build, {}),
        **({"how": "max"} if entry.build == "commitments" and "country" in entry.by else {}),
        **entry.parameters}
    named = {key: _label(spec, name) for key in ("weights", "until")
             if (name := getattr(entry, key))}
    return {"build": entry.build, "of": [_label(spec, name) for name in entry.of],
            "parameters": {**plain(parameters), **named}}
