"""Every measure with every word, at its finest and its coarsest level: permuted, rescaled by 1e-6
and 1e6, relabelled; and the shape that every result has."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.errors import DataError
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.registry import MEASURES, SWITCH

COUNTRIES, SECTORS, CATEGORIES = ("A", "B", "C", "D"), ("x", "y", "z"), ("use", "inventories")
FREE = {"sectors": ["y"], "inventory": "inventories", "industry": "B", "exporters": ["A", "C"],
        "origin": ["A", "C"], "origin_sector": ["x", "z"], "exporter": ["B"], "producer": ["B"],
        "sector": ["y"], "importer": ["C", "D"], "destination": ["A", "B"]}
KEYS = ("country", "exporter", "producer", "sector", "importer", "origin", "origin_sector",
        "destination", "partner", "partner_sector")


def table() -> IcioTable:
    rng = np.random.default_rng(17)
    n = len(COUNTRIES) * len(SECTORS)
    A = rng.uniform(size=(n, n)) * (rng.uniform(size=(n, n)) < 0.8)
    A *= rng.uniform(0.3, 0.7, n) / A.sum(axis=0)
    F = rng.uniform(1, 10, (n, len(COUNTRIES), 2))
    F[..., 1] = rng.uniform(-3, 2, F.shape[:2])
    A[7], A[:, 7], F[7] = 0.0, 0.0, 0.0
    X = np.linalg.solve(np.eye(n) - A, F.sum(axis=(1, 2)))
    X[7] = 0.0
    return IcioTable.from_arrays(A * X, F.reshape(n, -1), countries=COUNTRIES, sectors=SECTORS,
                                 categories=CATEGORIES, year=2001, unit="M USD")


TABLE = table()
IO = Leontief(TABLE)


def cases():
    """Yield measure, arguments and level: each word once, everything else at its default."""
    for row in MEASURES.values():
        if row.name == "digital-placebo":
            continue  # its sets are drawn by name: test_digital_placebo.py
        needed = {p.name: FREE[p.name] for p in row.parameters if p.required}
        options = [{}]
        for parameter in row.parameters:
            words = list(parameter.allowed) or [FREE[parameter.name]]
            for word in words:
                word = word == "yes" if parameter.allowed == SWITCH else word
                name, _, other = parameter.only.partition("=")
                options.append({parameter.name: word} | ({name: other} if name else {}))
        for option in options:
            arguments = needed | option
            if arguments.get("definition") == "koopman":
                arguments = {"iv": "wwz-t345", "fv": "wwz-fva"} | arguments
            if "producer" in arguments:
                arguments = {"use": "final"} | arguments
            levels = list(row.levels(arguments))
            for level in dict.fromkeys((levels[0], levels[-1])):
                if level == "country-sector" and {"t3", "t3-returned", "vs1", "fva"} & {
                        str(word) for word in arguments.values()}:
                    continue
                words = " ".join(f"{k}={v}" for k, v in option.items())
                yield pytest.param(row, arguments, level, id=f"{row.name} {words} {level}")


CASES = list(cases())
every_case = pytest.mark.parametrize(("row", "arguments", "level"), CASES)


def compute(row, system, arguments, level):
    return row.load()(system, level=level, **arguments)


def keys_of(frame):
    return [key for key in KEYS if key in frame.columns]


def sorted_rows(frame, names):
    keys = keys_of(frame)
    out = frame.astype(dict.fromkeys(keys, str))
    for key in keys:
        out[key] = out[key].map(lambda name: names.get(name, name))
    return out.sort_values(keys, ignore_index=True) if keys else out


@every_case
def test_order_and_names_do_not_matter(row, arguments, level):
    countries, sectors = [2, 0, 3, 1], [1, 2, 0]
    rows = np.array([c * 3 + i for c in countries for i in sectors])
    columns = np.array([c * 2 + k for c in countries for k in range(2)])
    new = {name: f"new {name}" for name in (*COUNTRIES, *SECTORS)}
    other = IcioTable.from_arrays(
        TABLE.Z[np.ix_(rows, rows)], TABLE.F[rows][:, columns],
        countries=[new[COUNTRIES[c]] for c in countries],
        sectors=[new[SECTORS[i]] for i in sectors], categories=CATEGORIES)
    said = {name: [new.get(v, v) for v in value] if isinstance(value, list)
            else new.get(value, value) for name, value in arguments.items()}
    got = compute(row, Leontief(other), said, level).rename(columns=dict(
        zip(new.values(), new, strict=True)))
    want = compute(row, IO, arguments, level)
    pd.testing.assert_frame_equal(
        sorted_rows(got, {})[list(want.columns)], sorted_rows(want, new), rtol=1e-10, atol=1e-11)


@every_case
@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_units_scale_levels_and_leave_ratios(row, arguments, level, factor):
    other = IcioTable.from_arrays(TABLE.Z * factor, TABLE.F * factor, countries=COUNTRIES,
                                  sectors=SECTORS, categories=CATEGORIES)
    got = compute(row, Leontief(other), arguments, level)
    want = compute(row, IO, arguments, level)
    fixed = {*want.attrs.get("ratios", ()), "zero", "apl"}
    size = np.nanmax(np.abs(want.select_dtypes("number").to_numpy()))
    for name in want.select_dtypes("number"):
        scale = 1.0 if name in fixed else factor
        np.testing.assert_allclose(got[name] / scale, want[name], rtol=1e-10, atol=1e-13 * size,
                                   err_msg=name)


@every_case
def test_results_have_keys_in_table_order_and_say_what_they_are(row, arguments, level):
    frame = compute(row, IO, arguments, level)
    keys = row.levels(arguments)[level]
    roles = {"country", "exporter", "producer"}
    for key, column in zip(keys, frame.columns, strict=False):
        assert key == column or {key, column} <= roles
        assert isinstance(frame[column].dtype, pd.CategoricalDtype)
        assert list(frame[column].cat.categories) == list(
            SECTORS if column.endswith("sector") else COUNTRIES)
        assert not frame[column].cat.ordered
    assert frame[list(frame.columns[:len(keys)])].equals(
        frame.sort_values(list(frame.columns[:len(keys)]), kind="stable")[
            list(frame.columns[:len(keys)])]) if keys else len(frame) == 1
    for name in frame.columns[len(keys):]:
        assert frame[name].dtype == np.float64, name
    assert frame.attrs["definition"]
    assert frame.attrs["unit"] in ("M USD", "share", "ratio", "stages", "log points", "crossings")
    assert frame.attrs["identities"]
    assert max(frame.attrs["identities"].values()) < 1e-12
    assert json.loads(json.dumps(frame.attrs)) == frame.attrs
    assert list(frame.index) == list(range(len(frame)))
    again = compute(row, TABLE, arguments, level)
    pd.testing.assert_frame_equal(frame, again, check_exact=True)


@every_case
def test_own_country_rows_are_left_out_of_flows(row, arguments, level):
    frame = compute(row, IO, arguments, level)
    if {"exporter", "importer"} <= set(frame.columns):
        assert (frame["exporter"].astype(str) != frame["importer"].astype(str)).all()


SPOILS = {"output": ("X", slice(None), 1 + 1e-6), "one output": ("X", 4, 1 + 1e-6),
          "value added": ("VA", slice(None), 1 + 1e-6), "one value added": ("VA", 4, 1 + 1e-6),
          "one sale": ("Z", (4, 9), 1 + 1e-5), "final demand": ("F", (4, 2), 1 + 1e-5)}


@pytest.mark.parametrize("name", SPOILS)
@pytest.mark.parametrize(("row", "arguments", "level"), [
    case for case in CASES if next(iter(case.values[0].levels(case.values[1]))) == case.values[2]])
def test_an_identity_that_fails_is_an_error_with_its_place(row, arguments, level, name):
    """A table that skips the validator and is out by a millionth: no measure passes it over."""
    field, at, factor = SPOILS[name]
    parts = {key: getattr(TABLE, key).copy() for key in ("Z", "F", "VA", "X")}
    parts[field][at] *= factor
    broken = IcioTable(**parts, countries=COUNTRIES, sectors=SECTORS, categories=CATEGORIES,
                       year=2001)
    with pytest.raises(DataError, match=r"([A-D] [xyz] 2001|[A-D] 2001|world 2001).*: identity "
                                        r"fails: .+: \S+ instead of \S+"):
        compute(row, broken, arguments, level)


def test_cases_cover_every_measure():
    assert {case.values[0].name for case in CASES} == set(MEASURES) - {"digital-placebo"}
    assert len(CASES) > 120
    assert gk.sample_icio(3, 2, 2000).categories[-1] == "inventories"


def test_a_result_does_not_hang_on_what_was_measured_before():
    """To the last bit: values in a store may not depend on which steps shared a process."""
    big = gk.sample_icio(6, 30, 2003)
    names = [row.name for row in MEASURES.values() if not row.alone]
    arguments = {name: {p.name: ["s2"] for p in MEASURES[name].parameters if p.required}
                 for name in names}
    shared = Leontief(big)
    shared.B  # noqa: B018 - the whole inverse, and then its blocks
    shared.joined({"group": big.countries[1:4]}).B_blocks  # noqa: B018
    after = {name: MEASURES[name].load()(shared, **arguments[name]) for name in reversed(names)}
    for name in names:
        alone = MEASURES[name].load()(big, **arguments[name])
        pd.testing.assert_frame_equal(after[name], alone, check_exact=True)
        assert after[name].attrs == alone.attrs
