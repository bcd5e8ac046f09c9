"""Reading tables: names, paths, systems; and what is refused."""

from __future__ import annotations

import types

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError, GvckitError
from gvckit.icio.table import IcioTable
from gvckit.sources.catalogue import source_named, sources
from gvckit.sources.read_icio import read_icio, source_file
from gvckit.sources.world import sample_icio

YEARS = range(1995, 2012)


@pytest.fixture
def archive(tmp_path):
    table = sample_icio(3, 2)

    def save(name="made.npz", **change):
        arrays = {"Z": table.Z, "F": table.F, "countries": np.array(table.countries),
                  "sectors": np.array(table.sectors), "year": np.array([2000])}
        arrays |= change
        path = tmp_path / name
        np.savez(path, **{k: v for k, v in arrays.items() if v is not None})
        return path
    return table, save


def test_npz_comes_back(archive):
    table, save = archive
    read = read_icio(save())
    np.testing.assert_array_equal(read.Z, table.Z)
    np.testing.assert_array_equal(read.F, table.F)
    assert (read.countries, read.sectors, read.year) == (table.countries, table.sectors, 2000)
    assert read.source == "made.npz"
    summed = read_icio(str(save(F=None, Y=table.Y)), 2000)
    assert summed.K == 1
    np.testing.assert_array_equal(summed.Y, table.Y)


@pytest.mark.parametrize(("change", "part"), [
    ({"Z": None}, "made.npz: the archive has no Z"),
    ({"F": None}, "the archive has no F (or Y)"),
    ({"countries": None, "sectors": None}, "the archive has no countries, sectors"),
    ({"year": np.array([1, 2])}, "year holds 1, 2"),
    ({"year": np.array(["x"])}, "year holds x"),
    ({"row_labels": np.array(["CHN.s2", "CHN.s1", "USA.s1", "USA.s2", "DEU.s1", "DEU.s2"])},
     "row_labels rows are permuted"),
    ({"row_labels": np.array(["CHN.s2", "CHN.s1", "USA.s2", "USA.s1", "DEU.s2", "DEU.s1"])},
     "row_labels rows are permuted"),
    ({"row_labels": np.array(["CHN.a", "CHN.b", "USA.a", "USA.b", "DEU.b", "DEU.a"])},
     "row_labels rows are permuted"),
    ({"countries": np.array(["CHN", "CHN", "USA"])}, "the same name more than once: CHN"),
])
def test_npz_faults(archive, change, part):
    _, save = archive
    with pytest.raises(DataError) as caught:
        read_icio(save(**change))
    assert part in str(caught.value)


def test_npz_of_another_year_or_no_archive(archive, tmp_path):
    _, save = archive
    with pytest.raises(DataError, match="the file is of year 2000, not 1999"):
        read_icio(save(), 1999)
    broken = tmp_path / "broken.npz"
    broken.write_bytes(save().read_bytes()[:100])
    with pytest.raises(DataError, match=r"broken\.npz: it is no zip archive, or damaged"):
        read_icio(broken)
    np.savez(tmp_path / "evil.npz", Z=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DataError, match=r"evil\.npz: Z holds Python objects"):
        read_icio(tmp_path / "evil.npz")
    torn = tmp_path / "torn.RData"
    torn.write_bytes(b"BZh9 this is no archive")
    with pytest.raises(DataError, match=r"torn\.RData: it cannot be read as an R file"):
        read_icio(torn)


@pytest.mark.parametrize(("call", "part"), [
    (lambda: read_icio("wiod2014", 2000), "unknown source 'wiod2014'; did you mean 'wiod2013'?"),
    (lambda: read_icio("wiod2013", 2020), "wiod2013 has no year 2020 (allowed: 1995-2011)"),
    (lambda: read_icio("wiod2013"), "wiod2013 needs a year (allowed: 1995-2011)"),
    (lambda: read_icio("wiod2013", "2000"), "wiod2013 cannot read year '2000'"),
    (lambda: read_icio("nowhere/table.npz"), "nowhere/table.npz: there is no such file"),
    (lambda: read_icio("table.xlsx/"), "unknown source"),
    (lambda: read_icio(7), "cannot read a table from a int"),
    (lambda: read_icio("sample", 2000, policy={"output": "given"}), "takes no file and no policy"),
])
def test_refusals(call, part):
    with pytest.raises(DataError) as caught:
        call()
    assert part in str(caught.value)


def test_no_file_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.delenv("GVCKIT_DATA", raising=False)
    with pytest.raises(GvckitError) as caught:
        read_icio("wiod2013", 2000, data=tmp_path)
    assert "icio/wiod2013/wiot_2000.RData" in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_catalogue_rows_are_complete():
    names = [row.name for row in sources()]
    assert names == sorted(names)
    for row in sources():
        assert callable(row.load())
        assert set(row.title) == {"en", "zh"}
        assert row.citation
        assert all("{year}" in pattern for pattern in row.patterns)
    assert source_named("wiod2013").files(1995)[1] == "wiot_1995.RData"
    assert source_named("lrwiod").check_year(None) == 2000


def system(table: IcioTable, **change):
    index = pd.MultiIndex.from_product([table.countries, table.sectors],
                                       names=["region", "sector"])
    final = pd.MultiIndex.from_product([table.countries, table.categories])
    parts = {"Z": pd.DataFrame(table.Z, index=index, columns=index),
             "Y": pd.DataFrame(table.F, index=index, columns=final),
             "x": pd.DataFrame({"indout": table.X}, index=index)}
    return types.SimpleNamespace(**(parts | change))


