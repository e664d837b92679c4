"""A link as the pages show it: to the guardian, to the patient, and to those who care for the same person."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from portal.domain.guardianship import Act, Basis, LinkState
from portal.domain.links import LIVING, agreement_code, next_narrowing
from portal.domain.walltime import local_day
from portal.services.guardians import needs_agreement
from portal.storage.guardians import Change, LinkEntry
from portal.web.language import gettext as _
from portal.web.people.words import BASES, RIGHTS, STATES, reason_words


class Birthday(NamedTuple):
    """The next birthday at which a link gives less."""

    on: date
    age: int
    ends: bool


class Past(NamedTuple):
    """One change of the history: whose link, what it became, by whom and why."""

    at: datetime
    guardian: str
    state: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinkShown:
    """One link in words. `name` is the other person's, `why_not` says why it gives nothing now, `until` is its last day."""

    id: UUID
    patient_id: UUID
    name: str
    relationship: str
    basis: str
    state: str
    rights: list[str]
    why_not: str
    since: date
    until: date | None
    birthday: Birthday | None
    can_open: bool
    can_stop: bool
    can_end: bool
    is_proxy: bool
    is_asked: bool
    has_agreed: bool


def shown(entry: LinkEntry, name: str, now: datetime) -> LinkShown:
    """Return a link in words, under the name of the person whom its reader does not know already."""
    link, zone = entry.link, entry.patient.account_zone
    gives = [act for act in Act if link.allows(act, now)]
    narrowing = next_narrowing(link, now) if link.state is LinkState.ACTIVE else None
    living = _lives(entry, now)
    return LinkShown(
        id=link.id,
        patient_id=link.patient_id,
        name=name,
        relationship=entry.relationship,
        basis=str(BASES[link.basis]),
        state=str(STATES[link.state if living else LinkState.ENDED if link.state in LIVING else link.state]),
        rights=[str(RIGHTS[act]) for act in gives],
        why_not="" if gives else _why_not(entry, now),
        since=local_day(link.starts_at, zone),
        until=local_day(link.ends_at - timedelta(microseconds=1), zone) if link.ends_at else None,
        birthday=Birthday(local_day(narrowing.at, zone), narrowing.age, narrowing.ends) if narrowing else None,
        can_open=Act.SEE in gives,
        can_stop=link.state in LIVING,
        can_end=link.basis is Basis.CONSENT and link.state in LIVING,
        is_proxy=link.basis is Basis.CONSENT and link.state is LinkState.ACTIVE and link.holds(now),
        is_asked=agreement_code(link, now) is None,
        has_agreed=link.holds(now),
    )


def living(entries: list[LinkEntry], now: datetime) -> list[LinkEntry]:
    """Return the links that are not over, by their state, their end and the patient's age."""
    return [entry for entry in entries if _lives(entry, now)]


def _lives(entry: LinkEntry, now: datetime) -> bool:
    link = entry.link
    return link.state in LIVING and (link.ends_at is None or now < link.ends_at)


def _why_not(entry: LinkEntry, now: datetime) -> str:
    link = entry.link
    if link.state is LinkState.REQUESTED:
        return _("Nothing yet: the clinic checks it first.")
    if link.state is LinkState.SUSPENDED:
        return _("Nothing for the time being: the clinic has suspended it.")
    if link.state is LinkState.ACTIVE and needs_agreement(link, now):
        return _("Nothing until %(name)s agrees.") % {"name": entry.patient.name}
    return _("Nothing any more.")


def history(changes: list[Change], entries: list[LinkEntry]) -> list[Past]:
    """Return the changes in words."""
    names = {entry.link.id: entry.user.name for entry in entries}
    return [Past(one.at, names[one.link_id], str(STATES[one.state]), _by(one), reason_words(one.reason)) for one in changes]


def _by(change: Change) -> str:
    if change.changed_by is not None:
        return change.name
    return _("the clinic (%(name)s)") % {"name": change.name} if change.name else _("the portal")
