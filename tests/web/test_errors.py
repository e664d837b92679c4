import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from html5lib.html5parser import ParseError
from sqlalchemy import Engine, event

from portal import context
from portal.services import passwords
from portal.storage.engine import DatabaseBusyError
from portal.storage.people import User
from portal.storage.schedule import Draft
from tests.clinic import Clinic
from tests.stored import rows, work
from tests.web.client import InspectingClient, engine_of, signed_in, signed_in_client, visitor
from tests.web.conftest import Ids
from tests.web.page import Answer
from tests.web.visitor import Visitor, wish

SECRET_WORDS = "the inner workings"
TOO_MUCH = 64 * 1024 + 1


@pytest.fixture
def faulty(app: Flask) -> Flask:
    """The portal, where faults are expected."""

    class FaultyClient(InspectingClient):
        faults_expected = True

    app.test_client_class = FaultyClient
    return app


@pytest.fixture
def broken(faulty: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The portal with a list of appointments that fails."""

    def fail(**_values: object) -> str:
        raise RuntimeError(SECRET_WORDS)

    monkeypatch.setitem(faulty.view_functions, "appointments.coming", fail)
    return faulty


@pytest.fixture
def away(faulty: Flask, database_url: str) -> Iterator[Callable[[], None]]:
    """Takes the database away."""
    path = Path(database_url.removeprefix("sqlite:///"))

    def take() -> None:
        engine_of(faulty).dispose()
        path.rename(path.with_suffix(".away"))
        path.mkdir()

    yield take
    path.rmdir()


@pytest.fixture
def statements(engine: Engine, app: Flask) -> list[str]:  # noqa: ARG001 - the application opens its own engine
    """What the portal asks its database from now on."""
    asked: list[str] = []
    event.listen(engine_of(app), "before_cursor_execute", lambda *call: asked.append(call[2]))
    return asked


@pytest.mark.parametrize(
    "path", ["/nope", "/appointments/x", "/booking/x", "/booking/x/y/check", "/static/nope.css", "/static/../pyproject.toml", "/.git/config"]
)
def test_an_unknown_address_gets_a_page_that_helps(path: str, stranger: Visitor) -> None:
    answer = stranger.get(path)
    assert (answer.status, answer.page.heading) == (404, "Page not found")
    assert "Go to my appointments" in answer.page.text


def test_a_wrong_method_gets_a_page_and_the_right_ones(ada: Visitor) -> None:
    answer = ada.ask("DELETE", "/sign-in")
    assert (answer.status, answer.page.heading) == (405, "That does not work here")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_15_2_2_too_large_a_form_gets_a_page_and_changes_nothing(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic), "reasons").page
    before = work(engine)
    answer = ada.send(page, "reason", reason="It hurts", note="x" * TOO_MUCH)
    assert (answer.status, answer.page.heading) == (413, "That was too much to send")
    assert work(engine) == before


def test_15_2_2_and_past_35_a_form_in_too_many_parts_is_refused(app: Flask) -> None:
    parts = {f"part{number}": "" for number in range(400)}
    assert app.test_client().post("/sign-in", data=parts, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "application/xml", "x", ""]
)
def test_a_form_that_says_it_is_something_else_is_refused(content_type: str, app: Flask, clinic: Clinic, leo: Ids, engine: Engine) -> None:
    client = signed_in_client(app, clinic, "maya")
    form = visitor(client).page(f"/booking/{leo['patient_id']}/{leo['draft_id']}/check").form_with("shown")
    before = work(engine)
    answer = client.post(form.action, data=urlencode(form.values).encode(), content_type=content_type)
    assert answer.status_code == 400
    assert work(engine) == before


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=latin-1"])
def test_a_form_that_says_it_is_one_is_read(content_type: str, app: Flask, clinic: Clinic, leo: Ids) -> None:
    client = signed_in_client(app, clinic, "maya")
    form = visitor(client).page(f"/booking/{leo['patient_id']}/{leo['draft_id']}/check").form_with("shown")
    assert client.post(form.action, data=urlencode(form.values).encode(), content_type=content_type).status_code == 303


def test_bytes_that_are_no_text_are_kept_as_they_were_encoded(app: Flask, clinic: Clinic, engine: Engine) -> None:
    client = signed_in_client(app, clinic, "ada")
    form = visitor(client).walk(wish(clinic), "reasons").page.form_with("reason")
    body = urlencode(form.filled({"reason": "HERE"})).replace("HERE", "a%ED%A0%80%FFb")
    assert client.post(form.action, data=body.encode(), content_type="application/x-www-form-urlencoded").status_code == 303
    assert rows(engine, Draft)[0]["reason"] == "a%ED%A0%80%FFb"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "localhost:x", "[::1", "a b"])
def test_4_1_3_a_foreign_host_is_refused(host: str, app: Flask) -> None:
    answer = app.test_client().get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "We could not read that request" in answer.get_data(as_text=True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:8000"])
def test_the_own_hosts_are_answered(host: str, app: Flask) -> None:
    assert app.test_client().get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/appointments", "/nope"])
def test_an_address_that_is_no_text_is_refused(path: str, app: Flask) -> None:
    answer = app.test_client().get(path, environ_overrides={"QUERY_STRING": "person=\xff"})
    assert answer.status_code == 400


def test_16_5_1_a_fault_tells_people_nothing_about_it(broken: Flask, clinic: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    answer = signed_in(broken, clinic, "ada").get("/appointments")
    assert (answer.status, answer.page.heading) == (500, "Something went wrong on our side")
    assert SECRET_WORDS not in answer.body
    assert "Traceback" not in answer.body
    assert [record.levelno for record in caplog.records if record.exc_info] == [logging.ERROR]


@pytest.mark.parametrize("path", ["/nope", "/appointments/x"])
def test_an_error_page_asks_the_database_nothing(path: str, ada: Visitor, statements: list[str]) -> None:
    assert ada.get(path).status == 404
    assert statements == []


def test_an_error_page_names_the_practice_that_was_shown_last(ada: Visitor) -> None:
    assert ada.get("/nope").page.title == "Page not found \N{EN DASH} Patient portal"
    ada.page("/appointments")
    assert ada.get("/nope").page.title == "Page not found \N{EN DASH} Riverside"


def busy(answer: Answer) -> bool:
    return (answer.status, answer.page.heading, answer.headers["Retry-After"]) == (503, "We are very busy just now", "5")


@pytest.mark.parametrize("path", ["/appointments", "/sign-in", "/booking", "/ready"])
def test_16_5_3_without_a_database_people_are_asked_to_come_back(path: str, faulty: Flask, clinic: Clinic, away: Callable[[], None]) -> None:
    ada = signed_in(faulty, clinic, "ada")
    away()
    assert busy(ada.get(path))


@pytest.mark.parametrize("path", ["/nope", "/health"])
def test_what_needs_no_database_works_without_one(path: str, faulty: Flask, clinic: Clinic, away: Callable[[], None]) -> None:
    ada = signed_in(faulty, clinic, "ada")
    away()
    assert ada.get(path).status == (200 if path == "/health" else 404)


def test_a_database_that_another_writes_to_for_long_asks_people_to_come_back(faulty: Flask, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_in_vain(_session: object) -> None:
        raise DatabaseBusyError

    ada = signed_in(faulty, clinic, "ada")
    page = ada.page("/booking")
    monkeypatch.setattr("portal.context.open_writing", wait_in_vain)
    assert busy(ada.send(page, "patient"))


def test_more_sign_ins_than_the_machine_can_hash_are_asked_to_come_back(faulty: Flask, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_turn(_stored: str, _password: str) -> bool:
        raise passwords.TooManySignInsError

    monkeypatch.setattr(passwords, "verify", no_turn)
    assert busy(visitor(faulty.test_client()).sign_in(clinic.email("ada")))


def test_the_portal_recovers_when_its_database_does(faulty: Flask, database_url: str, clinic: Clinic) -> None:
    ada = signed_in(faulty, clinic, "ada")
    path = Path(database_url.removeprefix("sqlite:///"))
    engine_of(faulty).dispose()
    path.rename(path.with_suffix(".kept"))
    path.mkdir()
    assert ada.get("/appointments").status == 503
    path.rmdir()
    path.with_suffix(".kept").rename(path)
    assert ada.get("/appointments").status == 200


def test_the_inspecting_client_refuses_a_fault(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.view_functions, "health.alive", lambda: 1 / 0)
    with pytest.raises(AssertionError):
        app.test_client().get("/health")


def test_the_inspecting_client_refuses_a_session_left_dirty(app: Flask, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename() -> str:
        user = context.db().get_one(User, clinic.user("ada"))
        user.name = "Somebody else"
        return "done"

    monkeypatch.setitem(app.view_functions, "health.alive", rename)
    with pytest.raises(AssertionError, match="unflushed"):
        app.test_client().get("/health")


@pytest.mark.parametrize(
    "html",
    [
        "<p onclick='x()'>",
        "<script>x()</script>",
        "<p style='color:red'>",
        "<style></style>",
        "<img src='//evil.example/x.png' alt=''>",
        "<a href='javascript:x()'>x</a>",
        "<input name='x'>",
        "<p id='x'></p><p id='x'></p>",
        "<p hx-on:click='x()'>",
        "<form method='post'></form>",
        "<button></button>",
        "<p></div>",
        "<h1>Twice</h1>",
        "<p aria-describedby='nowhere'>x</p>",
    ],
)
def test_the_inspecting_client_refuses_a_page_with(html: str, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    page = f'<!doctype html><html lang="en"><head><title>One \N{EN DASH} Riverside</title></head><body><h1>One</h1>{html}</body></html>'
    monkeypatch.setitem(app.view_functions, "health.alive", lambda: page)
    with pytest.raises((AssertionError, ParseError)):
        app.test_client().get("/health")


def test_the_inspecting_client_takes_a_page_without_fault(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    page = '<!doctype html><html lang="en"><head><title>One \N{EN DASH} Riverside</title></head><body><h1>One</h1></body></html>'
    monkeypatch.setitem(app.view_functions, "health.alive", lambda: page)
    assert app.test_client().get("/health").status_code == 200
    assert issubclass(app.test_client_class or FlaskClient, InspectingClient)
