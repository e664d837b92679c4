"""The client that tests reach the pages with: it inspects every answer, and what the request left behind."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

from flask import Flask, g
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, QueuePool
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.config import Config
from portal.context import EXTENSION, Portal
from portal.services import sign_in
from portal.storage.engine import begin_write, idle_readers, sessions
from tests.clinic import NOW, Clinic
from tests.web.page import Answer, Fields, elements, parse, parse_fragment, text_of
from tests.web.visitor import Visitor

SECRET = "a secret that only tests know, long enough"
SITE = "Riverside"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ELSEWHERE = re.compile(r"\s*([/\\]{2}|(?!tel:)[a-z][a-z0-9+.-]*:)", re.IGNORECASE)
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "form")
ADDRESSES = ("src", "href", "action", "hx-get", "hx-post", "poster", "data", "formaction")
HIDDEN = ("hidden", "submit", "button")


@dataclass
class Clock:
    """The portal's clock, set by the test."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        """Let some time go by."""
        self.now += timedelta(**span)


class Compiled(BytecodeCache):
    """Templates as Python compiled them for an earlier application of this test run."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


class InspectingClient(FlaskClient):
    """Refuses answers that break the rules of the house; a 5xx too, unless `faults_expected`."""

    faults_expected = False

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # noqa: ANN401 - werkzeug's signature
        response = super().open(*args, **kwargs)
        response.get_data()
        response.close()
        inspect(response, faults_expected=self.faults_expected)
        assert self.application.extensions.get("left_dirty", []) == [], "a request left unflushed objects in its database session"
        engine = engine_of(self.application)
        assert isinstance(engine.pool, QueuePool)
        assert engine.pool.checkedout() == idle_readers(engine), "a request left a transaction open"
        return response


@contextmanager
def running(database_url: str, clock: Clock, **settings: Any) -> Iterator[Flask]:  # noqa: ANN401 - any setting
    """Give an application whose test client inspects, and let go of its database afterwards."""
    app = create_app(Config(database_url, **{"secret_key": SECRET, "development": True, **settings}), clock)
    app.jinja_env.bytecode_cache = COMPILED
    app.test_client_class = InspectingClient
    app.teardown_appcontext(lambda _error: _note_dirt(app))
    yield app
    engine_of(app).dispose()


def engine_of(app: Flask) -> Engine:
    """Return the engine that the application reads and writes with."""
    portal: Portal = app.extensions[EXTENSION]
    engine: Engine = portal.engine
    return engine


def _note_dirt(app: Flask) -> None:
    if (session := g.get("session")) is not None and (left := [*session.new, *session.dirty, *session.deleted]):
        app.extensions.setdefault("left_dirty", []).extend(left)


def visitor(client: FlaskClient) -> Visitor:
    """Return somebody who uses a client as their browser."""

    def ask(method: str, url: str, fields: Fields | None = None, headers: dict[str, str] | None = None) -> Answer:
        data: dict[str, list[str]] = {}
        for name, value in fields or []:
            data.setdefault(name, []).append(value)
        response = client.open(url, method=method, data=data or None, headers=headers)
        return Answer(response.status_code, dict(response.headers), response.get_data(as_text=True))

    return Visitor(ask)


def signed_in(app: Flask, clinic: Clinic, name: str) -> Visitor:
    """Return a visitor who is signed in."""
    return visitor(signed_in_client(app, clinic, name))


def signed_in_client(app: Flask, clinic: Clinic, name: str) -> FlaskClient:
    """Return a client with the cookie of a new session, without the time that a password takes."""
    client = app.test_client()
    portal: Portal = app.extensions[EXTENSION]
    with sessions(engine_of(app)).begin() as session:
        begin_write(session)
        token = sign_in.start_session(session, sign_in.Verified(clinic.user(name), None), "a browser", portal.clock())
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return client


def inspect(response: TestResponse, *, faults_expected: bool = False) -> None:
    """Assert what every answer must fulfil."""
    assert faults_expected or response.status_code < 500, response.get_data(as_text=True)
    for name, value in HEADERS.items():
        assert response.headers.getlist(name) == [value], name
    for cookie in response.headers.getlist("Set-Cookie"):
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; ")), cookie
    if not response.request.path.startswith("/static/") or response.status_code >= 400:
        assert response.headers.getlist("Cache-Control") == ["no-store"]
        assert "Cookie" in response.headers["Vary"]
    # A program may want its JSON in UTF-16.
    if (response.mimetype or "").startswith("text/") and response.mimetype != "text/json":
        assert response.content_type.endswith("; charset=utf-8")
    if response.mimetype == "text/html" and (html := response.get_data(as_text=True)) and response.status_code // 100 != 3:
        inspect_html(
            html,
            fragment=not html.startswith("<!doctype"),
            failed=response.status_code == 422 or (response.status_code == 429 and 'role="alert"' in html),
        )


def inspect_html(html: str, *, fragment: bool, failed: bool) -> None:
    """Assert what every page, and every part of one, must fulfil."""
    root = parse_fragment(html) if fragment else parse(html)
    _assert_nothing_inline(root)
    _assert_everything_ours(root)
    _assert_ids(root, whole=not fragment)
    _assert_labels(root)
    for form in elements(root, "form"):
        assert form.get("method") != "post" or any(field.get("name") == "csrf_token" for field in elements(form, "input")), "a form without a token"
    if not fragment:
        _assert_titled(root, failed=failed)


def _assert_titled(root: Element, *, failed: bool) -> None:
    headings = list(elements(root, "h1"))
    titles = [text_of(title) for title in elements(root, "title")]
    assert len(headings) == 1
    assert root.get("lang") in ("en", "es")
    site = titles[0].rpartition(" \N{EN DASH} ")[2]
    assert titles == [f"{'Error: ' if failed else ''}{text_of(headings[0])} \N{EN DASH} {site}"]
    assert site in (SITE, "Patient portal")
    alerts = [element for element in root.iter() if element.get("role") == "alert"]
    assert bool(alerts) == failed


def _assert_nothing_inline(root: Element) -> None:
    for element in root.iter():
        attributes = [str(name) for name in element.attrib]
        assert element.tag != "style"
        assert element.tag != "script" or (element.get("src") and not (element.text or "").strip())
        assert not [name for name in attributes if name == "style" or re.match(r"on|(data-)?hx-on", name)]


def _assert_everything_ours(root: Element) -> None:
    for element in root.iter():
        for name in ADDRESSES:
            assert not ELSEWHERE.match(element.get(name, "")), f"{name}={element.get(name)}"


def _assert_ids(root: Element, *, whole: bool) -> None:
    counts = Counter(element.get("id") for element in root.iter() if element.get("id"))
    assert [name for name, count in counts.items() if count > 1] == []
    wanted = {one for element in root.iter() for name in REFERENCES for one in element.get(name, "").split()}
    wanted |= {href[1:] for link in elements(root, "a") if (href := link.get("href", "")).startswith("#")}
    assert not whole or wanted <= set(counts), wanted - set(counts)


def _assert_labels(root: Element) -> None:
    labelled = {label.get("for") for label in elements(root, "label")}
    inside = {control for label in elements(root, "label") for control in elements(label, "input", "select", "textarea")}
    for control in elements(root, "input", "select", "textarea"):
        named = control.get("id") in labelled or control in inside or control.get("aria-label")
        assert named or control.get("type") in HIDDEN, f"no label for {control.attrib}"
    for button in elements(root, "button"):
        assert text_of(button) or "hidden" in button.attrib, "a button without words"
