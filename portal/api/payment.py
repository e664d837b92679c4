"""The call that reports what came of a payment: bound as its page says, answered with the payment's id as a bare JSON string."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response

from portal import context
from portal.api import access, asked, errors
from portal.api.model import CONFORM_PAYMENT
from portal.api.scalars import WHITE, guid
from portal.domain.payments import PaymentReport, last_digits
from portal.services import payments
from portal.services.payments import NegativeAmount, Recorded

NEGATIVE = "The amount of a payment that succeeded must not be negative."


def payment_post() -> Response:
    """Keep a report with the schedule that AppointmentId names by its ID or its reference; money received sets PaidAmount and PaidDate.

    ModifiedBy is in whose name it is reported, and like AccountId may be left out; ModifiedOn is the server's to say.
    """
    access.caller()
    members = asked.body(CONFORM_PAYMENT)
    program = access.program_for(access.begin_write(), members["ModifiedBy"], members["AccountId"])
    outcome = payments.record(context.db(), program, _schedule(members["AppointmentId"]), _report(members), context.now())
    if isinstance(outcome, NegativeAmount):
        return errors.invalid({"model.Amount": [NEGATIVE]})
    if not isinstance(outcome, Recorded):
        return errors.denied(HTTPStatus.FORBIDDEN)
    return access.commit(errors.answer(HTTPStatus.OK, outcome.payment_id))


def _schedule(text: str) -> UUID | str:
    try:
        return guid(text)
    except ValueError:
        return text


def _report(members: dict[str, Any]) -> PaymentReport:
    return PaymentReport(
        payment_id=access.given(members["PaymentId"]),
        transaction_id=access.given(members["TransactionId"]),
        transaction_no=(members["TransactionNo"] or "").strip(WHITE) or None,
        amount=members["Amount"],
        currency=members["Currency"],
        status=members["Status"],
        type=members["Type"],
        payment_status=members["PaymentStatus"],
        pay_method=members["PayMethod"],
        last_digits=last_digits(members["Last4Digit"]),
        discount_id=members["DiscountId"],
        discount_amount=members["DiscountAmount"],
        membership_id=members["MemberShipEnrollmentDetailId"],
        plan_id=members["PlanId"],
        next_bill_on=_date(members["NextBillDate"]),
        effective_on=_date(members["EffectiveDate"]),
        total_bill_cycle=members["TotalBillCycle"],
        current_bill_cycle=members["CurrentBillCycle"],
    )


def _date(value: datetime | None) -> date | None:
    return value and value.date()
