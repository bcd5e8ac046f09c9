"""Plain text to TeX that prints it: nothing in a text can act as a command."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["comment", "escape", "folded", "has_wide", "label_key", "pieces", "plain", "width"]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    "\u00a0": "~",
    # Signs that pdflatex or the text font may lack.
    "×": r"$\times$",
    "−": r"$-$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≠": r"$\neq$",
    "±": r"$\pm$",
    "²": r"$^{2}$",
    "³": r"$^{3}$",
    "Δ": r"$\Delta$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "γ": r"$\gamma$",
    "δ": r"$\delta$",
    "λ": r"$\lambda$",
    "μ": r"$\mu$",
    "ρ": r"$\rho$",
    "σ": r"$\sigma$",
    "χ": r"$\chi$",
    "∞": r"$\infty$",
    "∪": r"$\cup$",
    "√": r"$\surd$",
}

#: Pairs that fonts would draw as one other sign.
_LIGATURES = (("--", "-{}-"), ("''", "'{}'"), (",,", ",{},"), ("?`", "?{}`"), ("!`", "!{}`"))


#: What stays on one line: a word or one Chinese character, with the signs that open and close it.
_OPENING, _CLOSING = "（【《「『", "）】》」』，。；：！？、％"
_PIECE = re.compile(
    rf"\s*[{_OPENING}]*(?:[^\s\u2e80-\uffef]+|[^\s{_OPENING}{_CLOSING}])?[{_CLOSING}]+"
    rf"|\s*[{_OPENING}]*(?:[^\s\u2e80-\uffef]+|[\u2e80-\uffef])")


_ORPHAN = 4


def plain(text: str) -> str:
    """Return ``text`` on one line, without control, formatting, surrogate or unassigned signs."""
    kept = []
    for sign in text:
        category = unicodedata.category(sign)
        if sign in "\t\n\r\v\f" or category in ("Zl", "Zp"):
            kept.append(" ")
        elif category not in ("Cc", "Cf", "Cs", "Cn"):
            kept.append(sign)
    return "".join(kept)


def escape(text: str, *, breaks: bool = False) -> str:
    r"""Return TeX that prints ``text`` literally; Unicode letters pass through.

    ``breaks`` lets long names break after ``_``, for notes and other paragraphs.
    """
    out = "".join(_SPECIAL.get(sign, sign) for sign in plain(text))
    for pair, apart in _LIGATURES:
        while pair in out:
            out = out.replace(pair, apart)
    return out.replace(r"\_", r"\_\allowbreak{}") if breaks else out


def comment(text: str) -> str:
    """Return ``text`` as it may stand behind a ``%``: one line, nothing that ends it."""
    return plain(text).replace("^^", "^ ^")


def label_key(name: str) -> str:
    r"""Return ``name`` as a key for ``\label``: letters, digits and ``_ - . :`` only."""
    return "".join(c if (c.isascii() and c.isalnum()) or c in "_-.:" else "-" for c in name)


def width(text: str) -> int:
    """Return the width of ``text`` in Latin letters; Chinese characters count two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
               if not unicodedata.combining(c))


def pieces(text: str) -> list[str]:
    """Return what of ``text`` no line break divides: words, and single Chinese characters."""
    return _PIECE.findall(plain(text))


def folded(text: str, widest: int) -> list[str]:
    """Return ``text`` as lines of at most ``widest`` Latin letters where its words allow it.

    Lines break at spaces, and between Chinese characters but for closing and opening signs.  One
    or two Chinese characters make no line of their own.
    """
    lines = [""]
    for word in pieces(text):
        if lines[-1] and width(lines[-1] + word) > widest:
            lines.append(word.strip())
        else:
            lines[-1] = (lines[-1] + word).lstrip()
    if len(lines) > 1 and width(lines[-1]) <= _ORPHAN and has_wide(lines[-1]):
        lines[-2:] = [lines[-2] + lines[-1]]
    return lines


def has_wide(text: str) -> bool:
    """Whether ``text`` has Chinese, Japanese or Korean characters."""
    return any(unicodedata.east_asian_width(c) in "WF" for c in text)
