from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.clinic import Clinic
from tests.stored import work
from tests.web.client import signed_in, visitor
from tests.web.conftest import Ids
from tests.web.routes import WRITES
from tests.web.visitor import Visitor

Forge = Callable[[Flask, Clinic, Visitor], str | None]


def _of_a_stranger(app: Flask, _clinic: Clinic, _person: Visitor) -> str:
    return dict(visitor(app.test_client()).page("/sign-in").form_with("email").values)["csrf_token"]


FORGED: dict[str, Forge] = {
    "no token": lambda *_: None,
    "an empty one": lambda *_: "",
    "a made-up one": lambda *_: "x",
    "another person's": lambda app, clinic, _: signed_in(app, clinic, "omar").token(),
    "a stranger's": _of_a_stranger,
    "a shortened one": lambda _app, _clinic, person: person.token()[:-1],
}


@pytest.mark.parametrize("forged", FORGED)
def test_3_5_1_and_past_19_a_form_is_refused_everywhere_with(
    forged: str, app: Flask, maya: Visitor, clinic: Clinic, leo: Ids, engine: Engine
) -> None:
    shown = maya.page(f"/booking/{leo['patient_id']}/{leo['draft_id']}/check").form_with("shown").values
    token = FORGED[forged](app, clinic, maya)
    fields = [pair for pair in shown if pair[0] != "csrf_token"] + ([("csrf_token", token)] if token is not None else [])
    before = work(engine)
    for route in WRITES:
        answer = maya.ask("POST", route.url(leo), [*fields, ("language", "es"), ("email", "x"), ("password", "x")])
        assert (answer.status, answer.page.heading) == (400, "This form has expired"), route
    assert work(engine) == before
    assert maya.get("/appointments").status == 200


def test_a_token_in_the_address_is_none(maya: Visitor, leo: Ids) -> None:
    check = f"/booking/{leo['patient_id']}/{leo['draft_id']}/check"
    shown = [pair for pair in maya.page(check).form_with("shown").values if pair[0] != "csrf_token"]
    assert maya.ask("POST", f"{check}?csrf_token={maya.token()}", shown).status == 400


def test_3_5_1_a_token_from_before_signing_in_is_none(stranger: Visitor, clinic: Clinic) -> None:
    old = dict(stranger.page("/sign-in").form_with("email").values)["csrf_token"]
    stranger.sign_in(clinic.email("ada"))
    assert stranger.ask("POST", "/sign-out", [("csrf_token", old)]).status == 400
    assert stranger.get("/appointments").status == 200


def test_a_good_token_is_taken(maya: Visitor) -> None:
    assert maya.sign_out().status == 303
