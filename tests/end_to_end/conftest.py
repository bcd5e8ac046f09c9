"""Fixtures of the end-to-end tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tinypaper import Paper, write_paper


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """A paper that ran once; it is copied, never changed."""
    paper = write_paper(tmp_path_factory.mktemp("tiny") / "paper")
    status, _, err = paper.run()
    assert status == 0, err
    return paper


@pytest.fixture
def paper(finished: Paper, tmp_path: Path) -> Paper:
    """A copy of the finished paper, with its store and outputs."""
    shutil.copytree(finished.folder, tmp_path / "paper")
    return Paper(tmp_path / "paper")
