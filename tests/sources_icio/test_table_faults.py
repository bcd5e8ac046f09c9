"""Broken archives of tables: every message names the file, and nothing unsound is unpacked."""

from __future__ import annotations

import bz2
import contextlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gvckit.errors import DataError, InFile
from gvckit.icio.policies import POLICIES
from gvckit.sources.read_icio import read_icio
from gvckit.sources.readers import guards
from gvckit.sources.world import sample_icio

Arrays = dict[str, Any]


def save(path: Path, **change: Any) -> Path:
    table = sample_icio(4, 3)
    arrays = {"Z": table.Z.copy(), "F": table.F.copy(), "countries": np.array(table.countries),
              "sectors": np.array(table.sectors), "year": np.array(2000)} | change
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    return path


def told(path: Path, **policy: str) -> str:
    with pytest.raises(DataError) as caught:
        read_icio(path, 2000, policy=policy or None)
    assert all(p.where.file == path.name for p in caught.value.problems
               if isinstance(p.where, InFile))
    assert all(isinstance(p.where, InFile) for p in caught.value.problems)
    return str(caught.value)


def holed(array: np.ndarray, at: tuple[int, int], value: float) -> np.ndarray:
    out = array.copy()
    out[at] = value
    return out


TABLE = sample_icio(4, 3)
CASES: dict[str, tuple[Arrays, str]] = {
    "nan": ({"Z": holed(TABLE.Z, (2, 5), np.nan)},
            ("a.npz, CHN s3 2000: Z holds 1 value that is missing or infinite, first in the column "
            "of USA s3 (allowed: numbers, or `policy: {missing_values: zero}`)")),
    "infinite": ({"F": holed(TABLE.F, (2, 1), np.inf)},
                 ("a.npz, CHN s3 2000: F holds 1 value that is missing or infinite, first in the "
                 "column of CHN f2 (allowed: numbers)")),
    "negative": ({"F": holed(TABLE.F, (3, 0), -1e9)},
                 "output is negative beyond the rounding unit of 0"),
    "unbalanced": ({"X": TABLE.X * np.where(np.arange(12) == 4, 2, 1)},
                   "a.npz, USA s2 2000 = "),
    "repeated": ({"countries": np.array(["CHN", "CHN", "DEU", "JPN"])},
                 ("a.npz: countries holds the same name more than once: CHN (numbers 1, 2) "
                 "(allowed: each name once, or `policy: {duplicate_labels: sum}`)")),
    "objects": ({"countries": np.array(["CHN", "USA", "DEU", "JPN"], dtype=object)},
                ("a.npz: countries holds Python objects, which are never read (allowed: names as "
                "text: np.array(names, dtype=str); numbers as float64)")),
    "complex": ({"Z": TABLE.Z.astype(complex)}, "a.npz: Z has values of type complex128"),
    "numbers for names": ({"sectors": np.array([1.5, 2.5, 3.5])},
                          "a.npz: sectors holds values of type float64 (allowed: text)"),
    "lacks": ({"F": None, "sectors": None}, ("a.npz: the archive has no F (or Y), sectors; it has "
              "Z, countries, year")),
    "unknown code": ({"countries": np.array(["CHN", "USA", "XXQ", "JPN"])},
                     ("a.npz: country 3 of 4 is 'XXQ', which is no known code (allowed: ISO 3166-1 "
                     "alpha-3, ROW; `policy: {unknown_countries: keep}` keeps labels of regions)")),
    "near code": ({"countries": np.array(["CHN", "USA", "DUE", "JPN"])}, "did you mean 'DEU'?"),
    "name among codes": ({"countries": np.array(["CHN", "USA", "Germany", "JPN"])},
                         "country 3 of 4 is 'Germany', which is no known code; did you mean 'DEU'"),
    "zeros": ({"Z": TABLE.Z * 0, "F": TABLE.F * 0},
              "a.npz: the table of 2000 holds nothing but zeros"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_names_the_file_and_the_place(tmp_path: Path, name: str) -> None:
    change, words = CASES[name]
    found = told(save(tmp_path / "a.npz", **change))
    assert words in found
    assert "\n" not in found  # one fault, one message


def test_labels_of_regions_stay(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", countries=np.array(["EUROZONE", "CHN", "NAFTA", "RoW"]))
    assert read_icio(path).countries == ("EUROZONE", "CHN", "NAFTA", "ROW")
    kept = save(tmp_path / "b.npz", countries=np.array(["CHN", "USA", "XXQ", "JPN"]))
    assert read_icio(kept, policy={"unknown_countries": "keep"}).countries[2] == "XXQ"
    parts = save(tmp_path / "c.npz", countries=np.array(["CN1", "CN2", "DEU", "JPN"]))
    assert read_icio(parts).whole == ("CHN", "CHN", "DEU", "JPN")
    text = save(tmp_path / "d.npz", countries=np.array(["CHN", "USA", "DEU", "JPN"], dtype="S3"))
    assert read_icio(text).countries == ("CHN", "USA", "DEU", "JPN")


def test_a_country_without_anything_is_refused_or_kept(tmp_path: Path) -> None:
    Z, F = TABLE.Z.copy(), TABLE.F.copy()
    Z[6:9], Z[:, 6:9], F[6:9] = 0, 0, 0
    K = F.shape[1] // 4
    path = save(tmp_path / "a.npz", Z=Z, F=F)
    read_icio(path)  # it still buys
    F[:, 2 * K:3 * K] = 0
    path = save(tmp_path / "a.npz", Z=Z, F=F)
    assert told(path) == ("a.npz: DEU holds nothing but zeros in 2000 (allowed: data, the country "
                          "left out, or `policy: {empty_countries: keep}`)")
    kept = read_icio(path, policy={"empty_countries": "keep"})
    assert [e.where for e in kept.audit if e.policy == "empty_countries=keep"] == [("DEU", "")]
    assert {"unknown_countries", "empty_countries"} <= set(POLICIES)


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


LABELS = {"countries.npy": npy(np.array(["CHN"])), "sectors.npy": npy(np.array(["a"])),
          "F.npy": npy(np.ones((1, 1)))}


def test_an_array_that_declares_more_than_it_holds_is_not_made(tmp_path: Path) -> None:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)})
    found = told(packed(tmp_path / "a.npz", LABELS | {"Z.npy": head.getvalue() + b"\0" * 80}))
    assert found == "a.npz: Z declares 8,000,000,000,000 bytes and has 80"


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    big = npy(np.zeros((1500, 1500)))
    assert len(big) > guards.RATIO_FROM
    assert told(packed(tmp_path / "a.npz", LABELS | {"Z.npy": big})) == (
        "a.npz: it unpacks to more than 200 times its size")
    bomb = bz2.compress(b"RDX3\nX\n" + b"\0" * (guards.RATIO_FROM + 9))
    (tmp_path / "a.RData").write_bytes(bomb)
    assert "a.RData: it unpacks to more than 200 times its size" in told(tmp_path / "a.RData")


