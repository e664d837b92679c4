from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import Executable

from portal.domain.cells import cell_of
from portal.storage.clinic import Account, Reason, TimeOff, VisitOption, WorkingHours
from portal.storage.custom_forms import FormResponse, FormResponseAnswer
from portal.storage.payments import Payment
from portal.storage.people import ApiKey, GuardianLink, Patient, User, UserSession
from portal.storage.schedule import Draft, Occupancy, Schedule, ScheduleReason
from tests.clinic import Clinic, key

NOBODY = UUID(int=0)
Statement = Callable[[Clinic, Schedule], Executable]

# What nobody may be able to store, whatever code tries: plain statements, past every rule above the database.
FORBIDDEN: dict[str, Statement] = {
    "a second holder of a provider's cell": lambda _, row: insert(Occupancy).values(
        resource_id=row.provider_id, cell=cell_of(row.starts_at), schedule_id=row.id
    ),
    "a second holder of a patient's last cell": lambda _, row: insert(Occupancy).values(
        resource_id=row.patient_id, cell=cell_of(row.ends_at) - 1, schedule_id=row.id
    ),
    "a cell of no schedule": lambda clinic, _: insert(Occupancy).values(resource_id=clinic.provider("chen"), cell=1, schedule_id=NOBODY),
    "a cell without a schedule": lambda clinic, _: insert(Occupancy).values(resource_id=clinic.provider("chen"), cell=1, schedule_id=None),
    "a cell moved onto another": lambda _, row: update(Occupancy).where(Occupancy.resource_id == row.patient_id).values(resource_id=row.provider_id),
    "a schedule deleted from under its cells": lambda _, row: delete(Schedule).where(Schedule.id == row.id),
    "a schedule that ends before it starts": lambda _, row: update(Schedule).values(ends_at=row.starts_at - timedelta(minutes=5)),
    "a schedule without length": lambda _, row: update(Schedule).values(ends_at=row.starts_at),
    "a status below the first": lambda *_: update(Schedule).values(status=0),
    "a status above the last": lambda *_: update(Schedule).values(status=8),
    "a schedule of no patient": lambda *_: update(Schedule).values(patient_id=NOBODY),
    "a schedule of no provider": lambda *_: update(Schedule).values(provider_id=NOBODY),
    "a schedule at no facility": lambda *_: update(Schedule).values(facility_id=NOBODY),
    "a schedule of no account": lambda *_: update(Schedule).values(account_id=NOBODY),
    "a schedule of no visit option": lambda *_: update(Schedule).values(visit_option_id=NOBODY),
    "a schedule of no speciality": lambda *_: update(Schedule).values(speciality_id=NOBODY),
    "a schedule made by nobody": lambda *_: update(Schedule).values(user_id=NOBODY),
    "a schedule by no guardian's link": lambda *_: update(Schedule).values(guardian_link_id=NOBODY),
    "a schedule without a reason": lambda *_: update(Schedule).values(reason=None),
    "a schedule without a start": lambda *_: update(Schedule).values(starts_at=None),
    "a coded reason that does not exist": lambda _, row: insert(ScheduleReason).values(schedule_id=row.id, position=0, reason_id=NOBODY),
    "a coded reason of no schedule": lambda clinic, _: insert(ScheduleReason).values(
        schedule_id=NOBODY, position=0, reason_id=clinic.reason("fever")
    ),
    "a patient of no account": lambda *_: update(Patient).values(account_id=NOBODY),
    "a patient deleted with schedules": lambda _, row: delete(Patient).where(Patient.id == row.patient_id),
    "two users with one address": lambda *_: update(User).values(email="same@example.org"),
    "two users who are one patient": lambda clinic, _: update(User).values(patient_id=clinic.patient("ada")),
    "a link in no known state": lambda *_: update(GuardianLink).values(state="maybe"),
    "a link that ends before it starts": lambda *_: update(GuardianLink).values(ends_at=GuardianLink.starts_at),
    "a link to no patient": lambda *_: update(GuardianLink).values(patient_id=NOBODY),
    "a browser session of nobody": lambda _, row: insert(UserSession).values(
        token_hash="0" * 64, user_id=NOBODY, created_at=row.created_at, seen_at=row.created_at, device=""
    ),
    "a key of no account": lambda _, row: insert(ApiKey).values(
        id="0" * 8, secret_hash="0" * 64, account_id=NOBODY, created_at=row.created_at, expires_at=row.ends_at
    ),
    "a draft of nobody": lambda clinic, row: insert(Draft).values(
        id=key("draft", "1"), user_id=NOBODY, patient_id=clinic.patient("ada"), created_at=row.created_at, reason_ids=""
    ),
    "a form of no schedule": lambda _, row: insert(FormResponse).values(**response(row), schedule_id=NOBODY),
    "a form saved by nobody": lambda _, row: insert(FormResponse).values(**response(row), schedule_id=row.id, modified_by=NOBODY),
    "an answer to no form": lambda *_: insert(FormResponseAnswer).values(form_response_id=NOBODY, position=0, field_id=NOBODY, is_multi_entry=False),
    "a payment for no schedule": lambda _, row: insert(Payment).values(**payment(row), schedule_id=NOBODY),
    "a payment reported by nobody": lambda _, row: insert(Payment).values(**payment(row), schedule_id=row.id, reported_by=NOBODY),
    "a mode that does not exist": lambda *_: update(VisitOption).values(mode=4),
    "a visit without length": lambda *_: update(VisitOption).values(minutes=0),
    "a visit that ends inside a cell": lambda *_: update(VisitOption).values(minutes=7),
    "a grid of no width": lambda *_: update(VisitOption).values(grid_minutes=0),
    "a negative notice": lambda *_: update(VisitOption).values(notice_minutes=-1),
    "a negative horizon": lambda *_: update(VisitOption).values(horizon_days=-1),
    "a negative buffer": lambda *_: update(VisitOption).values(buffer_before_minutes=-5),
    "an eighth day of the week": lambda *_: update(WorkingHours).where(WorkingHours.weekday == 4).values(weekday=7),
    "hours that end before they start": lambda *_: update(WorkingHours).values(closes_minute=WorkingHours.opens_minute),
    "hours after midnight": lambda *_: update(WorkingHours).values(closes_minute=1445),
    "hours that begin inside a cell": lambda *_: update(WorkingHours).values(opens_minute=WorkingHours.opens_minute + 1),
    "time off that ends before it starts": lambda clinic, row: insert(TimeOff).values(**time_off(clinic, row.starts_at, -1)),
    "time off of nobody": lambda clinic, row: insert(TimeOff).values(**{**time_off(clinic, row.starts_at, 1), "provider_id": NOBODY}),
    "two accounts with one key": lambda *_: update(Account).values(key="same"),
    "two reasons with one code": lambda *_: update(Reason).values(code="R1"),
}


