"""The columns of a file from its first bytes: the same as its reader gives, and quickly."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError
from gvckit.sources.headers import FORMATS, absent_arrays, header
from gvckit.sources.readers.reader import Layout
from gvckit.sources.readers.registry import READERS, reader_of

COLUMNS = ["iso3", "year", "x y", "数字", "a<b>&\"c\"", "  lead"]


def frame(columns: list[str] = COLUMNS) -> pd.DataFrame:
    return pd.DataFrame([["DEU", 2000, *map(float, range(len(columns) - 2))]] * 3, columns=columns)


def test_every_format_has_a_reader_and_a_header() -> None:
    assert set(FORMATS) == set(READERS)


def stata(path: Path, version: int) -> None:
    plain = ["iso3", "year", "x_y", "numbers"]
    frame(plain if version < 118 else [*plain, "数字"]).to_stata(path, write_index=False,
                                                              version=version)


WRITERS = {
    "a.csv": lambda p: frame().to_csv(p, index=False),
    "b.csv": lambda p: p.write_bytes(b"\xef\xbb\xbf\r\n" + frame().to_csv(index=False).encode()),
    "a.tsv.gz": lambda p: p.write_bytes(gzip.compress(frame().to_csv(sep="\t").encode())),
    "a.parquet": lambda p: frame().to_parquet(p),
    "b.parquet": lambda p: frame().set_index(["iso3", "year"]).to_parquet(p),
    "a.xlsx": lambda p: frame().to_excel(p, index=False),
    "years.xlsx": lambda p: frame(["iso3", *map(str, range(2000, 2040))]).rename(
        columns={"2005": 2005}).to_excel(p, index=False),
    "gaps.xlsx": lambda p: frame(["iso3", "", "x", "y"]).to_excel(p, index=False),
    **{f"{v}.dta": lambda p, v=v: stata(p, v) for v in (114, 117, 118, 119)},
}


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_header_is_what_the_reader_reads(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    expected = reader_of(path).columns(path, Layout())
    assert len(expected) >= 4
    assert list(header(path) or ()) == expected


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        frame().to_excel(book, sheet_name="First", index=False)
        frame(["iso3", "year", "other"]).to_excel(book, sheet_name="Second & last", index=False)
    assert header(path) == tuple(COLUMNS)
    assert header(path, sheet="Second & last") == ("iso3", "year", "other")
    assert header(path, sheet="Third") is None


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "114.dta", "118.dta"])
def test_a_damaged_file_is_left_to_its_reader(tmp_path: Path, name: str) -> None:
    WRITERS.get(name, lambda p: None)(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    rng = np.random.default_rng(3)
    for size in [0, 1, 20, *rng.integers(0, len(whole), 20)]:
        (tmp_path / name).write_bytes(whole[:size])
        assert header(tmp_path / name) is None or size > 100
    for _ in range(100):
        mixed = bytearray(whole)
        for at in rng.integers(0, len(whole), 5):
            mixed[at] ^= int(rng.integers(1, 256))
        (tmp_path / name).write_bytes(mixed)
        header(tmp_path / name)  # whatever comes out: no exception


def test_a_workbook_with_entities_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    bomb = ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
            + "".join(f'<!ENTITY {b} "{"".join([f"&{a};"] * 10)}">' for a, b in zip(
                "abcdefgh", "bcdefghi", strict=True)) + "]><workbook>&i;</workbook>")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", bomb)
    assert header(path) is None


def test_a_large_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"iso3,year,x\n")
    with path.open("r+b") as stream:
        stream.truncate(8 * 1024**3)  # a sparse file: reading it would take minutes
    assert header(path) == ("iso3", "year", "x")


def test_headers_need_no_pandas(tmp_path: Path) -> None:
    code = ("import sys; from gvckit.spec.compile.headers import check_headers; "
            "from gvckit.sources.headers import header; from pathlib import Path; "
            "print([header(Path(p)) for p in sys.argv[1:]], 'pandas' in sys.modules)")
    paths = []
    for name in ("a.csv", "a.xlsx", "118.dta", "a.parquet"):
        WRITERS[name](tmp_path / name)
        paths.append(str(tmp_path / name))
    done = subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, text=True,
                          check=True)
    assert done.stdout.strip().endswith("False")
    assert "None" not in done.stdout


def test_empty_text_and_another_encoding_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for text, what in ((b"", "the file is empty"), (b"\r\n\r\n", "the file is empty"),
                       ("中国,年".encode("gb18030"), "it is not UTF-8 text")):
        path.write_bytes(text)
        with pytest.raises(DataError, match=what):
            header(path)
    assert header(path, encoding="gb18030") == ("中国", "年")


def test_arrays_that_a_table_lacks_are_named() -> None:
    assert absent_arrays(["Z", "Y", "countries", "sectors"]) is None
    problem = absent_arrays(["Z", "countries"])
    assert problem is not None
    assert problem.what == "the archive has no F (or Y), sectors; it has Z, countries"
