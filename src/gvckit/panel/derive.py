"""Add derived variables to a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from gvckit.errors import DataError, GvckitError, Problem, SpecError, Where
from gvckit.panel.evaluate import evaluate_in
from gvckit.panel.expressions import Expression
from gvckit.panel.index import PanelIndex
from gvckit.panel.order import derivation_order, parsed_variables

__all__ = ["derive"]


def derive(frame: pd.DataFrame, variables: Mapping[str, str | Expression], *, unit: Sequence[str],
           time: str | None, places: Mapping[str, Where] | None = None,
           ) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the frame with the derived variables added, in declared order, and notes.

    Parameters
    ----------
    frame
        (n rows); it is not changed.
    variables
        Name → expression; a variable may need others, whatever their order.
    unit, time
        The panel's keys.
    places
        Name → where its expression stands in the spec.

    Returns
    -------
    tuple
        The frame, and one sentence for each part of an expression that made values missing,
        such as ``ln_gdp: log(gdp): 3 values are not above 0, so missing``.

    Raises
    ------
    SpecError
        With all faulty expressions, unknown names, or the cycle of variables that need each other.
    DataError
        Where ``first`` finds several values at a first time.
    """
    parsed = parsed_variables(variables, places)
    order = derivation_order(parsed, [str(c) for c in frame.columns])
    work = PanelIndex(frame, tuple(unit), time)
    notes: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    kind: type[GvckitError] = SpecError
    for name in order:
        if any(needed in parsed and needed not in work.derived for needed in parsed[name].names):
            continue  # told where it is wrong itself
        try:
            found = evaluate_in(parsed[name], work)
        except (SpecError, DataError) as error:
            problems += error.under(name, "is").problems
            kind = type(error)
            continue
        work.derived[name] = found.values
        notes[name] = found.notes
    if problems:
        raise kind(problems)
    out = pd.concat([frame, pd.DataFrame({name: work.derived[name] for name in variables},
                                         index=frame.index)], axis=1)
    return out, tuple(f"{name}: {note}" for name in variables for note in notes[name])
