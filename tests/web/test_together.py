"""A parent books for two children in one go, in a browser without scripts."""

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.domain.guardianship import LinkState
from portal.storage.audit import Audit
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.people import GuardianLink
from portal.storage.schedule import Companion, Draft, Occupancy, Schedule
from tests.clinic import Clinic
from tests.stored import rows
from tests.web.client import signed_in
from tests.web.journeys import base, rival
from tests.web.page import Answer, Form, Page, elements
from tests.web.visitor import TUESDAY, Visitor, wish

TEN_45 = "2027-03-02T15:45:00Z"
WEDNESDAY = "2027-03-03T15:00:00Z"


@pytest.fixture
def maya(app: Flask, clinic: Clinic) -> Visitor:
    """Maya, who has two children."""
    return signed_in(app, clinic, "maya")


def has(form: Form, name: str) -> bool:
    """Tell whether a form asks for a field."""
    return name in dict(form.values) or bool(form.offered(name))


def begun(maya: Visitor, clinic: Clinic, first: str = "leo", others: tuple[str, ...] = ("nia",)) -> Answer:
    """Say who it is for."""
    named = tuple(str(clinic.patient(one)) for one in others)
    return maya.send(maya.page("/booking"), "patient", patient=str(clinic.patient(first)), others=named)


def walk(maya: Visitor, clinic: Clinic, until: str = "check", provider: str | None = None, **answers: str) -> Page:
    """Walk the journey for both children up to a step."""
    url = begun(maya, clinic).location
    page = maya.page(f"{url}?speciality={clinic.speciality('family medicine')}")
    url = maya.send(page, "provider", provider=provider or str(clinic.provider("chen"))).location
    for step, field in (("visit", "visit_option"), ("reasons", "second_reason"), ("time", "first_choice")):
        page = maya.page(url)
        if step == until:
            return page
        given = {"visit": {"visit_option": str(clinic.option("check-up"))}, "reasons": {"reason": "Both hot"}, "time": {"first_choice": TUESDAY}}[
            step
        ]
        answer = maya.send(page, field, **{**given, **{name: value for name, value in answers.items() if has(page.form_with(field), name)}})
        assert answer.status == 303, answer.page.problems
        url = answer.location
    return maya.page(url)


