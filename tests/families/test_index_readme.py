"""The README's index: its spec runs as printed, its Python too, its lists of words are whole."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.indices.aggregate import AGGREGATORS
from gvckit.indices.missing import RULES
from gvckit.indices.normalise import NORMALISERS
from gvckit.indices.treat import TREATMENTS
from gvckit.indices.weights import SCHEMES
from gvckit.run.api import run

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## Composite indices\n")[1].split("\n## ")[0]


def world() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame([(c, y) for c in ("AUT", "BEL", "CHE", "DEU", "ESP", "FRA", "GBR", "ITA")
                          for y in range(2000, 2010)], columns=["code", "yr"])
    level = rng.normal(size=8).repeat(10)
    for name in ("internet", "mobile", "price", "patents"):
        frame[name] = np.exp(level + .4 * rng.normal(size=80))
    frame.loc[[4, 31], "mobile"] = np.nan
    return frame.assign(growth=level + rng.normal(size=80))


def test_the_spec_runs_as_printed(tmp_path: Path) -> None:
    spec = re.search(r"```yaml\n(.*?)```", SECTION, re.DOTALL)
    assert spec
    (tmp_path / "data").mkdir()
    world().to_csv(tmp_path / "data" / "indicators.csv", index=False)
    (tmp_path / "paper.yaml").write_text(spec.group(1), encoding="utf-8")
    run(tmp_path / "paper.yaml", out=tmp_path / "out")
    tables = tmp_path / "out" / "tables"
    for name in ("weights", "support", "audit", "pairs", "depends", "ranks", "variants"):
        assert (tables / f"{name}.tex").is_file()
    done = pd.read_csv(tables / "variants.csv")
    assert done["variants"].tolist() == [300]
    filled = pd.read_csv(tables / "support.csv").set_index("node")["filled"]
    assert filled["mobile"] == 2


def test_the_python_runs_as_printed() -> None:
    code = re.search(r"```python\n(tree = .*?)```", SECTION, re.DOTALL)
    assert code
    frame = world().rename(columns={"code": "country", "yr": "year"})
    names: dict[str, object] = {"gk": gk, "frame": frame}
    exec(compile(code.group(1), "README.md", "exec"), names)
    done = names["done"]
    assert isinstance(done, gk.indices.composite.CompositeResult)  # type: ignore[attr-defined]
    assert list(done.scores.columns) == ["country", "year", "access", "invention", "index"]
    assert "panel entropy" in done.scores.attrs["definition"]


@pytest.mark.parametrize(("key", "words"), [
    ("missing", RULES), ("treat", TREATMENTS), ("weights", SCHEMES), ("aggregate", AGGREGATORS),
    ("normalise", {n.removesuffix("-pooled") for n in NORMALISERS if n.endswith("-pooled")})])
def test_every_word_is_in_the_readme(key: str, words: object) -> None:
    row = re.search(rf"^\| `{key}` \| (.*) \|$", SECTION, re.MULTILINE)
    assert row
    said = set(re.findall(r"[a-z][a-z0-9]*(?:-[a-z]+)*", row.group(1)))
    assert set(words) <= said  # type: ignore[call-overload]
