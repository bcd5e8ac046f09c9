r"""A document with all tables of a run, compiled: ``python -m gvckit.report.preview OUT``.

The document is for looking at; papers ``\input`` the single tables.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gvckit.errors import DataError, GvckitError, Problem
from gvckit.report.latex import PACKAGES, marker
from gvckit.report.tex import has_wide
from gvckit.report.words import LANGUAGES, language_of

__all__ = ["Compiled", "compile_preview", "document", "main", "tables_in", "write_preview"]

_MARK = "gvckit-table:"
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.tex")
_TIME_LIMIT = 180
_RUNS = 2


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a compilation found.

    Attributes
    ----------
    pdf
        The document; None where no TeX is installed.
    overfull, missing
        Lines of the log: boxes and floats that are too large, characters that the fonts lack.
    """

    pdf: Path | None
    overfull: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def tables_in(folder: Path, language: str) -> list[str]:
    """Return the names of the tables in ``folder`` that are written in ``language``.

    They are in the order of the spec as the manifest of the run tells it, others behind, sorted.

    Raises
    ------
    DataError
        Where there is none, or a file name would not be safe in TeX.
    """
    tail = marker("", language).rpartition(" ")[2]
    start = marker("", "").partition("(")[0].rstrip()
    names = []
    story = _story(folder.parent)
    for path in sorted(folder.glob("*.tex"), key=lambda path: (
            story.get(path.name.partition(".")[0], len(story)), path.name)):
        with path.open(encoding="utf-8") as file:
            first = file.readline().rstrip("\n")
        if first.startswith(start) and first.endswith(tail):
            names.append(path.name)
    strange = [n for n in names if not _FILE.fullmatch(n)]
    if strange:
        raise DataError([Problem(f"table file {n!r} has a name that TeX cannot read safely",
                                 allowed="letters, digits, _ - .") for n in strange])
    if not names:
        raise DataError(Problem(f"no table in language {language!r}", str(folder)))
    return names


def _story(out: Path) -> dict[str, int]:
    """Return the place of each table in the spec; none where no run says so."""
    try:
        plain = json.loads((out / "manifest.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    tables = plain.get("tables") if isinstance(plain, dict) else None
    names = tables if isinstance(tables, list) else []
    return {str(name): place for place, name in enumerate(names)}


def document(names: Sequence[str], language: str, *, wide: bool) -> str:
    """Return the document that inputs the tables ``names``; ``wide`` asks for Chinese fonts."""
    language_of(language)
    if language == "zh":
        head = [r"\documentclass[UTF8,fontset=fandol,zihao=-4]{ctexart}"]
    else:
        head = [r"\documentclass[11pt]{article}", r"\usepackage{fontspec}"]
        head += [r"\usepackage{xeCJK}", r"\setCJKmainfont{FandolSong-Regular.otf}"] if wide else []
    lines = [
        "% Compile with xelatex.",
        *head,
        r"\usepackage[a4paper,margin=2.5cm]{geometry}",
        *(rf"\usepackage{{{package}}}" for package in PACKAGES),
        r"\usepackage[font=bf]{caption}",
        r"\captionsetup[table]{skip=6pt}",
        r"\begin{document}",
    ]
    for name in names:
        lines += [rf"\typeout{{{_MARK} {name}}}", rf"\input{{{name}}}", r"\clearpage"]
    return "\n".join([*lines, r"\end{document}"]) + "\n"


def write_preview(out: Path, language: str = "en") -> Path:
    """Write ``out/tables/preview.<language>.tex`` and return its path."""
    folder = out / "tables"
    names = tables_in(folder, language)
    wide = any(has_wide((folder / n).read_text(encoding="utf-8")) for n in names)
    target = folder / f"preview.{language}.tex"
    _replace(target, document(names, language, wide=wide).encode("utf-8"))
    return target


def _replace(target: Path, content: bytes) -> None:
    """Write beside ``target`` and rename, so that it is never half there."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".preview-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


def first_error(log: str) -> str | None:
    """Return the first error of a TeX log with the table in which it stands, or None."""
    table = ""
    lines = log.splitlines()
    for i, line in enumerate(lines):
        if line.startswith(_MARK):
            table = line.removeprefix(_MARK).strip()
        if line.startswith("!"):
            place = next((x for x in lines[i:i + 12] if re.match(r"l\.\d+", x)), "")
            return f"{table or 'preamble'}: {line[1:].strip()} {place}".rstrip()
    return None


def _located(log: str, start: str) -> tuple[str, ...]:
    table, found = "preamble", []
    for line in log.splitlines():
        if line.startswith(_MARK):
            table = line.removeprefix(_MARK).strip()
        if line.startswith(start):
            found.append(f"{table}: {line.strip()}")
    return tuple(found)


def _run_xelatex(program: str, folder: Path, name: str) -> str:
    """Run xelatex in ``folder`` without a shell and without reach beyond it; return its log."""
    environment = {**os.environ, "openin_any": "p", "openout_any": "p", "max_print_line": "1000",
                   "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
    command = [program, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", name]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell, a name that we made
            command, cwd=folder, env=environment, capture_output=True, timeout=_TIME_LIMIT,
            check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        raise GvckitError(f"{name}: xelatex took more than {_TIME_LIMIT} s") from error
    path = folder / Path(name).with_suffix(".log")
    log = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    if done.returncode:
        said = first_error(log) or done.stdout.decode("utf-8", errors="replace")[-400:].strip()
        raise GvckitError(Problem(f"xelatex failed: {said}", name))
    return log


def compile_preview(source: Path) -> Compiled:
    """Compile a preview in a folder of its own and put the PDF beside its source.

    Raises
    ------
    GvckitError
        Where TeX stops; the message names the table with the first error.
    """
    program = shutil.which("xelatex")
    if program is None:
        return Compiled(None)
    with tempfile.TemporaryDirectory(prefix="gvckit-preview-") as name:
        folder = Path(name)
        for path in sorted(source.parent.glob("*.tex")):
            shutil.copyfile(path, folder / path.name)
        log = ""
        for _ in range(_RUNS):
            log = _run_xelatex(program, folder, source.name)
        target = source.with_suffix(".pdf")
        _replace(target, (folder / target.name).read_bytes())
    large = (*_located(log, r"Overfull \hbox"), *_located(log, "LaTeX Warning: Float too large"))
    return Compiled(target, large, _located(log, "Missing character"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write and compile the preview of a run; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m gvckit.report.preview", description=__doc__)
    parser.add_argument("out", type=Path, help="the folder that holds tables/")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    chosen = parser.parse_args(arguments)
    try:
        source = write_preview(chosen.out, chosen.language)
        compiled = compile_preview(source)
    except GvckitError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"{compiled.pdf or source}\n")
    if compiled.pdf is None:
        sys.stderr.write("xelatex is not installed: only the source was written\n")
    for line in (*compiled.overfull, *compiled.missing):
        sys.stderr.write(f"{line}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
