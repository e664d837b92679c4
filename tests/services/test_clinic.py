from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from portal.domain.booking import BookingRequest
from portal.domain.catalogue import Mode, WorkingHours
from portal.domain.clinic import Clinic
from portal.domain.clinic_file import read_clinic
from portal.domain.guardianship import Actor
from portal.services.booking import Booked, book
from portal.services.clinic import Applied, apply
from portal.storage import clinic as table
from portal.storage.catalogue import current_catalogue
from portal.storage.people import Patient, User
from portal.storage.schedules import view
from tests.domain.test_clinic import GOOD

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONDAY_AT_NINE = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture
def hill() -> Clinic:
    return read_clinic(GOOD.encode(), "hill.toml")


def add_patient(session: Session, account_id: UUID) -> Actor:
    actor = Actor(uuid4(), account_id, uuid4())
    patient = Patient(id=actor.own_patient_id, account_id=account_id, given_name="Ann", family_name="Bell", born_on=date(1990, 1, 1), time_zone=None)
    session.add(patient)
    session.flush()
    row = {"id": actor.user_id, "email": "ann@example.org", "name": "Ann Bell", "password_hash": "!", "patient_id": actor.own_patient_id}
    session.add(User(account_id=account_id, language="en", active=True, **row))
    session.flush()
    return actor


def counts(applied: Applied) -> dict[str, tuple[int, int, int]]:
    return {change.kind: (change.added, change.changed, change.retired) for change in applied.changes if change}


def without_provider(clinic: Clinic, key: str) -> Clinic:
    types = tuple(
        replace(kind, options=tuple(replace(option, provider_keys=option.provider_keys - {key}) for option in kind.options))
        for kind in clinic.encounter_types
    )
    return replace(clinic, encounter_types=types, providers=tuple(one for one in clinic.providers if one.key != key))


def test_a_new_clinic_is_added_whole(session: Session, hill: Clinic) -> None:
    applied = apply(session, hill)
    assert applied.revision == 1
    assert counts(applied) == {
        "account": (1, 0, 0),
        "facility": (1, 0, 0),
        "speciality": (2, 0, 0),
        "encounter_type": (1, 0, 0),
        "visit_option": (2, 0, 0),
        "provider": (2, 0, 0),
        "provider_speciality": (3, 0, 0),
        "visit_option_provider": (3, 0, 0),
        "working_hours": (3, 0, 0),
        "time_off": (2, 0, 0),
        "reason": (1, 0, 0),
    }


def test_the_catalogue_reads_back_what_the_file_says(session: Session, hill: Clinic) -> None:
    apply(session, hill)
    catalogue = current_catalogue(session, hill.id)
    provider = catalogue.providers[hill.id_of("provider", "byrne")]
    option = catalogue.visit_options[hill.id_of("visit_option", "visit/room")]
    assert (provider.hours, provider.time_off) == (hill.providers[0].hours, hill.providers[0].time_off)
    assert provider.speciality_ids == (hill.id_of("speciality", "general"), hill.id_of("speciality", "skin"))
    assert (option.mode, option.minutes, str(option.fee), option.provider_ids) == (Mode.IN_PERSON, 30, "40.00", frozenset([provider.id]))


def test_the_same_file_again_writes_nothing(session: Session, hill: Clinic) -> None:
    apply(session, hill)
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *said: statements.append(said[2]))
    applied = apply(session, hill)
    assert (bool(applied), applied.revision) == (False, 1)
    assert {statement.split()[0] for statement in statements} == {"SELECT"}


def test_a_change_touches_one_row_and_raises_the_revision(session: Session, hill: Clinic) -> None:
    apply(session, hill)
    applied = apply(session, replace(hill, reasons=(replace(hill.reasons[0], name="High temperature"),)))
    assert counts(applied) == {"reason": (0, 1, 0)}
    assert applied.revision == current_catalogue(session, hill.id).account.revision == 2


