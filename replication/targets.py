"""Steps and verdicts of the published numbers in ``targets.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from gvckit.errors import DataError
from gvckit.report.card import judge
from gvckit.report.printed import parse_printed
from gvckit.run.step import FileRef, Step
from gvckit.sources.catalogue import source_named
from gvckit.sources.roots import DataRoots
from gvckit.spec.compile.data import FRAME_LIBRARIES, TABLE_LIBRARIES, TABLE_MEMORY
from gvckit.spec.compile.plan import plain

__all__ = ["GOOD", "Plan", "Target", "read_targets", "target_checks", "target_steps"]

FILE = Path(__file__).with_name("targets.toml")
CODE = "replication.measured"

#: Verdicts that satisfy a target with status ``must``.
GOOD = frozenset({"exact", "in interval", "within tolerance"})


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

    @property
    def number(self) -> str:
        """What the step calls it."""
        return self.key.partition(".")[2]


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps of the groups whose data are present, and the others with what they lack."""

    steps: tuple[Step, ...]
    absent: Mapping[str, str]


def read_targets(path: Path = FILE) -> tuple[dict[str, Any], tuple[Target, ...]]:
    """Return the groups by name, and the targets in the order of the file."""
    plain_toml = tomllib.loads(path.read_text(encoding="utf-8"))
    targets = tuple(Target(**entry) for entry in plain_toml["target"])
    return plain_toml["groups"], targets


def target_steps(groups: Mapping[str, Any], roots: DataRoots) -> Plan:
    """Return a step for each group, and one for each table that they take.

    A table's step is the one that a spec has for it, so that both take the same result.
    """
    steps: dict[str, Step] = {}
    absent: dict[str, str] = {}
    for name, group in groups.items():
        try:
            inputs = {}
            if "table" in group:
                table = _table(group["table"]["source"], group["table"]["year"], roots)
                inputs["table"] = table.name
                steps[table.name] = table
            files = {arg: FileRef(roots.resolve(path), name=path)
                     for arg, path in group.get("files", {}).items()}
        except DataError as error:
            absent[name] = error.problems[0].what
            continue
        steps[name] = Step(
            name, f"{CODE}:{group['function']}", params=group.get("params", {}), inputs=inputs,
            files=files, libraries=(*FRAME_LIBRARIES, "scipy"),
            memory=TABLE_MEMORY if inputs else 0)
    return Plan(tuple(steps.values()), absent)


def _table(source_name: str, year: int, roots: DataRoots) -> Step:
    source = source_named(source_name)
    names = source.files(year)
    return Step(
        f"{source_name}.{year}", "gvckit.run.tasks.tables:read",
        params={"source": plain(asdict(source)), "year": year, "policy": {}},
        files={"table": FileRef(roots.first(names), name=names[0])},
        code=(source.reader.split(":")[0],), libraries=TABLE_LIBRARIES, memory=TABLE_MEMORY)


def target_checks(
    targets: Sequence[Target], found: Mapping[str, Mapping[str, float]]
) -> list[dict[str, Any]]:
    """Return the verdict on each target whose group was computed, as rows of a report card."""
    return [_check(target, found[target.group]) for target in targets if target.group in found]


def _check(target: Target, numbers: Mapping[str, float]) -> dict[str, Any]:
    printed = parse_printed(target.printed)
    ours = numbers.get(target.number)
    verdict, units, remark = "missing", None, ""
    if ours is not None:
        verdict, units = judge(printed, ours)
        value = Decimal(repr(ours))
        if target.at is not None:
            holds = value <= printed.value if target.at == "most" else value >= printed.value
            verdict, units = ("within tolerance" if holds else "differs"), None
            remark = f"at {target.at}"
        elif target.within is not None:
            remark = f"± {target.within}"
            if verdict != "exact" and abs(value - printed.value) <= Decimal(target.within):
                verdict = "within tolerance"
    return {"paper": "targets", "target": target.key, "quantity": target.number,
            "printed": target.printed, "ours": ours, "units": units, "verdict": verdict,
            "status": target.status, "source": target.source, "remark": remark}
