"""Who has seen this: what a patient, and what a guardian, reads about what was seen and done."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.domain.audit import Deed, Door, Origin
from portal.services import audit
from portal.services.audit import Done
from portal.storage.engine import begin_write, sessions
from portal.storage.people import User
from portal.storage.schedule import Schedule
from tests.api.appointments import LIST, ONE, booked
from tests.api.caller import Caller, key_of
from tests.clinic import NOW, Clinic
from tests.web.client import signed_in
from tests.web.conftest import Ids
from tests.web.visitor import Visitor

LOCAL = "127.0.0.1"


def about(clinic: Clinic, name: str, query: str = "") -> str:
    return f"/people/{clinic.patient(name)}/seen{query}"


def add(engine: Engine, clinic: Clinic, done: Done, by: str | Origin, count: int = 1) -> None:
    """Write down something that others did."""
    actor = by if isinstance(by, Origin) else replace(clinic.actor(by), origin=Origin(Door.PAGE, "203.0.113.7"))
    with sessions(engine).begin() as session:
        begin_write(session)
        for place in range(count):
            audit.record(session, actor, done, NOW + timedelta(minutes=place))


def test_a_guardian_reads_what_was_done_for_the_child(maya: Visitor, clinic: Clinic, leo: Ids) -> None:
    maya.page(f"/appointments/{leo['schedule_id']}")
    page = maya.page(about(clinic, "leo"))
    assert page.heading == "Who has seen this"
    assert "You, acting for Leo, saw the appointment on Tuesday, March 2" in page.text
    assert "You, acting for Leo, booked the appointment on Tuesday, March 2" in page.text
    assert f"Monday, March 1, 2027, 3:00 am, Eastern Time \u00b7 On a page \u00b7 network address {LOCAL}" in page.text


def test_to_look_at_the_list_stands_in_it_the_next_time(maya: Visitor, clinic: Clinic, leo: Ids) -> None:
    assert leo
    assert "looked at this list" not in maya.page(about(clinic, "leo")).text
    assert "You, acting for Leo, looked at this list" in maya.page(about(clinic, "leo")).text


def test_the_other_guardian_reads_who_it_was_but_not_from_where(app: Flask, engine: Engine, clinic: Clinic, leo: Ids) -> None:
    add(engine, clinic, Done(clinic.patient("leo"), Deed.SAW_SCHEDULE, leo["schedule_id"], clinic.link("maya", "leo")), "maya")
    text = signed_in(app, clinic, "grace").page(about(clinic, "leo")).text
    assert "Maya Berg, acting for Leo, saw the appointment on Tuesday, March 2" in text
    assert "203.0.113.7" not in text


def test_the_patient_reads_from_where_others_looked(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    add(engine, clinic, Done(clinic.patient("ada"), Deed.SAW_LIST), "omar")
    text = ada.page(about(clinic, "ada")).text
    assert "Omar Berg listed appointments" in text
    assert "network address 203.0.113.7" in text


def test_programs_and_the_practice_are_named(app: Flask, ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    own, practice = Caller(app, key_of(engine, clinic, "ada", NOW)), Caller(app, key_of(engine, clinic, None, NOW))
    schedule_id = booked(own, clinic)
    practice.get(ONE, ID=schedule_id, UserId=clinic.user("ada"), AccountId=clinic.account_id)
    add(engine, clinic, Done(clinic.patient("ada"), Deed.INVITED), Origin(Door.COMMAND, name="N. Reyes"))
    text, ids = ada.page(about(clinic, "ada")).text, [str(one.key).split("_")[1] for one in (own, practice)]
    assert f"A program with a key of yours ({ids[0]}) booked the appointment on Tuesday, March 2" in text
    assert f"A program of the practice ({ids[1]}), for Ada Berg, saw the appointment on Tuesday, March 2" in text
    assert "The practice (N. Reyes) made an invitation to sign in" in text


def test_a_key_of_a_guardian_is_named_as_theirs(app: Flask, engine: Engine, clinic: Clinic, leo: Ids) -> None:
    program = Caller(app, key_of(engine, clinic, "maya", NOW))
    program.get(LIST, PatientId=leo["patient_id"])
    text = signed_in(app, clinic, "grace").page(about(clinic, "leo")).text
    assert f"A program with a key of Maya Berg ({str(program.key).split('_')[1]}), acting for Leo, listed appointments" in text


@pytest.mark.parametrize("deed", [deed for deed in Deed if deed.value.startswith("link_") or deed in (Deed.AGREED, Deed.DISAGREED)])
def test_what_became_of_a_link_names_the_guardian(deed: Deed, maya: Visitor, engine: Engine, clinic: Clinic) -> None:
    add(engine, clinic, Done(clinic.patient("leo"), deed, clinic.link("grace", "leo")), Origin(Door.COMMAND))
    text = maya.page(about(clinic, "leo")).text
    assert "The practice " in text
    assert "access for Grace Berg" in text


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_deed_has_words(deed: Deed, language: str, ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).values(language=language))
    detail = NOW.isoformat() if deed is Deed.MOVED else ""
    add(engine, clinic, Done(clinic.patient("ada"), deed, uuid4(), detail=detail), "omar")
    assert "Omar Berg" in ada.page(about(clinic, "ada")).text


def test_what_is_private_the_patient_alone_reads(maya: Visitor, app: Flask, engine: Engine, clinic: Clinic, leo: Ids) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Schedule).values(private=True))
        session.execute(update(User).where(User.id == clinic.user("grace")).values(patient_id=clinic.patient("leo")))
    add(engine, clinic, Done(clinic.patient("leo"), Deed.CANCELLED, leo["schedule_id"], private=True), Origin(Door.COMMAND))
    assert "cancelled" not in maya.page(about(clinic, "leo")).text
    assert maya.get(about(clinic, "leo", f"?schedule={leo['schedule_id']}")).status == 404
    young = signed_in(app, clinic, "grace")
    assert "The practice cancelled the appointment" in young.page(about(clinic, "leo", f"?schedule={leo['schedule_id']}")).text


def test_one_appointment_alone_is_shown_from_its_page(maya: Visitor, engine: Engine, clinic: Clinic, leo: Ids) -> None:
    add(engine, clinic, Done(clinic.patient("leo"), Deed.CHANGED_PERSON), "maya")
    link = about(clinic, "leo", f"?schedule={leo['schedule_id']}")
    assert f'href="{link}"' in maya.get(f"/appointments/{leo['schedule_id']}").body
    text = maya.page(link).text
    assert "booked the appointment" in text
    assert "personal details" not in text


@pytest.mark.parametrize(
    "query", ["?schedule=x", f"?schedule={UUID(int=1)}", "?before=0", "?before=x", "?after=-1", f"?after={2**31}", "?before=1_0"]
)
@pytest.mark.usefixtures("leo")
def test_what_is_not_there_is_not_found(query: str, maya: Visitor, clinic: Clinic) -> None:
    assert maya.get(about(clinic, "leo", query)).status == 404


def test_anothers_appointment_is_not_found_here(maya: Visitor, clinic: Clinic, leo: Ids) -> None:
    assert maya.get(about(clinic, "nia", f"?schedule={leo['schedule_id']}")).status == 404


def test_long_lists_come_in_parts(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    add(engine, clinic, Done(clinic.patient("ada"), Deed.SAW_LIST), "omar", 120)
    newest = ada.get(about(clinic, "ada")).body
    middle = ada.get(about(clinic, "ada", "?before=71")).body
    last = ada.get(about(clinic, "ada", "?before=21")).body
    assert [page.count("Omar Berg listed") for page in (newest, middle, last)] == [50, 50, 20]
    assert ["?before=71" in newest, "?after=" in newest] == [True, False]
    assert ["?before=21" in middle, "?after=70" in middle] == [True, True]
    assert [">Older<" in last, "?after=20" in last] == [False, True]
    again = ada.get(about(clinic, "ada", "?after=20")).body
    assert (again.count("Omar Berg listed"), "?after=70" in again, "?before=21" in again) == (50, True, True)


def test_the_account_leads_to_ones_own_list(ada: Visitor, app: Flask, clinic: Clinic) -> None:
    assert 'href="/account/seen"' in ada.get("/account").body
    assert ada.get("/account/seen").location == about(clinic, "ada")
    grace = signed_in(app, clinic, "grace")
    assert 'href="/account/seen"' not in grace.get("/account").body
    assert grace.get("/account/seen").status == 404
