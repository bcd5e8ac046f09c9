"""``gvckit measure`` and ``gvckit sources``, through the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import gvckit as gk
from gvckit import cli
from gvckit.errors import SpecError
from gvckit.measures.registry import MEASURES
from gvckit.run import memory
from gvckit.run.fingerprint import Fingerprints
from gvckit.run.measuring import write
from gvckit.run.measuring.plan import table_memory, year_steps
from gvckit.run.measuring.request import make_request


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("GVCKIT_STORE", "GVCKIT_DATA"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def measure(here, capsys):
    """Run the verb in this process; return exit status, stdout, stderr."""
    def run(*words, workers=1):
        try:
            status = cli.main(["measure", *words, "--workers", str(workers)])
        except SystemExit as leave:
            status = leave.code
        return status, *capsys.readouterr()
    return run


def sample(year):
    return gk.Leontief(gk.sample_icio(20, 7, year))


def exact(path):
    """Return a CSV file with its numbers as Python reads them: to the last bit."""
    frame = pd.read_csv(path, dtype=str)
    return frame.apply(lambda c: c if c.name in ("country", "sector") else c.map(float))


def files_of(folder):
    return sorted(p.name for p in folder.rglob("*")
                  if p.is_file() and ".gvckit" not in p.relative_to(folder).parts)


def test_one_measure_is_the_function_year_by_year(measure, here):
    status, out, err = measure("sample", "upstreamness", "--years", "2003,2000-2001", "--out",
                               "new/folder/u.parquet")
    assert status == 0
    got = pd.read_parquet(here / "new/folder/u.parquet")
    assert list(got.columns) == ["country", "sector", "year", "U", "D", "F_GO", "VA_GO"]
    assert list(got["year"].unique()) == [2000, 2001, 2003]
    for year, part in got.groupby("year"):
        expected = gk.upstreamness(sample(year))
        pd.testing.assert_frame_equal(part.drop(columns="year").reset_index(drop=True), expected,
                                      check_exact=True)
    assert got.attrs["source"] == "sample"
    about = got.attrs["measures"]["upstreamness"]
    assert "net-inventory correction" in about["definition"]
    assert max(about["identities"].values()) < 1e-12
    assert "new/folder/u.parquet: 420 rows; country, sector, year, U" in out
    assert "net-inventory correction" in out
    assert "3 years of sample, about" in err
    assert "[3/3] sample.2003" in err


def test_csv_holds_every_digit(measure, here):
    assert measure("sample", "position", "--years", "2000", "--out", "p.CSV", "--by", "country",
                   "--set", "definition=u-d")[0] == 0
    got = exact(here / "p.CSV")
    expected = gk.position(sample(2000), definition="u-d", by="country")
    assert (got["position"] == expected["position"]).all()
    assert list(got["country"]) == list(expected["country"])
    assert list(got.columns) == ["country", "year", "position", "forward", "backward"]
    assert b"\r" not in (here / "p.CSV").read_bytes()


def test_every_measure_of_the_registry(measure, here):
    rows = [row for row in MEASURES.values()
            if "exports" not in {p.name for p in row.parameters if p.required}]
    settings = [word for row in rows for p in row.parameters if p.required for word in (
        "--set", f"{row.name}.{p.name}={p.allowed[0] if p.allowed else 'sample-digital'}")]
    status, _, err = measure("sample", *(row.name for row in rows), "--years", "2000-2001",
                             "--out", "{measure}.parquet", *settings)
    assert status == 0, err
    for row in rows:
        got = pd.read_parquet(here / f"{row.name}.parquet")
        keys = next(iter(row.keys.values()))
        assert tuple(got.columns[:len(keys) + 1]) == (*keys, "year"), row.name
        assert not got.duplicated([*keys, "year"]).any()
        assert row.value in got.columns or not row.columns


def test_several_measures_are_joined_on_their_keys(measure, here):
    status, _, err = measure(
        "sample", "kww", "production", "final-shares", "--years", "2000", "--by", "country",
        "--set", "direction=backward", "--set", "final-shares.sectors=s2,s3", "--out", "all.csv")
    assert status == 0, err
    got = exact(here / "all.csv")
    io = sample(2000)
    assert list(got.columns[:4]) == ["country", "year", "kww_exports", "kww_T1"]
    backward = gk.production(io, direction="backward", by="country")
    assert (got["production_total"] == backward["total"]).all()
    shares = gk.final_shares(io, sectors=["s2", "s3"], by="country")
    assert (got["final_shares_foreign_share"] == shares["foreign_share"]).all()


def test_rows_that_a_measure_lacks_are_missing(measure, here):
    assert measure("sample", "accounts", "final-shares", "--years", "2000-2001", "--set",
                   "sectors=s2", "--out", "all.parquet")[0] == 0
    got = pd.read_parquet(here / "all.parquet")
    assert len(got) == 280
    assert list(got["sector"][:7]) == [f"s{i}" for i in range(1, 8)]
    assert (got["final_shares_own_share"].notna() == (got["sector"] == "s2")).all()
    assert got["accounts_X"].notna().all()


def test_the_world_has_no_keys_but_the_year(measure, here):
    assert measure("sample", "accounts", "upstreamness", "--years", "2000-2002", "--by", "world",
                   "--out", "w.csv")[0] == 0
    got = pd.read_csv(here / "w.csv")
    assert list(got["year"]) == [2000, 2001, 2002]
    assert list(got.columns[:2]) == ["year", "accounts_X"]


def test_level_by_its_keys_and_koopman_by_country(measure, here):
    koopman = ["--set", "definition=koopman", "--set", "iv=t3", "--set", "fv=fva"]
    assert measure("sample", "position", "--years", "2000", "--out", "k.csv", *koopman)[0] == 0
    assert list(pd.read_csv(here / "k.csv").columns[:3]) == ["country", "year", "position"]
    assert measure("sample", "production", "--years", "2000", "--by", "country,sector", "--out",
                   "p.csv")[0] == 0
    assert len(pd.read_csv(here / "p.csv")) == 140


def test_the_same_bytes_for_any_number_of_workers(measure, here):
    words = ["sample", "production", "apl", "--years", "2000-2003"]
    for workers in (1, 2):
        for suffix in ("csv", "parquet"):
            status, _, err = measure(*words, "--out", f"{workers}.{suffix}", "--store",
                                     f"store{workers}", workers=workers)
            assert status == 0, err
    for suffix in ("csv", "parquet"):
        assert (here / f"1.{suffix}").read_bytes() == (here / f"2.{suffix}").read_bytes()


def test_finished_years_are_taken_from_the_store(measure, here):
    words = ["sample", "production", "--out", "p.csv"]
    assert "2 steps: 2 ran" in measure(*words, "--years", "2000-2001")[2]
    err = measure(*words, "--years", "2000-2003")[2]
    assert "4 steps: 2 ran, 2 in the store" in err
    first = (here / "p.csv").read_bytes()
    assert "4 steps: 4 in the store" in measure(*words, "--years", "2000-2003")[2]
    assert (here / "p.csv").read_bytes() == first
    assert "4 steps: 4 ran" in measure(*words, "--years", "2000-2003", "--set",
                                       "direction=backward")[2]


def test_a_killed_run_goes_on_where_it_was(here, measure):
    words = ["measure", "sample", "lengths", "--years", "2000-2029", "--out", "l.parquet",
             "--workers", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gvckit.cli", *words], cwd=here, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(Path(gk.__file__).parents[1])})
    for line in process.stderr:
        if line.startswith("[ 3/30]"):
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()
    assert files_of(here) == []
    status, _, err = measure(*words[1:-2])
    assert status == 0
    kept = int(err.rpartition(" ran, ")[2].split()[0])
    assert kept >= 3
    assert len(pd.read_parquet(here / "l.parquet")) == 30 * 140
    assert files_of(here) == ["l.parquet"]


def test_everything_wrong_is_one_list(measure, here):
    (here / "data").mkdir()
    status, out, err = measure(
        "wiod2013", "upstremness", "kww", "production", "kww", "--years", "1990-1996,19x",
        "--data", "data", "--out", "{year}.xlsx", "--by", "sektor", "--set", "bad", "--set",
        "production.direction=backwards")
    assert (status, out) == (2, "")
    lines = err.splitlines()
    for part in (
        "wiod2013 has no year 1990, 1991, 1992, 1993, 1994 (allowed: 1995-2011)",
        "--years '19x' is no year or range of years (allowed: 1995-2011)",
        "no file 'icio/wiod2013/wiot_1995.RData' or 'wiot_1995.RData'",
        "nor is there a file of wiod2013 for 1996",
        "unknown measure 'upstremness'; did you mean 'upstreamness'?",
        "the measure kww is named twice",
        "--set 'bad' is not name=value",
        "unknown direction of production 'backwards'; did you mean 'backward'?",
        "unknown level of kww 'sektor'",
        "unknown level of production 'sektor'",
        "--out '{year}.xlsx' has no format: its name ends in .xlsx (allowed: .csv or .parquet)",
        "--out holds {year}",
    ):
        assert sum(part in line for line in lines) == 1, part
    assert len(lines) == 12
    assert sorted(p.name for p in here.iterdir()) == ["data"]


@pytest.mark.parametrize(("words", "part"), [
    (("wiod2014", "production", "--years", "2000", "--out", "a.csv"),
     "unknown source 'wiod2014'; did you mean 'wiod2013'?"),
    (("sample", "--years", "2000", "--out", "a.csv"),
     "no measure is named (allowed: all, or accounts, apl"),
    (("sample", "production", "--out", "a.csv"), "--years is missing (allowed: 1990-2030)"),
    (("sample", "production", "--years", "2001-2000", "--out", "a.csv"),
     "ends before it starts; did you mean '2000-2001'?"),
    (("sample", "production", "--years", "2000", "--out", "a.csv", "--data", "no"),
     "there is no data folder no"),
    (("sample", "production", "--years", "2000", "--out", "a.csv", "--set", "weight=exports"),
     "unknown parameter of --set 'weight' (allowed: direction)"),
    (("sample", "production", "--years", "2000", "--out", "a.csv", "--set", "kww.iv=t3"),
     "unknown measure of --set 'kww' (allowed: production)"),
    (("sample", "digital-inputs", "--years", "2000", "--out", "a.csv"),
     "digital-inputs needs --set sectors=…"),
    (("sample", "position", "--years", "2000", "--out", "a.csv", "--set", "definition=koopman",
      "--set", "iv=t3"), "the Koopman definition needs --set position.fv=…"),
    (("sample", "production", "apl", "--years", "2000", "--out", "a.csv", "--by",
      "country-pair"), "unknown level of production 'country-pair'"),
    (("sample", "production", "kww", "--years", "2000", "--out", "a.csv"),
     "cannot share a file: production by country, sector; kww by exporter (allowed: {measure}"),
    (("sample", "production", "--years", "2000", "--out", "."), "--out '.' has no format"),
    (("sample", "production", "--years", "2000", "--out", "folder.csv"),
     "--out folder.csv is a folder"),
    (("sample", "production", "--years", "2000", "--out", "file/a.csv"),
     "--out lies below file, which is not a folder"),
    (("sample", "production", "--years", "2000"), "the following arguments are required: --out"),
])
def test_bad_input_is_told_and_nothing_is_made(measure, here, words, part):
    (here / "folder.csv").mkdir()
    (here / "file").write_text("")
    status, out, err = measure(*words)
    assert (status, out) == (2, "")
    assert part in err
    assert "Traceback" not in err
    assert sorted(p.name for p in here.iterdir()) == ["file", "folder.csv"]


def test_what_a_measure_refuses_is_told_once_and_the_old_file_stays(measure, here):
    (here / "a.csv").write_text("old")
    status, _, err = measure("sample", "final-shares", "--years", "2000-2003", "--set",
                             "sectors=s9", "--out", "a.csv")
    assert status == 2
    assert err.count("unknown sector set 's9'") == 1
    assert (here / "a.csv").read_text() == "old"
    assert files_of(here) == ["a.csv"]


def test_a_full_disk_leaves_the_old_files(measure, here, monkeypatch):
    for name in ("kww", "production"):
        (here / f"{name}.csv").write_text("old")
    written = []

    def full(self, frame):
        written.append(len(frame))
        if len(written) == 4:
            raise OSError(28, "No space left on device")
        frame.to_csv(self._file, index=False)

    monkeypatch.setattr(write.CsvSink, "write", full)
    status, out, err = measure("sample", "kww", "production", "--years", "2000-2001", "--out",
                               "{measure}.csv")
    assert (status, out) == (1, "")
    assert "the disk is full" in err
    assert len(written) == 4
    assert [(here / f"{n}.csv").read_text() for n in ("kww", "production")] == ["old", "old"]
    assert files_of(here) == ["kww.csv", "production.csv"]


def test_memory_is_estimated_before_workers_start(measure, here, monkeypatch):
    assert table_memory(1435) < 300 << 20
    assert table_memory(4050) > 1 << 30
    assert table_memory(1435, frame_rows=1435**2) > table_memory(1435) + (100 << 20)
    monkeypatch.setattr("gvckit.run.executors.available_memory", lambda: 600 << 20)
    status, _, err = measure("sample", "production", "--years", "2000-2001", "--out", "p.csv",
                             workers=2)
    assert status == 0
    assert "1 of 2 workers fit: 'sample.2000' needs about" in err
    assert memory.available_memory() != 600 << 20


def test_a_year_depends_on_its_measures_and_their_sector_sets_only(here):
    request = make_request("sample", ["final-shares"], "2000", "x.csv")
    step, = year_steps(request)
    modules = Fingerprints().code((step.module, *step.code)).modules
    for name in ("gvckit.measures.final_shares", "gvckit.sources.world", "gvckit.icio.leontief",
                 "gvckit/measures/sector_sets/sample-digital.toml"):
        assert name in modules
    for name in ("gvckit.measures.upstreamness", "gvckit.run.measuring.write", "gvckit.cli",
                 "gvckit.models.ols"):
        assert name not in modules


def test_a_request_in_python(here):
    with pytest.raises(SpecError, match="no file 'icio/wiod2013/wiod2013_regional7_1995"):
        make_request("wiod2013-regional7", ["digital_inputs"], None, "x.csv",
                     settings=["sectors=c14,c30"])
    request = make_request("sample", ["digital_inputs"], "2000", "x.csv", settings=[
        "digital_inputs.sectors=s2, s3", "origin=foreign"])
    assert request.asked[0].arguments == {"sectors": ["s2", "s3"], "origin": "foreign"}
    assert request.asked[0].level == "country-sector"


def test_sources_are_listed(capsys):
    assert cli.main(["sources"]) == 0
    out = capsys.readouterr().out
    assert "wiod2013  1995-2011  M USD" in out
    assert "icio/wiod2013/wiot_{year}.RData or wiot_{year}.RData" in out
    assert "Timmer, Dietzenbacher" in out
    assert "sample  1990-2030" in out


@pytest.mark.data
def test_wiod_years(measure, here, shared_data):
    status, _, err = measure("wiod2013", "upstreamness", "final-shares", "border-crossings",
                             "--years", "2010-2011", "--data", str(shared_data), "--by",
                             "country", "--out", "w.parquet", workers=2)
    assert status == 0, err
    got = pd.read_parquet(here / "w.parquet").set_index(["country", "year"])
    assert got.loc[("CHN", 2011), "upstreamness_U"] == pytest.approx(2.8421, abs=0.01)
    assert len(got) == 82
    assert json.loads(json.dumps(got.attrs)) == got.attrs
    assert "World Input-Output Database" in got.attrs["citation"]
