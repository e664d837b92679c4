from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.booking import (
    NOTE_MAX,
    REASON_MAX,
    BookingRequest,
    Choice,
    Code,
    Echo,
    Field,
    Problem,
    candidates,
    choose_option,
    fingerprint,
    reason_problems,
    settle,
    storable,
    text_problems,
    utf16_length,
)
from portal.domain.catalogue import EncounterType
from tests.domain.samples import at, catalogue, name, option, provider, wall

CHEN = provider()
RAO = provider(id=name("rao"), speciality_ids=(name("paediatrics"), name("family")), default_visit_option_id=name("video"))
OLD = provider(id=name("old"), speciality_ids=(name("paediatrics"),), default_visit_option_id=None)
CHECK_UP = option(provider_ids=frozenset({CHEN.id, RAO.id}))
VIDEO = option(id=name("video"), encounter_type_id=name("advice"), provider_ids=frozenset({RAO.id}))
TYPES = [EncounterType(name("examination"), "Examination", CHECK_UP.id), EncounterType(name("advice"), "Advice", None)]
CATALOGUE = catalogue([CHEN, RAO, OLD], [CHECK_UP, VIDEO], TYPES)
EMOJI = "\U0001f600"


def request(**changes: Any) -> BookingRequest:  # noqa: ANN401 - any member
    plain = BookingRequest(
        user_id=name("ada"),
        account_id=name("account"),
        patient_id=name("ada's record"),
        first_choice=at("2027-03-01T09:00"),
        reason="It hurts",
        provider_id=CHEN.id,
        visit_option_id=CHECK_UP.id,
    )
    return replace(plain, **changes)


def codes(found: Choice | list[Problem]) -> list[tuple[Field, Code]]:
    assert isinstance(found, list)
    return [(problem.field, problem.code) for problem in found]


@pytest.mark.parametrize(
    ("reason", "note", "expected"),
    [
        ("It hurts", None, []),
        ("a" * REASON_MAX, "b" * NOTE_MAX, []),
        ("a" * (REASON_MAX + 1), None, [(Field.REASON, Code.TOO_LONG)]),
        (EMOJI * 125, None, []),
        (EMOJI * 126, None, [(Field.REASON, Code.TOO_LONG)]),
        ("", None, [(Field.REASON, Code.REQUIRED)]),
        (" \n\t\u2003", "", [(Field.REASON, Code.REQUIRED)]),
        ("", "b" * (NOTE_MAX + 1), [(Field.REASON, Code.REQUIRED), (Field.NOTE, Code.TOO_LONG)]),
    ],
)
def test_the_patients_words(reason: str, note: str | None, expected: list[tuple[Field, Code]]) -> None:
    assert codes(text_problems(reason, note)) == expected


@given(st.text())
def test_length_is_counted_as_browsers_count_it(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


@given(st.text(st.characters(), max_size=50))
def test_what_is_storable_can_be_written_as_utf_8_without_nul_and_keeps_its_length(text: str) -> None:
    kept = storable(text)
    assert b"\0" not in kept.encode()
    assert utf16_length(kept) == utf16_length(text)
    assert storable(kept) == kept


def test_only_what_no_database_holds_is_replaced() -> None:
    assert storable("Ä \U0001f600\n\u202e") == "Ä \U0001f600\n\u202e"
    assert storable("a\0b\ud800c") == "a\ufffdb\ufffdc"


def test_coded_reasons_must_be_the_practices() -> None:
    assert reason_problems([name("fever"), name("fever")], CATALOGUE) == []
    assert reason_problems([name("fever"), name("plague")], CATALOGUE) == [Problem(Field.REASONS, Code.UNKNOWN)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, CHECK_UP),
        ({"encounter_type_id": name("examination")}, CHECK_UP),
        ({"encounter_type_id": name("advice")}, Problem(Field.VISIT_OPTION, Code.NOT_OFFERED)),
        ({"visit_option_id": name("nothing")}, Problem(Field.VISIT_OPTION, Code.UNKNOWN)),
        ({"visit_option_id": None, "encounter_type_id": name("examination")}, CHECK_UP),
        ({"visit_option_id": None, "encounter_type_id": name("nothing")}, Problem(Field.ENCOUNTER_TYPE, Code.UNKNOWN)),
        ({"visit_option_id": None, "encounter_type_id": name("advice")}, Problem(Field.VISIT_OPTION, Code.REQUIRED)),
        ({"visit_option_id": None}, CHECK_UP),
        ({"visit_option_id": None, "provider_id": RAO.id}, VIDEO),
        ({"visit_option_id": None, "provider_id": OLD.id}, Problem(Field.VISIT_OPTION, Code.REQUIRED)),
        ({"visit_option_id": None, "provider_id": name("nobody")}, Problem(Field.VISIT_OPTION, Code.REQUIRED)),
        ({"visit_option_id": None, "provider_id": None, "speciality_id": name("paediatrics")}, VIDEO),
        ({"visit_option_id": None, "provider_id": None}, Problem(Field.VISIT_OPTION, Code.REQUIRED)),
    ],
)
def test_the_visit_option_is_the_one_named_or_a_default(changes: dict[str, Any], expected: object) -> None:
    assert choose_option(request(**changes), CATALOGUE) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (CHEN,)),
        ({"speciality_id": name("family")}, (CHEN,)),
        ({"speciality_id": name("paediatrics")}, Problem(Field.PROVIDER, Code.NOT_OFFERED)),
        ({"speciality_id": name("alchemy")}, Problem(Field.SPECIALITY, Code.UNKNOWN)),
        ({"provider_id": name("nobody")}, Problem(Field.PROVIDER, Code.UNKNOWN)),
        ({"provider_id": OLD.id}, Problem(Field.PROVIDER, Code.NOT_OFFERED)),
        ({"provider_id": None}, Problem(Field.PROVIDER, Code.REQUIRED)),
        ({"provider_id": None, "speciality_id": name("family")}, (CHEN, RAO)),
        ({"provider_id": None, "speciality_id": name("paediatrics")}, (RAO,)),
    ],
)
def test_who_may_take_the_booking(changes: dict[str, Any], expected: object) -> None:
    assert candidates(request(**changes), CHECK_UP, CATALOGUE) == expected


