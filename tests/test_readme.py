"""The README's example runs as printed, and its commands and verbs exist."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from gvckit import cli

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_example_spec_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = re.search(r"```yaml\n(schema: 1\n.*?)```", README, re.DOTALL)
    assert spec
    (tmp_path / "data").mkdir()
    (tmp_path / "paper.yaml").write_text(spec.group(1), encoding="utf-8")
    rng = np.random.default_rng(3)
    rows = ["code,yr,exports,internet,gdp"]
    for code in ("FRA", "DEU", "ITA", "ESP", "USA", "CHN"):
        for year in range(2000, 2016):
            values = np.exp(rng.normal(10, 1, 3))
            rows.append(f"{code},{year}," + ",".join(f"{v:.2f}" for v in values))
    (tmp_path / "data" / "firms.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    status = cli.main(["run", str(tmp_path / "paper.yaml"), "--out", str(tmp_path / "out"),
                       "--workers", "1"])
    assert status == 0, capsys.readouterr().err
    table = (tmp_path / "out" / "tables" / "tab1.tex").read_text(encoding="utf-8")
    assert "Ln exports" in table
    assert table.count("Yes") == 9


def test_the_robustness_checks_run_on_the_example(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = re.search(r"```yaml\n(schema: 1\n.*?)models:\n.*?```", README, re.DOTALL)
    checks = re.search(r"on a baseline:\n\n((?:    .*\n)+)", README)
    assert spec
    assert checks
    models = [line[2:] for line in checks.group(1).splitlines()]
    names = [line.split(":")[0].strip() for line in models]
    assert len(names) >= 10
    text = spec.group(1).replace("samples:\n", "  ln_va: log(exports * gdp)\n"
                                 "  rich: where(mean(gdp, by=country) > 36000, 1, 0)\nsamples:\n")
    table = "\ntables:\n  tab1: {columns: [" + ", ".join(names[:-1]) + "], show: [net]}\n"
    (tmp_path / "data").mkdir()
    (tmp_path / "paper.yaml").write_text(text + "models:\n" + "\n".join(models) + table,
                                         encoding="utf-8")
    rng = np.random.default_rng(3)
    rows = ["code,yr,exports,internet,gdp"]
    for code in ("FRA", "DEU", "ITA", "ESP", "USA", "CHN"):
        for year in range(2000, 2016):
            values = np.exp(rng.normal(10, 1, 3))
            rows.append(f"{code},{year}," + ",".join(f"{v:.2f}" for v in values))
    (tmp_path / "data" / "firms.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    status = cli.main(["run", str(tmp_path / "paper.yaml"), "--out", str(tmp_path / "out"),
                       "--workers", "1"])
    assert status == 0, capsys.readouterr().err
    found = (tmp_path / "out" / "tables" / "tab1.tex").read_text(encoding="utf-8")
    assert "n.e." not in found
    assert "Lind-Mehlum" in found
    assert "Johnson-Neyman" in found
    assert "Randomisation p" in found


def test_every_verb_is_in_the_readme() -> None:
    for verb in cli.VERBS:
        assert f"`{verb.name}" in README


@pytest.mark.parametrize("name", ["quickstart", "tests"])
def test_the_two_commands_are_there(name: str) -> None:
    assert f"<!-- command: {name} -->\n```sh\npython3 -m venv .venv && " in README


def test_options_that_may_be_left_out_may_be_left_out() -> None:
    """Options that may be repeated are empty lists until they are given."""
    subparsers = next(a for a in cli.parser()._actions if isinstance(a.choices, dict))
    for verb in (subparsers.choices or {}).values():
        lists = {a.dest for a in verb._actions if isinstance(a.default, list)}
        assert lists <= cli.SEVERAL
