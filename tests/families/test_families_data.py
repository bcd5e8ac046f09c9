"""The ready families on real data: what the data support, identities, references."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit.indices.barriers import faced_abroad, trade_weights
from gvckit.indices.governance import over_partners
from gvckit.run.api import run

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def tables(repository: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the paper of the families once."""
    folder = tmp_path_factory.mktemp("families")
    run(repository / "specs" / "families" / "paper.yaml", out=folder / "out",
        data=[shared_data], store=folder / "store")
    return folder / "out" / "tables"


def covered(tables: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(tables / f"{name}_coverage.csv").set_index("node")


def source(shared_data: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(shared_data / "panel" / f"{name}.csv.gz")


def test_digital_trade_says_which_years_and_countries_its_data_support(tables: Path) -> None:
    found = covered(tables, "trade")
    assert found.loc["digital_trade", ["observed", "units_observed", "first", "last"]].tolist() == [
        360, 40, 2014, 2022]
    assert found.loc["log(dt_servers)", "first"] == 2010
    assert found.loc["dt_egdi", "absent"] == "2011, 2013, 2015, 2017, 2019–2021"
    assert found.loc["dt_dstri", ["first", "units_observed"]].tolist() == [2014, 39]
    assert found.loc["log(dt_patents)", "last"] == 2021
    assert found.loc["dt_dstri", "direction"] == "'-"
    assert found.drop("digital_trade")[["unit", "source", "direction"]].drop(
        columns="unit").notna().all(axis=None)


def test_the_other_families_say_it_too(tables: Path) -> None:
    economy = covered(tables, "economy")
    assert economy.loc["digital_economy", ["units_observed", "first", "last"]].tolist() == [
        156, 2000, 2018]
    assert economy.loc["de_law", "absent"] == "1997, 1999, 2001"
    governance = covered(tables, "governance")
    assert governance.loc["data_governance", ["observed", "units_observed"]].tolist() == [228, 38]
    assert governance.loc["data_governance_xs", "units_observed"] == 185
    wide = governance.loc["data_governance_wide"]
    assert wide[["observed", "units_observed"]].tolist() == [300, 50]
    assert {"CHN", "SGP", "VNM"} <= set(wide["with_values"].split())
    barriers = covered(tables, "barriers")
    assert barriers.loc["barrier_abroad", ["first", "last"]].tolist() == [2014, 2025]
    assert "BEL" not in barriers.loc["barrier_abroad", "with_values"].split()
    # pairs of 129 countries, both ways, in 12 years
    assert barriers.loc["barrier_mean", "observed"] == 129 * 128 * 12
    agreements = pd.read_csv(tables / "governance_agreements.csv").set_index("node")
    assert agreements.loc["dg_flow_share", ["units", "first", "last"]].tolist() == [38, 2010, 2019]


def test_every_family_has_coverage_and_weights_that_sum_to_one(tables: Path) -> None:
    for name in ("trade_weights", "economy_weights", "dstri_weights", "governance_weights",
                 "governance_weights_xs"):
        weights = pd.read_csv(tables / f"{name}.csv")
        np.testing.assert_allclose(weights.groupby("parent")["weight"].sum(), 1, rtol=1e-12)
        leaves = weights[~weights["node"].isin(weights["parent"])]
        assert leaves["effective"].sum() == pytest.approx(1, rel=1e-12)
    for name in ("trade", "economy", "dstri", "barriers", "governance"):
        assert (tables / f"{name}_coverage.zh.tex").is_file()
        assert (tables / f"{name}_descriptives.csv").is_file()


def test_the_pillars_of_the_dstri_sum_to_the_total(shared_data: Path) -> None:
    long = source(shared_data, "dstri_oecd_sdmx")
    wide = long.pivot(index=["iso3", "year"], columns="variable", values="value")
    np.testing.assert_allclose(wide.drop(columns="dstri").sum(axis=1), wide["dstri"], atol=1e-6)


def test_barriers_abroad_equal_the_sum_written_out(shared_data: Path) -> None:
    dstri = source(shared_data, "dstri_oecd_sdmx")
    dstri = dstri[dstri["variable"] == "dstri"].rename(columns={"iso3": "country"})
    trade = source(shared_data, "penppml_trade_deep_provisions").rename(
        columns={"exp": "exporter", "imp": "importer", "time": "year"})
    weights = trade_weights(trade, "export", range(2000, 2013))
    found = faced_abroad(dstri, "value", weights).set_index(["country", "year"])
    known = dstri[dstri["year"] == 2020].set_index("country")["value"]
    mine = trade[(trade["exporter"] == "CHN") & trade["year"].isin([2000, 2004, 2008, 2012])]
    w = mine.groupby("importer")["export"].sum().drop("CHN", errors="ignore")
    both = w.index.intersection(known.index)
    direct = (w[both] * known[both]).sum() / w[both].sum()
    assert found.loc[("CHN", 2020), "faced"] == pytest.approx(direct, rel=1e-12)
    assert found.loc[("CHN", 2020), "covered"] == pytest.approx(w[both].sum() / w.sum())


def test_shares_of_partners_equal_those_of_the_country_year_file(shared_data: Path) -> None:
    """The pairs and the ready counts are two files of one source."""
    pairs = source(shared_data, "julie_OECD").rename(
        columns={"iso3_i": "exporter", "iso3_j": "importer"})
    ready = source(shared_data, "taped_country_year_OECD").set_index(["iso3", "year"])
    for clause in ("rta_data_prot_clause", "rta_data_cross_clause"):
        for how, column in (("mean", "mean"), ("count", "sum")):
            mine = over_partners(pairs, clause, how=how).set_index(["country", "year"])[clause]
            theirs = ready[f"{clause}_{column}"].reindex(mine.index)
            np.testing.assert_allclose(mine, theirs, atol=1e-12)


def test_members_of_the_economic_area_are_those_of_desta(shared_data: Path) -> None:
    """The agreement of 1994 and the enlargements, whose new members joined with the Union."""
    import gvckit.sources.bridges as room
    spells = pd.read_csv(Path(room.__file__).parent / "families" / "bridges.csv")
    mine = spells[spells["bridge"] == "eea"].set_index("iso3")["from"]
    desta = source(shared_data, "desta_membership_long")
    first = desta[desta["name"].eq("European Economic Area (EEA)")]
    # Liechtenstein signed with the others and joined in May 1995.
    assert set(first["iso3"]) - {"LIE"} == set(mine.index[mine == 1994])
    assert mine["LIE"] == 1995
    before = set(first["iso3"])
    for name, year in (("EC Nice (25) Enlargement", 2004), ("EC Nice (27) Enlargement", 2007),
                       ("EC Lisbon (28) Enlargement", 2013)):
        members = desta[desta["name"].str.strip() == name]
        assert (members["entryforceyear"] == year).all()
        new = set(members["iso3"]) - before
        assert new == set(mine.index[mine == year]), name
        before |= set(members["iso3"])


def test_clauses_of_the_wide_panel_are_those_of_pairs_where_both_are(shared_data: Path) -> None:
    """Fewer partners among OECD members alone: never more clauses than with Asia."""
    wide = source(shared_data, "taped_country_year_OECD_ASIA").set_index(["iso3", "year"])
    narrow = source(shared_data, "taped_country_year_OECD").set_index(["iso3", "year"])
    for column in ("rta_data_cross_clause_sum", "rta_data_prot_clause_sum"):
        assert (wide[column].reindex(narrow.index) >= narrow[column]).all()
    # Shares are of the partners in the data: 49, a few less in some rows, as the note says.
    partners = (wide["rta_sum"] / wide["rta_mean"]).round(9)
    assert partners.between(41, 49).all()
    assert (partners < 49).sum() == 50
    assert partners["CHN"].eq(49).all()


def test_the_audit_of_digital_trade_is_written(tables: Path) -> None:
    structure = pd.read_csv(tables / "trade_structure.csv").set_index("node")
    # What fixed effects of countries leave of the index: little, which a paper should say.
    assert 0 < structure.loc["index", "within"] < 0.1
    assert structure["with_index"].dropna().gt(0).all()
    ranks = pd.read_csv(tables / "trade_ranks.csv")
    assert (ranks["low"] <= ranks["high"]).all()
    assert len(pd.read_csv(tables / "trade_sensitivity.csv")) == 6
