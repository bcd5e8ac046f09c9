"""How wide a table is on paper, and so its type size, its turn and its wrapped columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gvckit.report.cells import Number, Row, Span, TableLayout, Text
from gvckit.report.latexheight import body_height, note_font
from gvckit.report.tex import folded, pieces, width

__all__ = ["WIDEST_HEADER", "Plan", "aligned", "figures", "head_limit", "plan", "table_format"]

#: Text width and height of an A4 page with margins of 2.5 cm, in points.
_PAGE_WIDTH, _PAGE_HEIGHT = 455.0, 700.0
#: Mean width of a letter by type size (documents of 12 pt), from widest to narrowest, and the gap.
_FONTS = (("small", 5.4, 6), ("footnotesize", 4.9, 4), ("scriptsize", 4.2, 3), ("tiny", 3.8, 2))
#: Half a Chinese character is wider than the mean letter.
_CHINESE_LETTER = 1.05
_WIDEST_STUB, _NARROW_STUB, _TIGHT_STUB = 42, 32, 26
#: Notes of more letters than this take a table to the full width of the line.
_LONG_NOTES = 600
#: Header labels wider than this (Latin letters) are stacked on several lines.
WIDEST_HEADER = 16
_AIR = 1.15
_PAGE_LINES, _TURNED_LINES = 44.0, 26.0
#: So many of these lines are on a page in Chinese.
_CHINESE_LINES = 0.8
#: Height of one of these lines in points.
_LINE = 14.5
_NARROWEST = 0.6


@dataclass(frozen=True, slots=True)
class Plan:
    """The measures of a table.

    Attributes
    ----------
    font
        Type size command.
    column_gap
        Half the space between columns, in points.
    sideways
        Whether the table is turned.
    width
        Width as a share of the line.
    stub_width
        Width of a wrapped label column as a share of the line; 0 where labels stay on one line.
    wrap_widths
        Width of each column as a share of the line, by its index; 0 where it is not wrapped.
    note_font
        Type size command of the notes.
    """

    font: str
    column_gap: int
    sideways: bool
    width: float
    stub_width: float
    wrap_widths: tuple[float, ...] = ()
    note_font: str = "footnotesize"


def figures(rows: Sequence[Row], column: int) -> list[Number]:
    """Return the numbers of a column."""
    return [cell for row in rows if isinstance(cell := row.cells[column], Number)]


def aligned(number: Number) -> bool:
    """Whether a number stands on the decimal point; counts and powers of ten are centred."""
    return number.decimals is not None and not number.thousands


def _parts(numbers: Sequence[Number]) -> tuple[str, int, int]:
    """Return sign, digits before and digits after the point that hold all ``numbers``."""
    whole, decimals, sign = 1, 0, ""
    for number in numbers:
        before, _, after = number.digits.partition(".")
        sign = "-" if before.startswith("-") else sign
        whole = max(whole, len(before.lstrip("-")))
        decimals = max(decimals, len(after))
    return sign, whole, decimals


def table_format(numbers: Sequence[Number]) -> str:
    """Return siunitx's ``table-format`` for the numbers of a column: sign, digits, decimals."""
    sign, whole, decimals = _parts(numbers)
    return f"{sign}{whole}.{decimals}"


def _number_width(numbers: Sequence[Number]) -> float:
    """Return the width of a column of numbers, which is that of its format, stars and brackets."""
    on_point = [n for n in numbers if aligned(n)]
    widths = [9.0 if n.decimals is None else float(width(n.text))
              for n in numbers if not aligned(n)]
    if on_point:
        sign, whole, decimals = _parts(on_point)
        brackets = 0.8 * any(n.bracket for n in on_point)
        after = max(0.9 * max(n.stars for n in on_point), brackets)
        point = 0.6 if decimals else 0.0
        widths.append(1.5 * len(sign) + whole + point + decimals + brackets + after)
    return max(widths, default=0.0)


def _column_width(layout: TableLayout, index: int) -> float:
    return max(_cell_width(layout, index), _head_width(layout, index))


