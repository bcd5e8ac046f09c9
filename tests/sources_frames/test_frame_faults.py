"""What the reader of a broken data file is told: the row, its keys, and what mends it."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError, InFile, SpecError
from gvckit.sources.frames import FrameEntry, FrameRead, read_frame
from gvckit.sources.readers.entry import DELIMITERS, ENCODINGS

KEYS = {"country": "iso3", "year": "year"}
TEXT = "iso3,year,x\nDEU,2000,1.5\nDEU,2001,2.5\nUSA,2000,3.5\nUSA,2001,4\n"


def read(path: Path, text: str | bytes | None = None, **entry: Any) -> FrameRead:
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_frame(path, FrameEntry(**({"keys": KEYS, "take": {"x": "x"}} | entry)))


def told(path: Path, text: str | bytes | None = None, **entry: Any) -> str:
    with pytest.raises(DataError) as caught:
        read(path, text, **entry)
    assert all(isinstance(p.where, InFile) and p.at for p in caught.value.problems)
    return str(caught.value)


def test_cells_with_another_delimiter_or_decimal_sign_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = TEXT.replace(",", ";").replace(".", ",")
    found = told(path, text)
    assert "its first line is one column, 'iso3;year;x': the cells are separated by a" in found
    assert "a semicolon, not by a comma" in found
    assert '`delimiter: ";"` (and `decimal: ","` where numbers look like 1,5)' in found
    read(path, text, delimiter=";", decimal=",")
    expected = read(tmp_path / "b.csv", TEXT).frame
    pd.testing.assert_frame_equal(read(path, delimiter=";", decimal=",").frame, expected)
    assert "'1,5' in row 2 (DEU 2000)" in told(path, delimiter=";")
    assert "`decimal: ','` reads the others" in told(path, delimiter=";")
    # A point is no decimal sign then, nor a sign of thousands.
    assert "'1.5'" in told(path, TEXT.replace(",", ";"), delimiter=";", decimal=",")
    assert "separated by a tab" in told(path, TEXT.replace(",", "\t"))
    pd.read_csv(tmp_path / "b.csv").to_parquet(tmp_path / "b.parquet")
    assert "files of this kind have no delimiter" in told(tmp_path / "b.parquet", delimiter=";")


@pytest.mark.parametrize("encoding", sorted(set(ENCODINGS) - {"utf-8", "cp1252", "latin-1"}))
def test_other_encodings_can_be_read(tmp_path: Path, encoding: str) -> None:
    word = {"euc-kr": "한국", "shift_jis": "日本", "big5": "中國"}.get(encoding, "中国")
    text = TEXT.replace("DEU", word).encode(encoding)
    found = told(tmp_path / "a.csv", text)
    assert "it is not UTF-8 text" in found
    assert "`encoding: gb18030`" in found
    frame = read(tmp_path / "a.csv", encoding=encoding, types={"country": "text"}).frame
    assert frame["country"].tolist() == ["USA", "USA", word, word]


def test_an_entry_names_known_delimiters_and_encodings_only() -> None:
    with pytest.raises(SpecError) as caught:
        FrameEntry(keys=KEYS, take={"x": "x"}, delimiter="::", decimal="'", encoding="utf7")
    words = [p.what.split()[1] for p in caught.value.problems]
    assert words == ["delimiter", "decimal", "encoding"]
    assert set(DELIMITERS) == {",", ";", "\t", "|"}


def test_country_names_say_which_list_reads_them(tmp_path: Path) -> None:
    names = TEXT.replace("DEU", "Germany").replace("USA", "Korea; Rep.").replace(";", "")
    path = tmp_path / "a.csv"
    found = told(path, TEXT.replace("DEU", "Germany").replace("USA", "South Korea"))
    assert found == (
        "a.csv, column 'iso3', from row 2 (Germany 2000) on: 2 distinct cells are country names, "
        "not codes: 'Germany', 'South Korea' (allowed: `codes: names` reads them)")
    assert read(path, codes="names").frame["country"].unique().tolist() == ["DEU", "KOR"]
    chinese = TEXT.replace("DEU", "德国").replace("USA", "大韩民国")
    assert read(path, chinese, codes="names").frame["country"].unique().tolist() == ["DEU", "KOR"]
    assert "unknown country code 'Korea Rep.' in column 'iso3' (2 rows)" in told(
        path, names, codes="names")
    one = told(path, TEXT.replace("DEU", "Germany"))
    assert "unknown country code 'Germany'" in one
    assert "did you mean 'DEU'?" in one
    two = told(path, TEXT.replace("DEU", "DE").replace("USA", "US"))
    assert "two-letter codes: 'DE', 'US' (allowed: `codes: iso2` reads them)" in two


def test_many_unknown_codes_are_one_problem(tmp_path: Path) -> None:
    rows = "".join(f"X{a}{b},2000,1\n" for a in "ABC" for b in "PQRS")
    with pytest.raises(DataError) as caught:
        read(tmp_path / "a.csv", "iso3,year,x\n" + rows)
    assert len(caught.value.problems) == 1
    assert "12 unknown country codes: 'XAP', 'XAQ'" in str(caught.value)
    assert "(4 more)" in str(caught.value)
    numbers = told(tmp_path / "a.csv", "iso3,year,x\n1,2000,1\n12,2000,1\n2,2000,1\n")
    assert "3 distinct cells are numbers, no country codes: '1', '2', '12'" in numbers


def test_a_column_of_text_shows_its_different_cells(tmp_path: Path) -> None:
    text = "iso3,year,x\nDEU,2000,euro\nDEU,2001,euro\nUSA,2000,dollar\nUSA,2001,\n"
    assert told(tmp_path / "a.csv", text).startswith(
        "a.csv, column 'x': 3 of 4 cells are not numbers: 'euro' in row 2 (DEU 2000), "
        "'dollar' in row 4 (USA 2000), … (1 more) (allowed: ")


@pytest.mark.parametrize(("cells", "advice"), [
    (("1,234", "12,345,678"), "without separators of thousands"),
    (("1,5", "2,25"), "`decimal: ','` reads the others"),
    (("n/a", "n/a"), "`na: ['n/a']` makes this one of them"),
    (("n/a", "12x"), "name others with `na:`"),
])
def test_the_advice_fits_the_cells(tmp_path: Path, cells: tuple[str, str], advice: str) -> None:
    rows = "".join(f'DEU,{2000 + i},"{cell}"\n' for i, cell in enumerate((*cells, "1", "2", "3")))
    assert advice in told(tmp_path / "a.csv", "iso3,year,x\n" + rows)


def test_a_long_cell_and_a_long_name_are_cut(tmp_path: Path) -> None:
    found = told(tmp_path / "a.csv", TEXT.replace("1.5", "y" * 5000))
    assert len(found) < 300
    assert "row 2 (DEU 2000): 'yyyyy" in found
    assert len(told(tmp_path / "a.csv", TEXT.replace("x", "x" * 5000))) < 400
    assert len(told(tmp_path / "a.csv", TEXT.replace("DEU", "D" * 5000))) < 600


@pytest.mark.parametrize(("text", "root"), [
    ("iso3," + ",".join(map(str, range(2000, 2010))) + "\nDEU" + ",1" * 10 + "\n",
     "the file has no column 'year': years stand in columns (2000 … 2009)"),
    ("iso3,year,variable,value\nDEU,2000,x,1\n", "(allowed: long: {name: variable, value: value})"),
    ("<!DOCTYPE html><html>\n", "a web page, not a table"),
    ("World Bank,,\n,,\n", "the file has none of the columns 'iso3', 'year', 'x'; its first row"),
])
def test_a_file_of_another_shape_is_one_problem(tmp_path: Path, text: str, root: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path / "a.csv", text)
    assert len(caught.value.problems) == 1
    assert root in str(caught.value)


def test_a_blank_key_is_told_with_its_row(tmp_path: Path) -> None:
    text = "iso3,year,s,x\nDEU,2000,c1,1\n,2001,c1,2\nUSA,2000,,3\n"
    found = told(tmp_path / "a.csv", text, keys=KEYS | {"sector": "s"})
    assert "row 3 (2001 c1): a country code is blank in column 'iso3'" in found
    assert "row 4 (USA 2000): column 's' is blank, and it is a key" in found


def test_a_row_that_is_no_data_is_one_problem(tmp_path: Path) -> None:
    lines = TEXT.splitlines()
    units = told(tmp_path / "a.csv", "\n".join([lines[0], "code,year,percent", *lines[1:]]))
    assert units == (
        "a.csv, row 2 (code year): this row is no row of data: none of its keys is one (allowed: a "
        "row with the names of columns, then rows of data; take other lines out of the file)")
    note = told(tmp_path / "a.csv", TEXT + "Source: World Bank,,\n")
    assert note.startswith("a.csv, row 6 (Source: World Bank): this row is no row of data")
    assert "\n" not in note


def test_two_bytes_a_character_are_no_utf8(tmp_path: Path) -> None:
    assert "it is not UTF-8 text" in told(tmp_path / "a.csv", TEXT.encode("utf-16-le"))


def test_a_longer_name_is_near(tmp_path: Path) -> None:
    found = told(tmp_path / "a.csv", TEXT.replace("x", "x9 (per cent of all)"), take={"x": "x9"})
    assert "did you mean 'x9 (per cent of all)'?" in found


# Parquet --------------------------------------------------------------------------------------

def test_nested_cells_are_refused_and_decimals_are_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    frame().assign(x=[[1.0], [2.0, 3.0], []]).to_parquet(path)
    assert "the cells of column 'x' are lists or records (list<" in told(path)
    frame().assign(x=[Decimal("1.5"), None, Decimal("-2")]).to_parquet(path)
    np.testing.assert_array_equal(read(path).frame["x"], [1.5, np.nan, -2])


# Excel ----------------------------------------------------------------------------------------

def frame() -> pd.DataFrame:
    return pd.DataFrame({"iso3": ["DEU", "DEU", "USA"], "year": [2000, 2001, 2000],
                         "x": [1.5, 2.5, 3.5]})


def test_errors_of_formulas_are_no_blanks(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    frame().astype(object).assign(x=[1.5, "#DIV/0!", "#N/A"]).to_excel(path, index=False)
    assert "row 3 (DEU 2001): '#DIV/0!' in column 'x' is not a number" in told(path)
    frame().astype(object).assign(x=[1.5, 2.5, "#N/A"]).to_excel(path, index=False)
    assert read(path).report.missing == {"x": 1}


def test_an_old_workbook_and_rows_above_the_header_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert "save it as .xlsx" in told(path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99)
    assert "not an Excel workbook" in told(path, TEXT)
    frame().to_excel(path, index=False, startrow=2)
    assert "its first row is blank" in told(path)


# Stata ----------------------------------------------------------------------------------------

def stata(path: Path, labels: dict[int, str] | None) -> Path:
    coded = frame().assign(iso3=[1, 1, 2])
    coded.to_stata(path, write_index=False, value_labels={"iso3": labels} if labels else None)
    return path


def test_value_labels_of_a_key_are_its_codes(tmp_path: Path) -> None:
    path = stata(tmp_path / "a.dta", {1: "DEU", 2: "USA"})
    assert read(path).frame["country"].tolist() == ["DEU", "DEU", "USA"]
    named = stata(tmp_path / "b.dta", {1: "Germany", 2: "United States"})
    assert read(named, codes="names").frame["country"].tolist() == ["DEU", "DEU", "USA"]
    sectors = read(path, keys={"sector": "iso3", "year": "year"})
    assert sectors.frame["sector"].tolist() == ["DEU", "DEU", "USA"]


def test_labels_that_do_not_serve_are_refused(tmp_path: Path) -> None:
    bare = told(stata(tmp_path / "a.dta", None))
    assert "2 distinct cells are numbers, no country codes: '1', '2'" in bare
    assert "in a Stata file, numbers with value labels" in bare
    assert "1 distinct cell is a number, no country code: '2'" in told(
        stata(tmp_path / "b.dta", {1: "DEU"}))
    assert "carry the same value label: DEU" in told(stata(tmp_path / "c.dta",
                                                           {1: "DEU", 2: "DEU"}))


def test_labelled_numbers_that_are_taken_stay_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    frame().assign(x=[1, 2, 3]).to_stata(path, write_index=False,
                                         value_labels={"x": {1: "low", 2: "mid", 3: "high"}})
    assert read(path).frame["x"].tolist() == [1, 2, 3]


def test_yearly_dates_are_years_and_other_dates_are_not(tmp_path: Path) -> None:
    dated = frame().assign(year=pd.to_datetime(["2000-01-01", "2001-01-01", "2000-01-01"]))
    dated.to_stata(tmp_path / "a.dta", write_index=False, convert_dates={"year": "ty"})
    assert read(tmp_path / "a.dta").frame["year"].tolist() == [2000, 2001, 2000]
    dated.to_excel(tmp_path / "a.xlsx", index=False)
    assert read(tmp_path / "a.xlsx").frame["year"].tolist() == [2000, 2001, 2000]
    dated["year"] += pd.Timedelta(days=30)
    dated.to_stata(tmp_path / "b.dta", write_index=False, convert_dates={"year": "td"})
    assert "3 of 3 cells are not whole numbers: '2000-01-31" in told(tmp_path / "b.dta")


def test_what_is_no_stata_file_is_told(tmp_path: Path) -> None:
    assert "it is not a Stata file" in told(tmp_path / "a.dta", TEXT)
    stata(tmp_path / "b.dta", None)
    cut = (tmp_path / "b.dta").read_bytes()[:300]
    assert "not a readable Stata file" in told(tmp_path / "c.dta", cut)


# Damage ---------------------------------------------------------------------------------------

def big() -> pd.DataFrame:
    return pd.concat([frame()] * 10, ignore_index=True).assign(
        year=[2000 + i // 3 for i in range(30)])


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet", "a.xlsx", "a.dta"])
def test_damage_anywhere_is_told_as_damage(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    {"a.csv": lambda: big().to_csv(path, index=False),
     "a.csv.gz": lambda: big().to_csv(path, index=False),
     "a.parquet": lambda: big().to_parquet(path), "a.xlsx": lambda: big().to_excel(path),
     "a.dta": lambda: big().to_stata(path, write_index=False)}[name]()
    whole = path.read_bytes()
    rng = np.random.default_rng(2)
    for trial in range(60):
        data = bytearray(whole[:int(rng.integers(0, len(whole)))] if trial % 3 == 0 else whole)
        for at in rng.integers(0, max(len(data), 1), 3) if data else ():
            data[at] = int(rng.integers(0, 256))
        path.write_bytes(data)
        with contextlib.suppress(DataError):  # any other exception is a defect
            read(path, duplicates="first")
