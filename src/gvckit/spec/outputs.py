"""Resolve tables, figures and published numbers: what they show is declared."""

from __future__ import annotations

from collections.abc import Mapping

from gvckit.errors import Problem
from gvckit.spec.names import Namespace, Reader
from gvckit.spec.positions import TreePath
from gvckit.spec.resolved import ModelSpec, Target
from gvckit.spec.schema.root import SpecFile
from gvckit.spec.schema.shown import Table
from gvckit.spec.sources import Brought
from gvckit.spec.validate import Checked

__all__ = ["check_figures", "check_tables", "resolve_published"]


# What each kind of table shows, and the keys that belong to that kind and not to every one.
_KINDS = {
    "regression": ("columns", ("columns", "show", "hide", "labels", "brackets", "stars",
                               "stars_by", "adjust", "family", "mde", "stats", "decimals")),
    "descriptives": ("variables", ("variables", "sample", "stats", "decimals")),
    "correlations": ("variables", ("variables", "sample", "decimals")),
    "definitions": ("variables", ("variables",)),
    "weights": ("of", ("of", "decimals")),
    "coverage": ("indices", ("indices",)),
    "index-uncertainty": ("columns", ("columns", "labels", "decimals")),
    "specification-curve": ("of", ("of", "coefficient", "decimals")),
    "placebo": ("columns", ("columns", "labels")),
    **dict.fromkeys(("index-structure", "index-correlations", "index-sensitivity"),
                    ("of", ("of", "vary", "variants", "points"))),
    "index-ranks": ("of", ("of", "vary", "variants", "points", "year")),
}


# What the models of a table's kind must have.
_NEEDED = {"index-uncertainty": "index_uncertainty", "placebo": "placebo"}


def check_tables(file: SpecFile, models: Mapping[str, ModelSpec], names: Namespace,
                 checked: Checked, reader: Reader) -> None:
    """Check that what a table shows is declared and belongs to its kind."""
    composites = {name for name, index in file.indices.items() if index.kind == "composite"}
    composites |= checked.declared("indices") - set(file.indices)
    for name, table in file.tables.items():
        base: TreePath = ("tables", name)
        _check_kind(table, base, reader)
        for i, text in enumerate(table.variables):
            reader.expression(text, (*base, "variables", i), names)
        if table.sample is not None:
            reader.reference(table.sample, (*base, "sample"), checked.declared("samples"), "sample")
        if table.kind == "specification-curve":
            _check_curve(table.of, table.coefficient, (*base, "of"), (*base, "coefficient"), models,
                         checked, reader)
        elif table.of is not None:
            reader.reference(table.of, (*base, "of"), composites, "composite index")
        for i, index in enumerate(table.indices):
            reader.reference(index, (*base, "indices", i),
                             checked.declared("indices") | checked.declared("data"),
                             "index or data entry", checked.tolerated)
        for i, column in enumerate(table.columns):
            path = (*base, "columns", i)
            reader.reference(column, path, checked.declared("models"), "model")
            if column in table.columns[:i]:
                reader.complain(f"the column {column!r} is given twice", path)
            wanted = _NEEDED.get(table.kind)
            if wanted and column in models and wanted not in models[column].model:
                reader.complain(f"{column!r} has no {wanted}", path)
        for i, model in enumerate(table.family):
            reader.reference(model, (*base, "family", i), checked.declared("models"), "model")
        if table.family and table.adjust is None:
            reader.complain("family: widens what adjust: adjusts over, which the table has not",
                            (*base, "family"), on_key=True)
        _check_shown(table, base, models, checked, reader)


def _check_curve(of: str | None, coefficient: str | None, path: TreePath, term_path: TreePath,
                 models: Mapping[str, ModelSpec], checked: Checked, reader: Reader) -> None:
    """Check that a specification curve is of a model that varies, and looks at its terms."""
    if of is None or not reader.reference(of, path, checked.declared("models"), "model"):
        return
    model = models.get(of)
    if model is None:
        return
    varied = (model.vary or {}).get("x", [])
    terms = {*model.terms, *(term for terms in varied for term in terms)}
    if coefficient is not None and _terms_known(model, checked):
        reader.reference(coefficient, term_path, terms, "term", checked.tolerated,
                         within=f" in {of!r}")
    if not model.vary:
        reader.complain(f"{of!r} has no vary:, so it has no specification curve", path)


def _check_kind(table: Table, base: TreePath, reader: Reader) -> None:
    needed, own = _KINDS[table.kind]
    if not getattr(table, needed):
        reader.complain(f"the table {base[1]!r} has no {needed!r}", base, on_key=True,
                        allowed=f"{needed}: what a table of kind {table.kind} shows")
    # The first kind that a key belongs to is the one to tell.
    others = {key: kind for kind, (_, keys) in reversed(_KINDS.items()) for key in keys
              if key not in own}
    for key in table.allowed_keys():
        if key in others and key in table.given:
            reader.complain(f"{key!r} belongs to a table of kind {others[key]}", (*base, key),
                            on_key=True)


