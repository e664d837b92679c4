"""Readers of dates: ISO, `/Date(ms)/`, and the spellings with slashes, dots or month names that old clients send.

A date read with `Z` carries UTC, one read with an offset carries that offset, one read without zone is naive.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum

from portal.api.scalars import WHITE

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# A name keeps +00:00 from becoming the one object that stands for Z.
_PLUS_ZERO = timezone(timedelta(0), "+00:00")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 200
_LAST_YEAR_OF_2000S = 29
_HALF_DAY = 12
_WIDEST_OFFSET = timedelta(hours=14)
_MICROSECONDS = 10**6

_SPACES = {ord(char): " " for char in WHITE}


def _names(words: tuple[str, ...]) -> str:
    return "|".join(f"{word}|{word[:3]}" for word in words)


_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})T(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})(?:\.(?P<fraction>\d{1,7}))?"
    r"(?:(?P<utc>[Zz])|(?P<sign>[+-])(?P<zone_hour>\d{2})(?::?(?P<zone_minute>\d{2}))?)?",
    re.ASCII,
)
_MILLISECONDS = re.compile(r"/Date\((?P<ms>[+-]?\d{1,18})(?P<offset>[+-]\d{2}(?:\d{2}.*)?)?\)/", re.ASCII | re.DOTALL)

_TIME = (
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<fraction>\d+))?)?(?: ?(?P<half>[ap])m?)?| ?(?P<bare_half>[ap])m)"
    r"(?: ?(?:(?P<utc>Z|GMT)|(?P<sign>[+-])(?:(?P<zone>\d{1,4})|(?P<zone_hour>\d{1,2}):(?P<zone_minute>\d{1,2}))))?"
)
_GAP = "[ ,./-]{1,3}"
_DATES = (
    r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
    r"(?P<month>\d{1,2})(?P<mark>[-/.])(?P<day>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})",
    r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",
    r"(?P<month>\d{1,2})[-/](?P<year>\d{4})",
    rf"(?P<name>{_names(_MONTHS)}){_GAP}(?P<day>\d{{1,2}}){_GAP}(?P<year>\d{{4}}|\d{{2}})",
    rf"(?P<day>\d{{1,2}}){_GAP}(?P<name>{_names(_MONTHS)}){_GAP}(?P<year>\d{{4}}|\d{{2}})",
    rf"(?P<year>\d{{4}}){_GAP}(?P<name>{_names(_MONTHS)})(?:{_GAP}(?P<day>\d{{1,2}}))?",
    rf"(?P<name>{_names(_MONTHS)}){_GAP}(?P<year>\d{{4}})",
)
_SPELLINGS = tuple(
    re.compile(spelling, re.ASCII | re.IGNORECASE)
    for date in _DATES
    for spelling in (
        rf"(?:(?P<weekday>{_names(_WEEKDAYS)})[ ,]{{1,3}})?{date}(?:(?:T|[ ,]{{1,3}}){_TIME})?",
        rf"{_TIME}[ ,]{{1,3}}(?:(?P<weekday>{_names(_WEEKDAYS)})[ ,]{{1,3}})?{date}",
    )
)

_Found = Mapping[str, str | None]


class Form(Enum):
    """How a date was sent, and so how it is written back: with `Z`, with the offset of the API's zone, or with neither."""

    UTC = "utc"
    LOCAL = "local"
    UNSPECIFIED = "unspecified"


def form_of(value: datetime) -> Form:
    """Return how a date was sent. The offset +00:00 is local: it is another object than `datetime.UTC`."""
    if value.tzinfo is None:
        return Form.UNSPECIFIED
    return Form.UTC if value.tzinfo is UTC else Form.LOCAL


def date_text(text: str) -> datetime:
    """Read a date from a JSON string; raises ValueError."""
    if found := _ISO.fullmatch(text):
        return _iso(found.groupdict())
    if found := _MILLISECONDS.fullmatch(text):
        return _from_milliseconds(int(found["ms"]), local=found["offset"] is not None)
    return _spelled(text)


