import re
from hashlib import sha256
from pathlib import Path

import pytest

from tests.house.source import PROJECT, project_files

TEXT = {".py", ".html", ".css", ".js", ".md", ".toml", ".txt", ".sh", ".po", ".svg", ".mako", ".json", ""}
TEMPLATES = [path for path in project_files() if path.is_relative_to(PROJECT / "templates")]
VENDOR = PROJECT / "static" / "vendor"
# Put together here, so that this file does not name them itself.
REGISTRIES = [".".join(words) for words in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("debian", "org"))]
FORBIDDEN_IN_TEMPLATES = {
    "markup that is not escaped": r"\|\s*safe\b|Markup\(|autoescape\s+false|\|\s*forceescape",
    "a script without a source": r"<script\b(?![^>]*\bsrc=)",
    "a style element": r"<style\b",
    "a style attribute": r"\sstyle\s*=",
    "a handler in an attribute": r"\son[a-z]+\s*=",
    "a script address": r"javascript:",
    "htmx handlers": r"\b(data-)?hx-on",
    "htmx boost": r"\b(data-)?hx-boost",
    "a script value for htmx": r"[\"'\s]js:",
    "a filter in a trigger": r"hx-trigger(:inherited)?=(\"[^\"]*\[|'[^']*\[)",
    "something from another host": r"\b(src|href|action|hx-get|hx-post)=[\"']?(https?:)?//",
}


def relative(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_the_host_of_a_package_registry(host: str) -> None:
    assert [relative(path) for path in project_files() if path.suffix in TEXT and host in path.read_text()] == []


@pytest.mark.parametrize("what", FORBIDDEN_IN_TEMPLATES)
def test_1_2_1_and_3_6_1_no_template_has(what: str) -> None:
    found = [(relative(path), match[0]) for path in TEMPLATES for match in re.finditer(FORBIDDEN_IN_TEMPLATES[what], path.read_text(), re.IGNORECASE)]
    assert found == []


@pytest.mark.parametrize(
    ("what", "markup"),
    [
        ("markup that is not escaped", "{{ name | safe }}"),
        ("a script without a source", "<script defer>go()</script>"),
        ("a style attribute", '<p class="x" style="top:0">'),
        ("a handler in an attribute", '<p onclick="go()">'),
        ("htmx handlers", '<p hx-on:click="go()">'),
        ("a script value for htmx", "<p hx-vals='js:{a: 1}'>"),
        ("a filter in a trigger", '<p hx-trigger="click[ctrlKey]">'),
        ("something from another host", '<img src="//example.org/a.png">'),
    ],
)
def test_the_patterns_find_what_they_should(what: str, markup: str) -> None:
    assert re.search(FORBIDDEN_IN_TEMPLATES[what], markup, re.IGNORECASE)


def test_there_are_templates_to_look_at() -> None:
    assert len(TEMPLATES) > 5


def test_text_files_end_with_one_line_break_and_have_no_trailing_blanks() -> None:
    own = [path for path in project_files() if path.suffix in TEXT and VENDOR not in path.parents]
    untidy = [relative(path) for path in own if (text := path.read_text()) and (not text.endswith("\n") or re.search(r"[ \t]+$", text, re.MULTILINE))]
    assert untidy == []


def test_no_file_says_that_something_is_still_to_be_done() -> None:
    own = [path for path in project_files() if path.suffix in {".py", ".html", ".css", ".md", ".sh"} and VENDOR not in path.parents]
    assert [relative(path) for path in own if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", path.read_text()) and path != Path(__file__)] == []


def test_files_of_others_are_unchanged_and_listed_with_their_sum() -> None:
    table = re.findall(r"^\| (\S+) \| .*`([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.MULTILINE)
    found = {relative(path): sha256(path.read_bytes()).hexdigest() for path in project_files() if VENDOR in path.parents and path.name != "README.md"}
    assert found == {f"static/vendor/{name}": digest for name, digest in table}


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_15_2_1_and_past_35_pinned_requirements_have_a_version_and_a_hash_each_and_no_address(name: str) -> None:
    text = (PROJECT / name).read_text()
    requirements = re.findall(r"^\S.*(?:\n    --hash.*)*", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE), re.MULTILINE)
    assert len(requirements) > 20
    assert [wanted for wanted in requirements if not re.match(r"[a-z0-9-]+==\S+ \\\n    --hash=sha256:", wanted)] == []
    assert re.search(r"://|--index|--find-links|/opt/|/tmp/", text) is None


@pytest.mark.parametrize("shared", ["alembic", "flask", "sqlalchemy", "tzdata"])
def test_tests_run_with_the_versions_that_the_portal_runs_with(shared: str) -> None:
    pins = [re.findall(rf"^{shared}==\S+", (PROJECT / name).read_text(), re.MULTILINE) for name in ("requirements.txt", "tests/requirements.txt")]
    assert pins[0] == pins[1] != []
