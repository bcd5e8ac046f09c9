"""The index page: every table, figure and card of every paper, one line each.

It needs nothing but itself: no scripts, no fonts or styles from elsewhere, no times, no hosts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from replication.card import GOOD, headline, missed, shown
from replication.papers import Paper

__all__ = ["index_page"]

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #777; --good: #1a7f37; --bad: #c62828; }
body { font: 16px/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; margin: 2rem auto;
  max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .2rem; }
h2 span { color: var(--soft); font-weight: normal; }
p { margin: .3rem 0; } .soft { color: var(--soft); } .good { color: var(--good); }
.bad { color: var(--bad); }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
td, th { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left;
  vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td:first-child { width: 11rem; }
td.f { text-align: right; white-space: nowrap; }
code { font-size: .9em; color: var(--soft); }
summary { cursor: pointer; margin: .5rem 0; }
nav { margin: .3rem 0; } nav a { margin-right: .8rem; }
"""

#: Files in the order in which a row names them, and their words.
_KINDS = {".tex": "tex", ".csv": "csv", ".html": "html", ".docx": "docx", ".pdf": "pdf",
          ".png": "png", ".svg": "svg"}
_OTHERS = {"report-card.md": "report card", "report-card.json": "report card (json)",
           "panel-report.json": "panel report (json)", "manifest.json": "manifest (json)"}


def index_page(
    papers: Sequence[Paper], targets: Sequence[Mapping[str, Any]], absent: Mapping[str, str]
) -> str:
    """Return the HTML of the page.

    Parameters
    ----------
    papers
        How each paper went.
    targets
        Rows of the targets that belong to no single paper.
    absent
        Groups of targets that were not computed, with the reason.
    """
    rows = [*(row for paper in papers for row in paper.checks), *targets]
    state = "bad" if missed(rows) or any(paper.status for paper in papers) else "good"
    body = ["<h1>Replication</h1>", f'<p class="{state}">{escape(headline(rows))}</p>',
            (f"<p>{_link('report-card.md', 'report card')} "
            f"{_link('report-card.json', 'report card (json)')} "
            f"{_link('manifest.json', 'manifest (json)')}</p>"),
            _contents(papers, bool(targets or absent))]
    for paper in papers:
        body += _paper(paper)
    body += _targets(targets, absent)
    return ('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>Replication</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
            + "\n".join(body) + "\n</body>\n</html>\n")


def _contents(papers: Sequence[Paper], targets: bool) -> str:
    names = [paper.name for paper in papers] + (["targets"] if targets else [])
    links = [f'<a href="#{escape(quote(name), quote=True)}">{escape(name)}</a>' for name in names]
    return f"<nav>{' '.join(links)}</nav>"


def _link(path: str, text: str, language: str = "") -> str:
    lang = f' hreflang="{language}"' if language else ""
    return f'<a href="{escape(quote(path), quote=True)}"{lang}>{escape(text)}</a>'


def _paper(paper: Paper) -> list[str]:
    title = paper.titles.get("en") or next(iter(paper.titles.values()), paper.name)
    other = paper.titles.get("zh", "")
    lines = [f'<h2 id="{escape(paper.name, quote=True)}">{escape(title)}'
             + (f' <span lang="zh">{escape(other)}</span>' if other and other != title else "")
             + "</h2>"]
    if not paper.files:
        kind = "bad" if paper.status else "soft"
        return [*lines, f'<p class="{kind}">{escape(paper.line)}</p>']
    cards = [_link(f"{paper.name}/{name}", text) for name, text in _OTHERS.items()
             if name in paper.files or name == "manifest.json"]
    lines.append(f"<p><code>{escape(paper.name)}</code> {' '.join(cards)}</p>")
    if paper.checks:
        lines += _checks(headline(paper.checks), paper.checks, ("target", "quantity"))
    lines.append("<table>")
    for name, files in _grouped(paper.files, list(paper.captions)).items():
        caption = paper.captions.get(PurePosixPath(name).name, {})
        links = " ".join(_link(f"{paper.name}/{path}", text) for text, path in files)
        words = escape(caption.get("en") or next(iter(caption.values()), ""))
        if caption.get("zh") and caption.get("zh") != caption.get("en"):
            words += f' <span class="soft" lang="zh">{escape(caption["zh"])}</span>'
        lines.append(f"<tr><td><code>{escape(name)}</code></td><td>{words}</td>"
                     f'<td class="f">{links}</td></tr>')
    lines.append("</table>")
    lines += [f'<p class="soft">not estimated: {escape(model)}: {escape(reason)}</p>'
              for model, reason in paper.not_estimated.items()]
    return lines


def _grouped(files: Sequence[str], story: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return table or figure → (word, path) of each of its files, in the order of the spec."""
    found: dict[str, list[tuple[str, str]]] = {}

    def place(path: str) -> tuple[bool, int, str]:
        name = PurePosixPath(path).name.partition(".")[0]
        return (not path.startswith("tables/"),
                story.index(name) if name in story else len(story), path)

    for path in sorted(files, key=place):
        if path in _OTHERS:
            continue
        name = PurePosixPath(path)
        stem, _, tail = name.name.partition(".")
        *inner, suffix = tail.split(".") if tail else [name.name]
        word = " ".join([_KINDS.get(f".{suffix}", suffix),
                         *("中文" if part == "zh" else part for part in inner)])
        found.setdefault((name.parent / stem).as_posix(), []).append((word, path))
    order = list(_KINDS.values())
    return {name: sorted(rows, key=lambda row: (order.index(row[0].split()[0])
                                                if row[0].split()[0] in order else 99, row))
            for name, rows in found.items()}


def _targets(rows: Sequence[Mapping[str, Any]], absent: Mapping[str, str]) -> list[str]:
    if not rows and not absent:
        return []
    lines = ['<h2 id="targets">Published numbers of known tables</h2>']
    if rows:
        kind = "bad" if missed(rows) else "good"
        lines.append(f'<p class="{kind}">{escape(headline(rows))}</p>')
    for group in dict.fromkeys(row["target"].partition(".")[0] for row in rows):
        own = [row for row in rows if row["target"].partition(".")[0] == group]
        lines += _checks(f"{group}: {headline(own)}", own, ("quantity",))
    lines += [f'<p class="soft">not computed: <code>{escape(name)}</code>: {escape(why)}</p>'
              for name, why in sorted(absent.items())]
    return lines


def _checks(summary: str, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[str]:
    """Return published numbers beside ours, folded where all that must be met are."""
    kind = "bad" if missed(rows) else "good"
    lines = ["<details open>" if missed(rows) else "<details>",
             f'<summary class="{kind}">{escape(summary)}</summary>', "<table>",
             ("<tr><th>number</th><th>printed</th><th>ours</th><th>verdict</th>"
              "<th>source</th></tr>")]
    for row in rows:
        own = "good" if row["verdict"] in GOOD else "bad" if row["status"] == "must" else "soft"
        verdict = row["verdict"] + (f" ({row['remark']})" if row.get("remark") else "")
        number = " ".join(str(row[name]) for name in names)
        lines.append(f'<tr><td>{escape(number)}</td><td class="n">{escape(row["printed"])}</td>'
                     f'<td class="n">{escape(shown(row))}</td><td class="{own}">{escape(verdict)}, '
                     f'{escape(row["status"])}</td><td>{escape(row["source"])}</td></tr>')
    return [*lines, "</table>", "</details>"]
