"""Whether the past costs anything: the processor time of a request with 2,000 and with 200,000 past schedules."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import pysqlite3

from portal.config import sqlite_url
from portal.storage.engine import open_engine, sessions
from tests.bench import bulk, load, serving
from tests.bench.asks import calls, fragments, inserts
from tests.bench.bookings import INSERTS
from tests.bench.practice import Practice
from tests.bench.report import Row
from tests.bench.scene import PAST, Scene, fill_yardstick
from tests.bench.serving import Server
from tests.bench.taking import STRETCH_SECONDS, Stretch, cpu, in_turns, measured, ratio

MANY = 200_000
BOOKED_FROM, BOOKED_DAYS = 200, 45
Runs = dict[str, Callable[[], Stretch]]


def rows(scene: Scene) -> list[Row]:
    """Compare the scene with a copy of it that has a long past, with its occupancy kept."""
    practice = _aged(scene)
    fill_yardstick(scene.folder / "many.db", MANY)
    with serving.portal(practice.url) as portal, serving.bare(scene.folder / "many.db") as rival:
        runs = {**_runs("few", scene, scene.portal, scene.bare), **_runs("many", replace(scene, practice=practice), portal, rival)}
        found = in_turns(runs)
    own = {name: ratio(cpu(found[f"{name}, many"]), cpu(found[f"{name}, few"])) for name in ("times", "booking", "insert")}

    def row(what: str, name: str) -> Row:
        before, after = (median(cpu(found[f"{name}, {size}"])) for size in ("few", "many"))
        detail = f"{before:.2f} ms to {after:.2f} ms, a growth of {own[name]:.2f}; the yardstick's {own['insert']:.2f}"
        return Row(what, own[name] / own["insert"], 1.15, 1.05, detail)

    label = f"with {PAST:,} → {MANY:,} past schedules ÷ the yardstick's own growth"
    return [row(f"CPU of a times fragment {label}", "times"), row(f"CPU of a JSON booking {label}", "booking")]


def _runs(size: str, scene: Scene, portal: Server, rival: Server) -> Runs:
    slots = scene.free(BOOKED_FROM, BOOKED_DAYS)
    looked = fragments(portal.url, scene.practice, scene.looks)
    called, inserted = iter(calls(portal.url, scene.practice, slots)), iter(inserts(rival.url, scene.practice, range(INSERTS, 2 * INSERTS)))
    return {
        f"times, {size}": lambda: measured(portal, lambda: load.repeated(portal.url, looked, STRETCH_SECONDS)),
        f"booking, {size}": lambda: measured(portal, lambda: load.each_once(portal.url, called, STRETCH_SECONDS)),
        f"insert, {size}": lambda: measured(rival, lambda: load.each_once(rival.url, inserted, STRETCH_SECONDS)),
    }


def _aged(scene: Scene) -> Practice:
    path = scene.folder / "aged.db"
    _copy(Path(scene.practice.url.removeprefix("sqlite:///")), path)
    aged = replace(scene.practice, url=sqlite_url(path), session=sessions(open_engine(sqlite_url(path))))
    later = (slot for place, slot in enumerate(bulk.past(aged, MANY)) if place >= PAST)
    bulk.add(aged, later)
    return aged


def _copy(source: Path, target: Path) -> None:
    connection = pysqlite3.connect(str(source))
    connection.execute("VACUUM INTO ?", (str(target),))
    connection.close()
