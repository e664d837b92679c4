"""The life of a guardian link: which changes there are, who may make each, and what a new one must fulfil."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.domain.ages import ADULT_AGE, age_at, day_begins, reaches
from portal.domain.booking import utf16_length
from portal.domain.guardianship import OVER_CHILDREN, Act, Basis, Link, LinkState, Subject
from portal.domain.walltime import local_day

REASON_MAX = 250
RELATIONSHIP_MAX = 40
EVIDENCE_MAX = 250
NAME_MAX = 160
OPEN_REQUESTS_MAX = 5
OPEN_OFFERS_MAX = 5
OFFER_HOLDS = timedelta(days=7)
# A consent that nobody looks at again would outlive what was meant by it.
CONSENT_MONTHS = 18
TOLD_BEFORE = timedelta(days=30)


class By(StrEnum):
    """Who changes a link."""

    PRACTICE = "practice"
    GUARDIAN = "guardian"
    PATIENT = "patient"


class LinkCode(StrEnum):
    """Why a link cannot be made, or changed, like that."""

    NOT_ALLOWED = "not_allowed"
    REASON_REQUIRED = "reason_required"
    REASON_TOO_LONG = "reason_too_long"
    BIRTHDAY_UNKNOWN = "birthday_unknown"
    TOO_YOUNG = "too_young"
    OWN_RECORD = "own_record"
    OTHER_PRACTICE = "other_practice"
    LIVING = "living"
    PATIENT_TOO_YOUNG = "patient_too_young"
    PATIENT_TOO_OLD = "patient_too_old"
    NO_SCOPES = "no_scopes"
    CANNOT_SEE = "cannot_see"
    WIDER = "wider"
    NO_END = "no_end"
    ENDS_BEFORE = "ends_before"
    TOO_LONG = "too_long"
    NOT_ASKED = "not_asked"
    TOO_MANY = "too_many"


LIVING = frozenset({LinkState.REQUESTED, LinkState.ACTIVE, LinkState.SUSPENDED})
_ANYBODY = frozenset(By)
CHANGES: Mapping[tuple[LinkState, LinkState], frozenset[By]] = {
    (LinkState.REQUESTED, LinkState.ACTIVE): frozenset({By.PRACTICE}),
    (LinkState.REQUESTED, LinkState.REFUSED): frozenset({By.PRACTICE}),
    (LinkState.REQUESTED, LinkState.ENDED): _ANYBODY,
    (LinkState.ACTIVE, LinkState.SUSPENDED): frozenset({By.PRACTICE}),
    (LinkState.ACTIVE, LinkState.ENDED): _ANYBODY,
    (LinkState.SUSPENDED, LinkState.ACTIVE): frozenset({By.PRACTICE}),
    (LinkState.SUSPENDED, LinkState.ENDED): _ANYBODY,
}
# What people choose from by name; whoever may change something must be able to see it.
PRESETS: Mapping[str, frozenset[Act]] = {
    "all": frozenset(Act),
    "booking": frozenset({Act.SEE, Act.BOOK, Act.CANCEL}),
    "seeing": frozenset({Act.SEE}),
}


def change_code(link: Link, state: LinkState, by: By, reason: str) -> LinkCode | None:
    """Return why somebody cannot bring a link into a state for a reason, or None.

    The patient ends what rests on their own consent; the rights of a parent or by a court's order only the practice takes away.
    """
    if by not in CHANGES.get((link.state, state), frozenset()) or (by is By.PATIENT and link.basis is not Basis.CONSENT):
        return LinkCode.NOT_ALLOWED
    return reason_code(reason)


def reason_code(reason: str) -> LinkCode | None:
    """Return what is wrong with the reason of a change, or None."""
    if not reason.strip():
        return LinkCode.REASON_REQUIRED
    return LinkCode.REASON_TOO_LONG if utf16_length(reason) > REASON_MAX else None


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who is to act for somebody: their age decides whether they may."""

    user_id: UUID
    account_id: UUID
    own_patient_id: UUID | None
    born_on: date | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a link is to be: by what law, for what, and up to which instant (None: without an end)."""

    basis: Basis
    scopes: frozenset[Act]
    ends_at: datetime | None


def new_link_codes(guardian: Guardian, subject: Subject, terms: Terms, now: datetime, *, living: bool) -> list[LinkCode]:
    """Return every reason why a link cannot be made; `living` when there is one between the two already."""
    codes = [code for code in (guardian_code(guardian.born_on, subject.time_zone, now),) if code]
    if guardian.account_id != subject.account_id:
        codes.append(LinkCode.OTHER_PRACTICE)
    if guardian.own_patient_id == subject.patient_id:
        codes.append(LinkCode.OWN_RECORD)
    if living:
        codes.append(LinkCode.LIVING)
    return codes + terms_codes(subject, terms, now)


def guardian_code(born_on: date | None, zone: str, now: datetime) -> LinkCode | None:
    """Return why somebody is not old enough to act for others, or None; nobody is whose birthday is unknown."""
    if born_on is None:
        return LinkCode.BIRTHDAY_UNKNOWN
    return None if age_at(born_on, zone, now) >= ADULT_AGE else LinkCode.TOO_YOUNG


def terms_codes(subject: Subject, terms: Terms, now: datetime) -> list[LinkCode]:
    """Return what is wrong with basis, scopes and end of a link over a patient."""
    found = [_basis_code(subject, terms.basis, now), scopes_code(terms.scopes), _end_code(subject, terms, now)]
    return [code for code in found if code]


def _basis_code(subject: Subject, basis: Basis, now: datetime) -> LinkCode | None:
    adult = is_adult(subject, now)
    if basis is Basis.CONSENT:
        return None if adult else LinkCode.PATIENT_TOO_YOUNG
    return LinkCode.PATIENT_TOO_OLD if adult and basis in OVER_CHILDREN else None


def scopes_code(scopes: frozenset[Act]) -> LinkCode | None:
    """Return what is wrong with the scopes of a link, or None: whoever may do something must be able to see what."""
    if not scopes:
        return LinkCode.NO_SCOPES
    return None if Act.SEE in scopes else LinkCode.CANNOT_SEE


def _end_code(subject: Subject, terms: Terms, now: datetime) -> LinkCode | None:
    if terms.ends_at is None:
        return LinkCode.NO_END if terms.basis in (Basis.CONSENT, Basis.COURT) else None
    if terms.ends_at <= now:
        return LinkCode.ENDS_BEFORE
    too_long = terms.basis is Basis.CONSENT and terms.ends_at > consent_ends(subject.time_zone, now)
    return LinkCode.TOO_LONG if too_long else None


def is_adult(subject: Subject, now: datetime) -> bool:
    """Tell whether the patient is of the age at which guardians' rights end."""
    return age_at(subject.born_on, subject.time_zone, now) >= subject.bands.ends_from


