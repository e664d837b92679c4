"""Bodies that only a real connection can send: far too large, unfinished, without a length, and of two lengths at once."""

import json

import pytest
import requests

from tests.api.caller import PATH
from tests.serving.place import CHUNK, Place
from tests.serving.running import WAIT_SECONDS
from tests.stored import work
from tests.web.client import HEADERS
from tests.web.visitor import wish

HUGE = 50 * 1024 * 1024
pytestmark = pytest.mark.usefixtures("nothing_stored")


def test_15_2_2_a_call_of_50_megabytes_is_refused(place: Place) -> None:
    headers = {"Authorization": f"Bearer {place.bearer}", "Content-Type": "application/json"}
    answer = requests.post(place.server.base_url + PATH, data=b"x" * HUGE, headers=headers, timeout=WAIT_SECONDS)
    assert (answer.status_code, list(answer.json())) == (413, ["Message"])


def test_a_call_of_50_megabytes_by_nobody_is_refused(place: Place) -> None:
    answer = requests.post(place.server.base_url + PATH, data=b"x" * HUGE, timeout=WAIT_SECONDS)
    assert answer.status_code in (401, 413)


def test_15_2_2_a_form_of_50_megabytes_is_refused(place: Place) -> None:
    person = place.server.visitor()
    person.sign_in(place.clinic.email("ada"))
    page = person.walk(wish(place.clinic, first_choice="x"), "reasons").page
    before = work(place.engine)
    answer = person.send(page, "reason", reason="It hurts", note="x" * HUGE)
    assert (answer.status, answer.page.heading) == (413, "That was too much to send")
    assert work(place.engine) == before


def test_a_strangers_form_of_50_megabytes_is_refused(place: Place) -> None:
    answer = requests.post(f"{place.server.base_url}/sign-in", data={"email": "x" * HUGE}, timeout=WAIT_SECONDS)
    assert answer.status_code == 413


def test_a_body_of_50_megabytes_in_chunks_is_refused(place: Place) -> None:
    headers = {"Authorization": f"Bearer {place.bearer}", "Content-Type": "application/json"}
    chunks = (b"x" * CHUNK for _ in range(HUGE // CHUNK))
    answer = requests.post(place.server.base_url + PATH, data=chunks, headers=headers, timeout=WAIT_SECONDS)
    assert answer.status_code == 413


def test_a_call_without_a_length_is_refused(place: Place) -> None:
    assert place.raw(place.head(), b"").startswith(b"HTTP/1.1 411 ")


def test_a_call_with_an_empty_body_is_refused(place: Place) -> None:
    assert place.raw(place.head("Content-Length: 0"), b"").startswith(b"HTTP/1.1 400 ")


def test_half_a_body_is_refused(place: Place) -> None:
    half = place.body[: len(place.body) // 2]
    assert place.raw(place.head(f"Content-Length: {len(place.body)}"), half, finish=True).startswith(b"HTTP/1.1 400 ")


def test_a_body_that_is_whole_before_its_length_is_reached_is_refused(place: Place) -> None:
    assert place.raw(place.head(f"Content-Length: {len(place.body) + 10}"), place.body, finish=True).startswith(b"HTTP/1.1 400 ")


def test_half_a_form_is_refused(place: Place) -> None:
    person = place.server.visitor()
    person.sign_in(place.clinic.email("ada"))
    before = work(place.engine)
    token = person.token()
    body = f"csrf_token={token}&patient={place.clinic.patient('ada')}".encode()
    kind = "Content-Type: application/x-www-form-urlencoded"
    head = f"POST /booking HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n{kind}\nContent-Length: {len(body) + 10}\n"
    assert place.raw(head, body, finish=True).startswith(b"HTTP/1.1 400 ")
    assert work(place.engine) == before


AMBIGUOUS = {
    "a length and chunks": ("Content-Length: 5", "Transfer-Encoding: chunked"),
    "two lengths": ("Content-Length: 5", "Content-Length: 6"),
    "a length with a sign": ("Content-Length: +5",),
    "a length below zero": ("Content-Length: -5",),
    "a length in hexadecimal": ("Content-Length: 0x5",),
    "a length with a blank": ("Content-Length: 5 5",),
    "a length of other digits": ("Content-Length: \u0665",),
    "an unknown encoding": ("Transfer-Encoding: nonsense",),
    "chunks twice": ("Transfer-Encoding: chunked, chunked",),
    "chunks before the last": ("Transfer-Encoding: chunked, identity",),
    "an encoding with a blank before the colon": ("Transfer-Encoding : chunked",),
    "an encoding on a folded line": ("Transfer-Encoding:\n chunked",),
    "a header without a name": (": chunked",),
    "two hosts": ("Host: evil.example",),
}


@pytest.mark.parametrize("what", AMBIGUOUS)
def test_4_2_1_and_past_36_a_request_of_two_meanings_is_refused(what: str, place: Place) -> None:
    answer = place.raw(place.head(*AMBIGUOUS[what]), b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", finish=True)
    assert answer == b"" or answer.split()[1] in (b"400", b"411", b"413", b"501")
    assert answer.count(b"HTTP/1.1 ") <= 1


@pytest.mark.parametrize("chunk", ["zz", "-1", "", "FFFFFFFFFFFFFFFFF", "5\n", "0x5", "10"])
def test_a_chunk_without_a_proper_size_is_refused(chunk: str, place: Place) -> None:
    answer = place.raw(place.head("Transfer-Encoding: chunked"), f"{chunk}\r\nhello\r\n0\r\n\r\n".encode(), finish=True)
    assert answer == b"" or answer.split()[1] == b"400"


def test_a_call_in_chunks_is_read(place: Place) -> None:
    wrong = json.dumps({**json.loads(place.body), "Reason": ""}).encode()
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (wrong[:20], wrong[20:])) + b"0\r\n\r\n"
    answer = place.raw(place.head("Transfer-Encoding: chunked"), chunked)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"The Reason field is required." in answer


def test_bytes_beyond_text_in_an_address_are_refused_or_ignored(place: Place) -> None:
    for address in ("/sign-in?\u65e5", "/sign-in?a=\u00ff", "/\u65e5"):
        answer = place.raw(f"GET {address} HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n", b"")
        assert answer.split()[1] in (b"200", b"400", b"404")


REFUSED_BY_THE_SERVER = {
    "a line that is none": ("nonsense\n", b"400"),
    "a header that is none": ("GET / HTTP/1.1\nHost: 127.0.0.1\nno colon\n", b"400"),
    "too long an address": (f"GET /{'x' * 8000} HTTP/1.1\nHost: 127.0.0.1\n", b"414"),
    "too many headers": ("GET / HTTP/1.1\nHost: 127.0.0.1\n" + "".join(f"X-{number}: 1\n" for number in range(100)), b"431"),
}


@pytest.mark.parametrize("what", REFUSED_BY_THE_SERVER)
def test_3_4_4_and_13_4_6_the_servers_own_refusals_carry_the_headers(what: str, place: Place) -> None:
    head, status = REFUSED_BY_THE_SERVER[what]
    answer = place.raw(head, b"", finish=True)
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert lines[0].split()[1].encode() == status
    assert {f"{name}: {value}" for name, value in HEADERS.items()} <= set(lines)
    assert {"Cache-Control: no-store", "Content-Type: text/html; charset=iso-8859-1"} <= set(lines)
    assert [line for line in lines if line.startswith(("Server: ", "X-Powered-By: ")) and "/" in line] == []


def test_no_request_has_made_the_server_complain(place: Place) -> None:
    assert [line for line in place.server.said if "Traceback" in line] == []
