"""Imports point one way, kernels know no pandas, and the warm path stays light."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "gvckit"

# What a room may import, besides `errors` and itself.  `spec`, `run` and `cli` know every room.
ALLOWED = {
    "errors": set(),
    "icio": set(),
    "sources": {"icio"},
    "measures": {"icio"},
    "sophistication": {"icio", "measures"},
    "indices": set(),
    "panel": set(),
    "models": {"panel"},
    "report": {"models"},
    "spec": {"icio", "sources", "measures", "sophistication", "indices", "panel", "models",
             "report", "run"},
    "run": {"icio", "sources", "measures", "sophistication", "indices", "panel", "models",
            "report", "spec"},
    "cli": {"run", "spec"},
    "__main__": {"cli"},
}
# Numerical kernels: arrays in, arrays out.
KERNELS = (
    "icio/leontief.py", "icio/layout.py", "icio/factored.py", "icio/backend.py",
    "icio/partition.py", "measures/perimeter.py", "measures/own_perimeter.py",
    "measures/scaled.py", "measures/trade.py", "measures/output_cells.py",
    "indices/normalise.py", "indices/weights.py", "indices/aggregate.py",
    "models/demean.py", "models/ols.py", "models/vcov.py", "models/ssc.py",
    "models/fixed_effects.py", "panel/kernels.py",
    *(f"sophistication/{name}_kernels.py" for name in (
        "advantage", "complexity", "diversification", "prody", "quality", "space")),
)
# Imported when a frame is stored or read, never before.
LAZY = {"frames.py"}
HEAVY = {"pandas", "dask", "distributed", "pyfixest", "scipy", "matplotlib", "pyarrow", "rdata",
         "statsmodels", "linearmodels"}


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def typing_only(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes below ``if TYPE_CHECKING:``."""
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }


def imported(path: Path, *, top_level: bool = False) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = typing_only(tree)
    found: list[tuple[str, int]] = []
    for node in tree.body if top_level else ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: relative import"
            module = node.module or ""
            found.append((module, node.lineno))
            if module == "gvckit":
                found += [(f"gvckit.{alias.name}", node.lineno) for alias in node.names
                          if not alias.name.startswith("__")]
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_rooms_import_one_way(path: Path) -> None:
    room = room_of(path)
    assert room in ALLOWED, f"{path} lies in no known room"
    wrong = [
        f"{path.name}:{line}: {room} imports {name}"
        for name, line in imported(path)
        if name.startswith("gvckit.")
        and name.split(".")[1] not in ALLOWED[room] | {room, "errors"}
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_know_no_pandas(name: str) -> None:
    roots = {module.split(".")[0] for module, _ in imported(PACKAGE / name)}
    assert "pandas" not in roots


@pytest.mark.parametrize(
    "path",
    [p for p in modules() if room_of(p) in {"spec", "run", "cli", "errors", "__main__"}
     and "tasks" not in p.parts and p.name not in LAZY],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_the_warm_path_imports_nothing_heavy(path: Path) -> None:
    heavy = [(n, line) for n, line in imported(path, top_level=True) if n.split(".")[0] in HEAVY]
    assert not heavy


def test_modules_are_small() -> None:
    sizes = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in modules()}
    assert not {str(p): n for p, n in sizes.items() if n > 500}
    ordered = sorted(sizes.values())
    assert ordered[len(ordered) // 2] < 200


def test_no_user_text_is_executed() -> None:
    """No module calls eval, exec, DataFrame.eval, query or a shell."""
    banned = {"eval", "exec", "query", "system", "popen"}
    wrong = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                shell = any(k.arg == "shell" for k in node.keywords)
                if name in banned or shell:
                    wrong.append(f"{path}:{node.lineno}: {name}")
    assert not wrong, "\n".join(wrong)
