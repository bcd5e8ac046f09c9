"""Show problems with the line they stand in and a caret below the place.

Plain text; control characters are shown as ``·``, wide (Chinese, Japanese, Korean) characters
take two cells, and long lines are cut around the caret.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from gvckit.errors import GvckitError, Problem, Where
from gvckit.spec.families import family_text

__all__ = ["in_order", "render", "render_problems", "width"]

_MAX_BYTES = 1_000_000
_CELLS = 100


def render(error: GvckitError, texts: Mapping[str, str] | None = None) -> str:
    """Return everything that is wrong, as a person reads it.  See :func:`render_problems`."""
    return render_problems(error.problems, texts)


def render_problems(problems: Iterable[Problem], texts: Mapping[str, str] | None = None) -> str:
    r"""Return the problems as text, each with its source line and a caret.

    Parameters
    ----------
    problems
        In the order to show them in.
    texts
        The texts of the files by path, as in ``Where.path``; a file that is not among them is read.

    Examples
    --------
    >>> print(render_problems([Problem("unknown key 'form'", Where("a.yaml", 2, 3))],
    ...                       {"a.yaml": "iv:\n  form: 2\n"}))
    a.yaml:2:3: unknown key 'form'
        2 |   form: 2
          |   ^
    """
    known = {path: text.splitlines() if "\n" not in text else text.split("\n")
             for path, text in (texts or {}).items()}
    blocks = []
    for problem in problems:
        block = _clean(str(problem))
        if isinstance(problem.where, Where) and problem.where.line:
            if problem.where.path not in known:
                known[problem.where.path] = _read_lines(problem.where.path)
            block += _excerpt(known[problem.where.path], problem.where)
        blocks.append(block)
    return "\n".join(blocks)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems without repeats, sorted by their place in the file."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda p: (0, p.where, str(p.inside or ""), p.what)
                  if isinstance(p.where, Where) else (1, Where(""), "", p.what))


def width(text: str) -> int:
    """Return how many cells ``text`` takes on a terminal.

    Examples
    --------
    >>> width("ab"), width("数字")
    (2, 4)
    """
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _clean(text: str) -> str:
    return "".join(" " if c == "\t" else c if c == "\n" or unicodedata.category(c)[0] != "C"
                   else "·" for c in text)


def _read_lines(path: str) -> list[str]:
    family = family_text(path)
    if family is not None:
        return family.split("\n")
    try:
        with Path(path).open("rb") as stream:
            text = stream.read(_MAX_BYTES).decode("utf-8-sig", errors="replace")
    except (OSError, ValueError):
        return []
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _excerpt(lines: list[str], where: Where) -> str:
    if not 1 <= where.line <= len(lines):
        return ""
    line = _clean(lines[where.line - 1])
    number = f"{where.line:>5}"
    if not where.column:
        return f"\n{number} | {_cut(line, 0)[0]}"
    shown, caret = _cut(line, where.column - 1)
    return f"\n{number} | {shown}\n{' ' * len(number)} | {' ' * caret}^"


def _cut(line: str, at: int) -> tuple[str, int]:
    """Return at most 100 cells of ``line`` around index ``at``, and the cells before it."""
    line = line.rstrip()
    at = min(at, len(line))
    if width(line) <= _CELLS:
        return line, width(line[:at])
    start = 0 if width(line[:at]) < _CELLS - 20 else max(0, at - _CELLS // 3)
    lead = "…" if start else ""
    shown, cells = "", width(lead)
    for character in line[start:]:
        cells += _cells(character)
        if cells > _CELLS - 1:
            shown += "…"
            break
        shown += character
    return lead + shown, width(lead + line[start:at])
