"""Verifying what was written down: whether every row of every chain is as it was written, and none is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import FIRST, Entry, digest
from portal.storage import audit

# No request takes as long, so that no row of before is still to come.
SETTLED = timedelta(minutes=1)
DIGEST_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Note:
    """What a practice keeps elsewhere to see later that no chain has lost its end: one digest of the heads of all chains at an instant."""

    at: datetime
    digest: str

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat()}/{self.digest}"


def read_note(text: str) -> Note | None:
    """Return a note as it was told, or None for any other text."""
    at, _, told = text.strip().partition("/")
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Note(instant, told) if instant.tzinfo and len(told) == DIGEST_LENGTH else None


@dataclass(frozen=True, slots=True)
class Broken:
    """What is wrong with a patient's chain; for a row that cannot even be read nobody knows whose it is."""

    patient_id: UUID | None
    what: str


class Heads:
    """Takes in chain after chain, and keeps one digest of the last row of each that is not younger than an instant."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._sum = sha256()
        self._head: tuple[UUID, str] | None = None

    def add(self, entry: Entry, told: str) -> None:
        """Take in the next row."""
        if self._head and self._head[0] != entry.patient_id:
            self._close()
        if entry.at <= self._at:
            self._head = entry.patient_id, f"{entry.patient_id} {entry.number} {told}\n"

    def note(self) -> Note:
        """Return the note of all that was taken in."""
        self._close()
        return Note(self._at, self._sum.hexdigest())

    def _close(self) -> None:
        if self._head:
            self._sum.update(self._head[1].encode())
        self._head = None


class Walk:
    """One walk along the chains: how many there were, their rows, and the heads at each of some instants."""

    def __init__(self, *instants: datetime) -> None:
        self.patients = 0
        self.rows = 0
        self.heads = tuple(Heads(at) for at in instants)

    def verify(self, session: Session, patient_id: UUID | None = None) -> Iterator[Broken]:
        """Give what is wrong with each chain, at the first row where it shows, in the memory of a few rows."""
        try:
            yield from self._chains(session, patient_id)
        except ValueError:
            yield Broken(None, "a row cannot be read, so that no row after it was looked at")
        for owner, schedule_id in audit.unrecorded(session, patient_id):
            yield Broken(owner, f"no row tells of the booking of {schedule_id}")

    def _chains(self, session: Session, patient_id: UUID | None) -> Iterator[Broken]:
        owner, number, previous, whole = None, 0, FIRST, True
        for entry, told in audit.chains(session, patient_id):
            if entry.patient_id != owner:
                owner, number, previous, whole = entry.patient_id, 0, FIRST, True
                self.patients += 1
            if whole and (what := _wrong(number + 1, previous, entry, told)):
                whole = False
                yield Broken(owner, what)
            number, previous = entry.number, told
            self.rows += 1
            for heads in self.heads:
                heads.add(entry, told)


def _wrong(number: int, previous: str, entry: Entry, told: str) -> str | None:
    if entry.number > number:
        return f"row {number} is missing"
    return None if entry.number == number and told == digest(previous, entry) else f"row {entry.number} is not what was written"