def is_asked(subject: Subject, now: datetime) -> bool:
    """Tell whether the patient is of an age at which guardians act only with their agreement."""
    return subject.bands.agreement_from <= age_at(subject.born_on, subject.time_zone, now) < subject.bands.ends_from


def agreement_code(link: Link, now: datetime) -> LinkCode | None:
    """Return why a patient has nothing to agree to, or None."""
    asked = link.state is LinkState.ACTIVE and link.basis in OVER_CHILDREN and is_asked(link.subject, now)
    return None if asked else LinkCode.NOT_ASKED


def consent_last_day(zone: str, now: datetime) -> date:
    """Return the last day of a consent that is given, or renewed, now: CONSENT_MONTHS ahead by the calendar."""
    today = local_day(now, zone)
    months = today.month - 1 + CONSENT_MONTHS
    year, month = today.year + months // 12, months % 12 + 1
    last_of_month = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(today.day, last_of_month))


def consent_ends(zone: str, now: datetime) -> datetime:
    """Return the instant at which a consent that is given now ends at the latest."""
    return ends_after(consent_last_day(zone, now), zone)


def ends_after(last_day: date, zone: str) -> datetime:
    """Return the instant at which a link ends whose last day that is: the first of the next day."""
    return day_begins(last_day + timedelta(days=1), zone)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A birthday at which a link gives less: the age, the instant, and whether it then ends."""

    age: int
    at: datetime
    ends: bool


def narrowings(subject: Subject, basis: Basis) -> tuple[Narrowing, ...]:
    """Return the birthdays at which a link narrows, in their order; only rights over children do."""
    if basis not in OVER_CHILDREN:
        return ()
    bands = subject.bands
    ages = [(bands.agreement_from, False), (bands.ends_from, True)]
    return tuple(Narrowing(age, reaches(subject.born_on, subject.time_zone, age), ends) for age, ends in ages)


def next_narrowing(link: Link, now: datetime) -> Narrowing | None:
    """Return the next birthday at which a link narrows, or None."""
    return next((one for one in narrowings(link.subject, link.basis) if now < one.at), None)


class Lapse(StrEnum):
    """What has ended a link by itself."""

    AGE = "age"
    TIME = "time"


def lapsed(link: Link, now: datetime) -> Lapse | None:
    """Return what has ended a living link by itself, or None while it lives."""
    if link.state not in LIVING:
        return None
    if link.ends_at is not None and link.ends_at <= now:
        return Lapse.TIME
    return Lapse.AGE if any(one.ends and one.at <= now for one in narrowings(link.subject, link.basis)) else None


def to_tell(link: Link, told_age: int | None, now: datetime) -> Narrowing | None:
    """Return the narrowing of an active link of which people are to be told now, or None when they know.

    They are told TOLD_BEFORE ahead and again when it happens. `told_age` is how old the patient was when they were last told.
    """
    if link.state is not LinkState.ACTIVE:
        return None
    age = age_at(link.subject.born_on, link.subject.time_zone, now)
    near = [one for one in narrowings(link.subject, link.basis) if one.at - TOLD_BEFORE <= now]
    if not near or (told_age is not None and told_age >= min(age, near[-1].age)):
        return None
    return near[-1]


def told_at_start(subject: Subject, basis: Basis, now: datetime) -> int | None:
    """Return the age of the last narrowing that lies behind a new link: whoever makes it knows of that one."""
    return next((one.age for one in reversed(narrowings(subject, basis)) if one.at <= now), None)
