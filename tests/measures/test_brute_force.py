"""Every measure against the handbook's equations with explicit inverses, on random tables."""

from __future__ import annotations

import numpy as np
import pytest
from brute_force import Brute
from hypothesis import given, settings
from hypothesis import strategies as st

from gvckit.icio.table import IcioTable
from gvckit.measures.digital_inputs import digital_inputs
from gvckit.measures.kww import kww
from gvckit.measures.lengths import lengths
from gvckit.measures.participation import participation
from gvckit.measures.position import position
from gvckit.measures.production import production

CLOSE = {"rtol": 1e-9, "atol": 1e-9}


def random_table(seed: int, G: int, N: int, empty: bool = False) -> IcioTable:
    rng = np.random.default_rng(seed)
    n = G * N
    A = rng.uniform(0, 1, (n, n)) * (rng.uniform(size=(n, n)) < 0.8) + 0.01
    A *= rng.uniform(0.2, 0.7, n) / A.sum(axis=0)
    F = rng.uniform(0.1, 10, (n, G))
    F[-1, 0] = -0.5  # a fall in stocks
    F[-1, 1] += 0.5  # and yet output
    if empty:
        A[0], A[:, 0], F[0] = 0, 0, 0
    X = np.linalg.solve(np.eye(n) - A, F.sum(axis=1))
    return IcioTable.from_arrays(A * X, F, countries=[f"C{g}" for g in range(G)],
                                 sectors=[f"s{i}" for i in range(N)])


tables = st.builds(random_table, st.integers(0, 10**6), st.integers(2, 4), st.integers(2, 3),
                   st.booleans())


def ratio(a, b):
    with np.errstate(invalid="ignore", divide="ignore"):
        return a / b


def blank(values, table):
    return np.where(table.X > 0, values, np.nan)


@settings(max_examples=20, deadline=None)
@given(tables, st.sampled_from(["forward", "backward"]))
def test_production_and_lengths(table, direction):
    brute, axis = Brute(table), 1 if direction == "forward" else 0
    value = {name: M.sum(axis=axis) for name, M in brute.production().items()}
    got = production(table, direction=direction)
    for name, expected in value.items():
        np.testing.assert_allclose(got[name], expected, **CLOSE)
    GVC = value["GVC_S"] + value["GVC_C"]
    np.testing.assert_allclose(got["participation"], blank(ratio(GVC, value["total"]), table),
                               **CLOSE)
    by_part = {"PL": value["total"], "PL_D": value["D"], "PL_RT": value["RT"], "PL_GVC": GVC,
               "CB": GVC, **{f"PL_GVC_{k}_{g}": value[f"GVC_{k}"] for k in "SC"
                             for g in ("dom", "intl")}}
    got = lengths(table, direction=direction)
    country = lengths(table, direction=direction, by="country")
    for name, M in brute.lengths().items():
        stages = M.sum(axis=axis)
        np.testing.assert_allclose(got[name], blank(ratio(stages, by_part[name]), table),
                                   rtol=1e-8)
        sums = [x.reshape(table.G, table.N).sum(axis=1) for x in (stages, by_part[name])]
        np.testing.assert_allclose(country[name], sums[0] / sums[1], rtol=1e-8)


@settings(max_examples=15, deadline=None)
@given(tables)
def test_kww_and_koopman(table):
    brute = Brute(table)
    expected = [brute.kww(s) for s in range(table.G)]
    got = kww(table)
    for name in ("exports", *(f"T{k}" for k in range(1, 10))):
        np.testing.assert_allclose(got[name], [e[name] for e in expected], **CLOSE)
    pick = {
        "t3": lambda e: e["T3"], "t3-returned": lambda e: e["T3"] + e["T4"] + e["T5"],
        "vs1": lambda e: e["VS1"], "fva": lambda e: e["T7"] + e["T8"],
        "fc": lambda e: e["T7"] + e["T8"] + e["T9"]}
    for iv in ("t3", "t3-returned", "vs1"):
        for fv in ("fva", "fc"):
            frame = position(table, definition="koopman", iv=iv, fv=fv)
            IV, FV, E = (np.array([f(e) for e in expected])
                         for f in (pick[iv], pick[fv], lambda e: e["exports"]))
            np.testing.assert_allclose(frame["iv"], IV, **CLOSE)
            np.testing.assert_allclose(frame["fv"], FV, **CLOSE)
            np.testing.assert_allclose(frame["position"], np.log(1 + IV / E) - np.log(1 + FV / E),
                                       **CLOSE)
            frame = participation(table, definition="koopman", iv=iv, fv=fv)
            np.testing.assert_allclose(frame["participation"], (IV + FV) / E, **CLOSE)


