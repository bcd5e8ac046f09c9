"""The graph of steps: what is needed for the targets, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gvckit.errors import Problem, SpecError, unknown
from gvckit.run.step import Step

__all__ = ["Graph", "build_graph"]


@dataclass(frozen=True)
class Graph:
    """The steps that some targets need.

    Attributes
    ----------
    steps
        By name, in the order in which they should run.
    consumers
        Name to the needed steps that take its output, sorted.
    targets
        The names asked for, sorted.
    index
        Name to its place in the order.
    """

    steps: dict[str, Step]
    consumers: dict[str, tuple[str, ...]]
    targets: tuple[str, ...]
    index: dict[str, int]

    def descendants(self, name: str) -> list[str]:
        """Return every needed step that depends on ``name``, in order."""
        found: set[str] = set()
        stack = [name]
        while stack:
            for consumer in self.consumers[stack.pop()]:
                if consumer not in found:
                    found.add(consumer)
                    stack.append(consumer)
        return sorted(found, key=self.index.__getitem__)


def build_graph(steps: Iterable[Step], targets: Iterable[str] | None = None) -> Graph:
    """Return the graph that ``targets`` need (None: the steps whose output nobody takes).

    Raises
    ------
    SpecError
        For duplicate names, inputs or targets that are no step, and cycles, all at once.
    """
    steps = list(steps)
    by_name = {step.name: step for step in steps}
    problems = _problems(steps, by_name)
    if targets is None:
        taken = {name for step in steps for name in step.input_steps}
        # Where every output is taken there is a cycle, and it shall be found.
        wanted = sorted(set(by_name) - taken or set(by_name))
    else:
        wanted = sorted(set(targets))
        problems += [unknown("step", name, by_name) for name in wanted if name not in by_name]
    if problems:
        raise SpecError(problems)
    needed = _needed(by_name, wanted)
    order, consumers = _order(needed)
    return Graph(
        {name: by_name[name] for name in order},
        consumers,
        tuple(wanted),
        {name: i for i, name in enumerate(order)},
    )


def _problems(steps: Sequence[Step], by_name: dict[str, Step]) -> list[Problem]:
    problems = []
    seen: set[str] = set()
    for step in steps:
        if step.name in seen:
            problems.append(Problem(f"two steps are called {step.name!r}", step.origin))
        seen.add(step.name)
        problems += [
            unknown(f"input of {step.name!r}", name, by_name, step.origin)
            for name in step.input_steps
            if name not in by_name
        ]
    return problems


def _needed(by_name: dict[str, Step], targets: Sequence[str]) -> dict[str, Step]:
    found = set(targets)
    stack = list(targets)
    while stack:
        for name in by_name[stack.pop()].input_steps:
            if name not in found:
                found.add(name)
                stack.append(name)
    return {name: by_name[name] for name in sorted(found)}


def _order(needed: dict[str, Step]) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Return a topological order in which the takers of an output follow it closely.

    A stack rather than a queue: once a table is there, everything that needs only this table comes
    before the next table, so that it is read from the store once.
    """
    consumers: dict[str, list[str]] = {name: [] for name in needed}
    missing = {}
    for name, step in needed.items():
        missing[name] = len(step.input_steps)
        for source in step.input_steps:
            consumers[source].append(name)
    order: list[str] = []
    stack = [name for name in sorted(needed, reverse=True) if not missing[name]]
    while stack:
        name = stack.pop()
        order.append(name)
        for consumer in sorted(consumers[name], reverse=True):
            missing[consumer] -= 1
            if not missing[consumer]:
                stack.append(consumer)
    if len(order) < len(needed):
        raise SpecError(_cycle(needed, set(needed) - set(order)))
    return order, {name: tuple(sorted(found)) for name, found in consumers.items()}


def _cycle(needed: dict[str, Step], left: set[str]) -> Problem:
    """Return the problem that names one cycle among the steps that no order could place."""
    path = [min(left)]
    while path[-1] not in path[:-1]:
        path.append(next(name for name in needed[path[-1]].input_steps if name in left))
    loop = path[path.index(path[-1]):]
    return Problem("steps need each other: " + " <- ".join(loop), needed[loop[0]].origin)
