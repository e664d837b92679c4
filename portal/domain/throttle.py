"""How much a program may ask, and how many wrong keys an address may send: the figures, and what an address counts as."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Whoever has one IPv6 address has the 2**64 of its network.
_NETWORK_BITS = 64
SUBJECT_MAX = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in a span of time, which begins with the first of them.

    Those that are drawn from the database in packs of `pack` have spans that all processes know: multiples of the span's length.
    """

    calls: int
    span: timedelta
    pack: int = 1

    def span_end(self, now: datetime) -> datetime:
        """Return when a span that is counted from `now`, or shared at `now`, is over."""
        return now + self.span if self.pack == 1 else now + self.span - (now - _EPOCH) % self.span


_MINUTE = timedelta(minutes=1)
# What one process of the portal can do by itself: a program that asks for more takes from everybody else.
STORED_BY_PERSON = Limit(30_000, _MINUTE)
ASKED_BY_PERSON = Limit(60_000, _MINUTE, pack=500)
# A practice's own program acts for all its people, and many programs may share an address.
ASKED_BY_ACCOUNT = Limit(100_000, _MINUTE, pack=1000)
ASKED_BY_ADDRESS = Limit(100_000, _MINUTE, pack=1000)
# A key holds 256 random bits: tries find none, they only cost time. A program whose key has ended must not shut out others at its address.
FAILED_BY_ADDRESS = Limit(600, timedelta(minutes=10))
# What one person writes on the pages in a minute: more than a family's year of visits, and less than a script would hold back from others.
BOOKED_BY_USER = Limit(40, _MINUTE)
BEGUN_BY_USER = Limit(80, _MINUTE)
_HOUR = timedelta(hours=1)
# Codes of an app and recovery codes, right or wrong: who guesses has the password already. A passkey does not count.
FACTOR_CODES_BY_USER = Limit(10, _HOUR)
# Mail to an address that whoever asks may not own, and what one network may have sent.
MAILS_TO_ADDRESS = Limit(3, _HOUR)
RESETS_BY_NETWORK = Limit(10, _HOUR)
SIGN_UPS_BY_NETWORK = Limit(30, _HOUR)
# A code of the practice holds 74 random bits; the limit keeps people from working through birth dates.
CODES_BY_USER = Limit(5, _HOUR)
CODES_BY_NETWORK = Limit(20, _HOUR)
# A calendar program reads its address every hour or so, on each of a person's devices. What is no address costs a look-up, and is counted by network.
READ_BY_CALENDAR = Limit(240, _HOUR, pack=20)
WRONG_CALENDARS_BY_NETWORK = Limit(600, _HOUR, pack=20)


def network(address: str) -> str:
    """Return what an address is counted as: an IPv4 address itself, an IPv6 one with all of its network."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[: SUBJECT_MAX // 2]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> _NETWORK_BITS << _NETWORK_BITS))


def seconds_left(ends_at: datetime, now: datetime) -> int:
    """Return for how many whole seconds, at least one, a program should wait."""
    return max(1, -((now - ends_at) // timedelta(seconds=1)))
