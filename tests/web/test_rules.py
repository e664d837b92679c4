"""The rules of a practice on the pages: told as early as they can be, and what a person can say where the practice asks."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.domain.guardianship import Act
from portal.domain.schedule import Status
from portal.storage.clinic import Account, VisitOption
from portal.storage.engine import begin_write, sessions
from portal.storage.people import GuardianLink
from portal.storage.schedule import Draft, Schedule
from tests.clinic import Clinic
from tests.services.scene import booked
from tests.stored import assert_sound, rows
from tests.web.client import signed_in
from tests.web.journeys import base, rival
from tests.web.visitor import TUESDAY, Visitor, wish

TEN = datetime.fromisoformat(TUESDAY)
WEDNESDAY = datetime.fromisoformat("2027-03-03T15:00:00Z")
THURSDAY = datetime.fromisoformat("2027-03-04T15:00:00Z")
ASKS = "Say what should happen to the other appointment"


def rule(engine: Engine, clinic: Clinic, **rules: object) -> None:
    """Set rules of the check-up."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(VisitOption).where(VisitOption.id == clinic.option("check-up")).values(**rules))


def statuses(engine: Engine) -> dict[datetime, int]:
    return {row["starts_at"]: row["status"] for row in rows(engine, Schedule)}


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"age_below": 12}, "Only for people under 12"),
        ({"age_from": 60}, "Only for people of 60 or older"),
        ({"age_from": 2, "age_below": 12}, "Only for people from 2 to 11 years old"),
        ({"known_patients": True}, "Only for people whom we have seen before"),
    ],
)
def test_the_visit_step_says_for_whom_alone_a_visit_is(rules: dict[str, object], says: str, app: Flask, clinic: Clinic, engine: Engine) -> None:
    rule(engine, clinic, **rules)
    ada = signed_in(app, clinic, "ada")
    page = ada.walk(wish(clinic), "visit").page
    assert page.text.count(says) == 1
    answer = ada.send(page, "visit_option", visit_option=str(clinic.option("check-up")))
    assert (answer.status, len(answer.page.problems)) == (422, 1)


def test_the_visit_step_says_nothing_of_a_visit_that_is_for_this_person(app: Flask, clinic: Clinic, engine: Engine) -> None:
    rule(engine, clinic, age_below=12)
    page = signed_in(app, clinic, "maya").walk(wish(clinic, "leo"), "visit").page
    assert "Only for people" not in page.text


def test_too_many_visits_are_told_before_a_time_is_chosen(app: Flask, clinic: Clinic, engine: Engine) -> None:
    booked(engine, clinic)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Account).where(Account.id == clinic.account_id).values(coming_visits_max=1))
    answer = signed_in(app, clinic, "ada").walk(wish(clinic), "reasons")
    assert (answer.status, answer.page.problems) == (
        422,
        ["There are as many coming appointments for this person as we can book online; call us for more"],
    )


def test_a_person_is_asked_about_a_visit_near_and_shown_it(app: Flask, clinic: Clinic, engine: Engine) -> None:
    rule(engine, clinic, repeat_days=2)
    booked(engine, clinic, start=WEDNESDAY)
    ada = signed_in(app, clinic, "ada")
    page = ada.walk(wish(clinic)).page
    assert "Wednesday, March 3, 10:00 am with Dr Chen" in page.text
    assert page.form_with("shown").offered("repeated") == ["keep", "replace"]
    answer = ada.confirm(page)
    assert (answer.status, answer.page.problems) == (422, [ASKS])
    assert answer.page.form_with("shown").offered("repeated") == ["keep", "replace"]


def test_both_are_kept_when_the_person_says_so(app: Flask, clinic: Clinic, engine: Engine) -> None:
    rule(engine, clinic, repeat_days=2)
    booked(engine, clinic, start=WEDNESDAY)
    ada = signed_in(app, clinic, "ada")
    assert ada.send(ada.walk(wish(clinic)).page, "shown", repeated="keep").status == 303
    assert statuses(engine) == {TEN: Status.BOOKED, WEDNESDAY: Status.BOOKED}
    assert [row["repeated"] for row in rows(engine, Draft)] == ["keep"]


