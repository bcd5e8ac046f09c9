"""The kernels on the array standard's strictest library, through its ``linalg.solve``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from random_tables import random_table

from gvckit.icio.backend import NUMPY, StandardBackend
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.crossings import count_crossings
from gvckit.measures.imports import imports_by_origin, imports_by_product
from gvckit.measures.koopman import wwz_sums
from gvckit.measures.kww import kww_terms
from gvckit.measures.lengths import count_output
from gvckit.measures.output_cells import split_output
from gvckit.measures.own_perimeter import Perimeters, own_perimeter
from gvckit.measures.perimeter import sink, source, source_terms, world_sink, world_source
from gvckit.measures.production import split_production
from gvckit.measures.registry import MEASURES
from gvckit.measures.trade import split_trade
from gvckit.measures.upstreamness import chain_ends
from gvckit.measures.wwz import wwz_terms

xp = pytest.importorskip("array_api_strict", reason="array-api-strict is not installed")

SHAPES = [(2, 1), (4, 3)]


@pytest.fixture(params=SHAPES, ids=str)
def both(request) -> tuple[Leontief, Leontief]:
    table = random_table(11, *request.param, empty=1, stocks=True)
    return Leontief(table), Leontief(table, backend=StandardBackend(xp))


@pytest.fixture
def grouped() -> tuple[Leontief, Leontief]:
    table = random_table(12, 4, 2, empty=1)
    pair = Leontief(table), Leontief(table, backend=StandardBackend(xp))
    return tuple(io.joined({"pair": ["C1", "C3"]}) for io in pair)


def equal(one, other) -> None:
    assert isinstance(other, type(xp.asarray(1.0))), type(other)
    np.testing.assert_allclose(np.asarray(other), one, rtol=1e-10, atol=1e-9)


def kernels(io: Leontief) -> dict[str, object]:
    found = dict(wwz_terms(io)[0].terms)
    for kernel in (source, sink, world_source, world_sink):
        found |= {f"{kernel.__name__} {k}": v for k, v in kernel(io).columns().items()}
    found |= source_terms(io)
    for name, how in (("cell", Perimeters(range(io.N), [[r] for r in range(io.G)])),
                      ("row", Perimeters(range(io.N), [range(io.G)])),
                      ("bilateral", Perimeters([0] * io.N, [[r] for r in range(io.G)]))):
        found |= {f"{name} {k}": v for k, v in own_perimeter(io, how).columns().items()}
    for kernel in (imports_by_origin, imports_by_product):
        found |= {f"{kernel.__name__} {k}": getattr(kernel(io), k) for k in ("VA", "DC")}
    for name, parts in {
        "forward": split_production(io, "forward"), "backward": split_production(io, "backward"),
        "stages forward": count_output(io, "forward"), "nine terms": kww_terms(io),
        "stages backward": count_output(io, "backward"), "sums of sixteen terms": wwz_sums(io),
        "crossings forward": count_crossings(io, "forward"), "trade": split_trade(io),
        "crossings backward": count_crossings(io, "backward"), "output cells": split_output(io),
        "ends of chains": chain_ends(io, "raw"),
        "ends of chains, net": chain_ends(io, "net", "stocks"),
    }.items():
        found |= {f"{name} {field}": getattr(parts[0], field) for field in parts[0].__slots__
                  if field != "uncorrected"}
    return found


def test_kernels_are_the_same_on_both(both):
    numpy_io, strict_io = both
    one, other = kernels(numpy_io), kernels(strict_io)
    assert list(one) == list(other)
    for name in one:
        equal(one[name], other[name])


def test_groups_are_the_same_on_both(grouped):
    numpy_io, strict_io = grouped
    one, other = kernels(numpy_io), kernels(strict_io)
    for name in one:
        equal(one[name], other[name])


SECTORS = {"sectors": ["s0"]}
MORE = {
    "production": [{}], "lengths": [{"direction": "backward"}], "border-crossings": [{}],
    "position": [{}, {"definition": "ou-id"}, {"definition": "u-d", "inventories": "raw"},
                 {"definition": "koopman", "iv": "wwz-t345", "fv": "wwz-fva"},
                 {"definition": "koopman", "iv": "t3", "fv": "fc"}],
    "participation": [{}, {"definition": "trade"}, {"definition": "tripartite"},
                      {"definition": "output_cells"}],
    "digital-inputs": [SECTORS, SECTORS | {"coefficient": "direct", "origin": "foreign"}],
    "digital-linkages": [SECTORS], "digital-value-origin": [SECTORS],
    "upstreamness": [{"inventory": "stocks"}], "final-shares": [{}, SECTORS],
    "apl": [{}, {"direction": "backward"}, {"by": "pairwise"}, {"by": "country-pair"}],
    "borin-mancini": [{}, {"approach": "sink"}, {"perspective": "self"}, {"flow": "imports"},
                      {"perspective": "world", "level": "country"}],
    "digital-placebo": [{**SECTORS, "draws": 2}],
    "value-added-origin": [{}, {"use": "final"}, {"use": "output", "content": "foreign"},
                           {"by": ["origin", "destination"], "counted": "value-added"}],
}
"""Measures with more than what their defaults compute."""


class Device(StandardBackend):
    """The strict library as one whose arrays lie on a device: only told to are they moved."""

    def numpy(self, values):
        """Return a copy in the host's memory."""
        return values if isinstance(values, np.ndarray) else np.array(values._array)


