"""Named queries about people's own accounts: who they are, and changing how they sign in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from portal.storage.core import run
from portal.storage.people import User, UserSession
from portal.storage.proofs import Authenticator, KnownDevice, Passkey


@dataclass(frozen=True, slots=True)
class Member:
    """A user as what changes their account needs to know them."""

    id: UUID
    account_id: UUID
    email: str
    name: str
    language: str
    patient_id: UUID | None
    born_on: date | None
    has_second_factor: bool


_FACTORS = or_(
    exists().where(Authenticator.user_id == User.id, Authenticator.confirmed_at.is_not(None)),
    exists().where(Passkey.user_id == User.id),
)
_MEMBERS: Select[*tuple[Any, ...]] = select(
    User.id, User.account_id, User.email, User.name, User.language, User.patient_id, User.born_on, _FACTORS
).where(User.active)


def member(session: Session, user_id: UUID) -> Member | None:
    """Return an active user, or None."""
    return _one(session, User.id == user_id)


def member_at(session: Session, email: str) -> Member | None:
    """Return the active user with a normalised e-mail address, or None."""
    return _one(session, User.email == email)


def is_taken(session: Session, email: str) -> bool:
    """Tell whether any user, active or not, has a normalised e-mail address."""
    return run(session, select(User.id).where(User.email == email)).one_or_none() is not None


def add(session: Session, columns: dict[str, Any]) -> None:
    """Write a new user, given by column; raises IntegrityError when somebody has the address."""
    run(session, insert(User).values(columns))


def change(session: Session, user_id: UUID, **columns: object) -> None:
    """Write columns of a user."""
    run(session, update(User).where(User.id == user_id).values(**columns))


def state_birth(session: Session, user_id: UUID, born_on: date) -> bool:
    """Write the birthday of a user of whom none is known, neither here nor by a patient record; tell whether it was so."""
    unknown = (User.id == user_id, User.born_on.is_(None), User.patient_id.is_(None))
    return run(session, update(User).where(*unknown).values(born_on=born_on)).rowcount > 0


def end_sessions(session: Session, user_id: UUID, now: datetime, keep: UUID | None = None) -> None:
    """End every browser session of a user, or all but one."""
    others = () if keep is None else (or_(UserSession.id.is_(None), UserSession.id != keep),)
    run(session, update(UserSession).where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None), *others).values(revoked_at=now))


def forget_devices(session: Session, user_id: UUID) -> None:
    """Treat every browser of a user as unknown again."""
    run(session, delete(KnownDevice).where(KnownDevice.user_id == user_id))


def _one(session: Session, wanted: ColumnElement[bool]) -> Member | None:
    row = run(session, _MEMBERS.where(wanted)).one_or_none()
    return None if row is None else Member(*row)
