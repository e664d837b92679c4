"""What the access matrix cannot say in one cell: rights that go while people are at work, and drafts of one patient asked for as another's."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, Executable, update
from werkzeug.routing import Rule, UUIDConverter

from portal.domain.guardianship import Act, LinkState
from portal.storage.engine import begin_write, sessions
from portal.storage.people import GuardianLink, User, UserSession
from portal.storage.schedule import Draft
from tests.clinic import NOW, PASSWORD, Clinic
from tests.stored import rows, work
from tests.web.about_people import ABOUT_PEOPLE, NOT_HERS
from tests.web.client import signed_in, visitor
from tests.web.conftest import Ids
from tests.web.page import Answer, Fields
from tests.web.routes import DOORS, NAMES_OF_NOBODY, OF_A_DRAFT, PRIVATE, PUBLIC, ROUTES, RULES, WITHOUT_PERMISSION, WRITES, Route
from tests.web.visitor import Visitor, wish

OTHER_METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "TRACE", "QUERY")


def fields_for(route: Route, person: Visitor, clinic: Clinic) -> Fields | None:
    """Return a form that the person may send, for what would be a good booking of Leo's."""
    if route.method == "GET":
        return None
    answers = {name: given for step in ("who", "provider", "visit", "reasons", "time") for name, given in wish(clinic, "leo").answers(step).items()}
    own = [("days", "365"), ("password", PASSWORD), ("present", PASSWORD), ("key", "unknown1"), ("email", "new@example.org")]
    own += [("code", "2222222222222222"), ("birth_year", "1991"), ("birth_month", "4"), ("birth_day", "9"), ("given_name", "A"), ("family_name", "B")]
    own += [
        ("start", "2027-03-01"),
        ("reads", "en"),
        ("time_zone", ""),
        *((name, given) for name, given in ABOUT_PEOPLE.items() if name not in dict(own)),
    ]
    return [("csrf_token", person.token()), *own, *((name, given) for name, given in answers.items() if isinstance(given, str))]


def ask(person: Visitor, route: Route, ids: Ids, fields: Fields | None, **headers: str) -> Answer:
    return person.ask(route.method, route.url(ids), fields, {name.replace("_", "-"): value for name, value in headers.items()})


def plain(answer: Answer) -> tuple[int, str]:
    """Return status and body without the tokens, which differ with every page."""
    return answer.status, re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", answer.body)


@pytest.fixture
def unchanged(engine: Engine, leo: Ids) -> Iterator[None]:  # noqa: ARG001 - what is there before
    """Asserts that the test leaves everything that people write as it was."""
    before = work(engine)
    yield
    assert work(engine) == before


def test_the_map_that_tests_walk_is_the_portals_own(app: Flask) -> None:
    assert {str(rule) for rule in app.url_map.iter_rules()} == {str(rule) for rule in DOORS.url_map.iter_rules()}


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_8_1_1_past_17_a_page_says_who_may_call_it(route: Route) -> None:
    assert route.permission is not None


@pytest.mark.parametrize("route", PUBLIC, ids=str)
def test_a_public_page_says_why_it_is_public(route: Route) -> None:
    assert route.permission is not None
    assert len(route.permission.reason.split()) > 2


def test_nothing_else_is_without_a_permission() -> None:
    assert {rule.endpoint for rule in DOORS.url_map.iter_rules()} - {rule.endpoint for rule in RULES} == set(WITHOUT_PERMISSION)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_an_id_in_an_address_is_read_as_one(rule: Rule) -> None:
    converters = {name: converter for name, converter in vars(rule)["_converters"].items() if name.endswith("_id")}
    assert set(converters) == rule.arguments - NAMES_OF_NOBODY
    assert all(isinstance(converter, UUIDConverter) for converter in converters.values())


