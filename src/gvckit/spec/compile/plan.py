"""What compiling collects: steps, the files that they end in, and everything that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gvckit.errors import GvckitError, Problem, SpecError
from gvckit.panel.expressions import parse
from gvckit.run.step import Step
from gvckit.sources.roots import DataRoots
from gvckit.spec.resolved import Spec

__all__ = ["Compiled", "Draft", "names_in", "plain", "step_of"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Compiled:
    """The steps of a spec.

    Attributes
    ----------
    steps
        All steps.
    outputs
        Steps whose result holds ``files``: what the output folder is made of.
    card
        The step of the report card, where numbers are published.
    not_made
        What the spec asks for that this version does not make: name → reason.
    """

    steps: tuple[Step, ...]
    outputs: tuple[str, ...]
    card: str | None
    not_made: Mapping[str, str]


@dataclass(slots=True)
class Draft:
    """Steps while they are collected."""

    spec: Spec
    roots: DataRoots
    steps: dict[str, Step] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    not_made: dict[str, str] = field(default_factory=dict)

    def add(self, step: Step) -> str:
        """Add a step and return its name."""
        self.steps[step.name] = step
        return step.name

    def blame(self, error: GvckitError) -> None:
        """Keep what an error says, to tell it with the others."""
        self.problems += error.problems

    def keys(self) -> tuple[list[str], str]:
        """Return the panel's unit and time."""
        panel = self.spec.panel
        assert panel is not None
        return list(panel.unit), panel.time


def names_in(texts: Sequence[str]) -> list[str]:
    """Return the variables that names, expressions and ``a*b`` interactions use, in order."""
    found: dict[str, None] = {}
    for text in texts:
        if _NAME.fullmatch(text):
            found[text] = None
            continue
        try:
            found.update(dict.fromkeys(parse(text).names))
        except SpecError:
            found.update(dict.fromkeys(_NAME.findall(text)))
    return list(found)


def step_of(draft: Draft, source: str) -> str:
    """Return the step that gives the data entry or index ``source``."""
    return f"indices.{source}" if source in draft.spec.indices else f"data.{source}"


def plain(value: Any) -> Any:
    """Return tuples as lists and mappings as dictionaries, for parameters."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value
