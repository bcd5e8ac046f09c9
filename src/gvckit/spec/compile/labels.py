"""The variable dictionary: label, unit, formula and source of what tables show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gvckit.indices.builders import BUILDERS
from gvckit.indices.tree import IMPUTED
from gvckit.spec.compile.plan import names_in
from gvckit.spec.resolved import Spec
from gvckit.spec.schema.built import BuiltEntry
from gvckit.spec.schema.measured import CompositeEntry, MeasureEntry
from gvckit.spec.schema.sources import FileEntry
from gvckit.spec.sources import indicators, pillars

__all__ = ["KEY_LABELS", "dictionary", "indicator_labels"]

KEY_LABELS: Mapping[str, Mapping[str, str]] = {
    "country": {"en": "Country", "zh": "国家"}, "sector": {"en": "Sector", "zh": "行业"},
    "year": {"en": "Year", "zh": "年份"}, "exporter": {"en": "Exporter", "zh": "出口国"},
    "importer": {"en": "Importer", "zh": "进口国"}, "product": {"en": "Product", "zh": "产品"},
}


def dictionary(spec: Spec, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what is known about the variables ``names``, sorted by name."""
    found = {name: _entry(spec, name) for name in sorted(set(names))}
    return {name: entry for name, entry in found.items() if entry}


def indicator_labels(spec: Spec, index: CompositeEntry) -> dict[str, dict[str, Any]]:
    """Return what is known about the indicators of a composite index, by name."""
    found: dict[str, dict[str, Any]] = {
        pillar: {"label": dict(label)} for pillar, label in index.labels.items()}
    for leaf, _ in indicators(index.pillars):
        entry = _entry(spec, leaf.expression)
        if leaf.label:
            entry = {**entry, "label": dict(leaf.label)}
        if entry:
            found[leaf.expression] = entry
    return found


def _entry(spec: Spec, name: str) -> dict[str, Any]:
    if name in spec.variables:
        variable = spec.variables[name]
        text = variable.expression.text
        formula = f"{variable.scale:g} * ({text})" if variable.scale is not None else text
        return _filled(variable.label, variable.unit, formula=formula,
                       source="; ".join(_beneath(spec, name)))
    if name in KEY_LABELS and name not in spec.values:
        return {"label": dict(KEY_LABELS[name])}
    source = spec.values.get(name)
    if source is None:
        return {}
    if source in spec.indices:
        index = spec.indices[source]
        if name != source:
            return _part(index, source, name)
        return _filled(index.label, index.unit, formula=_measured(index),
                       source=_origin(spec, index))
    entry = spec.data[source]
    assert isinstance(entry, FileEntry)
    return _filled(entry.labels.get(name), entry.units.get(name) or entry.unit,
                   formula=str(entry.take[name]), source=_cited(entry))


def _part(index: MeasureEntry | CompositeEntry | BuiltEntry, source: str, name: str
          ) -> dict[str, Any]:
    """Return what is known about another column of an index: a pillar, the share imputed."""
    if not isinstance(index, CompositeEntry):
        return {}
    whole = {**dict.fromkeys(("en", "zh"), source), **(index.label or {})}
    if name == f"{source}{IMPUTED}":
        return _filled({"en": f"Share of indicators imputed: {whole['en']}",
                        "zh": f"插补指标占比：{whole['zh']}"}, "0 to 1")
    own = next((p for p, _ in pillars(index.pillars) if index.pillar_column(source, p) == name),
               name)
    return _filled(index.labels.get(own), index.unit)


def _beneath(spec: Spec, name: str) -> list[str]:
    """Return where the values beneath a derived variable come from."""
    sources: dict[str, None] = {}
    waiting, seen = [name], {name}
    while waiting:
        for used in spec.variables[waiting.pop(0)].expression.names:
            if used in seen:
                continue
            seen.add(used)
            if used in spec.variables:
                waiting.append(used)
            elif source := _entry(spec, used).get("source"):
                sources[str(source)] = None
    return list(sources)


def _filled(label: Mapping[str, str] | None, unit: str | None, *, formula: str = "",
            source: str = "") -> dict[str, Any]:
    entry = {"label": dict(label) if label else None, "unit": unit, "formula": formula,
             "source": source}
    return {key: value for key, value in entry.items() if value}


def _measured(index: MeasureEntry | CompositeEntry | BuiltEntry) -> str:
    if isinstance(index, BuiltEntry):
        return BUILDERS[index.build].words
    if isinstance(index, CompositeEntry):
        options = index.composite
        return (f"composite: {_words(options.normalise)}, {_words(options.weights)} weights, "
                f"{_words(options.aggregate)} mean")
    given = ", ".join(f"{key} {_words(value)}" for key, value in index.parameters.items())
    value = f" ({index.value})" if index.value else ""
    return f"{index.measure}{value}" + (f": {given}" if given else "")


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _origin(spec: Spec, index: MeasureEntry | CompositeEntry | BuiltEntry) -> str:
    if isinstance(index, BuiltEntry):
        return index.citation or ""
    if isinstance(index, CompositeEntry):
        found = {spec.values[n] for leaf, _ in indicators(index.pillars)
                 for n in names_in([leaf.expression]) if n in spec.values}
        cited = [_cited(entry) for source in sorted(found)
                 if isinstance(entry := spec.data.get(source), FileEntry)]
        return "; ".join(dict.fromkeys(cited))
    named = index.icio or index.exports
    return str(getattr(spec.data.get(named or ""), "source", None) or named or "")


def _cited(entry: FileEntry) -> str:
    return entry.citation or (entry.label or {}).get("en") or entry.file or entry.source or ""
