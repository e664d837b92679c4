"""The call that reports a payment: what it sets, that it does so once, whose schedule it may be, and what nobody would send."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.api.model import CONFORM_PAYMENT
from portal.storage.payments import Payment
from portal.storage.schedule import Schedule
from tests.api.caller import Caller, key_of, members, told
from tests.api.sisters import ENCODINGS, PAYMENT_PATH, as_json, booked, payment
from tests.clinic import NOW, Clinic, key
from tests.conftest import ENGINES
from tests.stored import Row, rows
from tests.web.client import Clock

FIRST = str(key("payment", "first"))
HUGE = "79228162514264337593543950335"


@pytest.fixture
def nothing_kept(engine: Engine) -> Iterator[None]:
    """Asserts that the test keeps no report and pays for nothing."""
    yield
    assert rows(engine, Payment) == []
    assert [row["paid_at"] for row in rows(engine, Schedule)] == [None] * len(rows(engine, Schedule))


def paid(engine: Engine) -> tuple[Decimal, object]:
    [row] = rows(engine, Schedule)
    return row["paid_amount"], row["paid_at"]


def only(engine: Engine) -> Row:
    [row] = rows(engine, Payment)
    return row


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("whose", ["ada", "practice"])
def test_a_success_sets_what_the_schedule_was_paid(
    whose: str, encoding: str, request: pytest.FixtureRequest, ada: Caller, clinic: Clinic, engine: Engine, clock: Clock
) -> None:
    schedule = booked(ada, clinic)
    clock.passes(minutes=5)
    answer = ENCODINGS[encoding](request.getfixturevalue(whose), PAYMENT_PATH, payment(schedule))
    assert (answer.status, answer.body) == (200, f'"{FIRST}"')
    assert paid(engine) == (Decimal("40.00"), clock.now)
    assert str(paid(engine)[0]) == "40.00"
    assert (only(engine)["schedule_id"], only(engine)["counted"]) == (UUID(schedule["ID"]), True)
    assert only(engine)["reported_by"] == (clinic.user("ada") if whose == "ada" else None)


def test_the_schedule_tells_what_was_paid(ada: Caller, clinic: Clinic) -> None:
    as_json(ada, PAYMENT_PATH, payment(booked(ada, clinic)))
    again = told(ada.post(members(clinic)))
    assert (again["PaidAmount"], again["PaidDate"], again["ModifiedOn"]) == (40.0, "2027-03-01T08:00:00Z", "2027-03-01T08:00:00Z")


@pytest.mark.parametrize("form", [str.lower, str.upper, lambda text: f" {text[:4]}-{text[4:]} "], ids=["lower", "upper", "as shown"])
def test_an_appointment_is_named_by_its_reference_too(form: object, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    assert callable(form)
    reference = booked(ada, clinic)["ReferenceId"]
    assert as_json(ada, PAYMENT_PATH, payment({"ID": form(reference)})).status == 200
    assert paid(engine)[0] == 40


@pytest.mark.parametrize("form", ["{%s}", " %s ", "(%s)"])
def test_an_appointment_is_named_by_any_form_of_its_id(form: str, ada: Caller, clinic: Clinic) -> None:
    assert as_json(ada, PAYMENT_PATH, payment({"ID": form % booked(ada, clinic)["ID"]})).status == 200


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"TransactionNo": None},
        {"PaymentId": None},
        {"PaymentId": key("payment", "other")},
        {"TransactionNo": "T-2"},
        {"Status": "PAID"},
        {"Amount": 50},
    ],
    ids=str,
)
def test_the_same_payment_is_counted_once(changes: dict[str, object], ada: Caller, clinic: Clinic, engine: Engine, clock: Clock) -> None:
    schedule = booked(ada, clinic)
    as_json(ada, PAYMENT_PATH, payment(schedule))
    before = rows(engine, Schedule), rows(engine, Payment)
    clock.passes(minutes=5)
    answer = as_json(ada, PAYMENT_PATH, payment(schedule, **changes))
    assert (answer.status, answer.body) == (200, f'"{FIRST}"')
    assert (rows(engine, Schedule), rows(engine, Payment)) == before


def test_a_report_without_any_id_is_known_by_its_words(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    nameless = payment(booked(ada, clinic), PaymentId=None, TransactionNo=" ")
    answers = [as_json(ada, PAYMENT_PATH, nameless) for _ in range(2)]
    assert answers[0].body == answers[1].body == f'"{only(engine)["payment_id"]}"'
    as_json(ada, PAYMENT_PATH, {**nameless, "Amount": 2})
    assert paid(engine)[0] == 42


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_the_first_money_replaces_what_was_told_and_more_is_added(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule = booked(ada, clinic, PaidAmount=40)
    as_json(ada, PAYMENT_PATH, payment(schedule))
    assert paid(engine)[0] == 40
    as_json(ada, PAYMENT_PATH, payment(schedule, PaymentId=uuid4(), TransactionNo="T-2", Amount="2.5"))
    assert str(paid(engine)[0]) == "42.50"


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_a_payment_that_succeeds_after_a_while_is_counted_then(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule = booked(ada, clinic)
    pending = payment(schedule, PaymentId=None, Status="Pending")
    first = [as_json(ada, PAYMENT_PATH, pending).body for _ in range(2)]
    assert (paid(engine), len(rows(engine, Payment))) == ((Decimal(0), None), 1)
    last = as_json(ada, PAYMENT_PATH, payment(schedule, PaymentId=None))
    assert [*first, last.body] == [f'"{rows(engine, Payment)[0]["payment_id"]}"'] * 3
    assert (paid(engine), len(rows(engine, Payment))) == ((Decimal(40), NOW), 2)


@pytest.mark.parametrize("status", ["Failed", "Refunded", "declined", "?", "\0", "succeeded?"])
def test_any_other_outcome_is_kept_and_changes_nothing(status: str, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule = booked(ada, clinic)
    before = rows(engine, Schedule)
    assert as_json(ada, PAYMENT_PATH, payment(schedule, Status=status, Amount=-40)).status == 200
    assert rows(engine, Schedule) == before
    assert only(engine)["amount"] == -40


@pytest.mark.parametrize("amount", [None, "0", "0.00"])
def test_a_success_of_nothing_sets_nothing(amount: str | None, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    assert as_json(ada, PAYMENT_PATH, payment(booked(ada, clinic), Amount=amount)).status == 200
    assert paid(engine) == (Decimal(0), None)


@pytest.mark.usefixtures("nothing_kept")
def test_a_success_of_less_than_nothing_is_refused(ada: Caller, clinic: Clinic) -> None:
    answer = as_json(ada, PAYMENT_PATH, payment(booked(ada, clinic), Amount=-1))
    assert (answer.status, list(told(answer)["ModelState"])) == (400, ["model.Amount"])


@pytest.mark.usefixtures("nothing_kept")
def test_the_schedule_of_another_is_refused_whether_it_exists_or_not(ada: Caller, practice: Caller, clinic: Clinic) -> None:
    theirs = booked(practice, clinic, "omar")
    named = (theirs["ID"], theirs["ReferenceId"], uuid4(), "ZZZZ9999", "nonsense", "\0", "\ud800", "1", "x" * 20_000)
    answers = {(answer.status, answer.body) for name in named for answer in [as_json(ada, PAYMENT_PATH, payment({"ID": name}))]}
    assert answers == {(403, '{"Message":"Authorization has been denied for this request."}')}


@pytest.mark.usefixtures("nothing_kept")
def test_a_key_of_another_account_is_refused(app: Flask, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule, elsewhere = booked(ada, clinic), key("account", "elsewhere")
    theirs = Caller(app, key_of(engine, clinic, None, NOW, elsewhere))
    for changes in ({}, {"AppointmentId": schedule["ReferenceId"]}, {"AccountId": clinic.account_id}, {"ModifiedBy": clinic.user("ada")}):
        assert as_json(theirs, PAYMENT_PATH, payment(schedule, **changes)).status == 403


def test_it_is_reported_in_the_name_of_the_user_who_is_named(practice: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule = booked(practice, clinic, "maya", "leo")
    assert as_json(practice, PAYMENT_PATH, payment(schedule, ModifiedBy=clinic.user("ada"))).status == 403
    assert as_json(practice, PAYMENT_PATH, payment(schedule, ModifiedBy=clinic.user("grace"))).status == 200
    assert only(engine)["reported_by"] == rows(engine, Schedule)[0]["modified_by"] == clinic.user("grace")


@pytest.mark.usefixtures("nothing_kept")
def test_members_are_required_as_their_page_says(ada: Caller) -> None:
    required = [member.name for member in CONFORM_PAYMENT.members if member.required]
    said = {f"model.{name}": [f"The {name} field is required."] for name in required}
    for body in (ada.post("{}", PAYMENT_PATH), ENCODINGS["form"](ada, PAYMENT_PATH, {"Amount": 1, "Status": " "})):
        assert (body.status, told(body)["ModelState"]) == (400, said)


def test_every_member_of_the_page_is_kept(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    ids = {name: uuid4() for name in ("TransactionId", "DiscountId", "MemberShipEnrollmentDetailId", "PlanId")}
    more = {"PaymentStatus": "ok", "PayMethod": "card", "Last4Digit": "4242 4242 4242 1111", "DiscountAmount": "1.10", "TotalBillCycle": 12}
    dates = {"NextBillDate": "2027-04-01T00:00:00", "EffectiveDate": "2027-03-01T23:00:00-05:00", "ModifiedOn": "2001-01-01T00:00:00Z"}
    body = payment(booked(ada, clinic), **ids, **more, **dates, CurrentBillCycle=1, Modified={"Name": "x"})
    assert as_json(ada, PAYMENT_PATH, body).status == 200
    row = only(engine)
    assert [row[name] for name in ("transaction_id", "discount_id", "membership_id", "plan_id")] == list(ids.values())
    assert [str(row[name]) for name in ("last_digits", "discount_amount", "next_bill_on", "effective_on")] == [
        "1111",
        "1.10",
        "2027-04-01",
        "2027-03-01",
    ]
    assert (row["payment_status"], row["pay_method"], row["total_bill_cycle"], row["current_bill_cycle"]) == ("ok", "card", 12, 1)
    assert row["reported_at"] == NOW


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_sums_of_the_greatest_and_the_least_are_exact(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule = booked(ada, clinic)
    for place, amount in enumerate([HUGE, "0.0000000000000000000000000001", HUGE]):
        ids = {"PaymentId": uuid4(), "TransactionNo": f"T-{place}"}
        assert as_json(ada, PAYMENT_PATH, payment(schedule, Amount=amount, **ids)).status == 200
    assert str(paid(engine)[0]) == "158456325028528675187087900670.0000000000000000000000000001"
    assert '"PaidAmount":158456325028528675187087900670.0000000000000000000000000001' in ada.post(members(clinic)).body


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.parametrize("text", ["\0", "x\0y", "\ud800", "\u2028\U0010ffff", "'; --", "x" * 20_000], ids=lambda text: ascii(text)[:20])
def test_any_text_is_kept_as_near_as_it_can_be(text: str, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule = booked(ada, clinic)
    names = ("TransactionNo", "Currency", "Status", "Type", "PaymentStatus", "PayMethod", "Last4Digit")
    for name in names:
        body = payment(schedule, PaymentId=uuid4(), **{"TransactionNo": uuid4().hex, name: text})
        answers = [as_json(ada, PAYMENT_PATH, body) for _ in range(2)]
        assert [answer.status for answer in answers] == [200, 200]
        assert answers[0].body == answers[1].body
    assert len(rows(engine, Payment)) == len(names)


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.parametrize("date", ["0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-14:00"])
def test_dates_at_the_ends_of_the_calendar_are_kept(date: str, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    body = payment(booked(ada, clinic), NextBillDate=date, EffectiveDate=date, ModifiedOn=date)
    assert as_json(ada, PAYMENT_PATH, body).status == 200
    assert only(engine)["next_bill_on"].year in (1, 9999)


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize(
    "changes",
    [{"Amount": "x"}, {"Amount": f"{HUGE}0"}, {"Amount": "NaN"}, {"TotalBillCycle": 2**31}, {"PaymentId": "x"}, {"NextBillDate": "2027-02-30"}],
    ids=str,
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_cannot_be_read_is_refused(changes: dict[str, object], encoding: str, ada: Caller, clinic: Clinic) -> None:
    answer = ENCODINGS[encoding](ada, PAYMENT_PATH, payment(booked(ada, clinic), **changes))
    assert (answer.status, next(iter(told(answer)["ModelState"]))) == (400, f"model.{next(iter(changes))}")


def test_reports_long_apart_still_share_a_payment(ada: Caller, clinic: Clinic, engine: Engine, clock: Clock) -> None:
    schedule = booked(ada, clinic)
    as_json(ada, PAYMENT_PATH, payment(schedule))
    clock.now += timedelta(days=20)
    as_json(ada, PAYMENT_PATH, payment(schedule, Status="Refunded"))
    assert as_json(ada, PAYMENT_PATH, payment(schedule, Status="Captured")).body == f'"{FIRST}"'
    assert (paid(engine), len(rows(engine, Payment))) == ((Decimal(40), NOW), 2)
