"""Whether an output folder still holds what its manifest says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gvckit.errors import DataError, Problem, listing
from gvckit.run.exchange import LOCK, STAGE, interrupted, safe
from gvckit.run.filehash import plain_sha256
from gvckit.run.manifest import MANIFEST, read_manifest

__all__ = ["remarks", "verify"]


def verify(out: Path) -> list[Problem]:
    """Return what in ``out`` is not what its manifest says; an empty list means all is well.

    Raises
    ------
    DataError
        Where there is no manifest that can be read.
    """
    stopped = interrupted(out)
    if stopped:
        unfinished = Problem("a run was stopped, or is at work, while it puts its outputs here; "
                             "the next gvckit run completes it", str(out))
    manifest = read_manifest(out)
    if manifest is None:
        if stopped:
            raise DataError(unfinished)
        if not out.is_dir():
            raise DataError(f"{out} is not a folder" if out.exists() else f"there is no {out}")
        raise DataError(f"{out} has no {MANIFEST}: it is no folder that gvckit run wrote")
    problems = [unfinished] if stopped else []
    for name, digest in sorted(manifest["outputs"].items()):
        problem = _check(out, name, digest)
        if problem is not None:
            problems.append(problem)
    return problems


def remarks(out: Path) -> list[str]:
    """Return what else is worth knowing: files that no run wrote, outputs of an earlier run."""
    manifest = read_manifest(out) or {"outputs": {}}
    found = []
    others = sorted(set(_names(out, out)) - manifest["outputs"].keys() - {MANIFEST})
    if others:
        found.append(f"not in the manifest: {listing(others)}")
    older = sorted({name for group in manifest.get("kept", []) for name in group["outputs"]})
    if older:
        found.append(f"of an earlier run, with other code, data or spec: {listing(older)}")
    return found


def _check(out: Path, name: str, digest: str) -> Problem | None:
    if not safe(out, name):
        return Problem("lies outside of the folder", name)
    path = out / name
    try:
        found = plain_sha256(path)
    except OSError as error:
        return Problem(f"cannot be read: {error.strerror}", name)
    if found == digest:
        return None
    if found is not None:
        return Problem("is not the file that the run wrote", name,
                       allowed=f"sha256 {digest[:12]}…, not {found[:12]}…")
    if path.is_symlink():
        return Problem("is a link, not the file that the run wrote", name)
    return Problem("is a folder, not the file that the run wrote" if path.is_dir()
                   else "is missing", name)


def _names(out: Path, folder: Path) -> Iterator[str]:
    """Yield the files below ``folder``, without output folders of other papers."""
    for entry in sorted(os.scandir(folder), key=lambda e: e.name):
        if entry.name in (STAGE, LOCK):
            continue
        path = Path(entry.path)
        if not entry.is_dir(follow_symlinks=False):
            yield path.relative_to(out).as_posix()
        elif not (path / MANIFEST).exists() and os.access(path, os.R_OK | os.X_OK):
            yield from _names(out, path)
