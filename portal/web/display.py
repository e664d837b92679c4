"""How times, dates, names, states and money are shown: the one file of template filters."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency, format_decimal

from portal.domain.catalogue import Mode
from portal.domain.openings import is_repeated
from portal.domain.schedule import Status, shown_reference
from portal.domain.walltime import local, zone_of
from portal.web.language import current_language, mark, translate

LOCALES = {"en": "en_US", "es": "es_US"}
CURRENCY = "USD"

_DAY = {"en": "EEEE, MMMM d", "es": "EEEE d 'de' MMMM"}
_DAY_AND_YEAR = {"en": "EEEE, MMMM d, y", "es": "EEEE d 'de' MMMM 'de' y"}
_MONTH = {"en": "MMMM y", "es": "MMMM 'de' y"}
_MODES = {Mode.IN_PERSON: mark("In person"), Mode.VIDEO: mark("By video"), Mode.PHONE: mark("By phone")}
_STATES = {
    Status.REQUESTED: mark("Requested"),
    Status.BOOKED: mark("Booked"),
    Status.ARRIVED: mark("Arrived"),
    Status.FULFILLED: mark("Completed"),
    Status.CANCELLED: mark("Cancelled"),
    Status.NO_SHOW: mark("Missed"),
    Status.DECLINED: mark("Declined"),
}


def locale() -> str:
    """Return the locale of this request's language."""
    return LOCALES[current_language()]


@lru_cache(maxsize=4096)
def day(value: date, locale: str) -> str:
    """Return a date in words without its year: Monday, November 23."""
    return format_date(value, _DAY[locale[:2]], locale)


@lru_cache(maxsize=4096)
def day_and_year(value: date, locale: str) -> str:
    """Return a date in words: Monday, November 23, 2026."""
    return format_date(value, _DAY_AND_YEAR[locale[:2]], locale)


class DayParts(NamedTuple):
    """A date as a cell of the day strip shows and says it."""

    words: str
    weekday: str
    month: str


@lru_cache(maxsize=4096)
def day_parts(value: date, locale: str) -> DayParts:
    """Return a date in words, and the short names of its weekday and month: Mon, Nov. One call, since pages show many."""
    return DayParts(day(value, locale), format_date(value, "EEE", locale), format_date(value, "MMM", locale))


@lru_cache(maxsize=512)
def month(value: date, locale: str) -> str:
    """Return a date's month and year as a heading: November 2026."""
    text = format_date(value, _MONTH[locale[:2]], locale)
    return text[:1].upper() + text[1:]


def day_at(instant: datetime, zone: str, locale: str) -> str:
    """Return the date of an instant in a zone, without its year."""
    return day(local(instant, zone).date(), locale)


def day_and_year_at(instant: datetime, zone: str, locale: str) -> str:
    """Return the date of an instant in a zone."""
    return day_and_year(local(instant, zone).date(), locale)


@lru_cache(maxsize=16384)
def clock(instant: datetime, zone: str, locale: str) -> str:
    """Return the time of day of an instant in a zone, with minutes: 8:20 am.

    In the hour that an autumn change repeats the two instants are told apart in words.
    """
    wall = local(instant, zone)
    text = format_time(wall, "h:mm a", zone_of(zone), locale)
    text = text.lower().replace("\u202f", "\u00a0")
    if not is_repeated(instant, zone):
        return text
    words = mark("%(time)s, after the clock changes") if wall.fold else mark("%(time)s, before the clock changes")
    return translate(words, locale[:2]) % {"time": text}


def clock_elsewhere(instant: datetime, here: str, there: str, locale: str) -> str:
    """Return the time of day in another zone, with the weekday where its date is another: Tue 12:20 am."""
    text = clock(instant, there, locale)
    other_day = local(instant, there).date()
    return text if other_day == local(instant, here).date() else f"{day_parts(other_day, locale).weekday} {text}"


@lru_cache(maxsize=512)
def zone(name: str, locale: str) -> str:
    """Return a zone in words, the same in summer and winter: Central Time. Zones that belong to no region keep their name."""
    if "/" not in name or name.startswith("Etc/"):
        return name
    # The language alone: with a country, Babel 2.18 calls zones that never change their clock "summer time" in Spanish.
    return get_timezone_name(name, width="long", zone_variant="generic", locale=locale[:2])


def mode(number: int, locale: str) -> str:
    """Return how a visit is held: By video."""
    return translate(_MODES[Mode(number)], locale[:2])


def state(number: int, locale: str) -> str:
    """Return the state of an appointment: Booked."""
    return translate(_STATES[Status(number)], locale[:2])


@lru_cache(maxsize=512)
def money(amount: Decimal, locale: str) -> str:
    """Return an amount, without cents when there are none: $40."""
    if amount == amount.to_integral_value():
        return format_currency(amount, CURRENCY, "¤#,##0", locale, currency_digits=False)
    return format_currency(amount, CURRENCY, locale=locale)


def number(value: int, locale: str) -> str:
    """Return a number with its thousands set apart: 1,000."""
    return format_decimal(value, locale=locale)


def dialled(phone: str) -> str:
    """Return a phone number as a link dials it: digits with a leading plus if there is one."""
    return ("+" if phone.strip().startswith("+") else "") + "".join(char for char in phone if char.isdigit())


# What templates call: the first take the locale last, which the environment of a language adds.
FILTERS: tuple[Callable[..., Any], ...] = (
    day,
    day_and_year,
    day_parts,
    month,
    day_at,
    day_and_year_at,
    clock,
    clock_elsewhere,
    zone,
    mode,
    state,
    money,
    number,
)
PLAIN_FILTERS: dict[str, Callable[..., Any]] = {"reference": shown_reference, "dialled": dialled}
