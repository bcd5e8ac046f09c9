"""Satellite accounts in specs: a measure counts a file's jobs in place of value added."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.errors import GvckitError
from gvckit.run import api
from gvckit.run.engine import execute
from gvckit.run.store import Store

HEAD = """\
schema: 1
paper: {key: jobs}
data:
  icio: {source: sample, countries: 5, sectors: 4, seed: 2, years: 2000-2001}
  jobs: {file: jobs.csv, keys: {country: iso3, sector: industry, year: year}, take: {people: n}, labels: {people: jobs}}
  wide: {file: jobs.csv, keys: {country: iso3, sector: industry, year: year}, take: {people2: n, twice: n}}
indices:
"""


def table(year: int) -> gk.IcioTable:
    return gk.sample_icio(countries=5, sectors=4, seed=2, year=year)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng, rows = np.random.default_rng(4), []
    for year in (2000, 2001):
        own = table(year)
        rows += [(c, s, year, x * rng.uniform(.01, .1)) for (c, s), x in zip(
            ((c, s) for c in own.countries for s in own.sectors), own.X, strict=True)]
    frame = pd.DataFrame(rows, columns=["iso3", "industry", "year", "n"])
    frame.sample(frac=1, random_state=1).to_csv(tmp_path / "jobs.csv", index=False)
    return tmp_path


def run(folder: Path, entry: str) -> pd.DataFrame:
    path = folder / "paper.yaml"
    path.write_text(f"{HEAD}  it: {{{entry}}}\n", encoding="utf-8")
    done = execute(api.prepare(path).compiled.steps, ["indices.it"], Store(folder / "store"))
    if not done.ok:
        raise GvckitError([str(done.error())])
    return done.outputs["indices.it"]


def account(folder: Path, year: int) -> pd.Series:
    frame = pd.read_csv(folder / "jobs.csv").query(f"year == {year}")
    return frame.set_index(["iso3", "industry"])["n"].rename("people")


ENTRIES = {
    "wwz": ("measure: wwz, by: [country], value: DVA_FIN",
            lambda t, jobs: gk.wwz(t, by="country", satellite=jobs)["DVA_FIN"]),
    "bm": ("measure: borin-mancini, by: [exporter, sector, importer], value: DVA",
           lambda t, jobs: gk.borin_mancini(t, satellite=jobs)["DVA"]),
    "origin": ("measure: value-added-origin, by: [origin], use: final",
               lambda t, jobs: gk.value_added_origin(t, by=["origin"], use="final",
                                                     satellite=jobs)["value"]),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_a_measure_counts_the_account_of_its_year(folder: Path, name: str) -> None:
    words, wanted = ENTRIES[name]
    found = run(folder, f"icio: icio, {words}, satellite: jobs")
    for year in (2000, 2001):
        expected = wanted(table(year), account(folder, year)).to_numpy()
        np.testing.assert_allclose(found.loc[found["year"] == year, "it"], expected, rtol=1e-13)


def test_jobs_in_final_use_of_the_world_are_all_jobs(folder: Path) -> None:
    """An identity that needs no decomposition: nobody works for nothing."""
    found = run(folder, "icio: icio, measure: value-added-origin, by: [origin], use: final, "
                        "satellite: jobs")
    for year in (2000, 2001):
        jobs = account(folder, year).groupby("iso3").sum()
        got = found[found["year"] == year].set_index("origin")["it"]
        np.testing.assert_allclose(got[jobs.index], jobs, rtol=1e-10)


def test_absent_industries_are_refused_or_have_none(folder: Path) -> None:
    frame = pd.read_csv(folder / "jobs.csv")
    lost = (frame["iso3"] == table(2000).countries[1]) & (frame["year"] == 2001)
    frame[~lost].to_csv(folder / "jobs.csv", index=False)
    words = "icio: icio, measure: value-added-origin, by: [origin], use: final, satellite: jobs"
    with pytest.raises(GvckitError, match=r"2001.*satellite lacks"):
        run(folder, words)
    found = run(folder, f"{words}, absent: zero")
    got = found[found["year"] == 2001].set_index("origin")["it"]
    jobs = account(folder, 2001).groupby("iso3").sum()
    assert got[table(2000).countries[1]] == 0
    np.testing.assert_allclose(got[jobs.index], jobs, rtol=1e-10)


@pytest.mark.parametrize(("entry", "said"), [
    ("icio: icio, measure: upstreamness, by: [country], satellite: jobs",
     r"8:58: upstreamness takes no satellite account \(allowed: .*wwz, "),
    ("icio: icio, measure: wwz, by: [country], value: DVA_FIN, satellite: jbos",
     r"unknown data file 'jbos'; did you mean 'jobs'\?"),
    ("icio: icio, measure: wwz, by: [country], value: DVA_FIN, satellite: icio",
     "unknown data file 'icio'"),
    ("icio: icio, measure: wwz, by: [country], value: DVA_FIN, satellite: wide",
     "'wide' has 2 values"),
    ("icio: icio, measure: wwz, by: [country], value: DVA_FIN, absent: zero",
     "none is given"),
])
def test_what_is_no_account_is_told_at_its_place(folder: Path, entry: str, said: str) -> None:
    with pytest.raises(GvckitError, match=said):
        run(folder, entry)
