"""Several acts at the same moment."""

import threading
from collections.abc import Callable
from typing import TypeVar

Outcome = TypeVar("Outcome")


def together(count: int, act: Callable[[int], Outcome]) -> list[Outcome]:
    """Let some threads begin at the same moment, and return what each came to."""
    outcomes: list[Outcome] = []
    barrier = threading.Barrier(count)

    def begin(number: int) -> None:
        barrier.wait()
        outcomes.append(act(number))

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
