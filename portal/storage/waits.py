"""Named queries about the wait list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from portal.domain.schedule import ALLOWED, LIVE, Change
from portal.domain.waiting import Days, OfferState, WaitState, Wish
from portal.storage.clinic import Provider, VisitOptionProvider
from portal.storage.core import run
from portal.storage.drafts import HOLDER, Holder
from portal.storage.people import Patient
from portal.storage.prepared import Prepared
from portal.storage.schedule import Draft, Schedule
from portal.storage.waiting import Offer, Waiting

_LIVING = (WaitState.WAITING.value, WaitState.OFFERED.value)
_MOVABLE = [int(status) for status, changes in ALLOWED.items() if Change.MOVE in changes]


@dataclass(frozen=True, slots=True)
class WaitFacts:
    """An entry of the wait list with its answers, its state, and when the visit begins that an earlier time is for."""

    id: UUID
    user_id: UUID
    patient_id: UUID
    created_at: datetime
    state: str
    speciality_id: UUID
    facility_id: UUID | None
    provider_id: UUID | None
    visit_option_id: UUID
    reason_ids: str
    reason: str
    note: str | None
    from_on: date
    until_on: date | None
    schedule_id: UUID | None
    private: bool
    booked_at: datetime | None
    booked_private: bool | None

    @property
    def wish(self) -> Wish:
        """The entry as its turn is decided by."""
        days = Days(self.from_on, self.until_on)
        return Wish(self.id, self.created_at, self.speciality_id, self.facility_id, self.provider_id, days, self.booked_at)

    @property
    def is_private(self) -> bool:
        """Tell whether it is about a visit that the patient keeps from guardians."""
        return self.private or bool(self.booked_private)


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An offer, and the entry that it was made to."""

    id: UUID
    draft_id: UUID
    provider_id: UUID
    starts_at: datetime
    expires_at: datetime
    state: str
    account_id: UUID
    waiting: WaitFacts