def test_two_children_are_booked_one_after_the_other(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = walk(maya, clinic)
    assert "Leo Berg and Nia Berg" in page.text
    assert "10:45 am with Dr Chen" in page.text
    assert "Book 2 appointments: Leo Berg and Nia Berg" in page.text
    booked = maya.page(maya.confirm(page).location)
    found = sorted(rows(engine, Schedule), key=lambda row: row["starts_at"])
    assert [row["patient_id"] for row in found] == [clinic.patient("leo"), clinic.patient("nia")]
    assert all(f"{row['reference'][:4]}-{row['reference'][4:]}" in booked.text for row in found)
    assert {row["object_id"] for row in rows(engine, Audit) if row["deed"] == "saw_schedule"} == {row["id"] for row in found}
    assert len({row["group_id"] for row in found}) == 1
    assert [row["kind"] for row in rows(engine, Mail) if row["kind"] == "booked"] == ["booked"]


def test_at_once_they_are_seen_by_different_clinicians(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = walk(maya, clinic, provider=f"any-{clinic.facility('harbour')}", arrangement="at_once")
    assert maya.confirm(page).status == 303
    found = rows(engine, Schedule)
    assert len({row["starts_at"] for row in found}) == 1
    assert {row["provider_id"] for row in found} == {clinic.provider("chen"), clinic.provider("novak")}


def test_each_has_a_visit_and_a_reason_of_their_own(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = walk(maya, clinic, second=str(clinic.option("phone")), second_reason="A rash")
    assert "Leo: " in page.text
    assert "Nia: A rash" in page.text
    maya.confirm(page)
    found = {row["patient_id"]: (row["visit_option_id"], row["reason"]) for row in rows(engine, Schedule)}
    assert found[clinic.patient("nia")] == (clinic.option("phone"), "A rash")
    assert found[clinic.patient("leo")] == (clinic.option("check-up"), "Both hot")


def test_with_one_clinician_there_is_only_one_way_to_be_seen(maya: Visitor, clinic: Clinic) -> None:
    page = walk(maya, clinic, "visit")
    assert not has(page.form_with("visit_option"), "arrangement")
    assert "To be seen at the same time, choose any clinician." in page.text


def test_a_double_press_leads_to_the_same_page(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = walk(maya, clinic)
    assert maya.confirm(page).location == maya.confirm(page).location
    assert len(rows(engine, Schedule)) == 2


def test_a_time_of_one_that_is_taken_books_nobody_and_shows_times_for_both(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = walk(maya, clinic)
    rival(engine, clinic, TEN_45)
    answer = maya.confirm(page)
    assert answer.status == 422
    assert answer.page.problems == ["Nia Berg: This time has just been taken"]
    assert [row["patient_id"] for row in rows(engine, Schedule)] == [clinic.patient("omar")]
    offer = next(form for form in answer.page.forms if form.element.get("id") == "offer")
    button = next(elements(offer.element, "button"))
    again = maya.ask("POST", offer.action, offer.filled({"first_choice": button.get("value", "")}))
    assert maya.confirm(maya.page(again.location)).status == 303


def test_a_choice_that_one_cannot_have_names_them_and_offers_the_nearest(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = walk(maya, clinic, "time")
    rival(engine, clinic, TEN_45)
    answer = maya.send(page, "first_choice", first_choice=TUESDAY)
    assert answer.status == 422
    assert answer.page.problems == ["Nia Berg: This time has just been taken"]
    nearest = answer.page.form_with("first_choice").offered("first_choice")
    assert TUESDAY not in nearest
    assert maya.send(answer.page, "first_choice", first_choice=nearest[0]).status == 303


def test_days_and_times_come_alone_when_a_script_asks(maya: Visitor, clinic: Clinic) -> None:
    times = walk(maya, clinic, "time").form_with("first_choice").action
    answer = maya.get(f"{times}?day=2027-03-03", HX_Request="true")
    assert answer.status == 200
    assert WEDNESDAY in answer.body
    assert "<html" not in answer.body


def test_there_is_no_second_choice_for_a_family(maya: Visitor, clinic: Clinic) -> None:
    assert not has(walk(maya, clinic, "time").form_with("first_choice"), "second_choice")


@pytest.mark.parametrize("others", [("omar",), ("zoe",), ("nia", "omar")])
def test_nobody_comes_along_whom_one_may_not_book_for(others: tuple[str, ...], maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    answer = begun(maya, clinic, others=others)
    assert (answer.status, rows(engine, Draft), rows(engine, Companion)) == (422, [], [])


def test_whoever_is_chosen_first_may_be_ticked_too(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    assert begun(maya, clinic, others=("leo",)).status == 303
    assert begun(maya, clinic, others=("maya", "leo", "nia")).status == 303
    assert [row["patient_id"] for row in rows(engine, Companion)] == [clinic.patient("maya"), clinic.patient("nia")]


def test_who_may_no_longer_book_for_one_of_them_finds_nothing(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = walk(maya, clinic)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(GuardianLink).where(GuardianLink.id == clinic.link("maya", "nia")).values(state=LinkState.ENDED))
    assert maya.confirm(page).status == 404
    assert maya.get(base(page) + "check").status == 404
    assert rows(engine, Schedule) == []


def test_the_time_of_a_family_is_held_and_given_up(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = walk(maya, clinic)
    assert "We keep this time for you until" in page.text
    release = next(form for form in page.forms if form.action.endswith("/release"))
    assert maya.ask("POST", release.action, release.values).status == 303
    assert rows(engine, Occupancy) == []


def test_back_shows_what_was_answered(maya: Visitor, clinic: Clinic) -> None:
    page = walk(maya, clinic, second=str(clinic.option("phone")), second_reason="A rash")
    visit = dict(maya.page(base(page) + "visit").form_with("visit_option").values)
    reasons = dict(maya.page(base(page) + "reasons").form_with("second_reason").values)
    assert visit["second"] == str(clinic.option("phone"))
    assert reasons["second_reason"].strip() == "A rash"


def test_a_single_booking_is_asked_nothing_more(maya: Visitor, clinic: Clinic) -> None:
    page = maya.walk(wish(clinic, "leo")).page
    assert "Book for Leo Berg" in page.text
    assert not has(maya.page(base(page) + "visit").form_with("visit_option"), "second")


def test_one_cancelled_leaves_the_other(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    maya.confirm(walk(maya, clinic))
    leo = next(row for row in rows(engine, Schedule) if row["patient_id"] == clinic.patient("leo"))
    page = maya.page(f"/appointments/{leo['id']}/cancel")
    assert "Nia Berg" in page.text
    assert maya.send(page, "reason").status == 303
    assert sorted(row["cancelled_at"] is None for row in rows(engine, Schedule)) == [False, True]


def test_a_family_cannot_wait_together(maya: Visitor, clinic: Clinic) -> None:
    times = walk(maya, clinic, "time").form_with("first_choice").action
    assert 'href="wait"' not in maya.get(f"{times}?from=2027-04-01").body
    answer = maya.get(times.removesuffix("time") + "wait")
    assert (answer.status, answer.location) == (303, times)
