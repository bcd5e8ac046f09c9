"""The command line: one verb a line; a verb appears in ``--help`` when it works.

Exit status: 0 done; 2 anything the user can mend; 1 our defect or the machine's; 3 a published
``must`` number was not reproduced.  Results go to stdout, progress and errors to stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gvckit import __version__
from gvckit.errors import GvckitError, nearest

MOST_WORKERS = 9999
# Arguments of which there may be several.
SEVERAL = frozenset({"by", "data", "groups", "measures", "only", "policy", "settings"})


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of the command line: its name, one line of help, its arguments, what it calls."""

    name: str
    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    target: str


def _spec(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", metavar="SPEC", help="the paper.yaml")
    parser.add_argument("--data", metavar="DIR", action="append", default=[], type=_name,
                        help="a data root, searched after the spec's own folder; may be repeated")


def _store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", metavar="DIR", type=_name,
                        help="where finished steps are kept (default: .gvckit beside the spec)")


def _run(parser: argparse.ArgumentParser) -> None:
    _spec(parser)
    parser.add_argument("--out", metavar="DIR", default="out", type=_name, help="default: out")
    _store(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--workers", metavar="N", type=_count,
                       help="local processes (default: the cores, as far as memory allows; "
                            "1: this process)")
    where.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, tcp://host:port")
    parser.add_argument("--only", metavar="NAME", action="append", default=[],
                        help="make only this table, figure or model; may be repeated")


def _planned(parser: argparse.ArgumentParser) -> None:
    _spec(parser)
    _store(parser)


def _explain(parser: argparse.ArgumentParser) -> None:
    _spec(parser)
    parser.add_argument("name", metavar="NAME", nargs="?",
                        help="a model, step, variable, table or cell, such as tab2.baseline.dig "
                             "(default: the whole paper)")
    _store(parser)


def _out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", metavar="OUT", type=_name, help="a folder that gvckit run wrote")


def _measure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE",
                        help="a source of tables (gvckit sources), or tables/{year}.npz")
    parser.add_argument("measures", metavar="MEASURE", nargs="*",
                        help="one measure or more, or all")
    parser.add_argument("--years", metavar="A-B", help="1995-2011, 2000, or 1995,2000-2002")
    parser.add_argument("--out", metavar="FILE", required=True, type=_name,
                        help="ends in .parquet or .csv; {measure} in it gives each measure a "
                             "file of its own, otherwise they are joined on their keys")
    parser.add_argument("--data", metavar="DIR", action="append", default=[], type=_name,
                        help="a folder with tables; may be repeated; then GVCKIT_DATA")
    parser.add_argument("--by", metavar="[MEASURE=]LEVEL", action="append", default=[],
                        help="country-sector, country, world, bilateral, … or the keys with "
                             "commas, of all measures or of one (default: each measure's own)")
    parser.add_argument("--set", metavar="NAME=VALUE", action="append", default=[],
                        dest="settings",
                        help="a parameter of the measures, or MEASURE.NAME=VALUE of one; may be "
                             "repeated")
    parser.add_argument("--group", metavar="[KEY:]NAME=A,B", action="append", default=[],
                        dest="groups",
                        help="EU=DEU,FRA: one more country, flows among its members domestic; "
                             "importer:EU=… and sector:FOOD=…: in place of their members "
                             "(borin-mancini); may be repeated")
    parser.add_argument("--satellite", metavar="FILE",
                        help="a csv with country, sector[, year] and one more column: emissions, "
                             "jobs, … to count in place of value added")
    parser.add_argument("--policy", metavar="NAME=CHOICE", action="append", default=[],
                        help="what is done about a defect of the tables, such as "
                             "split_countries=separate; may be repeated")
    parser.add_argument("--workers", metavar="N", type=_count,
                        help="years side by side (default: the cores, as far as memory allows)")
    parser.add_argument("--store", metavar="DIR", type=_name,
                        help="where finished years are kept (default: .gvckit here)")


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="a new folder")


def _nothing(_: argparse.ArgumentParser) -> None:
    return


