"""The store: results by content, records of steps by key, a journal, a lock."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gvckit.errors import Problem, StoreError, StoreMistakeError
from gvckit.run.canonical import dumps, sha256_text
from gvckit.run.files import disk_error, replace_file
from gvckit.run.journal import Journal
from gvckit.run.lock import exclusive
from gvckit.run.objects import Objects
from gvckit.run.stored import Stored

__all__ = ["FORMAT", "Record", "Store"]

FORMAT = 1
NAME = "gvckit store"


@dataclass(frozen=True, slots=True)
class Record:
    """What is known about one key: everything about the step that ran, and what came out.

    Attributes
    ----------
    key
        sha256 of ``parts``.
    parts
        What the key was made of.
    name
        The step that ran; another one with the same key takes its result.
    output
        Where the result lies.
    seconds
        Wall time of the step.
    peak_memory
        Peak resident memory of its process, bytes; 0 where the system does not say.
    versions
        Of this package and of the step's libraries.
    """

    key: str
    parts: Mapping[str, Any]
    name: str
    output: Stored
    seconds: float
    peak_memory: int
    versions: Mapping[str, str]


class Store:
    """The store in the folder ``root``, made where there is none.

    Raises
    ------
    StoreError
        For a folder that holds something else, that another version made, or that is damaged.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).absolute()
        self.objects = Objects(self.root)
        self.journal = Journal(self.root / "journal.jsonl")
        self._held = 0
        self._open()

    @contextmanager
    def lock(
        self, wait: float = 600.0, say: Callable[[str], None] = lambda text: None
    ) -> Iterator[None]:
        """Be the one writer of the store; holders may take it again."""
        if self._held:
            yield
            return
        with exclusive(self.root / "lock", wait, say, name=f"the store {self.root}",
                       option="--store"):
            self._held += 1
            try:
                self._clean()
                self.journal.compact(self.objects.temporary)
                yield
            finally:
                self._held -= 1
                self.journal.close()

    def record(self, key: str) -> Record | None:
        """Return the record of ``key``; None where there is none or it is damaged."""
        try:
            plain = json.loads(self._record_path(key).read_bytes())
            output = Stored.from_json(plain["output"])
            if plain["format"] != FORMAT or output.digest != plain["digest"]:
                return None
            if not self.objects.readable(output):
                return None
            if plain["key"] != key or sha256_text(dumps(plain["parts"])) != key:
                return None
            return Record(
                key, plain["parts"], str(plain["name"]), output, float(plain["seconds"]),
                int(plain["peak_memory"]), dict(plain["versions"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def put_record(self, record: Record) -> None:
        """Keep ``record``; its result must be in the store already."""
        plain = {
            "format": FORMAT,
            "key": record.key,
            "name": record.name,
            "parts": record.parts,
            "digest": record.output.digest,
            "output": record.output.to_json(),
            "seconds": record.seconds,
            "peak_memory": record.peak_memory,
            "versions": record.versions,
        }
        self._put(self._record_path(record.key), dumps(plain))

    def put_code(self, digest: str, modules: Mapping[str, str]) -> None:
        """Keep which modules a code fingerprint covers."""
        path = self.root / "code" / f"{digest}.json"
        if not path.exists():
            self._put(path, dumps(dict(modules)))

    def code(self, digest: str) -> dict[str, str] | None:
        """Return the modules of a code fingerprint; None where nobody kept them."""
        try:
            plain = json.loads((self.root / "code" / f"{digest}.json").read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return plain if isinstance(plain, dict) and sha256_text(dumps(plain)) == digest else None

    def log(self, name: str, text: str) -> Path:
        """Write the log of the step ``name``, and return where."""
        safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
        path = self.root / "logs" / f"{safe[:80]}-{sha256_text(name)[:8]}.log"
        self._put(path, text)
        return path

    def _record_path(self, key: str) -> Path:
        return self.root / "keys" / f"{key}.json"

    def _put(self, path: Path, text: str) -> None:
        replace_file(path, text.encode(errors="backslashreplace"), self.objects.temporary)

    def _open(self) -> None:
        marker = self.root / "format.json"
        try:
            if not marker.exists():
                self._make(marker)
            for folder in ("objects", "keys", "code", "logs", "tmp"):
                (self.root / folder).mkdir(exist_ok=True)
            found = json.loads(marker.read_text())
            name, version = found["store"], int(found["version"])
        except OSError as error:
            inside = error.filename and Path(error.filename) != self.root
            place = f"{Path(error.filename).name}: " if inside else ""
            other = isinstance(error, FileExistsError | NotADirectoryError)
            why = "it is not a folder" if other else error.strerror
            kind = StoreMistakeError if other and not inside else StoreError
            raise kind(Problem(f"cannot use {self.root} as a store: {place}{why}",
                               allowed="another folder, with --store or GVCKIT_STORE")) from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise StoreError(f"{marker} is damaged: remove the store {self.root}") from None
        if name != NAME or version != FORMAT:
            age = "newer" if version > FORMAT else "older"
            raise StoreMistakeError(Problem(
                f"the store {self.root} is of version {version}, made by a version of gvckit that "
                f"is {age} than this one", allowed=f"version {FORMAT}; or give another --store"))

    def _make(self, marker: Path) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        # Where two processes make the store at once, the other one's folders may be there.
        strange = sorted(
            entry.name for entry in self.root.iterdir()
            if entry.name not in {"tmp", "format.json", "objects", "keys", "code", "logs"})
        if strange:
            raise StoreMistakeError(
                f"{self.root} is not a store, and not empty (it holds {strange[0]!r})")
        self.objects.temporary.mkdir(exist_ok=True)
        replace_file(
            marker, dumps({"store": NAME, "version": FORMAT}).encode(), self.objects.temporary)

    def _clean(self) -> None:
        """Remove what killed runs left half-written; needs the lock."""
        try:
            for path in self.objects.temporary.iterdir():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, self.objects.temporary, 0) from None
