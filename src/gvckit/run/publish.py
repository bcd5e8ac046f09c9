"""Results out of the store into the folder that a reader sees, all of them or none."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gvckit.errors import DataError, Problem, StoreError
from gvckit.run.canonical import sha256_bytes
from gvckit.run.exchange import LOCK, exchange, make_folder, remove_empty, safe, settle
from gvckit.run.filehash import plain_sha256
from gvckit.run.lock import exclusive
from gvckit.run.manifest import FORMAT, MANIFEST, continued, read_manifest
from gvckit.run.verified import verify

__all__ = ["MANIFEST", "check_out", "check_places", "publish", "verify"]

LOCK_SECONDS = 600.0
INSTEAD = "choose another --out, or move it away"


def check_out(out: Path, paper: str | None) -> None:
    """Refuse, before any work, an output folder that cannot be written or is somebody else's.

    Raises
    ------
    DataError
        Where ``out`` or a folder above it is a file, or a manifest lies there that is not of
        gvckit or names another paper.
    StoreError
        Where the folder is not writable.
    """
    for folder in (out, *out.absolute().parents):
        if os.path.lexists(folder):
            if not folder.is_dir():
                kind = "a broken link" if folder.is_symlink() else "a file"
                raise DataError(f"{out} cannot be the output folder: {folder} is {kind}")
            if not os.access(folder, os.W_OK | os.X_OK):
                raise StoreError(f"{out} cannot be the output folder: {folder} is not writable")
            break
    _before(out, paper)


def check_places(out: Path, store: Path, spec: Path, data: Iterable[Path]) -> None:
    """Refuse an output folder that mixes what is made with what it is made of.

    Parameters
    ----------
    out
        The output folder.
    store
        The folder of the store.
    spec
        The folder of the spec.
    data
        The data roots.

    Raises
    ------
    DataError
        With everything that is wrong: ``out`` is, or holds, the folder of the spec, a data folder
        or the store, or lies in the store.  Below the folder of the spec or of data it may lie.
    """
    here, kept = _real(out), _real(store)
    problems = []
    if here.is_relative_to(kept):
        problems.append(Problem(f"--out {out} lies in the store {store}",
                                allowed="an output folder outside of the store"))
    elif kept.is_relative_to(here):
        problems.append(Problem(f"the store {store} lies in --out {out}",
                                allowed="a store (--store) outside of the output folder"))
    named = {_real(spec): f"the folder of the spec {spec}"}
    for folder in data:
        named.setdefault(_real(folder), f"the data folder {folder}")
    for real, what in named.items():
        if real.is_relative_to(here):
            verb = "is" if real == here else "holds"
            problems.append(Problem(f"--out {out} {verb} {what}",
                                    allowed="a folder of its own, such as out"))
    if problems:
        raise DataError(problems)


def publish(
    out: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any], *, keep: bool = False,
    wait: float = LOCK_SECONDS, say: Callable[[str], None] = lambda text: None,
) -> Path:
    """Put ``files`` and a manifest into the folder ``out``.

    One run at a time: a lock makes others wait.  Everything is written aside first and then moved
    into place, the manifest last; where anything fails, what was there is put back, and what a
    killed run left is completed.  Files that are there already with the same bytes are not
    touched; files of the last manifest that are not made any more are removed, unless somebody
    edited them.  No other file is touched.

    Parameters
    ----------
    out
        The folder, made where there is none.
    files
        Path relative to ``out``, with ``/``, to content.
    manifest
        What `gvckit.run.manifest.build_manifest` returns, without the outputs.
    keep
        Whether other outputs of the folder stay as they are, and in the manifest.
    wait
        Seconds to wait for another run that writes there.
    say
        Hears whom it waits for, and which edited outputs are written anew.

    Returns
    -------
    Path
        Of the manifest.

    Raises
    ------
    DataError
        Where files of somebody else are in the way.
    StoreError
        For paths that leave ``out``, and where it cannot be written.
    """
    with _writing(out, wait, say):
        settle(out)
        before = _before(out, manifest.get("paper"))
        digests = {name: sha256_bytes(files[name]) for name in sorted(files)}
        content = dict(manifest)
        if keep and before is not None:
            content = continued(content, before, digests)
            digests = dict(sorted({**content.pop("outputs"), **digests}.items()))
        content |= {"format": FORMAT, "outputs": digests}
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        written = {**{name: files[name] for name in sorted(files)}, MANIFEST: text.encode()}
        _check_names(out, sorted(files))
        listed: Mapping[str, str] = before["outputs"] if before else {}
        found = _found(out, [*written, *(name for name in listed if safe(out, name))])
        changed = {name: data for name, data in written.items()
                   if found[name] != sha256_bytes(data)}
        _check_strangers(out, {name: found[name] for name in changed}, listed, say)
        stale = {name: digest for name, digest in listed.items()
                 if name not in digests and found.get(name) == digest}
        if changed or stale:
            exchange(out, changed, stale)
    return out / MANIFEST


@contextmanager
def _writing(out: Path, wait: float, say: Callable[[str], None]) -> Iterator[None]:
    """Be the one run that writes to ``out``; folders that were made go where that fails."""
    made: list[Path] = []
    try:
        try:
            made = make_folder(out)
        except OSError as error:
            raise StoreError(f"cannot make the folder {out}: {error.strerror}") from None
        with exclusive(out / LOCK, wait, say, name=f"the output folder {out}", option="--out",
                       passing=True):
            yield
    except BaseException:
        for folder in made:
            remove_empty(folder)
        raise


def _before(out: Path, paper: str | None) -> dict[str, Any] | None:
    """Return the manifest that is there; DataError where it is somebody else's."""
    try:
        before = read_manifest(out)
    except DataError as error:
        raise DataError([f"{problem.what}; {INSTEAD}" for problem in error.problems]) from None
    other = before.get("paper") if before else None
    if paper is not None and other is not None and other != paper:
        raise DataError(f"{out} holds the outputs of the paper {other!r}, not of {paper!r}: choose "
                        "another --out, or remove it")
    return before


