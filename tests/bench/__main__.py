"""Measures the portal's speed against its goals in one run and prints a Markdown table; all it keeps is what Python itself caches."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import bookings, first_open, growth, processes, race, reading
from tests.bench.report import Row, progress, table
from tests.bench.scene import scene


def _rows(folder: Path) -> Iterator[Row]:
    progress("filling a practice with bookings and starting the servers")
    with scene(folder) as found:
        parts: list[Callable[[], list[Row]]] = [
            lambda: reading.rows(found),
            lambda: bookings.rows(found),
            lambda: [processes.memory(found), processes.sign_in(found), processes.start(found), bookings.alone(found)],
            lambda: growth.rows(found),
        ]
        for part in parts:
            yield from part()
    yield from race.rows(folder)
    yield first_open.row(folder)


def main() -> None:
    """Measure everything, with a line for each row as it comes."""
    started = time.monotonic()
    found = []
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        for row in _rows(Path(folder)):
            found.append(row)
            progress(f"{time.monotonic() - started:4.0f} s  {' | '.join(row.cells()[:2])} ({row.met})")
    print(table(found))  # noqa: T201 - the result


if __name__ == "__main__":
    main()
