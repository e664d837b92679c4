"""Named queries about guardian links, requests for them, and the changes they have been through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, insert, select, update
from sqlalchemy.orm import Session

from portal.domain.guardianship import Basis, Link, LinkState
from portal.domain.links import LIVING, Guardian
from portal.storage.clinic import Account
from portal.storage.core import run
from portal.storage.patients import COLUMNS as PATIENT_COLUMNS
from portal.storage.patients import LINK_COLUMNS, PatientFacts, link_of
from portal.storage.people import GuardianLink, GuardianLinkChange, GuardianRequest, Patient, User

_LIVING = [state.value for state in LIVING]


@dataclass(frozen=True, slots=True)
class Reader:
    """A user to whom mail can be sent."""

    id: UUID
    account_id: UUID
    email: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """A link with its two people, and what the practice has checked; `told_age` is how old the patient was when people were last told."""

    link: Link
    patient: PatientFacts
    user: Reader
    relationship: str
    evidence: str | None
    checked_by: str | None
    checked_at: datetime | None
    told_age: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """One change a link has been through; `changed_by` None is the practice, or the portal itself."""

    link_id: UUID
    at: datetime
    state_before: LinkState | None
    state: LinkState
    changed_by: UUID | None
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """A request to act for somebody, as it was stated; `state` is requested, approved or refused."""

    id: UUID
    user: Reader
    name: str
    born_on: date
    relationship: str
    basis: Basis
    evidence: str
    requested_at: datetime
    state: str
    reason: str | None


_READER = (User.id, User.account_id, User.email, User.name, User.language)
_EXTRA = (GuardianLink.relationship, GuardianLink.evidence, GuardianLink.checked_by, GuardianLink.checked_at, GuardianLink.told_age)
_ENTRY: Select[*tuple[Any, ...]] = (
    select(*LINK_COLUMNS, *PATIENT_COLUMNS, *_READER, *_EXTRA)
    .select_from(GuardianLink)
    .join(Patient, Patient.id == GuardianLink.patient_id)
    .join(Account, Account.id == Patient.account_id)
    .join(User, User.id == GuardianLink.user_id)
    .order_by(GuardianLink.starts_at, GuardianLink.id)
)
_REQUEST: Select[*tuple[Any, ...]] = select(
    GuardianRequest.id,
    *_READER,
    GuardianRequest.name,
    GuardianRequest.born_on,
    GuardianRequest.relationship,
    GuardianRequest.basis,
    GuardianRequest.evidence,
    GuardianRequest.requested_at,
    GuardianRequest.state,
    GuardianRequest.reason,
).join(User, User.id == GuardianRequest.user_id)


def any_living(session: Session, patient_id: UUID) -> bool:
    """Tell whether anybody has a living link over a patient."""
    return (
        run(session, select(GuardianLink.id).where(GuardianLink.patient_id == patient_id, GuardianLink.state.in_(_LIVING)).limit(1)).first()
        is not None
    )


def of_user(session: Session, user_id: UUID) -> list[LinkEntry]:
    """Return the links that a user has over others, whatever their state, oldest first."""
    return _entries(session, _ENTRY.where(GuardianLink.user_id == user_id))


def of_patient(session: Session, patient_id: UUID) -> list[LinkEntry]:
    """Return the links over a patient, whatever their state, oldest first."""
    return _entries(session, _ENTRY.where(GuardianLink.patient_id == patient_id))


def living(session: Session) -> list[LinkEntry]:
    """Return every living link."""
    return _entries(session, _ENTRY.where(GuardianLink.state.in_(_LIVING)))


def entries(session: Session, state: str | None = None, patient_id: UUID | None = None) -> list[LinkEntry]:
    """Return links, those in a state and over a patient if these are given."""
    wanted: list[ColumnElement[bool]] = [] if state is None else [GuardianLink.state == state]
    return _entries(session, _ENTRY.where(*wanted, *([] if patient_id is None else [GuardianLink.patient_id == patient_id])))


def one(session: Session, link_id: UUID) -> LinkEntry | None:
    """Return a link, or None for an unknown id."""
    return next(iter(_entries(session, _ENTRY.where(GuardianLink.id == link_id))), None)


def locked(session: Session, link_id: UUID) -> LinkEntry | None:
    """Return a link that nobody else can change until the transaction ends, or None for an unknown id."""
    return next(iter(_entries(session, _ENTRY.where(GuardianLink.id == link_id).with_for_update(of=GuardianLink))), None)


def locked_between(session: Session, user_id: UUID, patient_id: UUID) -> LinkEntry | None:
    """Return the living link between two people in the same way, or None."""
    wanted = _ENTRY.where(GuardianLink.user_id == user_id, GuardianLink.patient_id == patient_id, GuardianLink.state.in_(_LIVING))
    return next(iter(_entries(session, wanted.with_for_update(of=GuardianLink))), None)


def add(session: Session, columns: Mapping[str, Any]) -> None:
    """Write a new link."""
    run(session, insert(GuardianLink).values(**columns))


def change(session: Session, link_id: UUID, columns: Mapping[str, Any]) -> None:
    """Write columns of a link that the transaction has locked."""
    run(session, update(GuardianLink).where(GuardianLink.id == link_id).values(**columns))


def add_change(session: Session, link_id: UUID, columns: Mapping[str, Any]) -> None:
    """Write the next change of a link that the transaction has locked."""
    number = run(session, select(func.count()).select_from(GuardianLinkChange).where(GuardianLinkChange.link_id == link_id)).scalar_one() + 1
    run(session, insert(GuardianLinkChange).values(link_id=link_id, number=number, **columns))


def changes(session: Session, link_ids: Sequence[UUID]) -> list[Change]:
    """Return what some links have been through, newest first."""
    table = GuardianLinkChange
    columns = (table.link_id, table.at, table.state_before, table.state, table.changed_by, table.name, table.reason)
    rows = run(session, select(*columns).where(table.link_id.in_(link_ids)).order_by(table.at.desc(), table.number.desc())).all()
    return [Change(row[0], row[1], row[2] and LinkState(row[2]), LinkState(row[3]), *row[4:]) for row in rows]


def guardian(session: Session, user_id: UUID) -> tuple[Guardian, Reader] | None:
    """Return an active user as somebody who may act for others, and as a reader of mail; the practice's record of them knows their birthday too."""
    born_on = func.coalesce(User.born_on, Patient.born_on)
    wanted = select(*_READER, User.patient_id, born_on).outerjoin(Patient, Patient.id == User.patient_id).where(User.id == user_id, User.active)
    row = run(session, wanted).one_or_none()
    return None if row is None else (Guardian(row[0], row[1], row[5], row[6]), Reader(*row[:5]))