def _real(path: Path) -> Path:
    """Return ``path`` with its links followed; one that leads in circles stays as it is."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()


def _check_names(out: Path, names: list[str]) -> None:
    """Raise StoreError for names that leave ``out`` or are folders there, all at once."""
    problems = [
        Problem(f"cannot publish {name!r}: it is not a path inside of {out}")
        for name in names if not safe(out, name)]
    problems += [
        Problem(f"cannot publish {name!r}: there is a folder of that name")
        for name in names if safe(out, name) and (out / name).is_dir()]
    if MANIFEST in names:
        problems.append(Problem(f"{MANIFEST} is the name of the manifest"))
    if problems:
        raise StoreError(problems)


def _found(out: Path, names: Iterable[str]) -> dict[str, str | None]:
    """Return the sha256 of what lies in ``out`` under each name."""
    try:
        return {name: plain_sha256(out / name) for name in names}
    except OSError as error:
        raise StoreError(f"cannot read {error.filename or out}: {error.strerror}") from None


def _check_strangers(
    out: Path, changed: Mapping[str, str | None], listed: Mapping[str, str],
    say: Callable[[str], None],
) -> None:
    """Refuse to write over files that no run wrote; tell of outputs that somebody edited.

    ``changed`` says what lies there (name to sha256), ``listed`` what the last manifest says.
    """
    problems = []
    above = {folder for name in changed for folder in (out / name).parents
             if folder.is_relative_to(out) and os.path.lexists(folder) and not folder.is_dir()}
    problems += [Problem(f"{folder} is in the way: it is not a folder; {INSTEAD}")
                 for folder in sorted(above)]
    for name, digest in changed.items():
        if digest is None or name == MANIFEST:
            continue
        if name not in listed:
            problems.append(Problem(
                f"{out / name} is in the way: no run of gvckit wrote it; {INSTEAD}"))
        elif digest != listed[name]:
            say(f"{out / name} was edited after the last run; it is written anew")
    if problems:
        raise DataError(problems)
