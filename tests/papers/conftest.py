"""The papers of specs/, each run once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import gvckit as gk


@pytest.fixture(scope="session")
def made(repository: Path, shared_data: Path, golden: Path, tmp_path_factory: pytest.TempPathFactory
         ) -> Callable[[str], Path]:
    """A function from the name of a paper to the folder with its outputs."""
    place = tmp_path_factory.mktemp("papers")

    def run(name: str) -> Path:
        out = place / name
        if not out.exists():
            gk.run(repository / "specs" / name / "paper.yaml", out=out, data=[shared_data, golden],
                   store=place / "store", workers=2)
        return out

    return run
