"""Code fingerprints are neither too narrow nor too wide."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toyrun import PACKAGE

from gvckit.errors import StoreError
from gvckit.run.fingerprint import Fingerprints, default_roots

STEPS = {
    "tables": "toypaper.tables", "measures": "toypaper.measures", "report": "toypaper.report"}

# What editing each file of the toy package must rerun.
RERUNS = {
    "__init__.py": {"tables", "measures", "report"},
    "numbers.py": {"tables", "measures"},
    "tables.py": {"tables"},
    "measures.py": {"measures"},
    "lazy.py": {"measures"},
    "data/constants.toml": {"measures"},
    "report.py": {"report"},
    "typed.py": set(),
    "unused.py": set(),
    "faults.py": set(),
    "arrays.py": set(),
}


def codes(package: Path) -> dict[str, str]:
    prints = Fingerprints({package.name: package})
    return {module: prints.code((module,)).digest for module in STEPS.values()}


def test_the_table_covers_the_toy_package():
    files = {p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*")
             if p.is_file() and "__pycache__" not in p.parts}
    assert files == set(RERUNS)


@pytest.mark.parametrize("file", RERUNS)
def test_editing_a_file_changes_exactly_the_steps_that_use_it(toy_copy, file):
    before = codes(toy_copy)
    path = toy_copy / file
    text = path.read_text()
    path.write_text(text + "\nextra = 1\n")
    after = codes(toy_copy)
    changed = {name for name, module in STEPS.items() if before[module] != after[module]}
    assert changed == RERUNS[file]
    path.write_text(text)
    assert codes(toy_copy) == before


@pytest.mark.parametrize("edit", [
    lambda text: "# a comment\n\n\n" + text,
    lambda text: text.replace("return", "return  \\\n       "),
    lambda text: '"""Another docstring."""\n' + text,
    lambda text: text.replace('"""Return a table of one year."""', '"""Make one."""'),
    lambda text: text + "\nfrom typing import TYPE_CHECKING\n",
])
def test_what_an_edit_of_words_changes(toy_copy, edit):
    path = toy_copy / "tables.py"
    path.write_text(path.read_text().replace('"""Used', '"""Use'))
    before = codes(toy_copy)["toypaper.tables"]
    path.write_text(edit(path.read_text()))
    after = codes(toy_copy)["toypaper.tables"]
    assert (after == before) == ("TYPE_CHECKING" not in path.read_text())


def test_blocks_for_type_checkers_do_not_count(toy_copy):
    path = toy_copy / "measures.py"
    before = codes(toy_copy)
    path.write_text(path.read_text().replace(
        "    from toypaper.typed import Year", "    from toypaper.unused import NOTHING"))
    assert codes(toy_copy) == before
    path.write_text(path.read_text().replace("if TYPE_CHECKING:", "if 1 == 1:"))
    assert codes(toy_copy)["toypaper.measures"] != before["toypaper.measures"]


def test_an_edit_of_equal_length_right_after_a_reading_is_seen(toy_copy):
    path = toy_copy / "lazy.py"
    seen = set()
    for number in range(10):
        path.write_text(f"FACTOR = {number}.0\n")
        seen.add(codes(toy_copy)["toypaper.measures"])
    assert len(seen) == 10


def test_unchanged_tells_edits_from_touches(toy_copy):
    prints = Fingerprints({"toypaper": toy_copy})
    modules = ("toypaper.measures",)
    prints.code(modules)
    assert prints.unchanged(modules)
    (toy_copy / "lazy.py").touch()
    assert prints.unchanged(modules)
    (toy_copy / "unused.py").write_text("x = 1\n")
    assert prints.unchanged(modules)
    (toy_copy / "data" / "constants.toml").write_text("offset = 2.0\n")
    assert not prints.unchanged(modules)
    (toy_copy / "numbers.py").unlink()
    assert not prints.unchanged(modules)


def write_package(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root / "pack"


@pytest.mark.parametrize(("statement", "covered"), [
    ("import pack.sub.leaf", {"pack.sub", "pack.sub.leaf"}),
    ("import pack.sub.leaf as leaf, os", {"pack.sub", "pack.sub.leaf"}),
    ("from pack.sub import leaf", {"pack.sub", "pack.sub.leaf"}),
    ("from pack.sub import other", {"pack.sub"}),
    ("from pack.sub.leaf import x", {"pack.sub", "pack.sub.leaf"}),
    ("from pack.sub import *", {"pack.sub"}),
    ("from . import b", {"pack.b"}),
    ("from .b import x", {"pack.b"}),
    ("from .sub.leaf import x", {"pack.sub", "pack.sub.leaf"}),
    ("def f():\n    from .b import x", {"pack.b"}),
    ("class C:\n    if True:\n        import pack.b", {"pack.b"}),
    ("try:\n    import pack.b\nexcept ImportError:\n    import pack.sub.leaf",
     {"pack.b", "pack.sub", "pack.sub.leaf"}),
    ("match 1:\n    case 1:\n        import pack.b", {"pack.b"}),
    ("with open('x') as f:\n    import pack.b", {"pack.b"}),
    ("from __future__ import annotations\nimport os, numpy", set()),
    ("import package.b", set()),
])
def test_every_way_to_import_is_followed(tmp_path, statement, covered):
    package = write_package(tmp_path, {
        "__init__.py": "", "b.py": "x = 1", "sub/__init__.py": "other = 1",
        "sub/leaf.py": "x = 1", "a.py": statement})
    code = Fingerprints({"pack": package}).code(("pack.a",))
    assert set(code.modules) == {"pack", "pack.a"} | covered


def test_relative_imports_of_packages_start_at_the_package(tmp_path):
    package = write_package(tmp_path, {
        "__init__.py": "", "b.py": "x = 1", "sub/__init__.py": "from .leaf import x",
        "sub/leaf.py": "from ..b import x"})
    code = Fingerprints({"pack": package}).code(("pack.sub",))
    assert set(code.modules) == {"pack", "pack.sub", "pack.sub.leaf", "pack.b"}


def test_circular_imports_and_extra_modules(tmp_path):
    package = write_package(tmp_path, {
        "__init__.py": "", "a.py": "import pack.b", "b.py": "import pack.a", "c.py": ""})
    prints = Fingerprints({"pack": package})
    assert set(prints.code(("pack.a",)).modules) == {"pack", "pack.a", "pack.b"}
    assert set(prints.code(("pack.a", "pack.c")).modules) == {
        "pack", "pack.a", "pack.b", "pack.c"}


def test_what_no_fingerprint_can_cover_is_refused(tmp_path, toy_copy):
    with pytest.raises(StoreError, match="in none of the packages"):
        Fingerprints().code(("numpy.linalg",))
    with pytest.raises(StoreError, match="in none of the packages"):
        Fingerprints().code(("gvckit.no_such_module",))
    (toy_copy / "tables.py").write_text("def f(:")
    with pytest.raises(StoreError, match=r"cannot read the code of module 'toypaper\.tables'"):
        codes(toy_copy)
    (toy_copy / "tables.py").write_text("DATA_FILES = ('nothing/*.csv',)")
    with pytest.raises(StoreError, match="none found"):
        codes(toy_copy)


@pytest.mark.parametrize("statement", ["from gvckit import read_icio", "import gvckit"])
def test_public_names_are_no_way_to_reach_a_room(tmp_path, statement):
    root = tmp_path / "gvckit"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "a.py").write_text(statement)
    with pytest.raises(StoreError, match="from the package 'gvckit' itself"):
        Fingerprints({"gvckit": root}).code(("gvckit.a",))


# The package itself

ENTRIES = ("gvckit.errors", "gvckit.run.frames", "gvckit.icio.leontief", "gvckit.models.result",
           "gvckit.panel.evaluate")


def own_modules() -> list[str]:
    root = default_roots()["gvckit"]
    names = []
    for path in sorted(root.rglob("*.py")):
        parts = ("gvckit", *path.relative_to(root).with_suffix("").parts)
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_fingerprint_covers_what_python_loads(entry):
    """The reference is the interpreter: everything loaded by an import is covered."""
    script = ("import sys, importlib; importlib.import_module(sys.argv[1]); "
              "print(*sorted(m for m in sys.modules if m.startswith('gvckit')))")
    loaded = subprocess.run([sys.executable, "-c", script, entry], capture_output=True, text=True,
                            check=True).stdout.split()
    covered = set(Fingerprints().code((entry,)).modules)
    assert set(loaded) - {"gvckit"} <= covered
    assert "gvckit" not in covered


def test_each_module_of_the_package_counts_exactly_where_it_is_covered(tmp_path):
    copy = Path(shutil.copytree(default_roots()["gvckit"], tmp_path / "gvckit",
                                ignore=shutil.ignore_patterns("__pycache__")))
    first = Fingerprints({"gvckit": copy})
    before = {entry: first.code((entry,)) for entry in ENTRIES}
    for module in own_modules():
        parts = module.split(".")[1:]
        path = copy.joinpath(*parts)
        path = next(p for p in (path / "__init__.py", path.with_suffix(".py")) if p.exists())
        text = path.read_text()
        path.write_text(text + "\n_edited = 1\n")
        prints = Fingerprints({"gvckit": copy})
        changed = {e for e in ENTRIES if prints.code((e,)).digest != before[e].digest}
        assert changed == {e for e in ENTRIES if module in before[e].modules}, module
        path.write_text(text)
    again = Fingerprints({"gvckit": copy})
    assert all(again.code((e,)).digest == before[e].digest for e in ENTRIES)


def test_fingerprints_of_the_whole_package_are_quick():
    script = (
        "import time, sys\n"
        "from gvckit.run.fingerprint import Fingerprints\n"
        "start = time.process_time()\n"
        "modules = Fingerprints().code(tuple(sys.argv[1:])).modules\n"
        "print(len(modules), time.process_time() - start)\n")
    # Only modules whose imports are whole: other rooms have tests of their own.
    modules = [m for m in own_modules() if m.startswith(("gvckit.run.", "gvckit.models."))]
    out = subprocess.run([sys.executable, "-c", script, *modules], capture_output=True, text=True,
                         check=True, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}).stdout
    count, seconds = out.split()
    # 80 modules in 150 ms on a quiet machine; process time, so that neighbours hardly matter.
    assert float(seconds) < 0.004 * int(count) + 0.1


def test_sources_are_parsed_once(toy_copy, monkeypatch):
    time.sleep(0.15)  # Files that were just written are read again.
    codes(toy_copy)
    monkeypatch.setattr("gvckit.run.source.parse_source", lambda *a: pytest.fail("parsed again"))
    monkeypatch.setattr(Path, "read_bytes", lambda self: (
        pytest.fail("read again") if self.suffix == ".py" else b"offset = 1.0\n"))
    codes(toy_copy)


def test_no_step_runs_code_that_its_key_does_not_cover(store, uncovered):
    from toyrun import ROOTS, array_steps, paper_steps

    from gvckit.run.engine import execute
    from gvckit.run.step import Step

    registry = Step("registry", "toypaper.faults:registry", {"module": "toypaper.numbers"})
    covered = Step("covered", "toypaper.faults:registry", {"module": "toypaper.numbers", "x": 1},
                   code=("toypaper.numbers",))
    steps = [*paper_steps(), *array_steps(), registry, covered]
    result = execute(steps, None, store, roots=ROOTS)
    assert result.ok
    assert len(result.executed) == len(steps)
    assert uncovered == {"registry": {str(PACKAGE / "numbers.py")}}
