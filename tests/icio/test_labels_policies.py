"""Missing cells, and labels that are permuted, repeated or absent: refused, or mended and told."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError
from gvckit.icio.table import IcioTable

COUNTRIES, SECTORS, USES = ("CHN", "DEU", "USA"), ("a", "b"), ("use", "stocks")
ROWS = pd.MultiIndex.from_product([COUNTRIES, SECTORS])
COLUMNS = pd.MultiIndex.from_product([COUNTRIES, USES])
rng = np.random.default_rng(5)
Z = pd.DataFrame(rng.uniform(0, 2, (6, 6)), ROWS, ROWS)
F = pd.DataFrame(rng.uniform(4, 9, (6, 6)), ROWS, COLUMNS)
X = Z.sum(axis=1) + F.sum(axis=1)


def build(Z=Z, F=F, **more):
    keywords = {"countries": COUNTRIES, "sectors": SECTORS, "categories": USES, "year": 2005}
    return IcioTable.from_arrays(Z, F, **(keywords | more))


def refused(*args, **more) -> str:
    with pytest.raises(DataError) as caught:
        build(*args, **more)
    return str(caught.value)


def same(one, other):
    for name in ("Z", "F", "X", "VA"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-14, atol=0)
    assert one.countries == other.countries
    assert one.sectors == other.sectors


def entries(table, policy):
    json.dumps(table.meta(), allow_nan=False)
    return [e for e in table.audit if e.policy == policy]


REORDER, SUM, ZERO = ({"permuted_labels": "reorder"}, {"duplicate_labels": "sum"},
                      {"missing_countries": "zero"})


def test_labels_in_order_leave_no_trace():
    table = build(X=X, policy={**REORDER, **SUM, **ZERO, "missing_values": "zero"})
    same(table, build())
    assert table.audit == ()
    assert table.hash == build().hash


def test_permuted_labels_are_refused_or_reordered():
    mixed = [3, 0, 5, 1, 4, 2]
    z, f, x = Z.iloc[mixed, mixed], F.iloc[mixed, [2, 3, 0, 1, 5, 4]], X.iloc[mixed]
    text = refused(z, f, X=x)
    for name in ("Z rows", "Z columns", "F rows", "F columns", "X rows"):
        assert f"{name} are permuted" in text
    table = build(z, f, X=x, policy=REORDER)
    same(table, build())
    found = entries(table, "permuted_labels=reorder")
    assert found[0].action == "brought into the declared order"
    # Rows may be labelled apart from bare arrays.
    labels = [tuple(pair) for pair in z.index]
    table = build(z.to_numpy(), F.iloc[mixed].to_numpy(), row_labels=labels, policy=REORDER)
    same(table, build())


def test_source_labels_are_understood():
    own = {"CHN": "CN", "DEU": "DE", "USA": "US"}
    z, f = (frame.rename(index=own, columns=own, level=0) for frame in (Z, F))
    flipped = z.index[::-1]
    table = build(z.loc[flipped, flipped], f.loc[flipped], labels=("CN", "DE", "US"),
                  policy=REORDER)
    same(table, build())
    assert table.labels == ("CN", "DE", "US")


def test_repeated_labels_are_refused_or_added():
    # DEU b comes in two rows and columns.
    labels = [*ROWS, ("DEU", "b")]
    half = np.vstack([np.eye(6), np.eye(6)[3]])
    half[[3, 6]] *= 0.5
    z = pd.DataFrame(half @ Z.to_numpy() @ half.T, labels, labels)
    z.index = z.columns = pd.MultiIndex.from_tuples(labels)
    f = pd.DataFrame(half @ F.to_numpy(), z.index, COLUMNS)
    text = refused(z, f)
    assert "Z rows: label given more than once: DEU b" in text
    assert "policy: {duplicate_labels: sum}" in text
    table = build(z, f, policy=SUM)
    same(table, build())
    entry, = entries(table, "duplicate_labels=sum")
    assert entry.where == ("DEU", "b")


def test_a_country_declared_twice_is_refused_or_added():
    twice = ("CHN", "DEU", "CHN")
    text = refused(Z.to_numpy(), F.to_numpy(), countries=twice)
    assert "countries holds the same name more than once: CHN" in text
    table = build(Z.to_numpy(), F.to_numpy(), countries=twice, policy=SUM)
    assert table.countries == ("CHN", "DEU")
    gather = np.array([[1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1], [0, 0, 1, 0, 0, 0],
                       [0, 0, 0, 1, 0, 0]])
    np.testing.assert_allclose(table.Z, gather @ Z.to_numpy() @ gather.T)
    np.testing.assert_allclose(table.F, gather @ F.to_numpy() @ gather.T)
    assert {e.where[0] for e in entries(table, "duplicate_labels=sum")} == {"CHN"}


def test_absent_countries_are_refused_or_empty():
    # No row of DEU, no column of its demand, and no row of USA b.
    kept = [0, 1, 4]
    z, f = Z.iloc[kept, kept], F.iloc[kept, [0, 1, 4, 5]]
    text = refused(z, f)
    assert "Z rows: no row or column of that name: DEU, USA b" in text
    assert "F columns: no row or column of that name: DEU" in text
    assert "policy: {missing_countries: zero}" in text
    table = build(z, f, policy=ZERO)
    assert table.countries == COUNTRIES
    np.testing.assert_array_equal(table.X > 0, [1, 1, 0, 0, 1, 0])
    np.testing.assert_allclose(table.Z[np.ix_(kept, kept)], z)
    assert table.Z.sum() == pytest.approx(z.to_numpy().sum())
    assert not table.F[:, 2:4].any()
    assert [e.where for e in entries(table, "missing_countries=zero")][:2] == [
        ("DEU", ""), ("USA", "b")]


def test_all_at_once_or_everything_that_is_wrong():
    kept = [4, 1, 0, 1]
    labels = pd.MultiIndex.from_tuples([ROWS[k] for k in kept])
    z = pd.DataFrame(Z.to_numpy()[np.ix_(kept, kept)], labels, labels)
    f = pd.DataFrame(F.to_numpy()[kept], labels, COLUMNS)
    text = refused(z, f)
    assert "label given more than once: CHN b" in text
    assert "no row or column of that name: DEU, USA b" in text
    table = build(z, f, policy={**REORDER, **SUM, **ZERO})
    np.testing.assert_allclose(table.F[1], 2 * F.to_numpy()[1])
    np.testing.assert_allclose(table.Z[0, 1], 2 * Z.to_numpy()[0, 1])
    assert {e.policy.partition("=")[0] for e in table.audit} >= {
        "permuted_labels", "duplicate_labels", "missing_countries"}


def test_names_that_nobody_declared_stay_refused():
    other = pd.MultiIndex.from_product([("CHN", "DEU", "FRA"), SECTORS])
    text = refused(Z.set_axis(other).set_axis(other, axis=1), F,
                   policy={**REORDER, **SUM, **ZERO})
    assert "labelled otherwise than the countries and sectors say" in text


def test_missing_cells_are_refused_or_zero():
    z, f = Z.copy(), F.copy()
    z.iloc[1, 2] = z.iloc[1, 3] = f.iloc[3, 0] = np.nan
    assert "CHN b 2005: Z holds 2 values that are missing or infinite" in refused(z, f)
    table = build(z, f, policy={"missing_values": "zero"})
    same(table, build(z.fillna(0), f.fillna(0)))
    found = entries(table, "missing_values=zero")
    assert [(e.where, e.defect, e.before, e.after) for e in found] == [
        (("CHN", "b"), "2 cells of Z are missing", "missing", 0.0),
        (("DEU", "b"), "1 cells of F are missing", "missing", 0.0)]
    z.iloc[0, 0] = np.inf
    text = refused(z, f, X=X.where(X.index != ("USA", "a")), policy={"missing_values": "zero"})
    assert "CHN a 2005: Z holds 1 value that is missing or infinite, first in" in text
    assert "first in the column of CHN a" in text
    assert "USA a 2005: X holds 1 value" in text


@pytest.mark.parametrize("policy", ["missing_values", "permuted_labels", "duplicate_labels",
                                    "missing_countries"])
def test_the_word_must_be_known(policy):
    assert f"unknown choice of policy {policy} 'guess'" in refused(policy={policy: "guess"})
