"""Cut the text of an expression into tokens."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from gvckit.errors import Problem

__all__ = ["END", "Token", "tokenize"]

END = "end"
_PATTERN = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<op>\*\*|==|!=|<=|>=|[-+*/^<>=&|(),\[\]])"
)
_SYNONYM = {"**": "^", "&": "and", "|": "or"}
_WORDS = frozenset({"and", "or", "not"})
_HINTS = {
    "'": "text is not part of the language; choose rows by their codes in `samples`",
    '"': "text is not part of the language; choose rows by their codes in `samples`",
    ".": "attributes are not part of the language",
    "!": "write `not` or `!=`",
    ":": "`:` is not part of the language",
    "%": "`%` is not part of the language; divide by 100",
    ";": "one expression only",
    "{": "braces are not part of the language",
    "`": "quotes around names are not part of the language",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its kind (``number``, ``name``, ``op``, ``end``), its text and its offset from 0."""

    kind: str
    text: str
    at: int


def _strange(char: str) -> str:
    if char in _HINTS:
        return f"unexpected {char!r}: {_HINTS[char]}"
    if char.isascii():
        return f"unexpected {char!r}"
    name = unicodedata.name(char, f"U+{ord(char):04X}")
    return f"unexpected {char!r} ({name}): names are written with a-z, A-Z, 0-9 and _"


def tokenize(text: str) -> tuple[list[Token], list[tuple[int, Problem]]]:
    """Return the tokens of ``text``, an ``end`` token last, and the problems with their offsets."""
    tokens: list[Token] = []
    problems: list[tuple[int, Problem]] = []
    at = 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            problems.append((at, Problem(_strange(text[at]))))
            at += 1
            continue
        kind = str(match.lastgroup)
        word = match.group()
        if kind == "name" and word in _WORDS:
            kind = "op"
        if kind == "name" and word.startswith("__"):
            problems.append((at, Problem(f"{word!r} is not a name: names do not start with two "
                                         "underscores")))
        if kind == "number" and match.end() < len(text) and re.match(r"[A-Za-z_.]",
                                                                     text[match.end()]):
            problems.append((at, Problem(f"{word + text[match.end()]!r} is not a number")))
        if kind == "number" and float(word) == float("inf"):
            problems.append((at, Problem(f"the number {word} is too large")))
        if kind != "space":
            tokens.append(Token(kind, _SYNONYM.get(word, word) if kind == "op" else word, at))
        at = match.end()
    tokens.append(Token(END, "", len(text)))
    return tokens, problems
