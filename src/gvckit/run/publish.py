"""Results out of the store into the folder that a reader sees, all of them or none."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import Any

from gvckit.errors import DataError, Problem, StoreError
from gvckit.run.canonical import sha256_bytes
from gvckit.run.files import disk_error, write_bytes

__all__ = ["MANIFEST", "check_out", "kept_outputs", "publish", "verify"]

MANIFEST = "manifest.json"
FORMAT = 1
STAGE = ".gvckit-new"


def check_out(out: Path, paper: str) -> None:
    """Refuse, before any work, an output folder that cannot be written or is another paper's.

    Raises
    ------
    DataError
        Where ``out`` or a folder above it is a file, or its manifest names another paper.
    """
    for folder in (out, *out.absolute().parents):
        if folder.exists():
            if not folder.is_dir():
                raise DataError(f"{out} cannot be the output folder: {folder} is a file")
            if not os.access(folder, os.W_OK):
                raise DataError(f"{out} cannot be the output folder: {folder} is not writable")
            break
    other = _manifest(out).get("paper")
    if other is not None and other != paper:
        raise DataError(f"{out} holds the outputs of the paper {other!r}, not of {paper!r}: choose "
                        "another --out, or remove it")


def kept_outputs(out: Path, made: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the outputs of the last run that ``made`` does not hold and nobody changed."""
    found = {}
    for name, digest in dict(_manifest(out).get("outputs", {})).items():
        if name not in made and _safe(out, str(name)) and _sha256(out / name) == digest:
            found[str(name)] = (out / name).read_bytes()
    return found


def _manifest(out: Path) -> dict[str, Any]:
    """Return the manifest in ``out``; empty where there is none that can be read."""
    try:
        found = json.loads((out / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def publish(out: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Path:
    """Put ``files`` and a manifest into the folder ``out``.

    Everything is written aside first and then moved into place, the manifest last; where anything
    fails, what was there is put back.  Files that are there already with the same bytes are not
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

    Returns
    -------
    Path
        Of the manifest.

    Raises
    ------
    StoreError
        For paths that leave ``out``, and where it cannot be written.
    """
    digests = {name: sha256_bytes(files[name]) for name in sorted(files)}
    content = {"format": FORMAT, **manifest, "outputs": digests}
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    targets = _targets(out, [*digests, MANIFEST])
    stale = _stale(out, digests)
    changed = {
        name: data for name, data in [*((n, files[n]) for n in digests), (MANIFEST, text.encode())]
        if _sha256(targets[name]) != sha256_bytes(data)
    }
    if changed or stale:
        _exchange(out, changed, targets, stale)
    return targets[MANIFEST]


def verify(out: Path) -> list[Problem]:
    """Return what in ``out`` is not what its manifest says; an empty list means all is well.

    Raises
    ------
    DataError
        Where there is no manifest that can be read.
    """
    try:
        plain = json.loads((out / MANIFEST).read_bytes())
        outputs = {str(name): str(digest) for name, digest in plain["outputs"].items()}
        version = int(plain["format"])
    except FileNotFoundError:
        raise DataError(f"{out} has no {MANIFEST}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise DataError(f"{out / MANIFEST} is damaged") from None
    if version != FORMAT:
        raise DataError(f"{out / MANIFEST} has the format {version}, not {FORMAT}")
    problems = []
    for name in sorted(outputs):
        if not _safe(out, name):
            problems.append(Problem("lies outside of the folder", name))
            continue
        found = _sha256(out / name)
        if found is None:
            problems.append(Problem("is missing", name))
        elif found != outputs[name]:
            problems.append(Problem("is not the file that the run wrote", name,
                                    allowed=f"sha256 {outputs[name][:12]}…, not {found[:12]}…"))
    return problems


def _safe(out: Path, name: str) -> bool:
    """Return whether ``name`` is a plain relative path that stays in ``out``."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or any(c in name for c in "\\:\0"):
        return False
    if ".." in parts or STAGE in parts or str(PurePosixPath(name)) != name:
        return False
    return (out / name).parent.resolve().is_relative_to(out.resolve())


def _targets(out: Path, names: list[str]) -> dict[str, Path]:
    """Return the path of each name.

    Raises
    ------
    StoreError
        For names that leave ``out`` or are folders there, all at once.
    """
    problems = [
        Problem(f"cannot publish {name!r}: it is not a path inside of {out}")
        for name in names if not _safe(out, name)]
    problems += [
        Problem(f"cannot publish {name!r}: there is a folder of that name")
        for name in names if _safe(out, name) and (out / name).is_dir()]
    if len(set(names)) < len(names):
        problems.append(Problem(f"{MANIFEST} is the name of the manifest"))
    if problems:
        raise StoreError(problems)
    return {name: out / name for name in names}


def _stale(out: Path, digests: Mapping[str, str]) -> dict[str, Path]:
    """Return the files of the last manifest that are not made any more and are as we left them."""
    old = _manifest(out).get("outputs")
    named = old.items() if isinstance(old, dict) else ()
    return {
        str(name): out / str(name) for name, digest in named
        if name not in digests and _safe(out, str(name)) and _sha256(out / str(name)) == digest
    }


def _exchange(
    out: Path, changed: Mapping[str, bytes], targets: Mapping[str, Path], stale: Mapping[str, Path]
) -> None:
    """Write ``changed`` aside, move it into place, move ``stale`` away; undo it all on failure."""
    stage, name = out / STAGE, MANIFEST
    made = _make_folder(out)
    try:
        # A killed run may have left one; it holds nothing that is not in the store.
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir()
        new = {}
        for i, (name, data) in enumerate(changed.items()):
            new[name] = stage / f"new{i}"
            write_bytes(new[name], data)
        with ExitStack() as undo:
            for i, (name, path) in enumerate([
                *stale.items(), *((n, targets[n]) for n in changed)]):
                for folder in _make_folder(path.parent):
                    undo.callback(_remove_empty, folder)
                if path.exists() or path.is_symlink():
                    old = stage / f"old{i}"
                    _second_name(path, old)
                    undo.callback(old.replace, path)
                elif name in new:
                    undo.callback(path.unlink, missing_ok=True)
                if name in new:
                    new[name].replace(path)
                else:
                    path.unlink()
            undo.pop_all()
    except OSError as error:
        for folder in made:
            _remove_empty(folder, stage)
        raise disk_error(error, out / name, len(changed.get(name, b""))) from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    for path in stale.values():
        for folder in path.relative_to(out).parents:
            _remove_empty(out / folder) if folder.parts else None


def _second_name(path: Path, old: Path) -> None:
    """Make ``old`` the same file as ``path``, which stays where readers look for it."""
    try:
        old.hardlink_to(path)
    except OSError:
        shutil.copy2(path, old, follow_symlinks=False)


def _make_folder(folder: Path) -> list[Path]:
    """Make ``folder`` and return the folders that were not there, innermost first."""
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_empty(folder: Path, stage: Path | None = None) -> None:
    """Remove ``folder`` if nothing is in it (but the stage)."""
    if stage is not None:
        shutil.rmtree(stage, ignore_errors=True)
    try:
        folder.rmdir()
    except OSError:
        return


def _sha256(path: Path) -> str | None:
    """Return the sha256 of a file, None where there is none; links are not followed."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
