"""Fixtures that every test folder uses."""

from __future__ import annotations

import os
import signal
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings

# Bits depend on the number of threads; steps of a run use one, so tests that compare with them do.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

# A shell's background jobs ignore interrupts, and would teach it to the runs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Machines are shared: no example is too slow.  In CI the examples are the same each time.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")

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


_SKIPPED: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what is skipped, for the check at the end of a CI run."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _SKIPPED.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI, fail where a promised test was skipped, or a data test although the data are there."""
    if os.environ.get("CI") != "true" or hasattr(session.config, "workerinput"):
        return
    text = (REPOSITORY / "tests" / "acceptance.toml").read_text(encoding="utf-8")
    promised = tuple(t for p in tomllib.loads(text)["promise"] for t in p["tests"])
    lost = sorted({test for test in _SKIPPED if test.startswith(promised)})
    if lost and shared_folder() is not None:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        sys.stderr.write("skipped, although promised in tests/acceptance.toml:\n"
                         + "\n".join(lost) + "\n")


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
