"""Drafts for a family, made as the pages make them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.domain.together import Arrangement
from portal.services import drafts, group_booking, group_holds, groups
from portal.services.booking import Booked, Forbidden
from portal.services.drafts import Whom, Why
from portal.services.group_booking import NotAll
from portal.services.group_holds import Trouble
from portal.services.groups import Visits
from portal.services.nearby import Ready
from portal.storage import drafts as stored
from portal.storage.catalogue import current_catalogue
from portal.storage.drafts import DraftFacts
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Occupancy
from tests.clinic import NOW, Clinic

CHILDREN = ("leo", "nia")


def ready(session: Session, clinic: Clinic, draft_id: UUID, first: str = "leo", user: str = "maya") -> Ready:
    """Read and lock a draft."""
    read = stored.draft(session, draft_id, clinic.user(user), clinic.patient(first), lock=True)
    assert read is not None
    return Ready(read[0], current_catalogue(session, clinic.account_id))


def family(
    session: Session, clinic: Clinic, arrangement: Arrangement = Arrangement.IN_TURN, people: Sequence[str] = CHILDREN, options: Sequence[str] = ()
) -> UUID:
    """Write Maya's draft of check-ups for some people that lacks its time: in turn with Dr Chen, at once with anybody at Harbour."""
    draft_id = groups.start(session, clinic.actor("maya"), [clinic.patient(one) for one in people], NOW)
    assert draft_id is not None
    with_whom = clinic.provider("chen") if arrangement is Arrangement.IN_TURN else None
    place = clinic.facility("harbour") if arrangement is Arrangement.AT_ONCE else None
    now = ready(session, clinic, draft_id, people[0])
    assert drafts.choose_provider(session, now.draft, Whom(clinic.speciality("family medicine"), with_whom, place), now.catalogue, NOW)
    now = ready(session, clinic, draft_id, people[0])
    wanted = Visits(tuple(clinic.option(one) for one in options or ("check-up",) * len(people)), arrangement)
    assert groups.choose_visits(session, now.draft, wanted, now.catalogue, NOW)
    drafts.say_why(session, now.draft, Why((clinic.reason("fever"),), "Both hot", None))
    groups.say_why(session, now.draft, [""] * (len(people) - 1))
    return draft_id


def choose(session: Session, clinic: Clinic, draft_id: UUID, start: datetime, now: datetime = NOW, first: str = "leo") -> list[Trouble]:
    """Choose a time as the page does."""
    found = ready(session, clinic, draft_id, first)
    return group_holds.choose_time(session, found.draft, start, found.catalogue, now)


def book(session: Session, clinic: Clinic, draft_id: UUID, now: datetime = NOW, first: str = "leo") -> Booked | NotAll | Forbidden:
    """Book as the page does."""
    return group_booking.book(session, clinic.actor("maya"), ready(session, clinic, draft_id, first), frozenset(), now)


def pressed(engine: Engine, clinic: Clinic, draft_id: UUID, start: datetime | None = None) -> Booked | NotAll | Forbidden:
    """Book in a transaction of its own, which a door commits only when it booked; a `start` stands in for a hold."""
    with sessions(engine)() as session:
        begin_write(session)
        found = ready(session, clinic, draft_id)
        draft = replace(found.draft, first_choice_at=start) if start else found.draft
        outcome = group_booking.book(session, clinic.actor("maya"), replace(found, draft=draft), frozenset(), NOW)
        if isinstance(outcome, Booked):
            session.commit()
        return outcome


def draft_of(session: Session, clinic: Clinic, draft_id: UUID) -> DraftFacts:
    """Return the draft as it is."""
    return ready(session, clinic, draft_id).draft


def held(session: Session) -> set[UUID]:
    """Return whose cells a draft holds."""
    return {row.resource_id for row in session.query(Occupancy) if row.draft_id}
