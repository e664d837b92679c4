"""One's own password and address: changed with proof, told by mail, and with every other browser signed out."""

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.domain.sign_in_tries import FAST
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.people import User, UserSession
from portal.storage.proofs import Proof
from tests.clinic import PASSWORD, Clinic
from tests.stored import rows
from tests.web.client import Clock, engine_of, signed_in, visitor
from tests.web.page import Answer
from tests.web.post import noted, opened, outbox, path_in, press
from tests.web.visitor import Visitor

NEW = "seven green barrels roll"


def change(person: Visitor, **answers: str) -> Answer:
    return person.send(person.page("/account/password"), "present", **{"present": PASSWORD, "password": NEW, **answers})


def wish_for(person: Visitor, email: str) -> Answer:
    return person.send(person.page("/account/email"), "email", email=email)


def email_of(engine: Engine, clinic: Clinic, name: str = "ada") -> str:
    return str(next(row["email"] for row in rows(engine, User) if row["id"] == clinic.user(name)))


def test_6_2_2_a_password_is_changed_and_told(ada: Visitor, app: Flask, engine: Engine, clinic: Clinic) -> None:
    answer = change(ada)
    assert (answer.status, answer.location) == (303, "/account/password/changed")
    assert [(mail.kind, mail.to) for mail in outbox(engine)] == [("password_changed", "ada@example.org")]
    other = visitor(app.test_client())
    assert other.sign_in(clinic.email("ada"), PASSWORD).status == 422
    assert other.sign_in(clinic.email("ada"), NEW).status == 303


@pytest.mark.parametrize(
    ("present", "problem"), [("", "Enter your present password"), ("wrong", "The password is not right"), (NEW, "The password is not right")]
)
def test_6_2_3_without_the_present_password_nothing_changes(present: str, problem: str, ada: Visitor, engine: Engine) -> None:
    before = rows(engine, User)
    answer = change(ada, present=present)
    assert (answer.status, answer.page.problems) == (422, [problem])
    assert (rows(engine, User), rows(engine, Mail)) == (before, [])


def test_6_2_4_the_new_password_keeps_to_the_rules(ada: Visitor, engine: Engine) -> None:
    before = rows(engine, User)
    assert change(ada, password="passwordpassword").page.problems == ["Choose another password: this one is among the first that others would try"]
    assert change(ada, password="ada@example.org").status == 422
    assert change(ada, password="vwkqtznbxrplmg").page.problems == ["Enter a password of at least 15 characters"]
    assert rows(engine, User) == before


def test_a_new_password_ends_every_other_session(ada: Visitor, app: Flask, clinic: Clinic, engine: Engine) -> None:
    phone, omar = signed_in(app, clinic, "ada"), signed_in(app, clinic, "omar")
    change(ada)
    assert [person.get("/appointments").status for person in (ada, phone, omar)] == [200, 303, 200]
    assert len([row for row in rows(engine, UserSession) if row["revoked_at"]]) == 1


def test_a_new_password_ends_links_that_were_sent_before(ada: Visitor, app: Flask, clinic: Clinic, engine: Engine) -> None:
    other = visitor(app.test_client())
    other.send(other.page("/reset"), "email", email=clinic.email("ada"))
    change(ada)
    assert opened(other, path_in(engine, "reset")).status == 404


def test_the_present_password_cannot_be_tried_without_end(ada: Visitor) -> None:
    assert {change(ada, present="wrong").status for _ in range(FAST)} == {422}
    assert change(ada).status == 429


def test_past_16_a_new_address_counts_when_its_mail_was_read(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    assert wish_for(ada, " New@Example.org").location == "/account/email/sent"
    assert email_of(engine, clinic) == "ada@example.org"
    assert "new@example.org" in opened(ada, path_in(engine, "confirm_email")).page.text
    assert email_of(engine, clinic) == "ada@example.org"
    assert press(ada, "/account/email/confirm").location == "/account/email/changed"
    assert email_of(engine, clinic) == "new@example.org"
    assert [(mail.kind, mail.to) for mail in outbox(engine)] == [("confirm_email", "new@example.org"), ("email_changed", "ada@example.org")]


def test_a_link_to_a_new_address_works_where_nobody_is_signed_in_and_once(ada: Visitor, stranger: Visitor, engine: Engine, clinic: Clinic) -> None:
    wish_for(ada, "new@example.org")
    path = path_in(engine, "confirm_email")
    opened(stranger, path)
    assert press(stranger, "/account/email/confirm").status == 303
    assert stranger.get("/appointments").status == 303
    assert opened(stranger, path).status == 404
    assert stranger.sign_in("new@example.org").location == "/appointments"
    assert email_of(engine, clinic) == "new@example.org"


def test_past_16_an_address_in_use_is_never_taken_and_told_to_nobody(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    free, taken = wish_for(ada, "new@example.org"), wish_for(ada, clinic.email("maya"))
    assert (free.status, free.location, free.body) == (taken.status, taken.location, taken.body)
    assert [(mail.kind, mail.to) for mail in outbox(engine)] == [("already_signed_up", "maya@example.org"), ("confirm_email", "new@example.org")]
    assert "Ada" not in str(outbox(engine)[0].facts)
    assert (email_of(engine, clinic), email_of(engine, clinic, "maya")) == ("ada@example.org", "maya@example.org")


def test_6_3_8_an_address_in_use_takes_as_many_statements(ada: Visitor, app: Flask, clinic: Clinic) -> None:
    pages = {email: ada.page("/account/email") for email in ("new@example.org", clinic.email("maya"))}
    sent = []
    for email, page in pages.items():
        with noted(engine_of(app)) as statements:
            ada.send(page, "email", email=email)
        sent.append(statements)
    assert sent[0] == sent[1] != []


def test_an_address_that_somebody_took_meanwhile_is_not_taken(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    wish_for(ada, "new@example.org")
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).where(User.id == clinic.user("omar")).values(email="new@example.org"))
    opened(ada, path_in(engine, "confirm_email"))
    assert press(ada, "/account/email/confirm").status == 404
    assert email_of(engine, clinic) == "ada@example.org"


@pytest.mark.parametrize("email", ["new@example.org\r\nBcc: eve@example.org", "new", "a@b@c", "<new@example.org>", ""])
def test_1_3_11_what_is_no_address_is_refused(email: str, ada: Visitor, engine: Engine) -> None:
    assert wish_for(ada, email).status == 422
    assert (rows(engine, Mail), rows(engine, Proof)) == ([], [])


def test_the_account_page_leads_to_each(ada: Visitor) -> None:
    html = ada.page("/account").html
    assert [place for place in ("/account/password", "/account/email", "/people/code") if f'href="{place}"' not in html] == []


def test_an_address_is_not_changed_by_fields_that_were_made_up(ada: Visitor, engine: Engine, clinic: Clinic, clock: Clock) -> None:
    form = ada.page("/account/password").form_with("present")
    extra = {"email": "eve@example.org", "role": "staff", "patient_id": str(clinic.patient("leo")), "user_id": str(clinic.user("maya"))}
    before = [{name: value for name, value in row.items() if name != "password_hash"} for row in rows(engine, User)]
    assert ada.ask("POST", form.action, form.filled({"present": PASSWORD, "password": NEW, **extra})).status == 303
    clock.passes(minutes=1)
    assert [{name: value for name, value in row.items() if name != "password_hash"} for row in rows(engine, User)] == before
