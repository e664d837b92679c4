"""The mail of the demonstration in the browser, and that no other portal shows any."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.config import Config, MailSettings
from portal.domain.mail import Kind, Letter
from portal.mail.delivery import Courier, deliver
from portal.mail.transport import way_out
from tests.clinic import NOW, Clinic
from tests.mail.post import PUBLIC_URL, letter, put
from tests.web.client import SECRET, Clock, running, visitor
from tests.web.page import elements, text_of
from tests.web.visitor import Visitor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the mail of the portal under test goes."""
    return tmp_path / "mail"


@pytest.fixture
def demo(database_url: str, clinic: Clinic, clock: Clock, folder: Path) -> Iterator[Flask]:  # noqa: ARG001 - the practice must be there first
    """The portal as a demonstration."""
    with running(database_url, clock, demo=True, public_url=PUBLIC_URL, mail=MailSettings(folder=folder)) as app:
        yield app


@pytest.fixture
def reader(demo: Flask) -> Visitor:
    """Somebody who is not signed in to the demonstration."""
    return visitor(demo.test_client())


def arrive(engine: Engine, folder: Path, *letters: Letter) -> list[UUID]:
    """Send letters, one second after another."""
    ids = [put(engine, [one], NOW + timedelta(seconds=second))[0] for second, one in enumerate(letters)]
    settings = Config("", SECRET, public_url=PUBLIC_URL, mail=MailSettings(folder=folder))
    way = way_out(settings.mail)
    assert way is not None
    deliver(Courier(engine, way, settings, lambda: NOW + timedelta(minutes=1)), threading.Event())
    return ids


def test_before_any_mail_the_list_says_so(reader: Visitor) -> None:
    assert "No mail yet" in reader.page("/demo/mail").text


def test_the_list_has_the_newest_mail_first(reader: Visitor, engine: Engine, clinic: Clinic, folder: Path) -> None:
    ids = arrive(engine, folder, letter(clinic, Kind.RESET), letter(clinic, Kind.JOINED, "leo@example.org"))
    page = reader.page("/demo/mail")
    links = [(text_of(link), link.get("href")) for link in elements(page.root, "a") if "/demo/mail/" in link.get("href", "")]
    assert links == [("Your account is ready", f"/demo/mail/{ids[1]}"), ("Choose a new password", f"/demo/mail/{ids[0]}")]
    assert "To leo@example.org" in page.text


def test_a_link_in_a_mail_leads_into_the_portal_and_nothing_else_does(reader: Visitor, engine: Engine, clinic: Clinic, folder: Path) -> None:
    wanted, typed = arrive(
        engine, folder, letter(clinic, Kind.RESET), letter(clinic, Kind.LINK_REQUESTED, guardian="https://evil.example/ <b>x</b>", patient="Leo")
    )
    page = reader.page(f"/demo/mail/{wanted}")
    assert [link.get("href") for main in elements(page.root, "main") for link in elements(main, "a")] == ["/demo/mail", "/somewhere/path?t=a-b_c"]
    assert [text_of(heading) for heading in elements(page.root, "h2")] == ["Choose a new password"]
    other = reader.page(f"/demo/mail/{typed}")
    assert "https://evil.example/ <b>x</b> has asked to act for Leo" in other.text
    assert [link.get("href") for main in elements(other.root, "main") for link in elements(main, "a")] == ["/demo/mail"]


def test_a_mail_is_marked_with_the_language_it_is_in(reader: Visitor, engine: Engine, clinic: Clinic, folder: Path) -> None:
    [mail_id] = arrive(engine, folder, letter(clinic, language="es"))
    for url in ("/demo/mail", f"/demo/mail/{mail_id}"):
        root = reader.page(url).root
        assert [element.get("lang") for element in root.iter() if text_of(element) == "Elija una contraseña nueva" and element.get("lang")] == ["es"]


def test_a_mail_that_is_not_there_is_no_page(reader: Visitor) -> None:
    assert reader.get(f"/demo/mail/{uuid4()}").status == 404
    assert reader.get("/demo/mail/..%2f..%2fsecret-key").status == 404


def test_strangers_find_the_mail_from_the_sign_in_page(reader: Visitor) -> None:
    assert "/demo/mail" in [link.get("href") for link in elements(reader.page("/sign-in").root, "a")]


def test_a_portal_that_is_no_demonstration_shows_no_mail_even_where_it_writes_files(
    database_url: str, engine: Engine, clinic: Clinic, clock: Clock, folder: Path
) -> None:
    [mail_id] = arrive(engine, folder, letter(clinic, Kind.RESET))
    with running(database_url, clock, public_url=PUBLIC_URL, mail=MailSettings(folder=folder)) as app:
        stranger = visitor(app.test_client())
        assert {stranger.get(url).status for url in ("/demo/mail", f"/demo/mail/{mail_id}")} == {404}
        assert [rule for rule in app.url_map.iter_rules() if "demo" in str(rule)] == []
        assert "/demo/mail" not in stranger.get("/sign-in").body
