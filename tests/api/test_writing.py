"""Values as they stand in an answer."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.api.writing import date_string, decimal_string, write_json

ZONE = "America/Chicago"


@pytest.mark.parametrize(
    ("value", "text"),
    [("5", "5.0"), ("5.00", "5.00"), ("19.99", "19.99"), ("1E+2", "100.0"), ("1E-10", "0.0000000001"), ("-0.00", "0.00"), ("-1", "-1.0")],
)
def test_amounts_keep_their_scale_and_have_no_exponent(value: str, text: str) -> None:
    assert decimal_string(Decimal(value)) == text
    assert write_json({"a": Decimal(value)}) == b'{"a":' + text.encode() + b"}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 2, 3, 21, 3, 34, 500_000, tzinfo=UTC), "2026-02-03T21:03:34.5Z"),
        (datetime(2026, 2, 3, 21, 3, 34), "2026-02-03T21:03:34"),  # noqa: DTZ001  sent without zone
        (datetime(2026, 7, 3, 12, tzinfo=timezone(timedelta(hours=-6))), "2026-07-03T13:00:00-05:00"),
        (datetime(2026, 2, 3, tzinfo=timezone(timedelta(0), "+00:00")), "2026-02-02T18:00:00-06:00"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-6))), "9999-12-31T23:59:59-06:00"),
        (datetime(1800, 1, 1, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=-6))), "1800-01-01T12:09:24.000001-05:50"),
    ],
)
def test_dates_are_written_in_the_form_they_were_sent(value: datetime, text: str) -> None:
    assert date_string(value, ZONE) == text


def test_line_separators_are_escaped_and_other_characters_are_not() -> None:
    assert write_json('\x85\u2028\u2029é</>&"\0') == '"\\u0085\\u2028\\u2029é</>&\\"\\u0000"'.encode()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(text: str) -> None:
    assert json.loads(write_json([text, None])) == [text, None]


def test_ids_are_lower_case() -> None:
    assert write_json([UUID("7E8C9F05-E295-482C-802E-AB1463A9F415")]) == b'["7e8c9f05-e295-482c-802e-ab1463a9f415"]'


def test_utf16_has_a_mark() -> None:
    text = write_json({"a": "é"}, ZONE, "application/json; charset=utf-16")
    assert (text[:2], text.decode("utf-16")) == (b"\xff\xfe", '{"a":"é"}')


def test_other_values_are_refused() -> None:
    with pytest.raises(TypeError):
        write_json({"a": object()})


def test_a_whole_schedule_is_written_byte_for_byte() -> None:
    vectors = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))["vectors"]
    schedule = next(found["response"]["body"] for found in vectors if found["id"] == "sample-verbatim")
    recorded = json.dumps(schedule, ensure_ascii=False, separators=(",", ":"))
    assert write_json(schedule | {"PaidAmount": Decimal("5.0"), "UserId": UUID(schedule["UserId"])}).decode() == recorded
