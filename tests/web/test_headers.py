import pytest
from flask import Flask

from tests.clinic import Clinic
from tests.web.client import Clock, running, visitor
from tests.web.page import elements
from tests.web.visitor import Visitor

SPOOFED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=203.0.113.9;host=evil.example;proto=https",
    "X-Original-URL": "/appointments",
    "X-Rewrite-URL": "/appointments",
    "X-Real-IP": "203.0.113.9",
}


# The client inspects the headers of every answer that any test gets; here are the kinds of answers that few tests would.
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/static/portal.css", 200),
        ("GET", "/static/nope", 404),
        ("GET", "/nope", 404),
        ("PUT", "/sign-in", 405),
        ("TRACE", "/sign-in", 405),
        ("OPTIONS", "/sign-in", 200),
        ("HEAD", "/sign-in", 200),
        ("GET", "/health", 200),
        ("GET", "/api/nope", 404),
        ("POST", "/sign-in", 400),
        ("GET", "/appointments", 303),
    ],
)
def test_3_4_3_and_3_4_4_and_3_4_5_and_3_4_6_and_3_4_8_every_kind_of_answer_carries_the_headers(
    method: str, path: str, status: int, app: Flask
) -> None:
    answer = app.test_client().open(path, method=method)
    assert answer.status_code == status


def test_a_file_that_is_named_with_its_version_may_be_kept_for_a_year(stranger: Visitor) -> None:
    [sheet] = [link.get("href", "") for link in elements(stranger.page("/sign-in").root, "link") if link.get("rel") == "stylesheet"]
    assert stranger.get(sheet).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert stranger.get(sheet.partition("?")[0]).headers["Cache-Control"] == "public, max-age=300"


def test_3_4_1_over_an_encrypted_connection_browsers_are_told_to_stay_with_it(app: Flask) -> None:
    assert (
        app.test_client().get("/sign-in", base_url="https://localhost").headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    )
    assert "Strict-Transport-Security" not in app.test_client().get("/sign-in").headers


def test_4_1_3_and_15_3_4_headers_of_a_proxy_that_is_not_there_change_nothing(app: Flask) -> None:
    answer = app.test_client().get("/appointments", headers=SPOOFED)
    assert answer.headers["Location"] == "/sign-in?next=/appointments"
    assert "Strict-Transport-Security" not in answer.headers
    assert "evil" not in app.test_client().get("/sign-in", headers=SPOOFED).get_data(as_text=True)


def test_4_1_3_headers_of_the_proxy_that_is_there_are_believed(database_url: str, clinic: Clinic, clock: Clock) -> None:
    with running(database_url, clock, proxies=1, trusted_hosts=("portal.example",)) as app:
        named = {"X-Forwarded-Host": "portal.example", "X-Forwarded-Proto": "https"}
        assert "Strict-Transport-Security" in app.test_client().get("/sign-in", headers=named).headers
        assert app.test_client().get("/sign-in", headers={**named, "X-Forwarded-Host": "evil.example"}).status_code == 400
        assert visitor(app.test_client()).ask("GET", "/sign-in", None, named).page.heading == "Sign in"
        assert clinic.account_id


def test_3_3_1_and_3_3_2_and_3_3_3_and_3_3_4_in_production_each_cookie_is_kept_to_this_host_and_to_tls(
    database_url: str, clinic: Clinic, clock: Clock
) -> None:
    with running(database_url, clock, development=False) as app:
        client = app.test_client()
        page = client.get("/sign-in", base_url="https://localhost")
        token = next(line.split('value="')[1].split('"')[0] for line in page.get_data(as_text=True).split("<") if 'name="csrf_token"' in line)
        fields = {"csrf_token": token, "email": clinic.email("ada"), "password": "correct horse battery staple"}
        same = {"base_url": "https://localhost", "headers": {"Referer": "https://localhost/sign-in"}}
        cookies = page.headers.getlist("Set-Cookie")
        cookies += client.post("/sign-in", data=fields, **same).headers.getlist("Set-Cookie")
    assert len(cookies) == 3
    for cookie in cookies:
        name, *attributes = cookie.split("; ")
        assert name.startswith(("__Host-portal=", "__Host-device="))
        assert {part for part in attributes if not part.startswith(("Max-Age", "Expires"))} == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_3_5_1_a_form_that_came_from_another_site_is_refused_over_an_encrypted_connection(database_url: str, clinic: Clinic, clock: Clock) -> None:
    with running(database_url, clock, development=False) as app:
        client = app.test_client()
        html = client.get("/sign-in", base_url="https://localhost").get_data(as_text=True)
        token = html.partition('name="csrf_token" value="')[2].partition('"')[0]
        for referrer in ({}, {"Referer": "https://evil.example/"}, {"Referer": "http://localhost/"}):
            answer = client.post("/sign-in", base_url="https://localhost", data={"csrf_token": token}, headers=referrer)
            assert answer.status_code == 400
        assert clinic.account_id


def test_13_4_6_no_answer_says_what_software_made_it(stranger: Visitor) -> None:
    assert {"X-Powered-By", "Via"} & {name.title() for name in dict(stranger.get("/sign-in").headers)} == set()
