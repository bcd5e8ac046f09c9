"""Steps of measures of exports: PRODY, EXPY, complexity, advantage, diversification, quality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gvckit.errors import Problem, unknown
from gvckit.run.step import Step
from gvckit.sophistication.registry import ROLES, TradeMeasure, trade_measure
from gvckit.spec.compile.data import TABLE_MEMORY, table_years
from gvckit.spec.compile.parameters import check_parameters
from gvckit.spec.compile.plan import Draft
from gvckit.spec.compile.traded import Traded, exports_of
from gvckit.spec.schema.measured import MeasureEntry
from gvckit.spec.schema.sources import FileEntry

__all__ = ["compile_trade"]

LIBRARIES = ("numpy", "pandas", "scipy")
NOT_ARGUMENTS = ("adjust", "va", "gaps", "without", "sigma", "effects")


def compile_trade(draft: Draft, name: str, entry: MeasureEntry) -> None:
    """Add the step of one measure of exports."""
    spec = draft.spec
    row = trade_measure(entry.measure)
    before = len(draft.problems)
    check_parameters(draft, name, entry, row.name, row.parameters)
    time = spec.panel.time if spec.panel else "year"
    traded = exports_of(draft, name, entry, row, time)
    keys, words = _keys(draft, name, entry, row, time)
    value = entry.value or row.value.get(keys, "")
    if keys in row.columns and value not in row.columns[keys]:
        draft.problems.append(unknown(f"value of {row.name}", value, row.columns[keys],
                                      spec.where("indices", name, "value")))
    given = _roles(draft, name, entry, row, time)
    arguments = {k: v for k, v in entry.parameters.items() if k not in NOT_ARGUMENTS}
    arguments |= _quality(draft, name, entry, row, keys, given, time)
    if row.name == "proximity":
        arguments |= {"of": keys[0], "pairs": True}
    if len(draft.problems) > before or traded is None:
        return
    # A measure's own word for what it takes value added for.
    adjust = entry.adjust or "none"
    if row.adjusts:
        arguments["adjust"] = adjust
    inputs: dict[str, Any] = {
        "exports": traded.step or _flows(draft, str(entry.icio), entry.va, time),
        **{role: f"data.{source}" for role, (source, _) in given.items()}}
    for role, found in (("industries", traded.concordance), ("shares", traded.given_shares)):
        if found:
            inputs[role] = f"data.{found[0]}"
    if traded.table_shares:
        inputs["tables"] = _flows(draft, str(entry.icio), entry.va, time)
    draft.add(Step(
        f"indices.{name}", "gvckit.run.tasks.trade:measure",
        params={"function": row.function, "part": row.keys[keys], "keys": list(keys),
                "arguments": arguments, "value": value, "name": name,
                "time": time if traded.timed else None, "adjust": adjust,
                "without": list(entry.without or ()), "columns": dict(traded.columns),
                "roles": {role: [row.roles[role], column]
                          for role, (_, column) in given.items()},
                "industry": _industry(row, traded),
                "shares": traded.given_shares[1] if traded.given_shares else None,
                "gaps": entry.gaps or "error", "missing": entry.missing or "drop",
                "named": {key: word for key, word in words.items() if key != word}},
        inputs=inputs, code=(row.function.split(":")[0],), libraries=LIBRARIES,
        origin=spec.where("indices", name, key=True)))


def _industry(row: TradeMeasure, traded: Traded) -> dict[str, Any] | None:
    """Return where the industry of a product stands, and the argument that takes it.

    Quality is averaged over industries by a column, the others take a mapping.
    """
    if traded.concordance is None and traded.industry is None:
        return None
    return {"column": traded.industry, "keys": list((traded.concordance or ())[1:]),
            "argument": "column" if row.name == "quality" else row.roles.get("industries")}


def _keys(draft: Draft, name: str, entry: MeasureEntry, row: TradeMeasure, time: str
          ) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the keys of the result, and what the spec calls each of them.

    A table's sectors are its products; ``industry`` is whatever the spec calls groups of products.
    """
    known = {key for keys in row.keys for key in keys}
    words: dict[str, str] = {}
    for word in (k for k in entry.by if k != time):
        if word in known:
            words[word] = word
        elif word == "sector" and "product" in known and entry.icio is not None:
            words["product"] = word
        elif "industry" in known and "industry" not in words:
            words["industry"] = word
        else:
            words[word] = word
    keys = tuple(words)
    if keys not in row.keys:
        allowed = "; ".join(f"by: [{', '.join(own)}]" for own in list(row.keys)[:12])
        draft.problems.append(Problem(f"{row.name} is not measured by {', '.join(entry.by)}",
                                      draft.spec.where("indices", name, "by"), allowed=allowed))
    elif row.name == "technical-complexity":
        common = entry.definition == "industry-prody"
        if entry.definition and common != (keys == ("industry",)):
            draft.problems.append(Problem(
                f"{entry.definition} is not measured by {', '.join(entry.by)}",
                draft.spec.where("indices", name, "by"),
                allowed="by: [industry], the same for every country" if common
                else "by: [country, industry]"))
    return keys, words


