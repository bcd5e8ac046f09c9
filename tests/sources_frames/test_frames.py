"""Data files of every format, long and wide, and everything that can be wrong with one."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError, SpecError, Where
from gvckit.sources.frames import FrameEntry, FrameRead, read_frame
from gvckit.sources.readers import guards

KEYS = {"country": "iso3", "year": "year"}
LONG = {"name": "variable", "value": "value"}
NAN = float("nan")


def written(path: Path, text: str) -> Path:
    if path.suffix == ".gz":
        with gzip.open(path, "wt", encoding="utf-8") as stream:
            stream.write(text)
    else:
        path.write_text(text, encoding="utf-8")
    return path


def read(path: Path, text: str | None = None, **entry: Any) -> FrameRead:
    if text is not None:
        written(path, text)
    given = {"keys": KEYS, "take": {"x": "x"}} | entry
    return read_frame(path, FrameEntry(**given))


WIDE = "iso3,year,x,note\nNAM,2001,1.5,a\nDEU,2000,2e3,b\nNAM,2000,NA,c\nDEU,2001,..,d\n"


def wide_frame() -> pd.DataFrame:
    return pd.DataFrame({"iso3": ["NAM", "DEU", "NAM", "DEU"], "year": [2001, 2000, 2000, 2001],
                         "x": [1.5, 2000, NAN, NAN], "note": list("abcd")})


WRITERS: dict[str, Callable[[Path], object]] = {
    "a.csv": lambda p: written(p, WIDE),
    "a.csv.gz": lambda p: written(p, WIDE),
    "a.tsv": lambda p: written(p, WIDE.replace(",", "\t")),
    "a.parquet": lambda p: wide_frame().to_parquet(p),
    "a.xlsx": lambda p: wide_frame().to_excel(p, index=False),
    "a.dta": lambda p: wide_frame().to_stata(p, write_index=False),
}


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_every_format_gives_the_same_frame(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    found = read(tmp_path / name)
    assert found.frame["country"].tolist() == ["DEU", "DEU", "NAM", "NAM"]
    assert found.frame["year"].tolist() == [2000, 2001, 2000, 2001]
    np.testing.assert_array_equal(found.frame["x"], [2000, NAN, NAN, 1.5])
    assert found.frame["year"].dtype == np.int64
    assert found.frame["x"].dtype == np.float64
    assert found.report.missing == {"x": 2}
    assert json.loads(json.dumps(found.report.to_dict()))["rows_read"] == 4


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + WIDE.replace("\n", "\r\n").encode())
    assert read(path).report.rows_kept == 4


LONG_TEXT = ("iso3,year,variable,value\nDEU,2000,net,1\nDEU,2000,gdp,5\nDEU,2001,net,2\n"
             "NAM,2000,gdp,6\nNAM,2000,other,words\n")


def test_a_long_file_is_spread_and_only_wanted_rows_are_read(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", LONG_TEXT, long=LONG, take={"internet": "net", "g": "gdp"})
    assert list(found.frame.columns) == ["country", "year", "internet", "g"]
    np.testing.assert_array_equal(found.frame["internet"], [1, 2, NAN])
    np.testing.assert_array_equal(found.frame["g"], [5, NAN, 6])
    assert found.report.rows_read == 4


def test_one_variable_can_be_taken_under_two_names(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", LONG_TEXT, long=LONG, take={"a": "net", "b": "net"})
    np.testing.assert_array_equal(found.frame["a"], found.frame["b"])


def test_the_code_na_is_namibia_in_a_key_and_missing_in_a_value(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", "iso2,year,x\nNA,2000,1\nDE,2000,NA\n", codes="iso2",
                 keys={"country": "iso2", "year": "year"})
    assert found.frame["country"].tolist() == ["DEU", "NAM"]
    np.testing.assert_array_equal(found.frame["x"], [NAN, 1])


def test_codes_are_looked_up_in_the_table_of_the_file(tmp_path: Path) -> None:
    text = "iso3,year,x\nROM,2000,1\nROU,2000,2\nWLD,2000,3\n"
    found = read(tmp_path / "barro_lee.csv", text)
    assert found.frame["country"].tolist() == ["MDA", "ROU"]
    assert found.report.aliases == {"ROM": ("MDA", 1)}
    assert found.report.dropped == {"WLD": 1}
    with pytest.raises(DataError, match="unknown country code 'ROM'"):
        read(tmp_path / "mine.csv", text)
    kept = read(tmp_path / "mine.csv", text, unknown_codes="drop")
    assert kept.report.dropped == {"ROM": 1, "WLD": 1}
    with pytest.raises(DataError, match="repeats the keys country, year"):
        read(tmp_path / "mine.csv", text, codes="wiod2013")


def test_keys_of_other_kinds(tmp_path: Path) -> None:
    text = "o,d,c,t,x\nDEU,USA,01,2000.0,1\nUSA,DEU,1,2000,2\n"
    found = read(tmp_path / "a.csv", text,
                 keys={"exporter": "o", "importer": "d", "sector": "c", "period": "t"},
                 types={"period": "year"})
    assert found.frame["sector"].tolist() == ["01", "1"]
    assert found.frame["period"].tolist() == [2000, 2000]
    free = read(tmp_path / "a.csv", "iso3,year,x\nNorth,2000,1\n", types={"country": "text"})
    assert free.frame["country"].tolist() == ["North"]


def test_rows_can_be_chosen_by_a_column(tmp_path: Path) -> None:
    text = "iso3,year,x,age\nDEU,2000,1,15\nDEU,2000,2,25\n"
    found = read(tmp_path / "a.csv", text, keep={"age": ("25",)})
    assert found.frame["x"].tolist() == [2]
    with pytest.raises(DataError, match=r"^a\.csv: column 'age' has no cell '35'"):
        read(tmp_path / "a.csv", text, keep={"age": ("35",)})


def test_repeated_keys_are_refused_or_merged_by_a_named_rule(tmp_path: Path) -> None:
    text = "iso3,year,x\nDEU,2000,\nDEU,2000,4\nDEU,2000,6\nUSA,2000,1\n"
    with pytest.raises(DataError, match=r"rows 3 \(DEU 2000\), 4 \(DEU 2000\): 2 rows repeat the "
                                        r"keys country, year"):
        read(tmp_path / "a.csv", text)
    first = read(tmp_path / "a.csv", text, duplicates="first")
    np.testing.assert_array_equal(first.frame["x"], [NAN, 1])
    mean = read(tmp_path / "a.csv", text, duplicates="mean")
    assert mean.frame["x"].tolist() == [5, 1]
    assert mean.report.merged == 2
    # The same keys under two variables of a long file are not repeated.
    long = read(tmp_path / "a.csv", LONG_TEXT + "DEU,2001,net,9\n", long=LONG,
                take={"n": "net", "g": "gdp"}, duplicates="first")
    assert long.frame["n"].tolist()[1] == 2


@pytest.mark.parametrize("cell", ["1,5", "n/a", "1 000", "1_000", "0x1F", "inf", "-Infinity",
                                  "1e999", "٣", "5%", "<0.1", "true", "-", "2000-01-01", "1e"])
def test_a_cell_that_is_no_number_is_shown_with_its_row(tmp_path: Path, cell: str) -> None:
    text = f'iso3,year,x\nDEU,2000,1\nDEU,2001,"{cell}"\n'
    with pytest.raises(DataError) as caught:
        read(tmp_path / "a.csv", text)
    assert str(caught.value).startswith(
        f"a.csv, row 3 (DEU 2001): {cell!r} in column 'x' is not a number (allowed: numbers")
    assert read(tmp_path / "a.csv", text, na=(cell,)).report.missing == {"x": 1}


def test_bad_cells_of_typed_formats_are_shown_too(tmp_path: Path) -> None:
    frame = wide_frame().assign(x=[1, "bad", True, None])
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    with pytest.raises(DataError, match=r"^a.xlsx, column 'x': 2 of 4 cells are not numbers: "
                       r"'bad' in row 3 \(DEU 2000\), 'True' in row 4 \(NAM 2000\)"):
        read(tmp_path / "a.xlsx")
    wide_frame().assign(x=[1.0, np.inf, 2.0, 3.0]).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"row 2 \(DEU 2000\): 'inf' in column 'x'"):
        read(tmp_path / "a.parquet")
    wide_frame().assign(x=pd.Timestamp("2000-01-01")).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match="column 'x': 4 of 4 cells"):
        read(tmp_path / "a.parquet")


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = "iso3,year,x\nDEUU,2000,1\nUSA,20x0,1\nUSA,2000.5,oops\nFRA,,1\nFRA,2001,1\nFRA,2001,2\n"
    with pytest.raises(DataError) as caught:
        read(tmp_path / "a.csv", text)
    shown = str(caught.value)
    assert ("row 2 (DEUU 2000): unknown country code 'DEUU' in column 'iso3'; did you mean 'DEU'"
            ) in shown
    assert ("column 'year': 3 of 6 cells are not whole numbers: '20x0' in row 3 (USA 20x0), "
            "'2000.5' in row 4 (USA 2000.5), '' in row 5 (FRA)") in shown
    assert "row 4 (USA 2000.5): 'oops' in column 'x' is not a number" in shown
    # Rows seem to repeat because their years could not be read: no fault of its own.
    assert "repeat" not in shown
    with pytest.raises(DataError, match=r"row 3 \(FRA 2001\): 1 row .* such as row 2 \(FRA"):
        read(tmp_path / "a.csv", "iso3,year,x\nFRA,2001,1\nFRA,2001,2\n")


def test_absent_columns_and_variables_are_told_with_near_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path / "a.csv", WIDE, keys={"country": "iso", "year": "yeer"}, take={"z": "notes"})
    assert len(caught.value.problems) == 3
    assert "a.csv: the file has no column 'notes'; did you mean 'note'? (" in str(caught.value)
    with pytest.raises(DataError, match=r"'variable' has no cell 'nett'; did you mean 'net'"):
        read(tmp_path / "a.csv", LONG_TEXT, long=LONG, take={"n": "nett"})


def test_a_variable_without_values_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'x' has no value at all"):
        read(tmp_path / "a.csv", "iso3,year,x\nDEU,2000,NA\nUSA,2000,..\n")


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="2 columns 'x'"):
        read(tmp_path / "a.csv", "iso3,year,x,x\nDEU,2000,1,2\n")
    with pytest.raises(DataError, match=r"1 row has another .*: row 3 has 2 of 3"):
        read(tmp_path / "a.csv", "iso3,year,x\nDEU,2000,1\nUSA,2000\nFRA,2000,3\n")
    with pytest.raises(DataError, match=r"row 3 has 5 of 3"):
        read(tmp_path / "a.csv", "iso3,year,x\nDEU,2000,1\nUSA,2000,2,3,4\n")
    with pytest.raises(DataError, match="no rows"):
        read(tmp_path / "a.csv", "iso3,year,x\n")
    for nothing in ("", "\n", "\n\n"):
        with pytest.raises(DataError, match=r"^a\.csv: the file is empty"):
            read(tmp_path / "a.csv", nothing)
    (tmp_path / "b.csv").write_bytes(b"iso3,year,x\nDEU,2000,1\nM\xe9x,2000,1\n")
    with pytest.raises(DataError, match="not UTF-8"):
        read(tmp_path / "b.csv")
    whole = gzip.compress(WIDE.encode())
    (tmp_path / "c.csv.gz").write_bytes(whole[:-12])
    with pytest.raises(DataError, match=r"c.csv.gz: it is damaged"):
        read(tmp_path / "c.csv.gz")
    for name in ("d.csv.gz", "d.parquet", "d.xlsx", "d.dta"):
        (tmp_path / name).write_bytes(b"not what the name says")
        with pytest.raises(DataError, match=name):
            read(tmp_path / name)
    with pytest.raises(DataError, match=r"no reader for 'e.sav'"):
        read(tmp_path / "e.sav")


def test_sheets_are_chosen_by_name(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        wide_frame().to_excel(book, sheet_name="First", index=False)
        wide_frame().assign(x=7.0).to_excel(book, sheet_name="Second", index=False)
    assert read(tmp_path / "a.xlsx").frame["x"].max() == 2000
    assert read(tmp_path / "a.xlsx", sheet="Second").frame["x"].max() == 7
    with pytest.raises(DataError, match="did you mean 'Second'"):
        read(tmp_path / "a.xlsx", sheet="Secnd")
    with pytest.raises(DataError, match=r"a\.csv: files of this kind have no sheets"):
        read(tmp_path / "a.csv", WIDE, sheet="First")


def test_archives_that_unpack_to_too_much_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "a.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (guards.RATIO_FROM + 1))
    with pytest.raises(DataError, match="200 times its size"):
        read(bomb)
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for i in range(guards.MAX_ENTRIES + 1):
            archive.writestr(str(i), b"")
    with pytest.raises(DataError, match="holds 5001 entries"):
        read(tmp_path / "b.xlsx")
    with gzip.open(tmp_path / "c.csv.gz", "wb") as stream:
        stream.write(b"iso3,year,x\n" + b"DEU,2000,1\n" * (guards.RATIO_FROM // 11 + 9))
    with pytest.raises(DataError, match="200 times its size"):
        read(tmp_path / "c.csv.gz")


def test_an_entry_is_checked_when_it_is_made() -> None:
    with pytest.raises(SpecError) as caught:
        FrameEntry(keys={"country": "c"}, take={"country": "x"}, types={"yeer": "text",
                   "country": "contry"}, duplicates="last", unknown_codes="keep",
                   long={"name": "v"}, where=Where("p.yaml", 3, 5))
    assert len(caught.value.problems) == 6
    assert all(str(p).startswith("p.yaml:3:5: ") for p in caught.value.problems)
    with pytest.raises(SpecError, match=r"needs `keys`.*\n.*needs `take`"):
        FrameEntry(keys={}, take={})


def test_an_entry_comes_from_a_mapping() -> None:
    entry = FrameEntry.from_mapping({"file": "a.csv", "keys": {"country": "c"}, "take": ["x", "y"],
                                     "na": ["-9"], "keep": {"age": 15}, "long": None})
    assert entry.take == {"x": "x", "y": "y"}
    assert entry.keep == {"age": ("15",)}
    assert entry.na == ("-9",)
    with pytest.raises(SpecError, match="did you mean 'take'"):
        FrameEntry.from_mapping({"keys": {"country": "c"}, "takes": {"x": "x"}})
