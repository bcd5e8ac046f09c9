"""Steps on a Dask cluster whose workers see the store."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from gvckit.errors import Problem, SpecError, StoreError, listing
from gvckit.run.canonical import sha256_bytes
from gvckit.run.step import Step
from gvckit.run.work import Order, Outcome, perform

__all__ = ["Cluster"]

CONNECT_SECONDS = 20


class Cluster:
    """The cluster behind the scheduler at ``address``; connected when the first step needs it.

    Each worker needs this package with the same source code, the same versions of the libraries
    that a step names, and the store under the same path.  The store is checked before the first
    step, the rest by each step.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.slots = 1
        self._client: Any = None
        self._executor: Any = None

    def prepare(self, steps: Iterable[Step], store: Path) -> str | None:
        """Connect, and see whether the workers share the store.

        Raises
        ------
        SpecError
            Where no scheduler answers, or it has no workers.
        StoreError
            Where workers do not see the store.
        """
        self._connect(store)
        return None

    def submit(self, order: Order) -> Future[Outcome]:
        """Give ``order`` to the cluster; StoreError where the connection is lost."""
        try:
            future: Future[Outcome] = self._executor.submit(perform, order)
        except (OSError, RuntimeError) as error:
            raise StoreError(
                f"lost the Dask scheduler at {self.address}: {error}") from None
        return future

    def close(self, *, at_once: bool = False) -> None:
        """Leave the cluster; ``at_once`` cancels what is still under way there."""
        if self._executor is not None:
            # Without waiting, it cancels what was submitted.
            self._executor.shutdown(wait=not at_once)
        if self._client is not None:
            self._client.close()
        self._client = self._executor = None

    def _connect(self, store: Path) -> None:
        from distributed import Client

        try:
            client = Client(self.address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise SpecError(Problem(
                f"no Dask scheduler answers at {self.address!r}: {reason}",
                allowed="an address such as tcp://host:8786")) from None
        self._client = client
        threads = client.nthreads()
        if not threads:
            raise SpecError(f"the Dask scheduler at {self.address} has no workers")
        _check_shared(client, store)
        # One more than there are threads, so that no worker waits for the next order.
        self.slots = sum(threads.values()) + 1
        self._executor = client.get_executor(pure=False)


def _check_shared(client: Any, store: Path) -> None:
    """Raise StoreError unless every worker reads, under the same path, what was just written."""
    token = secrets.token_bytes(16)
    path = store / "tmp" / f"token-{secrets.token_hex(8)}"
    path.write_bytes(token)
    try:
        seen = client.run(_token, str(path))
    finally:
        path.unlink(missing_ok=True)
    blind = sorted(worker for worker, digest in seen.items() if digest != sha256_bytes(token))
    if blind:
        raise StoreError(Problem(
            f"these workers do not see the store {store}: {listing(blind)}",
            allowed="a store on a file system that all workers share, under the same path"))


def _token(path: str) -> str:
    """Return, on a worker, the sha256 of the token; empty where it is not there."""
    try:
        return sha256_bytes(Path(path).read_bytes())
    except OSError:
        return ""
