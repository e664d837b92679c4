"""Bodies that no honest client sends: the binder answers every one, and in time that grows with the length alone."""

from contextlib import suppress
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.api.binding import UnsupportedMediaType, bind
from portal.api.writing import answer_media_type, write_json

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
LENGTH = 50_000
# Seconds of this process alone, so that a busy machine does not count; quadratic work on this many bytes takes many.
SECONDS = 0.4

PIECES = (
    *"{}[]():,'\"\\/*-+.0123456789eExXnNtIu \n\0$_\xe9\U0001f600",
    *("true", "false", "null", "undefined", "NaN", "Infinity", "-Infinity", "new Date(", "/*", "*/", "//", "\\u", "\\ud800", "\\udc00", "0x1F"),
    *('"UserId":', "AppointmentOn:", '"Reason":', '"PaidAmount":', '"MethodId":', '"Reasons":[', '{"ReasonId":', '"$values":', '"$id":1,'),
    *("7e8c9f05-e295-482c-802e-ab1463a9f415", "2026-02-03T21:03:34", "/Date(1770174214482-0600)/", "9999-12-31T23:59:59.9999999-06:00"),
)
FIELDS = (
    *("UserId", "AppointmentOn", "Reason", "PaidAmount", "MethodId", "Reasons", ".ReasonId", ".index", "[0]"),
    *"[]=&%+1x/",
)
HOSTILE = (
    *"[ 1,\"'\\\0-0.ea",
    *('{"a":', "1,", "[],", "{},", '"\\ud800', "/*", "/**/", "//\n", "new a(", "null,"),
)
OPENINGS = (
    *("", '{"X":', '{"X":[', '{"Reasons":[', '{"Reason":', '{"Reason":"'),
    *('{"UserId":"', '{"AppointmentOn":"', '{"PaidAmount":', '{"MethodId":"'),
)
HOSTILE_FIELDS = ("&", "=", "a=1&", "[", "Reasons[", "Reasons[0]", "Reasons=1&", ".a", "%", "1", ",", " ", "/Date(")
NAMES = ("", "Reasons=", "PaidAmount=", "MethodId=", "UserId=", "AppointmentOn=")


def answered(body: bytes, content_type: str | None) -> None:
    with suppress(UnsupportedMediaType):
        values, state = bind(body, content_type)
        assert (values is None) == bool(state)
        assert write_json([values, state])


@given(st.binary(max_size=200), st.sampled_from([JSON, FORM, "text/json; charset=utf-16"]))
@settings(deadline=None)
def test_2_2_1_any_bytes_are_answered(body: bytes, content_type: str) -> None:
    answered(body, content_type)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@example('{"AppointmentOn":"2026-02-03T21:03:34+99:99"}')
@example('{"AppointmentOn":"0001-01-01T00:00:00+99:00"}')
@example('{"AppointmentOn":"/Date(999999999999999999)/"}')
@example('{"PaidAmount":1e99999999999999999999,"MethodId":1e-99999999999999999999}')
@settings(deadline=None, max_examples=400)
def test_1_5_3_and_15_3_5_any_text_like_json_is_answered(body: str) -> None:
    answered(body.encode(), JSON)
    answered(b'{"Reason":"x",' + body.encode(), JSON)


@given(st.lists(st.sampled_from(FIELDS), max_size=30).map("".join))
@settings(deadline=None, max_examples=200)
def test_any_text_like_a_form_is_answered(body: str) -> None:
    answered(body.encode(), FORM)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_headers_are_answered(content_type: str, accept: str) -> None:
    answered(b"{}", content_type)
    assert answer_media_type(accept, content_type, accept).partition(";")[0] in ("application/json", "text/json")


def seconds(body: str, content_type: str) -> float:
    times = []
    for _ in range(3):
        start = process_time()
        with suppress(UnsupportedMediaType):
            bind(body.encode(), content_type)
        times.append(process_time() - start)
        if times[-1] < SECONDS:
            break
    return min(times)


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("opening", OPENINGS)
def test_long_json_takes_linear_time(opening: str, piece: str) -> None:
    body = opening + piece * (LENGTH // len(piece))
    assert seconds(body, JSON) < SECONDS
    assert seconds(body + '"}', JSON) < SECONDS


@pytest.mark.parametrize("piece", HOSTILE_FIELDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_long_form_takes_linear_time(name: str, piece: str) -> None:
    assert seconds(name + piece * (LENGTH // len(piece)), FORM) < SECONDS


@pytest.mark.parametrize("piece", ["a/b;", " ;", ";q=1", ' ;a="', "\\", "a/b, ", ","])
def test_a_long_header_takes_linear_time(piece: str) -> None:
    assert seconds("{}", f'application/json;a="{piece * (LENGTH // len(piece))}') < SECONDS
    assert seconds("{}", piece * (LENGTH // len(piece))) < SECONDS
