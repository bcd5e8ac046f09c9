"""The variable dictionary: label, unit, formula and source of what tables show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gvckit.indices.tree import IMPUTED
from gvckit.report.definitions import listed_of
from gvckit.report.request import in_language
from gvckit.report.words_measures import BUILDERS, MEASURES
from gvckit.sources.catalogue import sources
from gvckit.spec.compile.plan import names_in
from gvckit.spec.compile.units import unit_of
from gvckit.spec.resolved import Spec
from gvckit.spec.schema.built import BuiltEntry
from gvckit.spec.schema.measured import CompositeEntry, MeasureEntry
from gvckit.spec.schema.sources import FileEntry
from gvckit.spec.sources import indicators, pillars

__all__ = ["KEY_LABELS", "dictionary", "indicator_labels"]

Text = dict[str, str]
"""A text by language."""

KEY_LABELS: Mapping[str, Mapping[str, str]] = {
    "country": {"en": "country", "zh": "国家"}, "sector": {"en": "sector", "zh": "行业"},
    "year": {"en": "year", "zh": "年份"}, "exporter": {"en": "exporter", "zh": "出口国"},
    "importer": {"en": "importer", "zh": "进口国"}, "product": {"en": "product", "zh": "产品"},
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
        return _filled(variable.label, variable.unit or _unit(spec, name), formula=formula,
                       source=_joined(_beneath(spec, name)))
    if name in KEY_LABELS and name not in spec.values:
        return {"label": dict(KEY_LABELS[name])}
    source = spec.values.get(name)
    if source is None:
        return {}
    if source in spec.indices:
        index = spec.indices[source]
        if name != source:
            return _part(index, source, name)
        return _filled(index.label, index.unit, formula=_measured(spec, index),
                       source=_origin(spec, index))
    entry = spec.data[source]
    assert isinstance(entry, FileEntry)
    return _filled(entry.labels.get(name), entry.units.get(name) or entry.unit,
                   formula=str(entry.values[name]), source=_cited(entry))


def _unit(spec: Spec, name: str, above: tuple[str, ...] = ()) -> Text | None:
    """Return the unit of a variable or value: as declared, or as what it is made of tells."""
    if name in spec.variables:
        variable = spec.variables[name]
        if variable.unit:
            return dict(variable.unit)
        if variable.scale is not None or name in above:
            return None
        return unit_of(variable.expression.node, lambda used: _unit(spec, used, (*above, name)))
    source = spec.values.get(name, "")
    if source in spec.indices:
        unit = spec.indices[source].unit
        return dict(unit) if unit and name == source else None
    entry = spec.data.get(source)
    if not isinstance(entry, FileEntry):
        return None
    unit = entry.units.get(name) or entry.unit
    return dict(unit) if unit else None


def _part(index: MeasureEntry | CompositeEntry | BuiltEntry, source: str, name: str
          ) -> dict[str, Any]:
    """Return what is known about another column of an index: a pillar, the share imputed."""
    if not isinstance(index, CompositeEntry):
        return {}
    whole = {**dict.fromkeys(("en", "zh"), source), **(index.label or {})}
    if name == f"{source}{IMPUTED}":
        return _filled({"en": f"Share of indicators imputed: {whole['en']}",
                        "zh": f"插补指标占比：{whole['zh']}"},
                       {"en": "0 to 1", "zh": "0至1"})
    own = next((p for p, _ in pillars(index.pillars) if index.pillar_column(source, p) == name),
               name)
    return _filled(index.labels.get(own), index.unit)


def _beneath(spec: Spec, name: str) -> list[Text]:
    """Return where the values beneath a derived variable come from."""
    sources: list[Text] = []
    waiting, seen = [name], {name}
    while waiting:
        for used in spec.variables[waiting.pop(0)].expression.names:
            if used in seen:
                continue
            seen.add(used)
            if used in spec.variables:
                waiting.append(used)
            elif source := _entry(spec, used).get("source"):
                sources.append(source)
    return sources


def _joined(sources: Iterable[Text]) -> Text:
    """Return sources one after another, each once, by language."""
    known = [s for s in sources if s]
    return {language: gap.join(dict.fromkeys(in_language(s, language) for s in known))
            for language, gap in (("en", "; "), ("zh", "；"))}


def _filled(label: Mapping[str, str] | None, unit: Mapping[str, str] | None, *,
            formula: str | Text = "", source: Text | None = None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "label": dict(label) if label else None, "unit": dict(unit) if unit else None,
        "formula": formula, "source": source if source and any(source.values()) else None}
    return {key: value for key, value in entry.items() if value}


def _measured(spec: Spec, index: MeasureEntry | CompositeEntry | BuiltEntry) -> Text:
    """Return what an index is in few words; its definition stands in the notes."""
    if isinstance(index, BuiltEntry):
        named = [_entry(spec, name).get("label") or {"en": name, "zh": name} for name in index.of]
        rule = BUILDERS.get(index.build, (index.build,) * 2)
        return {language: rule[place].format(of=listed_of(named, language))
                for place, language in enumerate(("en", "zh"))}
    if isinstance(index, CompositeEntry):
        return {"en": "composite index, see the notes", "zh": "合成指数，见注"}
    words = MEASURES.get(f"{index.measure}:{index.definition}") or MEASURES.get(index.measure)
    words = words or (index.measure, index.measure)
    return {"en": f"{words[0]}, see the notes", "zh": f"{words[1]}，见注"}


def _origin(spec: Spec, index: MeasureEntry | CompositeEntry | BuiltEntry) -> Text:
    if isinstance(index, BuiltEntry):
        return dict(index.citation or {"en": "", "zh": ""})
    if isinstance(index, CompositeEntry):
        found = {spec.values[n] for leaf, _ in indicators(index.pillars)
                 for n in names_in([leaf.expression]) if n in spec.values}
        return _joined(_cited(entry) for source in sorted(found)
                       if isinstance(entry := spec.data.get(source), FileEntry))
    named = index.icio or index.exports or ""
    entry = spec.data.get(named)
    if isinstance(entry, FileEntry):
        return _cited(entry)
    label = getattr(entry, "label", None)
    if label:
        return dict(label)
    source = str(getattr(entry, "source", None) or "")
    titles = {row.name: dict(row.title) for row in sources()}
    return titles.get(source) or {"en": source or named, "zh": source or named}


def _cited(entry: FileEntry) -> Text:
    if entry.label and not entry.citation:
        return dict(entry.label)
    if entry.citation:
        return dict(entry.citation)
    text = entry.file or entry.source or ""
    return {"en": text, "zh": text}
