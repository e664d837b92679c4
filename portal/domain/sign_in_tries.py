"""How often a password may be tried: fast at first, then after waits that double, and in the end not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.throttle import Limit, seconds_left

FAST = 5
WAIT_MAX = timedelta(seconds=900)
# NIST SP 800-63B allows no more failures in a row; then only a link by mail helps.
LOCKED_AFTER = 100
# Rows of subjects that nobody has tried for so long are removed; most are of addresses that belong to nobody.
KEPT = timedelta(days=90)
FAILED_BY_ADDRESS = Limit(20, timedelta(minutes=10))

# Failures of the whole portal are counted in steps; those of the last minute are compared with the hour before it.
RATE_STEP = timedelta(seconds=10)
RATE_STEPS_RECENT = 6
RATE_STEPS_BEFORE = 360
RATE_TIMES = 10
# Below so many failures a minute a few people who mistype would raise the alarm.
RATE_FLOOR = 20
RATE_COUNT = Limit(2_000_000_000, timedelta(minutes=62))
ALARM = Limit(1, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Tries:
    """How many tries of a subject have failed in a row, and from when on the next one is let through."""

    failures: int
    next_at: datetime

    def after_failure(self, now: datetime) -> "Tries":
        """Return what is kept when a try at `now` fails."""
        return Tries(self.failures + 1, now + wait_after(self.failures + 1))


@dataclass(frozen=True, slots=True)
class Throttled:
    """A try that is not made: for how many seconds to wait, and whether waiting is no help."""

    seconds: int
    locked: bool = False


def wait_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: nothing before the fifth, then 1, 2, 4 and so on up to 900 seconds."""
    over = failures - FAST
    return timedelta(0) if over < 0 else min(timedelta(seconds=2 ** min(over, 16)), WAIT_MAX)


def refusal(tries: Tries, now: datetime) -> Throttled | None:
    """Return why a try cannot be made now, or None when it can."""
    if tries.failures >= LOCKED_AFTER:
        return Throttled(int(WAIT_MAX.total_seconds()), locked=True)
    return Throttled(seconds_left(tries.next_at, now)) if now < tries.next_at else None


def is_unusual(recent: int, before: int) -> bool:
    """Tell whether so many failures in the last minute are far more than a minute of the hour before it had on average."""
    return recent >= RATE_FLOOR and recent * RATE_STEPS_BEFORE >= RATE_TIMES * before * RATE_STEPS_RECENT
