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
            f"{_link('manifest.json', 'manifest (json)')}</p>")]
    for paper in papers:
        body += _paper(paper)
    body += _targets(targets, absent)
    return ('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>Replication</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
            + "\n".join(body) + "\n</body>\n</html>\n")


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
        kind = "bad" if missed(paper.checks) else "good"
        lines.append(f'<p class="{kind}">{escape(headline(paper.checks))}</p>')
    lines.append("<table>")
    for name, files in _grouped(paper.files).items():
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


def _grouped(files: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return table or figure → (word, path) of each of its files, tables first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(files, key=lambda f: (not f.startswith("tables/"), f)):
        if path in _OTHERS:
            continue
        name = PurePosixPath(path)
        stem, suffix = name.stem, name.suffix
        language = PurePosixPath(stem).suffix
        if language == ".zh":
            stem = stem.removesuffix(language)
        word = _KINDS.get(suffix, suffix.removeprefix(".") or name.name)
        found.setdefault((name.parent / stem).as_posix(), []).append(
            (f"{word} 中文" if language == ".zh" else word, path))
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
        lines += ["<details open>" if missed(own) else "<details>",
                  f"<summary><code>{escape(group)}</code> {escape(headline(own))}</summary>",
                  "<table>", ("<tr><th>number</th><th>printed</th><th>ours</th><th>verdict</th>"
                  "<th>source</th></tr>")]
        for row in own:
            kind = "good" if row["verdict"] in GOOD else "bad"
            verdict = row["verdict"] + (f" ({row['remark']})" if row["remark"] else "")
            number, printed, ours = escape(row["quantity"]), escape(row["printed"]), shown(row)
            lines.append(f'<tr><td>{number}</td><td class="n">{printed}</td>'
                         f'<td class="n">{escape(ours)}</td><td class="{kind}">{escape(verdict)}'
                         f"</td><td>{escape(row['source'])}</td></tr>")
        lines += ["</table>", "</details>"]
    lines += [f'<p class="soft">not computed: <code>{escape(name)}</code>: {escape(why)}</p>'
              for name, why in sorted(absent.items())]
    return lines
