"""Split countries in positions, lengths and digital linkages: solved in parts, told as the whole.

The references are dense matrices with a mask of who is at home with whom.
"""

from __future__ import annotations

import numpy as np
import pytest

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.apl import apl
from gvckit.measures.crossings import border_crossings
from gvckit.measures.digital_inputs import digital_inputs
from gvckit.measures.digital_linkages import digital_linkages, digital_value_origin, supplier_use
from gvckit.measures.extraction import extraction, miroudot_ye
from gvckit.measures.final_shares import final_shares
from gvckit.measures.imports import imports_frame
from gvckit.measures.participation import participation
from gvckit.measures.position import position
from gvckit.measures.upstreamness import upstreamness
from gvckit.sophistication.sectors import sector_exports

BLOCKS = ("USA", "CN1", "MX2", "DEU", "CN2", "MX1")
WHOLE = ("USA", "CHN", "MEX", "DEU", "CHN", "MEX")
SECTORS = ("a", "b", "c")
N = len(SECTORS)
n = len(BLOCKS) * N


def split_table(policy: str, seed: int = 3) -> IcioTable:
    """Return a table whose parts are not neighbours; one part makes nothing of one product."""
    rng = np.random.default_rng(seed)
    Z = rng.lognormal(0, 1, (n, n))
    F = rng.lognormal(3, 1, (n, len(BLOCKS), 2))
    F[..., 1] = rng.normal(0, 1, F.shape[:2])
    idle = 1 * N + 2  # CN1 c
    Z[idle], Z[:, idle], F[idle] = 0, 0, 0
    return IcioTable.from_arrays(
        Z, F.reshape(n, -1), countries=BLOCKS, sectors=SECTORS, categories=("use", "INVNT"),
        unit="M USD", year=2005, policy={"split_countries": policy})


@pytest.fixture(scope="module")
def merged() -> Leontief:
    return Leontief(split_table("merge"))


@pytest.fixture(scope="module")
def apart() -> Leontief:
    return Leontief(split_table("separate"))


COUNTRIES = ("USA", "CHN", "MEX", "DEU")
PLACE = np.array([COUNTRIES.index(w) for w in WHOLE]).repeat(N)
SECTOR = np.tile(np.arange(N), len(BLOCKS))
CELL = PLACE * N + SECTOR


def wholes(x):
    """Return values of the table's rows summed by country and sector, in table order."""
    return np.bincount(CELL, weights=x, minlength=len(COUNTRIES) * N)


class Dense:
    """The textbook: whole matrices."""

    def __init__(self) -> None:
        table = split_table("merge")
        self.X = table.X
        live = table.X > 0
        self.A = np.where(live, table.Z / np.where(live, table.X, 1), 0)
        self.v = np.where(live, table.VA / np.where(live, table.X, 1), 0)
        self.B = np.linalg.inv(np.eye(n) - self.A)
        Y = table.F.reshape(n, len(BLOCKS), 2).sum(axis=2)
        self.Y = np.stack([Y[:, [w == c for w in WHOLE]].sum(axis=1) for c in COUNTRIES], axis=1)
        self.home = PLACE[:, None] == PLACE[None]
        self.y = self.Y.sum(axis=1)
        self.Y_D = self.Y[np.arange(n), PLACE]
        self.A_F = np.where(self.home, 0, self.A)
        self.L = np.linalg.inv(np.eye(n) - np.where(self.home, self.A, 0))
        self.E = self.A_F @ self.X + self.y - self.Y_D


@pytest.fixture(scope="module")
def dense() -> Dense:
    return Dense()


def test_rows_of_the_system_are_moved(merged):
    assert merged.moved
    assert merged.countries == COUNTRIES
    assert (merged.n, merged.G * merged.N) == (n, 12)


def test_ends_of_chains_are_output_means_of_the_parts(merged, apart):
    for inventories in ("net", "raw"):
        ours = upstreamness(merged, inventories=inventories)
        parts = upstreamness(apart, inventories=inventories)
        X = apart.X
        for name in ("U", "D", "F_GO", "VA_GO"):
            want = wholes(np.nan_to_num(parts[name].to_numpy()) * X) / wholes(X)
            np.testing.assert_allclose(ours[name], want, rtol=1e-12)
        assert list(ours["country"].cat.categories) == list(COUNTRIES)
        world = [upstreamness(io, by="world", inventories=inventories)["U"].item()
                 for io in (merged, apart)]
        assert world[0] == pytest.approx(world[1], rel=1e-12)


