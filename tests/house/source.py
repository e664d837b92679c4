"""The project's own files and what its modules import, read without running them."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PORTAL = PROJECT / "portal"


@cache
def ignored_names() -> tuple[str, ...]:
    """Return the patterns of .gitignore, without their closing slash."""
    return tuple(line.rstrip("/") for line in (PROJECT / ".gitignore").read_text().splitlines() if line)


def is_ignored(path: Path) -> bool:
    """Tell whether a file lies in a folder that version control does not keep, or is itself not kept."""
    parts = path.relative_to(PROJECT).parts
    return parts[0] == ".git" or any(fnmatch(part, pattern) for part in parts for pattern in ignored_names())


@cache
def project_files() -> tuple[Path, ...]:
    """Return every file that belongs to the project."""
    kept = (entry for entry in sorted(PROJECT.iterdir()) if not is_ignored(entry))
    files = (path for entry in kept for path in ([entry] if entry.is_file() else sorted(entry.rglob("*"))))
    return tuple(path for path in files if path.is_file() and not is_ignored(path))


@cache
def modules() -> dict[str, ast.Module]:
    """Return the syntax tree of every module of the portal, by dotted name."""
    return {module_name(path): ast.parse(path.read_text()) for path in project_files() if path.suffix == ".py" and PORTAL in path.parents}


def module_name(path: Path) -> str:
    """Return the dotted name by which a file is imported."""
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def imports(name: str) -> Iterator[str]:
    """Give the dotted name of everything a module imports, at its top or inside a function; a module, not a name in it, where there is one."""
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: a relative import hides the floor it comes from"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules() else str(node.module)


def calls(name: str) -> Iterator[tuple[int, str]]:
    """Give the line of every call of a module and what it calls, such as `datetime.now`."""
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)
