"""One report card for everything: the cards of all papers, and the published targets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gvckit.report import card_text

__all__ = ["GOOD", "MEANING", "counts", "headline", "merged_card", "missed", "shown"]

#: Verdicts from best to worst, and what each means; those of gvckit.report.card and one more.
MEANING = {
    "exact": "within half a unit of the last printed digit",
    "in interval": "the published value lies within our 95 % interval",
    "within tolerance": "within the distance or the bound that targets.toml allows and says",
    "close": "within one unit of the last printed digit",
    "same sign and stars": "another size, but the sign and the stars agree",
    "same sign": "another size, but the sign agrees",
    "differs": "not reproduced",
    "missing": "we have no such number",
}

#: Verdicts that satisfy a target with status ``must``.
GOOD = frozenset({"exact", "in interval", "within tolerance"})

Row = Mapping[str, Any]


def counts(rows: Sequence[Row]) -> dict[str, int]:
    """Return how often each verdict was given."""
    found = Counter(row["verdict"] for row in rows)
    return {verdict: found[verdict] for verdict in MEANING}


def missed(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with status ``must`` that were not reproduced."""
    return [row for row in rows if row["status"] == "must" and row["verdict"] not in GOOD]


def headline(rows: Sequence[Row]) -> str:
    """Return the card in one sentence."""
    return card_text.headline(((r["verdict"], r["status"], r["source"]) for r in rows), GOOD)


def merged_card(rows: Sequence[Row], absent: Mapping[str, str]) -> dict[str, bytes]:
    """Return ``report-card.json`` and ``report-card.md`` over all rows.

    Parameters
    ----------
    rows
        Checks with the paper that each belongs to.
    absent
        Papers and groups of targets that were not run, with the reason.
    """
    plain = {"version": 1, "counts": counts(rows), "must_failed": len(missed(rows)),
             "not_run": dict(sorted(absent.items())), "checks": [dict(row) for row in rows]}
    text = json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    return {"report-card.json": text.encode(), "report-card.md": _markdown(rows, absent).encode()}


def _markdown(rows: Sequence[Row], absent: Mapping[str, str]) -> str:
    found = counts(rows)
    lines = ["# Report card", "", headline(rows), "", "| verdict | count | meaning |",
             "|---|---:|---|"]
    lines += [f"| {verdict} | {found[verdict]} | {MEANING[verdict]} |" for verdict in MEANING]
    for paper in dict.fromkeys(row["paper"] for row in rows):
        own = [row for row in rows if row["paper"] == paper]
        lines += ["", f"## {card_text.markdown_cell(paper)}", "", headline(own), "",
                  "| target | quantity | printed | ours | verdict | status | source |",
                  "|---|---|---:|---:|---|---|---|"]
        lines += [_line(row) for row in own]
    if absent:
        lines += ["", "## Not run", ""]
        lines += [f"- {card_text.markdown_cell(name)}: {card_text.markdown_cell(why)}"
                  for name, why in sorted(absent.items())]
    return "\n".join(lines) + "\n"


def shown(row: Row) -> str:
    """Return our number with one digit more than the published, a count as a count."""
    return card_text.shown(row["ours"], row["printed"])


def _line(row: Row) -> str:
    verdict = row["verdict"] + (f": {row['remark']}" if row["remark"] else "")
    cells = (row["target"], row["quantity"], row["printed"], shown(row), verdict, row["status"],
             row["source"])
    return "| " + " | ".join(card_text.markdown_cell(text) for text in cells) + " |"
