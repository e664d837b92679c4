"""The journey while things change: other days, other languages, a practice that stops offering, a session that ends."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.storage import clinic as tables
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Draft, Occupancy, Schedule
from tests.clinic import Clinic
from tests.stored import rows
from tests.web.client import Clock, signed_in
from tests.web.conftest import Ids
from tests.web.journeys import base, rival
from tests.web.visitor import Visitor, wish

STEPS = ("provider", "visit", "reasons", "time", "check")


@pytest.mark.parametrize("path", ["time", "time?day=2027-03-03", "time?from=2027-03-08&day=2027-03-09"])
def test_one_address_answers_the_page_or_its_times(path: str, maya: Visitor, leo: Ids) -> None:
    url = f"/booking/{leo['patient_id']}/{leo['draft_id']}/{path}"
    page, part, restored = maya.get(url), maya.get(url, HX_Request="true"), maya.get(url, HX_Request="true", HX_History_Restore_Request="true")
    assert part.headers["HX-Replace-Url"] == url
    assert "<h1>" not in part.body
    assert 'id="times"' in part.body
    assert [whole.page.heading for whole in (page, restored)] == ["Choose a time"] * 2


def test_the_times_offered_on_the_page_and_in_the_part_are_the_same(maya: Visitor, leo: Ids) -> None:
    url = f"/booking/{leo['patient_id']}/{leo['draft_id']}/time?day=2027-03-04"
    part = maya.get(url, HX_Request="true").body
    offered = maya.page(url).form_with("first_choice").offered("first_choice")
    assert len(offered) == 26
    assert [time for time in offered if f'value="{time}"' not in part] == []


def test_choosing_a_speciality_shows_its_clinicians_alone(ada: Visitor, clinic: Clinic) -> None:
    url = ada.walk(wish(clinic), "provider").page.form_with("provider").action.partition("?")[0]
    part = ada.get(f"{url}?speciality={clinic.speciality('paediatrics')}", HX_Request="true")
    assert [name in part.body for name in ("Dr Novak", "Dr Byrne", "Dr Chen", "<h1>")] == [True, True, False, False]


@pytest.mark.parametrize(
    "query",
    [
        "day=9999-12-31", "day=0001-01-01", "from=9999-12-31", "from=9999-12-20&day=0001-01-01", "day=2027-02-30", "day=2027-3-2", "day=x",
        "day=&from=", "day=2027-W09-1", "day=\u0662\u0660\u0662\u0667-03-02", "step=x", "self=x", "day=%00", "day=%ff", "day=2027-03-02&day=x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("headers", [{}, {"HX_Request": "true"}], ids=["page", "part"])
def test_a_query_that_makes_no_sense_still_shows_times(query: str, headers: dict[str, str], maya: Visitor, leo: Ids) -> None:
    assert maya.get(f"/booking/{leo['patient_id']}/{leo['draft_id']}/time?{query}", **headers).status == 200


@pytest.mark.parametrize("speciality", ["x", "", "00000000-0000-0000-0000-000000000000", "None"])
def test_a_speciality_that_is_none_shows_no_clinicians(speciality: str, ada: Visitor, clinic: Clinic) -> None:
    url = ada.send(ada.page("/booking"), "patient", patient=str(clinic.patient("ada"))).location
    assert "Dr Chen" not in ada.page(f"{url}?speciality={speciality}").text


def retire(engine: Engine, kind: type[tables.Provider | tables.VisitOption | tables.Reason], *ids: object) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(kind).where(kind.id.in_(ids)).values(active=False))
        session.execute(update(tables.Account).values(revision=tables.Account.revision + 1))


RETIRED: dict[str, tuple[Callable[[Engine, Clinic], None], str]] = {
    "clinician": (lambda engine, clinic: retire(engine, tables.Provider, clinic.provider("chen")), "provider"),
    "kind of visit": (lambda engine, clinic: retire(engine, tables.VisitOption, clinic.option("check-up")), "visit"),
}


@pytest.mark.parametrize("what", RETIRED)
@pytest.mark.parametrize("step", STEPS)
def test_what_the_practice_stops_offering_is_asked_for_again(what: str, step: str, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    draft = base(ada.walk(wish(clinic)).page)
    stop, asked = RETIRED[what]
    stop(engine, clinic)
    answer = ada.get(draft + step)
    expected = (200, None) if STEPS.index(step) <= STEPS.index(asked) else (303, draft + asked)
    assert (answer.status, answer.headers.get("Location")) == expected


@pytest.mark.parametrize("what", RETIRED)
def test_what_the_practice_has_stopped_offering_is_not_booked(what: str, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic)).page
    stop, asked = RETIRED[what]
    stop(engine, clinic)
    assert ada.confirm(page).location == base(page) + asked
    assert [row for row in rows(engine, Occupancy) if row["schedule_id"]] == []


def test_a_reason_that_the_practice_has_stopped_listing_is_said(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic, reasons=(str(clinic.reason("cough")),))).page
    retire(engine, tables.Reason, clinic.reason("cough"))
    answer = ada.confirm(page)
    assert (answer.status, answer.page.problems) == (422, ["Choose the reasons again: one of them is not offered any more"])


def test_any_clinician_of_a_town_gives_the_one_with_most_room(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    rival(engine, clinic, "2027-03-02T18:00:00Z")
    assert ada.book(wish(clinic, provider=f"any-{clinic.facility('harbour')}")).status == 303
    mine = next(row for row in rows(engine, Schedule) if row["patient_id"] == clinic.patient("ada"))
    assert mine["provider_id"] == clinic.provider("novak")


def test_a_language_chosen_half_way_keeps_the_words_typed(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic), "reasons").page
    answer = ada.send(page, "reason", reason="Me duele", language="es")
    assert (answer.status, answer.page.language) == (200, "es")
    assert dict(answer.page.form_with("reason").values)["reason"] == "Me duele"
    assert rows(engine, Draft)[0]["reason"] is None


def test_the_journey_in_spanish_says_its_errors_in_spanish(ada: Visitor, clinic: Clinic) -> None:
    ada.ask("POST", "/language", [("csrf_token", ada.token()), ("language", "es"), ("next", "/booking")])
    refused = ada.walk(wish(clinic, reason=""))
    assert (refused.status, refused.page.language) == (422, "es")
    assert refused.page.problems != ["Say in a few words why you want the appointment"]


def test_a_draft_outlives_the_session_in_which_it_was_begun(app: Flask, clinic: Clinic, clock: Clock, leo: Ids) -> None:
    clock.passes(hours=20)
    maya = signed_in(app, clinic, "maya")
    assert maya.page(f"/booking/{leo['patient_id']}/{leo['draft_id']}/check").heading == "Check your answers"


def test_a_draft_whose_time_has_passed_is_refused_in_words(app: Flask, clinic: Clinic, clock: Clock, engine: Engine, leo: Ids) -> None:
    clock.passes(days=3)
    maya = signed_in(app, clinic, "maya")
    answer = maya.confirm(maya.page(f"/booking/{leo['patient_id']}/{leo['draft_id']}/check"))
    assert (answer.status, answer.page.problems) == (422, ["This time has passed; choose another"])
    assert len(rows(engine, Schedule)) == 1
