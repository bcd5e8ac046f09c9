"""Data roots: the order, what a name may be, and what is told where a file is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gvckit.errors import DataError, SpecError, Where
from gvckit.sources.roots import DataRoots, check_sha256, sha256_of


@pytest.fixture
def roots(tmp_path: Path) -> DataRoots:
    for name in ("spec", "one", "two", "three"):
        (tmp_path / name / "panel").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("x\n")
    env = os.pathsep.join([str(tmp_path / "two"), "", str(tmp_path / "three")])
    return DataRoots(tmp_path / "spec", (tmp_path / "one",), env)


def test_the_first_root_with_the_file_wins(roots: DataRoots) -> None:
    spec, one, two, three = roots.roots
    (three / "a.csv").write_text("3")
    assert roots.resolve("a.csv").read_text() == "3"
    (two / "a.csv").write_text("2")
    assert roots.resolve("a.csv").read_text() == "2"
    (one / "a.csv").write_text("1")
    assert roots.resolve("./a.csv").read_text() == "1"
    (spec / "a.csv").write_text("0")
    assert roots.resolve("a.csv").read_text() == "0"
    assert roots.first(["b.csv", "a.csv"]).name == "a.csv"


@pytest.mark.parametrize("name", [
    "", "  ", "/etc/passwd", "../secret.csv", "panel/../../secret.csv", "a/..", "C:/x.csv",
    "C:x.csv", "..\\secret.csv", "panel\\x.csv", "~/x.csv", "a\x00b", "a\nb", "file:///etc/passwd",
    "https://x.org/a.csv",
])
def test_a_name_that_could_leave_its_root_is_refused(roots: DataRoots, name: str) -> None:
    with pytest.raises(SpecError) as caught:
        roots.resolve(name, Where("p.yaml", 4, 9))
    assert str(caught.value).startswith("p.yaml:4:9: ")


def test_a_link_must_stay_in_its_root(roots: DataRoots) -> None:
    one = roots.roots[1]
    (one / "link.csv").symlink_to(one.parent / "secret.csv")
    with pytest.raises(SpecError, match="leaves its data folder"):
        roots.resolve("link.csv")
    (one / "panel" / "real.csv").write_text("x")
    (one / "inner.csv").symlink_to(one / "panel" / "real.csv")
    assert roots.resolve("inner.csv").name == "real.csv"
    (one / "out").symlink_to(one.parent)
    with pytest.raises(SpecError, match="leaves its data folder"):
        roots.resolve("out/secret.csv")


def test_a_folder_is_no_file(roots: DataRoots) -> None:
    with pytest.raises(DataError, match="no file 'panel'"):
        roots.resolve("panel")


def test_an_absent_file_tells_places_and_near_names(roots: DataRoots) -> None:
    (roots.roots[2] / "panel" / "pwt1001.csv.gz").write_text("")
    with pytest.raises(DataError) as caught:
        roots.resolve("panel/pwt101.csv.gz", Where("p.yaml", 4, 9))
    text = str(caught.value)
    assert all(str(root) in text for root in roots.roots)
    assert "did you mean 'panel/pwt1001.csv.gz'" in text
    assert "--data" in text
    with pytest.raises(DataError, match=r"did you mean 'panel/pwt1001.csv.gz'"):
        roots.resolve("pwt1001.csv.gz")


def test_the_hash_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
    assert sha256_of(path) == check_sha256(path, known.upper()) == check_sha256(path, None) == known
    with pytest.raises(DataError, match="its sha256 is ba78"):
        check_sha256(path, "0" * 64)


def test_names_that_are_too_long_are_told_not_looked_for(tmp_path: Path) -> None:
    roots = DataRoots(tmp_path)
    for name in ("x" * 300, f"a/{'数' * 90}/b.csv", "/".join(["ab"] * 3000)):
        with pytest.raises(SpecError, match=r"must not be longer than 255 bytes \(this one: \d+\)"):
            roots.resolve(name)
    with pytest.raises(DataError, match="no file"):
        roots.resolve("y" * 255)
    assert len(str(_told(roots, "y" * 255))) < 400


def _told(roots: DataRoots, name: str) -> DataError:
    with pytest.raises(DataError) as caught:
        roots.resolve(name)
    return caught.value


def test_a_folder_that_cannot_be_searched_is_told(tmp_path: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(DataError, match=r"cannot look for 'a.csv': Permission denied"):
        DataRoots(tmp_path).resolve("a.csv")
    monkeypatch.undo()
    with pytest.raises(DataError, match=r"cannot read the file .*: Is a directory"):
        check_sha256(tmp_path, "0" * 64)


def test_a_file_in_another_folder_is_near(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "2000.npz").touch()
    assert _told(DataRoots(tmp_path), "table/2000.npz").problems[0].nearest == "tables/2000.npz"
