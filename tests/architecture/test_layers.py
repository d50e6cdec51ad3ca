"""The plan of the house, held: floors, circles, hidden imports, and one doorway for each outside package.

The floors stand in FLOORS from the ground up. A module may import from its own floor and from those below it. The
package's own `__init__` and `__main__` are the roof: they may import everything, and no floor imports them.
"""

import ast
import importlib.util
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

SRC = Path(__file__).parents[2] / "src"
PACKAGE = "chalkgrad"
FLOORS = (
    "errors", "graph", "gates", "notation", "reading", "native", "transform", "check",
    "handwork", "explain", "learn", "bridge", "app",
)  # fmt: skip
ROOF = ("__init__", "__main__")
LATE_LOADERS = frozenset(
    f"chalkgrad/{one}.py" for one in ("__init__", "graph/special", "explain/rendering", "native/__init__", "app/compiled")
)  # the files that may load a module when it is first used
LATE_CALLS = ("import_module", "__import__")
COMPUTED = "(a computed name)"
FREE_EVERYWHERE = frozenset({"numpy"})  # the outside packages that any file may import

FILES = sorted((path.relative_to(SRC) for path in (SRC / PACKAGE).rglob("*.py")), key=str)


class Import(NamedTuple):
    module: str
    line: int
    late: bool  # by a call of import_module rather than by an import statement
    hidden: bool  # inside a function


def module_of(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def floor_of(path: Path) -> int:
    """The number of a file's floor; the roof is above them all."""
    room = path.parts[1] if len(path.parts) > 2 else path.stem
    if room in ROOF:
        return len(FLOORS)
    assert room in FLOORS, f"{path} stands on no floor: {room!r} is none of {', '.join(FLOORS)}"
    return FLOORS.index(room)


def imports_of(path: Path) -> Iterator[Import]:
    """Every import of a file, wherever it stands, as absolute names."""
    package = module_of(path) if path.stem == "__init__" else module_of(path).rpartition(".")[0]
    todo: list[tuple[ast.AST, bool]] = [(ast.parse((SRC / path).read_text(encoding="utf-8")), False)]
    while todo:
        node, hidden = todo.pop()
        for module in imported_by(node, package):
            yield Import(module, node.lineno, isinstance(node, ast.Call), hidden)
        inside = hidden or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        todo.extend((child, inside) for child in ast.iter_child_nodes(node))


def imported_by(node: ast.AST, package: str) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            base = importlib.util.resolve_name("." * level + (module or ""), package) if level else str(module)
            full = [f"{base}.{alias.name}" for alias in names]
            return sorted({name if name in MODULES else base for name in full})
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in LATE_CALLS:
            match args:
                case [ast.Constant(value=str(module)), *_]:
                    return [importlib.util.resolve_name(module, package)]
            return [COMPUTED]
    return []


IMPORTS = {path: list(imports_of(path)) for path in FILES}


def is_own(module: str) -> bool:
    return module.split(".")[0] == PACKAGE


def is_outside(module: str) -> bool:
    top = module.split(".")[0]
    return top not in {PACKAGE, COMPUTED} | FREE_EVERYWHERE | sys.stdlib_module_names


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_only_downward(path):
    here = floor_of(path)
    for module, line, _, _ in IMPORTS[path]:
        if is_own(module):
            assert module in MODULES, f"{path}:{line} imports {module}, which is no module"
            assert floor_of(MODULES[module]) <= here, f"{path}:{line} imports upward into {module}"


def test_no_module_imports_itself_by_a_detour():
    wires = {module: {i.module for i in IMPORTS[path]} - {module} for module, path in MODULES.items()}
    try:
        TopologicalSorter(wires).prepare()
    except CycleError as circle:
        # graphlib lists each module before the one that imports it
        pytest.fail("modules import each other in a circle: " + " imports ".join(reversed(circle.args[1])))


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_import_hides_in_a_function(path):
    hidden = [f"line {i.line}: {i.module}" for i in IMPORTS[path] if i.hidden and not i.late]
    assert not hidden, f"{path} imports inside a function ({'; '.join(hidden)}); imports stand at the top of a file"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_the_listed_files_load_modules_late(path):
    late = [f"line {i.line}: {i.module}" for i in IMPORTS[path] if i.late]
    allowed = path.as_posix() in LATE_LOADERS
    assert allowed or not late, f"{path} loads modules late ({'; '.join(late)}) but is not one of LATE_LOADERS"


def test_each_outside_package_is_imported_in_one_file():
    doorways: dict[str, set[str]] = defaultdict(set)
    for path in FILES:
        for module, _, _, _ in IMPORTS[path]:
            if is_outside(module):
                doorways[module.split(".")[0]].add(path.as_posix())
    crowded = [f"{package} in {', '.join(sorted(paths))}" for package, paths in doorways.items() if len(paths) > 1]
    assert not crowded, f"an outside package has one doorway, a single file that imports it: {'; '.join(crowded)}"
