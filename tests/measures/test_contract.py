"""The public functions: names, arguments, keys and columns that others call them by."""

from __future__ import annotations

import inspect
import tracemalloc

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.measures.registry import MEASURES

TABLE = gk.sample_icio(countries=4, sectors=3, year=2000, seed=1)
WWZ = ("exports DVA_FIN DVA_INT INTrexI1 INTrexF INTrexI2 RDV_FIN RDV_FIN2 RDV_INT DDC_FIN DDC_INT "
       "MVA_FIN MVA_INT MDC OVA_FIN OVA_INT ODC")
BM = "GEXP DC DVA VAX DAVAX REF DDC FC FVA FDC GVC GVCB GVCF"
SINK = "GEXP DC DVA VAX VAXIM REF DDC FC FVA FDC"
FLOWS = {"bilateral-sector": "exporter sector importer", "bilateral": "exporter importer",
         "sector": "exporter sector", "country": "exporter", "world": ""}
PRODUCERS = {"country-sector": "country sector", "country": "country", "world": ""}
SHARES = "participation forward backward"
LENGTHS = ("PL PL_D PL_RT PL_GVC PL_GVC_S PL_GVC_C PL_GVC_S_dom PL_GVC_S_intl PL_GVC_C_dom "
           "PL_GVC_C_intl CB")
PRODUCTION = ("total D RT GVC_S GVC_C participation participation_simple "
              "participation_complex")
KOOPMAN = {"definition": "koopman", "iv": "t3", "fv": "fva"}

# Function, arguments, level → keys (the default first), columns.
CALLS = [
    (gk.wwz, {}, FLOWS, WWZ),
    (gk.kww, {}, {"country": "exporter", "world": ""}, "exports T1 T2 T3 T4 T5 T6 T7 T8 T9"),
    (gk.borin_mancini, {}, FLOWS, BM),
    (gk.borin_mancini, {"perspective": "self"}, FLOWS, BM),
    (gk.borin_mancini, {"approach": "sink"}, FLOWS, SINK),
    (gk.borin_mancini, {"flow": "imports"}, {"country": "importer", "sector": "importer sector"},
     "GIMP VA DC"),
    (gk.value_added_origin, {}, {
        None: "origin origin_sector exporter sector",
        ("origin", "exporter", "importer"): "origin exporter importer"}, "value"),
    (gk.value_added_origin, {"use": "final"}, {None: "origin origin_sector destination"}, "value"),
    (gk.value_added_origin, {"use": "output"}, {None: "origin origin_sector producer sector"},
     "value"),
    (gk.vs, {}, {"country": "exporter", "sector": "exporter sector", "world": ""},
     "exports VS_HIY VS_KWW VS1 VS1_star"),
    (gk.vax, {}, {"country": "exporter", **FLOWS}, "exports VAX"),
    (gk.production, {}, PRODUCERS, PRODUCTION),
    (gk.production, {"direction": "backward"}, PRODUCERS, PRODUCTION),
    (gk.lengths, {"direction": "forward"}, PRODUCERS, LENGTHS),
    (gk.lengths, {"direction": "backward"}, PRODUCERS, LENGTHS),
    (gk.position, {"definition": "wwyz"}, PRODUCERS, "position forward backward"),
    (gk.position, KOOPMAN, {"country": "country", "world": ""}, "position iv fv exports"),
    (gk.position, {"definition": "koopman", "iv": "wwz-t345", "fv": "wwz-fva"},
     {"country": "country", "country-sector": "country sector", "world": ""},
     "position iv fv exports"),
    (gk.participation, {}, PRODUCERS, SHARES),
    (gk.participation, {"definition": "trade"}, {"sector": "exporter sector", **FLOWS}, SHARES),
    (gk.participation, {"definition": "tripartite"}, {"sector": "exporter sector", **FLOWS},
     f"{SHARES} exports DAVAX PF PB TS"),
    (gk.participation, KOOPMAN, {"country": "country", "world": ""}, SHARES),
    (gk.upstreamness, {"inventories": "net"}, PRODUCERS, "U D F_GO VA_GO"),
    (gk.upstreamness, {"inventories": "raw"}, PRODUCERS, "U D F_GO VA_GO"),
    (gk.digital_inputs, {"sectors": ["s1"], "coefficient": "complete", "origin": "all"}, PRODUCERS,
     "coefficient share digital_va_share"),
]


