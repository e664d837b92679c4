"""What is over or called off, and finding an appointment by its reference."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from portal.domain.audit import Deed
from portal.domain.schedule import Status, shown_reference
from portal.storage.audit import Audit
from portal.storage.engine import begin_write, sessions
from tests.clinic import NOW, Clinic, schedule
from tests.services.scene import TEN, booked, cancel, stored
from tests.stored import rows
from tests.web.page import elements, text_of
from tests.web.visitor import Visitor


def add_past(engine: Engine, clinic: Clinic, count: int, **changes: object) -> None:
    """Let Ada have been there once a day, until yesterday."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.add_all(schedule(clinic, NOW - timedelta(days=1 + place), **{"status": Status.FULFILLED, **changes}) for place in range(count))


def listed(person: Visitor, url: str = "/appointments/past") -> list[str]:
    return [text_of(item) for item in elements(person.page(url).root, "li")]


def test_without_any_the_page_says_so(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    booked(engine, clinic)
    assert "There are no past or cancelled appointments." in ada.page("/appointments/past").text


def test_past_and_cancelled_ones_are_listed_newest_first(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    add_past(engine, clinic, 2)
    cancel(engine, clinic, booked(engine, clinic))
    booked(engine, clinic, start=TEN + timedelta(days=1))
    days = ("Tuesday, March 2, 2027", "Sunday, February 28, 2027", "Saturday, February 27, 2027")
    assert [item.startswith(day) for item, day in zip(listed(ada), days, strict=True)] == [True] * 3
    assert [word in item for item, word in zip(listed(ada), ("Cancelled", "Completed", "Completed"), strict=True)] == [True] * 3


def test_fifty_stand_on_a_page(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    add_past(engine, clinic, 51)
    assert len(listed(ada)) == 50
    assert len(listed(ada, "/appointments/past?page=2")) == 1
    links = [text_of(link) for link in elements(ada.page("/appointments/past").root, "a")]
    assert ("Older" in links, "Newer" in links) == (True, False)


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999", "", "\u0661"])
def test_a_page_that_is_no_number_is_not_found(number: str, ada: Visitor) -> None:
    assert ada.get(f"/appointments/past?page={number}").status == 404


def test_a_guardian_sees_those_of_one_person(maya: Visitor, engine: Engine, clinic: Clinic) -> None:
    for patient, days in (("leo", 0), ("nia", 1)):
        cancel(engine, clinic, booked(engine, clinic, patient, TEN + timedelta(days=days)), "maya")
    assert ["Leo Berg" in item for item in listed(maya)] == [False, True]
    assert ["Nia Berg" in item for item in listed(maya, f"/appointments/past?person={clinic.patient('nia')}")] == [True]
    assert maya.get(f"/appointments/past?person={clinic.patient('ada')}").status == 404


def test_private_ones_are_told_to_the_patient_alone(maya: Visitor, engine: Engine, clinic: Clinic) -> None:
    add_past(engine, clinic, 1, patient_id=clinic.patient("leo"), private=True)
    assert "There are no past or cancelled appointments." in maya.page("/appointments/past").text


def test_to_list_them_is_written_down(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    add_past(engine, clinic, 2)
    ada.page("/appointments/past")
    assert [(row["deed"], row["patient_id"], row["detail"]) for row in rows(engine, Audit)] == [(Deed.SAW_LIST, clinic.patient("ada"), "2")]


def test_a_reference_leads_to_the_appointment(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    reference = shown_reference(stored(engine, schedule_id)["reference"])
    for typed in (reference, reference.lower().replace("-", "")):
        answer = ada.get(f"/appointments/find?reference={typed}")
        assert (answer.status, answer.location) == (303, f"/appointments/{schedule_id}")


def test_a_reference_of_others_looks_like_none(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    theirs = stored(engine, booked(engine, clinic, "omar"))["reference"]
    for typed in (theirs, "22222222", "x", "", "'\"<b>", "\u0661" * 8):
        answer = ada.get(f"/appointments/find?reference={typed}")
        assert answer.status == 422
        assert "You have no appointment with this reference." in answer.page.text
