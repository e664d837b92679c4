"""Dates: the spellings of old clients, and the form that each is written back in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from portal.api.dates import Form, date_field, date_text, form_of

WALL = "2026-02-03T21:03:34"


def refuses(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return True
    return False


def shown(value: datetime) -> str:
    return value.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-03T21:03:34",
        "2026-02-03t21:03:34",
        "2026-02-03 21:03:34.000",
        "2026/2/3 21:03:34",
        "2/3/2026 9:03:34 PM",
        "02/03/26 09:03:34pm",
        "2-3-2026 21:03:34",
        "2/3/2026, 9:03:34\u202fPM",
        "February 3, 2026 9:03:34 PM",
        "3 Feb 2026 21:03:34",
        "3-Feb-2026 21:03:34",
        "Tuesday, February 3, 2026 21:03:34",
        "Tue Feb 03 2026 21:03:34",
        "2026 Feb 3 21:03:34",
        "21:03:34 2/3/2026",
        "\t2026-02-03T21:03:34 ",
    ],
)
def test_one_wall_time_in_many_spellings(text: str) -> None:
    assert shown(date_text(text)) == shown(date_field(text)) == WALL


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-02-03", "2026-02-03T00:00:00"),
        ("2026-02", "2026-02-01T00:00:00"),
        ("02/2026", "2026-02-01T00:00:00"),
        ("February 2026", "2026-02-01T00:00:00"),
        ("03.02.2026", "2026-03-02T00:00:00"),
        ("2/3/30", "1930-02-03T00:00:00"),
        ("2026-02-03T21:03", "2026-02-03T21:03:00"),
        ("2/3/2026 12 AM", "2026-02-03T00:00:00"),
        ("2/3/2026 12:30 p", "2026-02-03T12:30:00"),
        ("2026-02-03T21:03:34.4822474", "2026-02-03T21:03:34.482247"),
        ("2026-02-03T21:03:34.4822475", "2026-02-03T21:03:34.482248"),
        ("2026-02-03T23:59:59.9999999", "2026-02-04T00:00:00"),
        ("9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.999999"),
        ("2026-02-03T21:03:34+0530", "2026-02-03T21:03:34+05:30"),
        ("2026-02-03T21:03:34+5", "2026-02-03T21:03:34+05:00"),
        ("2026-02-03 21:03:34 -6:00", "2026-02-03T21:03:34-06:00"),
        ("2026-02-03T21:03:34+15:00", "2026-02-03T21:03:34+15:00"),
        ("2026-02-03T21:03:34-99:00", "2026-02-08T00:03:34+00:00"),
        ("/Date(0)/", "1970-01-01T00:00:00+00:00"),
        ("/Date(1770174214482+0530)/", "2026-02-04T03:03:34.482000+00:00"),
    ],
)
def test_json_dates(text: str, value: str) -> None:
    assert shown(date_text(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "13/02/2026",
        "20260203T210334Z",
        "20260203",
        "2026-W06-2",
        "2026-034",
        "1770174214",
        "21:03:34",
        "2026-02-30T00:00:00Z",
        "2026-02-03T24:00:00",
        "2026-02-03T23:59:60Z",
        "2026-02-03T21:03:34 05:30",
        "0000-01-01",
        "2/3/2026 13:00 AM",
        "Mon, 03 Feb 2026 21:03:34 GMT",
        "Tue Feb 03 2026 21:03:34 GMT-0600 (Central Standard Time)",
        "\u0662\u0660\u0662\u0666-02-03T21:03:34",
        "2026-02-03 21:03:34 +15:00",
        "/Date(x)/",
        "/Date(999999999999999999)/",
        "2" * 50_000,
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert refuses(date_text, text)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (WALL, Form.UNSPECIFIED),
        (f"{WALL}Z", Form.UTC),
        (f"{WALL}z", Form.UTC),
        ("Tue, 03 Feb 2026 21:03:34 GMT", Form.UTC),
        (f"{WALL}+00:00", Form.LOCAL),
        (f"{WALL}-06:00", Form.LOCAL),
        ("/Date(0)/", Form.UTC),
        ("/Date(0-0600)/", Form.LOCAL),
    ],
)
def test_the_form_of_a_json_date(text: str, form: Form) -> None:
    assert form_of(date_text(text)) is form


@pytest.mark.parametrize("text", [f"{WALL}Z", "Tue, 03 Feb 2026 21:03:34 GMT", f"{WALL}+00:00"])
def test_every_zone_in_a_form_is_local(text: str) -> None:
    value = date_field(text)
    assert (form_of(value), value) == (Form.LOCAL, datetime(2026, 2, 3, 21, 3, 34, tzinfo=UTC))


def test_a_form_knows_no_milliseconds() -> None:
    with pytest.raises(ValueError, match="Date"):
        date_field("/Date(0)/")


def test_another_zone_of_no_offset_is_local() -> None:
    assert form_of(datetime(2026, 2, 3, tzinfo=timezone(timedelta(0), "GMT"))) is Form.LOCAL
