"""Visits kept private, what a guardian reads without the right, and the instant at which a link ends: on pages and in the JSON call."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.services import booking
from portal.services.booking import Booked
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Schedule
from tests.api.appointments import CANCEL, LIST, MOVE, ONE
from tests.api.caller import Caller, key_of, members, told
from tests.clinic import NOW, Clinic
from tests.links import change_link, is_born, link
from tests.stored import rows
from tests.web.client import Clock, signed_in
from tests.web.conftest import Ids
from tests.web.page import Answer
from tests.web.visitor import TUESDAY, Visitor, wish

Book = Callable[..., UUID]
FRIDAY_NOON = datetime.fromisoformat("2027-03-01T12:00:00Z")
CANARY = "a matter of my own"


@pytest.fixture
def proxy(engine: Engine, clinic: Clinic) -> UUID:
    """Omar acts for Ada, with every right."""
    return link(engine, clinic, "omar", "ada")


@pytest.fixture
def omar(app: Flask, clinic: Clinic, proxy: UUID) -> Visitor:  # noqa: ARG001 - sessions know whether there are links
    """Omar at his browser."""
    return signed_in(app, clinic, "omar")


@pytest.fixture
def program(app: Flask, clinic: Clinic, engine: Engine, proxy: UUID) -> Caller:  # noqa: ARG001 - the same
    """A program with Omar's key."""
    return Caller(app, key_of(engine, clinic, "omar", NOW))


@pytest.fixture
def private(clinic: Clinic, engine: Engine) -> UUID:
    """A private visit of Ada's."""
    with sessions(engine).begin() as session:
        begin_write(session)
        request = clinic.request("ada", "ada", datetime.fromisoformat(TUESDAY), private=True, reason=CANARY, note=CANARY)
        outcome = booking.book(session, clinic.actor("ada"), request, NOW)
    assert isinstance(outcome, Booked)
    return outcome.schedule_id


def tick(person: Visitor, clinic: Clinic, patient: str) -> None:
    """Walk the journey, and send the tick for privacy whether it is offered or not."""
    page = person.walk(wish(clinic, patient), until="reasons").page
    form = page.form_with("reason")
    answer = person.ask("POST", form.action, [*form.filled({"reason": CANARY}), ("private", "y")])
    person.confirm(_walked(person, answer.location, clinic).page)


def _walked(person: Visitor, url: str, clinic: Clinic) -> Answer:
    answer = person.send(person.page(url), "first_choice", **wish(clinic).answers("time"))
    return person.get(answer.location)


