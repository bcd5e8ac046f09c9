"""Files into place together: staged, planned, moved; whoever comes after a kill completes it.

The new files and a second name of each old one wait in the folder ``.gvckit-new``.  Once the plan
lies there too, the change is decided: a run that is killed while it moves files leaves a plan, and
the next one carries it out before it does anything else.  A move that fails is undone, by a plan as
well.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from gvckit.run.canonical import dumps
from gvckit.run.filehash import plain_sha256
from gvckit.run.files import disk_error, write_bytes

__all__ = ["LOCK", "STAGE", "exchange", "interrupted", "make_folder", "remove_empty", "safe",
           "settle"]

STAGE = ".gvckit-new"
LOCK = ".gvckit-lock"
DO, UNDO = "plan.json", "undo.json"


@dataclass(frozen=True, slots=True)
class Move:
    """One file of a plan.

    Attributes
    ----------
    name
        Where it belongs, relative to the folder.
    new, old
        Names in the stage: of the new file (empty: the file goes), of the one that was there
        (empty: there was none).
    """

    name: str
    new: str
    old: str


def exchange(out: Path, changed: Mapping[str, bytes], stale: Mapping[str, str]) -> None:
    """Write ``changed`` (name to content) and remove ``stale`` (name to sha256): all or nothing.

    Needs the lock of ``out``; names are :func:`safe` there, and move in the order given.

    Raises
    ------
    StoreError
        Where it cannot be written; everything is as it was.
    """
    stage, writing = out / STAGE, next(iter(changed), STAGE)
    try:
        _clear(stage)
        stage.mkdir()
        moves = []
        for i, name in enumerate([*stale, *changed]):
            old = f"old{i}" if os.path.lexists(out / name) else ""
            new = f"new{i}" if name in changed else ""
            if new:
                writing = name
                write_bytes(stage / new, changed[name])
            if old:
                _second_name(out / name, stage / old)
            moves.append(Move(name, new, old))
        plan = {"moves": [asdict(move) for move in moves], "folders": _missing(out, changed)}
        write_bytes(stage / "plan", dumps(plan).encode())
        (stage / "plan").replace(stage / DO)
        _forward(out, plan)
    except BaseException as error:
        _give_up(out)
        if isinstance(error, OSError):
            # A move tells where to; a write fails in the stage, and means a file of the run.
            target = Path(error.filename2) if error.filename2 else out / writing
            raise disk_error(error, target, len(changed.get(writing, b""))) from None
        raise
    _clear(stage)
    _remove_emptied(out, [move for move in moves if not move.new])


def settle(out: Path) -> None:
    """Complete, or undo, what a killed run had begun; needs the lock of ``out``.

    Raises
    ------
    StoreError
        Where that is not possible now.
    """
    stage = out / STAGE
    if stage.is_symlink() or not stage.is_dir():
        return
    try:
        undo = _plan(out, UNDO)
        if undo is not None:
            _backward(out, undo)
        else:
            plan = _plan(out, DO)
            if plan is not None:
                _forward(out, plan)
                _remove_emptied(out, [Move(**m) for m in plan["moves"] if not m["new"]])
        # Without a plan nothing was moved, and what lies there is in the store.
        _clear(stage)
    except OSError as error:
        raise disk_error(error, stage, 0) from None


def interrupted(out: Path) -> bool:
    """Return whether a run was killed, or is at work, while it moves files into ``out``."""
    return _plan(out, UNDO) is not None or _plan(out, DO) is not None


def safe(out: Path, name: str) -> bool:
    """Return whether ``name`` is a plain relative path that stays in ``out``."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or any(c in name for c in "\\:\0"):
        return False
    if {"..", STAGE, LOCK}.intersection(parts) or str(PurePosixPath(name)) != name:
        return False
    return (out / name).parent.resolve().is_relative_to(out.resolve())


def make_folder(folder: Path) -> list[Path]:
    """Make ``folder`` and return the folders that were not there, innermost first."""
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def remove_empty(folder: Path) -> None:
    """Remove ``folder`` if nothing is in it."""
    try:
        folder.rmdir()
    except OSError:
        return


def _forward(out: Path, plan: Mapping[str, Any]) -> None:
    """Move everything to its place; what was moved already is passed over."""
    stage = out / STAGE
    for move in plan["moves"]:
        path = out / move["name"]
        if not move["new"]:
            # Somebody may have edited it since.
            if plain_sha256(path) == plain_sha256(stage / move["old"]):
                path.unlink(missing_ok=True)
        elif (stage / move["new"]).exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            (stage / move["new"]).replace(path)


def _backward(out: Path, plan: Mapping[str, Any]) -> None:
    """Put back what was there."""
    stage = out / STAGE
    for move in reversed(plan["moves"]):
        path = out / move["name"]
        if move["old"]:
            if os.path.lexists(stage / move["old"]):
                (stage / move["old"]).replace(path)
        elif not (stage / move["new"]).exists():
            path.unlink(missing_ok=True)
    for folder in plan["folders"]:
        remove_empty(out / folder)


def _give_up(out: Path) -> None:
    """Undo a change that failed; where that fails too, the plan for it stays for the next run."""
    stage = out / STAGE
    try:
        plan = _plan(out, DO)
        if plan is not None:
            (stage / DO).replace(stage / UNDO)
            _backward(out, plan)
        _clear(stage)
    except OSError:
        return


def _clear(stage: Path) -> None:
    """Remove the stage, its plan first: half of a plan must not be carried out."""
    for name in (DO, UNDO):
        (stage / name).unlink(missing_ok=True)
    shutil.rmtree(stage, ignore_errors=True)


def _plan(out: Path, name: str) -> dict[str, Any] | None:
    """Return the plan in the stage; None where there is none, or it is not one."""
    try:
        plan = json.loads((out / STAGE / name).read_bytes())
        moves = [Move(str(m["name"]), str(m["new"]), str(m["old"])) for m in plan["moves"]]
        folders = [str(folder) for folder in plan["folders"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    names = [*(move.name for move in moves), *folders]
    parts = [part for move in moves for part in (move.new, move.old) if part]
    if not all(safe(out, name) for name in names) or not all(p.isalnum() for p in parts):
        return None
    return {"moves": [asdict(move) for move in moves], "folders": folders}


def _missing(out: Path, names: Iterable[str]) -> list[str]:
    """Return the folders that the names need below ``out`` and that are absent, deepest first."""
    needed = {folder.as_posix() for name in names for folder in PurePosixPath(name).parents}
    absent = [folder for folder in needed if not (out / folder).is_dir()]
    return sorted(absent, key=lambda folder: (-len(PurePosixPath(folder).parts), folder))


def _second_name(path: Path, old: Path) -> None:
    """Make ``old`` the same file as ``path``, which stays where readers look for it."""
    try:
        old.hardlink_to(path)
    except OSError:
        shutil.copy2(path, old, follow_symlinks=False)


def _remove_emptied(out: Path, gone: list[Move]) -> None:
    """Remove the folders that hold nothing any more after files went."""
    for move in gone:
        for folder in PurePosixPath(move.name).parents:
            if folder.parts:
                remove_empty(out / folder)
