"""How long it takes to find the first open times of a speciality with many clinicians."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine, event

from portal.config import sqlite_url
from portal.domain.openings import Asked
from portal.services.openings import Search, first_open_day, times
from tests.bench import bulk
from tests.bench.practice import Practice, build
from tests.bench.report import Row

PROVIDERS = 1000
PAST = 100_000
FULL_DAYS = 2
SEARCHES = 40
SPECIALITIES = 20


def row(folder: Path) -> Row:
    """Measure the search for the first day and its times, with the first days full and a long past."""
    few, many = (build(sqlite_url(folder / f"{number}.db"), number, SPECIALITIES) for number in (SPECIALITIES, PROVIDERS))
    bulk.add(many, bulk.past(many, PAST))
    for practice in (few, many):
        bulk.add(practice, practice.slots(islice(practice.working_days(), FULL_DAYS), practice.people * 2))
    statements = [_statements(practice) for practice in (few, many)]
    took = 1000 * median(_seconds(many) for _ in range(SEARCHES))
    of_field = PROVIDERS // SPECIALITIES
    detail = (
        f"{of_field} clinicians of the speciality, their first {FULL_DAYS} days full; {statements[1]} statements, for one clinician {statements[0]}"
    )
    return Row(f"first open times of a speciality, {PROVIDERS:,} providers, {PAST:,} past schedules", took, 15, 5, detail, unit=" ms")


def _seconds(practice: Practice) -> float:
    started = time.perf_counter()
    _search(practice)
    return time.perf_counter() - started


def _search(practice: Practice) -> None:
    with practice.session() as session:
        asked_of = practice.catalogue.providers_of(practice.providers[0].speciality_ids[0])
        search = Search(tuple(asked_of), Asked(practice.option(), practice.now), practice.people[0].own_patient_id)
        day = first_open_day(session, search, practice.now.date())
        if day is None or not times(session, search, day, 1)[0].starts():
            raise LookupError("there are open times, but none was found")


def _statements(practice: Practice) -> int:
    with _counted(practice.session.kw["bind"]) as counted:
        _search(practice)
    return len(counted)


@contextmanager
def _counted(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def see(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401 - an event of SQLAlchemy
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", see)
