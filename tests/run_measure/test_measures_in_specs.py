"""Parameters of measures in a spec's ``indices``: what they reach equals the functions."""

from __future__ import annotations

import numpy as np
import pytest

import gvckit as gk
from gvckit.errors import SpecError
from gvckit.run import api
from gvckit.run.engine import execute
from gvckit.run.store import Store

HEAD = """\
schema: 1
paper: {key: words}
data:
  icio: {source: sample, countries: 6, sectors: 4, seed: 2, years: 2000-2001}
indices:
"""
TAIL = """\
panel: {unit: [country], time: year, rows: base,
        merge: [{with: [dva], on: [country, year], match: one-to-one}]}
models: {m: {y: base, x: [dva], fe: [country]}}
tables: {t: {columns: [m]}}
"""
ENTRIES = {
    "base": ("kww, by: [country], value: T1", lambda t: gk.kww(t)["T1"]),
    "dva": ("wwz, by: [country], aggregates: yes, value: DVA",
            lambda t: gk.wwz(t, by="country", aggregates=True)["DVA"]),
    "vax3": ("borin-mancini, by: [country], terms: yes, value: VAX3",
             lambda t: gk.borin_mancini(t, level="country", terms=True)["VAX3"]),
    "foreign": (
        "value-added-origin, by: [country, sector], content: foreign, origin: [USA, DEU]",
        lambda t: gk.value_added_origin(t, by=["exporter", "sector"], content="foreign",
                                        origin=["USA", "DEU"])["value"]),
    "once": (
        "value-added-origin, by: [country], counted: value-added, importer: USA, goods: final",
        lambda t: gk.value_added_origin(t, by=["exporter"], counted="value-added",
                                        importer="USA", goods="final")["value"]),
    "final": (
        "value-added-origin, by: [origin], use: final, origin_sector: [s1], producer: [CHN]",
        lambda t: gk.value_added_origin(t, by=["origin"], use="final", origin_sector=["s1"],
                                        producer=["CHN"])["value"]),
    "taken": ("extraction, by: [exporter], exporters: [CHN, USA], value: DVA",
              lambda t: gk.extraction(t, exporters=["CHN", "USA"])["DVA"]),
    "net": ("position, by: [country], definition: u-d, inventories: raw",
            lambda t: gk.position(t, definition="u-d", inventories="raw",
                                  by="country")["position"]),
}


def prepared(tmp_path, lines):
    path = tmp_path / "paper.yaml"
    path.write_text(HEAD + "\n".join(lines) + "\n" + TAIL, encoding="utf-8")
    return api.prepare(path)


def test_every_word_reaches_its_function(tmp_path):
    lines = [f"  {name}: {{icio: icio, measure: {words}}}" for name, (words, _) in ENTRIES.items()]
    steps = prepared(tmp_path, lines).compiled.steps
    done = execute(steps, [f"indices.{name}" for name in ENTRIES], Store(tmp_path / "store"))
    assert done.ok, done.error()
    for name, (_, wanted) in ENTRIES.items():
        frame = done.outputs[f"indices.{name}"]
        for year in (2000, 2001):
            got = frame.loc[frame["year"] == year, name].to_numpy()
            table = gk.sample_icio(countries=6, sectors=4, seed=2, year=year)
            np.testing.assert_array_equal(got, wanted(table).to_numpy(), err_msg=name)


def test_words_that_mean_nothing_are_placed(tmp_path):
    with pytest.raises(SpecError) as caught:
        prepared(tmp_path, [
            "  dva: {icio: icio, measure: vax, by: [country], value: VAX}",
            "  base: {icio: icio, measure: kww, by: [country], terms: yes}",
            "  a: {icio: icio, measure: borin-mancini, by: [country], terms: perhaps}",
            "  b: {icio: icio, measure: position, by: [country], iv: t3}",
            "  c: {icio: icio, measure: value-added-origin, by: [origin], use: final, goods: all}",
        ])
    text = str(caught.value)
    for part in ("paper.yaml:7:51: unknown parameter of kww 'terms'",
                 "paper.yaml:8:65: unknown terms 'perhaps' (allowed: no, yes)",
                 "paper.yaml:9:53: 'iv' of position belongs to definition: koopman",
                 "paper.yaml:10:74: 'goods' of value-added-origin belongs to use: exports"):
        assert part in text, text
