"""Another account in place of value added, in every decomposition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from random_tables import random_table

import gvckit as gk
from gvckit.errors import DataError

TABLE = random_table(11, 4, 3, empty=1, stocks=True, year=2001)
RNG = np.random.default_rng(2)
LIVE = TABLE.X > 0
JOBS = np.where(LIVE, RNG.uniform(0, 5, TABLE.n), 0)
EMISSIONS = np.where(LIVE, RNG.uniform(0, 50, TABLE.n), 0)

CASES = {
    "kww": gk.kww, "wwz": gk.wwz, "borin_mancini": gk.borin_mancini,
    "sink": lambda t, **k: gk.borin_mancini(t, approach="sink", **k),
    "self": lambda t, **k: gk.borin_mancini(t, perspective="self", level="sector", **k),
    "imports": lambda t, **k: gk.borin_mancini(t, flow="imports", level="sector", **k),
    "extraction": gk.extraction, "miroudot_ye": gk.miroudot_ye,
    "production": gk.production,
    "backward": lambda t, **k: gk.production(t, direction="backward", **k),
    "value_added_origin": gk.value_added_origin, "final_shares": gk.final_shares,
    "tiva": gk.tiva, "vs": gk.vs, "vax": gk.vax,
    "tripartite": lambda t, **k: gk.participation(t, definition="tripartite",
                                                  by="bilateral-sector", **k),
    "output cells": lambda t, **k: gk.participation(t, definition="output_cells", **k),
}
# What is of the flow itself, whatever is counted.
FLOWS = {"exports", "GEXP", "GIMP", "EXGR", "EXGR_FNL", "EXGR_INT", "IMGR", "IMGR_FNL",
         "IMGR_INT", "BALGR", "PROD"}


@pytest.mark.parametrize("name", CASES)
def test_accounts_add_up(name):
    """Linear in the account: emissions and twice the jobs are the sum of both."""
    one, other, both = (CASES[name](TABLE, satellite=x)
                        for x in (EMISSIONS, JOBS, EMISSIONS + 2 * JOBS))
    numbers = [c for c in both.columns if pd.api.types.is_float_dtype(both[c])
               and c not in FLOWS and c not in both.attrs.get("ratios", ())
               and not c.endswith("share")]
    assert numbers
    scale = both[numbers].abs().to_numpy().max()
    np.testing.assert_allclose(both[numbers], one[numbers] + 2 * other[numbers], rtol=1e-11,
                               atol=1e-12 * scale)
    assert max(both.attrs["identities"].values(), default=0) < 1e-10


@pytest.mark.parametrize("name", CASES)
def test_value_added_as_an_account_is_value_added(name):
    plain = CASES[name](TABLE)
    counted = CASES[name](TABLE, satellite=np.where(LIVE, TABLE.VA, 0))
    numbers = plain.select_dtypes("number").columns
    np.testing.assert_allclose(counted[numbers], plain[numbers], rtol=1e-9, atol=1e-9)


def test_jobs_by_explicit_matrices():
    n, N, G = TABLE.n, TABLE.N, TABLE.G
    unit = np.divide(1, TABLE.X, out=np.zeros(n), where=LIVE)
    A, v = TABLE.Z * unit, JOBS * unit
    home = np.kron(np.eye(G), np.ones((N, N))) > 0
    L, B = (np.linalg.inv(np.eye(n) - M) for M in (np.where(home, A, 0), A))
    Y = TABLE.Y
    at_home = Y[np.arange(n), np.arange(n) // N]
    y = Y.sum(axis=1)
    E = np.where(home, 0, A) @ TABLE.X + y - at_home

    def country(x):
        return x.reshape(G, N).sum(axis=1)

    frame = gk.kww(TABLE, satellite=JOBS)
    domestic = frame[[f"T{k}" for k in range(1, 6)]].sum(axis=1)
    np.testing.assert_allclose(domestic, country(v @ L * E), rtol=1e-11)
    whole = frame[[f"T{k}" for k in range(1, 10)]].sum(axis=1)
    np.testing.assert_allclose(whole, country(v @ B * E), rtol=1e-11)
    for call, column in ((gk.extraction, "DVA"), (gk.miroudot_ye, "DVA")):
        np.testing.assert_allclose(call(TABLE, satellite=JOBS)[column], country(v @ L * E),
                                   rtol=1e-10)
    backward = gk.production(TABLE, direction="backward", satellite=JOBS)
    np.testing.assert_allclose(backward["total"], v @ B * y, rtol=1e-11)
    np.testing.assert_allclose(backward["D"], v @ L * at_home, rtol=1e-11)
    forward = gk.production(TABLE, satellite=JOBS)
    np.testing.assert_allclose(forward["total"], JOBS, rtol=1e-11)
    shares = gk.final_shares(TABLE, satellite=JOBS)
    own = (np.where(home, B, 0) * v[:, None]).sum(axis=0) * y
    np.testing.assert_allclose(shares["own"], own, rtol=1e-11)
    np.testing.assert_allclose((shares["own_share"] + shares["foreign_share"])[LIVE], 1, rtol=1e-11)
    assert "counting satellite account" in frame.attrs["definition"]


def test_shares_and_lengths_of_jobs_by_explicit_matrices():
    n, N, G = TABLE.n, TABLE.N, TABLE.G
    unit = np.divide(1, TABLE.X, out=np.zeros(n), where=LIVE)
    A, f = TABLE.Z * unit, JOBS * unit
    own = np.kron(np.eye(G), np.ones((N, N)))
    B, L = np.linalg.inv(np.eye(n) - A), np.linalg.inv(np.eye(n) - A * own)
    y = TABLE.Y.sum(axis=1)
    by = {"by": "country", "satellite": JOBS}
    country = np.kron(np.eye(G), np.ones(N))
    np.testing.assert_allclose(gk.lengths(TABLE, **by)["PL"],
                               (country @ (f * (B @ B @ y))) / (country @ (f * (B @ y))))
    np.testing.assert_allclose(
        gk.lengths(TABLE, direction="backward", **by)["PL"],
        (country @ (f @ B @ B * y)) / (country @ (f @ B * y)))
    E = TABLE.X - (A * own) @ TABLE.X - [TABLE.Y[i, i // N] for i in range(n)]
    trade = gk.participation(TABLE, definition="tripartite", **by)
    np.testing.assert_allclose(trade["exports"], country @ (f @ B * E))
    np.testing.assert_allclose(trade["DAVAX"] + trade["PF"], country @ (f @ L * E))
    cells = gk.participation(TABLE, definition="output_cells", **by)
    np.testing.assert_allclose(cells["output"], country @ (f @ B * TABLE.X))
    assert "counting satellite account" in cells.attrs["definition"]


def test_the_koopman_definition_counts_value_added_only():
    with pytest.raises(DataError, match="it cannot count satellite account"):
        gk.participation(TABLE, definition="koopman", iv="t3", fv="fva", satellite=JOBS)