@settings(max_examples=15, deadline=None)
@given(tables)
def test_wwz_sums(table):
    brute = Brute(table)
    terms = {k: [] for k in (3, 4, 5, 11, 12, 14, 15)}
    for s in range(table.G):
        flows = [brute.wwz(s, r) for r in brute.others(s)]
        for k in terms:
            terms[k].append(sum(flow[k] for flow in flows))
    sums = {k: np.concatenate(parts) for k, parts in terms.items()}
    t45 = sums[4] + sums[5]
    fva = sums[11] + sums[12] + sums[14] + sums[15]
    for iv, expected in (("wwz-t345", sums[3] + t45), ("wwz-t45", t45)):
        frame = position(table, definition="koopman", iv=iv, fv="wwz-fva", by="country-sector")
        np.testing.assert_allclose(frame["iv"], expected, **CLOSE)
        np.testing.assert_allclose(frame["fv"], fva, **CLOSE)
        country = position(table, definition="koopman", iv=iv, fv="wwz-fva")
        np.testing.assert_allclose(
            country["iv"], expected.reshape(table.G, table.N).sum(axis=1), **CLOSE)


@settings(max_examples=15, deadline=None)
@given(tables)
def test_bilateral_tripartite(table):
    brute = Brute(table)
    got = participation(table, definition="tripartite", by="bilateral-sector")
    for (exporter, importer), cells in got.groupby(["exporter", "importer"], observed=True):
        expected = brute.tripartite(int(str(exporter)[1:]), int(str(importer)[1:]))
        for name, values in expected.items():
            np.testing.assert_allclose(cells[name], values * (values != 0) if name == "exports"
                                       else np.where(expected["exports"] == 0, 0, values), **CLOSE)
    assert len(got) == table.n * (table.G - 1)


@settings(max_examples=15, deadline=None)
@given(tables, st.sampled_from(["direct", "complete"]))
def test_digital_inputs(table, coefficient):
    brute = Brute(table)
    M = brute.A if coefficient == "direct" else brute.B - np.eye(table.n)
    digital = table.sector_of_row == 1
    home = table.country_of_row[:, None] == table.country_of_row[None, :]
    origins = {"all": np.ones_like(home), "domestic": home, "foreign": ~home}
    total = M.sum(axis=0)
    for origin, mask in origins.items():
        got = digital_inputs(table, sectors=["s1"], coefficient=coefficient, origin=origin)
        part = (M * mask)[digital].sum(axis=0)
        value = ((brute.v[:, None] * brute.B) * mask)[digital].sum(axis=0)
        np.testing.assert_allclose(got["coefficient"], blank(part, table), **CLOSE)
        np.testing.assert_allclose(got["share"], blank(ratio(part, total), table), **CLOSE)
        np.testing.assert_allclose(got["digital_va_share"], blank(value, table), **CLOSE)
        country = digital_inputs(table, sectors=["s1"], coefficient=coefficient, origin=origin,
                                 by="country")
        weigh = [(x * table.X).reshape(table.G, table.N).sum(axis=1) for x in (part, total)]
        np.testing.assert_allclose(country["share"], weigh[0] / weigh[1], **CLOSE)


@pytest.mark.parametrize("definition", ["trade", "tripartite"])
def test_world_forward_equals_world_backward(definition):
    frame = participation(random_table(5, 4, 3), definition="tripartite", by="world")
    assert frame["PF"][0] == pytest.approx(frame["PB"][0], rel=1e-12)
