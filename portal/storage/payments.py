"""The table of what programs report about payments, and its queries."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, case, insert, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.payments import LAST_DIGITS, PaymentReport, Reported
from portal.storage.base import Base
from portal.storage.core import run


class Payment(Base):
    """One report of a payment for a schedule. A payment that goes through several states has a row for each.

    `payment_id` is the same in all of them: as sent, or else made here. `outcome` tells states apart, see `domain.payments`;
    `counted` says that its amount is part of what the schedule has been paid.
    """

    __tablename__ = "payment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedule.id"), index=True)
    payment_id: Mapped[UUID]
    transaction_id: Mapped[UUID | None]
    transaction_no: Mapped[str | None]
    outcome: Mapped[str]
    amount: Mapped[Decimal | None]
    currency: Mapped[str]
    status: Mapped[str]
    type: Mapped[str]
    payment_status: Mapped[str | None]
    pay_method: Mapped[str | None]
    last_digits: Mapped[str | None] = mapped_column(String(LAST_DIGITS))
    discount_id: Mapped[UUID | None]
    discount_amount: Mapped[Decimal | None]
    membership_id: Mapped[UUID | None]
    plan_id: Mapped[UUID | None]
    next_bill_on: Mapped[date | None]
    effective_on: Mapped[date | None]
    total_bill_cycle: Mapped[int | None]
    current_bill_cycle: Mapped[int | None]
    counted: Mapped[bool]
    fingerprint: Mapped[str] = mapped_column(String(64))
    reported_at: Mapped[datetime]
    reported_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))


def earlier(session: Session, schedule_id: UUID, report: PaymentReport) -> Reported | None:
    """Return an earlier report of the same payment, one that says the same and was counted before any other, or None.

    A payment is known by any of its three ids; a report with none of them is the same as one in the same words.
    """
    ids = {Payment.payment_id: report.payment_id, Payment.transaction_id: report.transaction_id, Payment.transaction_no: report.transaction_no}
    named = [column == given for column, given in ids.items() if given is not None]
    same = case((Payment.outcome == report.outcome, 0), else_=1)
    statement = (
        select(Payment.payment_id, Payment.outcome, Payment.counted)
        .where(Payment.schedule_id == schedule_id, or_(*named or [Payment.fingerprint == report.fingerprint]))
        .order_by(same, Payment.counted.desc(), Payment.reported_at, Payment.id)
        .limit(1)
    )
    row = run(session, statement).one_or_none()
    return None if row is None else Reported(*row)


def any_counted(session: Session, schedule_id: UUID) -> bool:
    """Tell whether a report has been counted for a schedule."""
    return run(session, select(Payment.id).where(Payment.schedule_id == schedule_id, Payment.counted).limit(1)).first() is not None


def add(session: Session, payment: Mapping[str, Any]) -> None:
    """Write a report, given by column."""
    run(session, insert(Payment), payment)