@pytest.mark.parametrize(("function", "arguments", "levels", "columns"), CALLS)
def test_keys_and_columns_of_each_level(function, arguments, levels, columns):
    io = gk.Leontief(TABLE)
    first = next(iter(levels))
    for level, keys in levels.items():
        frame = function(io, **arguments, **({} if level is None else {"by": level}))
        assert list(frame.columns) == [*keys.split(), *columns.split()]
        sizes = {"exporter": 4, "importer": 4, "country": 4, "sector": 3, "origin": 4,
                 "origin_sector": 3, "producer": 4, "destination": 4}
        rows = int(np.prod([sizes[key] for key in keys.split()]))
        if {"exporter", "importer"} <= set(keys.split()):
            rows = rows // 4 * 3
        assert len(frame) == rows
        for key in keys.split():
            names = TABLE.sectors if key.endswith("sector") else TABLE.countries
            assert list(frame[key].cat.categories) == list(names)
        if level == first:
            pd.testing.assert_frame_equal(function(TABLE, **arguments), frame)


@pytest.mark.parametrize(("function", "defaults"), [
    (gk.borin_mancini, {"flow": "exports", "level": None, "perspective": "exporter",
                        "approach": "source"}),
    (gk.value_added_origin, {"use": "exports"}), (gk.production, {"direction": "forward"}),
    (gk.lengths, {"direction": "forward"}),
    (gk.position, {"definition": "wwyz", "iv": None, "fv": None}),
    (gk.participation, {"definition": "production"}), (gk.upstreamness, {"inventories": "net"}),
    (gk.digital_inputs, {"coefficient": "complete", "origin": "all"}),
])
def test_defaults(function, defaults):
    taken = inspect.signature(function).parameters
    for name, value in defaults.items():
        assert taken[name].default == value


@pytest.mark.parametrize("level", ["bilateral-sector", "bilateral", "sector", "country", "world"])
def test_coarser_levels_of_shares_are_ratios_of_sums(level):
    io = gk.Leontief(TABLE)
    frame = gk.participation(io, definition="tripartite", by=level)
    np.testing.assert_allclose(
        frame["participation"], frame[["PF", "PB", "TS"]].sum(axis=1) / frame["exports"])
    trade = gk.participation(io, definition="trade", by=level)
    np.testing.assert_allclose(trade["forward"], frame["PF"] / frame["exports"])


def test_a_path_reads_as_a_source_does(tmp_path):
    np.savez(tmp_path / "t.npz", **TABLE.to_arrays(), countries=TABLE.countries,
             sectors=TABLE.sectors, fd_codes=list(TABLE.categories) * TABLE.G)
    read = gk.read_icio(tmp_path / "t.npz", 2000)
    np.testing.assert_array_equal(read.Z, TABLE.Z)
    assert read.categories == TABLE.categories
    assert gk.IcioTable.from_arrays(TABLE.Z, TABLE.Y, countries=TABLE.countries,
                                    sectors=TABLE.sectors, policy={}).K == 1


def test_a_slice_of_origins_never_holds_the_cube():
    """Origin × origin sector × exporter × sector × importer × destination would be half a GiB."""
    io = gk.Leontief(gk.sample_icio(countries=18, sectors=25, year=2000))
    io.BY, io.by_origin, io.B_blocks, io.E_bilateral  # noqa: B018 - what all slices share
    cube = (io.n * io.G) ** 2 * 8
    for asked in ({"by": ("origin", "destination")}, {"by": ("origin", "exporter", "destination")},
                  {"by": ("origin", "origin_sector", "importer"), "exporter": "CHN"},
                  {"by": ("destination",), "counted": "value-added", "content": "foreign"}):
        tracemalloc.start()
        frame = gk.value_added_origin(io, **asked)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < cube / 20, asked
        whole = "exporter" in asked
        total = gk.value_added_origin(io, by="exporter", **({"exporter": "CHN"} if whole else {}))
        if "counted" not in asked:
            np.testing.assert_allclose(frame["value"].sum(), total["value"].sum(), rtol=1e-12)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (1, 1), (3, 2)], ids=str)
@pytest.mark.parametrize("name", MEASURES)
def test_the_smallest_tables_and_tables_without_trade(name, shape):
    """One country, one sector, nobody who buys inputs: shares are missing, nothing breaks."""
    G, N = shape
    F = np.arange(1.0, G * N * G * 2 + 1).reshape(G * N, G * 2)
    Z = np.zeros((G * N, G * N)) if shape == (3, 2) else np.full((G * N, G * N), 0.25)
    table = gk.IcioTable.from_arrays(Z, F, countries=list("ABC")[:G], sectors=list("xy")[:N],
                                     categories=("use", "inventories"))
    row = MEASURES[name]
    needed = {p.name: ["x"] for p in row.parameters if p.required}
    if name == "digital-placebo" and N == 1:
        with pytest.raises(gk.DataError, match="0 sectors are left to draw 1 from"):
            row.load()(table, **needed)
        return
    for level in (next(iter(row.levels(needed))), list(row.levels(needed))[-1]):
        frame = row.load()(table, by=level, **needed)
        assert not np.isinf(frame.select_dtypes("number").to_numpy()).any()
        assert max(frame.attrs["identities"].values()) < 1e-12
