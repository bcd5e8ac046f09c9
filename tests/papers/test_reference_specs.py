"""Published regressions come out of their specs to the printed digits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import gvckit as gk
from gvckit.errors import ReplicationMismatch

pytestmark = pytest.mark.data
CASES = {"gravity": 4, "fixest-trade": 12, "grunfeld": 12, "card": 9}


@pytest.mark.parametrize("case", CASES)
def test_every_published_number_is_met(case: str, repository: Path, shared: Path, tmp_path: Path):
    spec = repository / "specs" / "reference" / case / "paper.yaml"
    gk.run(spec, out=tmp_path / "out", data=[shared / "data", shared / "golden"],
           store=tmp_path / "store")
    checks = json.loads((tmp_path / "out" / "report-card.json").read_text("utf-8"))["checks"]
    assert len(checks) == CASES[case]
    assert {(c["verdict"], c["status"], c["rule"]) for c in checks} == {
        ("exact", "must", "printed")}
    assert (tmp_path / "out" / "tables" / "tab1.zh.tex").is_file()


def test_a_wrong_number_is_told(repository: Path, shared: Path, tmp_path: Path):
    text = (repository / "specs" / "reference" / "grunfeld" / "paper.yaml").read_text("utf-8")
    assert 'se: ".0119"' in text
    (tmp_path / "paper.yaml").write_text(text.replace('se: ".0119"', 'se: ".0118"'), "utf-8")
    with pytest.raises(ReplicationMismatch, match=r"tab1\.within\.worth se"):
        gk.run(tmp_path / "paper.yaml", out=tmp_path / "out", data=[shared / "golden"],
               store=tmp_path / "store")
