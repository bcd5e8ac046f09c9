"""Groups, satellite accounts, policies, own files and ``all`` on the command line."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit import cli
from gvckit.errors import SpecError
from gvckit.measures.registry import MEASURES, VARIANTS
from gvckit.run.measuring.request import make_request
from gvckit.run.tasks.account import read_account

EU = ["DEU", "FRA", "ITA"]


@pytest.fixture
def measure(tmp_path, monkeypatch, capsys):
    """Run the verb in an empty folder; return exit status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    for name in ("GVCKIT_STORE", "GVCKIT_DATA"):
        monkeypatch.delenv(name, raising=False)

    def run(*words):
        status = cli.main(["measure", *words, "--workers", "1"])
        return status, *capsys.readouterr()
    return run


@pytest.fixture(scope="module")
def sample():
    return gk.sample_icio(20, 7, 2000)


@pytest.fixture
def tables(tmp_path, sample):
    """Write a small table of split China for two years."""
    small = gk.sample_icio(5, 3, 2000)
    names = ["CN1", "CN2", *list(small.countries)[2:]]
    for year in (2000, 2001):
        np.savez(tmp_path / f"t_{year}.npz", Z=small.Z, F=small.F, countries=names,
                 sectors=small.sectors, X=small.X, year=year)
    return small, names


def values(frame):
    return frame.select_dtypes("number").drop(columns="year", errors="ignore")


def test_all_is_every_measure_and_variant_but_what_takes_its_own_time(measure, tmp_path):
    status, _, err = measure("sample", "all", "--years", "2000", "--out", "{measure}.parquet")
    assert status == 0, err
    made = {path.stem for path in tmp_path.glob("*.parquet")}
    left = {line.split()[2]: line for line in err.splitlines() if line.startswith("left out: ")}
    assert made | set(left) == {*MEASURES, *VARIANTS}
    assert not made & set(left)
    assert set(left) == {
        "extraction", "miroudot-ye", "value-added-origin", "digital-inputs", "digital-linkages",
        "digital-placebo", "digital-value-origin", "position-koopman", "participation-koopman"}
    assert "a solve of the whole system for each flow" in left["extraction"]
    assert "needs --set iv and fv" in left["position-koopman"]
    for name, variant in VARIANTS.items():
        if name in made:
            got = pd.read_parquet(tmp_path / f"{name}.parquet")
            row = MEASURES[variant.measure]
            levels = row.levels(variant.arguments)
            keys = levels[variant.level or next(iter(levels))]
            assert tuple(got.columns[:len(keys) + 1]) == (*keys, "year")
    backward = gk.lengths(gk.sample_icio(20, 7, 2000), direction="backward")
    pd.testing.assert_frame_equal(
        values(pd.read_parquet(tmp_path / "lengths-backward.parquet")), values(backward))


def test_all_with_what_it_lacks_and_at_one_level(measure, tmp_path):
    status, _, err = measure(
        "sample", "all", "--years", "2000", "--by", "country", "--out", "c.csv", "--set", "iv=t3",
        "--set", "fv=fva")
    assert status == 0, err
    got = pd.read_csv(tmp_path / "c.csv")
    assert len(got) == 20
    assert {"position_koopman_position", "wwz_DVA_FIN", "borin_mancini_imports_GIMP",
            "borin_mancini_sink_DVA"} <= set(got)
    assert "left out: apl-pairs" not in err
    assert "left out: value-added-origin (a row for each pair" in err
    np.testing.assert_allclose(got["borin_mancini_sink_DVA"], got["borin_mancini_DVA"])


def test_a_level_of_one_measure_and_of_the_others():
    request = make_request("sample", ["wwz", "production", "vax"], "2000", "{measure}.csv",
                           by=["wwz=bilateral", "country"])
    assert [one.level for one in request.asked] == ["bilateral", "country", "country"]
    with pytest.raises(SpecError) as caught:
        make_request("sample", ["wwz"], "2000", "x.csv", by=["country", "world", "vax=world"])
    assert "--by is given 2 times: country, world" in str(caught.value)
    assert "unknown measure of --by 'vax'" in str(caught.value)


