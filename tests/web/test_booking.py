"""The journey step by step: what each step asks, keeps and refuses."""

from collections.abc import Callable
from datetime import datetime
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, update

from portal.domain.booking import storable
from portal.services import booking
from portal.storage import clinic as tables
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Draft, Occupancy, Schedule, ScheduleReason
from tests.clinic import NOW, Clinic
from tests.conftest import ENGINES
from tests.stored import assert_sound, rows, work
from tests.web.client import Clock, signed_in
from tests.web.conftest import Ids
from tests.web.page import WITHOUT_CONTROLS, Page, elements, text_of
from tests.web.visitor import FIELDS, TUESDAY, Visitor, wish

STEPS = ("provider", "visit", "reasons", "time", "check")
LATER = "2027-03-03T15:00:00Z"
HEADINGS = {
    "who": "Who is it for?",
    "provider": "Choose a clinician",
    "visit": "Choose a visit",
    "reasons": "Reason for the visit",
    "time": "Choose a time",
    "check": "Check your answers",
}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "{{ 7*7 }} {% raw %} ${7*7} #{7*7}",
    "' OR 1=1; DROP TABLE schedule; --",
    "&lt;b&gt; &amp;amp; &#60;",
    "javascript:alert(1)",
    "a\u2028b\u2029c\u0085d",
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "zero\u200bwidth\ufeff",
    "e\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "=cmd|' /C calc'!A0",
    "%s %n %00 %0d%0a",
    "x\x01\x1b[31m\x7f",
    "nul\0nul",
]


def base(page: Page) -> str:
    """Return the address of a draft, from the page of its check step."""
    return page.form_with("shown").action.removesuffix("check")


def rival(engine: Engine, clinic: Clinic, *starts: str, patient: str = "omar") -> None:
    """Let somebody else take these times with Dr Chen."""
    with sessions(engine).begin() as session:
        begin_write(session)
        for start in starts:
            outcome = booking.book(session, clinic.actor(patient), clinic.request(patient, patient, datetime.fromisoformat(start)), NOW)
            assert isinstance(outcome, booking.Booked)


@pytest.mark.parametrize("step", FIELDS)
def test_each_step_has_its_heading(step: str, maya: Visitor, clinic: Clinic) -> None:
    assert maya.walk(wish(clinic, "leo"), step).page.heading == HEADINGS[step]


