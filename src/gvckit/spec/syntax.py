"""Say in plain words what the YAML reader did not understand, and where."""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from gvckit.errors import Problem, Where

__all__ = ["bad_escape", "explained"]

_LAST_CHARACTER = 0x10FFFF
_QUOTE = "inside { } and [ ], quote text that holds , [ ] { } or ': '"
_INDENT = "lines of one mapping or list start in one column; indent with spaces"


def explained(error: YAMLError, text: str, path: str) -> Problem:
    """Return the problem that stands behind an error of the YAML reader."""
    if not isinstance(error, MarkedYAMLError):
        return Problem(f"this is not YAML: {' '.join(str(error).split())}", Where(path, 1, 1))
    problem, context = error.problem or "", error.context or ""
    mark: Any = error.problem_mark or error.context_mark
    at = mark.index if mark else 0
    if "'\\t'" in problem or _tab_in_indent(text, at):
        at = _tab(text, at)
        return Problem("a tab cannot indent; use spaces", _where(text, path, at))
    unclosed = _unclosed(problem, context)
    if unclosed and error.context_mark:
        opened = error.context_mark.index
        return Problem(f"the {text[opened : opened + 1] or unclosed} opened here is not closed",
                       _where(text, path, opened))
    return Problem(_words(problem, context), _where(text, path, at))


def bad_escape(text: str, path: str, reason: str) -> Problem:
    r"""Return the problem of an escape such as ``\UFFFFFFFF`` that names no character."""
    found = next((m for m in re.finditer(r"\\U([0-9a-fA-F]{8})", text)
                  if int(m[1], 16) > _LAST_CHARACTER), None)
    if found is None:
        return Problem(f"the file cannot be read: {reason}", Where(path, 1, 1))
    return Problem(f"the escape {found[0]} names no character", _where(text, path, found.start()))


def _where(text: str, path: str, at: int) -> Where:
    """Return the place of index ``at``; past the last line, the end of what was written."""
    at = min(at, len(text.rstrip("\n")))
    return Where(path, text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1)


def _tab(text: str, at: int) -> int:
    """Return the index of the tab at ``at``, or of the first one in its line."""
    if text[at : at + 1] == "\t":
        return at
    start = text.rfind("\n", 0, at) + 1
    found = text.find("\t", start)
    return found if found >= 0 else at


def _tab_in_indent(text: str, at: int) -> bool:
    start = text.rfind("\n", 0, at) + 1
    return re.match(r" *\t", text[start:]) is not None


def _unclosed(problem: str, context: str) -> str | None:
    """Return what is not closed: a quote, a bracket, or None."""
    if "quoted scalar" in context and ("end of stream" in problem or "document separator"
                                       in problem):
        return "quote"
    if "flow" in context and ("<stream end>" in problem or "<document" in problem
                              or "<block end>" in problem):
        return "bracket"
    return None


def _words(problem: str, context: str) -> str:
    """Return what is wrong in plain words, and how to mend it."""
    if problem.startswith("mapping values are not allowed"):
        return f"a second ':' stands here; quote text that holds ': '; {_INDENT}"
    if "could not find expected ':'" in problem:
        return f"a key without ':'; {_INDENT}"
    if "flow" in context and problem.startswith("expected"):
        return f"a comma or a closing bracket is missing before this; {_QUOTE}"
    if "expected <block end>" in problem:
        return f"this line does not line up with the ones above; {_INDENT}"
    if "unknown escape character" in problem or "escape sequence" in problem:
        return "the backslash starts no known escape; single quotes keep it as it is"
    if "undefined tag handle" in problem or "tag" in context or "tag" in problem:
        return "tags are refused: a spec holds text, lists and mappings only"
    if "cannot start any token" in problem:
        found = re.search(r"character (.+?) that cannot", problem)
        return f"the character {found[1] if found else ''} cannot start text; quote the text"
    return " ".join(f"{context} {problem}".split()) or "this is not YAML"