_WAITING: tuple[Any, ...] = (
    *(getattr(Waiting, name) for name in WaitFacts.__dataclass_fields__ if not name.startswith("booked")),
    Schedule.starts_at.label("booked_at"),
    Schedule.private.label("booked_private"),
)
_OFFER: tuple[Any, ...] = (Offer.id, Offer.draft_id, Offer.provider_id, Offer.starts_at, Offer.expires_at, Offer.state, Patient.account_id)
_ENTRIES: Select[*tuple[Any, ...]] = select(*_WAITING).select_from(Waiting).outerjoin(Schedule, Schedule.id == Waiting.schedule_id)
_OFFERS: Select[*tuple[Any, ...]] = (
    select(*_OFFER, *_WAITING)
    .select_from(Offer)
    .join(Waiting, Waiting.id == Offer.waiting_id)
    .join(Patient, Patient.id == Waiting.patient_id)
    .outerjoin(Schedule, Schedule.id == Waiting.schedule_id)
)
_OTHER = aliased(Schedule)
# Whoever has found such a visit in another way since they began to wait.
_FOUND = exists().where(
    _OTHER.patient_id == Waiting.patient_id,
    _OTHER.visit_option_id == Waiting.visit_option_id,
    _OTHER.status.in_([int(status) for status in LIVE]),
    # A private visit tells nobody of itself, not even by this.
    or_(~_OTHER.private, _OTHER.user_id == Waiting.user_id),
    _OTHER.created_at >= Waiting.created_at,
)
# Those whose visit can still become an earlier one, or who have none.
_STILL_WANTED = or_(and_(Waiting.schedule_id.is_(None), ~_FOUND), and_(Schedule.status.in_(_MOVABLE), Schedule.starts_at > bindparam("now")))
_TOLD_BEFORE = exists().where(Offer.waiting_id == Waiting.id, Offer.provider_id == bindparam("provider"), Offer.starts_at == bindparam("starts_at"))
_FOR_TIME = (
    _ENTRIES.join(VisitOptionProvider, VisitOptionProvider.visit_option_id == Waiting.visit_option_id)
    .where(VisitOptionProvider.provider_id == bindparam("provider"), Waiting.state == WaitState.WAITING.value, _STILL_WANTED, ~_TOLD_BEFORE)
    .order_by(Waiting.created_at, Waiting.id)
)
_HOLDS_OVER: Select[*tuple[Any, ...]] = (
    select(*HOLDER, Patient.account_id)
    .join(Patient, Patient.id == Draft.patient_id)
    .where(Draft.held_until <= bindparam("now"), Draft.is_offer.is_(False))
    .order_by(Draft.held_until, Draft.id)
    .limit(1)
    .with_for_update(of=Draft, skip_locked=True)
)
_CLAIM = Prepared(
    select(Waiting.id).where(Waiting.id == bindparam("waiting"), Waiting.state == WaitState.WAITING.value).with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class EndedHold:
    """A draft whose minutes are over, and the account of the time that it held."""

    holder: Holder
    account_id: UUID


@dataclass(frozen=True, slots=True)
class WaitEntry:
    """An entry as its list shows it: with the patient's and the provider's name, and the offer that is open."""

    facts: WaitFacts
    patient_name: str
    provider_name: str | None
    offer_id: UUID | None


def waiting_for(session: Session, provider_id: UUID, starts_at: datetime, now: datetime) -> list[WaitFacts]:
    """Return who waits for a visit that a provider offers and was never offered this time; longest waiting first."""
    return [WaitFacts(*row) for row in run(session, _FOR_TIME, {"provider": provider_id, "starts_at": starts_at, "now": now})]


def claim(session: Session, waiting_id: UUID) -> bool:
    """Keep an entry that waits for this transaction; False when it waits no more or another transaction has it, whose end is not awaited."""
    return _CLAIM.one(session, {"waiting": waiting_id}) is not None


def living(session: Session, user_id: UUID, patient_id: UUID, *same: ColumnElement[bool]) -> WaitFacts | None:
    """Return a user's living entry for a patient that has these things, or None."""
    wanted = _ENTRIES.where(Waiting.user_id == user_id, Waiting.patient_id == patient_id, Waiting.state.in_(_LIVING), *same)
    row = run(session, wanted.limit(1)).one_or_none()
    return None if row is None else WaitFacts(*row)


def same_visit(visit_option_id: UUID, provider_id: UUID | None) -> tuple[ColumnElement[bool], ...]:
    """Return what tells an entry for a visit that is not booked yet."""
    return Waiting.schedule_id.is_(None), Waiting.visit_option_id == visit_option_id, Waiting.provider_id.is_not_distinct_from(provider_id)


def same_schedule(schedule_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """Return what tells an entry for an earlier time of a visit."""
    return (Waiting.schedule_id == schedule_id,)


def of_user(session: Session, user_id: UUID, now: datetime) -> list[WaitEntry]:
    """Return what a user waits for, oldest first."""
    opened = and_(Offer.waiting_id == Waiting.id, Offer.state == OfferState.OPEN.value)
    names = (Patient.given_name, Patient.family_name, Provider.name, Offer.id)
    wanted = _ENTRIES.add_columns(*names).join(Patient, Patient.id == Waiting.patient_id)
    wanted = wanted.outerjoin(Provider, Provider.id == Waiting.provider_id).outerjoin(Offer, opened)
    wanted = wanted.where(Waiting.user_id == user_id, Waiting.state.in_(_LIVING), _STILL_WANTED).order_by(Waiting.created_at)
    rows = run(session, wanted, {"now": now})
    return [WaitEntry(WaitFacts(*row[:-4]), f"{row[-4]} {row[-3]}", row[-2], row[-1]) for row in map(tuple, rows)]


def of_id(session: Session, waiting_id: UUID, user_id: UUID) -> WaitFacts | None:
    """Return a user's entry, locked against other changes, or None."""
    wanted = _ENTRIES.where(Waiting.id == waiting_id, Waiting.user_id == user_id).with_for_update(of=Waiting)
    row = run(session, wanted).one_or_none()
    return None if row is None else WaitFacts(*row)


def add(session: Session, columns: Mapping[str, Any]) -> None:
    """Write a new entry."""
    run(session, insert(Waiting).values(**columns))


def change(session: Session, waiting_id: UUID, columns: Mapping[str, Any]) -> None:
    """Write columns of an entry."""
    run(session, update(Waiting).where(Waiting.id == waiting_id).values(**columns))


def leave_over(session: Session, today: date, now: datetime) -> int:
    """Take from the list whoever waited for days before `today`, or for an earlier time of a visit that stands no more; return how many."""
    stands = exists().where(Schedule.id == Waiting.schedule_id, Schedule.status.in_(_MOVABLE), Schedule.starts_at > now)
    over = or_(Waiting.until_on < today, and_(Waiting.schedule_id.is_not(None), ~stands), and_(Waiting.schedule_id.is_(None), _FOUND))
    statement = update(Waiting).where(Waiting.state == WaitState.WAITING.value, over).values(state=WaitState.LEFT.value)
    return run(session, statement.execution_options(synchronize_session=False)).rowcount


def add_offer(session: Session, columns: Mapping[str, Any]) -> None:
    """Write a new offer."""
    run(session, insert(Offer).values(**columns))


def change_offer(session: Session, offer_id: UUID, state: OfferState) -> None:
    """Write what became of an offer."""
    run(session, update(Offer).where(Offer.id == offer_id).values(state=state.value))


def add_draft(session: Session, columns: Mapping[str, Any]) -> None:
    """Write the draft of an offer."""
    run(session, insert(Draft).values(**columns))


def offer(session: Session, offer_id: UUID, user_id: UUID, *, lock: bool = False) -> OfferFacts | None:
    """Return an offer that was made to a user, or None; with `lock`, a second writer waits for the first."""
    wanted = _OFFERS.where(Offer.id == offer_id, Waiting.user_id == user_id)
    return _offer(session, wanted.with_for_update(of=(Offer, Waiting)) if lock else wanted)


def open_offer(session: Session, waiting_id: UUID, user_id: UUID) -> OfferFacts | None:
    """Return the open offer of a user's entry, locked with the entry, or None."""
    wanted = _OFFERS.where(Offer.waiting_id == waiting_id, Offer.state == OfferState.OPEN.value, Waiting.user_id == user_id)
    return _offer(session, wanted.with_for_update(of=(Offer, Waiting)))


def ended_offer(session: Session, now: datetime) -> OfferFacts | None:
    """Return an open offer whose time is over and which no other transaction has, locked, or None."""
    over = _OFFERS.where(Offer.state == OfferState.OPEN.value, Offer.expires_at <= now).order_by(Offer.expires_at, Offer.id).limit(1)
    return _offer(session, over.with_for_update(of=(Offer, Waiting), skip_locked=True))


def any_ended(session: Session, now: datetime) -> bool:
    """Tell whether an open offer's time is over."""
    return bool(run(session, select(exists().where(Offer.state == OfferState.OPEN.value, Offer.expires_at <= now))).scalar_one())


def ended_hold(session: Session, now: datetime) -> EndedHold | None:
    """Return a draft whose hold is over and which no other transaction has, locked, or None."""
    row = run(session, _HOLDS_OVER, {"now": now}).one_or_none()
    return None if row is None else EndedHold(Holder(*row[:-1]), row[-1])


def _offer(session: Session, statement: Select[*tuple[Any, ...]]) -> OfferFacts | None:
    row = run(session, statement).one_or_none()
    if row is None:
        return None
    made: tuple[Any, ...] = (*row[: len(_OFFER)], WaitFacts(*row[len(_OFFER) :]))
    return OfferFacts(*made)
