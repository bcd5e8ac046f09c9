"""Steps of measures of exports: PRODY, EXPY, complexity, advantage, diversification."""

from __future__ import annotations

from gvckit.errors import Problem, unknown
from gvckit.run.step import Step
from gvckit.sophistication.registry import TradeMeasure, trade_measure
from gvckit.spec.compile.data import TABLE_MEMORY, table_years
from gvckit.spec.compile.parameters import check_parameters
from gvckit.spec.compile.plan import Draft
from gvckit.spec.schema.measured import MeasureEntry
from gvckit.spec.schema.sources import FileEntry

__all__ = ["compile_trade"]

LIBRARIES = ("numpy", "pandas", "scipy")


def compile_trade(draft: Draft, name: str, entry: MeasureEntry) -> None:
    """Add the step of one measure of exports."""
    spec = draft.spec
    row = trade_measure(entry.measure)
    before = len(draft.problems)
    check_parameters(draft, name, entry, row.name, row.parameters)
    time = spec.panel.time if spec.panel else "year"
    from_tables = entry.icio is not None
    keys = _keys(draft, name, entry, row, time)
    value = entry.value or row.value.get(keys, "")
    if keys in row.columns and value not in row.columns[keys]:
        draft.problems.append(unknown(f"value of {row.name}", value, row.columns[keys],
                                      spec.where("indices", name, "value")))
    income = _single(draft, name, "income", entry.income, ("country",), time)
    if row.income and entry.income is None:
        draft.problems.append(Problem(
            f"{row.name} needs income", spec.where("indices", name, key=True),
            allowed="income: a data entry with one value by country and time"))
    if from_tables:
        exports, column, timed = _flows(draft, str(entry.icio), time), "value", True
    else:
        column = _single(draft, name, "exports", entry.exports, ("country", "product"), time)
        exports, timed = f"data.{entry.exports}", _timed(draft, entry.exports, time)
    if len(draft.problems) > before or exports is None:
        return
    inputs = {"exports": exports}
    if entry.income is not None:
        inputs["income"] = f"data.{entry.income}"
    draft.add(Step(
        f"indices.{name}", "gvckit.run.tasks.trade:measure",
        params={"function": row.function, "part": row.keys[keys], "keys": list(keys),
                "arguments": entry.parameters, "value": value, "name": name,
                "time": time if timed else None, "income": income, "rename": {column: "value"},
                "named": {"product": "sector"} if from_tables else {}},
        inputs=inputs, code=(row.function.split(":")[0],), libraries=LIBRARIES,
        origin=spec.where("indices", name, key=True)))


def _keys(draft: Draft, name: str, entry: MeasureEntry, row: TradeMeasure, time: str
          ) -> tuple[str, ...]:
    """Return the keys of the result; a table's sectors are its products."""
    wanted = tuple("product" if key == "sector" and entry.icio is not None else key
                   for key in entry.by if key != time)
    if wanted not in row.keys:
        allowed = "; ".join(f"by: [{', '.join(keys)}]" for keys in row.keys)
        draft.problems.append(Problem(f"{row.name} is not measured by {', '.join(entry.by)}",
                                      draft.spec.where("indices", name, "by"), allowed=allowed))
    return wanted


def _single(draft: Draft, name: str, role: str, source: str | None, keys: tuple[str, ...],
            time: str) -> str:
    """Return the one value of a data entry that serves as exports or income."""
    if source is None:
        return ""
    data = draft.spec.data[source]
    where = draft.spec.where("indices", name, role)
    if not isinstance(data, FileEntry):
        draft.problems.append(Problem(f"{source!r} holds tables, not {role}", where,
                                      allowed="a data file"))
        return ""
    if {k for k in data.keys if k != time} != set(keys):
        draft.problems.append(Problem(
            f"{source!r} has the keys {', '.join(data.keys)}", where,
            allowed=f"{', '.join(keys)}, and {time} where there are several"))
    if len(data.take) != 1:
        draft.problems.append(Problem(f"{source!r} has {len(data.take)} values", where,
                                      allowed=f"an entry that takes one: the {role}"))
    return next(iter(data.take))


def _timed(draft: Draft, source: str | None, time: str) -> bool:
    data = draft.spec.data.get(source or "")
    return isinstance(data, FileEntry) and time in data.keys


def _flows(draft: Draft, icio: str, time: str) -> str | None:
    """Add the steps that give a table's exports by country and sector; return the last one."""
    years = table_years(draft, icio)
    if not years:
        return None
    origin = draft.spec.where("data", icio, key=True)
    read = getattr(draft.spec.data[icio], "source", None) != "sample"
    steps = [draft.add(Step(
        f"flows.{icio}.{year}", "gvckit.run.tasks.flows:one_year",
        params={"time": time, "year": year}, inputs={"table": f"data.{icio}.{year}"},
        libraries=LIBRARIES, origin=origin, memory=TABLE_MEMORY if read else 0))
        for year in years]
    return draft.add(Step(f"flows.{icio}", "gvckit.run.tasks.measures:stack",
                          inputs={"years": steps}, libraries=("pandas",), origin=origin))