def test_countries_weigh_by_what_is_said(merged, dense):
    fine = upstreamness(merged)
    weights = {"output": dense.X, "exports": dense.E, "value-added": dense.v * dense.X}
    for name, weight in weights.items():
        w = wholes(weight).reshape(4, N)
        want = (fine["U"].to_numpy().reshape(4, N) * w).sum(axis=1) / w.sum(axis=1)
        got = upstreamness(merged, by="country", weight=name)["U"]
        np.testing.assert_allclose(got, want, rtol=1e-12)


def test_industries_of_one_country_or_of_the_world(merged, dense):
    fine = upstreamness(merged)["U"].to_numpy().reshape(4, N)
    china = upstreamness(merged, industry="CHN")["U"].to_numpy().reshape(4, N)
    np.testing.assert_allclose(china, np.tile(fine[1], (4, 1)), rtol=1e-13)
    X = wholes(dense.X).reshape(4, N)
    world = upstreamness(merged, industry="world")["U"].to_numpy().reshape(4, N)
    np.testing.assert_allclose(world[2], (fine * X).sum(axis=0) / X.sum(axis=0), rtol=1e-12)


def test_positions_of_a_split_table(merged, dense):
    frame = position(merged, definition="u-d")
    ends = upstreamness(merged)
    np.testing.assert_allclose(frame["position"], ends["U"] - ends["D"], rtol=1e-9, atol=1e-12)
    frame = position(merged, definition="ou-id")
    forward = wholes(dense.v * (dense.B @ dense.B @ dense.y)) / wholes(dense.v * dense.X)
    backward = wholes((dense.v @ dense.B @ dense.B) * dense.y) / wholes(dense.y)
    np.testing.assert_allclose(frame["position"], forward / backward, rtol=1e-11)


def test_propagation_lengths(merged, dense):
    H, links = dense.B @ (dense.B - np.eye(n)), dense.B - np.eye(n)
    steps, links = (dense.v[:, None] * x * dense.y for x in (H, links))
    want = wholes(steps.sum(axis=1)) / wholes(links.sum(axis=1))
    np.testing.assert_allclose(apl(merged)["apl"], want, rtol=1e-11)
    want = wholes(steps.sum(axis=0)) / wholes(links.sum(axis=0))
    np.testing.assert_allclose(apl(merged, direction="backward")["apl"], want, rtol=1e-11)

    def pairs(x, place, size):
        return np.stack([np.bincount(place, weights=row, minlength=size) for row in np.stack(
            [np.bincount(place, weights=col, minlength=size) for col in x.T], axis=1)])

    want = pairs(steps, PLACE, 4) / pairs(links, PLACE, 4)
    np.testing.assert_allclose(apl(merged, by="country-pair")["apl"], want.ravel(), rtol=1e-11)
    want = pairs(steps, CELL, 12) / pairs(links, CELL, 12)
    frame = apl(merged, by="pairwise")
    assert list(frame.columns) == ["country", "sector", "partner", "partner_sector", "apl"]
    np.testing.assert_allclose(frame["apl"], want.ravel(), rtol=1e-10)


def test_flows_between_parts_cross_no_border(merged, apart, dense):
    frame = border_crossings(merged)
    inner = dense.v * (dense.B @ dense.A_F @ dense.B @ dense.y)
    final = dense.v * (dense.B @ (dense.y - dense.Y_D))
    total = wholes(dense.v * dense.X)
    np.testing.assert_allclose(frame["as_input"], wholes(inner) / total, rtol=1e-11)
    np.testing.assert_allclose(frame["as_final"], wholes(final) / total, rtol=1e-11)
    frame = border_crossings(merged, direction="backward")
    inner = (dense.v @ dense.B @ dense.A_F @ dense.B) * dense.y
    np.testing.assert_allclose(frame["as_input"], wholes(inner) / wholes(dense.y), rtol=1e-11)
    fewer, more = (border_crossings(io, by="world")["crossings"].item() for io in (merged, apart))
    assert fewer < more


