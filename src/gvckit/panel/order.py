"""The order in which derived variables can be computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gvckit.errors import Problem, SpecError, Where, unknown
from gvckit.panel.expressions import Expression, is_name, parse

__all__ = ["derivation_order", "parsed_variables"]


def parsed_variables(variables: Mapping[str, str | Expression],
                     places: Mapping[str, Where] | None = None) -> dict[str, Expression]:
    """Parse the expressions of derived variables.

    Raises
    ------
    SpecError
        With the problems of all of them, and names that cannot name a variable.
    """
    problems: list[Problem] = []
    parsed: dict[str, Expression] = {}
    for name, text in variables.items():
        place = (places or {}).get(name)
        if not is_name(name):
            problems.append(Problem(f"{name!r} cannot name a variable", place,
                                    allowed="letters, digits and _, not and, or, not"))
        try:
            parsed[name] = parse(text, place) if isinstance(text, str) else text
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    return parsed


def derivation_order(variables: Mapping[str, Expression], known: Iterable[str]) -> tuple[str, ...]:
    """Return the names of derived variables so that each comes after those that it needs.

    Otherwise the declared order is kept.

    Parameters
    ----------
    variables
        Name → expression.
    known
        The columns that are there before.

    Raises
    ------
    SpecError
        Where a variable has the name of a column, needs a name that is neither a column nor a
        variable, or needs itself on a way round, which is named.
    """
    columns = set(known)
    names = [*columns, *variables]
    problems = [Problem(f"the variable {name!r} is already a column of the panel", e.where)
                for name, e in variables.items() if name in columns]
    problems += [unknown("variable", needed, names, e.where or f"variable {name}")
                 for name, e in variables.items() for needed in e.names
                 if needed not in columns and needed not in variables]
    order: list[str] = []
    for name in variables:
        cycle = _visit(name, variables, order)
        if cycle:
            problems.append(Problem(f"variables need each other: {' → '.join(cycle)}",
                                    variables[cycle[0]].where))
            break
    if problems:
        raise SpecError(problems)
    return tuple(order)


def _visit(start: str, variables: Mapping[str, Expression], order: list[str]) -> list[str] | None:
    """Add ``start`` and what it needs to ``order``, depth first; return a cycle if there is one."""
    done = set(order)
    path = [start]
    waiting = [iter(variables[start].names)] if start not in done else []
    while waiting:
        needed = next(waiting[-1], None)
        if needed is None:
            waiting.pop()
            order.append(path[-1])
            done.add(path.pop())
        elif needed in path:
            return [*path[path.index(needed):], needed]
        elif needed in variables and needed not in done:
            path.append(needed)
            waiting.append(iter(variables[needed].names))
    return None
