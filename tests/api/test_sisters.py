"""What holds for both sister calls: the order of judgement, and that authority is read when it is written."""

from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from sqlalchemy import Engine, Executable, update

from portal.domain.guardianship import LinkState
from portal.storage.people import ApiKey, GuardianLink, User
from tests.api.caller import Caller
from tests.api.sisters import FORM_PATH, PAYMENT_PATH, as_json, booked, form, payment
from tests.clinic import NOW, Clinic, key
from tests.stored import kept, work

CALLS: dict[str, tuple[str, Callable[[Mapping[str, object]], dict[str, object]]]] = {"form": (FORM_PATH, form), "payment": (PAYMENT_PATH, payment)}
MEANWHILE: dict[str, tuple[Executable, int]] = {
    "the key has been revoked": (update(ApiKey).values(revoked_at=NOW), 401),
    "the user has been shut out": (update(User).values(active=False), 403),
    "the guardian's link has ended": (update(GuardianLink).values(state=LinkState.ENDED), 403),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("what", MEANWHILE)
def test_nothing_is_kept_when_in_that_moment(
    what: str, call: str, maya: Caller, clinic: Clinic, engine: Engine, meanwhile: Callable[[Executable], None]
) -> None:
    path, body = CALLS[call]
    schedule, (change, status) = booked(maya, clinic, "maya", "leo"), MEANWHILE[what]
    before = kept(engine)
    meanwhile(change)
    assert as_json(maya, path, body(schedule)).status == status
    assert kept(engine) == before


@pytest.mark.parametrize("call", CALLS)
def test_judgement_goes_from_the_key_to_the_schedule(call: str, app: Flask, maya: Caller, clinic: Clinic) -> None:
    path, body = CALLS[call]
    schedule = booked(maya, clinic, "maya", "leo")
    unknown = body({"ID": key("schedule", "none"), "PatientId": schedule["PatientId"]})
    ladder = [
        Caller(app, maya.key).get(path),
        Caller(app, None).post("{", path, Content_Type="text/plain"),
        maya.post("{", path, Content_Type="text/plain"),
        maya.post("{", path),
        as_json(maya, path, unknown),
        as_json(maya, path, body(schedule)),
    ]
    assert [answer.status for answer in ladder] == [405, 401, 415, 400, 403, 200]


@pytest.mark.parametrize("path", [FORM_PATH, PAYMENT_PATH])
@pytest.mark.parametrize("body", [" ", "null", "[]", '"x"', "{", "\0", "[" * 5000, '{"Amount":1e999999999}', '{"RecordId":' * 300, "\ufeff"])
def test_a_body_that_says_nothing_is_refused(body: str, path: str, practice: Caller, engine: Engine) -> None:
    before = work(engine)
    assert practice.post(body, path).status == 400
    assert work(engine) == before