def test_the_new_one_stands_in_for_the_other_in_one_transaction(app: Flask, clinic: Clinic, engine: Engine) -> None:
    rule(engine, clinic, repeat_days=2)
    booked(engine, clinic, start=WEDNESDAY)
    ada = signed_in(app, clinic, "ada")
    assert ada.send(ada.walk(wish(clinic)).page, "shown", repeated="replace").status == 303
    assert statuses(engine) == {TEN: Status.BOOKED, WEDNESDAY: Status.CANCELLED}
    assert_sound(engine)


def test_a_refused_booking_cancels_nothing(app: Flask, clinic: Clinic, engine: Engine) -> None:
    rule(engine, clinic, repeat_days=2)
    booked(engine, clinic, start=WEDNESDAY)
    ada = signed_in(app, clinic, "ada")
    page = ada.walk(wish(clinic)).page
    rival(engine, clinic, TUESDAY)
    answer = ada.send(page, "shown", repeated="replace")
    assert (answer.status, answer.page.problems) == (422, ["This time has just been taken"])
    assert statuses(engine)[WEDNESDAY] == Status.BOOKED


def test_a_booking_that_stands_already_is_not_cancelled_as_one_near(app: Flask, clinic: Clinic, engine: Engine) -> None:
    rule(engine, clinic, repeat_days=2)
    ada = signed_in(app, clinic, "ada")
    first = ada.walk(wish(clinic)).page
    release = next(form for form in first.forms if form.action.endswith("/release"))
    ada.ask("POST", release.action, release.values)
    assert ada.book(wish(clinic)).status == 303
    again = ada.page(base(first) + "check")
    assert ada.send(again, "shown", repeated="replace").status == 303
    assert statuses(engine) == {TEN: Status.BOOKED}


def test_a_visit_that_the_page_did_not_show_is_asked_about_anew(app: Flask, clinic: Clinic, engine: Engine) -> None:
    rule(engine, clinic, repeat_days=2)
    booked(engine, clinic, start=WEDNESDAY)
    ada = signed_in(app, clinic, "ada")
    page = ada.walk(wish(clinic)).page
    booked(engine, clinic, start=THURSDAY, kept=frozenset(row["id"] for row in rows(engine, Schedule)))
    answer = ada.send(page, "shown", repeated="replace")
    assert (answer.status, answer.page.problems) == (422, [ASKS])
    assert "Thursday, March 4" in answer.page.text
    assert set(statuses(engine).values()) == {Status.BOOKED}


def test_who_may_not_cancel_is_not_offered_to_replace(app: Flask, clinic: Clinic, engine: Engine) -> None:
    rule(engine, clinic, repeat_days=2)
    booked(engine, clinic, "leo", WEDNESDAY)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(GuardianLink).where(GuardianLink.id == clinic.link("grace", "leo")).values(scopes=f"{Act.SEE} {Act.BOOK}"))
    grace = signed_in(app, clinic, "grace")
    page = grace.walk(wish(clinic, "leo")).page
    assert page.form_with("shown").offered("repeated") == ["keep"]
    answer = grace.send(page, "shown", repeated="replace")
    assert statuses(engine)[WEDNESDAY] == Status.BOOKED
    assert answer.status == 422


def test_no_rule_tells_a_guardian_of_a_private_visit(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    rule(engine, clinic, repeat_days=2, known_patients=False)
    booked(engine, clinic, "leo", WEDNESDAY)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Schedule).values(private=True))
        session.execute(update(Account).where(Account.id == clinic.account_id).values(coming_visits_max=1))
    assert maya.book(wish(clinic, "leo")).status == 303
