"""How fast bookings are stored, beside one guarded durable insert: over HTTP, and the booking function alone."""

import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from statistics import median

from portal.services.booking import Booked, book
from portal.storage.core import transaction_of
from portal.storage.engine import open_writing
from tests.bench import bare, load
from tests.bench.asks import calls, checked, inserts, presses
from tests.bench.bulk import wish
from tests.bench.practice import Practice, Slot
from tests.bench.report import Row
from tests.bench.scene import Scene
from tests.bench.serving import Server
from tests.bench.taking import ROUNDS, STRETCH_SECONDS, Stretch, figures, in_turns, measured, percentile, rates, ratio

# Working days from tomorrow on and their number, kept apart so that every booking finds its time free.
CALLED_FROM, CALLED_DAYS = 45, 80
PRESSED_FROM, PRESSED_DAYS = 125, 50
ALONE_FROM, ALONE_DAYS = 175, 25
ALONE_SECONDS = 0.5
# More than the yardstick can take in its rounds.
INSERTS = 60_000


def rows(scene: Scene) -> list[Row]:
    """Measure both kinds of booking and the yardstick in turns."""
    portal, rival = scene.portal, scene.bare
    called = scene.free(CALLED_FROM, CALLED_DAYS)
    pressed = scene.free(PRESSED_FROM, PRESSED_DAYS, visitors_only=True)
    runs = {
        "insert": _run(rival, iter(inserts(rival.url, scene.practice, range(INSERTS)))),
        "call": _run(portal, iter(calls(portal.url, scene.practice, called))),
        "page": _run(portal, iter(presses(portal.url, checked(scene.practice, scene.visitors, pressed)))),
    }
    found = in_turns(runs)
    yardstick = found["insert"]
    slow = {name: percentile(stretches, 0.99) for name, stretches in found.items()}
    worst = max(slow["call"], slow["page"])
    tails = f"p99 of a call {slow['call']:.1f} ms, of a page {slow['page']:.1f} ms, of the yardstick {slow['insert']:.1f} ms"
    return [
        Row("bookings by the JSON call ÷ one-insert yardstick", _by_rate(found["call"], yardstick), 0.35, 0.50, figures(found["call"], yardstick)),
        Row("bookings by the page ÷ one-insert yardstick", _by_rate(found["page"], yardstick), 0.35, 0.50, figures(found["page"], yardstick)),
        Row("booking p99 (the slower door) ÷ the yardstick's p99", worst / slow["insert"], 1.0, 0.5, tails),
    ]


def alone(scene: Scene) -> Row:
    """Measure the booking function against commits of one row, both in this process."""
    slots = iter(scene.free(ALONE_FROM, ALONE_DAYS))
    commit = _committing(scene.folder / "commits.db")
    booked, committed = [], []
    for _ in range(ROUNDS):
        booked.append(_rate(lambda: _book(scene.practice, next(slots))))
        committed.append(_rate(commit))
    detail = f"{median(booked):,.0f}/s against {median(committed):,.0f}/s, one after the other in one process"
    return Row("the booking function alone ÷ raw SQLite FULL commits", ratio(booked, committed), 0.25, 0.40, detail)


def _run(server: Server, requests: Iterator[bytes]) -> Callable[[], Stretch]:
    return lambda: measured(server, lambda: load.each_once(server.url, requests, STRETCH_SECONDS))


def _by_rate(stretches: list[Stretch], yardstick: list[Stretch]) -> float:
    return ratio(rates(stretches), rates(yardstick))


def _rate(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    done = 0
    while time.perf_counter() - started < ALONE_SECONDS:
        act()
        done += 1
    return done / (time.perf_counter() - started)


def _book(practice: Practice, slot: Slot) -> None:
    session = open_writing(practice.session.kw["bind"])
    outcome = book(session, slot.person, wish(practice, slot), practice.now)
    transaction_of(session).commit()
    session.close()
    if not isinstance(outcome, Booked):
        raise TypeError(f"a free time was refused: {outcome}")


def _committing(path: Path) -> Callable[[], None]:
    connection = bare.connect(str(path))
    connection.execute("CREATE TABLE one (number INTEGER PRIMARY KEY, text TEXT)")
    numbers = count()

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO one VALUES (?, 'a row of a usual length, as long as a short booking')", (next(numbers),))
        connection.execute("COMMIT")

    return commit
