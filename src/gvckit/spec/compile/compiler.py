"""Compile a resolved spec: every data file found, every measure known, every step written out."""

from __future__ import annotations

from gvckit.errors import DataError, SpecError
from gvckit.sources.roots import DataRoots
from gvckit.spec.compile.data import compile_data
from gvckit.spec.compile.figures import compile_figures
from gvckit.spec.compile.indices import compile_indices
from gvckit.spec.compile.panel import compile_panel
from gvckit.spec.compile.plan import Compiled, Draft
from gvckit.spec.compile.results import compile_card, compile_models, compile_tables
from gvckit.spec.render import in_order
from gvckit.spec.resolved import Spec

__all__ = ["compile_spec"]


def compile_spec(spec: Spec, roots: DataRoots) -> Compiled:
    """Return the steps of a spec.

    Parameters
    ----------
    spec
        A resolved spec.
    roots
        Where its data files are looked for.

    Raises
    ------
    SpecError, DataError
        With everything that is wrong: absent files, other contents than the spec names, years
        outside a source, unknown measures and parameters.
    """
    draft = Draft(spec, roots)
    compile_data(draft)
    compile_indices(draft)
    if draft.problems:
        raise SpecError(in_order(draft.problems))
    compile_panel(draft)
    compile_models(draft)
    compile_tables(draft)
    compile_figures(draft)
    card = compile_card(draft)
    if draft.problems:
        raise DataError(in_order(draft.problems))
    return Compiled(tuple(draft.steps.values()), tuple(draft.outputs), card, draft.not_made)