def test_a_group_is_one_more_country_in_every_measure(measure, tmp_path, sample):
    names = ["borin-mancini", "wwz", "production", "position", "borin-mancini-imports",
             "value-added-origin-countries"]
    status, _, err = measure("sample", *names, "--years", "2000", "--out", "{measure}.parquet",
                             "--group", f"EU={','.join(EU)}", "--group", "ASIA=CHN,JPN")
    assert status == 0, err
    got = {name: pd.read_parquet(tmp_path / f"{name}.parquet") for name in names}
    plain = gk.borin_mancini(sample)
    grouped = gk.borin_mancini(sample, exporters={"EU": EU, "ASIA": ["CHN", "JPN"]})
    ours = got["borin-mancini"]
    pd.testing.assert_frame_equal(values(ours[:len(plain)]), values(plain))
    pd.testing.assert_frame_equal(values(ours[len(plain):].reset_index(drop=True)),
                                  values(grouped))
    assert list(ours["exporter"].cat.categories) == [*sample.countries, "EU", "ASIA"]
    one = gk.Leontief(sample).joined({"EU": EU})
    for name, want in (("wwz", gk.wwz(one)), ("production", gk.production(one)),
                       ("position", gk.position(one)),
                       ("borin-mancini-imports", gk.borin_mancini(one, flow="imports",
                                                                  level="sector"))):
        key = want.columns[0]
        rows = got[name][got[name][key] == "EU"].reset_index(drop=True)
        pd.testing.assert_frame_equal(
            values(rows), values(want[want[key] == "EU"].reset_index(drop=True)))
        assert max(got[name].attrs["measures"][name]["identities"].values()) < 1e-9
    # Flows among members are domestic: not the sum of them.
    total = ours.groupby("exporter", observed=True)[["GEXP", "DVA"]].sum()
    assert total.loc["EU", "GEXP"] < total.loc[EU, "GEXP"].sum()
    origin = got["value-added-origin-countries"]
    eu = origin[origin["exporter"] == "EU"]
    assert set(eu["origin"]) == {"EU", *sample.countries} - set(EU)
    assert eu["value"].sum() == pytest.approx(total.loc["EU", "GEXP"])


def test_groups_of_importers_and_of_sectors(measure, tmp_path, sample):
    words = ["sample", "borin-mancini", "--years", "2000", "--out", "g.parquet",
             "--group", "importer:EU=DEU,FRA", "--group", "sector:EARLY=s1,s2",
             "--set", "perspective=self"]
    assert measure(*words, "--group", "PAIR=FRA,CHN")[0] == 0
    got = pd.read_parquet(tmp_path / "g.parquet")
    want = gk.borin_mancini(sample, perspective="self", partners={"EU": ["DEU", "FRA"]},
                            sectors={"EARLY": ["s1", "s2"]})
    pd.testing.assert_frame_equal(values(got[:len(want)]), values(want))
    # Of a group that holds a member of the importers' group, the rest is the importer.
    pair = got[got["exporter"] == "PAIR"]
    assert set(pair["importer"]) == {"EU", *sample.countries} - {"DEU", "FRA", "CHN"}
    alone = gk.borin_mancini(sample, perspective="self", exporters={"PAIR": ["FRA", "CHN"]},
                             partners={"EU": ["DEU"]}, sectors={"EARLY": ["s1", "s2"]})
    pd.testing.assert_frame_equal(values(pair.reset_index(drop=True)), values(alone))


def test_extraction_of_a_group_is_its_domestic_value_added(measure, tmp_path, sample):
    status, _, err = measure("sample", "extraction", "borin-mancini", "--years", "2000", "--by",
                             "country", "--out", "x.csv", "--group", "EU=DEU,FRA", "--set",
                             "extraction.exporters=CHN,USA")
    assert status == 0, err
    # The group is asked for by name, whichever single exporters are.
    assert set(pd.read_csv(tmp_path / "x.csv").dropna()["country"]) == {"CHN", "USA", "EU"}
    assert measure("sample", "extraction", "--years", "2000", "--out", "y.csv", "--group",
                   "EU=DEU,FRA")[0] == 0
    got = pd.read_csv(tmp_path / "y.csv").set_index("country")
    want = gk.borin_mancini(sample, level="country", exporters={"EU": ["DEU", "FRA"]})
    assert got.loc["EU", "DVA"] == pytest.approx(want["DVA"].iloc[0], rel=1e-10)


