"""Who may call: keys, users, accounts and patients; nothing is stored for anybody else."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, Executable, update

from portal.api.door import CALLS
from portal.domain.guardianship import LinkState
from portal.domain.keys import KeyText, parse_key
from portal.storage.engine import begin_write, sessions
from portal.storage.people import ApiKey, GuardianLink, User
from portal.storage.schedule import Schedule
from tests.api.caller import KEY_DAYS, PATH, Caller, key_of, members, told
from tests.clinic import NOW, Clinic, key
from tests.stored import bookings, rows
from tests.web.client import Clock, signed_in_client
from tests.web.page import Answer
from tests.web.routes import METHODS

WITH_A_KEY = [(method, path) for call in CALLS if call.permission.needs_key for method in call.methods for path in (call.path, *call.aliases)]
DENIED = {"Message": "Authorization has been denied for this request."}


@pytest.fixture
def unchanged(engine: Engine, clinic: Clinic) -> Iterator[None]:  # noqa: ARG001 - the practice that is there before
    """Asserts that the test stores nothing."""
    before = bookings(engine)
    yield
    assert bookings(engine) == before


def change(engine: Engine, kind: type[ApiKey | User | GuardianLink], **values: object) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(kind).values(**values))


def plain(answer: Answer) -> tuple[int, str, str | None]:
    return answer.status, answer.body, answer.headers.get("WWW-Authenticate")


UNAUTHORIZED = (401, '{"Message":"Authorization has been denied for this request."}', "Bearer")
FORBIDDEN = (403, '{"Message":"Authorization has been denied for this request."}', None)


def altered(text: str) -> str:
    """Return a key whose secret is another, with the checksum that belongs to it."""
    found = parse_key(text)
    assert found is not None
    return str(KeyText(found.id, found.secret[::-1]))


@pytest.mark.parametrize("path", [path for call in CALLS for path in (call.path, *call.aliases)])
def test_every_call_says_what_a_caller_needs(path: str) -> None:
    permission = next(call.permission for call in CALLS if path in (call.path, *call.aliases))
    assert permission.needs_key or len(permission.reason.split()) > 2


@pytest.mark.parametrize(("method", "path"), WITH_A_KEY)
@pytest.mark.usefixtures("unchanged")
def test_every_call_that_needs_a_key_refuses_whoever_has_none(method: str, path: str, app: Flask, clinic: Clinic) -> None:
    body = json.dumps(members(clinic), default=str)
    assert plain(Caller(app, None).send(method, f"/api/{path}", body, Content_Type="application/json")) == UNAUTHORIZED


HEADERS: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "without a scheme": lambda key: key,
    "of another scheme": lambda key: f"Basic {key}",
    "without a key": lambda _: "Bearer ",
    "of a key cut short": lambda key: f"Bearer {key[:-1]}",
    "of a key with more": lambda key: f"Bearer {key}x",
    "of a key with a blank": lambda key: f"Bearer  {key}",
    "of a key in capitals": lambda key: f"Bearer {key.upper()}",
    "of a wrong checksum": lambda key: f"Bearer {key[:-1]}{'a' if key[-1] != 'a' else 'b'}",
    "of a wrong secret": lambda key: f"Bearer {altered(key)}",
    "of an unknown key": lambda _: f"Bearer {KeyText('a' * 8, 'b' * 43)}",
    "of two keys": lambda key: f"Bearer {key}, Bearer {key}",
    "of other letters": lambda key: f"Bearer {key}\u00e9",
    "of a key by its id": lambda key: f"Bearer {key[:12]}",
}


@pytest.mark.parametrize("what", HEADERS)
@pytest.mark.usefixtures("unchanged")
def test_a_header_is_refused(what: str, ada: Caller, clinic: Clinic) -> None:
    assert ada.key is not None
    assert plain(ada.post(members(clinic), Authorization=HEADERS[what](ada.key))) == UNAUTHORIZED


@pytest.mark.usefixtures("unchanged")
def test_two_headers_are_refused(app: Flask, ada: Caller, clinic: Clinic) -> None:
    twice = [("Authorization", f"Bearer {ada.key}")] * 2
    assert app.test_client().post(PATH, json={name: str(value) for name, value in members(clinic).items()}, headers=twice).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(scheme: str, ada: Caller, clinic: Clinic) -> None:
    assert ada.post(members(clinic), Authorization=f"{scheme} {ada.key}").status == 200


@pytest.mark.parametrize("path", [f"{PATH}?token={{key}}", f"{PATH}?access_token={{key}}", f"{PATH}?Authorization=Bearer%20{{key}}"])
@pytest.mark.usefixtures("unchanged")
def test_14_2_1_a_key_in_the_address_is_none(path: str, app: Flask, ada: Caller, clinic: Clinic) -> None:
    assert plain(Caller(app, None).post(members(clinic), path.format(key=ada.key))) == UNAUTHORIZED


@pytest.mark.usefixtures("unchanged")
def test_3_5_2_a_browsers_cookie_is_none(app: Flask, clinic: Clinic) -> None:
    client = signed_in_client(app, clinic, "ada")
    assert client.get("/appointments").status_code == 200
    assert client.post(PATH, json={name: str(value) for name, value in members(clinic).items()}).status_code == 401


def test_a_key_holds_until_it_expires(clock: Clock, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    clock.now = NOW + timedelta(days=KEY_DAYS) - timedelta(microseconds=1)
    late = members(clinic, AppointmentOn="2027-04-12T15:00:00Z")
    assert ada.post(late).status == 200
    clock.passes(microseconds=1)
    assert plain(ada.post(late)) == UNAUTHORIZED
    assert len(rows(engine, Schedule)) == 1


@pytest.mark.usefixtures("unchanged")
def test_a_revoked_key_is_none_at_once(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    change(engine, ApiKey, revoked_at=NOW)
    assert plain(ada.post(members(clinic))) == UNAUTHORIZED


@pytest.mark.usefixtures("unchanged")
def test_a_user_who_was_shut_out_is_refused(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    change(engine, User, active=False)
    assert plain(ada.post(members(clinic))) == FORBIDDEN


@pytest.mark.usefixtures("unchanged")
def test_another_user_is_refused_whether_they_exist_or_not(ada: Caller, clinic: Clinic) -> None:
    for user in (clinic.user("omar"), clinic.user("zoe"), uuid4()):
        assert plain(ada.post(members(clinic, UserId=user))) == FORBIDDEN


@pytest.mark.usefixtures("unchanged")
def test_another_account_is_refused_whether_it_exists_or_not(ada: Caller, clinic: Clinic) -> None:
    for account in (key("account", "elsewhere"), uuid4()):
        assert plain(ada.post(members(clinic, AccountId=account))) == FORBIDDEN


@pytest.mark.usefixtures("unchanged")
def test_another_patient_is_refused_whether_they_exist_or_not(ada: Caller, clinic: Clinic) -> None:
    for patient in (clinic.patient("omar"), clinic.patient("leo"), clinic.patient("zoe"), uuid4()):
        assert plain(ada.post(members(clinic, PatientId=patient))) == FORBIDDEN


def test_a_key_of_the_account_acts_for_each_of_its_users(practice: Caller, clinic: Clinic, engine: Engine) -> None:
    assert practice.post(members(clinic, "omar")).status == 200
    assert practice.post(members(clinic, "grace", PatientId=clinic.patient("leo"), AppointmentOn="2027-03-03T15:00:00Z")).status == 200
    assert {row["user_id"] for row in rows(engine, Schedule)} == {clinic.user("omar"), clinic.user("grace")}


@pytest.mark.usefixtures("unchanged")
def test_a_key_of_the_account_gives_nobody_more_rights(practice: Caller, clinic: Clinic) -> None:
    assert plain(practice.post(members(clinic, "omar", PatientId=clinic.patient("leo")))) == FORBIDDEN


@pytest.mark.usefixtures("unchanged")
def test_8_4_1_and_past_11_a_key_of_another_account_is_refused_for_all_of_this_one(app: Flask, clinic: Clinic, engine: Engine) -> None:
    theirs = Caller(app, key_of(engine, clinic, None, NOW, key("account", "elsewhere")))
    for changes in ({}, {"AccountId": key("account", "elsewhere")}, {"UserId": clinic.user("zoe")}):
        assert plain(theirs.post(members(clinic, **changes))) == FORBIDDEN


@pytest.mark.usefixtures("unchanged")
def test_the_clinicians_of_another_account_are_unknown(app: Flask, clinic: Clinic, engine: Engine) -> None:
    elsewhere = key("account", "elsewhere")
    theirs = Caller(app, key_of(engine, clinic, None, NOW, elsewhere))
    answer = theirs.post(members(clinic, UserId=clinic.user("zoe"), AccountId=elsewhere))
    assert answer.status == 400
    assert set(told(answer)["ModelState"]) == {"model.SpecialityId", "model.EncounterTypeModeDurationId"}


@pytest.mark.usefixtures("unchanged")
def test_a_guardian_whose_link_has_ended_is_refused_at_once(maya: Caller, clinic: Clinic, engine: Engine) -> None:
    change(engine, GuardianLink, state=LinkState.ENDED)
    assert plain(maya.post(members(clinic, "maya", PatientId=clinic.patient("leo")))) == FORBIDDEN


MEANWHILE: dict[str, tuple[Executable, tuple[int, str, str | None]]] = {
    "the key has been revoked": (update(ApiKey).values(revoked_at=NOW), UNAUTHORIZED),
    "the user has been shut out": (update(User).values(active=False), FORBIDDEN),
    "the guardian's link has ended": (update(GuardianLink).values(state=LinkState.ENDED), FORBIDDEN),
}


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.usefixtures("unchanged")
def test_nothing_is_booked_when_in_that_moment(what: str, maya: Caller, clinic: Clinic, meanwhile: Callable[[Executable], None]) -> None:
    change, refused = MEANWHILE[what]
    meanwhile(change)
    assert plain(maya.post(members(clinic, "maya", PatientId=clinic.patient("leo")))) == refused


@pytest.mark.usefixtures("unchanged")
def test_who_may_not_call_learns_nothing_about_the_body(app: Flask) -> None:
    for body in ("{", "", "[" * 5000, "\0"):
        assert plain(Caller(app, None).post(body)) == UNAUTHORIZED


def test_the_door_has_the_methods_that_the_map_gives_it() -> None:
    assert {method for call in CALLS for method in call.methods} <= set(METHODS)