def date_field(text: str) -> datetime:
    """Read a date from a form field; raises ValueError. There is no `/Date(ms)/`, and `Z` is one more offset."""
    value = _spelled(text)
    return value.replace(tzinfo=_PLUS_ZERO) if value.tzinfo is UTC else value


def _iso(found: _Found) -> datetime:
    shift = timedelta(hours=int(found["zone_hour"] or 0), minutes=int(found["zone_minute"] or 0))
    return _assembled(found, _zone(found, -shift if found["sign"] == "-" else shift))


def _from_milliseconds(milliseconds: int, *, local: bool) -> datetime:
    try:
        value = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        raise ValueError(milliseconds) from error
    return value.replace(tzinfo=_PLUS_ZERO) if local else value


def _spelled(text: str) -> datetime:
    if len(text) > _LONGEST:
        raise ValueError(text)
    text = text.translate(_SPACES).strip(" ")
    for spelling in _SPELLINGS:
        if found := spelling.fullmatch(text):
            return _read_spelling(found.groupdict())
    raise ValueError(text)


def _read_spelling(found: dict[str, str | None]) -> datetime:
    year = found["year"] or ""
    if len(year) == 2:
        found["year"] = f"{20 if int(year) <= _LAST_YEAR_OF_2000S else 19}{year}"
    if name := found.get("name"):
        found["month"] = str(next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[:3].lower())))
    if half := found["half"] or found["bare_half"]:
        found["hour"] = str(_full_hour(int(found["hour"] or 0), half.lower()))
    value = _assembled(found, _zone(found, _spelled_shift(found)))
    if found["weekday"] and not _WEEKDAYS[value.weekday()].startswith(found["weekday"][:3].lower()):
        raise ValueError(found["weekday"])
    return value


def _full_hour(hour: int, half: str) -> int:
    if half == "a":
        if hour > _HALF_DAY:
            raise ValueError(hour)
        return hour % _HALF_DAY
    return hour + _HALF_DAY if hour < _HALF_DAY else hour


def _spelled_shift(found: _Found) -> timedelta:
    digits = found["zone"] or ""
    hour, minute = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits or found["zone_hour"] or "0", found["zone_minute"] or "0")
    shift = timedelta(hours=int(hour), minutes=int(minute))
    if int(minute) >= 60 or shift > _WIDEST_OFFSET:
        raise ValueError(shift)
    return -shift if found["sign"] == "-" else shift


def _zone(found: _Found, shift: timedelta) -> timedelta | tzinfo | None:
    return UTC if found["utc"] else shift if found["sign"] else None


def _offset(shift: timedelta) -> tzinfo:
    return timezone(shift) if shift else _PLUS_ZERO


def _assembled(found: _Found, zone: timedelta | tzinfo | None) -> datetime:
    year, month, day, hour, minute, second = (int(found.get(part) or least) for part, least in _PARTS)
    value = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  a date without zone stays without
    value = _later(value, _microseconds(found["fraction"] or "0"))
    if not isinstance(zone, timedelta):
        return value.replace(tzinfo=zone)
    if abs(zone) < timedelta(days=1):
        return value.replace(tzinfo=_offset(zone))
    try:
        return (value - zone).replace(tzinfo=_PLUS_ZERO)
    except OverflowError as error:
        raise ValueError(zone) from error


_PARTS = (("year", 1), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))


def _microseconds(fraction: str) -> int:
    """Return the fraction of a second in microseconds; a half is rounded up."""
    return (int(fraction[:7].ljust(7, "0")) + 5) // 10


def _later(value: datetime, microseconds: int) -> datetime:
    if microseconds < _MICROSECONDS:
        return value.replace(microsecond=microseconds)
    try:
        return value + timedelta(seconds=1)
    except OverflowError:
        return datetime.max  # noqa: DTZ901  the last instant there is; the zone is set by the caller
