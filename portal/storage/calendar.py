"""The table of private calendar addresses, and its queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.audit import Deed, Origin
from portal.domain.guardianship import Actor
from portal.storage.audit import Audit
from portal.storage.base import Base
from portal.storage.core import run
from portal.storage.people import User
from portal.storage.prepared import Prepared


class CalendarFeed(Base):
    """An address under which a calendar program reads a person's appointments; known by its token's digest, and ended by the person."""

    __tablename__ = "calendar_feed"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose appointments a living address shows: an active user, and the language that they read."""

    user_id: UUID
    account_id: UUID
    own_patient_id: UUID | None
    language: str

    def actor(self, origin: Origin) -> Actor:
        """Return the user as the rules see them, acting from somewhere."""
        return Actor(self.user_id, self.account_id, self.own_patient_id, origin)


_LIVING = CalendarFeed.revoked_at.is_(None)
_READER = Prepared(
    select(User.id, User.account_id, User.patient_id, User.language)
    .join(CalendarFeed, CalendarFeed.user_id == User.id)
    .where(CalendarFeed.token_hash == bindparam("token_hash"), _LIVING, User.active)
)
_NEWEST = (
    select(CalendarFeed.created_at).where(CalendarFeed.user_id == bindparam("user_id"), _LIVING).order_by(CalendarFeed.created_at.desc()).limit(1)
)
_RECORDED = (
    select(Audit.patient_id)
    .where(
        Audit.patient_id.in_(bindparam("patient_ids", expanding=True)),
        Audit.at > bindparam("since"),
        Audit.deed == Deed.SAW_CALENDAR,
        Audit.actor_id == bindparam("user_id"),
        Audit.detail == bindparam("feed"),
    )
    .distinct()
)


def reader(session: Session, token_hash: str) -> Reader | None:
    """Return for whom an address shows something, or None, the same for an unknown one, an ended one and one of a user who was shut out."""
    row = _READER.one(session, {"token_hash": token_hash})
    return None if row is None else Reader(*row)


def made_at(session: Session, user_id: UUID) -> datetime | None:
    """Return when the address was made that a user has, or None when they have none."""
    found: datetime | None = run(session, _NEWEST, {"user_id": user_id}).scalar_one_or_none()
    return found


def add(session: Session, token_hash: str, user_id: UUID, now: datetime) -> None:
    """Write a new address."""
    run(session, insert(CalendarFeed).values(token_hash=token_hash, user_id=user_id, created_at=now, revoked_at=None))


def revoke_all(session: Session, user_id: UUID, now: datetime) -> bool:
    """End every address of a user for good; False when there was none."""
    return run(session, update(CalendarFeed).where(CalendarFeed.user_id == user_id, _LIVING).values(revoked_at=now)).rowcount > 0


def recorded(session: Session, user_id: UUID, feed: str, patient_ids: Sequence[UUID], since: datetime) -> set[UUID]:
    """Return of which patients it was written down since an instant that a user's calendar has read their appointments."""
    values = {"user_id": user_id, "feed": feed, "patient_ids": list(patient_ids), "since": since}
    return set(run(session, _RECORDED, values).scalars())
