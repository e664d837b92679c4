"""Programs that send the same at once: one of them is first, and the others find what it stored."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.domain.custom_forms import FormAnswer, FormAnswers
from portal.domain.payments import PaymentReport
from portal.domain.programs import Program
from portal.services import custom_forms, payments
from portal.services.custom_forms import Saved
from portal.services.payments import Recorded
from portal.storage.custom_forms import FormResponse, FormResponseAnswer
from portal.storage.engine import begin_write, sessions
from portal.storage.payments import Payment
from portal.storage.schedule import Schedule
from tests.clinic import Clinic, key, schedule
from tests.stored import rows

AT_ONCE = 12
REPORT = PaymentReport(currency="USD", status="Paid", type="Card", amount=Decimal("40.00"), transaction_no="T-1")


def book(engine: Engine, clinic: Clinic, now: datetime) -> UUID:
    with sessions(engine).begin() as session:
        begin_write(session)
        row = schedule(clinic, now)
        session.add(row)
    return row.id


def at_once(engine: Engine, act: Callable[[Session, int], object]) -> list[object]:
    """Act in many transactions that all want to write at once."""

    def one(place: int) -> object:
        with sessions(engine).begin() as session:
            begin_write(session)
            return act(session, place)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(one, range(AT_ONCE)))


def test_one_payment_reported_by_many_is_counted_once(engine: Engine, clinic: Clinic, now: datetime) -> None:
    booked, practice = book(engine, clinic, now), Program(clinic.account_id, None)
    outcomes = at_once(engine, lambda session, _: payments.record(session, practice, booked, REPORT, now))
    [row] = rows(engine, Payment)
    assert outcomes == [Recorded(row["payment_id"])] * AT_ONCE
    assert rows(engine, Schedule)[0]["paid_amount"] == Decimal("40.00")


def test_many_payments_reported_at_once_are_all_counted(engine: Engine, clinic: Clinic, now: datetime) -> None:
    booked, practice = book(engine, clinic, now), Program(clinic.account_id, None)
    at_once(engine, lambda session, place: payments.record(session, practice, booked, replace(REPORT, transaction_no=str(place)), now))
    assert len(rows(engine, Payment)) == AT_ONCE
    assert rows(engine, Schedule)[0]["paid_amount"] == AT_ONCE * Decimal("40.00")


def test_one_form_sent_by_many_is_kept_once(engine: Engine, clinic: Clinic, now: datetime) -> None:
    booked, practice = book(engine, clinic, now), Program(clinic.account_id, None)
    answers = (FormAnswer(key("field", "a"), "yes", is_multi_entry=False),) * 3
    form = FormAnswers(key("custom form", "intake"), booked, clinic.patient("ada"), answers, None, None, None, None, 1, None, 1, 0)
    outcomes = at_once(engine, lambda session, _: custom_forms.save(session, practice, form, None, now))
    [row] = rows(engine, FormResponse)
    assert outcomes == [Saved(row["id"], form, now, None)] * AT_ONCE
    assert len(rows(engine, FormResponseAnswer)) == len(answers)