def _name(text: str) -> str:
    """Return the name of a file or folder; an empty one is a shell variable that nobody set."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the name is empty")
    return text


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() and len(text) <= len(str(MOST_WORKERS)) else 0
    if not 1 <= number <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from 1 to {MOST_WORKERS}")
    return number


VERBS = (
    Verb("run", "run a spec and write its tables", _run, "gvckit.run.verbs:run"),
    Verb("check", "say everything that is wrong with a spec", _spec, "gvckit.run.verbs:check"),
    Verb("plan", "say which steps would run, and why", _planned, "gvckit.run.verbs:plan"),
    Verb("explain", "say what a model, a step or one cell of a table consists of", _explain,
         "gvckit.run.verbs:explain"),
    Verb("measure", "compute measures over years, without a spec", _measure,
         "gvckit.run.measuring.verb:measure"),
    Verb("sources", "list the sources of tables", _nothing, "gvckit.run.measuring.verb:sources"),
    Verb("verify", "check outputs against their manifest", _out, "gvckit.run.verbs:verify"),
    Verb("new", "write a starter spec with its data", _new, "gvckit.run.starter:new"),
    Verb("schema", "print the JSON Schema of a spec", _nothing, "gvckit.run.verbs:schema"),
)


class _Parser(argparse.ArgumentParser):
    """An argument parser that names the nearest verb and says everything in two lines."""

    def error(self, message: str) -> None:  # type: ignore[override]
        if "invalid choice" in message and "VERB" in message:
            word = message.split("'")[1]
            names = [v.name for v in VERBS]
            near = nearest(word, names)
            hint = f"; did you mean {near!r}?" if near else ""
            message = f"unknown verb {word!r}{hint} (verbs: {', '.join(names)})"
        self.exit(2, f"{self.prog}: {message}\n{self.prog} --help says what is allowed\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = _Parser(prog="gvckit", description=(
        "From inter-country input-output tables to referee-ready tables, out of one file."))
    top.add_argument("--version", action="version", version=f"gvckit {__version__}")
    verbs = top.add_subparsers(metavar="VERB", dest="verb", required=True, parser_class=_Parser)
    for verb in VERBS:
        sub = verbs.add_parser(verb.name, help=verb.help, description=verb.help)
        verb.arguments(sub)
        sub.set_defaults(target=verb.target)
    return top


def _words_last(argv: Sequence[str]) -> list[str]:
    """Return the arguments with options first: words may stand before, between and after them."""
    verb, options, words = list(argv[:1]), list[str](), list[str]()
    rest = list(argv[1:])
    while rest:
        word = rest.pop(0)
        if word.startswith("--") and word != "--help":
            options.append(word)
            if "=" not in word and rest:
                options.append(rest.pop(0))
        else:
            (options if word.startswith("-") else words).append(word)
    return [*verb, *options, *words]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    from gvckit.run.console import patient_streams

    given = list(sys.argv[1:] if argv is None else argv)
    try:
        with patient_streams():
            return _main(given)
    except OSError as error:
        place = f"{os.fsdecode(error.filename)}: " if error.filename else ""
        _last_words(f"{place}{error.strerror or error}")
        return 1
    except MemoryError:
        _last_words("the memory of this machine does not suffice")
        return 1
    except KeyboardInterrupt:
        _last_words("stopped; finished steps are kept")
        return 130


def _main(given: list[str]) -> int:
    if given[:1] == ["explain"]:
        given = _words_last(given)
    line = parser()
    arguments = line.parse_args(given)
    for name, value in vars(arguments).items():
        # What argparse makes of --out=--
        if isinstance(value, list) and ([] in value or not (value or name in SEVERAL)):
            line.error(f"argument --{name}: the value is missing")
    module, function = arguments.target.split(":")
    try:
        return int(getattr(importlib.import_module(module), function)(arguments))
    except GvckitError as error:
        from gvckit.spec.render import render_problems

        sys.stderr.write(render_problems(error.problems) + "\n")
        return error.exit_code


def _last_words(text: str) -> None:
    """Write a line to standard error, whatever state it is in."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text.encode("ascii", errors="backslashreplace").decode() + "\n")


def entry() -> None:
    """Run the command line and end the process with its exit status.

    Ends at once: thread pools of numerical libraries can abort a process that is tearing itself
    down ("terminate called without an active exception"), after everything was done and written.
    """
    try:
        status = main()
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    entry()
