"""Arrows point one way: what imports what, read from the sources, and what a start pulls in."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

FORBIDDEN = {
    "models": ("app",),
    "app/explain": ("app.web", "app.engine", "app.store", "app.cli", "fastapi", "starlette"),
    "app/onnx": ("app.web", "app.engine", "app.store", "app.cli", "fastapi", "starlette", "onnx"),
    "app/labs": ("app.web", "app.engine", "app.store", "app.cli", "fastapi", "starlette"),
    "app/train": ("app.web", "app.engine", "app.store", "app.cli"),
    "app/render": ("app.web", "app.engine", "app.store", "app.cli"),
    "app/engine": ("app.web", "app.store", "app.cli", "fastapi", "starlette"),
    "app/store": ("app.web", "app.cli", "fastapi", "starlette"),
    "app": ("torchvision", "tests", "benchmarks"),
}


def imported(path: Path) -> set[str]:
    """The modules that a file names in its imports, wherever they stand."""
    names = set()
    for statement in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0, f"{path} imports relatively"
            names |= {f"{statement.module}.{alias.name}" for alias in statement.names}
    return names


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_arrows_point_one_way(checkout: Path, folder: str) -> None:
    for path in (checkout / folder).rglob("*.py"):
        for name in imported(path):
            for forbidden in FORBIDDEN[folder]:
                assert not f"{name}.".startswith(f"{forbidden}."), f"{path.relative_to(checkout)} imports {name}"


def test_weights_are_never_read_with_pickles_powers(checkout: Path) -> None:
    for folder in ("app", "models", "benchmarks"):
        for path in (checkout / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and ast.unparse(call.func) in (
                    "torch.load",
                    "pickle.load",
                    "pickle.loads",
                ):
                    keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
                    assert keywords.get("weights_only") == "True", f"{path.relative_to(checkout)}:{call.lineno}"


def test_a_start_imports_nothing_heavy_but_torch() -> None:
    heavy = ("sympy", "torch._dynamo", "torch._inductor", "networkx", "sqlalchemy", "captum", "matplotlib", "rich")
    program = (
        "import sys, app.cli, app.main, app.web.server; app.main.create_app(); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
