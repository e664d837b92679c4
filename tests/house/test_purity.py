import subprocess
import sys

import pytest

from tests.house.source import PROJECT, calls, imports, modules

CLOCK_CALLS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.localtime", "time.gmtime"}
CHANCE_CALLS = {"uuid1", "uuid4", "random", "randint", "choice", "randbits", "token_urlsafe", "token_hex", "urandom"}
IMPURE = {"time", "random", "secrets", "os", "io", "pathlib", "socket", "subprocess", "logging", "threading", "asyncio", "sqlite3", "tempfile"}
DOMAIN = sorted(name for name in modules() if name.startswith("portal.domain."))
CLOCKLESS = sorted(name for name in modules() if name.split(".")[1:2] in (["domain"], ["storage"], ["services"], ["web"], ["api"]))


@pytest.mark.parametrize("name", DOMAIN)
def test_rules_need_the_standard_library_alone(name: str) -> None:
    outside = [imported for imported in imports(name) if not imported.startswith("portal.domain.")]
    assert [imported for imported in outside if imported.split(".")[0] not in sys.stdlib_module_names] == []
    assert {imported.split(".")[0] for imported in outside} & IMPURE == set()


@pytest.mark.parametrize("name", DOMAIN)
def test_rules_know_no_chance_and_touch_no_file(name: str) -> None:
    assert [(line, called) for line, called in calls(name) if called.split(".")[-1] in CHANCE_CALLS | {"open", "print", "input"}] == []


@pytest.mark.parametrize("name", CLOCKLESS)
def test_only_the_context_asks_what_time_it_is(name: str) -> None:
    assert [(line, called) for line, called in calls(name) if called in CLOCK_CALLS] == []


def test_rules_load_without_the_web_or_a_database() -> None:
    code = f"import sys, {', '.join(DOMAIN)}; print(*{{'flask', 'wtforms', 'jinja2', 'sqlalchemy'}} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert answer.stdout.strip() == ""
