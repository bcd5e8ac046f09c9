"""The paper on restrictions on digital trade: its first look, its concordance, permutations."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk

pytestmark = [pytest.mark.data, pytest.mark.slow]

DIGITAL = ["c14", "c27", "c30"]
DRAWS = 9_999


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "specs" / "dstri-position"


@pytest.fixture(scope="module")
def cells(made: Callable[[str], Path]) -> dict[tuple[str, str, str], dict[str, str]]:
    found = {}
    for path in sorted((made("dstri-position") / "tables").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row.get("kind") in ("term", "stat", "clusters"):
                    found[path.stem, row["model"], row["term"]] = row
    return found


def test_the_first_look_is_met(cells: dict[tuple[str, str, str], dict[str, str]]) -> None:
    """−.100 (.049), N 324, 54 clusters: computed once by other code on the same files."""
    row = cells["baseline", "bwd_own", "dstri"]
    assert (round(float(row["estimate"]), 3), round(float(row["se"]), 3)) == (-0.100, 0.049)
    assert float(cells["baseline", "bwd_own", "n"]["value"]) == 324
    assert float(cells["baseline", "bwd_own", "country"]["value"]) == 54


def test_the_digital_intensities_are_those_of_the_tables(folder: Path, shared_data: Path) -> None:
    table = gk.read_icio("wiod2013", 2011, data=shared_data)
    used = gk.digital_inputs(table, sectors=DIGITAL, coefficient="complete", origin="all")
    used["output"] = table.X
    used = used[(used["country"] != "ROW") & (used["output"] >= 50)]
    mean = used.groupby("sector", observed=True)["share"].mean()
    usa = used[used["country"] == "USA"].set_index("sector")["share"]
    ours = pd.read_csv(folder / "sectors.csv").set_index("wiod")
    assert list(ours["adb"]) == list(range(1, 36))
    np.testing.assert_allclose(ours["digital_2011"], mean.reindex(ours.index), atol=5e-7)
    np.testing.assert_allclose(ours["digital_usa_2011"], usa.reindex(ours.index), atol=5e-7)


def outcomes(shared_data: Path, table: str) -> pd.DataFrame:
    """The ADB indicators of whole economies, with iso3 and year."""
    book = pd.read_excel(shared_data / "indicators/adb_mrio/countries.xlsx", engine="calamine",
                         sheet_name="Consolidated", keep_default_na=False, dtype=str)
    named = book[book["mrio"].str.strip() != ""]
    codes = dict(zip(named["mrio"].astype(int), named["iso_a3"], strict=True))
    adb = pd.read_parquet(shared_data / f"indicators/adb_mrio/{table}.parquet")
    adb = adb[adb["agg"] == 0].assign(iso3=lambda d: d["s"].map(codes), year=lambda d: d["t"])
    return adb.dropna(subset="iso3")


def paths(shared_data: Path, index: str = "dstri", ahead: int = 0,
          outcome: str = "gvcp", column: str = "GVCP_trade_b") -> tuple[np.ndarray, np.ndarray]:
    """An outcome and an index ``ahead`` years later, economies × years, from the files."""
    adb = outcomes(shared_data, outcome)
    oecd = pd.read_csv(shared_data / "panel/dstri_oecd_sdmx.csv.gz")
    oecd = oecd[oecd["variable"] == index].assign(year=lambda d: d["year"] - ahead)
    both = adb.merge(oecd, on=["iso3", "year"])
    wide = [both.pivot(index="iso3", columns="year", values=v) for v in (column, "value")]
    return wide[0].to_numpy(), wide[1].to_numpy()


def within(values: np.ndarray) -> np.ndarray:
    return values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()


def least_squares(y: np.ndarray, *x: np.ndarray) -> list[tuple[float, float]]:
    """Estimates within both ways and standard errors clustered by economy, by sums over them."""
    g, t = y.shape
    design = np.stack([within(one) for one in x], axis=2)
    flat = design.reshape(g * t, -1)
    b = np.linalg.lstsq(flat, within(y).ravel(), rcond=None)[0]
    scores = np.einsum("gtk,gt->gk", design, within(y) - design @ b)
    bread = np.linalg.inv(flat.T @ flat)
    # Economies are nested in the clusters: of the effects only the years count.
    small = g / (g - 1) * (g * t - 1) / (g * t - len(x) - t)
    return list(zip(b, np.sqrt(np.diag(small * bread @ scores.T @ scores @ bread)), strict=True))


@pytest.mark.parametrize(("cell", "index", "ahead"), [
    (("placebo", "bwd_lead"), "dstri", (1,)), (("placebo", "bwd_lead_too"), "dstri", (0, 1)),
    (("robust_samples", "bwd_lag"), "dstri", (-1,)),
    (("pillars", "etrans_lead"), "dstri_etransactions", (0, 1))])
def test_leads_and_lags_are_those_of_the_file(
    cells: dict[tuple[str, str, str], dict[str, str]], shared_data: Path,
    cell: tuple[str, str], index: str, ahead: tuple[int, ...]
) -> None:
    """2022 has the DSTRI of 2023 and 2017 that of 2016: no row is lost."""
    names = {("dstri", 0): "dstri", ("dstri", 1): "dstri_next", ("dstri", -1): "dstri_last",
             ("dstri_etransactions", 0): "dstri_etransactions",
             ("dstri_etransactions", 1): "etrans_next"}
    y, _ = paths(shared_data)
    x = [paths(shared_data, index, k)[1] for k in ahead]
    assert y.shape == (54, 6)
    assert float(cells[*cell, "n"]["value"]) == y.size
    for k, (b, se) in zip(ahead, least_squares(y, *x), strict=True):
        row = cells[*cell, names[index, k]]
        assert float(row["estimate"]) == pytest.approx(b, rel=1e-6)
        assert float(row["se"]) == pytest.approx(se, rel=1e-6)


OLD_CODES = {"MNT": "MNE", "ROM": "ROU", "TMP": "TLS", "ZAR": "COD"}
UNSPECIFIED = ["BAT", "BUN", "FRE", "SPE", "UNS"]


@pytest.mark.parametrize(("model", "count"), [("abroad_lead", 67), ("both_lead", 51)])
def test_the_next_barrier_abroad_is_next_years(
    cells: dict[tuple[str, str, str], dict[str, str]], shared_data: Path, model: str, count: int
) -> None:
    """Exports of 2016 as weights, by hand: the lead of 2022 is the barrier abroad of 2023."""
    sold = pd.read_csv(shared_data / "panel/penppml_trade_deep_provisions.csv.gz")
    sold = sold[(sold["time"] == 2016) & ~sold["imp"].isin(UNSPECIFIED)].replace(
        {"exp": OLD_CODES, "imp": OLD_CODES})
    sold = sold[sold["exp"] != sold["imp"]]
    own = pd.read_csv(shared_data / "panel/dstri_oecd_sdmx.csv.gz")
    own = own[own["variable"] == "dstri"].pivot(index="iso3", columns="year", values="value")
    weights = sold.pivot(index="exp", columns="imp", values="export").fillna(0.0)
    known = weights.columns.intersection(own.index)
    covered = weights[known].sum(axis=1)
    barrier = (weights[known] @ own.loc[known]).div(covered, axis=0)
    barrier = barrier[covered >= weights.sum(axis=1) / 2]
    y = outcomes(shared_data, "lengths").pivot(index="iso3", columns="year", values="GVC_POS")
    kept = y.index.intersection(barrier.index)
    if model == "both_lead":
        kept = kept.intersection(own.index)
    assert len(kept) == count
    years = list(range(2017, 2023))
    x = [barrier.loc[kept, years].to_numpy(), barrier.loc[kept, [t + 1 for t in years]].to_numpy()]
    if model == "both_lead":
        x.append(own.loc[kept, years].to_numpy())
    assert float(cells["abroad", model, "n"]["value"]) == 6 * count
    found = least_squares(y.loc[kept, years].to_numpy(), *x)
    for name, (b, se) in zip(("abroad", "abroad_next"), found, strict=False):
        row = cells["abroad", model, name]
        assert float(row["estimate"]) == pytest.approx(b, rel=1e-6)
        assert float(row["se"]) == pytest.approx(se, rel=1e-6)


@pytest.mark.parametrize(("exporter", "share"), [("KWT", 95), ("ARE", 75)])
def test_the_exports_whose_destination_has_no_index(
    folder: Path, shared_data: Path, exporter: str, share: int
) -> None:
    """The note of the table on barriers abroad says for how much of them there is none."""
    sold = pd.read_csv(shared_data / "panel/penppml_trade_deep_provisions.csv.gz")
    sold = sold[(sold["time"] == 2016) & (sold["exp"] == exporter)].replace({"imp": OLD_CODES})
    own = pd.read_csv(shared_data / "panel/dstri_oecd_sdmx.csv.gz")["iso3"]
    without = sold.loc[~sold["imp"].isin(set(own)), "export"].sum() / sold["export"].sum()
    assert round(100 * without) == share
    text = (folder / "paper.yaml").read_text(encoding="utf-8")
    assert f"{share} percent of" in text or f"and {share} of" in text
    assert f"{share}%" in text


def test_groups_are_cut_at_medians_of_2017(
    cells: dict[tuple[str, str, str], dict[str, str]], shared_data: Path
) -> None:
    """Of the 54 economies with an index, 27 are on either side of each cut."""
    y, x = paths(shared_data)
    assert np.median(x[:, 0]) == pytest.approx(0.1027, abs=6e-5)
    assert np.median(y[:, 0]) == pytest.approx(0.2939, abs=6e-5)
    for model in ("bwd_income: rich", "bwd_level: restrictive", "bwd_depth: deep"):
        for group in (0, 1):
            assert float(cells["groups", f"{model} = {group}", "country"]["value"]) == 27


@pytest.mark.parametrize(("table", "model", "term", "ahead", "outcome", "column"), [
    ("placebo", "bwd_lead", "dstri_next", 1, "gvcp", "GVCP_trade_b"),
    ("lengths", "ply_own", "dstri", 0, "lengths", "PLy_GVC")])
def test_permutations_of_the_lead_and_of_lengths(
    cells: dict[tuple[str, str, str], dict[str, str]], shared_data: Path, table: str, model: str,
    term: str, ahead: int, outcome: str, column: str
) -> None:
    """The p values of dealt paths, by a loop over other draws."""
    y, x = paths(shared_data, "dstri", ahead, outcome, column)
    ((b, _),) = least_squares(y, x)
    rng = np.random.default_rng(7)
    y, x = within(y), within(x)
    over = np.zeros(2)
    seen = b * float((x**2).sum() / np.sqrt(((x * (y - b * x)).sum(1) ** 2).sum()))
    for _ in range(DRAWS):
        z = x[rng.permutation(len(x))]
        drawn = float((z * y).sum() / (z**2).sum())
        t = drawn * float((z**2).sum() / np.sqrt(((z * (y - drawn * z)).sum(1) ** 2).sum()))
        over += [abs(drawn) >= abs(b), abs(t) >= abs(seen)]
    for name, p in zip((f"ri_p_coef:{term}", f"ri_p:{term}"), (1 + over) / (1 + DRAWS),
                       strict=True):
        ours = float(cells[table, model, name]["value"])
        assert ours == pytest.approx(p, abs=4 * np.sqrt(2 * p * (1 - p) / DRAWS))


def test_permuted_paths(
    cells: dict[tuple[str, str, str], dict[str, str]], shared_data: Path
) -> None:
    """Whole paths of the DSTRI dealt to other economies: the first look is not beyond chance."""

    def statistics(x: np.ndarray) -> tuple[float, float]:
        x = within(x)
        b = float((x * y).sum() / (x**2).sum())
        scores = (x * (y - b * x)).sum(1)
        return abs(b), abs(b) * float((x**2).sum() / np.sqrt((scores**2).sum()))

    y, x = paths(shared_data)
    assert y.shape == (54, 6)
    y = within(y)
    seen = statistics(x)
    assert seen[0] == pytest.approx(0.0996, abs=5e-5)
    rng = np.random.default_rng(20260504)
    drawn = np.array([statistics(x[rng.permutation(len(x))]) for _ in range(DRAWS)])
    p = (1 + (drawn >= np.array(seen) * (1 - 1e-9)).sum(axis=0)) / (1 + DRAWS)
    assert (p > 0.05).all()
    for term, other in (("ri_p_coef:dstri", p[0]), ("ri_p:dstri", p[1])):
        ours = float(cells["placebo", "bwd_paths", term]["value"])
        assert ours == pytest.approx(other, abs=4 * np.sqrt(2 * 0.2 * 0.8 / DRAWS))


def test_permuted_changes(
    cells: dict[tuple[str, str, str], dict[str, str]], shared_data: Path
) -> None:
    """The p values of the column on 2017 to 2022, by a loop over other draws."""
    y, x = (v[:, -1] - v[:, 0] for v in paths(shared_data))
    y = y - y.mean()

    def statistics(x: np.ndarray) -> tuple[float, float]:
        x = x - x.mean()
        b = float(x @ y / (x @ x))
        return abs(b), abs(b) * float(x @ x / np.sqrt(((x * (y - b * x)) ** 2).sum()))

    seen = statistics(x)
    rng = np.random.default_rng(1)
    drawn = np.array([statistics(rng.permutation(x)) for _ in range(DRAWS)])
    p = (1 + (drawn >= np.array(seen) * (1 - 1e-9)).sum(axis=0)) / (1 + DRAWS)
    for term, other in (("ri_p_coef:dstri5", p[0]), ("ri_p:dstri5", p[1])):
        ours = float(cells["robust_samples", "bwd_long", term]["value"])
        assert ours == pytest.approx(other, abs=4 * np.sqrt(2 * 0.2 * 0.8 / DRAWS))