def test_a_pymrio_system():
    table = sample_icio(3, 2)
    read = read_icio(system(table), 2000)
    assert read.categories == table.categories
    np.testing.assert_array_equal(read.Z, table.Z)
    np.testing.assert_array_equal(read.X, table.X)
    parts = system(table)
    with pytest.raises(DataError, match="Z columns are permuted"):
        read_icio(system(table, Z=parts.Z.iloc[:, ::-1]))
    with pytest.raises(DataError, match="not labelled by two levels"):
        read_icio(system(table, Z=parts.Z.droplevel(0)))


@pytest.mark.data
def test_the_pymrio_test_system(golden):
    folder = golden / "decomposition" / "pymrio"
    Z = pd.read_csv(folder / "Z.csv", index_col=[0, 1], header=[0, 1])
    Y = pd.read_csv(folder / "Y.csv", index_col=[0, 1], header=[0, 1])
    x = pd.read_csv(folder / "x.csv", index_col=[0, 1])
    read = read_icio(types.SimpleNamespace(Z=Z, Y=Y, x=x), policy={"output": "row-sums"})
    assert (read.G, read.N, read.K) == (6, 8, 7)
    np.testing.assert_allclose(read.X, x["indout"], rtol=1e-6)


@pytest.mark.data
@pytest.mark.parametrize("year", YEARS)
def test_wiod2013(shared_data, year):
    table = read_icio("wiod2013", year, data=shared_data)
    assert (table.G, table.N, table.K, table.year) == (41, 35, 5, year)
    assert table.countries[-1] == "ROW"
    assert table.labels[table.countries.index("ROU")] == "ROM"
    by = {}
    for entry in table.audit:
        by.setdefault(entry.policy, []).append(entry)
    assert {(e.before, e.after) for e in by["codes=iso3"]} == {("ROM", "ROU"), ("RoW", "ROW")}
    assert "row sums taken in 1" in by["output=row-sums"][0].action
    rounded = {(e.where, e.before) for e in by.get("rounding=zero", [])}
    both = {(("LUX", "c5"), -1), (("LUX", "c8"), -1)}
    known = {1995: {(("LUX", "c5"), -2)}, 1998: {(("MLT", "c8"), -2)},
             1999: {(("LUX", "c8"), -2)}, 2004: {(("LUX", "c8"), -1)},
             2009: both, 2010: both, 2011: both}
    assert rounded == known.get(year, set())
    assert (table.X >= 0).all()
    assert 17 <= (table.X == 0).sum() <= 22
    assert np.abs(table.Z.sum(0) + table.VA - table.X).max() == 0
    bought = by.get("purchases_without_output=final-use", [])
    assert [(e.where, e.before) for e in bought] == (
        [(("LVA", "c24"), 1)] if year == 2002 else [])


@pytest.mark.data
def test_wiod2013_against_its_own_file(shared_data):
    """Cells read by rdata's own conversion, at a few places."""
    import warnings

    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        held = rdata.read_rda(shared_data / "icio/wiod2013/wiot_2003.RData")["wiot_2003"]
    table = read_icio("wiod2013", 2003, data=shared_data)
    np.testing.assert_array_equal(table.Z, np.asarray(held["inter"], float))
    given = np.asarray(held["final"], float)
    moved = np.flatnonzero((given != table.F).any(axis=1))
    assert moved.size == 0
    assert table.categories == ("c37", "c38", "c39", "c41", "c42")


@pytest.mark.data
def test_negative_output_beyond_rounding_is_refused(shared_data):
    with pytest.raises(DataError, match="LUX c5 2011 = -1, LUX c8 2011 = -1: output is negative"):
        read_icio("wiod2013", 2011, data=shared_data, policy={"rounding_unit": 0})
    with pytest.raises(DataError, match="row does not add up to output"):
        read_icio("wiod2013", 2011, data=shared_data, policy={"output": "given"})


@pytest.mark.data
def test_the_wrong_year_in_a_file(shared_data):
    with pytest.raises(DataError, match="the file is of year 2003, not 2004"):
        read_icio(shared_data / "icio/wiod2013/wiot_2003.RData", 2004)
    assert read_icio(shared_data / "icio/wiod2013/wiot_2003.RData").year == 2003


@pytest.mark.data
def test_long_run_wiod_has_margins_in_residual_value_added(shared_data):
    table = read_icio("lrwiod", data=shared_data)
    raw = np.load(source_file(source_named("lrwiod"), 2000, shared_data))
    assert (table.G, table.N, table.K) == (26, 23, 4)
    assert table.labels[table.countries.index("NLD")] == "NDL"
    assert table.categories[-1] == "Stock variation"
    # Residual value added is true value added and international transport margins.
    np.testing.assert_allclose(table.VA, raw["VA"] + raw["ITM"], atol=1e-3)
    assert raw["ITM"].sum() / table.X.sum() == pytest.approx(0.0032, abs=5e-5)
    assert any(e.policy == "value_added=residual" for e in table.audit)
    with pytest.raises(DataError, match="given value added do not add up to output"):
        read_icio("lrwiod", data=shared_data, policy={"value_added": "given"})


@pytest.mark.data
def test_regional_table_is_exact(shared_data):
    table = read_icio("wiod2013-regional7", data=shared_data)
    raw = np.load(source_file(source_named("wiod2013-regional7"), 1995, shared_data))
    assert table.countries[-1] == "ROW"
    assert table.sectors[:2] == ("c1", "c2")
    np.testing.assert_allclose(table.VA, raw["VA"], atol=1e-8 * raw["X"].max())
    assert not any(e.policy.startswith(("output", "value_added")) for e in table.audit)
