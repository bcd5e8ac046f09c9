"""The keys of a real spec cover all code that its steps run."""

from __future__ import annotations

from pathlib import Path

import gvckit as gk


def test_no_step_of_the_quickstart_runs_code_that_its_key_does_not_cover(
    tmp_path: Path, repository: Path, uncovered: dict[str, set[str]]
) -> None:
    spec = repository / "specs" / "quickstart" / "paper.yaml"
    summary = gk.run(spec, out=tmp_path / "out", store=tmp_path / "store")
    assert len(summary.executed) > 20
    assert uncovered == {}
