"""Positions against their equations with explicit inverses, on random tables."""

from __future__ import annotations

import numpy as np
import pytest
from explicit import Explicit, stocked_table, tables
from hypothesis import given, settings
from hypothesis import strategies as st

import gvckit as gk
from gvckit.icio.table import IcioTable

CLOSE = {"rtol": 1e-9, "atol": 1e-9}
same = np.testing.assert_allclose


def ratio(a, b):
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.abs(b) > 0, a / b, np.nan)


@settings(max_examples=40, deadline=None)
@given(tables, st.sampled_from(["net", "raw"]))
def test_upstreamness(table, inventories):
    brute = Explicit(table)
    got = gk.upstreamness(table, inventories=inventories)
    expected = brute.ends(inventories == "net")
    for name, values in expected.items():
        same(got[name], values, err_msg=name, **CLOSE)
    assert (got["U"].dropna() >= 1 - 1e-12).all()
    assert got.attrs["uncorrected"] == []
    for weight, size in (("output", brute.X), ("value-added", brute.VA),
                         ("exports", gk.accounts(table)["E"].to_numpy())):
        for by, total in (("country", brute.by_country), ("world", lambda x: x.sum()[None])):
            coarse = gk.upstreamness(table, inventories=inventories, weight=weight, by=by)
            for name, values in expected.items():
                same(coarse[name], ratio(total(size * np.nan_to_num(values)), total(
                    np.where(brute.positive, size, 0))), err_msg=f"{weight} {name}", **CLOSE)
            assert {"output": "gross output", "exports": "gross exports",
                    "value-added": "value added"}[weight] in coarse.attrs["definition"]


@settings(max_examples=20, deadline=None)
@given(tables)
def test_the_net_correction_is_the_table_without_inventories(table):
    """Scaling rows back to output by hand gives a table whose raw upstreamness is the net one."""
    brute = Explicit(table)
    factor = ratio(brute.X, brute.X - brute.inventory())
    factor = np.where(brute.positive, factor, 1)[:, None]
    F = table.F.reshape(table.n, table.G, 2)[:, :, 0]
    without = IcioTable.from_arrays(table.Z * factor, F * factor, countries=table.countries,
                                    sectors=table.sectors)
    same(without.X, table.X, rtol=1e-12, atol=1e-9)
    one, other = gk.upstreamness(table), gk.upstreamness(without, inventories="raw")
    for name in ("U", "D", "F_GO", "VA_GO"):
        same(one[name], other[name], **CLOSE)


@settings(max_examples=20, deadline=None)
@given(tables)
def test_industries_of_others(table):
    X = table.X.reshape(table.G, table.N)
    own = gk.upstreamness(table)["U"].to_numpy().reshape(table.G, table.N)
    E = gk.accounts(table)["E"].to_numpy().reshape(table.G, table.N)
    world = ratio((X * np.nan_to_num(own)).sum(axis=0), X.sum(axis=0))
    for industry, values in (("world", world), ("C1", own[1])):
        got = gk.upstreamness(table, industry=industry, weight="exports", by="country")["U"]
        same(got, ratio((E * np.nan_to_num(values)).sum(axis=1),
                        (E * (X > 0) * ~np.isnan(values)).sum(axis=1)), **CLOSE)


@settings(max_examples=30, deadline=None)
@given(tables)
def test_position_by_ends_of_chains(table):
    brute = Explicit(table)
    OU = brute.blank(ratio(brute.B @ brute.X, brute.X))
    ID = brute.blank(brute.B.sum(axis=0))
    got = gk.position(table, definition="ou-id")
    for name, values in (("position", OU / ID), ("forward", OU), ("backward", ID)):
        same(got[name], values, **CLOSE)
    coarse = gk.position(table, definition="ou-id", by="country")
    forward = ratio(brute.by_country(brute.v * (brute.B @ brute.X)), brute.by_country(brute.VA))
    backward = ratio(brute.by_country(brute.B.sum(axis=0) * brute.y), brute.by_country(brute.y))
    same(coarse["position"], forward / backward, **CLOSE)
    ends = brute.ends(net=True)
    got = gk.position(table, definition="u-d")
    same(got["position"], ends["U"] - ends["D"], **CLOSE)
    raw = gk.position(table, definition="u-d", inventories="raw")
    same(raw["position"], OU - ID, **CLOSE)
    assert abs(gk.position(table, definition="u-d", by="world")["position"].item()) < 1e-12


