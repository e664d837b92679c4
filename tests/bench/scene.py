"""What most rows share: the practice of the comparison with rivals, the portal and the bare server, and visitors signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from portal.config import sqlite_url
from tests.bench import bare, bulk, serving
from tests.bench.asks import Look, looks
from tests.bench.practice import Practice, Slot, build
from tests.bench.serving import Server
from tests.bench.visitors import Visitor, sign_in

PROVIDERS = 10
# The clinic that the rivals were measured on: 2,000 bookings within 60 days.
BOOKINGS = 2000
BOOKED_DAYS = 43
PAST = 2000
VISITORS = 40
_SAME_EVERY_TIME = 512


@dataclass(frozen=True, slots=True)
class Scene:
    """A practice with bookings, served by the portal beside a bare server."""

    folder: Path
    practice: Practice
    portal: Server
    bare: Server
    visitors: list[Visitor]
    looks: list[Look]

    def free(self, first_day: int, days: int, *, visitors_only: bool = False) -> list[Slot]:
        """Return the times of some working days in any order; nobody has anything on them yet."""
        people = [visitor.actor for visitor in self.visitors] if visitors_only else self.practice.people
        slots = list(self.practice.slots(islice(self.practice.working_days(first_day), days), people))
        Random(_SAME_EVERY_TIME).shuffle(slots)  # noqa: S311 - an order, not a secret
        return slots


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """Fill a database, start both servers and sign the visitors in."""
    practice = build(sqlite_url(folder / "portal.db"), PROVIDERS)
    bulk.add(practice, bulk.past(practice, PAST))
    bulk.add(practice, _booked(practice))
    fill_yardstick(folder / "bare.db", BOOKINGS)
    with serving.portal(practice.url) as portal, serving.bare(folder / "bare.db") as rival:
        visitors = sign_in(portal.url, practice, VISITORS)
        yield Scene(folder, practice, portal, rival, visitors, looks(practice, visitors))


def fill_yardstick(path: Path, rows: int) -> None:
    """Make the table of the yardstick with as many rows as the portal has schedules."""
    connection = bare.connect(str(path))
    connection.execute(bare.SCHEMA)
    connection.execute("BEGIN")
    booked = ((f"{number % PROVIDERS:032x}", f"{number:032x}") for number in range(rows))
    connection.executemany("INSERT INTO booking VALUES (?, ?, 'somebody', 'something')", booked)
    connection.execute("COMMIT")
    connection.close()


def _booked(practice: Practice) -> Iterator[Slot]:
    slots = list(practice.slots(islice(practice.working_days(), BOOKED_DAYS), practice.people))
    return iter(Random(_SAME_EVERY_TIME).sample(slots, BOOKINGS))  # noqa: S311 - the same bookings each time
