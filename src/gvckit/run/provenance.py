"""Where one number of a table comes from: model, rows, variables, files, steps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from gvckit.errors import Problem, SpecError, StoreError, unknown
from gvckit.run.explain import LookedUp, look_up
from gvckit.run.objects import DamagedError
from gvckit.run.store import Store
from gvckit.spec.compile.model_keys import model_names
from gvckit.spec.compile.plan import Compiled
from gvckit.spec.explain import explain_model
from gvckit.spec.resolved import Spec

if TYPE_CHECKING:
    from gvckit.report.columns import ColumnData

__all__ = ["Cell", "find_cell", "provenance"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a table: the coefficient, or a statistic, of a model in its column."""

    table: str
    model: str
    term: str

    def __str__(self) -> str:
        return f"{self.table}.{self.model}.{self.term}"


def find_cell(spec: Spec, name: str) -> Cell | None:
    """Return the cell called ``table.model.term``; None where the name starts with no table.

    Raises
    ------
    SpecError
        Where the table has no such column, or the name ends too early.
    """
    table, _, rest = name.partition(".")
    if not rest or table not in spec.tables:
        return None
    columns = [column for column in spec.tables[table].columns if column in spec.models]
    if not columns:
        raise SpecError(f"{table!r} is no table of models, so {name!r} is no cell that a model "
                        f"gives: explain {table!r}")
    model, _, term = rest.partition(".")
    if model not in columns:
        raise SpecError(unknown(f"column of {table!r}", model, columns))
    if not term:
        raise SpecError(Problem(f"{name!r} does not name a cell: a term is missing",
                                allowed=", ".join(f"{name}.{t}" for t in spec.models[model].terms)))
    return Cell(table, model, term)


