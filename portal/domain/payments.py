"""What the report of a payment means for the schedule that was paid."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from hashlib import sha256
from uuid import UUID

# The words that gateways use for money that has been received, in any case; every other word changes nothing.
SUCCESS = frozenset({"succeeded", "success", "paid", "completed", "captured", "approved"})
SUCCEEDED = "succeeded"
LAST_DIGITS = 4
# An amount has 29 digits before the point and 28 behind it at most; sums of many stay exact.
_DIGITS = 100


@dataclass(frozen=True, slots=True)
class PaymentReport:
    """What a program says came of a payment; dates are as the program wrote them, amounts in the account's currency."""

    currency: str
    status: str
    type: str
    amount: Decimal | None = None
    payment_id: UUID | None = None
    transaction_id: UUID | None = None
    transaction_no: str | None = None
    payment_status: str | None = None
    pay_method: str | None = None
    last_digits: str | None = None
    discount_id: UUID | None = None
    discount_amount: Decimal | None = None
    membership_id: UUID | None = None
    plan_id: UUID | None = None
    next_bill_on: date | None = None
    effective_on: date | None = None
    total_bill_cycle: int | None = None
    current_bill_cycle: int | None = None

    @property
    def outcome(self) -> str:
        """What two reports of one payment share when they say the same: one word for success, else the status in lower case."""
        word = self.status.strip().lower()
        return SUCCEEDED if word in SUCCESS else word

    @property
    def amount_received(self) -> Decimal:
        """The money that this report says has been received; below zero it makes no sense, and 0 changes nothing."""
        return self.amount if self.amount is not None and self.outcome == SUCCEEDED else Decimal(0)

    @property
    def fingerprint(self) -> str:
        """A SHA-256 that two reports share exactly when they say the same in the same words."""
        return sha256(repr(self).encode(errors="replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Reported:
    """An earlier report of the same payment; `counted` when its amount is part of what the schedule has been paid."""

    payment_id: UUID
    outcome: str
    counted: bool

    def says_all_of(self, report: PaymentReport) -> bool:
        """Tell whether a report is this one again, and not the next state of the payment."""
        return self.outcome == report.outcome and (self.counted or not report.amount_received)


def last_digits(text: str | None) -> str | None:
    """Return the end of a card's number, whatever was sent: no more of it is ever kept."""
    return text and text.strip()[-LAST_DIGITS:]


def together(first: Decimal, second: Decimal) -> Decimal:
    """Return the exact sum of two amounts."""
    with localcontext() as exact:
        exact.prec = _DIGITS
        return first + second