@pytest.mark.parametrize("route", PRIVATE, ids=str)
@pytest.mark.usefixtures("unchanged")
def test_7_4_1_who_has_signed_out_is_a_stranger_even_with_the_old_cookie(route: Route, app: Flask, clinic: Clinic, leo: Ids) -> None:
    client = app.test_client()
    person = visitor(client)
    person.sign_in(clinic.email("maya"))
    fields = fields_for(route, person, clinic)
    kept = client.get_cookie("portal")
    person.sign_out()
    assert kept is not None
    client.set_cookie("portal", kept.value)
    answer = ask(person, route, leo, fields)
    assert (answer.status, answer.location.partition("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize("route", OF_A_DRAFT, ids=str)
@pytest.mark.usefixtures("unchanged")
def test_the_draft_of_a_dependants_other_guardian_looks_like_none(route: Route, app: Flask, clinic: Clinic, leo: Ids) -> None:
    grace = signed_in(app, clinic, "grace")
    fields = fields_for(route, grace, clinic)
    theirs = ask(grace, route, leo, fields)
    nobodys = ask(grace, route, {**leo, "draft_id": uuid4()}, fields)
    assert theirs.status == 404
    assert plain(theirs) == plain(nobodys)


@pytest.mark.parametrize("route", OF_A_DRAFT, ids=str)
@pytest.mark.usefixtures("unchanged")
def test_past_5_a_draft_for_one_patient_is_none_for_another_of_the_same_guardian(route: Route, maya: Visitor, clinic: Clinic, leo: Ids) -> None:
    assert ask(maya, route, {**leo, "patient_id": clinic.patient("nia")}, fields_for(route, maya, clinic)).status == 404


def test_the_other_guardian_sees_the_dependants_appointment(app: Flask, clinic: Clinic, leo: Ids) -> None:
    assert "Leo Berg" in signed_in(app, clinic, "grace").page(f"/appointments/{leo['schedule_id']}").text


def test_past_1_a_form_cannot_begin_a_booking_for_anothers_patient(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    answer = ada.send(ada.page("/booking"), "patient", patient=str(clinic.patient("leo")))
    assert answer.status == 422
    assert rows(engine, Draft) == []


@pytest.mark.parametrize("route", WRITES, ids=str)
@pytest.mark.usefixtures("unchanged")
def test_3_5_3_past_15_no_other_method_writes(route: Route, maya: Visitor, clinic: Clinic, leo: Ids) -> None:
    declared = {name for rule in RULES if rule.rule == route.rule.rule for name in rule.methods or ()}
    fields = fields_for(route, maya, clinic)
    for method in ("GET", *OTHER_METHODS):
        answer = maya.ask(method, route.url(leo), fields if method != "GET" else None)
        assert (answer.status in (200, 303) or route.endpoint in NOT_HERS) if method in declared else answer.status == 405
        assert method in declared or declared == set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
@pytest.mark.usefixtures("unchanged")
def test_past_15_a_header_does_not_turn_a_get_into_a_post(header: str, maya: Visitor, leo: Ids) -> None:
    url = f"/booking/{leo['patient_id']}/{leo['draft_id']}/check"
    assert maya.ask("GET", f"{url}?_method=POST", None, {header: "POST"}).status == 200


CHANGES: dict[str, dict[str, Any]] = {
    "ended": {"state": LinkState.ENDED},
    "suspended": {"state": LinkState.SUSPENDED},
    "without the right to book": {"scopes": Act.SEE},
    "run out": {"ends_at": datetime(2027, 3, 1, 8, tzinfo=UTC)},
    "not begun": {"starts_at": datetime(2027, 3, 1, 8, 0, 1, tzinfo=UTC)},
}


@pytest.fixture
def revoke(engine: Engine, clinic: Clinic) -> Callable[..., None]:
    """Changes Maya's link to Leo."""

    def change(**values: object) -> None:
        with sessions(engine).begin() as session:
            begin_write(session)
            session.execute(update(GuardianLink).where(GuardianLink.id == clinic.link("maya", "leo")).values(**values))

    return change


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("unchanged")
def test_8_3_2_a_right_that_has_gone_is_gone_at_the_last_step(change: str, maya: Visitor, leo: Ids, revoke: Callable[..., None]) -> None:
    url = f"/booking/{leo['patient_id']}/{leo['draft_id']}/check"
    page = maya.page(url)
    revoke(**CHANGES[change])
    assert maya.confirm(page).status == 404


@pytest.mark.parametrize("change", CHANGES)
def test_8_3_2_a_right_that_has_gone_is_gone_for_a_fragment_of_an_open_page(
    change: str, maya: Visitor, leo: Ids, revoke: Callable[..., None]
) -> None:
    url = f"/booking/{leo['patient_id']}/{leo['draft_id']}/time"
    assert maya.get(url, HX_Request="true").status == 200
    revoke(**CHANGES[change])
    assert maya.get(url, HX_Request="true").status == 404


def test_a_right_to_see_alone_still_shows_the_appointment(maya: Visitor, leo: Ids, revoke: Callable[..., None]) -> None:
    revoke(scopes=Act.SEE)
    assert maya.get(f"/appointments/{leo['schedule_id']}").status == 200


def test_a_right_to_book_alone_does_not_show_the_appointment(maya: Visitor, leo: Ids, revoke: Callable[..., None]) -> None:
    revoke(scopes=Act.BOOK)
    assert maya.get(f"/appointments/{leo['schedule_id']}").status == 404


@pytest.mark.usefixtures("leo")
def test_the_person_without_a_link_is_not_offered_any_more(maya: Visitor, clinic: Clinic, revoke: Callable[..., None]) -> None:
    revoke(state=LinkState.ENDED)
    assert maya.page("/booking").form_with("patient").offered("patient") == [str(clinic.patient("maya")), str(clinic.patient("nia"))]
    assert "Leo" not in maya.page("/appointments").text


@pytest.mark.parametrize("route", PRIVATE, ids=str)
@pytest.mark.usefixtures("unchanged")
def test_7_4_2_past_25_who_has_been_shut_out_is_a_stranger_at_once(route: Route, maya: Visitor, clinic: Clinic, engine: Engine, leo: Ids) -> None:
    fields = fields_for(route, maya, clinic)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).where(User.id == clinic.user("maya")).values(active=False))
    assert ask(maya, route, leo, fields).location.startswith("/sign-in")


MEANWHILE: dict[str, tuple[Executable, Callable[[Answer], bool]]] = {
    "the guardian's link has ended": (update(GuardianLink).values(state=LinkState.ENDED), lambda answer: answer.status == 404),
    "the user has been shut out": (update(User).values(active=False), lambda answer: answer.location.startswith("/sign-in")),
    "the session has ended": (update(UserSession).values(revoked_at=NOW), lambda answer: answer.location.startswith("/sign-in")),
}


# What one does for oneself needs no guardian's link.
FOR_ONESELF = (
    *("calendars.make", "calendars.revoke"),
    *("keys.issue", "sign_in.again", "sessions.keep", "details.change", "reminders.change", "people.send_request", "people.send_invitation"),
    *("two_step.begin", "two_step.confirm", "two_step.remove_app", "two_step.options", "two_step.add_passkey", "two_step.make_codes"),
    *("sign_in_details.password", "sign_in_details.email", "invitations.redeem", "invitations.new"),
)


@pytest.mark.parametrize(
    ("route", "what"),
    [
        pytest.param(route, what, id=f"{route}-{what}")
        for route in PRIVATE
        for what in MEANWHILE
        if route.method == "POST"
        and route.endpoint not in NOT_HERS
        and (what != "the guardian's link has ended" or route.endpoint not in FOR_ONESELF)
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_15_4_2_past_22_nothing_is_written_when_in_that_moment(
    what: str, route: Route, maya: Visitor, clinic: Clinic, leo: Ids, meanwhile: Callable[[Executable], None]
) -> None:
    shown = maya.page(f"/booking/{leo['patient_id']}/{leo['draft_id']}/check").form_with("shown").values
    fields = [*shown, *(fields_for(route, maya, clinic) or [])]
    change, refused = MEANWHILE[what]
    meanwhile(change)
    assert refused(ask(maya, route, leo, fields))
