"""Fixtures that every test folder uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def shared_folder() -> Path | None:
    """Return the shared folder (GVCKIT_SHARED, or ``../shared`` beside the checkout)."""
    named = os.environ.get("GVCKIT_SHARED")
    candidates = [Path(named)] if named else [REPOSITORY.parent / "shared"]
    return next((c.resolve() for c in candidates if (c / "data").is_dir()), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests marked ``data`` where the shared folder is absent, and say so."""
    if shared_folder() is not None:
        return
    skip = pytest.mark.skip(reason="needs the shared data folder: set GVCKIT_SHARED")
    for item in items:
        if "data" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = shared_folder()
    if folder is None:
        pytest.skip("needs the shared data folder: set GVCKIT_SHARED")
    return folder


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    return shared / "data"


@pytest.fixture(scope="session")
def golden(shared: Path) -> Path:
    return shared / "golden"
