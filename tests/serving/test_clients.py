"""Older client programs at the running server: each books in its own way, and gets the answers that its parser knows."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

import pytest
import requests

from tests.api.caller import PATH
from tests.serving.clients import Connection, Said, dotnet, dotnet_date, dotted, jquery
from tests.serving.place import Place
from tests.serving.running import WAIT_SECONDS, open_times, phone_call, written
from tests.stored import bookings

Client = Callable[[Place, str, dict[str, Any]], Said]
STYLES: dict[str, tuple[Client, Callable[[datetime], str]]] = {
    ".NET": (dotnet, dotnet_date),
    "jQuery": (jquery, written),
    "jQuery with dots": (dotted, dotnet_date),
}
TURNS = count()
NOBODYS = {"Reason": ""}


@pytest.fixture
def start() -> datetime:
    """A time that no other test of this module asks for."""
    return open_times()[next(TURNS)]


@pytest.fixture
def wish(place: Place, start: datetime) -> dict[str, Any]:
    """A request that can be booked, with two coded reasons and words beyond ASCII."""
    coded = [{"ReasonId": str(place.clinic.reason(name))} for name in ("rash", "cough")]
    return {**phone_call(place.clinic, "ada", "chen", start, "Dolor & tos, 2 días"), "Reasons": coded, "MethodId": 1, "PaidAmount": "12.50"}


@pytest.fixture
def refused(place: Place) -> Iterator[bytes]:
    """A body that is read and refused, so that nothing is stored."""
    before = bookings(place.engine)
    yield json.dumps({**phone_call(place.clinic, "ada", "chen", place.soon), **NOBODYS}).encode()
    assert bookings(place.engine) == before


@pytest.mark.parametrize("style", STYLES)
def test_it_books(style: str, place: Place, start: datetime, wish: dict[str, Any]) -> None:
    post, date = STYLES[style]
    said = post(place, PATH, {**wish, "AppointmentOn": date(start)})
    assert (said.status, said.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert {name: said.told[name] for name in ("Reason", "PaidAmount", "MethodId", "StatusId", "AppointmentOnUTC")} == {
        "Reason": "Dolor & tos, 2 días",
        "PaidAmount": 12.5,
        "MethodId": 1,
        "StatusId": 2,
        "AppointmentOnUTC": written(start),
    }
    assert said.told["ReasonId"].split(",") == [str(place.clinic.reason(name)) for name in ("rash", "cough")]
    assert datetime.fromisoformat(said.told["AppointmentOn"]) == start


@pytest.mark.parametrize("style", STYLES)
def test_a_repeat_gets_the_same_appointment(style: str, place: Place, start: datetime, wish: dict[str, Any]) -> None:
    post, date = STYLES[style]
    body = {**wish, "AppointmentOn": date(start)}
    assert post(place, PATH, body).told["ID"] == post(place, PATH, body).told["ID"]


@pytest.mark.parametrize(
    ("style", "words"),
    [
        (".NET", {"model.UserId": ["An error has occurred."], "model.Reason": ["The Reason field is required."]}),
        (
            "jQuery",
            {
                "model.UserId": ["The value 'x' is not valid for UserId.", "The UserId property is required."],
                "model.Reason": ["The Reason field is required."],
            },
        ),
    ],
)
@pytest.mark.usefixtures("nothing_stored")
def test_it_is_told_what_is_wrong_in_the_words_it_knows(style: str, words: dict[str, list[str]], place: Place, wish: dict[str, Any]) -> None:
    said = STYLES[style][0](place, PATH, {**wish, "UserId": "x", "Reason": " "})
    assert (said.status, said.told) == (400, {"Message": "The request is invalid.", "ModelState": words})


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.usefixtures("nothing_stored")
def test_anothers_user_is_refused(style: str, place: Place, wish: dict[str, Any]) -> None:
    said = STYLES[style][0](place, PATH, {**wish, "UserId": str(place.clinic.user("omar"))})
    assert (said.status, said.told) == (403, {"Message": "Authorization has been denied for this request."})


def whole(place: Place, body: bytes, *lines: str, method: str = "POST", path: str = PATH) -> bytes:
    """Return a request as it goes over a connection that is kept."""
    usual = (f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {place.bearer}")
    own = ("Content-Type: application/json", f"Content-Length: {len(body)}") if method == "POST" else ()
    return "".join(f"{line}\r\n" for line in (*usual, *own, *lines, "")).encode() + body


def test_requests_sent_at_once_are_answered_in_order(place: Place, refused: bytes) -> None:
    wrong = whole(place, refused)
    with Connection(place) as connection:
        connection.send(wrong + whole(place, b"", method="GET") + whole(place, b"{}", path="/api/nope") + wrong)
        assert [connection.answer().status for _ in range(4)] == [400, 405, 404, 400]


def test_bookings_sent_at_once_are_all_made(place: Place, wish: dict[str, Any]) -> None:
    starts = [open_times()[next(TURNS)] for _ in range(3)]
    with Connection(place) as connection:
        connection.send(b"".join(whole(place, json.dumps({**wish, "AppointmentOn": written(start)}).encode()) for start in starts))
        assert [connection.answer().told["AppointmentOn"] for _ in starts] == [written(start) for start in starts]


def test_a_client_that_has_said_all_is_still_answered(place: Place, start: datetime, wish: dict[str, Any]) -> None:
    with Connection(place) as connection:
        connection.send(whole(place, json.dumps(wish).encode()))
        connection.finish()
        assert connection.answer().told["AppointmentOnUTC"] == written(start)
        assert connection.is_closed()


def test_a_client_that_leaves_in_the_middle_stores_nothing(place: Place, refused: bytes) -> None:
    with Connection(place) as connection:
        connection.send(whole(place, refused)[:-5])
    assert requests.get(f"{place.server.base_url}/health", timeout=WAIT_SECONDS).status_code == 200


def test_a_body_that_comes_byte_by_byte_is_read(place: Place, refused: bytes) -> None:
    with Connection(place) as connection:
        for byte in whole(place, refused):
            connection.send(bytes([byte]))
        assert connection.answer().status == 400


def test_a_head_is_answered_without_a_body_and_the_connection_goes_on(place: Place, refused: bytes) -> None:
    with Connection(place) as connection:
        connection.send(whole(place, b"", method="HEAD"))
        said = connection.answer(to_head=True)
        assert (said.status, said.headers["allow"], said.headers["content-type"]) == (405, "POST", "application/json; charset=utf-8")
        connection.send(whole(place, refused))
        assert connection.answer().status == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_told_the_right_one(method: str, place: Place) -> None:
    found = requests.request(method, place.server.base_url + PATH, timeout=WAIT_SECONDS)
    assert (found.status_code, found.headers["Allow"]) == (405, "POST")
    assert found.json() == {"Message": f"The requested resource does not support http method '{method}'."}


@pytest.mark.parametrize("path", ["/api/Calendar/Nope", "/api/", "/api", "/API/calendar"])
def test_an_unknown_call_is_said_with_its_address(path: str, place: Place) -> None:
    found = requests.post(place.server.base_url + path, json={}, timeout=WAIT_SECONDS)
    uri = place.server.base_url + path
    assert (found.status_code, found.json()) == (404, {"Message": f"No HTTP resource was found that matches the request URI '{uri}'."})


ACCEPTED = {
    "application/json": "application/json",
    "application/json, text/javascript, */*; q=0.01": "application/json",
    "text/html, application/xhtml+xml, image/jxr, */*": "application/json",
    "application/xml": "application/json",
    "application/json;q=0": "application/json",
    ",;garbage": "application/json",
    "text/json": "text/json",
    "text/*": "text/json",
}


@pytest.mark.parametrize("accept", ACCEPTED)
def test_no_wish_for_another_type_fails(accept: str, place: Place, refused: bytes) -> None:
    headers = {"Authorization": f"Bearer {place.bearer}", "Accept": accept, "Content-Type": "application/json"}
    found = requests.post(place.server.base_url + PATH, data=refused, headers=headers, timeout=WAIT_SECONDS)
    assert (found.status_code, found.headers["Content-Type"]) == (400, f"{ACCEPTED[accept]}; charset=utf-8")


SENT = {
    "text/json": (400, "text/json; charset=utf-8"),
    "Application/JSON; Charset=UTF-8; odata=verbose": (400, "application/json; charset=utf-8"),
    "text/plain": (415, "application/json; charset=utf-8"),
    "application/xml": (415, "application/json; charset=utf-8"),
    "multipart/form-data; boundary=x": (415, "application/json; charset=utf-8"),
    "json": (415, "application/json; charset=utf-8"),
}


@pytest.mark.parametrize("kind", SENT)
def test_a_body_is_judged_by_its_type(kind: str, place: Place, refused: bytes) -> None:
    headers = {"Authorization": f"Bearer {place.bearer}", "Content-Type": kind, "Accept": ""}
    found = requests.post(place.server.base_url + PATH, data=refused, headers=headers, timeout=WAIT_SECONDS)
    assert (found.status_code, found.headers["Content-Type"]) == SENT[kind]


def test_utf_16_is_read_and_answered(place: Place, refused: bytes) -> None:
    headers = {"Authorization": f"Bearer {place.bearer}", "Content-Type": "application/json; charset=utf-16"}
    found = requests.post(place.server.base_url + PATH, data=refused.decode().encode("utf-16"), headers=headers, timeout=WAIT_SECONDS)
    assert found.headers["Content-Type"] == "application/json; charset=utf-16"
    assert json.loads(found.content.decode("utf-16"))["ModelState"] == {"model.Reason": ["The Reason field is required."]}


@pytest.mark.usefixtures("nothing_stored")
def test_a_stranger_is_answered_before_the_body_is_read(place: Place) -> None:
    found = requests.post(place.server.base_url + PATH, data=b"{", headers={"Content-Type": "text/plain"}, timeout=WAIT_SECONDS)
    assert (found.status_code, found.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_no_request_has_made_the_server_complain(place: Place) -> None:
    assert [line for line in place.server.said if "Traceback" in line] == []
