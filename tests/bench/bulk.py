"""Putting many bookings into an SQLite file at once: copies of one real booking, made by a few statements."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pysqlite3

from portal.domain.booking import BookingRequest
from portal.domain.cells import CELL_MINUTES, cell_of
from portal.services.booking import Booked, book
from portal.storage.engine import begin_write
from portal.storage.schedule import Schedule
from tests.bench.practice import MINUTES, Practice, Slot

# Far ahead of all that is measured, and before the horizon.
TEMPLATE_DAY = 250
_CELLS = MINUTES // CELL_MINUTES
_WANTED = "CREATE TEMP TABLE wanted (number INTEGER PRIMARY KEY, id TEXT, provider TEXT, patient TEXT, user TEXT, cell INTEGER)"
_INSTANT = "strftime('%Y-%m-%d %H:%M:%S.000000', {cell} * 300, 'unixepoch')"
_OWN = {
    "id": "wanted.id",
    "reference": "printf('%08d', wanted.number)",
    "provider_id": "wanted.provider",
    "patient_id": "wanted.patient",
    "user_id": "wanted.user",
    "modified_by": "wanted.user",
    "starts_at": _INSTANT.format(cell="wanted.cell"),
    "ends_at": _INSTANT.format(cell=f"(wanted.cell + {_CELLS})"),
    "fingerprint": "wanted.id || wanted.id",
}
_COLUMNS = [column.name for column in Schedule.__table__.columns]
_COPY = (
    f"INSERT INTO schedule ({', '.join(_COLUMNS)}) SELECT {', '.join(_OWN.get(name, f'template.{name}') for name in _COLUMNS)} "  # noqa: S608 - constants
    "FROM wanted CROSS JOIN schedule AS template WHERE template.id = :template ORDER BY wanted.number"
)
_OCCUPY = (
    "INSERT INTO occupancy (resource_id, cell, schedule_id) SELECT resource, cell + step, id "  # noqa: S608 - constants
    "FROM (SELECT provider AS resource, cell, id FROM wanted UNION ALL SELECT patient, cell, id FROM wanted) "
    f"CROSS JOIN ({' UNION ALL '.join(f'SELECT {step} AS step' for step in range(_CELLS))}) ORDER BY resource, cell + step"
)


def add(practice: Practice, slots: Iterable[Slot]) -> None:
    """Store a booking for every slot, occupancy included, and one more of which they are copies."""
    template = _booked(practice)
    connection = pysqlite3.connect(practice.url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        # what is lost with the machine is made again by the next run
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(_WANTED)
        connection.execute("BEGIN IMMEDIATE")
        first = connection.execute("SELECT count(*) FROM schedule").fetchone()[0]
        connection.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?, ?, ?)", _rows(slots, first))
        connection.execute(_COPY, {"template": template.hex})
        connection.execute(_OCCUPY)
        connection.execute("COMMIT")
    finally:
        connection.close()


def past(practice: Practice, number: int) -> Iterator[Slot]:
    """Give past times, spread evenly over the providers and the people, the latest of them yesterday."""
    today = practice.now.replace(hour=0, minute=0, second=0, microsecond=0)
    a_day = timedelta(days=1) // timedelta(minutes=MINUTES)
    for place in range(number):
        ago, provider = divmod(place, len(practice.providers))
        days, visits = divmod(ago, a_day)
        start = today - timedelta(days=days + 2) + timedelta(minutes=visits * MINUTES)
        yield Slot(practice.providers[provider], practice.people[place % len(practice.people)], start)


def wish(practice: Practice, slot: Slot, minutes: int = MINUTES) -> BookingRequest:
    """Return the request that books a slot."""
    return BookingRequest(
        user_id=slot.person.user_id,
        account_id=slot.person.account_id,
        patient_id=slot.person.own_patient_id or slot.person.user_id,
        first_choice=slot.start,
        reason="A cough since last week",
        provider_id=slot.provider.id,
        visit_option_id=practice.option(minutes).id,
    )


def _booked(practice: Practice) -> UUID:
    slot = next(practice.slots(practice.working_days(TEMPLATE_DAY), practice.people))
    with practice.session.begin() as session:
        begin_write(session)
        outcome = book(session, slot.person, wish(practice, slot), practice.now)
    if not isinstance(outcome, Booked):
        raise TypeError(f"the first booking was refused: {outcome}")
    return outcome.schedule_id


def _rows(slots: Iterable[Slot], first: int) -> Iterator[tuple[int, str, str, str, str, int]]:
    texts: dict[UUID, str] = {}

    def text(of: UUID) -> str:
        return texts.setdefault(of, of.hex)

    cells: dict[datetime, int] = {}
    for number, slot in enumerate(slots, first):
        cell = cells.setdefault(slot.start, cell_of(slot.start))
        person = slot.person
        yield number, uuid4().hex, text(slot.provider.id), text(person.own_patient_id or person.user_id), text(person.user_id), cell
