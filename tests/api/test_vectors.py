"""The recorded requests at the route itself: status, media type and words, as far as the call and not only its binder decides them."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask

from portal.storage.engine import begin_write, open_engine, sessions
from tests.api.caller import key_of
from tests.api.test_binding import VECTORS, Vector, name, sent
from tests.clinic import NOW, build
from tests.databases import Databases
from tests.web.client import Clock, running

# The recorded host had no help pages, as this one has. Chunks are taken apart below the application: tests/serving sends them.
ELSEWHERE = {"route-help", "enc-chunked"}
# What was recorded as read reaches the permission, and the recorded people are nobody here; a body that was missing failed in the application.
OURS = {200: 403, 500: 400}
JUDGED = [found for found in VECTORS if found["judge"] != "skip" or found["response"]["status"] == 500]
IN_WORDS = (400, 405, 415)
ROUTED = [found for found in JUDGED if found["id"] not in ELSEWHERE]


@pytest.fixture(scope="module")
def routed(sqlite: Databases) -> Iterator[tuple[Flask, str]]:
    """One portal and a key for all requests: none of them stores anything."""
    url = sqlite.migrated()
    engine = open_engine(url)
    with sessions(engine).begin() as session:
        begin_write(session)
        clinic = build(session)
    with running(url, Clock()) as app:
        yield app, key_of(engine, clinic, None, NOW)
    engine.dispose()
    sqlite.drop(url)


@pytest.mark.parametrize("vector", ROUTED, ids=name)
def test_the_route_answers_as_recorded(vector: Vector, routed: tuple[Flask, str]) -> None:
    app, key = routed
    request, recorded = vector["request"], vector["response"]
    body = sent(vector)[0] if request["method"] == "POST" else b""
    headers = [*request["headers"], ("Authorization", f"Bearer {key}")]
    length = {"CONTENT_LENGTH": str(len(body))}
    answer = app.test_client().open(request["path"], method=request["method"], data=body, headers=headers, environ_overrides=length)
    assert answer.status_code == OURS.get(recorded["status"], recorded["status"])
    if vector["judge"] == "full":
        assert answer.content_type == recorded["headers"]["Content-Type"]
    if vector["judge"] == "full" and recorded["status"] in IN_WORDS:
        assert json.loads(answer.get_data().decode(answer.mimetype_params["charset"])) == recorded["body"]
    assert "Allow" not in recorded["headers"] or answer.headers["Allow"] == recorded["headers"]["Allow"]
