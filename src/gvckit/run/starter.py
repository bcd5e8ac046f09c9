"""Write a starter spec: a paper that runs, on data of the sample world, to be changed at will."""

from __future__ import annotations

import sys
from argparse import Namespace
from importlib import resources
from pathlib import Path

from gvckit.errors import SpecError

__all__ = ["new"]

def new(arguments: Namespace) -> int:
    """Write the starter into a new folder; print what to do next."""
    folder = Path(arguments.folder)
    if folder.exists():
        raise SpecError(f"{folder} is there already: name a new folder")
    from gvckit.sources.world_panel import country_frame

    frame = country_frame(range(2000, 2012))
    frame = frame.rename(columns={"country": "iso3", "y_country": "outcome", "gdp_pc": "gdp"})
    key = "".join(c if c.isascii() and c.isalnum() else "-" for c in folder.name.lower())
    key = key.strip("-") or "paper"
    if not key[0].isalpha():
        key = f"paper-{key}"
    text = resources.files("gvckit.run").joinpath("starter.yaml").read_text(encoding="utf-8")
    spec = text.replace("{folder}", folder.as_posix()).replace("{key}", key)
    (folder / "data").mkdir(parents=True)
    frame[["iso3", "year", "outcome", "internet", "mobile", "gdp"]].to_csv(
        folder / "data" / "macro.csv", index=False, float_format="%.6g", lineterminator="\n")
    (folder / "paper.yaml").write_text(spec, encoding="utf-8")
    sys.stdout.write(f"{folder / 'paper.yaml'}\n{folder / 'data' / 'macro.csv'}\n"
                     f"run it: gvckit run {folder / 'paper.yaml'} --out {folder / 'out'}\n")
    return 0
