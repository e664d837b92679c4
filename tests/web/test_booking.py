"""The journey step by step: what each step asks, keeps and refuses."""

from datetime import datetime

import pytest
from sqlalchemy import Engine

from portal.storage.schedule import Draft, Schedule, ScheduleReason
from tests.clinic import Clinic
from tests.stored import assert_sound, rows, work
from tests.web.journeys import base
from tests.web.page import elements, text_of
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
def test_2_3_1_the_last_step_without_the_others_books_nothing(step: str, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
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