def test_objects_in_an_archive_are_never_loaded(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
            return (Path.touch, (str(tmp_path / "touched"),))

    path = save(tmp_path / "a.npz", extra=np.array([Evil()], dtype=object))
    assert read_icio(path).G == 4  # what is not asked for is not looked at
    assert "Python objects" in told(save(tmp_path / "b.npz",
                                         unit=np.array([Evil()], dtype=object)))
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("suffix", [".npz", ".RData"])
def test_damage_anywhere_is_told_as_damage(tmp_path: Path, suffix: str) -> None:
    """Cut and changed bytes: a DataError that names the file, or the table itself."""
    whole = (save(tmp_path / "whole.npz").read_bytes() if suffix == ".npz" else r_list())
    rng = np.random.default_rng(1)
    path = tmp_path / f"a{suffix}"
    for trial in range(150):
        data = bytearray(whole[:int(rng.integers(0, len(whole)))] if trial % 3 == 0 else whole)
        for at in rng.integers(0, max(len(data), 1), 4) if data else ():
            data[at] = int(rng.integers(0, 256))
        path.write_bytes(data)
        with contextlib.suppress(DataError):  # any other exception is a defect
            read_icio(path)


def r_list() -> bytes:
    """Return an R file with one list of strings and numbers, in XDR."""
    import struct

    def item(kind: int, flags: int = 0) -> bytes:
        return struct.pack(">i", kind | flags)

    def text(word: str) -> bytes:
        return item(9, 0x40000) + struct.pack(">i", len(word)) + word.encode()

    def words(*given: str) -> bytes:
        return item(16) + struct.pack(">i", len(given)) + b"".join(map(text, given))

    def reals(values: np.ndarray) -> bytes:
        flat = np.asarray(values, dtype=">f8").ravel(order="F")
        return item(14) + struct.pack(">i", flat.size) + flat.tobytes()

    table = sample_icio(3, 2)
    parts = {"year": reals(np.array([2000.0])), "countries": words(*table.countries),
             "industries": words(*table.sectors), "final": reals(table.F),
             "output": reals(table.X), "inter": reals(table.Z)}
    names = item(2, 0x400) + item(1) + text("names") + words(*parts) + item(254)
    held = item(19, 0x200) + struct.pack(">i", len(parts)) + b"".join(parts.values()) + names
    return (b"RDX3\nX\n" + struct.pack(">iii", 3, 0x040001, 0x030500) + struct.pack(">i", 5)
            + b"UTF-8" + item(2, 0x400) + item(1) + text("wiot") + held + item(254))


def test_the_made_r_file_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.RData").write_bytes(r_list())
    table = read_icio(tmp_path / "a.RData")
    np.testing.assert_array_equal(table.Z, sample_icio(3, 2).Z)
    assert table.countries == sample_icio(3, 2).countries
