"""Who must have a second factor, and what opens to them before they have one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, update

from portal.domain.second_factor import SecondFactor
from portal.storage.engine import begin_write, sessions
from portal.storage.people import User
from tests.clinic import Clinic
from tests.web.client import Clock, running, signed_in, visitor
from tests.web.conftest import Ids
from tests.web.factors import code_at, post, secret_of
from tests.web.routes import PRIVATE, Route
from tests.web.visitor import Visitor


@contextmanager
def asking(setting: SecondFactor, database_url: str, clock: Clock, clinic: Clinic, name: str) -> Iterator[Visitor]:
    with running(database_url, clock, second_factor=setting) as app:
        yield signed_in(app, clinic, name)


NEED = [("none", "maya", True), ("guardians", "maya", False), ("guardians", "ada", True), ("all", "ada", False)]


@pytest.mark.parametrize("route", [route for route in PRIVATE if not route.endpoint.startswith(("two_step.", "sign_in."))], ids=str)
def test_6_3_3_who_needs_a_factor_and_has_none_opens_no_page(route: Route, database_url: str, clock: Clock, clinic: Clinic, leo: Ids) -> None:
    with asking(SecondFactor.ALL, database_url, clock, clinic, "maya") as maya:
        page = maya.page("/account/two-step")
        token = [next(pair for form in page.forms for pair in form.values if pair[0] == "csrf_token")]
        answer = maya.ask(route.method, route.url(leo), token if route.method == "POST" else None)
    assert (answer.status, answer.location) == (303, "/account/two-step")


def test_6_3_3_a_fragment_leads_the_whole_page_there(database_url: str, clock: Clock, clinic: Clinic, leo: Ids) -> None:
    with asking(SecondFactor.ALL, database_url, clock, clinic, "maya") as maya:
        answer = maya.get(f"/booking/{leo['patient_id']}/{leo['draft_id']}/time", HX_Request="true")
    assert (answer.status, answer.body, answer.headers["HX-Redirect"]) == (401, "", "/account/two-step")


@pytest.mark.parametrize(
    ("setting", "name", "opens"), [("none", "maya", True), ("guardians", "maya", False), ("guardians", "ada", True), ("all", "ada", False)]
)
def test_6_3_3_a_setting_says_who_needs_one(setting: str, name: str, opens: bool, database_url: str, clock: Clock, clinic: Clinic) -> None:  # noqa: FBT001 - a column of the table
    with asking(SecondFactor(setting), database_url, clock, clinic, name) as person:
        assert (person.get("/appointments").status == 200) is opens


def test_6_3_3_staff_need_one_in_any_case(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).where(User.id == clinic.user("ada")).values(role="staff"))
    assert ada.get("/appointments").location == "/account/two-step"


def test_6_3_3_who_sets_one_up_goes_on_and_cannot_remove_the_last(database_url: str, clock: Clock, clinic: Clinic) -> None:
    with running(database_url, clock, second_factor=SecondFactor.ALL) as app:
        person = visitor(app.test_client())
        person.sign_in(clinic.email("ada"))
        page = person.page("/account/two-step")
        token = next(value for form in page.forms for name, value in form.values if name == "csrf_token")
        person.ask("POST", "/account/two-step", [("csrf_token", token)])
        page = person.page("/account/two-step/app")
        secret = secret_of(page)
        assert person.send(page, "code", code=code_at(secret, clock.now)).status == 200
        assert person.get("/appointments").status == 200
        refused = post(person, "/account/two-step/app/remove")
    assert (refused.status, refused.page.problems) == (422, ["You need a second step to sign in. Add another one before you remove this."])
