"""The folders in which data files may lie, and how a relative name becomes one file."""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gvckit.errors import DataError, Problem, SpecError, Where, cut, listing

__all__ = ["DataRoots", "check_sha256", "relative_problem", "sha256_of"]

_MOST_NAMES = 5000
_MOST_BYTES = 255
"""What file systems allow for the name of a file or folder."""


def relative_problem(name: str) -> str | None:
    """Return what is wrong with ``name`` as a relative file name, or None.

    Examples
    --------
    >>> relative_problem("panel/pwt1001.csv.gz")
    >>> relative_problem("../secret")
    'a file name must not hold ".."'
    """
    if not name.strip():
        return "the file name is empty"
    if any(ord(c) < 32 for c in name):
        return "a file name must not hold control characters"
    if "\\" in name:
        return 'write folders with "/"'
    if name.startswith(("/", "~")) or ":" in name:
        return "a file name must be relative to a data folder"
    if ".." in PurePosixPath(name).parts:
        return 'a file name must not hold ".."'
    longest = max(len(part.encode(errors="replace")) for part in PurePosixPath(name).parts or "")
    if longest > _MOST_BYTES or len(name) > 16 * _MOST_BYTES:
        return f"a file name must not be longer than {_MOST_BYTES} bytes (this one: {longest})"
    return None


@dataclass(frozen=True, slots=True)
class DataRoots:
    """Where data files are looked for, in this order.

    Attributes
    ----------
    spec_dir
        The spec's own folder.
    extra
        The folders given with ``--data``.
    env
        The value of GVCKIT_DATA: folders separated like PATH.
    """

    spec_dir: Path
    extra: Sequence[Path] = ()
    env: str | None = None

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders in order, each once."""
        named = [Path(part) for part in (self.env or "").split(os.pathsep) if part]
        return tuple(dict.fromkeys([self.spec_dir, *self.extra, *named]))

    def resolve(self, relative: str, where: Where | None = None) -> Path:
        """Return the first file of that name.

        Parameters
        ----------
        relative
            Name below a root, with ``/``.
        where
            Place of the name in the spec.

        Raises
        ------
        SpecError
            Where the name is absolute or leads out of its root, also through a link.
        DataError
            Where no root has the file; tells the places looked at and names that are near.
        """
        return self.first([relative], where)

    def first(self, names: Sequence[str], where: Where | None = None) -> Path:
        """Return the file of the first root that has one of ``names``; errors as ``resolve``."""
        wrong = [Problem(f"{text}: {cut(name)!r}", where) for name in names
                 if (text := relative_problem(name))]
        if wrong:
            raise SpecError(wrong)
        for root in self.roots:
            for name in names:
                path = root / name
                if not _is_file(path, where):
                    continue
                real = path.resolve()
                if not real.is_relative_to(root.resolve()):
                    raise SpecError(Problem(f"{name!r} is a link that leaves its data folder "
                                            f"{root}", where))
                return real
        raise DataError(self._absent(names, where))

    def _absent(self, names: Sequence[str], where: Where | None) -> Problem:
        wanted = " or ".join(f"'{cut(name)}'" for name in names)
        places = listing([str(root) for root in self.roots])
        return Problem(f"no file {wanted} in the data folders {places}; add one with --data or "
                       "GVCKIT_DATA", where, nearest=self._nearest(names))

    def _nearest(self, names: Sequence[str]) -> str | None:
        for name in names:
            folder, base = PurePosixPath(name).parent, PurePosixPath(name).name
            for root in self.roots:
                here = root / folder
                # An absent folder has no near names; a bare name may lie in a folder below.
                found = {p.name: p for p in _files(here)} if here.is_dir() else {}
                if folder == PurePosixPath("."):
                    for p in _files_below(root):
                        found.setdefault(p.name, p)
                close = difflib.get_close_matches(base, sorted(found), n=1, cutoff=0.6)
                if not close and not here.is_dir():
                    found = {p.name: p for p in _files_below(root)}
                    close = [base] if base in found else []
                if close:
                    return found[close[0]].relative_to(root).as_posix()
        return None


def _is_file(path: Path, where: Where | None) -> bool:
    try:
        return path.is_file()
    except OSError as error:  # a folder that may not be read, a path that is too long
        raise DataError(Problem(f"cannot look for {cut(path.name)!r}: {error.strerror}",
                                where)) from None


def _files(folder: Path) -> list[Path]:
    return [Path(e.path) for e in _entries(folder)[:_MOST_NAMES] if _holds(e.is_file)]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder; nothing where it may not be looked into."""
    try:
        return sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError:
        return []


def _holds(test: Callable[[], bool]) -> bool:
    """Return what ``test`` says of an entry; a link in circles is neither file nor folder."""
    try:
        return test()
    except OSError:
        return False


def _files_below(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    folders = [Path(e.path) for e in _entries(root)
               if not e.name.startswith(".") and _holds(e.is_dir)]
    return [path for folder in folders[:100] for path in _files(folder)]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_sha256(path: Path, expected: str | None, where: Where | None = None) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    DataError
        Where the file cannot be read, or ``expected`` is given and is another one.
    """
    try:
        found = sha256_of(path)
    except OSError as error:
        raise DataError(Problem(f"cannot read the file {path.name!r}: {error.strerror}",
                                where)) from None
    if expected is not None and expected.strip().lower() != found:
        raise DataError(Problem(f"{path.name} is not the file that the spec names: its sha256 is "
                                f"{found}", where, allowed=expected))
    return found
