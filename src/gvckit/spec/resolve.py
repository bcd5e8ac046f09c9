"""A document to a resolved spec, or everything that is wrong with it, in the file's order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gvckit.errors import SpecError
from gvckit.spec.estimates import resolve_models, resolve_samples, resolve_variables
from gvckit.spec.families import with_families
from gvckit.spec.index_models import check_index_models
from gvckit.spec.load import load
from gvckit.spec.names import Reader
from gvckit.spec.outputs import check_figures, check_tables, resolve_published
from gvckit.spec.placebo_models import check_placebos
from gvckit.spec.positions import Document
from gvckit.spec.render import in_order
from gvckit.spec.resolved import Spec
from gvckit.spec.schema.base import Entry
from gvckit.spec.schema.root import SpecFile
from gvckit.spec.sources import brought_values, namespace, resolve_indices, resolve_panel
from gvckit.spec.validate import Checked, check_schema

__all__ = ["read_spec", "resolve"]

_NEEDS_A_PANEL = ("variables", "samples", "models")


def read_spec(path: Path | str) -> Spec:
    """Read and resolve the spec at ``path``; raise SpecError with all that is wrong."""
    return resolve(load(path))


def resolve(document: Document) -> Spec:
    """Resolve a document; the families that it uses are written out first.

    Returns
    -------
    Spec
        Every name is declared, every model is written out, every item knows its origin.

    Raises
    ------
    SpecError
        With everything that is wrong, sorted by its place in the file: what the reader found,
        unknown keys and wrong values, names that are not declared, models that are like
        themselves.  One mistake is told once; what follows from it is not.
    """
    document = with_families(document)
    checked = check_schema(document)
    if not isinstance(checked, Checked):
        raise SpecError(in_order([*document.problems, *checked]))
    reader = Reader(document, checked.hides if checked.broken else lambda _: False)
    spec = _resolved(document, checked, reader)
    told = {problem.where for problem in document.problems}
    problems = [*document.problems, *(p for p in (*checked.problems, *reader.problems)
                                      if p.where not in told)]
    if problems:
        raise SpecError(in_order(problems))
    return spec


def _resolved(document: Document, checked: Checked, reader: Reader) -> Spec:
    file = checked.file
    _stamp(document, file)
    brought = brought_values(file, reader)
    resolve_indices(file, brought, checked, reader)
    panel = resolve_panel(file.panel, brought, checked, reader) if file.panel else None
    if panel is None and ("panel",) not in checked.broken:
        for section in _NEEDS_A_PANEL:
            if getattr(file, section):
                reader.complain(f"{section} need a panel", (section,), on_key=True,
                                allowed="panel: {unit: [country, sector], time: year, rows: …}")
                break
    names = namespace(panel, brought, file.variables, checked)
    variables = resolve_variables(file, brought, panel, names, reader)
    samples = resolve_samples(file, panel, names, reader)
    models = resolve_models(file, names, checked, reader)
    check_index_models(file, models, variables, brought, checked, reader)
    check_placebos(file, models, variables, checked, reader)
    check_tables(file, models, names, checked, reader)
    check_figures(file, models, brought, names, checked, reader)
    published = resolve_published(file, models, checked, reader)
    return Spec(document.path, file.paper, file.data, file.indices, panel, variables, samples,
                models, file.tables, file.figures, published, brought.values, document)


def _stamp(document: Document, file: SpecFile) -> None:
    """Tell every entry its name and its place."""
    file.paper.stamped("paper", document.key_at(("paper",)))
    for section in ("data", "indices", "variables", "samples", "models", "tables", "figures",
                    "published"):
        entries: dict[str, Any] = getattr(file, section)
        for name, entry in entries.items():
            if isinstance(entry, Entry):
                entry.stamped(name, document.key_at((section, name)))
