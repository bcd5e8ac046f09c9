"""What of a Chinese table is English."""

from __future__ import annotations

import re
from pathlib import Path

#: Names, and words of tools and statistics, that have no Chinese form in tables.
NAMES = frozenset({
    "Anderson-Rubin p", "Kleibergen-Paap F", "Hansen J", "Stouffer p", "R economiccomplexity", "Jones Index",
})
_TEX = re.compile(r"%.*|\\[A-Za-z]+\*?(?:\[[^\]]*\])?|[{}$&\\~]")
_WORDS = re.compile(r"[A-Za-z][A-Za-z’'-]+(?: [A-Za-z][A-Za-z’'-]*)+")
_BODY = re.compile(r"\\caption(.*?)\\begin\{tabular|\\toprule(.*)\\end\{tablenotes\}|"
                   r"\\toprule(.*)\\end\{tabular", re.DOTALL)


def english_in(path: Path) -> list[str]:
    """Return the runs of two English words or more in the text of a LaTeX table."""
    text = "\n".join(part for found in _BODY.findall(path.read_text(encoding="utf-8"))
                     for part in found)
    text = re.sub(r"\\begin\{[^}]*\}(?:\[[^\]]*\])?|\\end\{[^}]*\}|\\label\{[^}]*\}", " ", text)
    plain = _TEX.sub("", text.replace("\\allowbreak{}", ""))
    return sorted({run for run in _WORDS.findall(plain) if run not in NAMES})
