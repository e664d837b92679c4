"""Named queries about bookings being made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, case, not_, null, select, update
from sqlalchemy.orm import Session, aliased

from portal.storage import companions
from portal.storage.clinic import Account
from portal.storage.companions import CompanionFacts
from portal.storage.core import run
from portal.storage.patients import COLUMNS as PATIENT_COLUMNS
from portal.storage.patients import PatientFacts
from portal.storage.people import Patient, User
from portal.storage.prepared import Prepared
from portal.storage.schedule import Draft
from portal.storage.sign_ins import SIGNED_IN, SignedIn

VERSION_LENGTH = 16
_OF_SESSION, _OF_PATIENT = len(fields(SignedIn)), len(PATIENT_COLUMNS)


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """A booking being made: what has been answered so far; `schedule_id` once it is booked.

    With `companions` it is for several people, who are seen by the `arrangement`. `holding` is the draft by which its user holds a
    time, this or another. `kept` and `replaced` are visits near it of which the person says at the end what becomes of them; only the
    answer is stored.
    """

    id: UUID
    user_id: UUID
    patient_id: UUID
    speciality_id: UUID | None
    facility_id: UUID | None
    provider_id: UUID | None
    visit_option_id: UUID | None
    reasons: str
    reason: str | None
    note: str | None
    first_choice_at: datetime | None
    second_choice_at: datetime | None
    schedule_id: UUID | None
    held_until: datetime | None = None
    held_provider_id: UUID | None = None
    private: bool = False
    holding: UUID | None = None
    arrangement: str | None = None
    companions: tuple[CompanionFacts, ...] = ()
    kept: frozenset[UUID] = field(default=frozenset(), repr=False)
    replaced: frozenset[UUID] = field(default=frozenset(), repr=False)

    @property
    def reason_ids(self) -> tuple[UUID, ...]:
        """The coded reasons, in the order chosen."""
        return tuple(map(UUID, self.reasons.split()))

    @property
    def version(self) -> str:
        """A text that changes with any answer, so that a page can say which answers it showed."""
        companions = tuple(replace(one, held_provider_id=None) for one in self.companions)
        answers = replace(self, held_until=None, held_provider_id=None, holding=None, companions=companions)
        return sha256(repr(answers).encode()).hexdigest()[:VERSION_LENGTH]


_OWN = aliased(Draft)
# By the index that lets a user hold one time, so that what they hold is on offer to them in every draft of theirs.
_HOLDING_DRAFT = select(_OWN.id).where(_OWN.user_id == Draft.user_id, _OWN.held_until.is_not(None), not_(_OWN.is_offer)).scalar_subquery()
_COLUMNS = (
    Draft.id,
    Draft.user_id,
    Draft.patient_id,
    Draft.speciality_id,
    Draft.facility_id,
    Draft.provider_id,
    Draft.visit_option_id,
    Draft.reason_ids,
    Draft.reason,
    Draft.note,
    Draft.first_choice_at,
    Draft.second_choice_at,
    Draft.schedule_id,
    Draft.held_until,
    Draft.held_provider_id,
    Draft.private,
    _HOLDING_DRAFT,
    Draft.arrangement,
)
_WANTED: Select[*tuple[Any, ...]] = (
    select(*_COLUMNS, *PATIENT_COLUMNS)
    .join(Patient, Patient.id == Draft.patient_id)
    .join(Account, Account.id == Patient.account_id)
    .where(Draft.id == bindparam("draft_id"), Draft.user_id == bindparam("user_id"), Draft.patient_id == bindparam("patient_id"))
)
_DRAFT = Prepared(_WANTED)
_VISITED = Prepared(
    SIGNED_IN.outerjoin(Draft, and_(Draft.id == bindparam("draft_id"), Draft.user_id == User.id, Draft.patient_id == bindparam("patient_id")))
    .outerjoin(Patient, and_(Patient.id == Draft.patient_id, Patient.account_id == Account.id))
    .add_columns(*_COLUMNS, *PATIENT_COLUMNS)
)
_CLOSE = Prepared(
    update(Draft)
    .where(Draft.id == bindparam("draft"), Draft.schedule_id.is_(None))
    .values(schedule_id=bindparam("schedule"), held_until=null(), held_provider_id=null())
)
_LOCK_USER = Prepared(select(User.id).where(User.id == bindparam("user_id")).with_for_update(key_share=True))
# The columns of a `Holder`.
HOLDER = (Draft.id, Draft.patient_id, Draft.held_provider_id, Draft.first_choice_at, case((Draft.arrangement.is_not(None), Draft.held_until)))
_HOLDING = Prepared(select(*HOLDER).where(Draft.user_id == bindparam("user_id"), Draft.held_until.is_not(None), Draft.is_offer.is_(False)))
_LOCKED = Prepared(_WANTED.with_for_update(of=Draft))
_HELD = Prepared(
    select(Draft.id, Draft.first_choice_at, Draft.held_until).where(
        Draft.user_id == bindparam("user_id"), Draft.held_until.is_not(None), not_(Draft.is_offer)
    )
)


def draft(session: Session, draft_id: UUID, user_id: UUID, patient_id: UUID, *, lock: bool = False) -> tuple[DraftFacts, PatientFacts] | None:
    """Return a draft of this user for this patient, and the patient, or None; with `lock`, a second writer waits for the first."""
    statement = _LOCKED if lock else _DRAFT
    row = statement.one(session, {"draft_id": draft_id, "user_id": user_id, "patient_id": patient_id})
    if row is None:
        return None
    known, patient = row[: len(_COLUMNS)], row[len(_COLUMNS) :]
    return _facts(session, known), PatientFacts(*patient)


def visited(session: Session, token_hash: str, draft_id: UUID, patient_id: UUID) -> tuple[SignedIn, tuple[DraftFacts, PatientFacts] | None] | None:
    """Return whom a browser session signs in and their draft for a patient of their account, all in one statement."""
    row = _VISITED.one(session, {"token_hash": token_hash, "draft_id": draft_id, "patient_id": patient_id})
    if row is None:
        return None
    signed_in, known, patient = row[:_OF_SESSION], row[_OF_SESSION:-_OF_PATIENT], row[-_OF_PATIENT:]
    return SignedIn(*signed_in), None if patient[0] is None else (_facts(session, known), PatientFacts(*patient))


def _facts(session: Session, known: Sequence[Any]) -> DraftFacts:
    """Return a draft; only one that is for several people takes a second statement."""
    found = DraftFacts(*known)
    return replace(found, companions=companions.of_draft(session, found.id)) if found.arrangement else found


class Holder(NamedTuple):
    """A draft that holds a time, perhaps one whose minutes are over: with whom, for whom, from when.

    One for several people holds more than that: all that is held up to `group_until`.
    """

    draft_id: UUID
    patient_id: UUID
    provider_id: UUID
    starts_at: datetime
    group_until: datetime | None = None


def wait_for_others(session: Session, user_id: UUID) -> None:
    """Let other transactions of a user that are about to hold something wait until this one ends."""
    _LOCK_USER.one(session, {"user_id": user_id})


def holding(session: Session, user_id: UUID) -> list[Holder]:
    """Return the drafts of a user that hold a time they chose; another transaction of that user that asks waits until this one ends.

    Offers of the wait list are held beside these.
    """
    wait_for_others(session, user_id)
    return [Holder(*row) for row in _HOLDING.rows(session, {"user_id": user_id})]


class Hold(NamedTuple):
    """What a user holds by a draft: from when, and up to when it is theirs."""

    draft_id: UUID
    starts_at: datetime
    until: datetime


def held(session: Session, user_id: UUID) -> Hold | None:
    """Return what a user holds, perhaps something whose minutes are over, or None."""
    row = _HELD.one(session, {"user_id": user_id})
    return None if row is None else Hold(*row)


def close(session: Session, draft_id: UUID, schedule_id: UUID) -> None:
    """Write into a draft the schedule that it became; it holds nothing of its own any more."""
    _CLOSE.write(session, {"draft": draft_id, "schedule": schedule_id})


def keep(session: Session, answers: Mapping[str, Any]) -> None:
    """Write a draft given by column, in place of what it said if there is one with its id."""
    session.merge(Draft(**answers))
    session.flush()


def change(session: Session, draft_id: UUID, answers: dict[str, Any]) -> None:
    """Write answers into a draft that is not booked yet."""
    statement = update(Draft).where(Draft.id == bindparam("draft"), Draft.schedule_id.is_(None))
    run(session, statement.values({name: bindparam(name) for name in answers}), {"draft": draft_id, **answers})
