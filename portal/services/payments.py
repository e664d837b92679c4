"""Keeping what a program reports about a payment, and counting money that was received, once."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.booking import storable
from portal.domain.payments import PaymentReport, together
from portal.domain.programs import Program
from portal.domain.schedule import ScheduleFacts, read_reference
from portal.services import audit
from portal.services.booking import Forbidden
from portal.services.programs import right_to_book
from portal.storage import payments, schedules


@dataclass(frozen=True, slots=True)
class Recorded:
    """The report is kept, or was before; `payment_id` names the payment in this and all later reports."""

    payment_id: UUID


@dataclass(frozen=True, slots=True)
class NegativeAmount:
    """The report says that less than nothing was received: nothing was stored."""


def record(session: Session, program: Program, schedule: UUID | str, report: PaymentReport, now: datetime) -> Recorded | NegativeAmount | Forbidden:
    """Keep a report for a schedule, named by its id or its reference; the session must have begun as a writer.

    The first money received takes the place of the amount told with the booking, since it may be the same; more is added to it.
    A report that was kept before changes nothing. Flushes, never commits.
    """
    found = _named(session, program, schedule)
    right = right_to_book(session, program, found.patient_id, now, private=found.private) if found else None
    if found is None or right is None:
        return Forbidden()
    report = _storable(report)
    if report.amount_received < 0:
        return NegativeAmount()
    earlier = payments.earlier(session, found.id, report)
    if earlier is not None and earlier.says_all_of(report):
        return Recorded(earlier.payment_id)
    payment_id = report.payment_id or (earlier.payment_id if earlier else uuid4())
    if report.amount_received:
        _pay(session, program, found, report, now)
    payments.add(session, _payment(found, program, replace(report, payment_id=payment_id), report.fingerprint, now))
    audit.record(session, program.actor or program.origin, right.done(Deed.RECORDED_PAYMENT, found), now)
    return Recorded(payment_id)


def _named(session: Session, program: Program, schedule: UUID | str) -> ScheduleFacts | None:
    if isinstance(schedule, UUID):
        return schedules.locked(session, schedule)
    reference = read_reference(schedule)
    return schedules.locked_by_reference(session, program.account_id, reference) if reference else None


def _pay(session: Session, program: Program, found: ScheduleFacts, report: PaymentReport, now: datetime) -> None:
    paid = together(found.paid_amount, report.amount_received) if payments.any_counted(session, found.id) else report.amount_received
    writer = {"modified_by": program.user_id} if program.user_id else {}
    schedules.change(session, found.id, {"paid_amount": paid, "paid_at": now, "modified_at": now, **writer})


def _storable(report: PaymentReport) -> PaymentReport:
    members: dict[str, Any] = {name: storable(value) if isinstance(value, str) else value for name, value in asdict(report).items()}
    return PaymentReport(**members)


def _payment(found: ScheduleFacts, program: Program, report: PaymentReport, fingerprint: str, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "schedule_id": found.id,
        **asdict(report),
        "outcome": report.outcome,
        "counted": report.amount_received > 0,
        "fingerprint": fingerprint,
        "reported_at": now,
        "reported_by": program.user_id,
    }
