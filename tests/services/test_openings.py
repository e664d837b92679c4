from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, insert
from sqlalchemy.orm import Session

from portal.domain.cells import cells_between
from portal.domain.openings import Asked, DayState
from portal.domain.walltime import instants
from portal.services.openings import LOOK_AHEAD_DAYS, Search, first_open_day, next_open_days, times
from portal.storage.catalogue import current_catalogue
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Occupancy
from tests.clinic import ZONES, Clinic, schedule

DAY = timedelta(days=1)
# What a clock change can add to some days.
HOUR = timedelta(hours=1)
STEPS = 6


def search(session: Session, clinic: Clinic, now: datetime, *names: str) -> Search:
    catalogue = current_catalogue(session, clinic.account_id)
    providers = tuple(catalogue.providers[clinic.provider(name)] for name in names)
    return Search(providers, Asked(catalogue.visit_options[clinic.option("check-up")], now), None)


def fill(session: Session, clinic: Clinic, first: date, **days: int) -> None:
    """Hold every cell of so many dates from `first` on, for each clinician in Boston who is named."""
    begins = instants(datetime.combine(first, datetime.min.time()), ZONES["harbour"])[0]
    row = schedule(clinic, begins)
    session.add(row)
    session.flush()
    for name, count in days.items():
        cells = cells_between(begins, begins + count * DAY + HOUR)
        session.execute(insert(Occupancy), [{"resource_id": clinic.provider(name), "cell": cell, "schedule_id": row.id} for cell in cells])


@pytest.mark.parametrize("full_days", [1, 2, 3, 5, 8, 14, 30])
def test_the_first_open_day_is_found_however_many_before_it_are_full(engine: Engine, clinic: Clinic, now: datetime, full_days: int) -> None:
    first = now.date() + DAY
    with sessions(engine)() as session:
        begin_write(session)
        fill(session, clinic, first, chen=full_days, novak=full_days + 1)
        wanted = search(session, clinic, now, "chen", "novak")
        after = first + full_days * DAY
        expected = next(day.day for day in times(session, wanted, after, 5) if day.state is DayState.OPEN)
        assert first_open_day(session, wanted, first) == expected


def test_a_search_asks_seldom_and_ends_at_the_horizon(engine: Engine, clinic: Clinic, now: datetime) -> None:
    asked: list[str] = []
    with sessions(engine)() as session:
        begin_write(session)
        fill(session, clinic, now.date(), chen=100)
        wanted = search(session, clinic, now, "chen")
        event.listen(engine, "before_cursor_execute", lambda *call: asked.append(str(call[2])))
        assert first_open_day(session, wanted, now.date()) is None
    assert 0 < len(asked) <= STEPS


def test_the_next_open_day_is_told_of_each(engine: Engine, clinic: Clinic, now: datetime) -> None:
    with sessions(engine)() as session:
        begin_write(session)
        fill(session, clinic, now.date(), chen=4, novak=LOOK_AHEAD_DAYS)
        wanted = search(session, clinic, now, "chen", "novak", "byrne")
        found = next_open_days(session, [(provider, wanted.asked) for provider in wanted.providers], clinic.patient("ada"))
    assert found == {clinic.provider("chen"): date(2027, 3, 5), clinic.provider("novak"): None, clinic.provider("byrne"): date(2027, 3, 1)}
