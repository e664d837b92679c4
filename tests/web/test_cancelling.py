from sqlalchemy import Engine

from tests.clinic import Clinic
from tests.services.scene import booked
from tests.web.visitor import Visitor


def test_the_page_names_the_visit_and_says_until_when(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.page(f"/appointments/{booked(engine, clinic)}/cancel")
    for fact in ("Ada Berg", "Dr Chen", "March 2", "10:00 am", "You can cancel online until", "Keep it"):
        assert fact in page.text


def test_a_cancelled_visit_says_so_with_its_reason_and_its_history(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(engine, clinic)
    answer = ada.send(ada.page(f"/appointments/{schedule_id}/cancel"), "reason", reason="Well again")
    assert (answer.status, answer.location) == (303, f"/appointments/{schedule_id}")
    text = ada.page(f"/appointments/{schedule_id}").text
    for fact in ("This appointment has been cancelled.", "Reason: Well again", "Booked by", "Cancelled by"):
        assert fact in text
