"""What a database holds, to compare before and after, and whether its bookings and the cells they hold agree."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.domain.audit import FIRST, digest
from portal.domain.cells import cells_between
from portal.domain.schedule import LIVE
from portal.storage.audit import Audit, chains
from portal.storage.base import Base
from portal.storage.custom_forms import FormResponse, FormResponseAnswer
from portal.storage.engine import sessions
from portal.storage.payments import Payment
from portal.storage.people import ApiKey
from portal.storage.schedule import Draft, Occupancy, Schedule, ScheduleReason

BOOKINGS = (Schedule, ScheduleReason, Occupancy)
COUNTS = ("call_count",)
LAST_USED = ("last_used_at", "seen_at")
Row = dict[str, Any]


def rows(engine: Engine, kind: type[Base]) -> list[Row]:
    """Return a table's rows as they are, by their key."""
    table = kind.__table__
    with sessions(engine)() as session:
        found = session.execute(select(table).order_by(*table.primary_key)).mappings()
        return [dict(row) for row in found]


def bookings(engine: Engine) -> list[list[Row]]:
    """Return everything that a booking writes."""
    return [rows(engine, kind) for kind in BOOKINGS]


def work(engine: Engine) -> list[list[Row]]:
    """Return all that people's requests can write, apart from signing in and from when a key was used."""
    keys = [{name: value for name, value in row.items() if name != "last_used_at"} for row in rows(engine, ApiKey)]
    return [keys, rows(engine, Draft), *kept(engine)]


def everything(engine: Engine, besides: Collection[str] = ()) -> dict[str, list[Row]]:
    """Return every row of every other table, apart from counts of calls and from when sessions and keys were last used."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in (*COUNTS, *besides)]
    with sessions(engine)() as session:
        read = {table.name: session.execute(select(table).order_by(*table.primary_key)).mappings().all() for table in tables}
    return {name: [{column: value for column, value in row.items() if column not in LAST_USED} for row in found] for name, found in read.items()}


def kept(engine: Engine) -> list[list[Row]]:
    """Return the bookings with what is kept with them."""
    return [*bookings(engine), *(rows(engine, kind) for kind in (FormResponse, FormResponseAnswer, Payment))]


def audit_rows(engine: Engine) -> list[Row]:
    """Return who read and wrote what, each patient's rows in their order."""
    return rows(engine, Audit)


def assert_chained(engine: Engine) -> None:
    """Assert the same of what is committed."""
    with sessions(engine)() as session:
        assert_chains(session)


def assert_chains(session: Session) -> None:
    """Assert that each patient's rows are numbered from 1 without a gap, and each digest is that of its row and of the one before."""
    last: tuple[object, int, str] = (None, 0, FIRST)
    for entry, told in chains(session):
        number, previous = last[1:] if last[0] == entry.patient_id else (0, FIRST)
        assert (entry.number, told) == (number + 1, digest(previous, entry))
        last = entry.patient_id, entry.number, told


def assert_sound(engine: Engine) -> None:
    """Assert that each live schedule holds every cell of its provider and its patient for its span, and that no other schedule holds any."""
    held = {(row["resource_id"], row["cell"]): row["schedule_id"] for row in rows(engine, Occupancy) if row["schedule_id"]}
    schedules = [row for row in rows(engine, Schedule) if row["status"] in LIVE]
    for schedule in schedules:
        for cell in cells_between(schedule["starts_at"], schedule["ends_at"]):
            assert held[schedule["provider_id"], cell] == held[schedule["patient_id"], cell] == schedule["id"]
    assert set(held.values()) == {schedule["id"] for schedule in schedules}
    assert max(Counter(schedule["fingerprint"] for schedule in schedules).values(), default=1) == 1