def _terms_known(model: ModelSpec, checked: Checked) -> bool:
    """Return whether nothing that decides the terms of a model was left out as broken."""
    return not any(checked.hides(("models", name, key)) for name in (model.name, *model.chain)
                   for key in ("x", "controls", "add", "drop", "swap", "vary"))


def _check_shown(table: Table, base: TreePath, models: Mapping[str, ModelSpec],
                 checked: Checked, reader: Reader) -> None:
    """Check ``show``, ``hide`` and ``labels`` against the terms of the columns."""
    if table.kind != "regression" or not all(
            column in models and _terms_known(models[column], checked)
            for column in table.columns):
        return
    terms = {term for column in table.columns
             for term in (*models[column].terms, *models[column].channels)}
    for key in ("show", "hide"):
        for i, term in enumerate(getattr(table, key)):
            reader.reference(term, (*base, key, i), terms, "term of the columns",
                             checked.tolerated)
    for label in table.labels:
        reader.reference(label, (*base, "labels", label), {*terms, *table.columns},
                         "term or column", checked.tolerated, on_key=True)


def check_figures(file: SpecFile, models: Mapping[str, ModelSpec], brought: Brought,
                  names: Namespace, checked: Checked, reader: Reader) -> None:
    """Check that figures are of something declared."""
    known = {*checked.declared("models"), *checked.declared("indices"), *brought.values,
             *names.names}
    for name, figure in file.figures.items():
        base: TreePath = ("figures", name)
        for i, of in enumerate(figure.of):
            reader.reference(of, (*base, "of", i), known, "model, index or variable",
                             checked.tolerated)
            model = models.get(of)
            if model is None:
                continue
            varied = (model.vary or {}).get("x", [])
            terms = {*model.terms, *(term for terms in varied for term in terms)}
            if figure.coefficient is not None and _terms_known(model, checked):
                reader.reference(figure.coefficient, (*base, "coefficient"), terms,
                                 "term", checked.tolerated, within=f" in {of!r}")
            if figure.kind == "placebo" and "placebo" not in model.model:
                reader.complain(f"{of!r} has no placebo:, so it has no draws to show",
                                (*base, "of", i))
            if figure.kind == "specification-curve" and not model.vary:
                reader.complain(f"{of!r} has no vary:, so it has no specification curve",
                                (*base, "of", i))


def resolve_published(file: SpecFile, models: Mapping[str, ModelSpec], checked: Checked,
                      reader: Reader) -> dict[str, Target]:
    """Return the published numbers with the cell that each is compared with."""
    targets = {}
    for name, entry in file.published.items():
        path: TreePath = ("published", name)
        parts = name.split(".", 2)
        if len(parts) < 3 or "" in parts:
            reader.complain(f"{name!r} does not name a cell", path, on_key=True,
                            allowed="table.model.term, such as tab2.baseline.dig")
            continue
        if not entry.numbers:
            reader.complain(f"{name!r} gives no number", path, on_key=True,
                            allowed='b: "0.132", se: "0.021", n: "41,230"')
        if _cell_exists(file, parts, path, models, checked, reader):
            table, model, term = parts
            targets[name] = Target(name, table, model, term, entry, entry.origin)
    return targets


def _cell_exists(file: SpecFile, parts: list[str], path: TreePath,
                 models: Mapping[str, ModelSpec], checked: Checked, reader: Reader) -> bool:
    table, model, term = parts
    pieces: list[tuple[str, int, list[str], str, str]] = [
        (table, 0, sorted(checked.declared("tables")), "table", "")]
    if table in file.tables:
        pieces.append((model, len(table) + 1, list(file.tables[table].columns),
                       "column", table))
        if model in models and model in file.tables[table].columns and _terms_known(
                models[model], checked):
            pieces.append((term, len(table) + len(model) + 2, list(models[model].terms),
                           "term", model))
    right = True
    for word, offset, known, what, holder in pieces:
        problems: list[Problem] = []
        if word not in known:
            right = False
            if word not in checked.tolerated:
                before = len(reader.problems)
                reader.reference(word, path, known, what, on_key=True,
                                 within=f" in {holder!r}" if holder else "")
                problems = reader.problems[before:]
                del reader.problems[before:]
        where = reader.at(path, ".".join(parts), offset, on_key=True)
        reader.problems += [Problem(p.what, where, p.allowed, p.nearest) for p in problems]
    return right
