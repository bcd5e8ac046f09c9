"""What ``--only`` asks for: steps of the names, and the published numbers that are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gvckit.errors import SpecError, unknown
from gvckit.run.step import Step
from gvckit.spec.compile.plan import Compiled
from gvckit.spec.resolved import Spec

__all__ = ["asked_card", "asked_steps"]

CARD = "published.asked"


def asked_steps(compiled: Compiled, only: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the steps to bring up to date, and those among them whose files are written.

    Parameters
    ----------
    compiled
        The steps of a spec.
    only
        Names of tables, figures or models; empty for everything.

    Raises
    ------
    SpecError
        For names that the spec does not have.
    """
    models = [s.name for s in compiled.steps if s.name.startswith("models.")]
    if not only:
        return [*compiled.outputs, *models], list(compiled.outputs)
    named = {s.split(".", 1)[1]: s for s in [*models, *compiled.outputs] if "." in s}
    named |= {s: s for s in compiled.outputs if "." not in s}
    wrong = [unknown("table or model", name, named) for name in only if name not in named]
    if wrong:
        raise SpecError(wrong)
    chosen = list(dict.fromkeys(named[name] for name in only))
    return chosen, [name for name in chosen if name in compiled.outputs]


def asked_card(spec: Spec, compiled: Compiled, chosen: Sequence[str]) -> Step | None:
    """Return a step that compares the published numbers of what was asked for with ours.

    The report card of the whole paper is not among the outputs of such a run, but a number that
    must be reproduced must be so here as well.

    Returns
    -------
    Step or None
        None where nothing of it is published, or the whole card was asked for.
    """
    if compiled.card is None or compiled.card in chosen:
        return None
    whole = next(step for step in compiled.steps if step.name == compiled.card)
    names = {name for name, t in spec.published.items()
             if {f"tables.{t.table}", f"models.{t.model}"} & set(chosen)}
    if not names:
        return None
    targets = {n: entry for n, entry in whole.plain_params["targets"].items() if n in names}
    models = dict.fromkeys(entry["model"] for entry in targets.values())
    return replace(whole, name=CARD, params={"targets": targets},
                   inputs={"fits": {model: f"models.{model}" for model in models}})
