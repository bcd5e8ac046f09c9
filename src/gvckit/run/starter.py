"""Write a starter spec: a paper that runs, on data of the sample world, to be changed at will."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from argparse import Namespace
from importlib import resources
from pathlib import Path

from gvckit.errors import SpecError
from gvckit.run.files import disk_error

__all__ = ["new"]

LONGEST_KEY = 60


def new(arguments: Namespace) -> int:
    """Write the starter into a new folder; print what to do next."""
    folder = Path(arguments.folder)
    if not arguments.folder.strip():
        raise SpecError("the name of the folder is empty: name a new folder")
    blocked = next((f for f in (folder, *folder.parents) if os.path.lexists(f)), folder)
    if blocked == folder and os.path.lexists(folder):
        raise SpecError(f"{folder} is there already: name a new folder")
    if os.path.lexists(blocked) and not blocked.is_dir():
        raise SpecError(f"{folder} cannot be made: {blocked} is not a folder")
    from gvckit.sources.world_panel import country_frame

    frame = country_frame(range(2000, 2012))
    frame = frame.rename(columns={"country": "iso3", "y_country": "outcome", "gdp_pc": "gdp"})
    data = frame[["iso3", "year", "outcome", "internet", "mobile", "gdp"]].to_csv(
        index=False, float_format="%.6g", lineterminator="\n")
    _write(folder, {"data/macro.csv": data, "paper.yaml": _spec(folder)})
    run = f"gvckit run {_word(folder / 'paper.yaml')} --out {_word(folder / 'out')}"
    sys.stdout.write(f"{folder / 'paper.yaml'}\n{folder / 'data' / 'macro.csv'}\nrun it: {run}\n")
    return 0


def _spec(folder: Path) -> str:
    key = "".join(c if c.isascii() and c.isalnum() else "-" for c in folder.name.lower())
    key = key.strip("-")[:LONGEST_KEY] or "paper"
    if not key[0].isalpha():
        key = f"paper-{key}"
    text = resources.files("gvckit.run").joinpath("starter.yaml").read_text(encoding="utf-8")
    # A name with a line break, or bytes that are no text, cannot stand in the comment.
    shown = folder if folder.as_posix().isprintable() else Path()
    return text.replace("{spec}", _word(shown / "paper.yaml")).replace(
        "{out}", _word(shown / "out")).replace("{key}", key)


def _word(path: Path) -> str:
    return shlex.quote(path.as_posix())


def _write(folder: Path, files: dict[str, str]) -> None:
    """Write the files into a new folder: all of them, or no folder.

    Raises
    ------
    StoreError
        Where they cannot be written.
    """
    beside = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".gvckit-", dir=folder.parent))
        for name, text in files.items():
            (beside / name).parent.mkdir(exist_ok=True)
            (beside / name).write_text(text, encoding="utf-8")
        beside.chmod(0o777 & ~_umask())
        beside.rename(folder)
    except OSError as error:
        raise disk_error(error, folder, 0) from None
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def _umask() -> int:
    """Return the mask of new folders, which mkdtemp passes over."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