def test_the_whole_journey_books_what_was_chosen(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    wanted = wish(clinic, "leo", reasons=(str(clinic.reason("fever")), str(clinic.reason("rash"))), note="Since Monday", second_choice=LATER)
    answer = maya.book(wanted)
    [row] = rows(engine, Schedule)
    assert (answer.status, answer.location.rpartition("/")[2]) == (303, "booked")
    assert (row["patient_id"], row["user_id"], row["guardian_link_id"]) == (clinic.patient("leo"), clinic.user("maya"), clinic.link("maya", "leo"))
    assert (row["provider_id"], row["visit_option_id"]) == (clinic.provider("chen"), clinic.option("check-up"))
    assert (row["starts_at"], row["other_choice_at"]) == (datetime.fromisoformat(TUESDAY), datetime.fromisoformat(LATER))
    assert (row["reason"], row["note"], row["first_choice_given"]) == ("It hurts", "Since Monday", True)
    assert [reason["reason_id"] for reason in rows(engine, ScheduleReason)] == [clinic.reason("fever"), clinic.reason("rash")]
    assert_sound(engine)


def test_the_confirmation_can_be_reloaded(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    url = ada.book(wish(clinic)).location
    first, again = ada.page(url), ada.page(url)
    assert first.heading == "Appointment booked"
    assert first.text == again.text
    assert len(rows(engine, Schedule)) == 1


def test_who_has_nobody_to_care_for_is_chosen_already(ada: Visitor, clinic: Clinic) -> None:
    assert ("patient", str(clinic.patient("ada"))) in ada.page("/booking").form_with("patient").values


def test_a_guardian_has_to_choose_for_whom(maya: Visitor, clinic: Clinic) -> None:
    form = maya.page("/booking").form_with("patient")
    assert form.offered("patient") == [str(clinic.patient(name)) for name in ("maya", "leo", "nia")]
    assert "patient" not in dict(form.values)


@pytest.mark.parametrize(
    ("step", "answers", "problem"),
    [
        ("who", {"patient": ()}, "Choose who the appointment is for"),
        ("provider", {"provider": ()}, "Choose a clinician, or any clinician"),
        ("visit", {"visit_option": ()}, "Choose a kind of visit"),
        ("reasons", {"reason": ""}, "Say in a few words why you want the appointment"),
        ("reasons", {"reason": " \t\r\n\u2003"}, "Say in a few words why you want the appointment"),
        ("reasons", {"reason": "x" * 251}, "Use 250 characters or fewer"),
        ("reasons", {"reason": "\U0001f642" * 126}, "Use 250 characters or fewer"),
        ("reasons", {"reason": "x", "note": "x" * 1001}, "Use 1,000 characters or fewer"),
        ("reasons", {"reason": "x", "reasons": ("nonsense",)}, "Choose one of the answers shown"),
        ("time", {"first_choice": ()}, "Choose a time"),
        ("time", {"first_choice": "soon"}, "Choose a time"),
        ("time", {"first_choice": "2027-03-02T15:00:00"}, "Choose a time"),
        ("time", {"first_choice": "2027-03-02T15:00:00+00:00"}, "Choose a time"),
        ("time", {"first_choice": "\u0662\u0660\u0662\u0667-03-02T15:00:00Z"}, "Choose a time"),
        ("time", {"first_choice": "0001-01-01T00:00:00Z"}, "Choose a time"),
        ("time", {"first_choice": "9999-12-31T23:59:59Z"}, "Choose a time"),
        ("time", {"first_choice": TUESDAY, "second_choice": TUESDAY}, "Choose a second time that differs from the first"),
    ],
)
def test_an_answer_that_is_missing_or_wrong_is_asked_for_again(
    step: str, answers: dict[str, str | tuple[str, ...]], problem: str, maya: Visitor, clinic: Clinic, engine: Engine
) -> None:
    page = maya.walk(wish(clinic, "leo"), step).page
    before = work(engine)
    answer = maya.send(page, FIELDS[step], **answers)
    assert (answer.status, answer.page.heading, answer.page.problems) == (422, HEADINGS[step], [problem])
    assert work(engine) == before


@pytest.mark.parametrize(
    ("step", "answers"),
    [
        ("who", {"patient": "00000000-0000-0000-0000-000000000000"}),
        ("who", {"patient": "nonsense"}),
        ("provider", {"provider": "00000000-0000-0000-0000-000000000000"}),
        ("provider", {"provider": "any-00000000-0000-0000-0000-000000000000"}),
        ("provider", {"provider": "any-nonsense"}),
        ("visit", {"visit_option": "00000000-0000-0000-0000-000000000000"}),
        ("reasons", {"reason": "x", "reasons": ("00000000-0000-0000-0000-000000000000",)}),
    ],
)
def test_an_unknown_id_is_asked_for_again(
    step: str, answers: dict[str, str | tuple[str, ...]], maya: Visitor, clinic: Clinic, engine: Engine
) -> None:
    page = maya.walk(wish(clinic, "leo"), step).page
    before = work(engine)
    answer = maya.send(page, FIELDS[step], **answers)
    assert (answer.status, answer.page.problems) == (422, ["Choose one of the answers shown"])
    assert work(engine) == before


@pytest.mark.parametrize("reason", ["x" * 250, "\U0001f642" * 125, "x\r\n" * 83 + "x"], ids=["letters", "emoji", "lines"])
def test_a_reason_of_the_greatest_length_is_kept(reason: str, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    assert ada.book(wish(clinic, reason=reason, note="x" * 1000)).status == 303
    assert rows(engine, Schedule)[0]["reason"] == reason.replace("\r\n", "\n")


def test_a_refused_form_keeps_what_was_typed(ada: Visitor, clinic: Clinic) -> None:
    page = ada.walk(wish(clinic), "reasons").page
    refused = ada.send(page, "reason", reason="x" * 251, note="Since <Monday>", reasons=(str(clinic.reason("cough")),)).page.form_with("reason")
    assert {"reason": "x" * 251, "note": "Since <Monday>", "reasons": str(clinic.reason("cough"))}.items() <= dict(refused.values).items()


def test_steps_that_were_skipped_are_asked_for_first(ada: Visitor, clinic: Clinic) -> None:
    page = ada.walk(wish(clinic), "provider").page
    draft = page.form_with("provider").action.partition("provider")[0]
    assert [ada.get(draft + step).location for step in STEPS[1:]] == [f"{draft}provider"] * 4


@pytest.mark.parametrize("step", ["provider", "visit", "reasons", "time"])
def test_the_last_step_without_the_others_books_nothing(step: str, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic), step).page
    [draft] = rows(engine, Draft)
    shown = [("patient", str(clinic.patient("ada"))), ("shown", "x"), ("csrf_token", ada.token())]
    answer = ada.ask("POST", f"/booking/{clinic.patient('ada')}/{draft['id']}/check", shown)
    assert (answer.status, answer.location.rpartition("/")[2]) == (303, step)
    assert page.heading == HEADINGS[step]
    assert rows(engine, Schedule) == []


@pytest.mark.parametrize("step", ["provider", "visit", "reasons", "time"])
def test_changing_an_answer_to_the_same_leads_straight_back_to_the_check(step: str, ada: Visitor, clinic: Clinic) -> None:
    draft = base(ada.walk(wish(clinic)).page)
    page = ada.page(draft + step)
    assert ada.send(page, FIELDS[step]).location == f"{draft}check"


def test_another_clinician_needs_another_time(ada: Visitor, clinic: Clinic) -> None:
    draft = base(ada.walk(wish(clinic)).page)
    answer = ada.send(ada.page(f"{draft}provider"), "provider", provider=str(clinic.provider("novak")))
    assert answer.location == f"{draft}time"


def test_another_kind_of_visit_needs_another_time(ada: Visitor, clinic: Clinic) -> None:
    draft = base(ada.walk(wish(clinic)).page)
    answer = ada.send(ada.page(f"{draft}visit"), "visit_option", visit_option=str(clinic.option("phone")))
    assert answer.location == f"{draft}time"


def test_the_check_lists_every_answer_with_a_way_to_change_it(ada: Visitor, clinic: Clinic) -> None:
    page = ada.walk(wish(clinic, note="Since Monday", second_choice=LATER, reasons=(str(clinic.reason("cough")),))).page
    for fact in ("Ada Berg", "Dr Chen, Family medicine", "Examination", "30 minutes", "Cough", "It hurts", "Since Monday", "March 2", "March 3"):
        assert fact in page.text
    changes = {link.get("href", "").removeprefix(base(page)) for link in elements(page.root, "a") if text_of(link).startswith("Change")}
    assert changes == {"/booking", "provider", "visit", "reasons", "time"}


def test_a_page_that_another_tab_has_overtaken_books_nothing(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    stale = ada.walk(wish(clinic)).page
    draft = base(stale)
    ada.send(ada.page(f"{draft}reasons"), "reason", reason="Something else")
    answer = ada.confirm(stale)
    assert (answer.status, answer.location) == (303, f"{draft}check")
    assert "Something else" in ada.page(answer.location).text
    assert rows(engine, Schedule) == []


def test_a_page_about_another_person_books_nothing(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = maya.walk(wish(clinic, "leo")).page
    answer = maya.send(page, "shown", patient=str(clinic.patient("nia")))
    assert answer.status == 303
    assert rows(engine, Schedule) == []


def test_two_tabs_for_two_children_book_each_their_own(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    leo, nia = maya.walk(wish(clinic, "leo")).page, maya.walk(wish(clinic, "nia", first_choice=LATER)).page
    assert [maya.confirm(page).status for page in (leo, nia)] == [303, 303]
    assert {row["patient_id"]: row["starts_at"] for row in rows(engine, Schedule)} == {
        clinic.patient("leo"): datetime.fromisoformat(TUESDAY),
        clinic.patient("nia"): datetime.fromisoformat(LATER),
    }


def test_pressing_the_button_again_leads_to_the_same_appointment(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic)).page
    first, again = ada.confirm(page), ada.confirm(page)
    assert first.location == again.location
    assert len(rows(engine, Schedule)) == 1


@pytest.mark.parametrize("step", STEPS)
def test_going_back_after_booking_leads_to_the_appointment(step: str, ada: Visitor, clinic: Clinic) -> None:
    page = ada.walk(wish(clinic)).page
    booked = ada.confirm(page).location
    assert ada.get(base(page) + step).location == booked


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_a_double_click_books_once(app: Flask, clinic: Clinic, engine: Engine) -> None:
    app.test_client_class = FlaskClient
    pages = [signed_in(app, clinic, "ada")]
    page = pages[0].walk(wish(clinic)).page
    together, answers = Barrier(2), []

    def press() -> None:
        together.wait(10)
        answers.append(pages[0].confirm(page))

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [answer.status for answer in answers] == [303, 303]
    assert {answer.location for answer in answers} == {f"{base(page)}booked"}
    assert len(rows(engine, Schedule)) == 1
    assert_sound(engine)


def test_a_time_that_has_gone_is_said_with_the_nearest_free_ones(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic)).page
    rival(engine, clinic, TUESDAY)
    answer = ada.confirm(page)
    assert (answer.status, answer.page.heading, answer.page.problems) == (422, "Check your answers", ["This time has just been taken"])
    near = [button.get("value") for button in elements(answer.page.root, "button") if button.get("name") == "first_choice"]
    assert near == ["2027-03-02T14:00:00Z", "2027-03-02T14:15:00Z", "2027-03-02T15:45:00Z"]
    assert len(rows(engine, Schedule)) == 1


def test_a_free_time_offered_instead_is_one_press_away(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic)).page
    rival(engine, clinic, TUESDAY)
    refused = ada.confirm(page).page
    offer = next(form for form in refused.forms if any(button.get("name") == "first_choice" for button in elements(form.element, "button")))
    taken = ada.ask("POST", offer.action, [*offer.values, ("first_choice", "2027-03-02T15:45:00Z")])
    assert taken.location == f"{base(page)}check"
    assert ada.confirm(ada.page(taken.location)).location == f"{base(page)}booked"
    assert_sound(engine)


def test_a_time_that_has_gone_before_it_is_chosen_is_said_on_its_own_step(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic), "time").page
    rival(engine, clinic, TUESDAY)
    answer = ada.send(page, "first_choice", first_choice=TUESDAY)
    assert (answer.status, answer.page.problems) == (422, ["This time has just been taken"])
    assert "2027-03-02T15:45:00Z" in answer.page.form_with("first_choice").offered("first_choice")
    assert TUESDAY not in answer.page.form_with("first_choice").offered("first_choice")


def test_the_second_choice_is_given_when_the_first_has_gone(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic, second_choice=LATER)).page
    rival(engine, clinic, TUESDAY)
    answer = ada.confirm(page)
    assert "you have your second choice" in ada.page(answer.location).text
    mine = next(row for row in rows(engine, Schedule) if row["patient_id"] == clinic.patient("ada"))
    assert (mine["starts_at"], mine["other_choice_at"], mine["first_choice_given"]) == (
        datetime.fromisoformat(LATER),
        datetime.fromisoformat(TUESDAY),
        False,
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_stored_as_typed_and_shown_as_text(text: str, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    booked = ada.page(ada.book(wish(clinic, reason=text, note=text)).location)
    [row] = rows(engine, Schedule)
    assert row["reason"] == row["note"] == storable(text)
    shown = " ".join(storable(text).translate(WITHOUT_CONTROLS).split())
    appointment = ada.page(f"/appointments/{row['id']}")
    assert booked.text.count(shown) == appointment.text.count(shown) == 2


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
    assert rows(engine, Occupancy) == []


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