def _cell_width(layout: TableLayout, index: int) -> float:
    words = [width(cell.text) for row in layout.rows
             if not isinstance(cell := row.cells[index], Number)]
    return max([*words, _number_width(figures(layout.rows, index))], default=0.0)


def _head_width(layout: TableLayout, index: int) -> float:
    """Return the share of the headers above a column; labels are stacked where they are wide."""
    widest = 0.0
    for row in layout.header:
        for span in row.spans:
            if not span.first <= index <= span.last:
                continue
            many = span.last - span.first + 1
            lines = folded(span.label, head_limit(layout, span))
            widest = max(widest, *(width(line) / many for line in lines))
    return widest


def head_limit(layout: TableLayout, span: Span) -> int:
    """Return how wide a header label may be, in letters, before it is stacked.

    Over several columns that is what they take up anyway, so that the label does not widen them.
    """
    if span.first == span.last:
        return WIDEST_HEADER
    places = range(span.first, span.last + 1)
    own = sum(max(_cell_width(layout, i), *(
        min(WIDEST_HEADER, width(s.label)) for h in layout.header for s in h.spans
        if s.first == s.last == i)) for i in places)
    return max(WIDEST_HEADER, int(own) + 2 * (len(places) - 1))


def plan(layout: TableLayout) -> Plan:
    """Return the measures with which ``layout`` fits a page, upright where it can.

    A table that is too wide even turned and in the smallest type stays too wide, and one that is
    too long stays too long: TeX reports it.
    """
    stub = max((width(r.label) + 2 * r.indent for r in layout.rows), default=0)
    if any(c.kind == "wrap" for c in layout.columns):
        return _wrapped(layout, stub)
    found: list[Plan] = []
    size = None
    for sideways, font, widest in _options(layout):
        size, fits, whole = _measured(layout, stub, sideways, font, widest)
        if fits and whole:
            return size
        found += [size] if fits else []
    assert size is not None
    return found[0] if found else size


def _options(layout: TableLayout) -> list[tuple[bool, tuple[str, float, int], int]]:
    """Return what is tried in turn: whether turned, the type, the width of the label column."""
    small, footnote, script, tiny = _FONTS
    upright = [(False, small, _WIDEST_STUB), (False, footnote, _WIDEST_STUB),
               (False, footnote, _NARROW_STUB), (False, script, _WIDEST_STUB),
               (False, script, _NARROW_STUB)]
    turned = [(True, font, _WIDEST_STUB) for font in _FONTS[:3]] + [(True, tiny, _TIGHT_STUB)]
    if layout.sideways is None:
        return upright + turned
    return turned if layout.sideways else [*upright, (False, tiny, _TIGHT_STUB)]


def _measured(layout: TableLayout, stub: int, sideways: bool, font: tuple[str, float, int],
              widest: int) -> tuple[Plan, bool, bool]:
    """Return the measures, whether the table is narrow enough, and whether its notes fit."""
    name, letter, gap = font
    letter *= _CHINESE_LETTER if layout.language == "zh" else 1.0
    page, height = ((_PAGE_HEIGHT, _PAGE_WIDTH) if sideways else (_PAGE_WIDTH, _PAGE_HEIGHT))
    numbers = sum(_column_width(layout, i) for i in range(len(layout.columns)))
    gaps = 2 * (len(layout.columns) + 1)
    natural = (min(stub, widest) + numbers) * letter + gaps * gap
    share = min(1.0, max(_NARROWEST, _AIR * natural / page))
    if sum(map(width, layout.notes)) > _LONG_NOTES:
        share = 1.0
    lines = len(layout.rows) + 0.5 * len(layout.groups) + sum(
        max(len(folded(s.label, head_limit(layout, s))) for s in h.spans) for h in layout.header)
    if stub > widest:
        lines += sum(width(r.label) + 2 * r.indent > widest for r in layout.rows)
    room = height - body_height(lines, name, layout.language)
    notes, whole = note_font(layout.notes, layout.language, share * page, room)
    wrapped = round(widest * letter / page, 3) if stub > widest else 0.0
    return Plan(name, gap, sideways, share, wrapped, note_font=notes), natural <= page, whole


