"""What a run leaves in the hands of its caller."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gvckit.errors import GvckitError, Problem, StoreError, Where, together
from gvckit.run.bundle import Bundle
from gvckit.run.objects import DamagedError, Objects
from gvckit.run.store import Record

__all__ = ["Outputs", "RunResult", "StepDefect"]

ATTEMPTS = 3


class StepDefect(GvckitError):  # noqa: N818 - it is not an error of the user
    """A step raised an exception that gvckit did not foresee; its problem says where the log is."""


class Outputs(Mapping[str, Any]):
    """The results of steps by name, each read from the store when it is asked for.

    A result that is damaged when it is read is computed again.
    """

    def __init__(
        self, objects: Objects, records: Mapping[str, Record],
        repair: Callable[[str], Record],
    ) -> None:
        self._objects = objects
        self._records = records
        self._repair = repair

    def __getitem__(self, name: str) -> Any:
        record = self._records[name]
        for _ in range(ATTEMPTS):
            try:
                return _read(self._objects.load(record.output))
            except DamagedError:
                self._objects.discard_damaged(record.output)
                record = self._repair(name)
        raise StoreError(f"the result of {name!r} is damaged again and again: check the disk")

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


def _read(value: Any) -> Any:
    """Return the value with every member of a bundle read, so that damage shows here."""
    if isinstance(value, Bundle):
        return Bundle({name: _read(value[name]) for name in value})
    return value


@dataclass(frozen=True)
class RunResult:
    """How a run went.

    Attributes
    ----------
    executed, hits
        Steps that ran, and steps whose result was in the store, in order.
    failed
        Step to its error, with the place in the spec where the step comes from.
    blocked
        Step that could not run to the failed step in its way.
    records
        Step to its record, for all that have one.
    outputs
        Step to its value; every step with a record can be read.
    """

    executed: tuple[str, ...]
    hits: tuple[str, ...]
    failed: Mapping[str, GvckitError]
    blocked: Mapping[str, str]
    records: Mapping[str, Record]
    outputs: Outputs

    @property
    def ok(self) -> bool:
        """Whether every target is there."""
        return not self.failed

    @property
    def exit_code(self) -> int:
        """0; 1 where anything failed that the user cannot mend; otherwise 2."""
        codes = {error.exit_code for error in self.failed.values()}
        return 1 if 1 in codes else max(codes, default=0)

    def error(self) -> GvckitError | None:
        """Return everything that went wrong as one error of the kind of `exit_code`, or None."""
        if not self.failed:
            return None
        errors = list(self.failed.values())
        kind = next(type(error) for error in errors if error.exit_code == self.exit_code)
        problems = {problem for error in errors if not isinstance(error, StoreError)
                    for problem in error.problems}
        ordered = together(sorted(problems, key=_place))
        return kind([*ordered, *_of_store(errors)])


def _of_store(errors: Iterable[GvckitError]) -> list[Problem]:
    """Return the first thing that is wrong with the store, and how many steps met such a thing."""
    met = [error.problems[0] for error in errors if isinstance(error, StoreError)]
    more = f" ({len(met) - 1} more steps met the like)" if len(met) > 1 else ""
    return [replace(met[0], what=met[0].what + more)] if met else []


def _place(problem: Problem) -> tuple[str, int, int, list[str | int], str]:
    """Return what problems are sorted by: the place in the spec, in the data, then the text."""
    where, inside = problem.where, _natural(str(problem.inside or ""))
    if isinstance(where, Where):
        return (where.path, where.line, where.column, inside, problem.what)
    return (str(where or ""), 0, 0, inside, problem.what)


def _natural(text: str) -> list[str | int]:
    """Return text with its numbers as numbers, so that row 9 comes before row 10."""
    return [int(part) if i % 2 else part for i, part in enumerate(re.split(r"([0-9]+)", text))]