@pytest.mark.parametrize("sectors", [None, ("a", "c")])
def test_final_output_is_the_countrys_own_or_foreign(merged, dense, sectors):
    frame = final_shares(merged, sectors=sectors)
    own = (np.where(dense.home, dense.B, 0) * dense.v[:, None]).sum(axis=0) * dense.y
    kept = np.isin(np.tile(SECTORS, 4), sectors or SECTORS)
    np.testing.assert_allclose(frame["own"], wholes(own)[kept], rtol=1e-12)
    np.testing.assert_allclose(frame["final_output"], wholes(dense.y)[kept], rtol=1e-12)
    by_country = final_shares(merged, sectors=sectors, by="country")["own"]
    want = np.where(kept, wholes(own), 0).reshape(4, N).sum(axis=1)
    np.testing.assert_allclose(by_country, want, rtol=1e-12)


def test_digital_suppliers_and_users(merged, dense):
    frame = digital_linkages(merged, sectors=["b"])
    links, b = dense.B - np.eye(n), SECTOR == 1
    want = wholes(links[b].sum(axis=0) * dense.X) / wholes(links.sum(axis=0) * dense.X)
    np.testing.assert_allclose(frame["backward"], want, rtol=1e-12)
    want = wholes(links[:, b] @ dense.X[b]) / wholes(links @ dense.X)
    np.testing.assert_allclose(frame["forward"], want, rtol=1e-12)


@pytest.mark.parametrize(("use", "flow"), [("exports", "E"), ("final", "y"), ("output", "X")])
def test_digital_value_by_origin(merged, dense, use, flow):
    frame = digital_value_origin(merged, sectors=["b"], use=use)
    assert list(frame["origin"].cat.categories) == list(COUNTRIES)
    for place, origin in enumerate(COUNTRIES):
        rows = (place == PLACE) & (SECTOR == 1)
        want = wholes((dense.v[rows] @ dense.B[rows]) * getattr(dense, flow))
        got = frame.loc[frame["origin"] == origin, "value"]
        np.testing.assert_allclose(got, want, rtol=1e-11)


@pytest.mark.parametrize("coefficient", ["direct", "complete"])
def test_suppliers_sum_to_the_set(merged, coefficient):
    each = supplier_use(merged, coefficient=coefficient)
    np.testing.assert_allclose(each[list(SECTORS)].sum(axis=1), 1, rtol=1e-12)
    both = digital_inputs(merged, sectors=["a", "c"], coefficient=coefficient)["share"]
    np.testing.assert_allclose(each["a"] + each["c"], both, rtol=1e-12)


def test_output_by_borders(merged, dense):
    frame = participation(merged, definition="output_cells")
    VL = dense.v @ dense.L
    np.testing.assert_allclose(frame["D"], wholes(VL * (dense.L @ dense.Y_D)), rtol=1e-12)
    np.testing.assert_allclose(frame["output"], wholes(dense.X), rtol=1e-12)
    parts = ["D", "RT", "PF", "PB", "TS", "MH_1", "MH_2"]
    np.testing.assert_allclose(frame[parts].sum(axis=1), wholes(dense.X), rtol=1e-12)


def test_sector_exports_of_the_whole(merged, dense):
    for dva, per_row in (("backward", (dense.v @ dense.L) * dense.E),
                         ("forward", dense.v * (dense.L @ dense.E))):
        frame = sector_exports(merged, dva=dva)
        assert not frame.duplicated(["country", "product"]).any()
        np.testing.assert_allclose(frame["value"], wholes(dense.E), rtol=1e-12)
        np.testing.assert_allclose(frame["dva"], wholes(per_row), rtol=1e-11)


def test_extraction_and_inversion_without_the_flow(merged, dense):
    want = [float((dense.v @ dense.L * dense.E)[place == PLACE].sum()) for place in range(4)]
    np.testing.assert_allclose(extraction(merged)["DVA"], want, rtol=1e-10)
    np.testing.assert_allclose(miroudot_ye(merged)["DVA"], want, rtol=1e-10)


def test_imports_of_the_whole(merged, dense):
    frame = imports_frame(merged, "country")
    cells = dense.A * dense.X
    bought = np.stack([cells[:, place == PLACE].sum(axis=1) for place in range(4)], axis=1)
    bought += dense.Y
    bought[np.arange(n), PLACE] = 0
    np.testing.assert_allclose(frame["GIMP"], bought.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(frame["VA"] + frame["DC"], frame["GIMP"], rtol=1e-11)