def _roles(draft: Draft, name: str, entry: MeasureEntry, row: TradeMeasure, time: str
           ) -> dict[str, tuple[str, str]]:
    """Return the data entries that a measure takes beside the exports, each with its value."""
    spec = draft.spec
    found: dict[str, tuple[str, str]] = {}
    for role in ROLES:
        source = getattr(entry, role)
        if source is None or (role == "sigma" and _number(source) is not None):
            continue
        where = spec.where("indices", name, role)
        if role not in row.roles:
            if role != "sigma":  # a parameter, which is told of already
                draft.problems.append(Problem(
                    f"{row.name} takes no {role}", spec.where("indices", name, role, key=True),
                    allowed=", ".join(row.roles) or None))
            continue
        column = _single(draft, role, source, time, where)
        if column:
            found[role] = (source, column)
    if row.needs and sum(getattr(entry, role) is not None for role in row.needs) != 1:
        draft.problems.append(Problem(
            f"{row.name} needs {' or '.join(row.needs)}",
            spec.where("indices", name, key=True),
            allowed="; ".join(f"{role}: a data entry with one value by {ROLES[role][0]}, and time"
                              for role in row.needs)))
    if entry.min_population is not None and entry.population is None:
        draft.problems.append(Problem(
            "min_population without a population", spec.where("indices", name, "min_population"),
            allowed="population: a data entry with one value by country, and time"))
    return found


def _single(draft: Draft, role: str, source: str, time: str, where: Any) -> str:
    """Return the one value of a data entry."""
    data = draft.spec.data.get(source)
    if not isinstance(data, FileEntry):
        draft.problems.append(
            unknown(f"data file for {role}", source, _files(draft), where) if data is None
            else Problem(f"{source!r} holds tables, not {role}", where, allowed="a data file"))
        return ""
    if {k for k in data.keys if k != time} != set(ROLES[role]):
        draft.problems.append(Problem(
            f"{source!r} has the keys {', '.join(data.keys)}", where,
            allowed=f"{', '.join(ROLES[role])}, and {time} where there are several"))
    if len(data.values) != 1:
        draft.problems.append(Problem(f"{source!r} has {len(data.values)} values", where,
                                      allowed=f"an entry that takes one: the {role}"))
    return next(iter(data.values), "")


def _files(draft: Draft) -> Sequence[str]:
    return [n for n, e in draft.spec.data.items() if isinstance(e, FileEntry)]


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _quality(draft: Draft, name: str, entry: MeasureEntry, row: TradeMeasure,
             keys: tuple[str, ...], given: dict[str, tuple[str, str]], time: str
             ) -> dict[str, Any]:
    """Return the arguments of quality that are not words of its registry row."""
    if row.name != "quality":
        return {}
    out: dict[str, Any] = {}
    if entry.sigma is not None and "sigma" not in given:
        out["sigma"] = _number(entry.sigma)
    if entry.effects is not None:
        out["effects"] = [[part.strip() for part in text.split("*")] for text in entry.effects]
    data = draft.spec.data.get(entry.exports or "")
    has = set(data.keys) if isinstance(data, FileEntry) else set()
    out["market"] = "importer" if "importer" in has else None
    lost = {"importer", "industry"} & set(keys) - ({"importer"} & has) - (
        {"industry"} if entry.industries else set())
    draft.problems += [Problem(
        f"the flows have no {key}", draft.spec.where("indices", name, "by"),
        allowed="exports with a key importer" if key == "importer" else
        "industries: a concordance of products") for key in sorted(lost)]
    full = {"country", "product", *(["importer"] if "importer" in has else [])}
    if set(keys) != full or (entry.value or "standardised") != "quality":
        out["by"] = [*keys, *([time] if time in has else [])]
    return out


def _flows(draft: Draft, icio: str, va: str | None, time: str) -> str:
    """Add the steps that give a table's exports by country and sector; return the last one."""
    origin = draft.spec.where("data", icio, key=True)
    read = getattr(draft.spec.data[icio], "source", None) != "sample"
    name = f"flows.{icio}" + (f".{va}" if va else "")
    steps = [draft.add(Step(
        f"{name}.{year}", "gvckit.run.tasks.flows:one_year",
        params={"time": time, "year": year, "dva": va or "backward"},
        inputs={"table": f"data.{icio}.{year}"},
        libraries=LIBRARIES, origin=origin, memory=TABLE_MEMORY if read else 0))
        for year in table_years(draft, icio)]
    return draft.add(Step(name, "gvckit.run.tasks.measures:stack", inputs={"years": steps},
                          libraries=("pandas",), origin=origin))

