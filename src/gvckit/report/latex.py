r"""A layout as LaTeX: booktabs rules, decimals aligned by siunitx, notes by threeparttable.

Every file compiles by itself below ``\begin{document}``; its first lines name the packages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gvckit.report.cells import (
    Cell,
    Column,
    Empty,
    Group,
    HeaderRow,
    Number,
    Row,
    TableLayout,
    Text,
)
from gvckit.report.latexwidth import Plan, aligned, figures, head_limit, plan, table_format
from gvckit.report.tex import comment, escape, folded, has_wide, label_key
from gvckit.report.words import say

__all__ = ["PACKAGES", "marker", "render", "write"]

PACKAGES = ("array", "booktabs", "rotating", "siunitx", "threeparttable")


def write(layout: TableLayout) -> bytes:
    """Return the ``.tex`` file of ``layout``."""
    return render(layout).encode("utf-8")


def marker(table_id: str, language: str) -> str:
    """Return the first line of a table's file, by which the preview finds its language."""
    return f"% gvckit table {label_key(table_id)} ({label_key(language)})"


def render(layout: TableLayout) -> str:
    """Return ``layout`` as LaTeX text."""
    size = plan(layout)
    environment = "sidewaystable" if size.sideways else "table"
    lines = [
        *_head_comments(layout),
        r"\providecommand{\sym}[1]{\ifmmode^{#1}\else\(^{#1}\)\fi}",
        rf"\begin{{{environment}}}[htbp]",
        r"\centering",
        r"\begin{threeparttable}",
        rf"\caption{{{escape(layout.title)}}}\label{{tab:{label_key(layout.id)}}}",
        rf"\{size.font}",
        rf"\setlength{{\tabcolsep}}{{{size.column_gap}pt}}",
        r"\sisetup{table-align-text-pre=false,table-align-text-post=false,group-digits=false}",
        rf"\begin{{tabular*}}{{{size.width:.2f}\linewidth}}{{{_preamble(layout, size)}}}",
        r"\toprule",
        *_header_lines(layout),
        *_body_lines(layout),
        r"\bottomrule",
        r"\end{tabular*}",
        *_note_lines(layout, size.note_font),
        r"\end{threeparttable}",
        rf"\end{{{environment}}}",
    ]
    return "\n".join(lines) + "\n"


def _head_comments(layout: TableLayout) -> list[str]:
    everything = [layout.title, layout.stub, *layout.notes,
                  *(r.label for r in layout.rows), *(c.text for r in layout.rows for c in r.cells),
                  *(s.label for h in layout.header for s in h.spans)]
    engine = ("xelatex with ctex or xeCJK (Chinese text)" if any(map(has_wide, everything))
              else "pdflatex or xelatex")
    return [
        marker(layout.id, layout.language),
        f"% {comment(layout.title)}",
        f"% Packages: \\usepackage{{{','.join(PACKAGES)}}}",
        f"% Engine: {engine}",
    ]


def column_spec(column: Column, rows: Sequence[Row], index: int, size: Plan) -> str:
    """Return the preamble entry of a column."""
    if column.kind == "wrap":
        return rf">{{\raggedright\arraybackslash}}p{{{size.wrap_widths[index]:.3f}\linewidth}}"
    numbers = figures(rows, index)
    on_point = [n for n in numbers if aligned(n)]
    if column.kind == "text" or not numbers:
        return "c"
    if not on_point:
        return "r"
    keys = [f"table-format={table_format(on_point)}"]
    bracket = next((n.bracket for n in on_point if n.bracket), "")
    if bracket:
        keys.append(f"table-space-text-pre={{{bracket}}}")
    stars = max(n.stars for n in on_point)
    if stars:
        keys.append(rf"table-space-text-post={{\sym{{{'*' * stars}}}}}")
    elif bracket:
        keys.append("table-space-text-post={)}")
    return f"S[{','.join(keys)}]"


def _preamble(layout: TableLayout, size: Plan) -> str:
    stub = (rf">{{\raggedright\arraybackslash}}p{{{size.stub_width:.3f}\linewidth}}"
            if size.stub_width else "l")
    specs = [column_spec(c, layout.rows, i, size) for i, c in enumerate(layout.columns)]
    return rf"@{{\extracolsep{{\fill}}}}{stub}" + "".join(f"\n  {s}" for s in specs) + "@{}"


