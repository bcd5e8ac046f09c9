"""The step: one function call of a run, as a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from gvckit.errors import Where
from gvckit.run.canonical import jsonable

__all__ = ["FileRef", "InputNames", "Step", "names_of"]

InputNames = str | Sequence[str] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that a step reads.

    Attributes
    ----------
    path
        Where the file lies on this machine; never part of a key or of an output.
    sha256
        Of its bytes; None lets the engine compute it (and remember it in the store).
    name
        The name under its data root, for messages and the manifest; empty means the file name.
    """

    path: Path
    sha256: str | None = None
    name: str = ""

    @property
    def label(self) -> str:
        """The name without any folder of this machine."""
        return self.name or self.path.name


@dataclass(frozen=True)
class Step:
    """One call ``fn(inputs, files, params)`` of a run.

    Attributes
    ----------
    name
        Unique in its run.
    fn
        ``"module:function"``.
    params
        JSON-able; only what the function uses, because each change makes the step run again.
    inputs
        Argument to step name, to a list of them or to a mapping of them.
    files
        Argument to file.
    code
        Modules that the function reaches by a registry rather than an import.
    libraries
        Distributions whose version is part of the key.
    origin
        The entry of the spec that asked for the step.
    parts
        Where the parts of that entry stand; messages only, never part of a key.
    subject
        What messages call the entry where a fault lies in a file: ``data gap, file gap.csv``.
    memory
        Estimated peak of the step, bytes; 0 means negligible.
    must
        Whether the paper cannot do without it.
    """

    name: str
    fn: str
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, InputNames] = field(default_factory=dict)
    files: Mapping[str, FileRef] = field(default_factory=dict)
    code: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    origin: Where | None = None
    parts: Mapping[tuple[str | int, ...], Where] = field(default_factory=dict)
    subject: str = ""
    memory: int = 0
    must: bool = False

    def __post_init__(self) -> None:
        module, colon, function = self.fn.partition(":")
        if not (module and colon and function.isidentifier()):
            raise ValueError(f"step {self.name!r}: fn is {self.fn!r}, not 'module:function'")

    @property
    def module(self) -> str:
        """The module of the function."""
        return self.fn.partition(":")[0]

    @cached_property
    def plain_params(self) -> dict[str, Any]:
        """The parameters as plain JSON, by name; the order inside a parameter is kept."""
        plain = jsonable(self.params, f"step {self.name!r}: params")
        return {name: plain[name] for name in sorted(plain)}

    @cached_property
    def input_steps(self) -> tuple[str, ...]:
        """The names of all steps whose output this one takes, sorted, each once."""
        return tuple(sorted({n for names in self.inputs.values() for n in names_of(names)}))


def names_of(names: InputNames) -> Iterator[str]:
    """Yield the step names in one value of ``Step.inputs``, in order."""
    if isinstance(names, str):
        yield names
    elif isinstance(names, Mapping):
        yield from names.values()
    else:
        yield from names
