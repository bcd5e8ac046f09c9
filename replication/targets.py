"""Steps of the published numbers in ``targets.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gvckit.errors import DataError
from gvckit.run.step import FileRef, Step
from gvckit.sources.catalogue import source_named
from gvckit.sources.roots import DataRoots
from gvckit.spec.compile.data import FRAME_LIBRARIES, TABLE_LIBRARIES, TABLE_MEMORY
from gvckit.spec.compile.plan import plain

__all__ = ["Plan", "Target", "read_targets", "target_steps"]

FILE = Path(__file__).with_name("targets.toml")
NUMBERS = "replication.measured"
VERDICTS = "replication.verdicts:checks"


@dataclass(frozen=True, slots=True)
class Target:
    """One published number.

    Attributes
    ----------
    key
        ``group.number``.
    printed
        As published.
    status
        ``must`` or ``info``.
    source
        Where it stands, and what it is.
    within
        Distance that is allowed because the data differ; None: half a unit of the last digit.
    at
        ``most`` or ``least``: the printed number is a bound.
    """

    key: str
    printed: str
    status: str
    source: str
    within: str | None = None
    at: str | None = None

    @property
    def group(self) -> str:
        """The step that computes it."""
        return self.key.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to do.

    Attributes
    ----------
    steps
        Of the groups whose data are present.
    verdicts
        The last step of each of these groups, in order; its result are rows of a report card.
    absent
        The other groups, with what they lack.
    """

    steps: tuple[Step, ...]
    verdicts: tuple[str, ...]
    absent: Mapping[str, str]


def read_targets(path: Path = FILE) -> tuple[dict[str, Any], tuple[Target, ...]]:
    """Return the groups by name, and the targets in the order of the file."""
    plain_toml = tomllib.loads(path.read_text(encoding="utf-8"))
    targets = tuple(Target(**entry) for entry in plain_toml["target"])
    return plain_toml["groups"], targets


def target_steps(
    groups: Mapping[str, Any], targets: Sequence[Target], roots: DataRoots
) -> Plan:
    """Return for each group a step that computes and one that compares, and those of the tables.

    A table's step is the one that a spec has for it, so that both take the same result.
    """
    steps: dict[str, Step] = {}
    absent: dict[str, str] = {}
    verdicts = []
    for name, group in groups.items():
        try:
            made = _computing(name, group, roots)
        except DataError as error:
            absent[name] = error.problems[0].what.partition(" in the data folders ")[0]
            continue
        steps |= {step.name: step for step in made}
        verdicts.append(f"verdicts.{name}")
        steps[verdicts[-1]] = Step(
            verdicts[-1], VERDICTS, inputs={"numbers": name},
            params={"targets": [asdict(t) for t in targets if t.group == name]})
    return Plan(tuple(steps.values()), tuple(verdicts), absent)


def _computing(name: str, group: Mapping[str, Any], roots: DataRoots) -> list[Step]:
    """Return the step of a group and those that it needs: a table, or another group each year."""
    needed: list[Step] = []
    inputs: dict[str, str] = {}
    if "table" in group:
        needed.append(_table(group["table"]["source"], group["table"]["year"], roots))
        inputs["table"] = needed[-1].name
    each = group.get("each")
    for year in each["years"] if each else ():
        own = {**each, "table": {**each["table"], "year": year},
               "params": {**each.get("params", {}), "year": year}}
        needed += _computing(f"{name}.{year}", own, roots)
        inputs[str(year)] = needed[-1].name
    files = {arg: FileRef(roots.resolve(path), name=path)
             for arg, path in group.get("files", {}).items()}
    return [*needed, Step(
        name, f"{NUMBERS}:{group['function']}", params=group.get("params", {}), inputs=inputs,
        files=files, libraries=(*FRAME_LIBRARIES, "scipy"),
        memory=TABLE_MEMORY if "table" in inputs else 0)]


def _table(source_name: str, year: int, roots: DataRoots) -> Step:
    source = source_named(source_name)
    names = source.files(year)
    return Step(
        f"{source_name}.{year}", "gvckit.run.tasks.tables:read",
        params={"source": plain(asdict(source)), "year": year, "policy": {}},
        files={"table": FileRef(roots.first(names), name=names[0])},
        code=(source.reader.split(":")[0],), libraries=TABLE_LIBRARIES, memory=TABLE_MEMORY)
