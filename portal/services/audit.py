"""Writing down who read or wrote a patient's data, in the transaction in which it happens."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import DETAIL_MAX, WHO_MAX, Deed, Entry, Origin, digest
from portal.domain.booking import storable
from portal.domain.guardianship import Act, Actor, Link
from portal.storage import audit


@dataclass(frozen=True, slots=True)
class Done:
    """What was done about a patient: to which schedule, link or draft, by which link, and words that say more."""

    patient_id: UUID
    deed: Deed
    object_id: UUID | None = None
    link_id: UUID | None = None
    private: bool = False
    detail: str = ""


def record(session: Session, by: Actor | Origin, done: Done, now: datetime) -> None:
    """Add a row to the patient's chain, for a user or (an Origin alone) for the practice. The session must have begun as a writer.

    Locks the chain until the transaction ends, so it is the last thing to do in one: who holds a chain waits for nothing but another
    chain, and no two transactions can wait for each other in a circle, whatever cells, schedules and drafts each of them holds.
    Flushes, never commits.
    """
    actor_id, origin = (by.user_id, by.origin) if isinstance(by, Actor) else (None, by)
    number, previous = audit.last(session, done.patient_id)
    entry = Entry(
        patient_id=done.patient_id,
        number=number + 1,
        at=now.astimezone(UTC),
        actor_id=actor_id,
        link_id=done.link_id,
        deed=done.deed,
        object_id=done.object_id,
        private=done.private,
        detail=storable(done.detail)[:DETAIL_MAX],
        door=origin.door.value,
        address=origin.address,
        key_id=origin.key_id,
        name=storable(origin.name)[:WHO_MAX],
    )
    audit.add(session, entry, digest(previous, entry))


def record_all(session: Session, by: Actor | Origin, done: Iterable[Done], now: datetime) -> None:
    """Add rows to the chains of several patients in the order of their ids, so that two who do the same never wait in a circle."""
    for one in sorted(done, key=lambda one: one.patient_id.bytes):
        record(session, by, one, now)


def by_links(actor: Actor, links: Iterable[Link], done: Iterable[Done], now: datetime) -> list[Done]:
    """Return what an actor has seen, each with the link by which they may see that patient; oneself one sees without any."""
    known = {link.patient_id: link.id for link in links if link.user_id == actor.user_id and link.allows(Act.SEE, now)}
    return [one if one.patient_id == actor.own_patient_id else replace(one, link_id=known.get(one.patient_id)) for one in done]
