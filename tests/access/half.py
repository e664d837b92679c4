"""Browsers on the way to being signed in. None of them may reach more than a stranger does; whoever adds such a way adds it here."""

from collections.abc import Callable, Mapping

from flask.testing import FlaskClient

from portal.web.permissions import Caller
from tests.access.people import CAST
from tests.access.scene import Scene

HalfWay = Callable[[Scene], FlaskClient]


def _has_seen_the_form(scene: Scene) -> FlaskClient:
    client = scene.client(Caller.STRANGER, CAST[Caller.STRANGER])
    assert client.get("/sign-in").status_code == 200
    return client


def _gave_a_wrong_password(scene: Scene) -> FlaskClient:
    client = _has_seen_the_form(scene)
    fields = {"email": scene.clinic.email("ada"), "password": "not the right one"}
    assert scene.ask(client, "POST", "/sign-in", fields).status_code == 422
    return client


HALF_WAY: Mapping[str, HalfWay] = {
    "who has seen the sign-in page": _has_seen_the_form,
    "who gave a wrong password": _gave_a_wrong_password,
}
