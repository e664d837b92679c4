"""The pages about who acts for whom."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.services.proxies import OFFER_PATH
from portal.storage.outbox import Mail
from portal.storage.people import GuardianLink, GuardianRequest
from tests.clinic import NOW, Clinic
from tests.links import change_link, is_born, link
from tests.stored import rows
from tests.web.client import signed_in
from tests.web.page import Answer
from tests.web.visitor import Visitor

ASKED = {"name": "Kim Berg", "born_on": "2019-01-01", "relationship": "aunt", "basis": "legal_guardian", "evidence": "A paper"}


def states(engine: Engine, clinic: Clinic, guardian: str, patient: str) -> list[str]:
    links = [row for row in rows(engine, GuardianLink) if row["user_id"] == clinic.user(guardian)]
    return [row["state"] for row in links if row["patient_id"] == clinic.patient(patient)]


def test_a_guardian_reads_for_whom_they_care_and_what_will_change(maya: Visitor) -> None:
    text = maya.page("/people").text
    for words in (
        "Leo Berg",
        "Nia Berg",
        "May: see appointments, book and move appointments, cancel appointments, read reasons and notes, see documents",
    ):
        assert words in text
    assert "February 28, 2030, the birthday at 12, only with the young person's agreement" in text


def test_a_patient_without_links_reads_that_nobody_acts_for_them(ada: Visitor) -> None:
    text = ada.page("/people").text
    assert "You care for nobody else here." in text
    assert "Nobody can act for you." in text


def test_the_guardians_of_a_child_are_shown_as_equals(maya: Visitor, clinic: Clinic) -> None:
    text = maya.page(f"/people/{clinic.patient('leo')}").text
    assert all(name in text for name in ("Maya Berg", "Grace Berg"))
    assert "@" not in text


def test_ones_own_record_is_no_dependant(maya: Visitor, clinic: Clinic) -> None:
    assert maya.get(f"/people/{clinic.patient('maya')}").location == "/people"


@pytest.mark.parametrize("name", ["Leo Berg", "Nobody At All"])
def test_a_request_is_answered_alike_whoever_it_names(name: str, ada: Visitor, engine: Engine) -> None:
    form = ada.page("/people/ask").form_with("name")
    answer = ada.ask("POST", form.action, form.filled({**ASKED, "name": name}))
    assert (answer.status, answer.location) == (303, "/people/sent")
    assert "Until then nothing changes." in ada.page("/people/sent").text
    assert [(row["name"], row["state"]) for row in rows(engine, GuardianRequest)] == [(name, "requested")]
    assert f"{name} Asked on" in ada.page("/people").text


def test_a_request_with_nothing_in_it_says_all_that_is_missing(ada: Visitor, engine: Engine) -> None:
    answer = ada.send(ada.page("/people/ask"), "name", born_on="yesterday")
    assert answer.status == 422
    assert len(answer.page.problems) == 5
    assert rows(engine, GuardianRequest) == []


def test_a_guardian_stops_only_with_a_reason(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    url = f"/people/links/{clinic.link('maya', 'leo')}/stop"
    assert maya.send(maya.page(url), "reason", reason=" ").page.problems == ["Say in a few words why"]
    assert maya.send(maya.page(url), "reason", reason="We part").location == "/people"
    assert states(engine, clinic, "maya", "leo") == ["ended"]
    assert maya.get(f"/people/{clinic.patient('leo')}").status == 404
    assert maya.get(url).status == 404


def _invited(ada: Visitor, engine: Engine) -> str:
    answer = ada.send(ada.page("/people/invite"), "email", email="omar@example.org", relationship="friend", rights="book", until="2027-12-31")
    assert (answer.status, answer.location) == (303, "/people/invited")
    [mail] = [row for row in rows(engine, Mail) if row["kind"] == "proxy_offered"]
    path = str(json.loads(mail["facts"])["path"])
    assert path.startswith(OFFER_PATH)
    return path


def test_an_adult_invites_another_who_accepts(app: Flask, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    path = _invited(ada, engine)
    omar = signed_in(app, clinic, "omar")
    page = omar.page(path)
    assert "May: see appointments, book and move appointments" in page.text
    assert states(engine, clinic, "omar", "ada") == []
    [form] = [one for one in page.forms if one.action == path]
    assert omar.ask("POST", path, form.values).location == "/people"
    assert states(engine, clinic, "omar", "ada") == ["active"]
    assert "Omar Berg" in ada.page("/people").text
    assert "Ada Berg" in omar.page("/people").text


def test_an_invitation_is_nobody_elses(ada: Visitor, maya: Visitor, engine: Engine) -> None:
    path = _invited(ada, engine)
    assert [maya.get(path).status, ada.get(path).status, maya.get(f"{OFFER_PATH}{uuid4()}").status] == [404] * 3


def test_the_patient_narrows_renews_and_ends(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    url = f"/people/links/{link(engine, clinic, 'omar', 'ada')}"
    ada.send(ada.page(f"{url}/narrow"), "rights", rights="cancel")
    assert "May: see appointments, cancel appointments" in ada.page("/people").text
    too_long = ada.send(ada.page(f"{url}/renew"), "until", until="2029-01-01")
    assert too_long.page.problems == ["Enter a date no more than 18 months ahead"]
    ada.send(ada.page(f"{url}/renew"), "until", until="2028-02-01")
    assert "February 1, 2028" in ada.page("/people").text
    ada.send(ada.page(f"{url}/end"), "reason", reason="No need")
    assert states(engine, clinic, "omar", "ada") == ["ended"]
    assert "No need" in ada.page("/people").text


def _press(person: Visitor, url: str) -> Answer:
    [form] = [one for one in person.page(url).forms if one.action == url]
    return person.ask("POST", url, form.values)


def test_a_young_person_decides_whether_a_parent_acts(app: Flask, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    is_born(engine, clinic, "ada", date(2013, 1, 1))
    url = f"/people/links/{link(engine, clinic, 'omar', 'ada', basis='parent', ends_at=None)}"
    omar = signed_in(app, clinic, "omar")
    assert "Nothing until Ada Berg agrees." in omar.page("/people").text
    assert omar.get(f"/people/{clinic.patient('ada')}").status == 404
    _press(ada, f"{url}/agree")
    assert omar.get(f"/people/{clinic.patient('ada')}").status == 200
    _press(ada, f"{url}/disagree")
    assert omar.get(f"/people/{clinic.patient('ada')}").status == 404
    assert [ada.get(f"{url}/end").status, ada.get("/people/invite").status, omar.get(f"{url}/agree").status] == [404] * 3


def test_a_link_that_has_run_out_is_shown_as_ended(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    change_link(engine, clinic.link("maya", "leo"), ends_at=NOW - timedelta(days=1))
    assert "Nothing any more." in maya.page("/people").text
    assert maya.get(f"/people/{clinic.patient('leo')}").status == 404