def reader_of(session: Session, patient_id: UUID) -> Reader | None:
    """Return the patient's own user, or None when they do not sign in."""
    row = run(session, select(*_READER).where(User.patient_id == patient_id, User.active)).one_or_none()
    return None if row is None else Reader(*row)


def add_patient(session: Session, columns: Mapping[str, Any]) -> None:
    """Write a patient whom the practice has not known."""
    run(session, insert(Patient).values(**columns))


def add_request(session: Session, columns: Mapping[str, Any]) -> None:
    """Write a request."""
    run(session, insert(GuardianRequest).values(**columns))


def requests_of(session: Session, user_id: UUID) -> list[RequestEntry]:
    """Return the requests of a user that wait or were refused, newest first."""
    wanted = _REQUEST.where(GuardianRequest.user_id == user_id, GuardianRequest.state != "approved")
    return _requests(session, wanted.order_by(GuardianRequest.requested_at.desc()))


def requests(session: Session, state: str | None = None) -> list[RequestEntry]:
    """Return requests, those in a state if one is given, oldest first."""
    wanted = _REQUEST if state is None else _REQUEST.where(GuardianRequest.state == state)
    return _requests(session, wanted.order_by(GuardianRequest.requested_at))


def locked_request(session: Session, request_id: UUID) -> RequestEntry | None:
    """Return a request that nobody else can decide until the transaction ends, or None for an unknown id."""
    return next(iter(_requests(session, _REQUEST.where(GuardianRequest.id == request_id).with_for_update(of=GuardianRequest))), None)


def lock_user(session: Session, user_id: UUID) -> None:
    """Let no second transaction count what this user has open meanwhile."""
    run(session, select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def decide_request(session: Session, request_id: UUID, columns: Mapping[str, Any]) -> None:
    """Write the decision about a request that the transaction has locked."""
    run(session, update(GuardianRequest).where(GuardianRequest.id == request_id).values(**columns))


def _entries(session: Session, statement: Select[*tuple[Any, ...]]) -> list[LinkEntry]:
    return [_entry(*row) for row in run(session, statement).all()]


def _entry(*row: Any) -> LinkEntry:  # noqa: ANN401 - the columns of the query
    links, people = len(LINK_COLUMNS), len(PATIENT_COLUMNS)
    link, patient, rest = row[:links], row[links : links + people], row[links + people :]
    return LinkEntry(link_of(*link), PatientFacts(*patient), Reader(*rest[: len(_READER)]), *rest[len(_READER) :])


def _requests(session: Session, statement: Select[*tuple[Any, ...]]) -> list[RequestEntry]:
    return [_request(*row) for row in run(session, statement).all()]


def _request(*row: Any) -> RequestEntry:  # noqa: ANN401 - the columns of the query
    request_id, reader, stated = row[0], row[1 : len(_READER) + 1], row[len(_READER) + 1 :]
    name, born_on, relationship, basis, *rest = stated
    return RequestEntry(request_id, Reader(*reader), name, born_on, relationship, Basis(basis), *rest)
