"""Choosing when to be reminded of visits, in the browser."""

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.storage.audit import Audit
from portal.storage.people import User
from tests.clinic import Clinic
from tests.stored import rows
from tests.web.client import signed_in
from tests.web.visitor import Visitor

URL = "/account/reminders"


def ticked(person: Visitor) -> list[str]:
    return [value for name, value in person.page(URL).form_with("hours").values if name == "hours"]


def test_without_a_choice_it_is_a_day_before(ada: Visitor) -> None:
    assert ticked(ada) == ["24"]
    assert "None are sent from 9:00 pm to 8:00 am" in ada.page(URL).text.replace("\u00a0", " ")


@pytest.mark.parametrize("hours", [("168", "2"), ()])
def test_several_times_may_be_chosen_and_none(hours: tuple[str, ...], ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    assert ada.send(ada.page(URL), "hours", hours=hours).location == URL
    assert ticked(ada) == list(hours)
    assert [row["reminder_hours"] for row in rows(engine, User) if row["id"] == clinic.user("ada")] == [" ".join(hours)]
    assert [row["detail"] for row in rows(engine, Audit)] == ["reminders"]


@pytest.mark.parametrize("hours", [("3",), ("24", "x"), ("-2",)])
def test_only_times_on_offer_are_kept(hours: tuple[str, ...], ada: Visitor) -> None:
    answer = ada.send(ada.page(URL), "hours", hours=hours)
    assert (answer.status, answer.page.problems) == (422, ["Choose one of the answers shown"])
    assert ticked(ada) == ["24"]


def test_who_has_no_patient_record_chooses_too(app: Flask, clinic: Clinic) -> None:
    grace = signed_in(app, clinic, "grace")
    assert grace.send(grace.page(URL), "hours", hours=("48",)).status == 303
    assert ticked(grace) == ["48"]
