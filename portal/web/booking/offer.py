"""The parts of the time page that show what is on offer, rendered once for everybody who is offered the same.

They say nothing about the patient, so in the minutes when many people look at one clinician most requests find them ready.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup

from portal.domain.cells import instant_of, set_bits
from portal.domain.walltime import local
from portal.web.booking.strip import Shown, Time, shown
from portal.web.rendering import rendered

KEPT = 1024
NOON, EVENING = 12, 17
_GIVEN = ("zone", "place", "patient_zone", "first_choice", "error", "other_provider_url", "wait_url")


class Offer(NamedTuple):
    """Everything that the days and times show."""

    locale: str
    zone: str
    place: str
    patient_zone: str | None
    phone: str
    shown: Shown
    next_open: date | None
    first_choice: str | None
    error: str | None
    in_page: bool
    other_provider_url: str | None = "provider"
    wait_url: str | None = "wait"


class OpenDays(NamedTuple):
    """The open times of some days, of which one may be a second choice: each day with its bits and the cell they count from."""

    locale: str
    zone: str
    days: tuple[tuple[date, int, int], ...]
    second_choice: str | None


@lru_cache(maxsize=KEPT)
def days_and_times(offer: Offer) -> Markup:
    """Return the days and the chosen day's times as HTML, for the page or alone."""
    strip = offer.shown
    chosen = strip.days[strip.chosen] if strip.chosen is not None else None
    selected = {
        "day": chosen and chosen[0],
        "state": chosen[1] if chosen else strip.why_nothing,
        **_by_part_of_day(offer),
        "next_open_day": offer.next_open,
        "next_open_url": offer.next_open and day_url(None, offer.next_open),
    }
    return _rendered(
        "booking/_times.html",
        strip=[
            {"day": day, "state": state, "count": count, "url": day_url(strip.first, day), "selected": place == strip.chosen}
            for place, (day, state, count) in enumerate(strip.days)
        ],
        selected=selected if chosen or not strip.days else None,
        earlier_url=strip.earlier and day_url(strip.earlier, None),
        later_url=strip.later and day_url(strip.later, None),
        why_nothing=strip.why_nothing,
        brand={"phone": offer.phone},
        **{"in_page": True} if offer.in_page else {},
        **{name: getattr(offer, name) for name in _GIVEN},
    )


@lru_cache(maxsize=KEPT)
def second_choices(offer: OpenDays) -> Markup:
    """Return the open times as options of a select, grouped by day."""
    groups = [(day, [shown(start, offer.zone, offer.locale) for start in _instants(base, bits)]) for day, bits, base in offer.days]
    return _rendered("booking/_second_choices.html", groups=groups, second_choice=offer.second_choice)


def day_url(first: date | None, day: date | None) -> str:
    """Return the address of a day, relative to the page, so that one text serves every draft."""
    return "?" + urlencode({name: value.isoformat() for name, value in (("from", first), ("day", day)) if value})


def _by_part_of_day(offer: Offer) -> dict[str, list[Time]]:
    parts: dict[str, list[Time]] = {"morning": [], "afternoon": [], "evening": []}
    for start in _instants(offer.shown.base, offer.shown.bits):
        hour = local(start, offer.zone).hour
        part = "morning" if hour < NOON else "afternoon" if hour < EVENING else "evening"
        parts[part].append(shown(start, offer.zone, offer.locale))
    return parts


def _instants(base: int, bits: int) -> list[datetime]:
    return [instant_of(base + place) for place in set_bits(bits)]


def _rendered(template: str, **values: Any) -> Markup:  # noqa: ANN401 - whatever the template shows
    return Markup(rendered(template, values))  # noqa: S704 - the template escaped every value