@pytest.mark.usefixtures("proxy")
def test_a_patient_keeps_a_visit_private_and_reads_it(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    tick(ada, clinic, "ada")
    [schedule] = rows(engine, Schedule)
    assert schedule["private"] is True
    assert "Kept private from people who act for you" in ada.page(f"/appointments/{schedule['id']}").text
    assert "Dr Chen" in ada.page("/appointments").text


def test_nobody_is_asked_about_privacy_over_whom_nobody_has_a_link(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    assert "private" not in ada.walk(wish(clinic), until="reasons").body
    tick(ada, clinic, "ada")
    assert [row["private"] for row in rows(engine, Schedule)] == [False]


def test_a_young_person_is_always_asked(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    is_born(engine, clinic, "ada", date(2013, 1, 1))
    assert "Keep this visit private" in ada.walk(wish(clinic), until="reasons").body


def test_a_guardian_cannot_make_a_visit_private(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    tick(maya, clinic, "leo")
    assert [row["private"] for row in rows(engine, Schedule)] == [False]


def test_past_32_a_private_visit_is_unknown_to_who_acts_for_the_patient(omar: Visitor, private: UUID, clinic: Clinic) -> None:
    assert omar.get(f"/appointments/{private}").status == 404
    assert "Dr Chen" not in omar.page("/appointments").text
    assert "Dr Chen" not in omar.page(f"/appointments?person={clinic.patient('ada')}").text


def test_past_32_a_private_visit_is_unknown_to_their_programs(program: Caller, private: UUID, clinic: Clinic, engine: Engine) -> None:
    before = rows(engine, Schedule)
    assert program.get(LIST, PatientId=clinic.patient("ada")).body == "[]"
    answers = [
        program.get(ONE, ID=private),
        program.post({"ID": private}, CANCEL),
        program.post({"ID": private, "AppointmentOn": "2027-03-03T15:00:00Z"}, MOVE),
    ]
    assert [answer.status for answer in answers] == [403] * 3
    assert rows(engine, Schedule) == before


@pytest.mark.usefixtures("private")
def test_a_private_visit_in_the_way_reads_like_a_taken_time(program: Caller, clinic: Clinic) -> None:
    asked = members(clinic, "omar", PatientId=clinic.patient("ada"), ProviderId=clinic.provider("novak"))
    mine, taken = program.post(asked), program.post({**asked, "ProviderId": clinic.provider("chen")})
    assert mine.status == taken.status == 409
    assert told(mine)["ModelState"] == told(taken)["ModelState"] == {"model.AppointmentOn": ["This time has been taken."]}


def test_without_the_right_to_reasons_a_guardian_reads_none(maya: Visitor, leo: Ids, clinic: Clinic, engine: Engine) -> None:
    change_link(engine, clinic.link("maya", "leo"), scopes="see book cancel")
    page = maya.page(f"/appointments/{leo['schedule_id']}")
    assert "It hurts" not in page.text
    assert page.text.count("Not shown to you") == 2


def test_without_the_right_to_reasons_and_documents_a_program_gets_none(app: Flask, clinic: Clinic, engine: Engine) -> None:
    caller = Caller(app, key_of(engine, clinic, "maya", NOW))
    asked = members(clinic, "maya", PatientId=clinic.patient("leo"), Note="n", Reasons=[{"ReasonId": clinic.reason("fever")}], DocIds="a,b")
    full = told(caller.post(asked))
    change_link(engine, clinic.link("maya", "leo"), scopes="see book cancel")
    answers = [told(caller.post(asked)), told(caller.get(ONE, ID=full["ID"])), json.loads(caller.get(LIST).body)[0]]
    wanted = ("Reason", "Note", "ReasonId", "DocIds")
    assert [full[name] for name in wanted] == ["It hurts", "n", str(clinic.reason("fever")), ["a", "b"]]
    assert [[answer[name] for name in wanted] for answer in answers] == [["", None, None, []]] * 3


@pytest.mark.parametrize(("before", "works"), [(timedelta(microseconds=1), True), (timedelta(0), False)])
def test_8_3_1_a_link_that_ends_at_noon_ends_at_noon_in_both_doors(
    before: timedelta,
    works: bool,  # noqa: FBT001 - a column of the table above
    app: Flask,
    clock: Clock,
    clinic: Clinic,
    engine: Engine,
    leo: Ids,
) -> None:
    change_link(engine, clinic.link("maya", "leo"), ends_at=FRIDAY_NOON)
    clock.now = FRIDAY_NOON - timedelta(minutes=5)
    person, caller = signed_in(app, clinic, "maya"), Caller(app, key_of(engine, clinic, "maya", NOW))
    time_url = f"/booking/{leo['patient_id']}/{leo['draft_id']}/time"
    assert person.get(time_url).status == 200
    clock.now = FRIDAY_NOON - before
    pages = [person.get(f"/appointments/{leo['schedule_id']}"), person.get(f"/people/{leo['patient_id']}"), person.get(time_url, HX_Request="true")]
    calls = [
        caller.get(ONE, ID=leo["schedule_id"]),
        caller.post(members(clinic, "maya", PatientId=leo["patient_id"], AppointmentOn="2027-03-04T15:00:00Z")),
    ]
    assert [answer.status for answer in pages] == [200 if works else 404] * 3
    assert [answer.status for answer in calls] == [200 if works else 403] * 2


def test_two_tabs_with_two_children_never_mix(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    first = maya.walk(wish(clinic, "leo")).page
    second = maya.walk(wish(clinic, "nia", first_choice="2027-03-03T15:00:00Z")).page
    maya.confirm(first)
    maya.confirm(second)
    booked = {row["patient_id"]: row["starts_at"].isoformat() for row in rows(engine, Schedule)}
    assert booked == {clinic.patient("leo"): "2027-03-02T15:00:00+00:00", clinic.patient("nia"): "2027-03-03T15:00:00+00:00"}


def test_a_tab_cannot_post_for_the_child_of_another(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = maya.walk(wish(clinic, "leo")).page
    form = page.form_with("shown")
    url = form.action.replace(str(clinic.patient("leo")), str(clinic.patient("nia")))
    assert maya.ask("POST", url, form.values).status == 404
    assert maya.ask("POST", form.action, form.filled({"patient": str(clinic.patient("nia"))})).status == 303
    assert rows(engine, Schedule) == []


def test_every_page_about_a_dependant_says_for_whom_one_acts(maya: Visitor, leo: Ids) -> None:
    for url in (f"/appointments/{leo['schedule_id']}", f"/people/{leo['patient_id']}"):
        assert "Acting for <b>Leo Berg</b>" in maya.get(url).body
    assert "Booking for <b>Leo Berg</b>" in maya.get(f"/booking/{leo['patient_id']}/{leo['draft_id']}/check").body
