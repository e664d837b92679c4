"""Codes of the practice: with the birthday, once, within limits; and never for somebody who is, or may be, a guardian."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.domain.throttle import CODES_BY_NETWORK
from portal.storage.audit import Audit
from portal.storage.clinic import Account
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.people import GuardianLink, GuardianLinkChange, Patient, User
from portal.storage.proofs import Invitation
from tests.clinic import BORN, NOW, Clinic, schedule
from tests.services.codes import code_for
from tests.services.scene import TEN
from tests.stored import rows
from tests.web.client import Clock, signed_in
from tests.web.page import Answer
from tests.web.post import outbox
from tests.web.visitor import Visitor

REFUSED = "The code and the date of birth do not go together, or the code does not work any more. Ask the practice for another."
JOINED = "/people/joined?role="
BORN_SAM = date(2012, 2, 29)


def change(engine: Engine, user_id: UUID, **columns: object) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).where(User.id == user_id).values(**columns))


@pytest.fixture
def omar(app: Flask, clinic: Clinic, engine: Engine) -> Visitor:
    """Somebody without a record, who says that they were born on the day that Sam was; Sam is fifteen and has no account."""
    with sessions(engine).begin() as session:
        begin_write(session)
        sam = {"id": clinic.patient("sam"), "given_name": "Sam", "family_name": "Berg", "born_on": BORN_SAM, "time_zone": None}
        session.add(Patient(account_id=clinic.account_id, **sam))
    change(engine, clinic.user("omar"), patient_id=None, born_on=BORN_SAM)
    return signed_in(app, clinic, "omar")


def enter(person: Visitor, code: str, born_on: date = BORN_SAM) -> Answer:
    boxes = {"birth_year": str(born_on.year), "birth_month": str(born_on.month), "birth_day": str(born_on.day)}
    return person.send(person.page("/people/code"), "code", code=code, **boxes)


def own_record(engine: Engine, clinic: Clinic, name: str = "omar") -> UUID | None:
    found: UUID | None = next(row["patient_id"] for row in rows(engine, User) if row["id"] == clinic.user(name))
    return found


def guard(engine: Engine, clinic: Clinic, user: str, patient: str, state: str = "active") -> None:
    span = {"starts_at": NOW, "ends_at": None, "relationship": "parent", "state": state, "scopes": "see"}
    with sessions(engine).begin() as session:
        begin_write(session)
        session.add(GuardianLink(id=clinic.link(user, patient), user_id=clinic.user(user), patient_id=clinic.patient(patient), **span))


def test_ones_own_code_and_birthday_join_the_record(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    answer = enter(omar, code_for(engine, clinic, "sam").lower().replace("-", " "))
    assert (answer.status, answer.location) == (303, f"{JOINED}self")
    assert own_record(engine, clinic) == clinic.patient("sam")
    assert [(row["deed"], row["name"]) for row in rows(engine, Audit)] == [("invited", "Iris at the desk"), ("joined", "")]
    assert omar.page(answer.location).heading == "Your record is joined to your account"


def test_a_code_works_once(omar: Visitor, app: Flask, engine: Engine, clinic: Clinic) -> None:
    code = code_for(engine, clinic, "sam", "guardian")
    assert enter(omar, code).status == 422
    grace = signed_in(app, clinic, "grace")
    assert enter(grace, code).location == f"{JOINED}guardian"
    answer = enter(signed_in(app, clinic, "maya"), code)
    assert (answer.status, answer.page.problems) == (422, [REFUSED])


def test_a_code_ends_after_fourteen_days(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    old = code_for(engine, clinic, "sam", now=NOW - timedelta(days=14))
    young = code_for(engine, clinic, "sam", now=NOW - timedelta(days=14) + timedelta(seconds=1))
    assert enter(omar, old).page.problems == [REFUSED]
    assert enter(omar, young).status == 303


def test_a_code_is_stored_as_a_digest_only(engine: Engine, clinic: Clinic) -> None:
    code = code_for(engine, clinic, "ada")
    assert [len(group) for group in code.split("-")] == [4] * 4
    assert code.replace("-", "") not in str(rows(engine, Invitation))
    assert not set(code) & set("01ABEILOSUZ")


def test_past_28_a_wrong_birthday_and_an_unknown_code_are_told_alike(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    code = code_for(engine, clinic, "sam")
    wrong, unknown = enter(omar, code, date(2012, 2, 28)), enter(omar, "2222-2222-2222-2222")
    assert (wrong.status, wrong.page.problems) == (unknown.status, unknown.page.problems) == (422, [REFUSED])
    assert own_record(engine, clinic) is None


def test_past_28_the_birthday_must_be_the_one_that_was_said_at_sign_up(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    answer = enter(omar, code_for(engine, clinic, "ada"), BORN["ada"])
    assert answer.page.problems == [REFUSED]


def test_five_wrong_birthdays_end_a_code(omar: Visitor, engine: Engine, clinic: Clinic, clock: Clock) -> None:
    code = code_for(engine, clinic, "sam")
    for day in range(1, 6):
        assert enter(omar, code, date(2012, 2, day)).status == 422
    clock.passes(hours=1)
    omar.sign_in(clinic.email("omar"))
    assert enter(omar, code).page.problems == [REFUSED]
    assert [row["tries"] for row in rows(engine, Invitation)] == [5]


def test_the_sixth_try_of_an_hour_is_refused_without_looking(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    for _ in range(5):
        assert enter(omar, "2222-2222-2222-2222").status == 422
    answer = enter(omar, code_for(engine, clinic, "sam"))
    assert (answer.status, answer.headers["Retry-After"]) == (429, "3600")
    assert own_record(engine, clinic) is None


def test_a_network_has_twenty_tries_an_hour(app: Flask, engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        leo = {"id": clinic.user("leo"), "email": "leo@example.org", "name": "Leo", "password_hash": "!"}
        session.add(User(account_id=clinic.account_id, **leo))
    names = ("ada", "maya", "grace", "omar")
    answers = [enter(signed_in(app, clinic, name), "2222-2222-2222-2222").status for name in names for _ in range(5)]
    assert answers == [422] * CODES_BY_NETWORK.calls
    assert enter(signed_in(app, clinic, "leo"), "2222-2222-2222-2222").status == 429


def test_a_code_of_another_practice_is_unknown(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    change(engine, clinic.user("omar"), born_on=None)
    assert enter(omar, code_for(engine, clinic, "zoe"), date(1980, 1, 1)).page.problems == [REFUSED]
    assert [row["tries"] for row in rows(engine, Invitation)] == [0]


def test_past_21_who_has_a_record_gets_no_second_one(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    change(engine, clinic.user("omar"), patient_id=clinic.patient("omar"))
    answer = enter(omar, code_for(engine, clinic, "sam"))
    assert answer.page.problems == ["Your account has a patient record already. This code is for another person's own account."]
    assert own_record(engine, clinic) == clinic.patient("omar")


def test_past_21_a_record_that_is_somebodys_is_not_given_away(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    change(engine, clinic.user("omar"), born_on=BORN["ada"])
    answer = enter(omar, code_for(engine, clinic, "ada"), BORN["ada"])
    assert answer.page.problems == ["This record belongs to another account already. Call the practice."]
    assert (own_record(engine, clinic), own_record(engine, clinic, "ada")) == (None, clinic.patient("ada"))


@pytest.mark.parametrize("state", ["requested", "active", "suspended"])
def test_past_32_a_guardian_cannot_become_the_dependant(state: str, omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    guard(engine, clinic, "omar", "sam", state)
    answer = enter(omar, code_for(engine, clinic, "sam"))
    assert answer.page.problems == ["You act for this person, so their record cannot be your own. They need an account of their own."]
    assert own_record(engine, clinic) is None


@pytest.mark.parametrize("email", ["maya+sam@example.org", "maya+@example.org"])
def test_past_32_a_guardians_address_cannot_be_the_dependants(email: str, omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    guard(engine, clinic, "maya", "sam")
    change(engine, clinic.user("omar"), email=email)
    answer = enter(omar, code_for(engine, clinic, "sam"))
    assert answer.page.problems == ["Your account has the email address of somebody who acts for you. Use an address that is yours alone."]
    assert own_record(engine, clinic) is None


def test_a_child_below_the_age_of_agreement_has_no_account(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    change(engine, clinic.user("omar"), born_on=BORN["nia"])
    assert enter(omar, code_for(engine, clinic, "nia"), BORN["nia"]).page.problems == ["This is not possible at this age. Call the practice."]


def test_guardians_are_told_that_a_young_person_has_joined(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    guard(engine, clinic, "maya", "sam")
    guard(engine, clinic, "grace", "sam", "requested")
    enter(omar, code_for(engine, clinic, "sam"))
    assert [(mail.kind, mail.to, mail.facts) for mail in outbox(engine)] == [("joined", "maya@example.org", {"patient": "Sam"})]


def test_who_joins_their_record_is_reminded_of_what_guardians_have_booked(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.add(schedule(clinic, TEN, patient_id=clinic.patient("sam"), user_id=clinic.user("maya")))
    enter(omar, code_for(engine, clinic, "sam"))
    assert [(row["kind"], row["to"], row["try_at"]) for row in rows(engine, Mail)] == [("reminder", "omar@example.org", TEN - timedelta(days=1))]


def test_whoever_acts_for_a_patient_is_told_when_a_guardians_code_was_entered(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    enter(ada, code_for(engine, clinic, "leo", "guardian"), BORN["leo"])
    told = {"patient": "Leo", "guardian": "Ada Berg", "state": "requested"}
    assert {(mail.kind, mail.to) for mail in outbox(engine)} == {("link_changed", f"{name}@example.org") for name in ("ada", "grace", "maya")}
    assert [mail.facts for mail in outbox(engine)] == [told] * 3


def test_a_guardians_code_makes_a_request_that_gives_no_right(app: Flask, omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    del omar
    ada = signed_in(app, clinic, "ada")
    answer = enter(ada, code_for(engine, clinic, "sam", "guardian"))
    assert answer.location == f"{JOINED}guardian"
    [link] = [row for row in rows(engine, GuardianLink) if row["user_id"] == clinic.user("ada")]
    assert (link["state"], link["scopes"], link["basis"], link["evidence"]) == ("requested", "", "parent", "Code handed out by Iris at the desk")
    [made] = rows(engine, GuardianLinkChange)
    assert (made["number"], made["state_before"], made["state"], made["changed_by"]) == (1, None, "requested", clinic.user("ada"))
    assert "Sam" not in ada.page("/appointments").text
    assert ada.page(answer.location).heading == "Your request is with the practice"
    assert [row["deed"] for row in rows(engine, Audit)] == ["invited", "link_requested", "saw_list"]


def test_a_second_request_for_the_same_person_is_refused_plainly(maya: Visitor, engine: Engine, clinic: Clinic) -> None:
    before = rows(engine, GuardianLink)
    answer = enter(maya, code_for(engine, clinic, "leo", "guardian"), BORN["leo"])
    assert answer.page.problems == ["You act for this person already, or have asked to."]
    assert rows(engine, GuardianLink) == before
    assert rows(engine, GuardianLinkChange) == []


def test_nobody_becomes_their_own_guardian(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    answer = enter(ada, code_for(engine, clinic, "ada", "guardian"), BORN["ada"])
    assert answer.page.problems == ["This code is about your own record. You need no code to act for yourself."]


def test_whoever_is_not_of_age_becomes_no_guardian(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    answer = enter(omar, code_for(engine, clinic, "nia", "guardian"), BORN["nia"])
    assert answer.page.problems == ["This is not possible at this age. Call the practice."]


@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        ({"code": ""}, ["Enter the code"]),
        ({"code": "x" * 61}, ["Enter a shorter code"]),
        ({"birth_day": "30", "birth_month": "2"}, ["Enter a date of birth that is in the calendar, with the year in full"]),
    ],
)
def test_what_is_missing_is_said_and_costs_no_try(
    answers: dict[str, str], problems: list[str], omar: Visitor, engine: Engine, clinic: Clinic
) -> None:
    full = {"code": code_for(engine, clinic, "sam"), "birth_day": "29", "birth_month": "2", "birth_year": "2012"}
    answer = omar.send(omar.page("/people/code"), "code", **{**full, **answers})
    assert (answer.status, answer.page.problems) == (422, problems)
    assert [row["tries"] for row in rows(engine, Invitation)] == [0]


def open_to_all(engine: Engine) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Account).values(sign_up="open"))


def test_somebody_new_gets_a_record_of_their_own(omar: Visitor, engine: Engine, clinic: Clinic) -> None:
    open_to_all(engine)
    change(engine, clinic.user("omar"), name="Ada Berg", born_on=BORN["ada"])
    page = omar.page("/people/new")
    assert {"given_name": "Ada", "family_name": "Berg"}.items() <= dict(page.form_with("given_name").values).items()
    assert omar.send(page, "given_name").location == "/appointments"
    mine = own_record(engine, clinic)
    assert mine not in (None, clinic.patient("ada"))
    [row] = [row for row in rows(engine, Patient) if row["id"] == mine]
    assert (row["given_name"], row["family_name"], row["born_on"], row["account_id"]) == ("Ada", "Berg", BORN["ada"], clinic.account_id)
    assert [row["deed"] for row in rows(engine, Audit)] == ["joined"]


def test_a_practice_that_hands_out_codes_makes_no_records_by_itself(omar: Visitor, engine: Engine) -> None:
    before = rows(engine, Patient)
    assert omar.get("/people/new").location == "/people/code"
    token = dict(omar.page("/people/code").form_with("code").values)["csrf_token"]
    fields = [("csrf_token", token), ("given_name", "A"), ("family_name", "B")]
    assert omar.ask("POST", "/people/new", fields).location == "/people/code"
    assert rows(engine, Patient) == before


def test_who_has_a_record_is_not_new(ada: Visitor, engine: Engine) -> None:
    open_to_all(engine)
    assert ada.get("/people/new").location == "/people/code"


def test_a_record_is_made_once(omar: Visitor, engine: Engine) -> None:
    open_to_all(engine)
    page = omar.page("/people/new")
    before = len(rows(engine, Patient))
    assert [omar.send(page, "given_name", given_name="A", family_name="B").status for _ in range(2)] == [303, 303]
    assert len(rows(engine, Patient)) == before + 1
