"""The verdict on each published target, as a step of the run."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from gvckit.report.card import judge
from gvckit.report.printed import parse_printed

__all__ = ["checks"]


def checks(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
           ) -> list[dict[str, Any]]:
    """Return a row of the report card for each target of one group."""
    return [_check(target, inputs["numbers"]) for target in params["targets"]]


def _check(target: Mapping[str, Any], numbers: Mapping[str, float]) -> dict[str, Any]:
    printed = parse_printed(target["printed"])
    number = target["key"].partition(".")[2]
    ours = numbers.get(number)
    verdict, units, remark = "missing", None, ""
    if ours is not None:
        verdict, units = judge(printed, ours)
        value = Decimal(repr(ours))
        if target["at"] is not None:
            below = target["at"] == "most"
            holds = value <= printed.value if below else value >= printed.value
            verdict, units = ("within tolerance" if holds else "differs"), None
            remark = f"at {target['at']}"
        elif target["within"] is not None:
            remark = f"± {target['within']}"
            if verdict != "exact" and abs(value - printed.value) <= Decimal(target["within"]):
                verdict = "within tolerance"
    return {"paper": "targets", "target": target["key"], "quantity": number,
            "printed": target["printed"], "ours": ours, "units": units, "verdict": verdict,
            "status": target["status"], "source": target["source"], "remark": remark}
