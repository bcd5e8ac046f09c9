"""The errors that gvckit raises, and the problems that they carry.

Every error that a user can cause carries ``problems``: one :class:`Problem` for each thing that is
wrong, so that all of them are told at once.  ``str(error)`` is the list as a person reads it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

__all__ = [
    "DataError",
    "GvckitError",
    "ModelError",
    "Problem",
    "ReplicationMismatch",
    "SpecError",
    "StoreError",
    "Where",
    "listing",
    "nearest",
    "unknown",
]


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a file: path, 1-based line and column (0: the whole file, the whole line)."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.path]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)

    def shifted(self, columns: int) -> Where:
        """Return the place ``columns`` further right on the same line."""
        return replace(self, column=self.column + columns) if self.column else self


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes
    ----------
    what
        What is wrong, in one sentence without a final full stop.
    where
        A :class:`Where` (place in a file) or a place in the data such as ``"LUX c5 1995"``.
    allowed
        What would have been right.
    nearest
        The allowed word closest to what was written.
    """

    what: str
    where: Where | str | None = None
    allowed: str | None = None
    nearest: str | None = None

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.nearest:
            text += f"; did you mean {self.nearest!r}?"
        if self.allowed:
            text += f" (allowed: {self.allowed})"
        return text


class GvckitError(Exception):
    """Base class of every error that gvckit raises on purpose."""

    exit_code = 1

    def __init__(self, problems: str | Problem | Iterable[Problem | str]) -> None:
        if isinstance(problems, str | Problem):
            problems = [problems]
        self.problems: tuple[Problem, ...] = tuple(
            p if isinstance(p, Problem) else Problem(p) for p in problems
        )
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple[type[GvckitError], tuple[tuple[Problem, ...]]]:
        return (type(self), (self.problems,))

    def located(self, where: Where | None) -> GvckitError:
        """Return the same error with ``where`` filled in for problems that have no place yet."""
        return type(self)([p if p.where or not where else replace(p, where=where)
                           for p in self.problems])


class SpecError(GvckitError):
    """The spec file says something that cannot be done."""

    exit_code = 2


class DataError(GvckitError):
    """The data are not what the spec or a reader expects."""

    exit_code = 2


class ModelError(GvckitError):
    """A model cannot be estimated on these data."""

    exit_code = 2


class StoreError(GvckitError):
    """The store cannot be used: locked, not writable, of another version."""

    exit_code = 1


class ReplicationMismatch(GvckitError):  # noqa: N818 - the public name in the design
    """A published number with status ``must`` was not reproduced."""

    exit_code = 3


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed word closest to ``word``, or None where nothing is close."""
    candidates = sorted(set(allowed))
    lower = {c.lower(): c for c in reversed(candidates)}
    if word.lower() in lower:
        return lower[word.lower()]
    close = difflib.get_close_matches(word.lower(), list(lower), n=1, cutoff=0.6)
    return lower[close[0]] if close else None


def listing(items: Sequence[str] | Iterable[str], most: int = 24) -> str:
    """Return ``items`` as text, cut after ``most`` with a count of the rest."""
    words = [str(i) for i in items]
    head = ", ".join(words[:most])
    return head if len(words) <= most else f"{head}, … ({len(words) - most} more)"


def unknown(
    kind: str, word: str, allowed: Iterable[str], where: Where | str | None = None
) -> Problem:
    """Return the problem that ``word`` is not a known ``kind``, with what is allowed."""
    words = sorted(set(allowed))
    return Problem(
        f"unknown {kind} {word!r}", where, allowed=listing(words) or "none are declared",
        nearest=nearest(word, words),
    )


def relative(path: Path, base: Path) -> str:
    """Return ``path`` relative to ``base`` where it lies below it, else as given."""
    try:
        return str(path.resolve().relative_to(base.resolve()))
    except ValueError:
        return str(path)
