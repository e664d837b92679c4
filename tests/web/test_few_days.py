"""Clinicians who work on few days: the first days with times are shown, however few there are."""

import pytest
from sqlalchemy import Engine, delete, update

from portal.storage import clinic as tables
from portal.storage.engine import begin_write, sessions
from tests.clinic import NOW, Clinic
from tests.web.visitor import Visitor, wish


@pytest.mark.parametrize("weekdays", [[NOW.weekday()], [NOW.weekday(), NOW.weekday() + 2], [NOW.weekday() + 1], []], ids=str)
def test_the_time_page_is_shown(weekdays: list[int], ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic), "time").page
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(delete(tables.WorkingHours).where(tables.WorkingHours.weekday.not_in(weekdays)))
        session.execute(update(tables.Account).values(revision=tables.Account.revision + 1))
    answer = ada.ask("GET", page.form_with("first_choice").action)
    assert (answer.status, answer.page.heading) == (200, "Choose a time")
