"""Faults in data files, as the command line tells them: the spec's place, the file, the row.

Each case is a broken file (or a spec that asks a file for what it has not) and the whole first line
of what is told.  What the first bytes of a file show, ``gvckit check`` tells; the rest a run.
"""

from __future__ import annotations

import contextlib
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit import cli, sample_icio

COUNTRIES = ("CHN", "USA", "DEU", "JPN", "KOR")
SPEC = """\
schema: 1
paper: {key: tiny, title: {en: Tiny}, seed: 7}
data:
  gap:
    file: "FILE"
    keys: {country: iso3, year: year}
    take: {gdp: gdp, users: users}
MORE
panel:
  unit: [country]
  time: year
  rows: gap
variables:
  ln_gdp: log(gdp)
models:
  base: {y: users, x: [ln_gdp], fe: [country, year], se: {cluster: country}}
tables:
  tab1: {title: {en: One}, columns: [base], show: [ln_gdp]}
"""
TABLES = """\
schema: 1
paper: {key: tiny, title: {en: Tiny}, seed: 7}
data:
  icio: {file: "FILE", years: 2000-2002MORE}
  own: {file: own.csv, keys: {country: c, sector: s, year: y}, take: {x: x}}
indices:
  pos: {measure: position, icio: icio, by: [country, sector]}
panel:
  unit: [country, sector]
  time: year
  rows: pos
  merge:
    - {with: own, on: [country, sector, year], match: one-to-one}
models:
  base: {y: pos, x: [x], fe: [country*sector, year], se: {cluster: country}}
tables:
  tab1: {title: {en: One}, columns: [base], show: [x]}
"""


def good() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame([
        {"iso3": c, "year": y, "gdp": round(2e4 * float(np.exp(rng.normal(0, 0.3))), 3),
         "users": round(10 + 5 * (y - 2000) + rng.uniform(), 3)}
        for c in COUNTRIES for y in range(2000, 2006)])


CSV = good().to_csv(index=False)