def account(path, sample, years=(None,), name="co2", order=1):
    rng = np.random.default_rng(5)
    rows = [(c, s) for c in sample.countries for s in sample.sectors][::order]
    lines = [f"country,sector,{'' if years == (None,) else 'year,'}{name}"]
    held = {}
    for year in years:
        held[year] = dict(zip(rows, rng.uniform(0, 9, len(rows)), strict=True))
        lines += [",".join([*row, *([] if year is None else [str(year)]), repr(float(value))])
                  for row, value in held[year].items()]
    path.write_text("\n".join(lines) + "\n")
    return held


def test_a_satellite_account_counts_in_place_of_value_added(measure, tmp_path, sample):
    held = account(tmp_path / "co2.csv", sample, years=(2000, 2001), order=-1)
    status, _, err = measure("sample", "all", "--years", "2000-2001", "--out",
                             "{measure}.parquet", "--satellite", "co2.csv")
    assert status == 0, err
    for year in (2000, 2001):
        table = gk.sample_icio(20, 7, year)
        series = pd.Series(held[year], name="co2")
        for name, want in (("wwz", gk.wwz(table, satellite=series)),
                           ("production", gk.production(table, satellite=series)),
                           ("borin-mancini-sink", gk.borin_mancini(table, approach="sink",
                                                                   satellite=series)),
                           ("participation-tripartite", gk.participation(
                               table, definition="tripartite", by="bilateral-sector",
                               satellite=series))):
            got = pd.read_parquet(tmp_path / f"{name}.parquet")
            rows = got[got["year"] == year].reset_index(drop=True)
            pd.testing.assert_frame_equal(values(rows), values(want))
            assert "counting co2" in got.attrs["measures"][name]["definition"]
    assert "left out: position (takes no satellite account)" in err
    assert not (tmp_path / "position.parquet").exists()


def test_an_edited_account_is_counted_anew(measure, tmp_path, sample):
    account(tmp_path / "jobs.csv", sample, name="jobs")
    words = ["sample", "kww", "--years", "2000-2001", "--out", "k.csv", "--satellite", "jobs.csv"]
    assert "2 steps: 2 ran" in measure(*words)[2]
    before = (tmp_path / "k.csv").read_text()
    assert "2 steps: 2 in the store" in measure(*words)[2]
    text = (tmp_path / "jobs.csv").read_text().splitlines()
    text[1] = text[1].rpartition(",")[0] + ",100"
    (tmp_path / "jobs.csv").write_text("\n".join(text))
    assert "2 steps: 2 ran" in measure(*words)[2]
    assert (tmp_path / "k.csv").read_text() != before


@pytest.mark.parametrize(("text", "parts"), [
    ("country,co2\nCHN,1\n", ["a.csv:1: a satellite account has columns country, co2"]),
    ("country,sector,a,b\n", ["has columns country, sector, a, b", "country, sector, one more"]),
    ("country,sector,co2\nCHN,s1,many\nCHN,s1,1\nCHN,s1,2\nUSA,s1\n", [
        "a.csv:2: co2 is 'many' (allowed: a finite number)",
        "a.csv:4: CHN s1 2000 is there twice", "a.csv:5: the row has 2 cells, the header 3"]),
    ("country,sector,year,co2\nCHN,s1,1999,1\n", ["a.csv: the account has no row of 2000"]),
    ("", ["has columns none"]),
])
def test_accounts_that_cannot_be_read_are_told_before_anything_runs(measure, tmp_path, text,
                                                                    parts):
    (tmp_path / "a.csv").write_text(text)
    status, out, err = measure("sample", "kww", "--years", "2000", "--out", "k.csv",
                               "--satellite", "a.csv")
    assert (status, out) == (2, "")
    for part in parts:
        assert part in err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv"]


def test_industries_that_an_account_lacks_are_named(measure, tmp_path, sample):
    held = account(tmp_path / "a.csv", sample)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    (tmp_path / "a.csv").write_text("\n".join([*lines[:2], "CHN,s9,1", *lines[3:]]))
    missing = " ".join(list(held[None])[1])
    status, _, err = measure("sample", "kww", "--years", "2000", "--out", "k.csv", "--satellite",
                             "a.csv")
    assert status == 2
    assert f"satellite lacks {missing}" in err
    assert "satellite has rows that the table lacks: CHN s9" in err


