"""Mail that waits to be sent: what it tells of, to whom, and when it is tried again."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.domain.guardianship import LinkState

APPOINTMENTS_PATH = "/appointments"
RETRY_FIRST = timedelta(minutes=1)
RETRY_MAX = timedelta(hours=4)
TRIES_MAX = 12


class Kind(StrEnum):
    """What a mail tells of, and so the name of its template."""

    SIGN_UP = "sign_up"
    ALREADY_SIGNED_UP = "already_signed_up"
    RESET = "reset"
    NO_ACCOUNT = "no_account"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a template
    CONFIRM_EMAIL = "confirm_email"
    EMAIL_CHANGED = "email_changed"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    NEW_DEVICE = "new_device"
    JOINED = "joined"
    LINK_REQUESTED = "link_requested"
    LINK_CHANGED = "link_changed"
    LINK_NARROWS = "link_narrows"
    PROXY_OFFERED = "proxy_offered"
    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REMINDER = "reminder"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WAIT_OFFER = "wait_offer"


# Kinds that tell of visits: what these are is read when the mail is sent, and told of those that have not changed since it was written.
OF_VISITS = frozenset({Kind.BOOKED, Kind.MOVED, Kind.CANCELLED, Kind.REMINDER, Kind.REQUESTED, Kind.CONFIRMED, Kind.DECLINED})
# What the template of each kind is given. Names that end in `path` are paths of this portal; patients go by their given names.
FACTS: Mapping[Kind, frozenset[str]] = {
    # To confirm an address and choose a password.
    Kind.SIGN_UP: frozenset({"path"}),
    # Somebody signed up with an address that has an account: to sign in, or to ask for a new password.
    Kind.ALREADY_SIGNED_UP: frozenset({"path", "reset_path"}),
    Kind.RESET: frozenset({"path", "minutes"}),
    # Somebody asked for a new password of an address without an account: to sign up.
    Kind.NO_ACCOUNT: frozenset({"path"}),
    Kind.PASSWORD_CHANGED: frozenset(),
    # To the new address; EMAIL_CHANGED goes to the one before, `new` is the new one with most of it hidden.
    Kind.CONFIRM_EMAIL: frozenset({"path"}),
    Kind.EMAIL_CHANGED: frozenset({"new"}),
    Kind.SECOND_FACTOR_CHANGED: frozenset({"what"}),
    # `place` is a network address, `path` the list of sessions.
    Kind.NEW_DEVICE: frozenset({"device", "place", "path"}),
    # An invitation was used: the account now belongs to the patient.
    Kind.JOINED: frozenset({"patient"}),
    Kind.LINK_REQUESTED: frozenset({"patient", "guardian"}),
    Kind.LINK_CHANGED: frozenset({"patient", "guardian", "state"}),
    # `on` is the ISO date of a birthday, `age` what the patient becomes.
    Kind.LINK_NARROWS: frozenset({"patient", "guardian", "on", "age"}),
    Kind.PROXY_OFFERED: frozenset({"patient", "path"}),
    # Which visits, and `path` to what is shown of them; the template reads what they are now. Of reminders, how many hours before.
    **dict.fromkeys(OF_VISITS, frozenset({"path", "visits"})),
    Kind.REMINDER: frozenset({"path", "visits", "hours"}),
    # A time that somebody waited for has become free; `held_until` is an ISO instant.
    Kind.WAIT_OFFER: frozenset({"patient", "path", "held_until"}),
}
# Facts that are one of a few words, which the templates put into sentences.
WORDS: Mapping[str, frozenset[str]] = {
    "what": frozenset({"app_added", "app_removed", "passkey_added", "passkey_removed", "recovery_used", "recovery_made"}),
    "state": frozenset(LinkState),
}
_VISITS = re.compile(r"[0-9a-f-]{36}/\d+(?: [0-9a-f-]{36}/\d+)*", re.ASCII)
_PATH = re.compile(r"/(?!/)[\w.~/?=&%+-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A visit that a mail tells of, as it was after the change that calendars count as `sequence`."""

    schedule_id: UUID
    sequence: int


class UnfitLetterError(ValueError):
    """A letter lacks a fact that its template needs, or has one that it must not tell; a fault of who wrote it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one address. `facts` are texts for its template; a link in it is the path `facts["path"]` of the portal."""

    kind: Kind
    account_id: UUID
    to: str
    language: str
    facts: Mapping[str, str] = field(default_factory=dict)
    user_id: UUID | None = None
    patient_id: UUID | None = None
    due_at: datetime | None = None
    schedule_id: UUID | None = None


def next_try(tries: int, now: datetime) -> datetime | None:
    """Return when to try again after so many tries have failed: the waits double; None when it is to be given up."""
    return None if tries >= TRIES_MAX else now + min(RETRY_FIRST * 2 ** (tries - 1), RETRY_MAX)


def require_fit(letter: Letter) -> None:
    """Raise UnfitLetterError unless the letter has the facts of its kind, no others, and each of them is what it should be."""
    if set(letter.facts) != FACTS[letter.kind]:
        raise UnfitLetterError(f"{letter.kind} tells {sorted(FACTS[letter.kind])}, not {sorted(letter.facts)}")
    for name, text in letter.facts.items():
        if is_path(name) and not _PATH.fullmatch(text):
            raise UnfitLetterError(f"{letter.kind}: {name} is no path of the portal")
        if name == "visits" and not _VISITS.fullmatch(text):
            raise UnfitLetterError(f"{letter.kind}: {text!r} names no visits")
        if name in WORDS and text not in WORDS[name]:
            raise UnfitLetterError(f"{letter.kind}: {name} is {text!r}, which is none of {sorted(WORDS[name])}")


def written_visits(visits: Iterable[Mentioned]) -> str:
    """Return the fact `visits`, of at least one."""
    return " ".join(f"{visit.schedule_id}/{visit.sequence}" for visit in visits)


def visits_in(text: str) -> tuple[Mentioned, ...]:
    """Return the visits that the fact `visits` names."""
    found = (one.partition("/") for one in text.split())
    return tuple(Mentioned(UUID(schedule_id), int(sequence)) for schedule_id, _, sequence in found)


def visits_path(schedule_ids: Sequence[UUID]) -> str:
    """Return the path to what is shown of some visits: the page of the only one, or the list."""
    return f"{APPOINTMENTS_PATH}/{schedule_ids[0]}" if len(schedule_ids) == 1 else APPOINTMENTS_PATH


def is_path(name: str) -> bool:
    """Tell whether a fact of this name is a path, which the mail shows as a link."""
    return name.endswith("path")


def masked(email: str) -> str:
    """Return an address with most of its name hidden, for mail to somebody who may not be its owner any more."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}\N{HORIZONTAL ELLIPSIS}@{domain}"


def one_line(text: str) -> str:
    """Return a text without line breaks and other characters that cannot be seen: what one person typed must not look like another's mail."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
