"""Twenty clients for one time, twenty times over, through both doors and with visits of two lengths."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select

from portal.config import sqlite_url
from portal.storage.schedule import Schedule
from tests.bench import load, serving
from tests.bench.asks import calls, checked, presses
from tests.bench.practice import MINUTES, Practice, Slot, build
from tests.bench.report import Row
from tests.bench.visitors import Visitor, sign_in
from tests.databases import PostgresqlServer, postgresql_programs, postgresql_server

CLIENTS = 20
TIMES = 20
PROVIDERS = 10
_REFUSED = (409, 422)


def rows(folder: Path) -> list[Row]:
    """Race on SQLite, and on PostgreSQL where its server is installed."""
    found = [_race("SQLite", sqlite_url(folder / "race.db"))]
    with _postgresql() as server:
        if server is not None:
            found.append(_race("PostgreSQL", server.empty()))
    return found


@contextmanager
def _postgresql() -> Iterator[PostgresqlServer | None]:
    programs = postgresql_programs()
    if programs is None:
        yield None
        return
    with postgresql_server(programs) as server:
        yield server


def _race(database: str, url: str) -> Row:
    practice = build(url, PROVIDERS)
    with serving.portal(url) as portal:
        visitors = sign_in(portal.url, practice, CLIENTS)
        answers = [load.together(portal.url, _requests(portal.url, practice, visitors, place)) for place in range(TIMES)]
    winners = [sum(map(_is_yes, round_)) for round_ in answers]
    errors = sum(not _is_yes(answer) and answer.status not in _REFUSED for round_ in answers for answer in round_)
    stored, overlaps = _stored(practice)
    practice.session.kw["bind"].dispose()
    wrong = sum(abs(won - 1) for won in winners) + abs(stored - TIMES) + overlaps + errors
    shown = f"{sum(winners)} yes, {stored} stored, {overlaps} overlaps, {errors} errors"
    slowest = max(answer.seconds for round_ in answers for answer in round_)
    detail = f"half by each door, visits of {MINUTES} and {2 * MINUTES} minutes; slowest answer {1000 * slowest:.0f} ms"
    return Row(f"{CLIENTS} clients for each of {TIMES} slots, {database}", wrong, 0, 0, detail, shown)


def _requests(url: str, practice: Practice, visitors: Sequence[Visitor], place: int) -> list[bytes]:
    """Return a request of every client for the first time of a day, half of them by each door."""
    day = next(practice.working_days(place))
    provider = practice.providers[place % PROVIDERS]
    start = next(practice.slots([day], practice.people)).start
    wishes = [(Slot(provider, visitor.actor, start), MINUTES * (1 + turn // 2 % 2)) for turn, visitor in enumerate(visitors)]
    by_call = [calls(url, practice, [slot], minutes)[0] for slot, minutes in wishes[::2]]
    by_page = [presses(url, checked(practice, visitors, [slot], minutes))[0] for slot, minutes in wishes[1::2]]
    return [request for pair in zip(by_call, by_page, strict=True) for request in pair]


def _is_yes(answer: load.Answer) -> bool:
    return answer.status == 200 or (answer.status == 303 and b"/booked\r\n" in answer.head + b"\r\n")


def _stored(practice: Practice) -> tuple[int, int]:
    """Return how many schedules there are, and how many of them overlap the one before them of their provider."""
    columns = (Schedule.provider_id, Schedule.starts_at, Schedule.ends_at)
    with practice.session() as session:
        found = session.execute(select(*columns).order_by(Schedule.provider_id, Schedule.starts_at)).all()
    overlaps = sum(one[0] == other[0] and other[1] < one[2] for one, other in pairwise(found))
    return len(found), overlaps
