"""Putting many bookings into an SQLite file at once: copies of one real booking, made by a few statements."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cache
from itertools import cycle
from random import Random
from uuid import UUID

import pysqlite3

from portal.domain.booking import BookingRequest
from portal.domain.cells import CELL_MINUTES, cell_of
from portal.services.booking import Booked, book
from portal.storage.engine import begin_write
from portal.storage.schedule import Schedule
from tests.bench.practice import MINUTES, Practice, Slot

# Far ahead of all that is measured, and before the horizon.
TEMPLATE_DAY = 250
_CACHE_KIB = 256 * 1024
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
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
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
    """Give at least so many past times, spread evenly over the providers and the people, the latest of them yesterday."""
    today = practice.now.replace(hour=0, minute=0, second=0, microsecond=0)
    a_day = timedelta(days=1) // timedelta(minutes=MINUTES)
    people, providers = cycle(practice.people), practice.providers
    for ago in range(-(-number // len(providers))):
        days, visits = divmod(ago, a_day)
        start = today - timedelta(days=days + 2) + timedelta(minutes=visits * MINUTES)
        for provider in providers:
            yield Slot(provider, next(people), start)


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
    chance = Random(first)  # noqa: S311 - ids that only have to be spread like real ones
    text, cell = cache(_hex), cache(cell_of)
    for number, (provider, person, start) in enumerate(slots, first):
        yield number, f"{chance.getrandbits(128):032x}", text(provider.id), text(person.own_patient_id), text(person.user_id), cell(start)


def _hex(of: UUID) -> str:
    return of.hex
