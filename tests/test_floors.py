"""Imports go down only, never sideways between the folders of one floor."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "jobctl"
FLOORS = {
    "domain": 0, "errors": 0, "clock": 0, "failpoint": 0, "closed_place": 0, "plain_file": 0,
    "presence": 0,
    "config": 1, "store": 1, "process": 1, "channels": 1, "importers": 1, "doorbell": 1, "instance_lock": 1,
    "signpost": 1,
    "operations": 2, "daemon": 2,
    "wiring": 3,
    "cli": 4,
    "__main__": 5,
}  # fmt: skip
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(module: str) -> str:
    return module.split(".")[1] if module.count(".") else ""


def imported_modules(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.append(node.module or "")
    return [name for name in found if name.startswith("jobctl.")]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    floor = FLOORS[room]
    for module in imported_modules(path):
        other = room_of(module)
        allowed = other == room or FLOORS[other] < floor or FLOORS[other] == floor == 0
        assert allowed, f"{path.relative_to(PACKAGE)} imports {module}: up or sideways"


def test_the_ground_floor_reads_no_clock_file_or_process() -> None:
    forbidden = {"time", "os", "pathlib", "subprocess", "sqlite3", "socket", "random", "psutil"}
    for path in (PACKAGE / "domain").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import)
                else [node.module or ""] if isinstance(node, ast.ImportFrom)
                else []
            )  # fmt: skip
            assert not forbidden & {name.split(".")[0] for name in names}, f"{path.name}: {names}"


def test_nobody_asks_a_path_itself_whether_it_is_there() -> None:
    """From Python 3.14 on it says no of what cannot be seen; `presence` does not."""
    answers = {"exists", "is_file", "is_dir", "is_symlink", "is_fifo", "is_socket", "is_mount"}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.keywords:
                asked = node.func.attr in answers and not node.args
                assert not asked, f"{path.relative_to(PACKAGE)}:{node.lineno}: {node.func.attr}"