def refused(self, *_, **__):
    raise TypeError("an array of the device is not converted in silence")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["one sector", "plain", "split"])
@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_the_same_on_both(name, kind, monkeypatch):
    if name == "digital-placebo" and kind == "one sector":
        kind = "plain"  # one sector leaves none to draw
    table = random_table(11, *((2, 1) if kind == "one sector" else (4, 3)), empty=1, stocks=True)
    if kind == "split":
        table = IcioTable.from_arrays(table.Z, table.F, countries=["CN1", "DEU", "CN2", "USA"],
                                      sectors=table.sectors, categories=table.categories)
    numpy_io = Leontief(table)
    strict_io = Leontief(table, backend=Device(xp))
    monkeypatch.setattr(type(xp.asarray(1.0)), "__array__", refused)
    for arguments in MORE.get(name, [{}]):
        one, other = (MEASURES[name].load()(io, **arguments) for io in (numpy_io, strict_io))
        pd.testing.assert_frame_equal(other, one, rtol=1e-10, atol=1e-9)
        assert other.attrs["definition"] == one.attrs["definition"]


def test_backends_factor_solve_and_invert_alike():
    rng = np.random.default_rng(1)
    for n in (1, 7, 300):
        matrix = rng.normal(size=(n, n)) + np.eye(n)
        inverse = np.linalg.inv(matrix)
        rows = [rng.permutation(n)[:3], np.arange(n)[-2:]]
        for backend in (NUMPY, StandardBackend(xp)):
            factors = backend.factor(backend.asarray(matrix.copy()))
            assert not backend.singular(factors)
            x = backend.asarray(rng.normal(size=(n, 2)))
            close = {"rtol": 1e-8, "atol": 1e-8}
            # Twice: the second inverse may come from triangles that the blocks left behind.
            for _ in range(2):
                np.testing.assert_allclose(np.asarray(backend.inverse(factors)), inverse, **close)
                for own, block in zip(rows, backend.diagonal_blocks(factors, rows), strict=True):
                    np.testing.assert_allclose(np.asarray(block), inverse[np.ix_(own, own)],
                                               **close)
            np.testing.assert_allclose(np.asarray(backend.solve(factors, x)),
                                       inverse @ np.asarray(x), **close)
            np.testing.assert_allclose(np.asarray(backend.solve(factors, x, transposed=True)),
                                       inverse.T @ np.asarray(x), **close)
    singular = NUMPY.factor(np.array([[1.0, 1.0], [1.0, 1.0]]))
    assert NUMPY.singular(singular)
