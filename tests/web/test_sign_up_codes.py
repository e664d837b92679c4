"""Signing up with a code of the practice: it says which practice, and joins nobody without the birthday."""

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.storage.clinic import Account
from portal.storage.engine import begin_write, sessions
from portal.storage.people import GuardianLink, User
from tests.clinic import Clinic, key
from tests.services.codes import code_for
from tests.stored import rows
from tests.web.client import visitor
from tests.web.newcomers import DONE, alone, made, sign_up
from tests.web.post import outbox
from tests.web.visitor import Visitor


@pytest.fixture(autouse=True)
def open_to_all(engine: Engine, clinic: Clinic) -> None:  # noqa: ARG001 - the practice must be there first
    alone(engine)


def test_past_17_an_invitation_does_not_overwrite_an_account(stranger: Visitor, engine: Engine, clinic: Clinic) -> None:
    code, before = code_for(engine, clinic, "leo"), rows(engine, User)
    sign_up(stranger, email=clinic.email("ada"), code=code)
    assert [mail.kind for mail in outbox(engine)] == ["already_signed_up"]
    assert rows(engine, User) == before


def test_where_codes_are_needed_nobody_signs_up_without_one(stranger: Visitor, engine: Engine) -> None:
    alone(engine, "invitation")
    assert "You need one to make an account." in stranger.page("/sign-up").text
    assert sign_up(stranger).page.problems == ["Enter the code that the practice gave you"]
    assert outbox(engine) == []


def test_with_ones_own_code_the_new_account_has_the_record(stranger: Visitor, engine: Engine, clinic: Clinic) -> None:
    alone(engine, "invitation")
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).where(User.id == clinic.user("ada")).values(patient_id=None))
    code = code_for(engine, clinic, "ada")
    answer = made(stranger, engine, code=code.lower(), birth_month="5", birth_day="2", birth_year="1988")
    assert answer.location == f"{DONE}nothing"
    assert [row["patient_id"] for row in rows(engine, User) if row["email"] == "noa@example.org"] == [clinic.patient("ada")]


def test_past_28_with_another_birthday_the_code_joins_nobody(stranger: Visitor, engine: Engine, clinic: Clinic) -> None:
    answer = made(stranger, engine, code=code_for(engine, clinic, "nia"))
    assert answer.location == f"{DONE}code"
    assert [row["patient_id"] for row in rows(engine, User) if row["email"] == "noa@example.org"] == [None]


def test_a_guardians_code_waits_for_the_birthday_of_the_child(stranger: Visitor, engine: Engine, clinic: Clinic) -> None:
    before = rows(engine, GuardianLink)
    assert made(stranger, engine, code=code_for(engine, clinic, "leo", "guardian")).location == f"{DONE}code"
    assert 'next=/people/code"' in stranger.get(f"{DONE}code").body
    assert rows(engine, GuardianLink) == before


def test_with_several_practices_the_code_says_which(app: Flask, stranger: Visitor, engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        words = {"phone": "", "help_hours": "", "emergency": ""}
        session.add(Account(id=key("account", "other"), key="other", name="Other", time_zone="UTC", sign_up="open", revision=1, **words))
    assert sign_up(stranger).page.problems == ["Enter the code that the practice gave you"]
    made(visitor(app.test_client()), engine, code=code_for(engine, clinic, "ada"))
    assert [row["account_id"] for row in rows(engine, User) if row["email"] == "noa@example.org"] == [clinic.account_id]
