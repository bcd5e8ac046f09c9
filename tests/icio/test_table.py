"""IcioTable.from_arrays: what it accepts, what it refuses, what it writes down."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError
from gvckit.icio.table import IcioTable

COUNTRIES, SECTORS = ("CHN", "USA"), ("a", "b")
Z = np.array([[4.0, 1, 2, 0], [1, 5, 0, 1], [0, 1, 3, 2], [1, 0, 1, 4]])
F = np.array([[6.0, 2, 1, 0], [3, 1, 2, 1], [1, 1, 5, 2], [0, 2, 7, 3]])


def build(Z=Z, F=F, **more):
    keywords = {"countries": COUNTRIES, "sectors": SECTORS, "year": 2005, **more}
    return IcioTable.from_arrays(Z, F, **keywords)


def problems_of(*args, **more) -> str:
    with pytest.raises(DataError) as caught:
        build(*args, **more)
    return str(caught.value)


def test_shapes_sums_and_labels():
    table = build(categories=["c", "g"], unit="M USD", source="toy")
    assert (table.G, table.N, table.n, table.K) == (2, 2, 4, 2)
    np.testing.assert_array_equal(table.Y[:, 0], F[:, 0] + F[:, 1])
    np.testing.assert_array_equal(table.Y[:, 1], F[:, 2] + F[:, 3])
    np.testing.assert_array_equal(table.X, Z.sum(1) + F.sum(1))
    np.testing.assert_array_equal(table.VA, table.X - Z.sum(0))
    np.testing.assert_array_equal(table.country_of_row, [0, 0, 1, 1])
    np.testing.assert_array_equal(table.sector_of_row, [0, 1, 0, 1])
    assert table.place(2) == "USA a 2005"
    assert table.audit == ()
    assert "toy 2005: 2 countries x 2 sectors" in repr(table)


def test_categories_are_named_where_none_are_given():
    assert build(F=F[:, ::2]).categories == ("final",)
    assert build().categories == ("f1", "f2")


def test_the_table_is_frozen_and_apart_from_its_input():
    mine = Z.copy()
    table = build(Z=mine)
    mine[0, 0] = 99
    assert table.Z[0, 0] == 4
    for array in (table.Z, table.F, table.X, table.VA, table.Y):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.year = 1


def test_stored_tables_come_back_equal():
    table = build(labels=("CN", "US"), unit="M USD")
    meta = json.loads(json.dumps(table.meta()))
    back = IcioTable.from_stored(table.to_arrays(), meta)
    assert back.hash == table.hash
    assert (back.audit, back.labels, back.year) == (table.audit, table.labels, 2005)
    assert str(table.audit[0]).startswith("CHN: the source's own country label: CN")


def test_hash_follows_content_not_source():
    table = build(source="one")
    assert build(source="two").hash == table.hash
    assert build(year=2006).hash != table.hash
    assert build(sectors=("a", "c")).hash != table.hash
    changed = Z.copy()
    changed[0, 0] += 1e-9
    assert build(Z=changed).hash != table.hash


def test_everything_wrong_is_told_at_once():
    text = problems_of(Z=Z[:3], F=[["x"] * 4] * 4, countries=("CHN", "CHN"), sectors=(),
                       VA=np.zeros(3), year="2005",
                       policy={"outptu": "row-sums", "rounding": "nought", "rounding_unit": -1})
    for part in ("unknown policy 'outptu'; did you mean 'output'?",
                 "unknown choice of policy rounding 'nought'", "policy rounding_unit is -1",
                 "year is '2005'", "countries holds the same name more than once: CHN",
                 "sectors is empty", "F has values of type <U1"):
        assert part in text


@pytest.mark.parametrize(("keywords", "part"), [
    ({"Z": Z[:3]}, "Z has shape (3, 4) (allowed: (4, 4): 2 countries x 2 sectors = 4 rows)"),
    ({"F": F[:, :3]}, "F has 3 columns, not a multiple of 2 countries"),
    ({"F": F[:, :1]}, "F has shape (4, 1)"),
    ({"Z": Z.ravel()}, "Z has shape (16,) (allowed: a matrix)"),
    ({"Z": [[1, 2], [3]]}, "Z is ragged"),
    ({"Z": Z.astype(complex)}, "Z has values of type complex128"),
    ({"Z": Z.astype(str)}, "Z has values of type"),
    ({"Z": None}, "Z holds None"),
    ({"F": [[1, "x", 2, 3]] * 4}, "F has values of type"),
    ({"F": np.array([[1, "x", 2, 3]] * 4, dtype=object)}, "F holds 'x'"),
    ({"X": np.ones(5)}, "X has 5 values (allowed: 4"),
    ({"categories": ["a", "b", "c"]}, "categories has 3 names, but F has 2 columns"),
    ({"categories": ["a", "a"]}, "categories holds the same name more than once: a"),
    ({"countries": "CHN"}, "countries is 'CHN' (allowed: a list of names)"),
    ({"countries": ("CHN", " ")}, "countries holds an empty name"),
    ({"sectors": 7}, "sectors is 7"),
    ({"sectors": {"a"}}, "sectors is {'a'} (allowed: a list of names)"),
    ({"labels": ["CN"]}, "labels has 1 names for 2 countries"),
    ({"policy": "row-sums"}, "policy is 'row-sums'"),
    ({"policy": {"rounding_unit": True}}, "policy rounding_unit is True"),
    ({"policy": {"output": 3}}, "unknown choice of policy output '3'"),
])
def test_faults_in_shape_type_and_labels(keywords, part):
    assert part in problems_of(**keywords)


def test_missing_and_infinite_values_are_placed():
    z, f = Z.copy(), F.copy()
    z[1, 2], f[3, 0] = np.nan, np.inf
    text = problems_of(Z=z, F=f, X=[1, np.nan, 3, 4])
    assert "CHN b 2005: Z holds 1 value that is missing or infinite, first in" in text
    assert "first in the column of USA a" in text
    assert "USA b 2005: F holds 1 value" in text
    assert "CHN b 2005: X holds 1 value" in text


def test_permuted_rows_are_refused_not_sorted():
    swapped = [("CHN", "b"), ("CHN", "a"), ("USA", "a"), ("USA", "b")]
    text = problems_of(row_labels=swapped)
    assert "row_labels rows are permuted: number 1 is 'CHN b', expected 'CHN a'" in text
    sector_major = pd.MultiIndex.from_product([SECTORS, COUNTRIES]).swaplevel()
    text = problems_of(Z=pd.DataFrame(Z, index=sector_major, columns=sector_major),
                       X=pd.Series(np.ones(4), index=sector_major))
    for name in ("Z rows are permuted", "Z columns are permuted", "X rows are permuted"):
        assert name in text
    other = pd.MultiIndex.from_product([COUNTRIES, ("a", "c")])
    assert "VA rows are labelled otherwise" in problems_of(VA=pd.Series(np.ones(4), index=other))
    assert "carry 2 labels for 4" in problems_of(row_labels=swapped[:2])


def test_labelled_frames_in_order_are_taken():
    index = pd.MultiIndex.from_product([("CN", "US"), SECTORS])
    final = pd.MultiIndex.from_product([("CN", "US"), ("c", "g")])
    table = build(Z=pd.DataFrame(Z, index=index, columns=index),
                  F=pd.DataFrame(F, index=index, columns=final), labels=("CN", "US"),
                  categories=("c", "g"))
    np.testing.assert_array_equal(table.Z, Z)
    flipped = final[[2, 3, 0, 1]]
    assert "F columns are permuted" in problems_of(
        F=pd.DataFrame(F, index=index, columns=flipped), labels=("CN", "US"),
        categories=("c", "g"))
