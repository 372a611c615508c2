"""The house's own rules: imports point one way, nothing heavy or talkative in the web process."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import ROOT

# What each layer may not import.
FORBIDDEN = {
    "models": {"core", "api", "components", "pages", "app", "streamlit", "sqlmodel", "sqlalchemy"},
    "core": {"api", "components", "pages", "app", "streamlit"},
    "api": {"components", "pages", "app", "torch", "sqlalchemy", "sqlmodel"},
    "components": {"api", "pages", "app", "torch", "sqlalchemy", "sqlmodel"},
    "pages": {"api", "app", "torch", "sqlalchemy", "sqlmodel"},
}


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """First parts of everything a file imports, at its top or inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_imports_point_one_way(layer: str) -> None:
    files = sources(layer)
    assert files
    wrong = {str(f.relative_to(ROOT)): imported(f) & FORBIDDEN[layer] for f in files}
    assert {name: names for name, names in wrong.items() if names} == {}


def test_the_web_process_loads_nothing_heavy() -> None:
    heavy = {"torch", "torchvision", "timm", "openvino", "umap", "numba", "sklearn", "faiss",
             "openTSNE"}  # fmt: skip
    program = (
        "import sys, app\n"
        "import components.export, components.gallery, components.map, components.map_form\n"
        "import components.uploader, components.viewer, components.tagging, components.search_bar\n"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_no_file_or_function_outgrows_its_reader() -> None:
    long_files, long_functions = [], []
    for folder in (*FORBIDDEN, "benchmarks"):
        for path in sources(folder):
            text = path.read_text("utf-8")
            if "migrations/versions" in path.as_posix():
                continue
            if text.count("\n") > 400:
                long_files.append(str(path.relative_to(ROOT)))
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or node.lineno) - node.lineno
                    if length > 60:
                        long_functions.append(f"{path.relative_to(ROOT)}:{node.name} ({length})")
    assert (long_files, long_functions) == ([], [])