def run(folder: Path, verb: str) -> tuple[int, list[str]]:
    """Return exit status and the lines of stderr that are not progress."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), \
            contextlib.redirect_stderr(err):
        status = cli.main([verb, "paper.yaml", *(["--out", "out", "--workers", "1"]
                                                 if verb == "run" else [])])
    return status, [line for line in err.getvalue().splitlines() if line[:1] != "["
                    and " steps: " not in line]


@dataclass(frozen=True)
class Case:
    """What is written where, what the spec says besides, and what is told."""

    write: Callable[[Path], object]
    told: str
    file: str = "x.csv"
    more: str = ""
    verb: str = "run"


def text(content: str | bytes, told: str, file: str = "x.csv", more: str = "",
         verb: str = "run") -> Case:
    data = content if isinstance(content, bytes) else content.encode()
    return Case(lambda path: path.write_bytes(data), told, file, more, verb)


def frame(change: Callable[[pd.DataFrame], pd.DataFrame], told: str, file: str,
          verb: str = "run") -> Case:
    def write(path: Path) -> None:
        data = change(good())
        if path.suffix == ".parquet":
            data.to_parquet(path)
        elif path.suffix == ".xlsx":
            data.to_excel(path, index=False)
        else:
            data.to_stata(path, write_index=False)
    return Case(write, told, file, "", verb)


KEY, TAKE = "paper.yaml:6:21: data gap, file ", "paper.yaml:7:17: data gap, file "
USERS, FILE = "paper.yaml:7:29: data gap, file ", "paper.yaml:5:11: data gap, file "
CASES = {
    "empty": text("", FILE + "x.csv: the file is empty (allowed: a line with the names of the "
                  "columns, then a line for each row)", verb="check"),
    "header only": text("iso3,year,gdp,users\n", FILE + "x.csv: it has no rows"),
    "semicolons": text(
        CSV.replace(",", ";"), FILE + "x.csv: its first line is one column, "
        "'iso3;year;gdp;users': the cells are separated by a semicolon, not by a comma (allowed: "
        "`delimiter: \";\"` (and `decimal: \",\"` where numbers look like 1,5))", verb="check"),
    "encoding": text(
        CSV.replace("CHN", "中国").encode("gb18030"), FILE + "x.csv: it is not UTF-8 text "
        "(allowed: a file saved in UTF-8, or its encoding: `encoding: gb18030` (Chinese), big5, "
        "shift_jis, euc-kr, cp1252 (western Windows), utf-16)"),
    "absent column": text(
        CSV, USERS + "x.csv: the file has no column 'users'; did you mean 'user'? (allowed: "
        "'iso3', 'year', 'gdp', 'user')", verb="check"),
    "absent in Excel": frame(
        lambda d: d.rename(columns={"users": "user"}), USERS + "x.xlsx: the file has no column "
        "'users'; did you mean 'user'? (allowed: 'iso3', 'year', 'gdp', 'user')", "x.xlsx",
        "check"),
    "absent in Stata": frame(
        lambda d: d.rename(columns={"iso3": "iso"}), KEY + "x.dta: the file has no column "
        "'iso3'; did you mean 'iso'? (allowed: 'iso', 'year', 'gdp', 'users')", "x.dta", "check"),
    "absent in parquet": frame(
        lambda d: d.rename(columns={"gdp": "GDP"}), TAKE + "x.parquet: the file has no column "
        "'gdp'; did you mean 'GDP'? (allowed: 'iso3', 'year', 'GDP', 'users')", "x.parquet",
        "check"),
    "sheet": Case(
        lambda p: good().to_excel(p, index=False, sheet_name="Daten"),
        "paper.yaml:8:12: data gap, file x.xlsx: unknown sheet 'Data'; did you mean 'Daten'? "
        "(allowed: Daten)", "x.xlsx", "    sheet: Data", "check"),
    "a name for many bytes": text(CSV, "paper.yaml:5:11: a file name must not be longer than 255 "
                                  "bytes (this one: 304): '" + "y" * 59 + "…'",
                                  more="LONG", verb="check"),
    "unknown format": text(CSV, FILE + "x.sav: no reader for 'x.sav' (allowed: .csv, .csv.gz, "
                           ".tsv, .tsv.gz, .parquet, .xlsx, .dta)", "x.sav", verb="check"),
    "cut archive": text(
        gzip.compress(CSV.encode())[:-9], FILE + "x.csv.gz: it is damaged, or not gzipped: "
        "Compressed file ended before the end-of-stream marker was reached", "x.csv.gz"),
    "text cell": text(
        CSV.replace("CHN,2001,", "CHN,2001,many"), TAKE + "x.csv, row 3 (CHN 2001): "
        "'many18563.992' in column 'gdp' is not a number (allowed: numbers, or markers of missing "
        "values: blank, NA, NaN, nan, .., #N/A; name others with `na:`)"),
    "repeated row": text(
        CSV + "CHN,2003,1,2\n", "paper.yaml:6:11: data gap, file x.csv, row 32 (CHN 2003): 1 row "
        "repeats the keys country, year of an earlier row, such as row 5 (CHN 2003) (allowed: one "
        "row for each key; choose rows with `keep:`, or say `duplicates: first` or "
        "`duplicates: mean`)"),
    "uneven row": text(
        CSV.replace("DEU,2003,", "DEU,2003,1,"), FILE + "x.csv: 1 row has another number of cells "
        "than the header: row 17 has 5 of 4 (allowed: \"…\" around cells with a delimiter in "
        "them, each opened and closed; no notes above or below the table)"),
    "country names": text(
        CSV.replace("CHN", "China").replace("DEU", "Germany"), KEY + "x.csv, column 'iso3', from "
        "row 2 (China 2000) on: 2 distinct cells are country names, not codes: 'China', 'Germany' "
        "(allowed: `codes: names` reads them)"),
    "year": text(
        CSV.replace("USA,2004", "USA,2004-05"), "paper.yaml:6:33: data gap, file x.csv, row 12 "
        "(USA 2004-05): '2004-05' in column 'year' is not a whole number (allowed: years such as "
        "2004)"),
    "labels of numbers": Case(
        lambda p: good().assign(iso3=range(30)).to_stata(p, write_index=False),
        KEY + "x.dta, column 'iso3', from row 1 (0 2000) on: 30 distinct cells are numbers, no "
        "country codes: '0', '1', '2', '3', '4', … (25 more) (allowed: ISO 3166-1 alpha-3; in a "
        "Stata file, numbers with value labels)", "x.dta"),
    "years": text(CSV, "paper.yaml:8:12: data gap, file x.csv: it has no rows of 2010-2012 "
                  "(allowed: years from 2000 to 2005)", more="    years: 2010-2012"),
    "cells": text(CSV, "paper.yaml:8:26: data gap, file x.csv: column 'iso3' has no cell 'CHE'; "
                  "did you mean 'CHN'? (allowed: CHN, DEU, JPN, KOR, USA)",
                  more="    keep: {iso3: [\"CHN\", CHE]}"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_in_a_file_is_told(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    spec, file = SPEC, case.file
    if name == "absent column":
        case.write(tmp_path / file)
        (tmp_path / file).write_text(CSV.replace("users", "user"))
    elif case.more == "LONG":
        file = "y" * 300 + ".csv"
    else:
        case.write(tmp_path / file)
    more = "" if case.more == "LONG" else case.more
    (tmp_path / "paper.yaml").write_text(spec.replace("FILE", file).replace("MORE", more))
    status, lines = run(tmp_path, case.verb)
    assert status == 2, lines
    assert lines[0] == case.told
    assert [line for line in lines if line.startswith("paper.yaml")] == [case.told]
    assert lines[2].strip("| ") == "^"
    if case.verb == "check":
        again = run(tmp_path, "run")
        assert again == (status, lines)


def tables(folder: Path, change: Callable[[dict[str, np.ndarray], int], None] | None = None,
           own: Callable[[str], str] | None = None, file: str = "t/{year}.npz", more: str = "",
           edit: tuple[str, str] | None = None) -> None:
    (folder / "t").mkdir()
    rows = ["c,s,y,x"]
    for year in range(2000, 2003):
        table = sample_icio(5, 4, year, 3)
        arrays = {"Z": table.Z.copy(), "F": table.F.copy(), "year": np.array(year),
                  "countries": np.array(table.countries), "sectors": np.array(table.sectors)}
        if change:
            change(arrays, year)
        np.savez(folder / "t" / f"{year}.npz", **arrays)
        rows += [f"{c},{s},{year},{len(rows) + i}.5" for i, (c, s) in enumerate(
            (c, s) for c in table.countries for s in table.sectors)]
    content = "\n".join(rows) + "\n"
    (folder / "own.csv").write_text(own(content) if own else content)
    spec = TABLES.replace("FILE", file).replace("MORE", more)
    (folder / "paper.yaml").write_text(spec.replace(*edit) if edit else spec)


def holed(arrays: dict[str, np.ndarray], year: int) -> None:
    if year == 2001:
        arrays["Z"][2, 5] = np.nan


def zeroed(arrays: dict[str, np.ndarray], year: int) -> None:
    if year == 2002:
        arrays["Z"][:], arrays["F"][:] = 0, 0


def strange(arrays: dict[str, np.ndarray], year: int) -> None:
    arrays["countries"][2] = "XXQ"


def lacking(arrays: dict[str, np.ndarray], year: int) -> None:
    del arrays["F"]


TABLE = "paper.yaml:4:16: data icio, file "
TABLE_CASES: dict[str, tuple[dict[str, object], str, str]] = {
    "NaN": ({"change": holed}, "run", TABLE + "t/2001.npz, CHN s3 2001: Z holds 1 value that is "
            "missing or infinite, first in the column of USA s2 (allowed: numbers, or "
            "`policy: {missing_values: zero}`)"),
    "a year of zeros": ({"change": zeroed}, "run",
                        TABLE + "t/2002.npz: the table of 2002 holds nothing but zeros"),
    "unknown code": ({"change": strange}, "run", TABLE + "t/2000.npz, t/2001.npz, t/2002.npz: "
                     "country 3 of 5 is 'XXQ', which is no known code (allowed: ISO 3166-1 "
                     "alpha-3, ROW; `policy: {unknown_countries: keep}` keeps labels of regions)"),
    "no final demand": ({"change": lacking}, "check", TABLE + "t/2000.npz, t/2001.npz, "
                        "t/2002.npz: the archive has no F (or Y); it has Z, countries, sectors, "
                        "year (allowed: Z, F or Y, countries, sectors)"),
    "absent years": ({"edit": ("2000-2002", "2000-2004")}, "check",
                     ("paper.yaml:4:16: no file 't/2003.npz' in the data folders .; add one with "
                     "--data or GVCKIT_DATA; the same of 2004")),
    "sectors written apart": (
        {"own": lambda t: t.replace(",s1,", ",C1,").replace(",s2,", ",C2,").replace(
            ",s3,", ",C3,").replace(",s4,", ",C4,")}, "run",
        ("paper.yaml:13:14: merge with own: no row of the panel finds a match: sector is s1, s2, "
        "s3, … (1 more) in the panel's rows and C1, C2, C3, … (1 more) in own")),
    "lost countries": (
        {"own": lambda t: t.replace("DEU,", "AUT,"),
         "edit": ("match: one-to-one", "match: one-to-one, expect: {countries: 5}")}, "run",
        ("paper.yaml:13:87: merge with own: 4 distinct country values are matched, 5 expected; "
        "lost: DEU; own alone has AUT")),
    "unmatched rows": (
        {"own": lambda t: t.replace("DEU,s2,2001", "DEU,s2,2007"),
         "edit": ("match: one-to-one", "match: one-to-one, unmatched: error")}, "run",
        "paper.yaml:13:14: merge with own: 1 rows have no match: DEU s2 2001"),
}


@pytest.mark.parametrize("name", TABLE_CASES)
def test_a_fault_in_tables_and_merges_is_told(tmp_path: Path, name: str) -> None:
    given, verb, told = TABLE_CASES[name]
    tables(tmp_path, **given)  # type: ignore[arg-type]
    status, lines = run(tmp_path, verb)
    assert status == 2, lines
    assert [line for line in lines if line.startswith("paper.yaml")] == [told]


VARIABLES = {
    "ln": ("a: ln(x)", "check", "15:6: unknown function 'ln'; did you mean 'log'?"),
    "text": ("a: 1 + log(sector)\n  b: a + 1", "run",
             ("15:14: 'sector' is a key of text, not a number: 's1', 's2', 's3', … (1 more) (allowed: "
             "numbers; text may stand in by=sector)")),
    "several first": ('a: {is: "2 * first(x, by=country)"}\n  b: lag(a)', "run",
                      "15:16: first(x, by=country): 5 groups have several values at their first"),
    "no value": ("a: log(0 - x)\n  b: lag(a)\n  c: b + 1", "run",
                 ("15:6: variable 'a' has no value in any row of the panel (a: log(0 - x): 60 "
                 "values are not above 0, so missing)")),
}


@pytest.mark.parametrize("name", VARIABLES)
def test_a_fault_in_a_variable_is_told_once_at_its_place(tmp_path: Path, name: str) -> None:
    written, verb, told = VARIABLES[name]
    tables(tmp_path, edit=("models:", f"variables:\n  {written}\nmodels:"))
    status, lines = run(tmp_path, verb)
    assert status == 2, lines
    found = [line for line in lines if line.startswith("paper.yaml")]
    assert len(found) == 1
    assert found[0].startswith(f"paper.yaml:{told}")


def test_check_names_columns_of_made_sources(tmp_path: Path) -> None:
    tables(tmp_path, edit=("indices:", ("  made: {source: sample-countries, years: 2000-2002, "
                           "keys: {country: country, year: yeer}, take: {n: internett}}\nindices:")))
    status, lines = run(tmp_path, "check")
    assert status == 2
    assert [line.partition(" (")[0] for line in lines if line.startswith("paper.yaml")] == [
        "paper.yaml:6:85: unknown column of sample-countries 'yeer'; did you mean 'year'?",
        ("paper.yaml:6:102: unknown column of sample-countries 'internett'; did you mean "
        "'internet'?")]


def test_two_indices_may_have_pillars_of_one_name(tmp_path: Path) -> None:
    one = ("{composite: {by: [country, sector, year], missing: none, normalise: minmax-pooled, "
           "weights: equal, aggregate: arithmetic}, pillars: {access: [%s]}}")
    tables(tmp_path, edit=("panel:", f"  a: {one % 'x'}\n  b: {one % 'log(x)'}\npanel:"))
    spec = tmp_path / "paper.yaml"
    spec.write_text(spec.read_text().replace("with: own", "with: [own, a, b]").replace(
        "x: [x]", "x: [a, b]").replace("show: [x]", "show: [a, b]"))
    status, lines = run(tmp_path, "run")
    assert status == 0, lines
    assert "b" in (tmp_path / "out" / "tables" / "tab1.csv").read_text()
