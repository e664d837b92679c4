"""A private address under which a calendar program reads what its owner may see, asked anew at each reading."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.guardianship import Act, Actor, may
from portal.domain.schedule import ScheduleView
from portal.services import audit
from portal.services.audit import Done
from portal.storage import calendar, patients, schedules
from portal.storage.calendar import Reader
from portal.storage.schedules import Part

TOKEN_BYTES = 32
ENTRIES_MAX = 500
# What was called off stays in the calendar as called off until it is long over: programs keep what they are no longer told of.
PAST = timedelta(days=30)
AHEAD = timedelta(days=3650)
# Programs read every hour. Of the same patient it is written down again when this has passed.
RECORD_EVERY = timedelta(days=1)
_NAME_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """What a calendar program gets of whom; `feed` names the address in what is written down."""

    feed: str
    patient_ids: tuple[UUID, ...]
    schedules: tuple[ScheduleView, ...]


def digest(token: str) -> str:
    """Return what an address is known by."""
    return sha256(token.encode(errors="replace")).hexdigest()


def replace(session: Session, user_id: UUID, now: datetime) -> str:
    """Give a user a new address, end the one they had, and return the new one's token, which cannot be had again. Flushes, never commits."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    calendar.revoke_all(session, user_id, now)
    calendar.add(session, digest(token), user_id, now)
    return token


def read(session: Session, reader: Reader, token: str, actor: Actor, now: datetime) -> Reading:
    """Return the appointments of everybody whose the reader may see now, from PAST ago on; of private ones their own."""
    links = patients.links(session, reader.user_id)
    people = [one.id for one in patients.cared_for(session, actor) if may(actor, Act.SEE, one.subject, links, now)]
    part = Part(tuple(people), reader.own_patient_id, now - PAST, now + AHEAD, 0, ENTRIES_MAX)
    return Reading(digest(token)[:_NAME_LENGTH], tuple(people), tuple(schedules.listed(session, part)) if people else ())


def unrecorded(session: Session, reading: Reading, actor: Actor, now: datetime) -> list[UUID]:
    """Return the patients of whom it is to be written down that their appointments were read: not of those of whom it was within RECORD_EVERY."""
    known = calendar.recorded(session, actor.user_id, reading.feed, reading.patient_ids, now - RECORD_EVERY) if reading.patient_ids else set()
    return [one for one in reading.patient_ids if one not in known]


def record(session: Session, reading: Reading, patient_ids: list[UUID], actor: Actor, now: datetime) -> None:
    """Write down for each of these patients that a calendar has read their appointments. Flushes, never commits."""
    done = [Done(patient_id, Deed.SAW_CALENDAR, detail=reading.feed) for patient_id in patient_ids]
    audit.record_all(session, actor, audit.by_links(actor, patients.links(session, actor.user_id), done, now), now)
