"""What mail about visits may tell when it is sent: of those alone that stand as when it was written, and that its reader may see now."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.domain.guardianship import Act, Actor, may
from portal.domain.mail import Kind, Mentioned, visits_in, visits_path
from portal.domain.schedule import ScheduleView, Status
from portal.domain.walltime import local_day
from portal.services.authority import authority
from portal.storage import outbox, patients, readers, schedules
from portal.storage.outbox import DueMail, Reminder

_WITHHELD = "withheld: what it told is not so any more, or not for its reader"


def fit(session: Session, mail: DueMail, now: datetime, until: datetime) -> DueMail | None:
    """Return a mail that a sender has until an instant with the visits that it is to tell of, or withhold it for good and return None.

    What has changed since is told by mail of its own, written with the change. A reminder is one for all visits of a day: it takes
    with it the others that were to leave as long before, and those that are due. One whose facts cannot be read holds up no other.
    """
    try:
        return _told(session, mail, now, until)
    except (ValueError, LookupError) as error:
        outbox.withhold(session, [mail.id], f"withheld: {type(error).__name__}")
        return None


def _told(session: Session, mail: DueMail, now: datetime, until: datetime) -> DueMail | None:
    reader = readers.reader(session, mail.user_id) if mail.user_id else None
    if reader is not None:
        # Where they are written to now: an address that they have given up may be somebody else's.
        mail = replace(mail, to=reader.email, language=reader.language, own_patient_id=reader.patient_id)
    actor = patients.actor(session, mail.user_id) if mail.user_id else None
    if mail.kind == Kind.REMINDER:
        return _reminder(session, mail, actor, now, until)
    visits = _seen(session, actor, visits_in(json.loads(mail.facts)["visits"]), now)
    if not visits:
        outbox.withhold(session, [mail.id], _WITHHELD)
        return None
    return _telling(mail, visits)


def _reminder(session: Session, mail: DueMail, actor: Actor | None, now: datetime, until: datetime) -> DueMail | None:
    left: list[Reminder] = []
    visits: list[ScheduleView] = []
    unfit = [mail.id]
    for one in _of_that_day(session, mail, now):
        seen = [view for view in _seen(session, actor, visits_in(one.facts["visits"]), now) if view.status == Status.BOOKED and view.starts_at > now]
        visits += [view for view in seen if view not in visits]
        if seen:
            left.append(one)
        else:
            unfit.append(one.id)
    taken = [one.id for one in left]
    outbox.withhold(session, [mail_id for mail_id in unfit if mail_id not in taken], _WITHHELD)
    if not left:
        return None
    outbox.lease(session, taken, until)
    # The first of them gives its id and its age, so that a repeat is known as one whichever of them is found due.
    whole = replace(mail, id=taken[0], created_at=left[0].created_at, also=tuple(taken[1:]), facts=json.dumps(left[0].facts))
    return _telling(whole, visits)


def _of_that_day(session: Session, mail: DueMail, now: datetime) -> list[Reminder]:
    """Return the reminders that go with this one, itself among them: oldest first."""
    waiting = outbox.reminders(session, mail.user_id) if mail.user_id else []
    this = next((one for one in waiting if one.id == mail.id), None)
    if this is None:
        return []
    alike = [one for one in waiting if one.facts["hours"] == this.facts["hours"] or one.try_at <= now]
    return [one for one in alike if _day(one) == _day(this)]


def _day(one: Reminder) -> date:
    return local_day(one.starts_at, one.time_zone)


def _seen(session: Session, actor: Actor | None, visits: Iterable[Mentioned], now: datetime) -> list[ScheduleView]:
    found = ((schedules.view(session, one.schedule_id), one.sequence) for one in visits)
    return [view for view, sequence in found if view and view.sequence == sequence and _may_see(session, actor, view, now)]


def _may_see(session: Session, actor: Actor | None, view: ScheduleView, now: datetime) -> bool:
    known = authority(session, actor, view.patient_id)
    if actor is None or known is None:
        return False
    return may(actor, Act.SEE, replace(known.patient.subject, private=view.private), known.links, now)


def _telling(mail: DueMail, visits: Iterable[ScheduleView]) -> DueMail:
    ordered = tuple(sorted(visits, key=lambda view: (view.starts_at, view.id)))
    facts = json.dumps({**json.loads(mail.facts), "path": visits_path([view.id for view in ordered])})
    return replace(mail, facts=facts, visits=ordered)
