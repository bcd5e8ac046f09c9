"""One step, carried out: in this process, in a worker, on another machine, always by this code."""

from __future__ import annotations

import copy
import importlib
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from gvckit import errors
from gvckit.errors import DataError, GvckitError, Problem, StoreError
from gvckit.run.fingerprint import Fingerprints
from gvckit.run.key import library_versions
from gvckit.run.memory import peak_memory, reset_peak
from gvckit.run.objects import DamagedError, Objects
from gvckit.run.source import signature
from gvckit.run.stored import Stored
from gvckit.run.threads import single_thread

__all__ = ["Order", "OrderInput", "Outcome", "perform"]

OrderInput = Stored | tuple[Stored, ...] | Mapping[str, Stored]


@dataclass(frozen=True)
class Order:
    """Everything that a process needs to carry out one step.

    Attributes
    ----------
    name, fn, params
        As in the step; the parameters are plain JSON.
    inputs
        Argument to where its value lies in the store.
    files
        Argument to path, and to the file's signature when its hash was taken.
    code
        Modules, and the digest that they must have.
    libraries
        Distribution to the version that it must have.
    store
        The folder of the store.
    roots
        Package name to its folder.
    """

    name: str
    fn: str
    params: dict[str, Any]
    inputs: dict[str, OrderInput]
    files: dict[str, tuple[str, tuple[int, int]]]
    modules: tuple[str, ...]
    code: str
    libraries: dict[str, str]
    store: str
    roots: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What came of an order.

    Attributes
    ----------
    status
        ``done``; ``damaged``: an object that it read is not what it should be; ``failed``: an error
        that gvckit raised on purpose; ``defect``: any other exception.
    stored
        Where the result lies.
    seconds, peak_memory
        Wall time; peak resident memory of the process, bytes.
    damaged
        sha256 of the damaged object.
    error
        The error of a failed step.
    text, trace
        Exception in one line, and traceback, of a defect.
    """

    status: Literal["done", "damaged", "failed", "defect"]
    stored: Stored | None = None
    seconds: float = 0.0
    peak_memory: int = 0
    damaged: str = ""
    error: GvckitError | None = None
    text: str = ""
    trace: str = ""


def perform(order: Order) -> Outcome:
    """Carry out ``order``: read its inputs, call its function, keep the result.

    Exceptions come back inside the outcome, as plain values, because not every exception survives
    the way between processes.
    """
    start = time.perf_counter()
    try:
        stored = _perform(order)
    except DamagedError as error:
        return Outcome("damaged", damaged=error.sha256)
    except GvckitError as error:
        return Outcome("failed", error=_plain(error))
    except MemoryError:
        return Outcome("failed", error=GvckitError(
            "the memory of this machine does not suffice for this step; fewer workers leave more "
            "for each"))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the one place where defects end up
        text = " ".join(f"{type(error).__name__}: {error}".split())
        return Outcome("defect", text=text[:300], trace=traceback.format_exc())
    return Outcome(
        "done", stored, seconds=time.perf_counter() - start, peak_memory=peak_memory())


def _perform(order: Order) -> Stored:
    reset_peak()
    objects = Objects(Path(order.store))
    function = _function(order)
    single_thread()
    result = function(
        Inputs(objects, order.inputs),
        {arg: Path(path) for arg, (path, _) in order.files.items()},
        copy.deepcopy(order.params),
    )
    _check_files(order)
    return objects.save(result)


# Function to the digest of its code when this process loaded it.
_LOADED: dict[tuple[str, ...], str] = {}


def _function(order: Order) -> Any:
    """Return the function, of the code and with the libraries that the key names.

    Raises
    ------
    StoreError
        Where this process has other code: it loaded a module before somebody edited it, or it runs
        on a machine with another version.
    """
    module, _, name = order.fn.partition(":")
    identity = (*order.modules, *order.roots.values())
    loaded = _LOADED.get(identity)
    imported = importlib.import_module(module)
    if loaded is None:
        roots = {package: Path(path) for package, path in order.roots.items()}
        root = roots[module.partition(".")[0]]
        if not Path(str(imported.__file__)).resolve().is_relative_to(root.resolve()):
            raise StoreError(f"Python loads {module} from another folder than {root}")
        loaded = _LOADED[identity] = Fingerprints(roots).code(order.modules).digest
    if loaded != order.code:
        raise StoreError(
            f"the code of {module} that this process loaded is not the code on disk of the run; "
            "restart Python, or the workers of the cluster")
    if library_versions(tuple(order.libraries)) != order.libraries:
        raise StoreError(
            f"this process has other versions of {', '.join(sorted(order.libraries))} than the run")
    return getattr(imported, name)


def _check_files(order: Order) -> None:
    """Raise DataError where an input file changed while the step read it."""
    problems = []
    for path, seen in order.files.values():
        try:
            same = signature(path)[:2] == seen
        except OSError:
            same = False
        if not same:
            problems.append(Problem(
                f"the file {Path(path).name!r} changed while it was being read; run again"))
    if problems:
        raise DataError(problems)


def _plain(error: GvckitError) -> GvckitError:
    """Return ``error`` as the nearest class of gvckit.errors, which every process can unpickle."""
    kind: type[GvckitError] = next(
        c for c in type(error).__mro__ if c is getattr(errors, c.__name__, None))
    return kind(error.problems)


class Inputs(Mapping[str, Any]):
    """The inputs of a step by argument, each read from the store when it is asked for."""

    def __init__(self, objects: Objects, inputs: Mapping[str, OrderInput]) -> None:
        self._objects = objects
        self._inputs = inputs

    def __getitem__(self, arg: str) -> Any:
        given = self._inputs[arg]
        if isinstance(given, Stored):
            return self._objects.load(given)
        if isinstance(given, tuple):
            return _Values(self._objects, given)
        return Inputs(self._objects, given)

    def __iter__(self) -> Iterator[str]:
        return iter(self._inputs)

    def __len__(self) -> int:
        return len(self._inputs)


class _Values(Sequence[Any]):
    """The values of a list of steps, each read when it is asked for."""

    def __init__(self, objects: Objects, stored: tuple[Stored, ...]) -> None:
        self._objects = objects
        self._stored = stored

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return _Values(self._objects, self._stored[place])
        return self._objects.load(self._stored[place])

    def __len__(self) -> int:
        return len(self._stored)
