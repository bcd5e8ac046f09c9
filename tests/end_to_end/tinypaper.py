"""A small paper in a folder of its own, and ways to break it."""

from __future__ import annotations

import contextlib
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gvckit import cli, sample_icio

SPEC = """\
schema: 1
paper: {key: tiny, title: {en: Tiny, zh: 小}, seed: 7}
data:
  icio: {source: sample, countries: 5, sectors: 4, seed: 3, years: 2000-2005}
  macro:
    file: data/macro.csv
    keys: {country: iso3, year: year}
    take: {gdp: gdp, users: users}
indices:
  pos: {measure: position, icio: icio, by: [country, sector]}
  dig: {measure: digital-inputs, sectors: sample-digital, icio: icio, by: [country, sector], value: share}
  eco:
    composite: {by: [country, year], missing: interpolate, normalise: minmax-pooled, weights: entropy, aggregate: arithmetic}
    pillars: {access: [users, gdp]}
panel:
  unit: [country, sector]
  time: year
  rows: pos
  merge:
    - {with: [dig], on: [country, sector, year], match: one-to-one}
    - {with: [macro, eco], on: [country, year], match: many-to-one, expect: {countries: 5}}
variables:
  ln_gdp: log(gdp)
samples:
  all: {}
models:
  base: {y: pos, x: [dig], controls: [ln_gdp], fe: [country*sector, year], se: {cluster: country}}
  lagged: {like: base, swap: {dig: lag(dig)}}
tables:
  tab1: {title: {en: One, zh: 一}, columns: [base, lagged], show: [dig]}
"""

COUNTRIES = ("CHN", "USA", "DEU", "JPN", "KOR")


@dataclass
class Paper:
    """The paper's folder; ``run`` calls the command line in this process."""

    folder: Path

    @property
    def spec(self) -> Path:
        return self.folder / "paper.yaml"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def macro(self) -> Path:
        return self.folder / "data" / "macro.csv"

    def edit(self, old: str, new: str, path: Path | None = None) -> None:
        path = path or self.spec
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path.name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def run(self, *more: str, verb: str = "run") -> tuple[int, str, str]:
        """Return exit status, stdout and stderr."""
        out, err = io.StringIO(), io.StringIO()
        arguments = [verb, str(self.spec)]
        if verb == "run":
            arguments += ["--out", str(self.out), "--workers", "1"]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = cli.main([*arguments, *more])
            except SystemExit as stop:
                status = int(stop.code or 0)
        return status, out.getvalue(), err.getvalue()

    def digests(self) -> dict[str, str]:
        """Return the outputs by name."""
        return digests(self.out)

    def place(self, text: str, offset: int = 0) -> str:
        """Return ``line:column`` of the first place of ``text`` in the spec."""
        for number, line in enumerate(self.spec.read_text(encoding="utf-8").splitlines(), 1):
            if text in line:
                return f"{number}:{line.index(text) + 1 + offset}"
        raise AssertionError(f"{text!r} is not in the spec")


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }


def write_paper(folder: Path) -> Paper:
    """Write the paper: its spec and one csv."""
    (folder / "data").mkdir(parents=True)
    paper = Paper(folder)
    paper.spec.write_text(SPEC, encoding="utf-8")
    rng = np.random.default_rng(5)
    rows = ["iso3,year,gdp,users"]
    for country in COUNTRIES:
        for year in range(2000, 2006):
            gdp, users = 20000 * np.exp(rng.normal(0, 0.3)), 10 + 5 * (year - 2000) + rng.uniform()
            rows.append(f"{country},{year},{gdp:.3f},{users:.3f}")
    paper.macro.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return paper


def write_tables(paper: Paper, **changes: object) -> None:
    """Give the paper its own table files, with arrays changed as named."""
    folder = paper.folder / "tables"
    folder.mkdir()
    for year in range(2000, 2006):
        table = sample_icio(5, 4, year, 3)
        labels = [f"{c}.{s}" for c in table.countries for s in table.sectors]
        arrays = {"Z": table.Z, "F": table.F, "countries": np.array(table.countries),
                  "sectors": np.array(table.sectors), "row_labels": np.array(labels),
                  "year": np.array(year)}
        for name, change in changes.items():
            arrays[name] = change(arrays[name].copy())  # type: ignore[operator]
        np.savez(folder / f"{year}.npz", **arrays)
    paper.edit("{source: sample, countries: 5, sectors: 4, seed: 3, years: 2000-2005}",
               '{file: "tables/{year}.npz", years: 2000-2005}')
