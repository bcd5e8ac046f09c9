"""How high a table is on paper, and so the type size of its notes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gvckit.report.tex import width

__all__ = ["NOTE_FONTS", "body_height", "note_font"]

#: Type sizes of notes from largest to smallest: mean width of a letter and line, in points.
NOTE_FONTS = (("footnotesize", 4.6, 11.0), ("scriptsize", 4.0, 9.5), ("tiny", 3.4, 7.5))

#: Height of a line of the body by type size, in points.
_LEADS = {"small": 12.0, "footnotesize": 11.0, "scriptsize": 9.5, "tiny": 7.5}

#: Lines of documents in Chinese stand further apart.
_CHINESE = 1.35
_CAPTION, _RULES = 40.0, 16.0


def body_height(lines: float, font: str, language: str) -> float:
    """Return the height of caption, rules and ``lines`` of a table in points."""
    return _CAPTION + _RULES + lines * _LEADS[font] * (_CHINESE if language == "zh" else 1.0)


def note_font(notes: Sequence[str], language: str, measure: float, room: float
              ) -> tuple[str, bool]:
    """Return the largest type in which notes fit, and whether they do even in smaller type.

    Parameters
    ----------
    notes
        Paragraphs.
    language
        ``en`` or ``zh``.
    measure, room
        Width of a line, and height that is left for the notes, in points.
    """
    spaced = _CHINESE if language == "zh" else 1.0
    for font, letter, lead in NOTE_FONTS:
        lines = sum(math.ceil(width(note) * letter / measure) for note in notes)
        if lines * lead * spaced <= room:
            return font, True
    return NOTE_FONTS[-1][0], not notes