def _wrapped(layout: TableLayout, stub: int) -> Plan:
    """Return the measures of a table of words: label column and wrapped columns share the line.

    A table that is too wide or too long is set in smaller type, then turned.
    """
    turned = (False, True) if layout.sideways is None else (layout.sideways,)
    found = _in_type(layout, stub, _FONTS[0], turned[0])[0]
    for sideways in turned:
        page = _PAGE_HEIGHT if sideways else _PAGE_WIDTH
        for font in _FONTS:
            found, fits = _in_type(layout, stub, font, sideways)
            lines = _TURNED_LINES if sideways else _PAGE_LINES
            if layout.language == "zh":
                lines *= _CHINESE_LINES
            left = lines - _height(layout, found, font)
            notes, whole = note_font(layout.notes, layout.language, page, left * _LINE)
            found = replace(found, note_font=notes)
            if fits and left >= 0 and whole:
                return found
    return found


def _in_type(
    layout: TableLayout, stub: int, font: tuple[str, float, int], sideways: bool
) -> tuple[Plan, bool]:
    """Return the measures in one type, and whether every column has room for its longest word."""
    name, letter, gap = font
    letter *= _CHINESE_LETTER if layout.language == "zh" else 1.0
    page = _PAGE_HEIGHT if sideways else _PAGE_WIDTH
    wraps = [i for i, c in enumerate(layout.columns) if c.kind == "wrap"]
    taken = sum(_column_width(layout, i) for i in range(len(layout.columns)) if i not in wraps)
    stub_share = min(1.1 * stub * letter / page, 0.28)
    room = 1 - stub_share - (taken * letter + 2 * gap * (len(layout.columns) + 1)) / page
    least = {i: _longest_word(layout, i) * letter / page + 0.005 for i in wraps}
    needs = {i: _need(layout, i) for i in wraps}
    spare = max(0.0, room - sum(least.values()))
    shares = tuple(
        round(least[i] + spare * needs[i] / sum(needs.values()) - 0.005, 3) if i in least else 0.0
        for i in range(len(layout.columns)))
    return (Plan(name, gap, sideways, 1.0, round(stub_share, 3), shares),
            room >= sum(least.values()))


def _height(layout: TableLayout, size: Plan, font: tuple[str, float, int]) -> float:
    """Return how high the body is, in lines of the largest type."""
    page = _PAGE_HEIGHT if size.sideways else _PAGE_WIDTH
    lines = 0.0
    for row in layout.rows:
        texts = [(row.label, size.stub_width)]
        texts += [(cell.text, size.wrap_widths[i]) for i, cell in enumerate(row.cells)
                  if isinstance(cell, Text) and size.wrap_widths[i]]
        lines += max((-(-width(text) * font[1] // (share * page)) for text, share in texts
                      if share), default=1.0)
    return lines * font[1] / _FONTS[0][1]


def _texts(layout: TableLayout, index: int) -> list[str]:
    found = [cell.text for row in layout.rows if isinstance(cell := row.cells[index], Text)]
    return [*found, *(s.label for h in layout.header for s in h.spans
                      if s.first == s.last == index)]


def _longest_word(layout: TableLayout, index: int) -> float:
    """Return the width of the longest piece that TeX does not break, in letters."""
    found = [piece.strip() for text in _texts(layout, index)
             for piece in pieces(text.replace("_", "_ ").replace("(", "( "))]
    return 1.05 * max((width(piece) for piece in found), default=4) + 1


def _need(layout: TableLayout, index: int) -> float:
    """Return how much room a wrapped column asks for; long texts get that of 60 letters."""
    longest = max((width(text) for text in _texts(layout, index)), default=0)
    return max(4.0, min(60.0, float(longest)))