def provenance(spec: Spec, compiled: Compiled, cell: Cell, store: Store) -> str:
    """Return, as text, everything that the number in ``cell`` rests on.

    Raises
    ------
    SpecError
        Where the model has no such term.
    StoreError
        Where its stored result cannot be read.
    """
    table, model = f"tables.{cell.table}", f"models.{cell.model}"
    found = look_up(compiled.steps, [table, model], store)
    column = _columns(found, model, store)
    _check_term(spec, cell, column)
    blocks = [_head(spec, cell, found, column), [explain_model(spec, cell.model)],
              _variables(spec, cell.model), _files(found, _before(found, model)),
              _libraries(found, _before(found, model)), _steps(found, model, table)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _columns(found: LookedUp, model: str, store: Store) -> dict[str, ColumnData] | None:
    """Return the estimates by group (``""``: not split); None where they are not up to date."""
    from gvckit.report.columns import read_column

    record = found.records.get(model)
    if record is None or found.planned[model].status != "cached":
        return None
    try:
        done = store.objects.load(record.output)
        groups = dict(done) if isinstance(done, Mapping) else {"": done}
    except DamagedError:
        raise StoreError(f"the stored result of {model} is damaged; gvckit run mends it") from None
    return {str(name): read_column(fit) for name, fit in groups.items() if hasattr(fit, "model")}


def _check_term(spec: Spec, cell: Cell, columns: Mapping[str, ColumnData] | None) -> None:
    model = spec.models[cell.model]
    known = {*model.terms, *(t for terms in (model.vary or {}).get("x", ()) for t in terms)}
    for column in (columns or {}).values():
        known |= {*column.terms, *column.stats, *dict(column.dropped)}
    if cell.term not in known:
        raise SpecError(unknown(f"term of {cell.model!r}", cell.term, known))


def _head(
    spec: Spec, cell: Cell, found: LookedUp, columns: Mapping[str, ColumnData] | None
) -> list[str]:
    where = spec.where("tables", cell.table, key=True)
    lines = [f"cell      {cell}  # {where}"]
    target = spec.published.get(str(cell))
    if target is not None:
        numbers = ", ".join(f"{k} {v}" for k, v in target.entry.numbers.items())
        source = f", {target.entry.source}" if target.entry.source else ""
        lines.append(f"published {numbers} ({target.entry.status}, rule: {target.entry.rule}"
                     f"{source})")
    if columns is None:
        planned = found.planned[f"models.{cell.model}"]
        lines.append(f"value     not known: models.{cell.model} is not up to date "
                     f"({planned.reason}); gvckit run estimates it")
        return lines
    for group, column in columns.items():
        lines += [f"group     {group}"] * bool(group)
        lines += _estimate(cell.term, column)
    return lines


def _estimate(term: str, column: ColumnData) -> list[str]:
    """Return the number, the rows that it rests on, and what its error means."""
    if column.reason is not None:
        return [f"value     not estimated: {column.reason}"]
    estimate = column.terms.get(term)
    if estimate is not None:
        number = (f"{estimate.b:.8g}, standard error {estimate.se:.8g}, t {estimate.t:.5g}, "
                  f"p {estimate.p:.3g}")
        lines = [f"value     {number}",
                 f"interval  {estimate.low:.8g} to {estimate.high:.8g} (95 %)"]
    elif term in column.stats:
        lines = [f"value     {column.stats[term]:.8g}"]
    else:
        lines = [f"value     none: {dict(column.dropped).get(term, 'not in this model')}"]
    rows = [f"{count:,} {what}" for what, count in column.rows.items()]
    lines += [f"rows      {'; '.join(rows)}"] * bool(rows)
    lines += ["clusters  " + ", ".join(f"{name} {count:,}" for name, count
                                       in column.clusters.items())] * bool(column.clusters)
    lines += [f"errors    {' '.join(column.convention.split())}"] * bool(column.convention)
    return lines + [f"warning   {' '.join(text.split())}" for text in column.warnings]


def _variables(spec: Spec, model: str) -> list[str]:
    """Return how every variable of the model is made, down to the sources."""
    todo, said = model_names(spec.models[model]), dict[str, str]()
    while todo:
        name = todo.pop(0)
        if name in said:
            continue
        if name in spec.variables:
            variable = spec.variables[name]
            said[name] = f"{variable.expression.text}  # {variable.origin}"
            todo += variable.expression.names
        elif name in spec.values:
            source = spec.values[name]
            kind = "indices" if source in spec.indices else "data"
            said[name] = f"{kind}.{source}  # {spec.where(kind, source, key=True)}"
    width = max(map(len, said), default=0)
    return ["variables", *(f"  {name:{width}}  {text}" for name, text in said.items())]


def _before(found: LookedUp, name: str) -> list[str]:
    """Return ``name`` and every step before it, in the order of a run."""
    needed, stack = {name}, [name]
    while stack:
        for source in found.graph.steps[stack.pop()].input_steps:
            if source not in needed:
                needed.add(source)
                stack.append(source)
    return [n for n in found.graph.steps if n in needed]


def _files(found: LookedUp, names: Iterable[str]) -> list[str]:
    hashes: dict[str, str] = {}
    for name in names:
        step = found.graph.steps[name]
        for arg, file in step.files.items():
            record = found.records.get(name)
            hashes[file.label] = (str(record.parts["files"][arg]) if record
                                  else found.file_hash(step, arg))
    width = max(map(len, hashes), default=0)
    rows = [f"  {label:{width}}  sha256 {hashes[label]}" for label in sorted(hashes)]
    return ["files", *(rows or ["  none: what it rests on is computed"])]


def _libraries(found: LookedUp, names: Iterable[str]) -> list[str]:
    versions: dict[str, str] = {}
    for name in names:
        record = found.records.get(name)
        versions |= dict(record.versions) if record else {}
    return ["made with", *(f"  {name} {versions[name]}" for name in sorted(versions))
            ] * bool(versions)


def _steps(found: LookedUp, model: str, table: str) -> list[str]:
    """Return the way from the sources to the table, years of one step in one line."""
    names = [*_before(found, model), table]
    rows: list[tuple[str, str, str, str]] = []
    for (family, status, fn), group in _families(found, names):
        members = list(group)
        first = found.records.get(members[0])
        digest = first.output.digest[:12] if first and len(members) == 1 else ""
        shown = members[0] if len(members) == 1 else (
            f"{family}.{members[0].rpartition('.')[2]} … {members[-1].rpartition('.')[2]} "
            f"({len(members)})")
        rows.append((shown, status, fn, digest))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, [*widths, 0], strict=True))
             for row in rows]
    return ["steps (name, status, function, digest of the result)",
            *(f"  {line}".rstrip() for line in lines)]


def _families(
    found: LookedUp, names: Iterable[str]
) -> Iterator[tuple[tuple[str, str, str], list[str]]]:
    """Yield steps that differ only in their year together, at the place of the first."""
    def family(name: str) -> tuple[str, str, str]:
        own = name.rpartition(".")[0] if re.search(r"\.\d{4}$", name) else name
        return own, found.planned[name].status, found.graph.steps[name].fn

    places: dict[tuple[str, str, str], int] = {}
    for i, name in enumerate(names):
        places.setdefault(family(name), i)
    ordered = sorted(names, key=lambda name: (places[family(name)], name))
    for key, group in groupby(ordered, key=family):
        yield key, list(group)