def cell_tex(cell: Cell) -> str:
    """Return a cell; words are braced, so that no column takes them for a number."""
    if isinstance(cell, Empty):
        return ""
    if not isinstance(cell, Number):
        # log(x) may break after its bracket, "WDI (2015)" before it.
        parts = cell.text.split("`") if isinstance(cell, Text) and cell.marked else [cell.text]
        words = [re.sub(r"(?<=\w)\(", r"(\\allowbreak{}", escape(part, breaks=True))
                 for part in parts]
        words[1::2] = [rf"\texttt{{{part}}}" for part in words[1::2]]
        return f"{{{''.join(words)}}}" if cell.text else ""
    stars = rf"\sym{{{'*' * cell.stars}}}" if cell.stars else ""
    if cell.decimals is None:
        mantissa, _, power = cell.digits.partition("e")
        return rf"{{{cell.bracket}${mantissa}\times10^{{{power}}}${cell.closing}{stars}}}"
    if cell.thousands:
        return f"{{{cell.bracket}{cell.digits}{cell.closing}{stars}}}"
    opening = f"{{{cell.bracket}}}" if cell.bracket else ""
    closing = f"{{{cell.closing}}}" if cell.closing else ""
    return f"{opening}{cell.digits}{closing}" + (f"{{{stars}}}" if stars else "")


def _stacked(label: str, widest: int) -> str:
    """Return a header label, on several lines where it is wider than its columns."""
    texts = [escape(line) for line in folded(label, widest)]
    if len(texts) == 1:
        return texts[0]
    stack = r"\\".join(texts)
    return rf"\shortstack{{{stack}}}"


def _counts_only(layout: TableLayout, index: int) -> bool:
    numbers = figures(layout.rows, index)
    return bool(numbers) and not any(map(aligned, numbers))


def _header_line(row: HeaderRow, layout: TableLayout) -> str:
    """Return a header row; over a column of counts, which stand to the right, so does its head."""
    cells = [""] * len(layout.columns)
    taken = set()
    for span in row.spans:
        many = span.last - span.first + 1
        text = _stacked(span.label, head_limit(layout, span))
        side = "r" if many == 1 and _counts_only(layout, span.first) else "c"
        side = "l" if layout.columns[span.first].kind == "wrap" else side
        cells[span.first] = rf"\multicolumn{{{many}}}{{{side}}}{{{text}}}" if text else ""
        if text:
            taken |= set(range(span.first + 1, span.last + 1))
    return " & ".join(cell for i, cell in enumerate(cells) if i not in taken)


def _header_lines(layout: TableLayout) -> list[str]:
    lines = []
    for i, row in enumerate(layout.header):
        stub = f"{{{escape(layout.stub)}}}" if i == len(layout.header) - 1 and layout.stub else ""
        lines.append(rf"{stub} & {_header_line(row, layout)} \\".lstrip())
        if row.rule:
            lines.append("".join(rf"\cmidrule(lr){{{s.first + 2}-{s.last + 2}}}"
                                 for s in row.spans if s.label))
    return [*lines, r"\midrule"]


def _row_line(row: Row, *, panelled: bool) -> str:
    depth = row.indent + panelled
    indent = rf"\hspace*{{{depth}em}}" if depth and row.label else ""
    label = f"{{{indent}{escape(row.label, breaks=True)}}}" if row.label else ""
    return rf"{label} & {' & '.join(cell_tex(c) for c in row.cells)} \\".lstrip()


def _group_lines(group: Group, count: int) -> list[str]:
    lines = []
    if group.label:
        label = rf"\textit{{{escape(group.label)}}}"
        lines.append(rf"\multicolumn{{{count + 1}}}{{@{{}}l}}{{{label}}} \\")
    return lines + [_row_line(row, panelled=bool(group.label)) for row in group.rows]


def _body_lines(layout: TableLayout) -> list[str]:
    lines: list[str] = []
    for i, group in enumerate(layout.groups):
        if i:
            lines.append(r"\addlinespace")
        lines += _group_lines(group, len(layout.columns))
    return lines


def _note_lines(layout: TableLayout, font: str) -> list[str]:
    if not layout.notes:
        return []
    head = say("notes", layout.language)
    lines = [r"\begin{tablenotes}[flushleft]", rf"\{font}",
             r"\setlength{\labelsep}{0pt}\setlength{\emergencystretch}{3em}"]
    for i, note in enumerate(layout.notes):
        gap = "" if layout.language == "zh" else " "
        start = rf"\textit{{{escape(head)}}}{gap}" if i == 0 and layout.language != "zh" else (
            escape(head) if i == 0 else "")
        lines.append(rf"\item {{{start}{escape(note, breaks=True)}}}")
    return [*lines, r"\end{tablenotes}"]
