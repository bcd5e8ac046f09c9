"""Steps that measure: one a year and measure, one for each composite index."""

from __future__ import annotations

from typing import Any

from gvckit.errors import GvckitError, Problem, SpecError, listing, unknown
from gvckit.indices.options import parse_options
from gvckit.indices.tree import parse_tree
from gvckit.measures.registry import MEASURES, Measure, measure
from gvckit.run.canonical import dumps, sha256_text
from gvckit.run.step import Step
from gvckit.sophistication.registry import TRADE_MEASURES
from gvckit.spec.compile.built import add_built
from gvckit.spec.compile.data import TABLE_MEMORY, table_years
from gvckit.spec.compile.parameters import check_parameters
from gvckit.spec.compile.plan import Draft, names_in, plain, step_of
from gvckit.spec.compile.trade import compile_trade
from gvckit.spec.positions import Parts
from gvckit.spec.schema.built import BuiltEntry
from gvckit.spec.schema.measured import CompositeEntry, Indicator, MeasureEntry
from gvckit.spec.schema.sources import FileEntry
from gvckit.spec.sources import pillars

__all__ = ["compile_indices", "step_of"]

LIBRARIES = ("numpy", "pandas", "scipy")
_OF_TABLES = ("groups", "partners", "sector_groups", "satellite")


def compile_indices(draft: Draft) -> None:
    """Add the steps of the section ``indices``."""
    for name, entry in draft.spec.indices.items():
        try:
            if isinstance(entry, CompositeEntry):
                _composite(draft, name, entry)
            elif isinstance(entry, BuiltEntry):
                add_built(draft, name, entry)
            else:
                _measure(draft, name, entry)
        except GvckitError as error:
            draft.blame(error.located(draft.spec.where("indices", name, key=True),
                                      Parts(draft.spec.document, ("indices", name))))


def _measure(draft: Draft, name: str, entry: MeasureEntry) -> None:
    spec = draft.spec
    where = spec.where("indices", name, "measure")
    if entry.measure in TRADE_MEASURES:
        draft.problems += [Problem(
            f"{entry.measure} takes no {key}", spec.where("indices", name, key, key=True),
            allowed="a measure of tables, such as wwz or production")
            for key in _OF_TABLES if getattr(entry, key)]
        compile_trade(draft, name, entry)
        return
    try:
        row = measure(entry.measure)
    except GvckitError as error:
        known = [*MEASURES, *TRADE_MEASURES]
        draft.blame(type(error)(unknown("measure", entry.measure, known, where)))
        return
    if entry.icio is None:
        draft.problems.append(Problem(f"the measure {row.name} needs tables",
                                      spec.where("indices", name, key=True),
                                      allowed="icio: a data entry with tables"))
        return
    time = spec.panel.time if spec.panel else "year"
    level = _level(draft, name, entry, row, time)
    value = entry.value or row.value
    if not value:
        draft.problems.append(Problem(f"{row.name} has a column for each sector: name one",
                                      spec.where("indices", name, key=True),
                                      allowed="value: a sector of the table"))
    elif row.columns and value not in row.columns:
        draft.problems.append(unknown(f"value of {row.name}", value, row.columns,
                                      spec.where("indices", name, "value")))
    check_parameters(draft, name, entry, row.name, row.parameters)
    _check_koopman(draft, name, entry, row)
    account = _account(draft, name, entry, row, time)
    groups = _groups_of(draft, name, entry, row)
    years = table_years(draft, entry.icio)
    if level is None or not years:
        return
    arguments = _seeded(draft, name, row, entry.parameters)
    origin = spec.where("indices", name, key=True)
    memory = 0 if getattr(spec.data[entry.icio], "source", None) == "sample" else TABLE_MEMORY
    steps = [draft.add(Step(
        f"indices.{name}.{year}", "gvckit.run.tasks.measures:one_year",
        params={"function": row.function, "level": level,
                "arguments": row.switched(arguments),
                "keys": [key for key in entry.by if key != time], "value": value, "name": name,
                "time": time, "year": year, **({"account": account} if account else {}),
                **groups},
        inputs={"table": f"data.{entry.icio}.{year}",
                **({"satellite": f"data.{entry.satellite}"} if account else {})},
        code=(row.function.split(":")[0],),
        libraries=LIBRARIES, origin=origin, parts=Parts(spec.document, ("indices", name)),
        memory=memory)) for year in years]
    draft.add(Step(f"indices.{name}", "gvckit.run.tasks.measures:stack",
                   inputs={"years": steps}, libraries=("pandas",), origin=origin))


def _account(draft: Draft, name: str, entry: MeasureEntry, row: Measure, time: str
             ) -> dict[str, Any]:
    """Return what a satellite account is: its value, whether it has time, who may be absent."""
    if entry.satellite is None:
        return {}
    spec, where = draft.spec, draft.spec.where("indices", name, "satellite")
    if "satellite" not in row.takes:
        takers = [r.name for r in MEASURES.values() if "satellite" in r.takes]
        draft.problems.append(Problem(f"{row.name} takes no satellite account",
                                      spec.where("indices", name, "satellite", key=True),
                                      allowed=listing(takers, len(takers))))
    data = spec.data.get(entry.satellite)
    if not isinstance(data, FileEntry):
        draft.problems.append(Problem(f"{entry.satellite!r} is no data file", where))
        return {}
    if not {"country", "sector"} <= set(data.keys) <= {"country", "sector", time}:
        draft.problems.append(Problem(
            f"{entry.satellite!r} has the keys {listing(data.keys)}", where,
            allowed=f"country, sector, and {time} where years differ"))
    if len(data.values) != 1:
        draft.problems.append(Problem(f"{entry.satellite!r} has {len(data.values)} values", where,
                                      allowed="an entry with one: the account"))
    return {"value": next(iter(data.values), ""), "timed": time in data.keys,
            "absent": entry.absent or "error"}