def test_split_countries_of_own_files(measure, tmp_path, tables):
    _, names = tables
    words = ["t_{year}.npz", "vax", "--years", "2000-2001", "--by", "country", "--out"]
    status, _, err = measure(*words, "whole.parquet")
    assert status == 0, err
    whole = pd.read_parquet(tmp_path / "whole.parquet")
    assert list(whole["country"].cat.categories) == ["CHN", *names[2:]]
    assert whole.attrs["source"] == "t"
    status, _, err = measure(*words, "parts.parquet", "--policy", "split_countries=separate")
    assert status == 0, err
    parts = pd.read_parquet(tmp_path / "parts.parquet")
    assert list(parts["country"].cat.categories) == names
    assert whole.loc[0, "VAX"] < parts.loc[:1, "VAX"].sum()
    status, _, err = measure(*words, "no.parquet", "--policy", "split_countries=error")
    assert status == 2
    assert "CN1" in err


@pytest.mark.parametrize(("words", "part"), [
    (("kww", "--group", "EU"), "--group 'EU' is no group (allowed: EU=DEU,FRA; importer:"),
    (("kww", "--group", "exporters:EU=DEU"), "unknown key of --group 'exporters'"),
    (("kww", "--group", "EU=DEU", "--group", "EU=FRA"), "--group EU is given twice"),
    (("wwz", "--group", "importer:EU=DEU,FRA"),
     "wwz takes no groups of importers (allowed: borin-mancini)"),
    (("wwz", "--by", "world", "--group", "EU=DEU,FRA"), "wwz by the world has no country to group"),
    (("kww", "--group", "EU=DEU,XXX"), "unknown country 'XXX'"),
    (("kww", "--group", "USA=DEU,FRA"), "group 'USA' has the name of a country"),
    (("position", "--satellite", "a.csv"), "position takes no satellite account"),
    (("kww", "--satellite", "no.csv"), "--satellite no.csv: there is no such file"),
    (("kww", "--policy", "split"), "--policy 'split' is not name=choice (allowed: output"),
    (("kww", "--policy", "splitt_countries=merge"), "did you mean 'split_countries'?"),
    (("kww", "--policy", "rounding_unit=two"), "policy rounding_unit is 'two'"),
    (("lengths-backward", "--set", "lengths-backward.direction=forward"),
     "lengths-backward is direction=backward (allowed: lengths.direction=forward)"),
    (("lengths_bakward",), "did you mean 'lengths-backward'?"),
    (("kww", "kww", "all"), None),
])
def test_what_means_nothing_is_told(measure, tmp_path, words, part):
    (tmp_path / "a.csv").write_text("country,sector,co2\nCHN,s1,1\n")
    status, out, err = measure("sample", *words, "--years", "2000", "--out", "{measure}.csv")
    if part is None:
        assert status == 0
        return
    assert (status, out) == (2, "")
    assert part in err
    assert "Traceback" not in err
    assert not list(tmp_path.glob("kww.csv"))


def test_files_that_are_not_there(measure, tmp_path, tables):
    status, _, err = measure("t_{year}.npz", "kww", "--years", "2000-2003", "--out", "k.csv")
    assert status == 2
    assert "there is no file t_2002.npz" in err
    assert "there is no file t_2003.npz" in err
    status, _, err = measure("t_2000.npz", "kww", "--years", "2000-2001", "--out", "k.csv")
    assert status == 2
    assert "t_2000.npz is one file for 2 years" in err


def test_an_account_of_every_year_may_leave_the_year_out(tmp_path, sample):
    held = account(tmp_path / "a.csv", sample)
    found = read_account(tmp_path / "a.csv", 1234)
    assert found.name == "co2"
    assert dict(found.values) == held[None]


def test_notes_of_groups_are_json(measure, tmp_path):
    assert measure("sample", "kww", "--years", "2000", "--out", "k.parquet", "--group",
                   "EU=DEU,FRA")[0] == 0
    attrs = pd.read_parquet(tmp_path / "k.parquet").attrs
    assert json.loads(json.dumps(attrs)) == attrs
