"""Chapter 1: names, reasons and notes that are markup to a browser are shown as what was typed, on every page."""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from portal.storage.clinic import Account, Facility, Provider, Reason, Speciality
from portal.storage.engine import begin_write, sessions
from portal.storage.people import GuardianLink, Patient, User
from portal.storage.schedule import Draft, Schedule
from portal.web.permissions import Caller
from tests.access.conftest import shared_scene
from tests.access.people import Part
from tests.access.scene import Scene
from tests.access.test_pages import NAMES
from tests.web.page import parse
from tests.web.routes import ROUTES

__all__ = ["shared_scene"]
HOSTILE = (
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "'><b x='", "</title><script>1</script>"),
    *("</textarea><script>1</script>", "</select><img src=x>", "<!--", "-->", "]]>", "&lt;b&gt;", "&#60;b>", "{{ 7 * 7 }}", "{% raw %}"),
    *("javascript:alert(1)", "data:text/html,<b>", '" autofocus onfocus=alert(1) x="', "' onclick=alert(1) '", "`onload=1`", "\\x3cb\\x3e"),
    *("<a href=//evil.example>", "<form action=//evil.example>", "<base href=//evil.example>", "<meta http-equiv=refresh>", "<style>*{}</style>"),
    *("<iframe srcdoc='x'>", "<math><mtext></math>", "<table><td>", "<p hx-get=/x hx-trigger=load>", "<div hx-on:click=1>", "<template>"),
    *(
        "\u202egnp.exe",
        "\u2028<b>",
        "\ufeff<b>",
        "%3Cb%3E",
        "a\r\nSet-Cookie: x=1",
        "<" * 20,
        "\u003cb\u003e",
        "<b\x00>".replace("\x00", ""),
        "<plaintext>",
    ),
)
COLUMNS = (
    *((Patient, "given_name"), (Patient, "family_name"), (User, "name"), (GuardianLink, "relationship"), (Provider, "name"), (Facility, "name")),
    *((Facility, "place"), (Facility, "address"), (Speciality, "name"), (Reason, "name"), (Schedule, "reason"), (Schedule, "note")),
    *((Draft, "reason"), (Draft, "note"), (Account, "name"), (Account, "help_hours"), (Account, "emergency")),
)
PLAIN = "plain"
# Pages that list more with each request: of these the kinds of elements are compared, not how many there are.
GROWING = ("GET seen.page", "GET sessions.page")


def _write(scene: Scene, text: str) -> None:
    with sessions(scene.engine).begin() as session:
        begin_write(session)
        for table, column in COLUMNS:
            session.execute(update(table).values({column: text[:40]}))
        session.execute(update(Account).values(revision=Account.revision + 1))


def _shown(scene: Scene) -> Iterator[tuple[str, str]]:
    part = Part("grace", "leo")
    client = scene.client(Caller.GUARDIAN, part)
    for route in ROUTES:
        if route.method == "GET" and route.endpoint not in ("help.index", "help.one"):
            response = scene.ask(client, "GET", route.url({**NAMES, **scene.ids(part, route.endpoint)}), {})
            if response.mimetype == "text/html" and response.status_code == 200:
                yield str(route), response.get_data(as_text=True)


def _pages(scene: Scene) -> dict[str, Counter[tuple[str, tuple[str, ...]]]]:
    pages = {route: _nodes(html) for route, html in _shown(scene)}
    return {route: Counter(set(nodes)) if route in GROWING else nodes for route, nodes in pages.items()}


def _nodes(html: str) -> Counter[tuple[str, tuple[str, ...]]]:
    return Counter((str(element.tag), tuple(sorted(map(str, element.attrib)))) for element in parse(html).iter())


@pytest.fixture(scope="module")
def plain_pages(scene: Scene) -> dict[str, Counter[tuple[str, tuple[str, ...]]]]:
    _write(scene, PLAIN)
    # what has been read once is shown by the pages that tell of it
    _pages(scene)
    return _pages(scene)


@pytest.mark.parametrize("text", HOSTILE)
def test_1_2_1_and_1_2_3_a_text_makes_no_markup_on_any_page(
    text: str, scene: Scene, plain_pages: dict[str, Counter[tuple[str, tuple[str, ...]]]]
) -> None:
    _write(scene, text)
    pages = _pages(scene)
    assert len(pages) > 6
    assert pages == plain_pages