def _groups_of(draft: Draft, name: str, entry: MeasureEntry, row: Measure) -> dict[str, Any]:
    """Return the groups of countries, importers and sectors; nothing where there are none."""
    given = {"groups": entry.groups, "partners": entry.partners, "sectors": entry.sector_groups}
    if row.name.startswith("digital-placebo") and entry.groups:
        draft.problems.append(Problem("random suppliers are drawn for countries, not for groups",
                                      draft.spec.where("indices", name, "groups", key=True)))
    draft.problems += [
        Problem("a group has members", draft.spec.where("indices", name, word, group),
                allowed="[DEU, FRA]")
        for word in ("groups", "partners", "sector_groups")
        for group, members in getattr(entry, word).items() if not members]
    for key, what in (("partners", "importers"), ("sectors", "sectors")):
        if given[key] and key not in row.takes:
            word = "sector_groups" if key == "sectors" else key
            draft.problems.append(Problem(
                f"{row.name} takes no groups of {what}",
                draft.spec.where("indices", name, word, key=True),
                allowed=listing(r.name for r in MEASURES.values() if key in r.takes)))
    return {key: plain(own) for key, own in given.items() if own}


def _seeded(draft: Draft, name: str, row: Measure, given: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with a seed where the measure draws: the same in every year."""
    if "seed" in given or not any(p.name == "seed" for p in row.parameters):
        return given
    text = dumps([draft.spec.paper.seed, f"indices.{name}"])
    return {**given, "seed": int(sha256_text(text)[:12], 16)}


def _level(draft: Draft, name: str, entry: MeasureEntry, row: Measure, time: str) -> str | None:
    wanted = tuple(key for key in entry.by if key != time)
    levels = row.levels(entry.parameters)
    for level, keys in levels.items():
        if wanted in (keys, _sellers_named(keys, wanted)):
            return level
    allowed = "; ".join(f"by: [{', '.join(keys)}]" for keys in list(levels.values())[:12])
    draft.problems.append(Problem(f"{row.name} is not measured by {', '.join(wanted)}",
                                  draft.spec.where("indices", name, "by"), allowed=allowed))
    return None


def _sellers_named(keys: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys with the only country among them named as it is wanted."""
    roles = ("country", "exporter", "producer")
    single = [key for key in keys if key in roles] == [keys[0]] if keys else False
    if single and wanted and wanted[0] in roles and "importer" not in keys:
        return (wanted[0], *keys[1:])
    return keys


def _check_koopman(draft: Draft, name: str, entry: MeasureEntry, row: Measure) -> None:
    if entry.definition != "koopman":
        return
    for parameter in row.parameters:
        if parameter.name in ("iv", "fv") and parameter.name not in entry.parameters:
            draft.problems.append(Problem(
                f"the Koopman definition needs {parameter.name!r}: papers disagree, and the "
                "choice can turn the sign", draft.spec.where("indices", name, key=True),
                allowed=", ".join(parameter.allowed)))


def _composite(draft: Draft, name: str, entry: CompositeEntry) -> None:
    spec = draft.spec
    options = {key: value for key, value in plain(entry.composite.model_dump()).items()
               if value not in (None, [], {})}
    expressions: dict[str, str] = {}
    tree = _tree(entry.pillars, expressions)
    parse_tree(tree, entry.composite.pillar_weights)
    parse_options(options)
    constant = [text for text in expressions if not names_in([text])]
    if constant:
        raise SpecError([f"the indicator {text!r} is a constant" for text in constant])
    sources = dict.fromkeys(
        spec.values[variable]
        for variable in [*_variables(tree, expressions), *_groups(entry)]
        if variable in spec.values)
    time = spec.panel.time if spec.panel else None
    inputs: dict[str, Any] = {"sources": {s: step_of(draft, s) for s in sources}}
    if spec.panel is not None and spec.panel.rows != name:
        inputs["rows"] = "rows"
    draft.add(Step(
        f"indices.{name}", "gvckit.run.tasks.indices:build",
        params={"name": name, "column": "index", "keys": list(entry.by),
                "time": time if time in entry.by else None,
                "tree": {"composite": options, "pillars": tree}, "expressions": expressions,
                "pillars": {pillar: column for pillar, _ in pillars(entry.pillars)
                            if (column := entry.pillar_column(name, pillar)) is not None},
                "years": list(entry.years or ())},
        inputs=inputs, libraries=LIBRARIES, origin=spec.where("indices", name, key=True),
        parts=Parts(spec.document, ("indices", name))))


def _groups(entry: CompositeEntry) -> list[str]:
    return [] if entry.composite.group is None else [entry.composite.group]


def _tree(pillars: Any, expressions: dict[str, str]) -> Any:
    """Return the tree as plain values; an expression becomes a column of its own name."""
    if isinstance(pillars, dict):
        return {name: _tree(branch, expressions) for name, branch in pillars.items()}
    return [_leaf(leaf, expressions) for leaf in pillars]


def _leaf(leaf: Indicator, expressions: dict[str, str]) -> dict[str, Any]:
    if not leaf.expression.isidentifier():
        expressions[leaf.expression] = leaf.expression
    given = {"is": leaf.expression, "direction": leaf.direction, "weight": leaf.weight,
             "missing": leaf.missing, "treat": leaf.treat, "target": leaf.target,
             "goalposts": leaf.goalposts}
    return {key: plain(value) for key, value in given.items() if value is not None}


def _variables(tree: Any, expressions: dict[str, str]) -> list[str]:
    if isinstance(tree, dict):
        return [v for branch in tree.values() for v in _variables(branch, expressions)]
    return names_in([leaf["is"] for leaf in tree])
