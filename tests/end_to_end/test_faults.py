"""What users get wrong: one clear message with its place, exit status 2, outputs as they were."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tinypaper import Paper, write_tables

Break = Callable[[Paper], None]


def edit(old: str, new: str) -> Break:
    return lambda paper: paper.edit(old, new)


def csv(old: str, new: str) -> Break:
    return lambda paper: paper.edit(old, new, paper.macro)


def both(*breaks: Break) -> Break:
    def apply(paper: Paper) -> None:
        for one in breaks:
            one(paper)
    return apply


def tables(**changes: Callable[[np.ndarray], np.ndarray]) -> Break:
    return lambda paper: write_tables(paper, **changes)


def repeat_a_row(paper: Paper) -> None:
    lines = paper.macro.read_text().splitlines()
    paper.macro.write_text("\n".join([*lines, lines[3]]) + "\n")


def forget_germany(paper: Paper) -> None:
    lines = paper.macro.read_text().splitlines()
    paper.macro.write_text("\n".join(x for x in lines if not x.startswith("DEU")) + "\n")


def empty_column(paper: Paper) -> None:
    lines = paper.macro.read_text().splitlines()
    cut = [lines[0], *(",".join(x.split(",")[:3]) + "," for x in lines[1:])]
    paper.macro.write_text("\n".join(cut) + "\n")


def put(where: tuple[int, int] | int, value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(array: np.ndarray) -> np.ndarray:
        array[where] = value
        return array
    return change


def sink_a_row(F: np.ndarray) -> np.ndarray:
    F[3, 0] -= 10 * abs(F).sum()
    return F


def swap(labels: np.ndarray) -> np.ndarray:
    labels[[0, 7]] = labels[[7, 0]]
    return labels


def twice(labels: np.ndarray) -> np.ndarray:
    labels[1] = labels[0]
    return labels


BOMB = "paper: {key: tiny, title: {en: Tiny, zh: 小}, seed: 7}"
LOL = "\n".join([
    "a0: &a0 [x, x, x, x, x, x, x, x, x]",
    *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)), BOMB])

# name: (what breaks it, text whose place is told, words of the message)
FAULTS: dict[str, tuple[Break, str | None, tuple[str, ...]]] = {
    "unknown key": (edit("{title: {en: One", "{titel: {en: One"), "titel",
                    ("unknown key 'titel'", "did you mean 'title'?")),
    "duplicate key": (edit("samples:\n  all: {}", "samples:\n  all: {}\n  all: {}"), None,
                      ("paper.yaml:26:3: duplicate key 'all'; first given at",
                       "paper.yaml:25:3")),
    "YAML tag": (edit("seed: 7", "seed: !!python/object/apply:os.system [id]"), "!!python",
                 ("tag",)),
    "alias bomb": (edit(BOMB, LOL), None, ("alias",)),
    "missing file": (edit("data/macro.csv", "data/macros.csv"), "data/macros.csv",
                     ("no file 'data/macros.csv'", "data/macro.csv")),
    "wrong sha256": (edit("file: data/macro.csv", f"file: data/macro.csv\n    sha256: {'0' * 64}"),
                     "0" * 64, ("sha256", "macro.csv")),
    "path leaves the folder": (edit("data/macro.csv", "../macro.csv"), "../macro.csv", ("..",)),
    "absolute path": (edit("data/macro.csv", "/etc/passwd"), "/etc/passwd", ("relative",)),
    "unknown variable": (edit("ln_gdp: log(gdp)", "ln_gdp: log(gdpp)"), "gdpp",
                         ("'gdpp'", "did you mean 'gdp'?")),
    "unquoted comma": (edit("{y: pos, x: [dig]", "{y: winsor(pos, 0.01), x: [dig]"), None,
                       ("quote the expression",)),
    "import in an expression": (edit("log(gdp)", "__import__('os').system('id')"), None,
                                ("__import__",)),
    "tower of powers": (edit("log(gdp)", "9**9**9**9"), None, ("power",)),
    "many-to-many merge": (repeat_a_row, None, ("CHN", "2002")),
    "merge loses more than expected": (forget_germany, None, ("4 distinct country values are matched, 5 expected", "lost: DEU")),
    "duplicate panel keys": (
        both(repeat_a_row, edit("rows: pos\n", "rows: macro\n"),
             edit("unit: [country, sector]", "unit: [country]"),
             edit("    - {with: [dig], on: [country, sector, year], match: one-to-one}\n", ""),
             edit("with: [macro, eco]", "with: [eco]"), edit("y: pos, x: [dig]", "y: users, x: [eco]"),
             edit("{like: base, swap: {dig: lag(dig)}}", "{like: base}"),
             edit("[country*sector, year]", "[country, year]"),
             edit(", show: [dig]", "")), None, ("CHN 2002",)),
    "non-numeric column": (csv("CHN,2001,", "CHN,2001,many"), None, ("'many", "gdp")),
    "all-missing variable": (edit("ln_gdp: log(gdp)", "ln_gdp: log(0 - gdp)"), None,
                             ("ln_gdp", "no value")),
    "all-missing column": (empty_column, None, ("users", "no value")),
    "must model without within variation": (
        edit("{y: pos, x: [dig], controls: [ln_gdp], fe: [country*sector, year]",
             "{y: pos, x: [users], must: true, fe: [country*year]"), None,
        ("users", "base")),
    "unknown country code": (
        csv("CHN,2001", "CHX,2001"), "iso3, year",
        ("data macro, file data/macro.csv, row 3 (CHX 2001): unknown country code 'CHX'",
         "in column 'iso3', which is like CHE, CHL, CHN")),
    "unknown code in a sample": (
        both(edit("all: {}", "all: {drop: {country: [DEW]}}"),
             edit("se: {cluster: country}}", "se: {cluster: country}, sample: all}")), None,
        ("'DEW'", "'DEU'")),
    "year outside the data": (edit("years: 2000-2005", "years: 2000-2050"), "2000-2050",
                              ("2031", "1990-2030")),
    "NaN in a table": (tables(Z=put((2, 5), np.nan)), None, ("CHN", "s3", "2000")),
    "negative output in a table": (tables(F=sink_a_row), None, ("CHN", "s4", "2000", "negative")),
    "permuted labels": (tables(row_labels=swap), None, ("CHN", "order")),
    "duplicate labels": (tables(row_labels=twice), None, ("CHN", "s1")),
    "empty sample": (both(edit("all: {}", "all: {where: gdp < 0}"),
                          edit("se: {cluster: country}}", "se: {cluster: country}, sample: all}")),
                     None, ("sample is empty", "gdp < 0")),
    "unknown measure": (edit("measure: position", "measure: positon"), "positon",
                        ("'positon'", "'position'")),
    "unknown level": (edit("  eco:\n", "  extra: {measure: position, icio: icio, by: [sector]}\n  eco:\n"),
                      "[sector]", ("not measured by sector", "by: [country, sector]")),
    "koopman without iv and fv": (edit("measure: position,", "measure: position, "
                                       "definition: koopman,"), None, ("'iv'", "'fv'", "t3")),
    "unknown standard error": (edit("se: {cluster: country}", "se: robust"), None,
                               ("'robust'", "hc1", "paper.yaml:")),
    "unknown statistic": (edit("show: [dig]", "show: [dig], stats: [r2within]"), "r2within",
                          ("'r2within'", "'r2_within'")),
    "unknown policy": (edit("years: 2000-2005", "years: 2000-2005, policy: {outputs: given}"), None,
                       ("'outputs'", "'output'")),
    "unknown table of codes": (edit("file: data/macro.csv", "file: data/macro.csv\n    codes: wiod"),
                               "wiod", ("'wiod'", "did you mean 'lrwiod'?", "wiod2013")),
    "years that nobody has": (
        both(edit("all: {}", "all: {keep: {year: [2025-2030]}}"),
             edit("se: {cluster: country}}", "se: {cluster: country}, sample: all}")), None,
        ("no row is of 2025-2030", "2000-2005")),
    "a constant as indicator": (edit("access: [users, gdp]", "access: ['-1', users]"), None,
                                ("'-1'", "constant")),
    "statistics of text": (edit("tables:\n", "tables:\n  d: {kind: descriptives, variables: "
                                "[country, pos]}\n"), None, ("'country' is text",)),
    "fixed effect unknown": (edit("[country*sector, year]", "[country*sectors, year]"), None,
                             ("sectors", "sector")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_mistake_is_told_and_nothing_is_lost(name: str, paper: Paper) -> None:
    breaks, place, words = FAULTS[name]
    before = paper.digests()
    breaks(paper)
    status, out, err = paper.run()
    assert status == 2, f"{out}\n{err}"
    assert "Traceback" not in err
    for word in words:
        assert word in err, err
    if place is not None:
        assert f"paper.yaml:{paper.place(place)}: " in err, err
    assert paper.digests() == before


def test_every_mistake_is_told_at_once(paper: Paper) -> None:
    paper.edit("log(gdp)", "log(gdpp)")
    paper.edit("columns: [base, lagged]", "columns: [bass, lagged]")
    paper.edit("seed: 7", "seed: seven")
    status, _, err = paper.run(verb="check")
    assert status == 2
    for word in ("'gdpp'", "'bass'", "seven"):
        assert word in err
    assert err.index("seven") < err.index("'gdpp'") < err.index("'bass'")


def test_a_message_shows_the_line_and_a_caret(paper: Paper) -> None:
    paper.edit("log(gdp)", "log(gdpp)")
    _, _, err = paper.run(verb="check")
    lines = err.splitlines()
    shown = next(i for i, line in enumerate(lines) if line.endswith("ln_gdp: log(gdpp)"))
    assert lines[shown + 1].index("^") == lines[shown].index("gdpp")


def test_collinear_regressors_are_dropped_and_named(paper: Paper) -> None:
    paper.edit("ln_gdp: log(gdp)", "ln_gdp: log(gdp)\n  twin: 2 * dig")
    paper.edit("controls: [ln_gdp]", "controls: [ln_gdp, twin]")
    paper.edit("show: [dig]", "show: [dig, twin]")
    status, _, err = paper.run()
    assert status == 0, err
    assert "warning: model base: twin dropped" in err
    note = (paper.out / "tables" / "tab1.tex").read_text()
    assert "twin" in note
    assert "collinear" in note


def test_a_model_that_cannot_be_estimated_prints_ne(paper: Paper) -> None:
    paper.edit("{like: base, swap: {dig: lag(dig)}}", "{like: base, x: [users], fe: [country*year]}")
    paper.edit("show: [dig]", "show: [dig, users]")
    status, _, err = paper.run()
    assert status == 0, err
    text = (paper.out / "tables" / "tab1.tex").read_text()
    assert "n.e." in text
    assert "lagged" in err
    assert "users" in err


def test_own_tables_run(paper: Paper) -> None:
    """The same tables as files give the same numbers as the sample world."""
    before = (paper.out / "tables" / "tab1.csv").read_text()
    write_tables(paper)
    status, _, err = paper.run()
    assert status == 0, err
    assert (paper.out / "tables" / "tab1.csv").read_text() == before


@pytest.mark.parametrize(("arguments", "words"), [
    (["rum"], ("unknown verb 'rum'", "did you mean 'run'?")),
    (["run"], ("SPEC",)),
    (["run", "nothing.yaml"], ("nothing.yaml",)),
    (["run", "x.yaml", "--workers", "0"], ("--workers",)),
    (["verify", "no-such-folder"], ("no-such-folder",)),
])
def test_the_command_line_says_what_is_wrong(
    arguments: list[str], words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    from gvckit import cli

    try:
        status = cli.main(arguments)
    except SystemExit as stop:
        status = stop.code
    err = capsys.readouterr().err
    assert status == 2
    assert "Traceback" not in err
    for word in words:
        assert word in err
