"""What must be written when lives have been lived: whole chains of the audit, each change told, and reminders of nothing but what stands."""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.mail import OF_VISITS, Kind
from portal.domain.schedule import Status
from portal.storage.outbox import Mail
from portal.storage.schedule import Schedule, ScheduleChange
from tests.stored import assert_chains


def assert_told(session: Session) -> None:
    """Assert that the audit is whole, that whoever made a change is told of it once, and that reminders are of booked visits as they are now."""
    assert_chains(session)
    mail = session.execute(select(Mail.user_id, Mail.schedule_id, Mail.kind, Mail.facts)).all()
    of_visits = [row for row in mail if row.kind in OF_VISITS - {Kind.REMINDER}]
    told = [(row.user_id, *one.split("/")) for row in of_visits for one in json.loads(row.facts)["visits"].split()]
    assert len(told) == len(set(told))
    by_people = ScheduleChange.changed_by.is_not(None)
    changes = session.execute(select(ScheduleChange.changed_by, ScheduleChange.schedule_id, ScheduleChange.number).where(by_people)).all()
    assert {(row.changed_by, str(row.schedule_id), str(row.number - 1)) for row in changes} <= set(told)
    booked = select(Schedule.id, Schedule.sequence).where(Schedule.status == Status.BOOKED)
    standing = {f"{row.id}/{row.sequence}" for row in session.execute(booked)}
    assert {json.loads(row.facts)["visits"] for row in mail if row.kind == Kind.REMINDER} <= standing