def test_without_an_option_any_provider_of_the_speciality_may() -> None:
    assert candidates(request(provider_id=None, speciality_id=name("paediatrics")), None, CATALOGUE) == (RAO, OLD)


def test_a_speciality_whose_providers_do_not_offer_the_option() -> None:
    only_chen = option(provider_ids=frozenset({CHEN.id}))
    wanted = request(provider_id=None, speciality_id=name("paediatrics"))
    assert candidates(wanted, only_chen, CATALOGUE) == Problem(Field.PROVIDER, Code.NOT_OFFERED)


def test_a_request_without_fault_is_settled() -> None:
    assert settle(request(), CATALOGUE) == Choice((CHEN,), CHECK_UP, name("family"))
    assert settle(request(provider_id=RAO.id, speciality_id=name("family")), CATALOGUE) == Choice((RAO,), CHECK_UP, name("family"))
    assert settle(request(provider_id=RAO.id), CATALOGUE) == Choice((RAO,), CHECK_UP, name("paediatrics"))


def test_every_problem_is_told_at_once() -> None:
    wrong = request(reason="", note="b" * 1001, reason_ids=(name("plague"),), provider_id=name("nobody"), visit_option_id=name("nothing"))
    assert sorted(codes(settle(wrong, CATALOGUE))) == [
        (Field.NOTE, Code.TOO_LONG),
        (Field.PROVIDER, Code.UNKNOWN),
        (Field.REASON, Code.REQUIRED),
        (Field.REASONS, Code.UNKNOWN),
        (Field.VISIT_OPTION, Code.UNKNOWN),
    ]


def test_the_same_request_has_the_same_fingerprint_however_its_instant_is_written() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert fingerprint(request(first_choice=at("2027-03-01T09:00").astimezone(east))) == fingerprint(request())
    assert len(fingerprint(request())) == 64


@pytest.mark.parametrize(
    "changes",
    [
        {"user_id": name("maya")},
        {"patient_id": name("leo")},
        {"first_choice": at("2027-03-01T09:05")},
        {"first_choice": wall("2027-03-01T09:00")},
        {"second_choice": at("2027-03-02T09:00")},
        {"reason": "It hurts "},
        {"note": ""},
        {"provider_id": RAO.id},
        {"speciality_id": name("family")},
        {"reason_ids": (name("fever"),)},
        {"paid_amount": Decimal(1)},
        {"echo": Echo(doc_ids="1,2")},
    ],
)
def test_another_request_has_another_fingerprint(changes: dict[str, Any]) -> None:
    assert fingerprint(request(**changes)) != fingerprint(request())


@pytest.mark.parametrize("hours", [-12, 0, 14])
@pytest.mark.parametrize("extreme", [datetime.min, datetime.max])  # noqa: DTZ901 - the ends of the calendar
def test_the_ends_of_the_calendar_have_a_fingerprint(extreme: datetime, hours: int) -> None:
    assert fingerprint(request(first_choice=extreme.replace(tzinfo=timezone(timedelta(hours=hours)))))


def test_words_that_are_no_text_have_a_fingerprint() -> None:
    assert fingerprint(request(reason="\ud800")) != fingerprint(request(reason="\udc00"))