def test_a_change_of_the_account_alone_raises_the_revision_once(session: Session, hill: Clinic) -> None:
    apply(session, hill)
    applied = apply(session, replace(hill, account=replace(hill.account, phone="555-0199")))
    assert counts(applied) == {"account": (0, 1, 0)}
    assert current_catalogue(session, hill.id).account.phone == "555-0199"
    assert current_catalogue(session, hill.id).account.revision == 2


def test_changed_hours_replace_the_old_ones(session: Session, hill: Clinic) -> None:
    apply(session, hill)
    provider = replace(hill.providers[0], hours=(WorkingHours(0, 510, 720), WorkingHours(2, 480, 600)))
    applied = apply(session, replace(hill, providers=(provider, hill.providers[1])))
    assert counts(applied) == {"working_hours": (1, 1, 2)}
    assert current_catalogue(session, hill.id).providers[hill.id_of("provider", "byrne")].hours == provider.hours


def test_a_provider_who_left_is_retired_and_their_hours_deleted(session: Session, hill: Clinic) -> None:
    apply(session, hill)
    applied = apply(session, without_provider(hill, "byrne"))
    assert counts(applied)["provider"] == (0, 1, 1)
    assert hill.id_of("provider", "byrne") not in current_catalogue(session, hill.id).providers
    assert session.scalar(select(func.count()).select_from(table.WorkingHours)) == 0


def test_a_provider_who_comes_back_is_the_same_one(session: Session, hill: Clinic) -> None:
    apply(session, hill)
    apply(session, without_provider(hill, "byrne"))
    apply(session, hill)
    assert hill.id_of("provider", "byrne") in current_catalogue(session, hill.id).providers


def test_a_speciality_that_nothing_names_is_deleted(session: Session, hill: Clinic) -> None:
    apply(session, hill)
    byrne = replace(hill.providers[0], speciality_keys=("general",))
    applied = apply(session, replace(hill, specialities=hill.specialities[:1], providers=(byrne, hill.providers[1])))
    assert counts(applied)["speciality"] == (0, 0, 1)
    assert list(current_catalogue(session, hill.id).specialities) == [hill.id_of("speciality", "general")]


def test_what_a_past_schedule_names_survives_its_removal(session: Session, hill: Clinic) -> None:
    apply(session, hill)
    actor = add_patient(session, hill.id)
    request: dict[str, Any] = {"user_id": actor.user_id, "account_id": hill.id, "patient_id": actor.own_patient_id}
    provider, option = hill.id_of("provider", "byrne"), hill.id_of("visit_option", "visit/room")
    booked = book(
        session, actor, BookingRequest(**request, first_choice=MONDAY_AT_NINE, reason="Fever", provider_id=provider, visit_option_id=option), NOW
    )
    assert isinstance(booked, Booked)
    elsewhere = replace(hill.facilities[0], key="new-house", name="New house")
    walsh = replace(hill.providers[1], facility_key="new-house", speciality_keys=("skin",))
    remaining = replace(without_provider(hill, "byrne"), facilities=(elsewhere,), specialities=hill.specialities[1:], providers=(walsh,))
    apply(session, remaining)
    shown = view(session, booked.schedule_id)
    assert shown is not None
    assert (shown.facility_name, shown.speciality_name, shown.provider_name) == ("Main house", "General practice", "Dr. Byrne")


def test_two_clinics_leave_each_other_alone(session: Session, hill: Clinic) -> None:
    apply(session, hill)
    other = replace(hill, account=replace(hill.account, key="vale"))
    assert counts(apply(session, other))["provider"] == (2, 0, 0)
    assert not apply(session, hill)


def test_a_visit_option_no_longer_named_is_retired(session: Session, hill: Clinic) -> None:
    apply(session, hill)
    visit = hill.encounter_types[0]
    apply(session, replace(hill, encounter_types=(replace(visit, options=visit.options[1:]),)))
    assert list(current_catalogue(session, hill.id).visit_options) == [hill.id_of("visit_option", "visit/video")]
