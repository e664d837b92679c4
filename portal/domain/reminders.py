"""When somebody is reminded of a visit."""

from datetime import datetime, timedelta

from portal.domain.walltime import instants, local

HOURS = (168, 48, 24, 2)
_MINUTE = timedelta(minutes=1)


def chosen(text: str) -> tuple[int, ...]:
    """Return the hours before a visit that a user has chosen, from numbers joined by blanks; none when there are none."""
    return tuple(int(word) for word in text.split())


def due(start: datetime, hours: int, quiet: tuple[int, int], zone: str) -> datetime:
    """Return the instant at which a reminder leaves: so many hours before, or the minute before quiet hours that this falls into.

    `quiet` is from which minute of the zone's day to which; it may span midnight.
    """
    at = start - timedelta(hours=hours)
    wall = local(at, zone).replace(tzinfo=None, fold=0)
    minute = wall.hour * 60 + wall.minute
    begins, ends = quiet
    is_quiet = begins <= minute < ends if begins <= ends else minute >= begins or minute < ends
    if not is_quiet:
        return at
    day = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    if minute < begins:
        day -= timedelta(days=1)
    before = day + begins * _MINUTE - _MINUTE
    # A wall time that the clock skips is the hour before it.
    found = instants(before, zone) or instants(before - timedelta(hours=1), zone)
    return found[0]
