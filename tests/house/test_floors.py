import ast
from fnmatch import fnmatch
from graphlib import TopologicalSorter

import pytest

from tests.house.source import PORTAL, PROJECT, calls, ignored_names, imports, module_name, modules, project_files

TOP_FLOOR = 5
FLOORS = {
    "config": 0,
    "domain": 0,
    "storage": 1,
    "services": 2,
    "context": 3,
    "web": 4,
    "api": 4,
    "app": TOP_FLOOR,
    "cli": TOP_FLOOR,
    "commands": TOP_FLOOR,
    "demo": TOP_FLOOR,
    "mail": TOP_FLOOR,
    "server": TOP_FLOOR,
    "__main__": TOP_FLOOR,
}
# A library, and the parts of the portal that may import it.
LIBRARIES = {
    "flask": {"context", "web", "api", "app", "cli", "demo", "server"},
    "flask_login": {"web", "app"},
    "flask_wtf": {"web", "api", "app"},
    "wtforms": {"web"},
    "jinja2": {"web", "app", "mail"},
    "markupsafe": {"web"},
    "werkzeug": {"context", "web", "api", "app", "server"},
    "sqlalchemy": {"storage", "services", "context", "app", "commands", "demo", "mail"},
    "alembic": {"storage", "commands"},
    "psycopg": {"storage"},
    "pysqlite3": {"storage"},
    "gunicorn": {"server"},
    "icalendar": {"services"},
    "orjson": {"api", "services"},
}
# Settings name a time zone, and one module knows which names are zones.
BESIDE = {("config", "domain")}
TOP_LEVEL = {
    *("pyproject.toml", "README.md", "portal", "templates", "static", "migrations", "tests"),
    *("Makefile", ".ci", ".gitignore", "requirements.txt", ".git"),
}
VAGUE_NAMES = {"forms.py", "utils.py", "helpers.py", "views.py", "misc.py", "common.py"}
LINES_MAX = {".py": 300, ".html": 150}


def part(name: str) -> str:
    return name.split(".")[1]


def allowed(importing: str, imported: str) -> bool:
    """Tell whether one part of the portal may import another: its own, one of a floor below, anything on the top floor."""
    above, below = FLOORS[importing], FLOORS[imported]
    return importing == imported or above > below or above == below == TOP_FLOOR or (importing, imported) in BESIDE


def test_every_module_has_a_floor() -> None:
    assert {part(name) for name in modules() if name != "portal"} <= set(FLOORS)


@pytest.mark.parametrize("name", sorted(set(modules()) - {"portal"}))
def test_a_module_imports_only_from_floors_below_its_own(name: str) -> None:
    inner = [imported for imported in imports(name) if imported.startswith("portal.")]
    assert [imported for imported in inner if not allowed(part(name), part(imported))] == []
    assert "portal" not in set(imports(name)), "import the module, not the package"


@pytest.mark.parametrize(("above", "below"), [("web", "api"), ("api", "web"), ("domain", "config"), ("services", "context"), ("storage", "services")])
def test_the_rule_refuses_what_it_should(above: str, below: str) -> None:
    assert not allowed(above, below)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_stays_on_its_floors(library: str) -> None:
    users = {part(name) for name in modules() if any(imported.split(".")[0] == library for imported in imports(name))}
    assert users <= LIBRARIES[library]


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {name: {imported for imported in imports(name) if imported in modules() and imported != name} for name in modules()}
    TopologicalSorter(graph).prepare()


def test_the_root_of_the_package_is_empty() -> None:
    assert modules()["portal"].body == []


@pytest.mark.parametrize("floor", ["domain", "storage", "services"])
def test_only_a_door_commits(floor: str) -> None:
    found = [
        f"{name}:{line}" for name in modules() if name.startswith(f"portal.{floor}") for line, called in calls(name) if called.endswith(".commit")
    ]
    assert found == []


def test_nothing_lies_at_the_top_but_what_has_a_place_there() -> None:
    entries = {entry.name for entry in PROJECT.iterdir()}
    assert {entry for entry in entries - TOP_LEVEL if not any(fnmatch(entry, pattern) for pattern in ignored_names())} == set()


def test_files_are_named_after_what_they_are_about() -> None:
    assert [path for path in project_files() if path.name in VAGUE_NAMES] == []


def test_no_file_is_too_long_to_read() -> None:
    sized = [path for path in project_files() if path.suffix in LINES_MAX and "migrations" not in path.parts]
    assert {str(path.relative_to(PROJECT)) for path in sized if len(path.read_text().splitlines()) > LINES_MAX[path.suffix]} == set()


def test_no_function_is_too_long_to_read() -> None:
    functions = [
        (name, node)
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 30
    ]
    assert [f"{name}.{node.name}" for name, node in functions] == []


def test_every_module_says_what_belongs_there() -> None:
    assert [name for name, tree in modules().items() if tree.body and not ast.get_docstring(tree)] == []


def test_every_package_can_be_imported_by_its_name() -> None:
    folders = {path.parent for path in project_files() if path.suffix == ".py" and PORTAL in path.parents}
    assert [folder for folder in folders if module_name(folder / "__init__.py") not in modules()] == []
