from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from portal.domain.payments import PaymentReport, Reported, last_digits, together

REPORT = PaymentReport(currency="USD", status="Succeeded", type="Card", amount=Decimal("40.00"))
SOME = UUID(int=7)


@pytest.mark.parametrize("status", ["Succeeded", "success", "PAID", " Completed\t", "captured", "Approved"])
def test_a_word_for_success_says_that_money_was_received(status: str) -> None:
    assert replace(REPORT, status=status).amount_received == Decimal("40.00")


@pytest.mark.parametrize("status", ["", "Pending", "Failed", "Refunded", "not paid", "succeeded!", "\u017fucceeded", "Success\0"])
def test_any_other_word_says_nothing_about_money(status: str) -> None:
    assert replace(REPORT, status=status).amount_received == 0


def test_a_success_without_an_amount_says_nothing_about_money() -> None:
    assert replace(REPORT, amount=None).amount_received == 0


def test_a_payment_that_was_counted_is_not_received_again_by_another_word() -> None:
    assert Reported(SOME, REPORT.outcome, counted=True).says_all_of(replace(REPORT, status="paid", amount=Decimal(50)))


def test_the_next_state_of_a_payment_is_news() -> None:
    pending = replace(REPORT, status="Pending")
    assert not Reported(SOME, pending.outcome, counted=False).says_all_of(REPORT)
    assert Reported(SOME, pending.outcome, counted=False).says_all_of(replace(pending, status=" PENDING"))


def test_the_amount_of_a_success_that_was_told_without_one_is_news() -> None:
    assert not Reported(SOME, REPORT.outcome, counted=False).says_all_of(REPORT)


def test_reports_in_the_same_words_share_a_fingerprint() -> None:
    assert REPORT.fingerprint == replace(REPORT).fingerprint
    assert len({REPORT.fingerprint, replace(REPORT, amount=Decimal(40)).fingerprint, replace(REPORT, type="\ud800").fingerprint}) == 3


@pytest.mark.parametrize(("sent", "kept"), [(None, None), ("", ""), ("4242", "4242"), ("4242 4242 4242 1111", "1111"), (" 42 ", "42")])
def test_no_more_of_a_card_is_kept_than_its_end(sent: str | None, kept: str | None) -> None:
    assert last_digits(sent) == kept


def test_a_sum_keeps_every_digit() -> None:
    greatest, least = Decimal(79228162514264337593543950335), Decimal("0.0000000000000000000000000001")
    assert str(together(greatest, least)) == "79228162514264337593543950335.0000000000000000000000000001"
    assert str(together(greatest, Decimal(0))) == str(greatest)
