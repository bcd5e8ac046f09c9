"""Measures on the toy table `leather`: answers of methods.md 2.10 and 3.1-3.4."""

from __future__ import annotations

import numpy as np
import pytest

from gvckit.measures.accounts import accounts
from gvckit.measures.kww import kww
from gvckit.measures.lengths import lengths
from gvckit.measures.participation import participation
from gvckit.measures.position import position
from gvckit.measures.production import production

PARTS = ["D", "RT", "GVC_S", "GVC_C"]

pytestmark = pytest.mark.data


def printed(frame, digits=4):
    return np.round(np.asarray(frame, dtype=float), digits).tolist()


def test_exports(leather):
    frame = accounts(leather, by="country")
    assert printed(frame["E"], 1) == [64.3, 113.6, 147.6]


def test_world_shares(leather):
    frame = production(leather, by="world")
    assert printed(frame[PARTS].div(frame["total"], axis=0)) == [[0.4594, 0.2960, 0.1148, 0.1297]]


@pytest.mark.parametrize(("direction", "answers"), [
    ("forward", [[0.4234, 0.2080, 0.1719, 0.1967], [0.3835, 0.2889, 0.1606, 0.1669],
                 [0.5235, 0.3366, 0.0618, 0.0782]]),
    ("backward", [[0.5424, 0.2665, 0.1033, 0.0878], [0.4417, 0.3328, 0.1032, 0.1223],
                  [0.4454, 0.2864, 0.1236, 0.1447]]),
])
def test_country_shares(leather, direction, answers):
    frame = production(leather, direction=direction, by="country")
    assert list(frame["country"]) == ["ARG", "TUR", "DEU"]
    assert printed(frame[PARTS].div(frame["total"], axis=0)) == answers


def test_position(leather):
    assert printed(position(leather)["position"]) == [
        0.9809, 0.9960, 0.9544, 1.0015, 0.9363, 1.0489, 1.1346, 1.0346, 1.0513]
    assert printed(position(leather, by="country")["position"]) == [0.9617, 0.9550, 1.0907]


def test_world_length(leather):
    for direction in ("forward", "backward"):
        assert printed(lengths(leather, direction=direction, by="world")["PL"], 6) == [2.029469]


def test_koopman(leather):
    answers = {("t3", "fva"): [0.0219, -0.0625, -0.1729],
               ("t3", "fc"): [-0.0298, -0.1047, -0.2015]}
    for (iv, fv), values in answers.items():
        frame = position(leather, definition="koopman", iv=iv, fv=fv)
        assert printed(frame["position"]) == values
    frame = participation(leather, definition="koopman", iv="t3", fv="fva")
    assert printed(frame["participation"]) == [0.2372, 0.2052, 0.2295]
    frame = position(leather, definition="koopman", iv="vs1", fv="fc")
    assert printed(frame["iv"]) == [21.6347, 27.1004, 19.3226]


def test_nine_terms(leather):
    frame = kww(leather)
    assert printed(frame[[f"T{k}" for k in range(1, 10)]]) == [
        [19.3494, 18.9712, 8.4115, 5.2595, 0.8260, 0.8724, 3.4506, 3.3886, 3.7708],
        [43.3946, 26.2068, 7.7401, 10.4758, 2.0076, 2.6369, 10.2054, 5.3597, 5.5732],
        [78.7310, 15.2397, 2.7485, 5.6897, 4.4336, 4.4482, 26.6690, 4.4550, 5.1854]]


def test_tripartite(leather):
    frame = participation(leather, definition="tripartite", by="country")
    assert printed(frame[["DAVAX", "PF", "PB", "TS"]]) == [
        [34.7988, 18.0188, 7.4065, 4.0759], [65.5036, 24.3212, 17.5192, 6.2560],
        [89.3169, 17.5255, 34.9398, 5.8178]]
    world = participation(leather, definition="trade", by="world")
    assert printed(world["participation"], 6) == [0.417452]
    # Import content of exports is Hummels-Ishii-Yi vertical specialisation.
    trade = participation(leather, definition="trade", by="country")
    E = accounts(leather, by="country")["E"]
    assert printed(trade["backward"] * E) == [11.4824, 23.7752, 40.7576]