def time_off(clinic: Clinic, start: datetime, hours: int) -> dict[str, Any]:
    starts_wall = start.replace(tzinfo=None)
    return {"provider_id": clinic.provider("chen"), "starts_wall": starts_wall, "ends_wall": starts_wall + timedelta(hours=hours)}


def response(row: Schedule) -> dict[str, Any]:
    codes = {"module_id": 1, "record_type_id": 1, "area_id": 0}
    return {"id": key("form_response", "1"), "custom_form_id": key("custom form", "1"), "modified_at": row.created_at, **codes}


def payment(row: Schedule) -> dict[str, Any]:
    words = {"outcome": "paid", "currency": "USD", "status": "Paid", "type": "Card", "fingerprint": "0" * 64}
    return {"id": key("payment", "1"), "payment_id": key("payment", "1"), "counted": False, "reported_at": row.created_at, **words}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_database_itself_refuses(engine: Engine, clinic: Clinic, booked: Schedule, what: str) -> None:
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(FORBIDDEN[what](clinic, booked))


def test_a_reference_is_used_once_in_an_account(engine: Engine, booked: Schedule) -> None:
    columns = {column.name: getattr(booked, column.name) for column in Schedule.__table__.columns}
    twin = {**columns, "id": key("schedule", "twin")}
    with engine.connect() as connection:
        with pytest.raises(IntegrityError):
            connection.execute(insert(Schedule).values(**twin))
        connection.rollback()
        connection.execute(insert(Schedule).values(**{**twin, "reference": "22222222"}))


def test_a_form_is_kept_once_for_a_schedule(engine: Engine, booked: Schedule) -> None:
    with engine.connect() as connection:
        connection.execute(insert(FormResponse).values(**response(booked), schedule_id=booked.id))
        with pytest.raises(IntegrityError):
            connection.execute(insert(FormResponse).values(**{**response(booked), "id": key("form_response", "2")}, schedule_id=booked.id))
