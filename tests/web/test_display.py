from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal.domain.catalogue import Mode
from portal.domain.schedule import Status
from portal.web import display

ENGLISH, SPANISH = "en_US", "es_US"
AUSTIN, NEW_YORK, BENGALURU = "America/Chicago", "America/New_York", "Asia/Kolkata"
MONDAY = date(2026, 11, 23)
TWENTY_PAST_EIGHT = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)
HALF_PAST_ONE = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (6, 7)]


@pytest.mark.parametrize(
    ("shown", "english", "spanish"),
    [
        (display.day, "Monday, November 23", "lunes 23 de noviembre"),
        (display.day_and_year, "Monday, November 23, 2026", "lunes 23 de noviembre de 2026"),
        (display.month, "November 2026", "Noviembre de 2026"),
        (display.day_parts, ("Monday, November 23", "Mon", "Nov"), ("lunes 23 de noviembre", "lun", "nov")),
    ],
)
def test_dates(shown: object, english: object, spanish: object) -> None:
    assert callable(shown)
    assert (shown(MONDAY, ENGLISH), shown(MONDAY, SPANISH)) == (english, spanish)


def test_the_date_is_the_zones() -> None:
    late = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
    assert display.day_at(late, AUSTIN, ENGLISH) == "Monday, November 23"
    assert display.day_and_year_at(late, NEW_YORK, ENGLISH) == "Monday, November 23, 2026"
    assert display.day_at(late, BENGALURU, ENGLISH) == "Tuesday, November 24"


def test_the_clock_shows_minutes_and_the_half_of_the_day() -> None:
    assert display.clock(TWENTY_PAST_EIGHT, AUSTIN, ENGLISH) == "8:20 am"
    assert display.clock(TWENTY_PAST_EIGHT, AUSTIN, SPANISH).replace("\u00a0", " ") == "8:20 a.m."
    assert display.clock(TWENTY_PAST_EIGHT, BENGALURU, ENGLISH) == "7:50 pm"


def test_the_repeated_hour_is_told_apart() -> None:
    assert [display.clock(instant, AUSTIN, ENGLISH) for instant in HALF_PAST_ONE] == [
        "1:30 am, before the clock changes",
        "1:30 am, after the clock changes",
    ]
    assert [display.clock(instant, AUSTIN, SPANISH) for instant in HALF_PAST_ONE] == [
        "1:30 a.m., antes del cambio de hora",
        "1:30 a.m., después del cambio de hora",
    ]


def test_the_clock_elsewhere_names_another_day() -> None:
    assert display.clock_elsewhere(TWENTY_PAST_EIGHT, AUSTIN, NEW_YORK, ENGLISH) == "9:20 am"
    late = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
    assert display.clock_elsewhere(late, AUSTIN, BENGALURU, ENGLISH) == "Tue 10:00 am"


@pytest.mark.parametrize(
    ("zone", "english", "spanish"),
    [
        (AUSTIN, "Central Time", "hora central"),
        ("America/Denver", "Mountain Time", "hora de las Montañas Rocosas"),
        (BENGALURU, "India Time", "hora de India"),
        ("UTC", "UTC", "UTC"),
        ("Etc/GMT+5", "Etc/GMT+5", "Etc/GMT+5"),
    ],
)
def test_zones_in_words(zone: str, english: str, spanish: str) -> None:
    assert (display.zone(zone, ENGLISH), display.zone(zone, SPANISH)) == (english, spanish)


def test_every_mode_and_state_has_a_name() -> None:
    for locale in (ENGLISH, SPANISH):
        assert len({display.mode(mode, locale) for mode in Mode}) == len(Mode)
        assert len({display.state(status, locale) for status in Status}) == len(Status)
    assert display.mode(2, ENGLISH) == "By video"
    assert display.state(5, SPANISH) == "Cancelada"


def test_money_and_numbers() -> None:
    assert display.money(Decimal(40), ENGLISH) == "$40"
    assert display.money(Decimal("12.50"), ENGLISH) == "$12.50"
    assert display.money(Decimal(1250), SPANISH) == "$1,250"
    assert display.number(1000, ENGLISH) == "1,000"


def test_a_phone_number_is_dialled_without_its_marks() -> None:
    assert display.dialled("(512) 555-0142") == "5125550142"
    assert display.dialled("+1 512 555 0142") == "+15125550142"
