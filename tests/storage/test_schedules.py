from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event, update
from sqlalchemy.orm import Session

from portal.domain.schedule import LIVE, Status
from portal.storage import schedules
from portal.storage.schedule import Schedule, ScheduleReason
from tests.clinic import Clinic, key, schedule

HOUR = timedelta(hours=1)


def test_a_schedule_is_shown_with_the_names_of_all_it_points_to(session: Session, clinic: Clinic, booked: Schedule) -> None:
    session.add_all(
        ScheduleReason(schedule_id=booked.id, position=place, reason_id=clinic.reason(code)) for place, code in enumerate(("rash", "fever"))
    )
    session.flush()
    view = schedules.view(session, booked.id)
    assert view is not None
    assert (view.provider_name, view.facility_name, view.place, view.time_zone) == ("Dr Chen", "Harbour", "Boston", "America/New_York")
    assert (view.patient_name, view.user_name, view.speciality_name, view.encounter_type_name) == (
        *("Ada Berg", "Ada Berg"),
        *("Family medicine", "Examination"),
    )
    assert view.starts_at == booked.starts_at
    assert tuple(reason_id for reason_id, _ in view.reasons) == (clinic.reason("rash"), clinic.reason("fever"))


def test_an_unknown_schedule_is_none(session: Session) -> None:
    assert schedules.view(session, key("schedule", "nothing")) is None


def test_what_is_coming_is_live_not_over_and_in_order(session: Session, clinic: Clinic, now: datetime) -> None:
    minute = timedelta(minutes=1)
    ages = {"over": -30 * minute, "running": -29 * minute, "later": 2 * HOUR, "soon": HOUR}
    session.add_all(schedule(clinic, now + age, reason=word) for word, age in ages.items())
    session.add_all(schedule(clinic, now + 3 * HOUR + minute * status, status=status, reason=status.name) for status in Status if status not in LIVE)
    session.add(schedule(clinic, now + 4 * HOUR, patient_id=clinic.patient("omar"), reason="another's"))
    session.flush()
    assert [view.reason for view in schedules.coming(session, [clinic.patient("ada")], None, now)] == ["running", "soon", "later"]
    assert schedules.coming(session, [], None, now) == []


@pytest.mark.parametrize("count", [1, 30])
def test_two_questions_whatever_the_number_of_schedules(session: Session, engine: Engine, clinic: Clinic, now: datetime, count: int) -> None:
    session.add_all(schedule(clinic, now + number * HOUR) for number in range(count))
    session.flush()
    session.connection()
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    assert len(schedules.coming(session, [clinic.patient("ada")], None, now)) == count
    assert len(asked) == 2


def test_a_list_is_of_any_state_in_order_and_in_part(session: Session, clinic: Clinic, now: datetime) -> None:
    session.add_all(schedule(clinic, now + HOUR * (7 - status), status=status, reason=status.name) for status in Status)
    session.add(schedule(clinic, now + HOUR * 8, patient_id=clinic.patient("omar"), reason="another's"))
    session.flush()
    part = schedules.Part((clinic.patient("ada"),), None, now, now + HOUR * 6, skip=1, take=3)
    assert [view.reason for view in schedules.listed(session, part)] == ["NO_SHOW", "CANCELLED", "FULFILLED"]
    assert schedules.listed(session, replace(part, patient_ids=())) == []
    assert len(schedules.listed(session, replace(part, skip=0, take=10))) == 6


def test_a_schedule_is_locked_with_the_facts_that_decide_about_it(session: Session, booked: Schedule) -> None:
    facts = schedules.locked(session, booked.id)
    assert facts is not None
    assert (facts.id, facts.status, facts.starts_at, facts.time_zone) == (booked.id, Status.BOOKED, booked.starts_at, "America/New_York")
    assert schedules.locked(session, key("schedule", "nothing")) is None


@pytest.mark.parametrize("status", Status)
def test_a_request_is_repeated_only_while_its_schedule_is_live(session: Session, booked: Schedule, status: Status) -> None:
    session.execute(update(Schedule).values(status=status))
    assert schedules.repeated(session, booked.fingerprint) == (booked.id if status in LIVE else None)
    assert schedules.repeated(session, "0" * 64) is None
