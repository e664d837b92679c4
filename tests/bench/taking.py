"""Taking turns: everything that is compared runs in short alternating stretches, so that the machine's drift hits all alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.load import Load
from tests.bench.serving import Server

ROUNDS = 7
STRETCH_SECONDS = 1.0
GOOD = frozenset({200, 303})


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of load on a server: what came back, and the processor time that the server spent."""

    load: Load
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.load.rate

    @property
    def cpu_ms(self) -> float:
        """Processor time of the server for one answer, in milliseconds."""
        return 1000 * self.cpu_seconds / len(self.load.latencies)


def in_turns(runs: Mapping[str, Callable[[], Stretch]], rounds: int = ROUNDS) -> dict[str, list[Stretch]]:
    """Run each in turn, round after round; a first round that only warms up is not counted."""
    taken = [{name: run() for name, run in runs.items()} for _ in range(rounds + 1)][1:]
    return {name: [one[name] for one in taken] for name in runs}


def measured(server: Server, run: Callable[[], Load]) -> Stretch:
    """Put load on a server; raises ValueError when it answers anything but success, or when there are no requests left."""
    before = server.cpu_seconds()
    found = run()
    if not found.statuses or set(found.statuses) - GOOD:
        raise ValueError(f"{server.url} answered {dict(found.statuses)}")
    return Stretch(found, server.cpu_seconds() - before)


def ratio(upper: Sequence[float], lower: Sequence[float]) -> float:
    """Return the median of the ratios of runs that stood side by side."""
    return median(one / other for one, other in zip(upper, lower, strict=True))


def rates(stretches: Sequence[Stretch]) -> list[float]:
    """Return the answers a second of each stretch."""
    return [stretch.rate for stretch in stretches]


def cpu(stretches: Sequence[Stretch]) -> list[float]:
    """Return the processor milliseconds an answer of each stretch."""
    return [stretch.cpu_ms for stretch in stretches]


def percentile(stretches: Sequence[Stretch], share: float) -> float:
    """Return a percentile of all latencies, in milliseconds."""
    latencies = sorted(latency for stretch in stretches for latency in stretch.load.latencies)
    return 1000 * latencies[int(share * (len(latencies) - 1))]


def figures(stretches: Sequence[Stretch], than: Sequence[Stretch]) -> str:
    """Say in words what two sides did."""
    sides = [f"{median(rates(side)):,.0f}/s, {median(cpu(side)):.2f} ms CPU" for side in (stretches, than)]
    return " against ".join(sides)
