"""The errors that gvckit raises, and the problems that they carry.

Every error that a user can cause carries ``problems``: one :class:`Problem` for each thing that is
wrong, so that all of them are told at once.  ``str(error)`` is the list as a person reads it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

__all__ = [
    "DataError",
    "GvckitError",
    "InFile",
    "InText",
    "ModelError",
    "Problem",
    "ReplicationMismatch",
    "SpecError",
    "StoreError",
    "StoreMistakeError",
    "Where",
    "cut",
    "listing",
    "nearest",
    "together",
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
class InFile:
    """A place in a data file: the file's name, and the row, country, sector or year in it."""

    file: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.file}, {self.place}" if self.place else self.file


@dataclass(frozen=True, slots=True)
class InText:
    """A place in an expression: its text, and a character of it from 0."""

    text: str
    at: int

    def __str__(self) -> str:
        return f"expression {self.text!r}, column {self.at + 1}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes
    ----------
    what
        What is wrong, in one sentence without a final full stop.
    where
        A :class:`Where` (place in a spec), a place in the data such as ``"LUX c5 1995"``, or an
        :class:`InFile` where the data have a file; an :class:`InText` in an expression.
    allowed
        What would have been right.
    nearest
        The allowed word closest to what was written.
    at
        Which part of its spec entry the problem is about, as keys and places in lists:
        ``("take", "gdp")``.  A step knows its entry, but not where that stands in the spec.
    inside
        The place in the data, where ``where`` is one in the spec.
    """

    what: str
    where: Where | InFile | InText | str | None = None
    allowed: str | None = None
    nearest: str | None = None
    at: tuple[str | int, ...] = ()
    inside: InFile | InText | str | None = None

    def __str__(self) -> str:
        text = ": ".join(str(part) for part in (self.where, self.inside, self.what) if part)
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

    def located(self, where: Where | None,
                parts: Mapping[tuple[str | int, ...], Where] | None = None,
                subject: str = "") -> GvckitError:
        """Return the same error with every problem placed in the spec.

        A place in the data becomes ``inside``.

        Parameters
        ----------
        where
            Where the entry stands; None leaves everything as it is.
        parts
            Where the parts of the entry stand; a problem is placed at its own part where the spec
            has it, else at the nearest one that holds it.
        subject
            What the entry is called where a problem lies in a file: ``data gap, file gap.csv``.
        """
        if where is None:
            return self
        return type(self)([_placed(p, where, parts or {}, subject) for p in self.problems])

    def under(self, *part: str | int) -> GvckitError:
        """Return the same error about this part of a larger entry."""
        return type(self)([replace(p, at=(*part, *p.at)) for p in self.problems])

    def in_file(self, file: str) -> GvckitError:
        """Return the same error with the file's name in every place in the data.

        A problem about no part of the entry is about its ``file``.
        """
        return type(self)([p if isinstance(p.where, Where | InFile) else
                           replace(p, where=InFile(file, str(p.where or "")), at=p.at or ("file",))
                           for p in self.problems])


def _placed(problem: Problem, where: Where, parts: Mapping[tuple[str | int, ...], Where],
            subject: str) -> Problem:
    if isinstance(problem.where, Where):
        return problem
    place, at = problem.where, problem.at
    if isinstance(place, InText):
        for length in range(len(at), 0, -1):
            if (*at[:length], place.at) in parts:
                return replace(problem, where=parts[(*at[:length], place.at)], at=())
    while at and at not in parts:
        at = at[:-1]
    if isinstance(place, InFile) and subject:
        place = InFile(subject, place.place)
    return replace(problem, where=parts[at] if at else where, inside=place, at=())


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


class StoreMistakeError(StoreError):
    """A folder given as the store is a file, holds something else, or is of another version."""

    exit_code = 2


class ReplicationMismatch(GvckitError):  # noqa: N818 - the public name in the design
    """A published number with status ``must`` was not reproduced."""

    exit_code = 3


def together(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems; those that differ only in their file become one with all the files."""
    files: dict[Problem, list[str]] = {}
    for problem in problems:
        inside = problem.inside
        if isinstance(inside, InFile) and not inside.place:
            files.setdefault(replace(problem, inside=InFile("")), []).append(inside.file)
        else:
            files.setdefault(problem, [])
    return [replace(problem, inside=InFile(_files(sorted(named)))) if named else problem
            for problem, named in files.items()]


def _files(named: Sequence[str]) -> str:
    if len(named) == 1:
        return named[0]
    subject = named[0].rpartition(" ")[0]
    start = f"{subject} " if subject and all(n.startswith(f"{subject} ") for n in named) else ""
    return start + listing([name.removeprefix(start) for name in named], 6)


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed word closest to ``word``, or None where nothing is close."""
    candidates = sorted(set(allowed))
    lower = {c.lower(): c for c in reversed(candidates)}
    if word.lower() in lower:
        return lower[word.lower()]
    close = difflib.get_close_matches(word.lower(), list(lower), n=1, cutoff=0.6)
    return lower[close[0]] if close else None


_BLANKS = str.maketrans("\n\r\t", "   ")


def cut(text: object, most: int = 60) -> str:
    r"""Return ``text`` as one short line: what is beyond ``most`` characters becomes ``…``.

    Examples
    --------
    >>> cut("a" * 100, 5), cut("two\nlines")
    ('aaaa…', 'two lines')
    """
    line = str(text)[:4 * most].translate(_BLANKS)
    return line if len(line) <= most else line[:most - 1] + "…"


def listing(items: Sequence[str] | Iterable[str], most: int = 24) -> str:
    """Return ``items`` as text, cut after ``most`` with a count of the rest."""
    words = [cut(i, 200) for i in items]
    head = ", ".join(words[:most])
    return head if len(words) <= most else f"{head}, … ({len(words) - most} more)"


def unknown(
    kind: str, word: str, allowed: Iterable[str],
    where: Where | InFile | InText | str | None = None,
    at: tuple[str | int, ...] = ()
) -> Problem:
    """Return the problem that ``word`` is not a known ``kind``, with what is allowed."""
    words = sorted(set(allowed))
    return Problem(
        f"unknown {kind} {cut(word)!r}", where,
        allowed=listing(cut(w) for w in words) or "none are declared",
        nearest=nearest(word, words), at=at,
    )


def relative(path: Path, base: Path) -> str:
    """Return ``path`` relative to ``base`` where it lies below it, else as given."""
    try:
        return str(path.resolve().relative_to(base.resolve()))
    except ValueError:
        return str(path)
