"""What is written down of every read and write of somebody's data, and the chain of digests that shows if a row was changed."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

FIRST = ""
DETAIL_MAX = 250
WHO_MAX = 160


class Door(StrEnum):
    """By which way somebody came."""

    PAGE = "page"
    CALL = "call"
    COMMAND = "command"
    CALENDAR = "calendar"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Origin:
    """From where somebody acts: the door, the network address, the id of the program's key if it is one, and who a command said it was."""

    door: Door
    address: str = ""
    key_id: str = ""
    name: str = ""


NOWHERE = Origin(Door.NONE)


class Deed(StrEnum):
    """What was done; one word for each, since rows are kept for years."""

    SAW_LIST = "saw_list"
    SAW_SCHEDULE = "saw_schedule"
    SAW_PERSON = "saw_person"
    SAW_HISTORY = "saw_history"
    SAW_CALENDAR = "saw_calendar"
    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    SAVED_FORM = "saved_form"
    RECORDED_PAYMENT = "recorded_payment"
    CHANGED_PERSON = "changed_person"
    LINK_REQUESTED = "link_requested"
    LINK_APPROVED = "link_approved"
    LINK_REFUSED = "link_refused"
    LINK_SUSPENDED = "link_suspended"
    LINK_ENDED = "link_ended"
    LINK_CHANGED = "link_changed"
    AGREED = "agreed"
    DISAGREED = "disagreed"
    INVITED = "invited"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row about a patient: `number` counts the patient's rows from 1, `deed` is one of Deed.

    `actor_id` None is the practice, `link_id` the guardian's link by which the actor acted for the patient.
    """

    patient_id: UUID
    number: int
    at: datetime
    actor_id: UUID | None
    link_id: UUID | None
    deed: str
    object_id: UUID | None
    private: bool
    detail: str
    door: str
    address: str
    key_id: str
    name: str


def digest(previous: str, entry: Entry) -> str:
    """Return the SHA-256 of a row and of the digest before it (FIRST before the first), as 64 hexadecimal digits."""
    told = [
        previous,
        str(entry.patient_id),
        entry.number,
        entry.at.isoformat(),
        str(entry.actor_id or ""),
        str(entry.link_id or ""),
        str(entry.deed),
        str(entry.object_id or ""),
        entry.private,
        entry.detail,
        entry.door,
        entry.address,
        entry.key_id,
        entry.name,
    ]
    return sha256(json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()