@settings(max_examples=30, deadline=None)
@given(tables)
def test_border_crossings(table):
    brute = Explicit(table)
    V, Y = np.diag(brute.v), np.diag(brute.y)
    inputs = V @ brute.B @ brute.AF @ brute.B @ Y
    finals = V @ brute.B @ np.diag(brute.yF)
    world = []
    for axis, direction, total in ((1, "forward", brute.VA), (0, "backward", brute.y)):
        got = gk.border_crossings(table, direction=direction)
        as_input, as_final = inputs.sum(axis=axis), finals.sum(axis=axis)
        same(got["as_input"], brute.blank(ratio(as_input, total)), **CLOSE)
        same(got["as_final"], brute.blank(ratio(as_final, total)), **CLOSE)
        same(got["crossings"], brute.blank(ratio(as_input + as_final, total)), **CLOSE)
        same(got["value_chain"], gk.lengths(table, direction=direction)["CB"], **CLOSE)
        world.append(gk.border_crossings(table, direction=direction, by="world"))
    accounts = gk.accounts(table, by="world")
    for frame in world:
        same(frame["crossings"], accounts["E"] / accounts["VA"], rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(tables)
def test_average_propagation_lengths(table):
    brute = Explicit(table)
    B, one = brute.B, np.eye(brute.n)
    H = B @ (B - one)
    pairs = np.where(one > 0, ratio(H, B - 1), ratio(H, B))
    pairs[~brute.positive], pairs[:, ~brute.positive] = np.nan, np.nan
    got = gk.apl(table, by="pairwise")
    same(got["apl"].to_numpy().reshape(brute.n, -1), pairs, rtol=1e-8)
    assert list(got.columns) == ["country", "sector", "partner", "partner_sector", "apl"]
    assert tuple(got.iloc[1, 2:4]) == (("C0", "s1") if table.N > 1 else ("C1", "s0"))
    V, Y = np.diag(brute.v), np.diag(brute.y)
    steps, links = V @ H @ Y, V @ (B - one) @ Y
    for axis, direction in ((1, "forward"), (0, "backward")):
        fine = gk.apl(table, direction=direction)["apl"]
        same(fine, brute.blank(ratio(steps.sum(axis=axis), links.sum(axis=axis))), **CLOSE)
        coarse = gk.apl(table, direction=direction, by="country")["apl"]
        same(coarse, ratio(brute.by_country(steps.sum(axis=axis)),
                           brute.by_country(links.sum(axis=axis))), **CLOSE)
        same(gk.apl(table, direction=direction, by="world")["apl"], steps.sum() / links.sum(),
             **CLOSE)
    blocks = [brute.by_country(brute.by_country(M).T).T for M in (steps, links)]
    same(gk.apl(table, by="country-pair")["apl"], ratio(*blocks).ravel(), **CLOSE)
    raw = gk.upstreamness(table, inventories="raw")
    same(gk.apl(table)["apl"], ratio(raw["U"] - 1, 1 - raw["F_GO"]), **CLOSE)
    same(gk.apl(table, direction="backward")["apl"], ratio(raw["D"] - 1, 1 - raw["VA_GO"]),
         **CLOSE)


@settings(max_examples=30, deadline=None)
@given(tables)
def test_output_cells(table):
    brute = Explicit(table)
    got, cells = gk.participation(table, definition="output_cells"), brute.output_cells()
    for name, values in cells.items():
        same(got[name], values, err_msg=name, **CLOSE)
    same(sum(cells.values()), table.X, **CLOSE)
    for by, total in (("country-sector", lambda x: x), ("country", brute.by_country),
                      ("world", lambda x: x.sum()[None])):
        frame = gk.participation(table, definition="output_cells", by=by)
        size = total(table.X)
        beyond = total(cells["PF"] + cells["PB"] + cells["TS"] + cells["MH_2"])
        same(frame["participation"], ratio(beyond, size), **CLOSE)
        same(frame["forward"], ratio(total(cells["PF"]), size), **CLOSE)
        same(frame["backward"], ratio(total(cells["PB"] + cells["MH_2"]), size), **CLOSE)


def test_output_cells_are_not_clamped():
    """Where domestic content exceeds 1, import content is negative, and stays so."""
    base = stocked_table(3, 2, 2)
    Z = base.Z.copy()
    # The first sector of the second country buys more than it sells.
    Z[0, 2] += 0.9 * base.X[2]
    table = IcioTable.from_arrays(Z, base.F, countries=base.countries, sectors=base.sectors,
                                  categories=base.categories)
    assert table.VA[2] < 0
    got, cells = gk.participation(table, definition="output_cells"), Explicit(table).output_cells()
    assert min(values.min() for values in cells.values()) < 0
    for name, values in cells.items():
        same(got[name], values, **CLOSE)


@settings(max_examples=30, deadline=None)
@given(tables)
def test_final_shares(table):
    brute = Explicit(table)
    value = np.diag(brute.v) @ brute.B @ np.diag(brute.y)
    by_origin = brute.by_country(value)
    own = np.array([by_origin[j // table.N, j] for j in range(table.n)])
    got = gk.final_shares(table)
    same(got["final_output"], brute.y, **CLOSE)
    same(got["own"], own, **CLOSE)
    same(got["foreign"], by_origin.sum(axis=0) - own, **CLOSE)
    same(got["own_share"], brute.blank(ratio(own, brute.y)), **CLOSE)
    some = gk.final_shares(table, sectors=["s0"], by="world")
    at = np.arange(table.n) % table.N == 0
    same(some["own_share"], own[at].sum() / brute.y[at].sum(), **CLOSE)
    only = gk.final_shares(table, sectors=["s0"])
    assert list(only["sector"].unique()) == ["s0"]
    same(only["own"], own[at], **CLOSE)
    assert only.attrs["definition"]


def ready(table):
    return {
        "net": gk.upstreamness(table), "raw": gk.upstreamness(table, inventories="raw"),
        "u-d": gk.position(table, definition="u-d"),
        "ou-id": gk.position(table, definition="ou-id"),
        "crossings": gk.border_crossings(table), "apl": gk.apl(table),
        "shares": gk.final_shares(table)[["country", "sector", "own_share", "foreign_share"]],
        "cells": gk.participation(table, definition="output_cells")[
            ["country", "sector", "participation", "forward", "backward"]],
    }


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_units_do_not_matter(factor):
    table = stocked_table(5, 4, 3, empty=True)
    scaled = IcioTable.from_arrays(
        table.Z * factor, table.F * factor, countries=table.countries, sectors=table.sectors,
        categories=table.categories)
    for name, one in ready(table).items():
        other = ready(scaled)[name]
        for column in one.columns[2:]:
            same(other[column], one[column], rtol=1e-10, err_msg=f"{name} {column}")


def test_order_and_names_do_not_matter():
    table = stocked_table(6, 4, 3)
    countries, sectors = [2, 0, 3, 1], [1, 2, 0]
    rows = [c * 3 + s for c in countries for s in sectors]
    F = table.F.reshape(12, 4, 2)[rows][:, countries].reshape(12, 8)
    other = IcioTable.from_arrays(
        table.Z[np.ix_(rows, rows)], F, countries=[f"N{c}" for c in countries],
        sectors=[f"i{s}" for s in sectors], categories=table.categories)
    for name, one in ready(table).items():
        moved = ready(other)[name]
        for column in one.columns[2:]:
            same(moved[column], one[column].to_numpy()[rows], rtol=1e-10, err_msg=name)
